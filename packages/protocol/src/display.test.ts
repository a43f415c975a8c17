import * as fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { utf8Encode } from './bytes.ts'
import { DISPLAY_LIMIT, toDisplay } from './display.ts'

// A busy machine must not fail what is only slow there.
vi.setConfig({ testTimeout: 60_000 })

/** What must never reach a screen: named by code point, apart from how the code under test names it. */
const FORBIDDEN = [
  ...range(0x00, 0x1f),
  ...range(0x7f, 0x9f),
  0x061c,
  ...range(0x200b, 0x200f),
  0x2028,
  0x2029,
  ...range(0x202a, 0x202e),
  ...range(0x2060, 0x2064),
  ...range(0x2066, 0x2069),
  0xfeff,
  ...range(0xd800, 0xdfff),
]

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}

describe('a text that is shown', () => {
  test('holds no character that moves, hides, turns or breaks', () => {
    for (const code of FORBIDDEN) {
      const shown = toDisplay(`a${String.fromCharCode(code)}b`)
      expect(shown, code.toString(16)).toMatch(/^a[\u2400-\u2421\ufffd]b$/)
    }
  })

  test('shows controls as their pictures', () => {
    expect(toDisplay('\u001b[2J\r\n\t\u0000\u007f')).toBe('␛[2J␍␊␉␀␡')
  })

  test('keeps what people write', () => {
    for (const text of ['Grüße', '日本語', 'עברית', 'العربية', '👍🏽', 'a b', 'e\u0301', '<b>&"']) {
      expect(toDisplay(text)).toBe(text)
    }
  })

  test('survives every pair of bytes', () => {
    const forbidden = new Set(FORBIDDEN)
    for (let pair = 0; pair < 0x1_0000; pair++) {
      const shown = toDisplay(Uint8Array.of(pair >> 8, pair & 0xff))
      if (Array.from(shown).some((one) => forbidden.has(one.codePointAt(0) ?? 0))) {
        expect.fail(`bytes ${pair.toString(16)} show as ${JSON.stringify(shown)}`)
      }
    }
  })

  test('is as long as the limit allows, and one character more is cut', () => {
    const full = 'x'.repeat(DISPLAY_LIMIT)
    expect(toDisplay(full)).toBe(full)
    expect(toDisplay(`${full}x`)).toBe(`${'x'.repeat(DISPLAY_LIMIT - 1)}…`)
    expect(toDisplay(utf8Encode(`${full}x`))).toBe(`${'x'.repeat(DISPLAY_LIMIT - 1)}…`)
    expect(toDisplay('abc', 0)).toBe('')
    expect(toDisplay('abc', 1)).toBe('…')
  })

  test('is never cut inside a character of two units', () => {
    expect(toDisplay('x😀😀', 4)).toBe('x😀…')
    expect(toDisplay('xy😀😀', 4)).toBe('xy…')
    expect(toDisplay(utf8Encode('😀'.repeat(1000)), 5)).toBe('😀😀…')
  })

  test('is bounded, and fit to be shown again, whatever it was', () => {
    const limits = fc.integer({ min: 0, max: 40 })
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), limits, (text, limit) => {
        const shown = toDisplay(text, limit)
        expect(shown.length).toBeLessThanOrEqual(limit)
        expect(toDisplay(shown, limit)).toBe(shown)
      }),
    )
  })

  test('is the same from bytes as from text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.integer({ min: 0, max: 20 }),
        (text, limit) => {
          expect(toDisplay(utf8Encode(text), limit)).toBe(toDisplay(text, limit))
        },
      ),
    )
  })
})
