import { describe, expect, it } from 'vitest'
import { listKeyOf } from './list-keys.ts'

const press = (key: string, held: Partial<Record<'shiftKey' | 'ctrlKey' | 'altKey', true>> = {}) =>
  listKeyOf({ key, shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, ...held }, 12)

describe('the keys of the list', () => {
  it('go by one, by a page and to both ends, and select along the way with Shift', () => {
    expect(press('ArrowDown')).toEqual({ kind: 'move', by: 1, isRange: false })
    expect(press('PageUp')).toEqual({ kind: 'move', by: -12, isRange: false })
    expect(press('End', { shiftKey: true })).toEqual({
      kind: 'move',
      by: Number.POSITIVE_INFINITY,
      isRange: true,
    })
  })

  it('ask about the data only with Shift', () => {
    expect(press('Delete')).toEqual({ kind: 'remove', deleteData: false })
    expect(press('Delete', { shiftKey: true })).toEqual({ kind: 'remove', deleteData: true })
  })

  it('leave the browser what is its own', () => {
    expect(press('ArrowLeft', { altKey: true })).toBe(null)
    expect(press('p', { ctrlKey: true })).toBe(null)
    expect(press('Tab')).toBe(null)
  })
})
