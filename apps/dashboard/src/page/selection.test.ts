import { describe, expect, it } from 'vitest'
import { keepExisting, NO_SELECTION, select, type SelectHow, type Selection } from './selection.ts'

const SHOWN = ['a', 'b', 'c', 'd', 'e']

function after(...steps: readonly (readonly [string, SelectHow])[]): Selection {
  return steps.reduce((now, [id, how]) => select(now, SHOWN, id, how), NO_SELECTION)
}

describe('the selection', () => {
  it('is one by a click, and one more by Ctrl and a click, or one less', () => {
    expect([...after(['b', 'only'], ['d', 'toggle']).ids]).toEqual(['b', 'd'])
    expect([...after(['b', 'only'], ['d', 'toggle'], ['b', 'toggle']).ids]).toEqual(['d'])
  })

  it('is a range by Shift, in both directions, and the range turns about where it began', () => {
    expect([...after(['b', 'only'], ['d', 'range']).ids]).toEqual(['b', 'c', 'd'])
    expect([...after(['d', 'only'], ['b', 'range']).ids]).toEqual(['b', 'c', 'd'])
    expect([...after(['c', 'only'], ['e', 'range'], ['a', 'range']).ids]).toEqual(['a', 'b', 'c'])
  })

  it('begins a range at the cursor where nothing is selected yet', () => {
    expect([...after(['b', 'cursor'], ['c', 'range']).ids]).toEqual(['b', 'c'])
  })

  it('is not changed by going elsewhere with the keys', () => {
    expect([...after(['b', 'only'], ['d', 'cursor']).ids]).toEqual(['b'])
  })

  it('loses what is removed, and is the same object while nothing is', () => {
    const selection = after(['b', 'only'], ['d', 'range'])
    expect(keepExisting(selection, new Set(SHOWN))).toBe(selection)
    const kept = keepExisting(selection, new Set(['c', 'd', 'e']))
    expect(kept).toEqual({ ids: new Set(['c', 'd']), anchor: null, cursor: 'd' })
  })
})
