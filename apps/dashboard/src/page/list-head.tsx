/** The heads of the columns: each sorts, and the box selects all. On a phone only heard, for cards have no columns. */
import { memo } from 'react'
import type { ColumnKey } from './column-keys.ts'
import { COLUMNS } from './columns.tsx'
import { Icon } from './icons.tsx'
import { DEFAULT_VIEW } from './list-view.ts'
import { setView, useView } from './navigation.ts'
import { clearSelection, selectAll, useStore } from './store.ts'
import { strings } from './strings.ts'

interface ListHeadProps {
  readonly columns: readonly ColumnKey[]
  readonly ids: readonly string[]
}

export const ListHead = memo(function ListHead({ columns, ids }: ListHeadProps) {
  const view = useView()
  return (
    <div className="list-head" role="rowgroup">
      <div className="head-row" role="row" aria-rowindex={1}>
        <div className="head-cell cell-tick" role="columnheader">
          <SelectAll ids={ids} />
        </div>
        {columns.map((key) => (
          <HeadCell key={key} column={key} sort={view.sort} />
        ))}
        <div className="head-cell cell-actions" role="columnheader">
          <span className="hidden-label">{strings.list.actions}</span>
        </div>
      </div>
    </div>
  )
})

function SelectAll({ ids }: { ids: readonly string[] }) {
  const selected = useStore((state) => state.selection.ids.size)
  const isAll = selected > 0 && selected >= ids.length
  return (
    <label className="tick-box">
      <input
        ref={(box) => {
          if (box !== null) box.indeterminate = selected > 0 && !isAll
        }}
        type="checkbox"
        aria-label={strings.list.selectAll}
        checked={isAll}
        onChange={() => (isAll ? clearSelection() : selectAll(ids))}
      />
    </label>
  )
}

function HeadCell({ column: key, sort }: { column: ColumnKey; sort: string }) {
  const column = COLUMNS[key]
  const label = strings.columns[key]
  const isDescending = sort === `-${column.sort}`
  const isSorted = isDescending || sort === column.sort
  return (
    <div
      className="head-cell"
      data-number={column.isNumber}
      role="columnheader"
      aria-sort={isSorted ? (isDescending ? 'descending' : 'ascending') : 'none'}
    >
      <button
        type="button"
        className="head-button"
        title={strings.list.sortBy(label)}
        onClick={() => setView({ sort: nextSort(key, sort) })}
      >
        {label}
        {isSorted && <Icon name={isDescending ? 'down' : 'up'} className="sort-icon" />}
      </button>
    </div>
  )
}

/** A second press turns it around, a third goes back to the newest first. */
export function nextSort(key: ColumnKey, sort: string): string {
  const { sort: name, startsDescending } = COLUMNS[key]
  const [first, second] = startsDescending ? [`-${name}`, name] : [name, `-${name}`]
  if (sort === first) return second
  return sort === second && first !== DEFAULT_VIEW.sort ? DEFAULT_VIEW.sort : first
}
