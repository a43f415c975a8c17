import { expect, test } from 'vitest'
import {
  MAX_FILE_INDEX,
  MAX_SELECT_RANGES,
  parseSelectOnly,
  selectedIndices,
} from './0053-select-only.ts'

test('a selection names each file that exists once, in order', () => {
  const { ranges } = parseSelectOnly('6-8,0,2,4,7-9,2')
  expect(selectedIndices(ranges, 100)).toEqual([0, 2, 4, 6, 7, 8, 9])
  expect(selectedIndices(ranges, 8)).toEqual([0, 2, 4, 6, 7])
  expect(selectedIndices([], 8)).toEqual([])
})

test('a hostile range costs no more than the files that exist', () => {
  const ranges = Array.from({ length: MAX_SELECT_RANGES }, () => ({
    first: 0,
    last: MAX_FILE_INDEX,
  }))
  expect(selectedIndices(ranges, 3)).toEqual([0, 1, 2])
})

test('ranges are read up to their limit, and one more is left out', () => {
  const list = (count: number): string => Array.from({ length: count }, () => '1').join(',')
  expect(parseSelectOnly(list(MAX_SELECT_RANGES)).skippedCount).toBe(0)
  const { ranges, skippedCount } = parseSelectOnly(list(MAX_SELECT_RANGES + 1))
  expect([ranges.length, skippedCount]).toEqual([MAX_SELECT_RANGES, 1])
})
