/** The menus of the list: its order and its columns. */
import { FILTER_FIELDS } from '@pigeon/control/filter'
import { SORT_KEYS } from '@pigeon/control/sort'
import { COLUMNS, columnsFor } from './columns.ts'
import type { ListModel } from './list-model.ts'
import { Menu } from './menu.ts'
import { STRINGS } from './strings.ts'
import type { Host } from './view.ts'

export function openSortMenu(host: Host, model: ListModel): void {
  const [first = ''] = model.sort.split(',')
  const current = first.replace('-', '')
  const order = (sort: string): void => {
    model.sort = sort
    host.remembered.change({ sort })
  }
  host.open(
    new Menu(host, {
      title: STRINGS.menus.sort,
      hint: STRINGS.menus.sortHint,
      rows: SORT_KEYS.map((value) => ({
        value,
        label: value,
        about: FILTER_FIELDS.find(({ name }) => name === value)?.description ?? '',
      })),
      initial: current,
      markOf: (value) => {
        const [now = ''] = model.sort.split(',')
        return now === value ? '↑' : now === `-${value}` ? '↓' : ' '
      },
      onChoose: (value) => {
        const [now = ''] = model.sort.split(',')
        // The second time turns it around.
        order(now === value ? `-${value}` : value)
      },
      onKey: (key, value) => {
        if (key.name !== 'Space' && key.name !== '-') return false
        const [now = ''] = model.sort.split(',')
        order(now === value ? `-${value}` : value)
        return true
      },
    }),
  )
}

export function openColumnMenu(host: Host): void {
  const shown = (): readonly string[] =>
    host.remembered.state.columns ?? columnsFor(host.size.width, null).map(({ name }) => name)
  const turn = (value: string): void => {
    const before = shown()
    const after = before.includes(value)
      ? before.filter((name) => name !== value)
      : [...before, value]
    host.remembered.change({ columns: after })
  }
  host.open(
    new Menu(host, {
      title: STRINGS.menus.columns,
      hint: STRINGS.menus.columnsHint,
      rows: COLUMNS.map(({ name, meaning }) => ({ value: name, label: meaning })),
      markOf: (value) => (shown().includes(value) ? '✓' : ' '),
      onChoose: () => false,
      onKey: (key, value) => {
        if (key.name === 'Space') turn(value)
        else if (key.name === '0') host.remembered.change({ columns: null })
        else return false
        return true
      },
    }),
  )
}
