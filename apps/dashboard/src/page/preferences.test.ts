import { describe, expect, it } from 'vitest'
import { DEFAULT_PREFERENCES, parsePreferences } from './preferences.ts'

describe('what the browser remembers', () => {
  it('comes back as it was', () => {
    const preferences = {
      language: 'de',
      theme: 'contrast',
      density: 'compact',
      columns: ['name', 'ratio', 'size'],
    }
    expect(parsePreferences(JSON.stringify(preferences))).toEqual(preferences)
  })

  it.each([null, '', '{', '7', 'null', '{"language":"xx","theme":1,"columns":7}'])(
    'is as at first where %j stands',
    (text) => {
      expect(parsePreferences(text)).toEqual(DEFAULT_PREFERENCES)
    },
  )

  it('keeps the columns that there are, each once and the name first', () => {
    const text = JSON.stringify({ columns: ['ratio', 'gone', 'ratio', 'name', 'constructor'] })
    expect(parsePreferences(text).columns).toEqual(['name', 'ratio'])
  })
})
