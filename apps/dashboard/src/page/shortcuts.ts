/** Every key that the page knows: one table for what they do and for the sheet that shows them. */
import { toggleAll } from './actions.ts'
import { FILTER_ID } from './filter-box.tsx'
import { currentRoute, currentView, navigate, setView } from './navigation.ts'
import { clearSelection, offerToAdd, openDialog, selectAll, useStore } from './store.ts'
import type { strings } from './strings.ts'

export interface Shortcut {
  readonly group: keyof typeof strings.shortcuts.groups
  readonly words: keyof typeof strings.shortcuts.keys
  /** Any of these; several at once in the inner list. */
  readonly keys: readonly (readonly string[])[]
  /** Where it is worked by the page itself and not by the list. Answers whether it was. */
  readonly run?: (event: KeyboardEvent, shown: readonly string[]) => boolean
}

export const SHORTCUTS: readonly Shortcut[] = [
  { group: 'list', words: 'move', keys: [['↑'], ['↓'], ['Home'], ['End']] },
  { group: 'list', words: 'extend', keys: [['Shift', '↓']] },
  { group: 'list', words: 'toggle', keys: [['Space']] },
  {
    group: 'list',
    words: 'all',
    keys: [['Ctrl', 'A']],
    run: (event, shown) => {
      if (!isCommand(event, 'a')) return false
      selectAll(shown)
      return true
    },
  },
  { group: 'list', words: 'open', keys: [['Enter']] },
  {
    group: 'list',
    words: 'pause',
    keys: [['p']],
    run: (event) => {
      const { ids } = useStore.getState().selection
      if (!isPlain(event, 'p') || ids.size === 0) return false
      toggleAll([...ids])
      return true
    },
  },
  { group: 'list', words: 'menu', keys: [['Shift', 'F10']] },
  {
    group: 'list',
    words: 'remove',
    keys: [['Del']],
    run: (event) => removeSelected(event, false),
  },
  {
    group: 'list',
    words: 'removeData',
    keys: [['Shift', 'Del']],
    run: (event) => removeSelected(event, true),
  },
  {
    group: 'page',
    words: 'filter',
    keys: [['/']],
    run: (event) => isPlain(event, '/') && focusFilter(),
  },
  {
    group: 'page',
    words: 'find',
    keys: [['Ctrl', 'F']],
    run: (event) => isCommand(event, 'f') && focusFilter(),
  },
  {
    group: 'page',
    words: 'add',
    keys: [['a']],
    run: (event) => isPlain(event, 'a') && done(() => offerToAdd('', [])),
  },
  {
    group: 'page',
    words: 'share',
    keys: [['s']],
    run: (event) => isPlain(event, 's') && done(() => openDialog({ kind: 'share' })),
  },
  { group: 'page', words: 'paste', keys: [['Ctrl', 'V']] },
  {
    group: 'page',
    words: 'settings',
    keys: [[',']],
    run: (event) => isPlain(event, ',') && done(() => navigate({ view: 'settings' })),
  },
  {
    group: 'page',
    words: 'network',
    keys: [['n']],
    run: (event) => isPlain(event, 'n') && done(() => navigate({ view: 'network' })),
  },
  { group: 'page', words: 'inspect', keys: [['i']] },
  {
    group: 'page',
    words: 'help',
    keys: [['?']],
    run: (event) => isPlain(event, '?') && done(() => openDialog({ kind: 'shortcuts' })),
  },
  { group: 'page', words: 'leave', keys: [['Esc']], run: leave },
]

/** Does what a key press asks for, unless somebody writes or is asked something. */
export function runShortcut(event: KeyboardEvent, shown: readonly string[]): void {
  const { dialog, session } = useStore.getState()
  if (event.defaultPrevented || dialog !== null || session !== 'in') return
  // In the filter, the second press is the browser's own search.
  if (isField(event.target)) return
  if (document.querySelector('[role=menu], .popover') !== null) return
  if (SHORTCUTS.some((shortcut) => shortcut.run?.(event, shown) === true)) event.preventDefault()
}

function isPlain(event: KeyboardEvent, key: string): boolean {
  return event.key === key && !event.ctrlKey && !event.metaKey && !event.altKey
}

function isCommand(event: KeyboardEvent, key: string): boolean {
  return event.key.toLowerCase() === key && (event.ctrlKey || event.metaKey) && !event.altKey
}

function done(act: () => void): true {
  act()
  return true
}

function focusFilter(): boolean {
  const field = document.getElementById(FILTER_ID)
  if (!(field instanceof HTMLInputElement) || field.offsetParent === null) return false
  field.select()
  field.focus()
  return true
}

function removeSelected(event: KeyboardEvent, deleteData: boolean): boolean {
  const { ids } = useStore.getState().selection
  if (event.key !== 'Delete' || event.shiftKey !== deleteData || ids.size === 0) return false
  openDialog({ kind: 'remove', ids: [...ids], deleteData })
  return true
}

/** One step out of whatever there is. */
function leave(event: KeyboardEvent): boolean {
  if (event.key !== 'Escape') return false
  const route = currentRoute()
  if (route.view === 'wire') navigate({ view: 'detail', id: route.id, tab: 'peers' })
  else if (route.view !== 'list') navigate({ view: 'list' })
  else if (useStore.getState().selection.ids.size > 0) clearSelection()
  else if (currentView().text !== '') setView({ text: '' })
  else return false
  return true
}

function isField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target instanceof HTMLInputElement) return !['checkbox', 'radio'].includes(target.type)
  return target.isContentEditable || target.matches('textarea, select')
}
