import { expect, it } from 'vitest'
import { readAvailability, summaryOf, toColumns } from './availability.ts'

it('reads one byte for each bin', () => {
  expect([...readAvailability(btoa('\x00\x01\xff'))]).toEqual([0, 1, 255])
})

it('sums up what peers have, and says when nobody has anything', () => {
  expect(summaryOf(Uint8Array.of(0, 2, 5, 0))).toEqual({ least: 0, most: 5, noneShare: 0.5 })
  expect(summaryOf(Uint8Array.of(0, 0))).toBeNull()
  expect(summaryOf(new Uint8Array())).toBeNull()
})

it('fits bins into columns by the rarest, and few bins into many columns', () => {
  expect(toColumns(Uint8Array.of(3, 1, 4, 0), 2)).toEqual([1, 0])
  expect(toColumns(Uint8Array.of(3, 1), 4)).toEqual([3, 3, 1, 1])
  expect(toColumns(new Uint8Array(), 4)).toEqual([])
})
