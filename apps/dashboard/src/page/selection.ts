/** Which torrents of a list are selected, by mouse and by keys: pure rules. */

export interface Selection {
  readonly ids: ReadonlySet<string>
  /** Where a range begins. */
  readonly anchor: string | null
  /** The row that the keys go on from. */
  readonly cursor: string | null
}

export const NO_SELECTION: Selection = { ids: new Set(), anchor: null, cursor: null }

export type SelectHow =
  /** This one alone. */
  | 'only'
  /** This one as well, or not any more. */
  | 'toggle'
  /** All from the anchor to this one. */
  | 'range'
  /** Nothing is selected by it: the cursor goes there. */
  | 'cursor'

export function select(
  before: Selection,
  shown: readonly string[],
  id: string,
  how: SelectHow,
): Selection {
  switch (how) {
    case 'only':
      return { ids: new Set([id]), anchor: id, cursor: id }
    case 'cursor':
      return { ...before, cursor: id, anchor: before.ids.size === 0 ? id : before.anchor }
    case 'toggle': {
      const ids = new Set(before.ids)
      if (!ids.delete(id)) ids.add(id)
      return { ids, anchor: id, cursor: id }
    }
    case 'range': {
      const from = shown.indexOf(before.anchor ?? id)
      const to = shown.indexOf(id)
      if (from === -1 || to === -1) return { ids: new Set([id]), anchor: id, cursor: id }
      const range = shown.slice(Math.min(from, to), Math.max(from, to) + 1)
      return { ids: new Set(range), anchor: before.anchor ?? id, cursor: id }
    }
    default:
      return how satisfies never
  }
}

/** Without those that are not there any more; the same object where all are. */
export function keepExisting(before: Selection, exists: { has(id: string): boolean }): Selection {
  const isThere = (id: string | null): boolean => id === null || exists.has(id)
  const ids = [...before.ids].filter((id) => exists.has(id))
  if (ids.length === before.ids.size && isThere(before.anchor) && isThere(before.cursor))
    return before
  return {
    ids: new Set(ids),
    anchor: isThere(before.anchor) ? before.anchor : null,
    cursor: isThere(before.cursor) ? before.cursor : null,
  }
}
