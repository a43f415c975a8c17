import { describe, expect, it } from 'vitest'
import { countVerified, readPieces, squareOf, toGrid, verifiedRuns } from './piece-map.ts'

describe('the map of pieces', () => {
  it('reads one bit a piece, the most significant first, and no spare bits', () => {
    expect([...readPieces(btoa('\u00a0\u00ff'), 10)]).toEqual([1, 0, 1, 0, 0, 0, 0, 0, 1, 1])
  })

  it('has a square for each piece where they fit', () => {
    const grid = toGrid(readPieces(btoa('\u00a0'), 6), 4, 10)
    expect(grid).toEqual({ columns: 4, rows: 2, shares: [1, 0, 1, 0, 0, 0] })
  })

  it('stands for every piece exactly once where they do not fit', () => {
    const pieces = new Uint8Array(1001).fill(1, 0, 490)
    const grid = toGrid(pieces, 10, 3)
    expect(grid.shares).toHaveLength(30)
    expect(grid.shares.filter((share) => share === 1)).toHaveLength(14)
    expect(grid.shares.filter((share) => share > 0 && share < 1)).toHaveLength(1)
  })

  it('says in words which pieces are there, and when there is more to say', () => {
    const pieces = Uint8Array.of(1, 1, 0, 1, 0, 1)
    expect(countVerified(pieces)).toBe(4)
    expect(verifiedRuns(pieces, 3)).toEqual({
      runs: [
        [0, 1],
        [3, 3],
        [5, 5],
      ],
      isCut: false,
    })
    expect(verifiedRuns(pieces, 2).isCut).toBe(true)
  })
})

it('finds the square of a piece where squares stand for several', () => {
  for (const [count, squares] of [
    [10, 10],
    [10, 3],
    [1000, 7],
  ] as const)
    for (let piece = 0; piece < count; piece += 1) {
      const square = squareOf(piece, count, squares)
      expect(Math.floor((square * count) / squares)).toBeLessThanOrEqual(piece)
      expect(Math.floor(((square + 1) * count) / squares)).toBeGreaterThan(piece)
    }
})
