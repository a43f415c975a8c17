/** How many connected peers have each part of a torrent. */

export interface AvailabilitySummary {
  readonly least: number
  readonly most: number
  /** Share of the bins that nobody has, 0 to 1. */
  readonly noneShare: number
}

/** One byte a bin, in base64. */
export function readAvailability(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))
}

/** `null` where nothing is known, or nobody has anything. */
export function summaryOf(bins: Uint8Array): AvailabilitySummary | null {
  if (bins.every((copies) => copies === 0)) return null
  let [least, most, none] = [255, 0, 0]
  for (const copies of bins) {
    least = Math.min(least, copies)
    most = Math.max(most, copies)
    if (copies === 0) none += 1
  }
  return { least, most, noneShare: none / bins.length }
}

/** The fewest copies within each of `columns` equal parts, for a picture of that width. */
export function toColumns(bins: Uint8Array, columns: number): readonly number[] {
  if (bins.length === 0) return []
  return Array.from({ length: columns }, (_, column) => {
    const first = Math.floor((column * bins.length) / columns)
    const end = Math.max(first + 1, Math.floor(((column + 1) * bins.length) / columns))
    return bins.subarray(first, end).reduce((least, copies) => Math.min(least, copies), 255)
  })
}
