import { describe, expect, it } from 'vitest'
import { languageOf } from './strings.ts'
import { de } from './strings/de.ts'
import { en } from './strings/en.ts'

/** Every text, by its place; what makes texts is called with some number, name and list. */
function texts(catalogue: object, place = ''): readonly (readonly [string, string])[] {
  return Object.entries(catalogue).flatMap(([key, value]: [string, unknown]) => {
    const here = `${place}.${key}`
    if (typeof value === 'object' && value !== null) return texts(value, here)
    return [[here, typeof value === 'function' ? 'made' : String(value)] as const]
  })
}

describe('the catalogues', () => {
  it('have a text at the same places, none of them empty', () => {
    expect(texts(de).map(([place]) => place)).toEqual(texts(en).map(([place]) => place))
    for (const [place, text] of [...texts(en), ...texts(de)])
      expect(text.trim(), place).not.toBe('')
  })

  it('count in their own language, thousands never parted by what parts decimals elsewhere', () => {
    expect(en.list.shown(1, 1)).toBe('1 torrent')
    expect(en.list.shown(10_000, 10_000)).toBe('10,000 torrents')
    expect(de.list.shown(1, 1)).toBe('1 Torrent')
    expect(de.list.shown(10_000, 10_000)).toMatch(/^10\s000 Torrents$/u)
  })

  it('follow the first language of the browser that there is a catalogue of', () => {
    expect(languageOf(['fr-CA', 'de-CH', 'en'])).toBe('de')
    expect(languageOf(['en-GB', 'de'])).toBe('en')
    expect(languageOf(['fr'])).toBe('en')
    expect(languageOf([])).toBe('en')
  })
})
