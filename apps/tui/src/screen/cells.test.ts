import fc from 'fast-check'
import stringWidth from 'string-width'
import { describe, expect, it } from 'vitest'
import { clean, cutToCells, fitToCells, tailToCells, wrapToCells } from './cells.ts'

/** Anything that a name may hold: wide, combining, joined, right to left. */
const anyText = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 60 }).map((text) => text.replace(/\p{Cc}|\p{Cs}/gu, '')),
)
const anyCells = fc.integer({ min: 0, max: 40 })

describe('cutToCells', () => {
  it.each([
    ['abc', 3, 'abc'],
    ['abcd', 3, 'ab…'],
    ['夢の中', 6, '夢の中'],
    // A wide character that would stick out by half is left out whole.
    ['夢の中', 5, '夢の…'],
    ['夢の中', 4, '夢…'],
    ['e\u0301te\u0301', 2, 'e\u0301…'],
    ['abc', 1, '…'],
    ['abc', 0, ''],
  ])('cuts %j to %i cells', (text, cells, cut) => {
    expect(cutToCells(text, cells)).toBe(cut)
  })

  it('is never wider than it may be, and whole where there is room', () => {
    fc.assert(
      fc.property(anyText, anyCells, (text, cells) => {
        expect(stringWidth(cutToCells(text, cells))).toBeLessThanOrEqual(cells)
        const room = Math.max(1, stringWidth(clean(text)))
        expect(cutToCells(text, room)).toBe(clean(text))
      }),
    )
  })
})

it('fitToCells is exactly as wide as asked, for any text on either side', () => {
  fc.assert(
    fc.property(anyText, anyCells, fc.constantFrom('left', 'right'), (text, cells, align) => {
      expect(stringWidth(fitToCells(text, cells, align))).toBe(cells)
    }),
  )
})

describe('tailToCells', () => {
  it('keeps the end, where something is typed', () => {
    expect(tailToCells('/very/long/path', 6)).toBe('…/path')
    expect(tailToCells('short', 6)).toBe('short')
  })

  it('is never wider than it may be', () => {
    fc.assert(
      fc.property(anyText, anyCells, (text, cells) => {
        expect(stringWidth(tailToCells(text, cells))).toBeLessThanOrEqual(cells)
      }),
    )
  })
})

describe('wrapToCells', () => {
  it('breaks between words, and inside one that is too long', () => {
    expect(wrapToCells('the disk is full', 9, 3)).toEqual(['the disk', 'is full'])
    expect(wrapToCells('abcdefghij klm', 4, 9)).toEqual(['abcd', 'efgh', 'ij', 'klm'])
  })

  it('cuts what does not fit on the last line', () => {
    expect(wrapToCells('one two three four', 5, 2)).toEqual(['one', 'two …'])
  })

  it('gives lines of the right width and number, for any text', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 30 }), (text, cells) => {
        const lines = wrapToCells(text, cells, 3)
        expect(lines.length).toBeGreaterThanOrEqual(1)
        expect(lines.length).toBeLessThanOrEqual(3)
        for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(cells)
      }),
    )
  })
})
