/**
 * BEP 53: select specific file indices <https://www.bittorrent.org/beps/bep_0053.html>
 *
 * Covered: the `so` parameter of magnet links, `so=0,2,4,6-8`.
 * Diverges: malformed entries are left out instead of spoiling the whole link; ranges are bounded.
 */
import { METAINFO_LIMITS } from '../metainfo/limits.ts'

/** File indices from `first` to `last`, both included, counted from zero. */
export interface IndexRange {
  readonly first: number
  readonly last: number
}

export const MAX_SELECT_RANGES = 1000
/** No torrent has a file beyond this. */
export const MAX_FILE_INDEX: number = METAINFO_LIMITS.maxFiles - 1

export interface Selection {
  readonly ranges: readonly IndexRange[]
  readonly skippedCount: number
}

/** Reads the value of `so`; what is malformed, out of range or too many is counted and left out. */
export function parseSelectOnly(value: string): Selection {
  const entries = value.split(',')
  const ranges: IndexRange[] = []
  for (const entry of entries) {
    const range = parseRange(entry)
    if (range !== null && ranges.length < MAX_SELECT_RANGES) ranges.push(range)
  }
  return { ranges, skippedCount: entries.length - ranges.length }
}

export function formatSelectOnly(ranges: readonly IndexRange[]): string {
  return ranges
    .map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`))
    .join(',')
}

/** The selected indices that exist, each once, ascending. */
export function selectedIndices(ranges: readonly IndexRange[], fileCount: number): number[] {
  const ordered = ranges.toSorted((a, b) => a.first - b.first)
  const indices: number[] = []
  let next = 0
  for (const { first, last } of ordered) {
    for (next = Math.max(next, first); next <= last && next < fileCount; next++) indices.push(next)
  }
  return indices
}

function parseRange(entry: string): IndexRange | null {
  const match = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(entry)
  if (match === null) return null
  const first = Number(match[1])
  const last = match[2] === undefined ? first : Number(match[2])
  return first <= last && last <= MAX_FILE_INDEX ? { first, last } : null
}
