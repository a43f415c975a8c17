/** What a key does in the list. */
export type ListKey =
  | { readonly kind: 'move'; readonly by: number; readonly isRange: boolean }
  | { readonly kind: 'open' | 'tick' | 'pause' | 'all' | 'leave' }
  | { readonly kind: 'remove'; readonly deleteData: boolean }

export interface KeyPress {
  readonly key: string
  readonly shiftKey: boolean
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
}

export function listKeyOf(press: KeyPress, pageRows: number): ListKey | null {
  const { key, shiftKey } = press
  if (press.altKey) return null
  if (press.ctrlKey || press.metaKey)
    return key.toLowerCase() === 'a' && !shiftKey ? { kind: 'all' } : null
  const by = stepOf(key, Math.max(1, pageRows))
  if (by !== null) return { kind: 'move', by, isRange: shiftKey }
  switch (key) {
    case 'Enter':
      return { kind: 'open' }
    case ' ':
      return { kind: 'tick' }
    case 'p':
      return { kind: 'pause' }
    case 'Delete':
      return { kind: 'remove', deleteData: shiftKey }
    case 'Escape':
      return { kind: 'leave' }
    default:
      return null
  }
}

function stepOf(key: string, pageRows: number): number | null {
  switch (key) {
    case 'ArrowDown':
      return 1
    case 'ArrowUp':
      return -1
    case 'PageDown':
      return pageRows
    case 'PageUp':
      return -pageRows
    case 'Home':
      return Number.NEGATIVE_INFINITY
    case 'End':
      return Number.POSITIVE_INFINITY
    default:
      return null
  }
}
