import { FilterPanel } from './filter-panel.tsx'
import { COLUMNS } from './columns.tsx'
import { Modal } from './modal.tsx'
import { setView, useView } from './navigation.ts'
import { closeDialog } from './store.ts'
import { strings } from './strings.ts'
import { useId } from 'react'

const SORTS = ['added', 'name', 'progress', 'size', 'down', 'up', 'eta', 'ratio'] as const

/** Where there is no room beside the list: the filters, and the order that column heads would choose. */
export function FiltersDialog() {
  const { filter, list, columns } = strings
  const { sort } = useView()
  const id = useId()
  const isDescending = sort.startsWith('-')
  const key = sort.replace(/^-/, '')
  return (
    <Modal title={filter.open} size="small" onClose={closeDialog}>
      <div className="form">
        <label className="field-label" htmlFor={id}>
          {list.sort}
        </label>
        <div className="field-line">
          <select
            id={id}
            className="select"
            value={key}
            onChange={(event) =>
              setView({ sort: `${isDescending ? '-' : ''}${event.target.value}` })
            }
          >
            {SORTS.map((column) => (
              <option key={column} value={COLUMNS[column].sort}>
                {columns[column]}
              </option>
            ))}
          </select>
          <button
            type="button"
            className="button"
            onClick={() => setView({ sort: isDescending ? key : `-${key}` })}
          >
            {isDescending ? list.descending : list.ascending}
          </button>
        </div>
      </div>
      <div className="filters">
        <FilterPanel />
      </div>
      <footer className="form-foot">
        <button type="button" className="button button-primary" onClick={closeDialog}>
          {filter.done}
        </button>
      </footer>
    </Modal>
  )
}
