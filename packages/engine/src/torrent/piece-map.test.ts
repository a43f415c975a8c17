import { expect, it } from 'vitest'
import { AVAILABILITY_BINS, availabilityBins } from './piece-map.ts'

it('gives each piece a bin while there are enough', () => {
  expect([...availabilityBins(4, (piece) => piece)]).toEqual([0, 1, 2, 3])
  const all = availabilityBins(AVAILABILITY_BINS, (piece) => (piece === 7 ? 3 : 9))
  expect(all).toHaveLength(AVAILABILITY_BINS)
  expect(all[7]).toBe(3)
})

it('shows the rarest piece of a bin that has several', () => {
  const bins = availabilityBins(AVAILABILITY_BINS + 1, (piece) => (piece === 2048 ? 1 : 9))
  expect(bins).toHaveLength(AVAILABILITY_BINS)
  expect(bins.at(-1)).toBe(1)
  expect(bins[0]).toBe(9)
})

it('counts no further than a byte goes', () => {
  expect([...availabilityBins(2, () => 1000)]).toEqual([255, 255])
  expect(availabilityBins(0, () => 1)).toHaveLength(0)
})
