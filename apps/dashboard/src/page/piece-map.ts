/** Reads the verified pieces of a torrent, and fits any number of them into a grid of squares. */

/** One bit a piece, most significant first, in base64. Answers 1 or 0 for each piece. */
export function readPieces(base64: string, count: number): Uint8Array {
  const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))
  return Uint8Array.from(
    { length: count },
    (_, index) => ((bytes[index >> 3] ?? 0) >> (7 - (index & 7))) & 1,
  )
}

export function countVerified(pieces: Uint8Array): number {
  return pieces.reduce((sum, bit) => sum + bit, 0)
}

export interface Grid {
  readonly columns: number
  readonly rows: number
  /** Of each square, the verified share of the pieces that it stands for, from 0 to 1. */
  readonly shares: readonly number[]
}

/** A square for each piece, or for several where there are more pieces than squares fit. */
export function toGrid(pieces: Uint8Array, columns: number, maxRows: number): Grid {
  const squareCount = Math.min(pieces.length, columns * maxRows)
  const shares = Array.from({ length: squareCount }, (_, square) => {
    const first = Math.floor((square * pieces.length) / squareCount)
    const end = Math.floor(((square + 1) * pieces.length) / squareCount)
    return countVerified(pieces.subarray(first, end)) / (end - first)
  })
  return { columns, rows: Math.ceil(squareCount / columns), shares }
}

/** The square that stands for a piece. */
export function squareOf(piece: number, pieceCount: number, squareCount: number): number {
  return Math.min(squareCount - 1, Math.floor(((piece + 1) * squareCount - 1) / pieceCount))
}

/** The verified runs as pairs of first and last piece, at most `limit` of them. */
export function verifiedRuns(
  pieces: Uint8Array,
  limit: number,
): { readonly runs: readonly (readonly [number, number])[]; readonly isCut: boolean } {
  const runs: [number, number][] = []
  for (let index = 0; index < pieces.length; index += 1) {
    if (pieces[index] !== 1) continue
    const last = runs.at(-1)
    if (last?.[1] === index - 1) last[1] = index
    else if (runs.length === limit) return { runs, isCut: true }
    else runs.push([index, index])
  }
  return { runs, isCut: false }
}
