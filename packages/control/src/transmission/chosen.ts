/** Which torrents a call means by its `ids`. */
import type { LiveList, Row } from '../compat/live-list.ts'
import type { Ids } from './arguments.ts'
import { toSnake } from './keys.ts'

/** All when there are no `ids`; those that do not exist are passed over. Each once. */
export function chosen(ids: Ids, list: LiveList): readonly Row[] {
  if (ids === undefined) return list.rows()
  if (isRecentlyActive(ids)) return list.recent().rows
  const rows = new Map<string, Row>()
  for (const id of Array.isArray(ids) ? ids : [ids]) {
    const row = typeof id === 'number' ? list.rowOfNumber(id) : list.row(id.toLowerCase())
    if (row !== null) rows.set(row.summary.id, row)
  }
  return [...rows.values()]
}

export function isRecentlyActive(ids: Ids): boolean {
  return typeof ids === 'string' && toSnake(ids) === 'recently_active'
}
