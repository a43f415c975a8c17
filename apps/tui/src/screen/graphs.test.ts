import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toAscii } from './ascii.ts'
import { cellsOf } from './cells.ts'
import {
  availabilityOf,
  brailleOf,
  PieceSet,
  pieceBar,
  shareBar,
  sharesOf,
  sparkline,
} from './graphs.ts'

const set = (bits: readonly number[]): PieceSet => {
  const bytes = new Uint8Array(Math.ceil(bits.length / 8))
  bits.forEach((bit, index) => {
    bytes[index >> 3] = (bytes[index >> 3] ?? 0) | ((bit * 0x80) >> (index & 7))
  })
  return new PieceSet(Buffer.from(bytes).toString('base64'), bits.length)
}

describe('the bar of pieces', () => {
  it('is full only where nothing is missing, and empty only where nothing is here', () => {
    const nearlyAll = Array.from({ length: 1_000 }, (_, index) => (index === 500 ? 0 : 1))
    expect(pieceBar(set(nearlyAll), 10)).toBe('█████▓████')
    const nearlyNone = nearlyAll.map((bit) => 1 - bit)
    expect(pieceBar(set(nearlyNone), 10)).toBe('     ░    ')
  })

  it('has no more cells than there are pieces', () => {
    expect(pieceBar(set([1, 0, 1]), 80)).toBe('█ █')
    expect(pieceBar(set([]), 80)).toBe('')
  })

  it('gives every piece to exactly one cell, where there are more pieces than cells', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 0, max: 5_000 }),
        (cells, more) => {
          const count = cells + more
          let end = 0
          for (let cell = 0; cell < cells; cell += 1) {
            const [from, to] = sharesOf(cell, cells, count)
            expect(from).toBe(end)
            end = to
          }
          expect(end).toBe(count)
        },
      ),
    )
  })
})

it('a share is full only when it is whole', () => {
  expect(shareBar(0.999, 4)).toBe('███░')
  expect(shareBar(1, 4)).toBe('████')
})

it('a curve has the newest at its right, against the greatest or a limit', () => {
  expect(sparkline([0, 4, 8], 5)).toBe('   ▄█')
  expect(sparkline([0, 4, 8], 2, 16)).toBe('▂▄')
  expect(sparkline([], 3)).toBe('   ')
})

it('braille has its dots in reading order', () => {
  expect(brailleOf([true])).toBe('⠁')
  expect(brailleOf([false, true])).toBe('⠈')
  expect(brailleOf(Array.from({ length: 8 }, () => true))).toBe('⣿')
})

it('the availability of a cell is that of its rarest piece', () => {
  const base64 = Buffer.from([5, 1, 7, 9]).toString('base64')
  expect(availabilityOf(base64, 4, 2)).toEqual([1, 7])
  expect(availabilityOf(base64, 4, 80)).toEqual([5, 1, 7, 9])
  expect(availabilityOf('', 4, 80)).toEqual([])
})

describe('toAscii', () => {
  it('keeps the meaning of what the screen draws', () => {
    expect(toAscii('╭─ é… ▌✓ ⣿⠁· ─╮')).toBe('+- e. >* #.. -+')
  })

  it('keeps the width of any text, and leaves nothing but ASCII', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const printable = text.replace(/\p{C}/gu, '')
        const ascii = toAscii(printable)
        expect(ascii).toMatch(/^[\x20-\x7e]*$/)
        expect(ascii).toHaveLength(cellsOf(printable))
      }),
    )
  })
})
