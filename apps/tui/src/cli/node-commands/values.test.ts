import { isProblem } from '@pigeon/control/problems'
import { describe, expect, it } from 'vitest'
import {
  FILES_LIMIT,
  namesIn,
  readIndexes,
  readRate,
  readSchedule,
  readTimeGoal,
  showSchedule,
} from './values.ts'

function valueOf<T>(read: { readonly value: T } | { readonly code: string }): T | string {
  return 'value' in read ? read.value : read.code
}

describe('what people write', () => {
  it.each([
    ['500k', 512_000],
    ['1.5M', 1_572_864],
    ['2 MiB', 2_097_152],
    ['1MB/s', 1_000_000],
    ['1000', 1_000],
    ['unlimited', null],
    ['none', null],
    ['fast', 'bad-value'],
    ['-1', 'bad-value'],
    ['', 'bad-value'],
  ])('as a rate: %j is %j', (text, value) => {
    expect(valueOf(readRate(text))).toBe(value)
  })

  it.each([
    ['2d', 172_800_000],
    ['90 min', 5_400_000],
    ['never', 'never'],
    ['default', null],
    ['soon', 'bad-value'],
  ])('as a time to seed: %j is %j', (text, value) => {
    expect(valueOf(readTimeGoal(text))).toBe(value)
  })

  it.each([
    ['0', [0]],
    ['0,2-5', [0, 2, 3, 4, 5]],
    ['5-2', 'bad-value'],
    ['3,1,3', [1, 3]],
    ['1,', 'bad-value'],
    ['a', 'bad-value'],
    [`${FILES_LIMIT - 1}`, [FILES_LIMIT - 1]],
    [`${FILES_LIMIT}`, 'bad-value'],
    [`0-${FILES_LIMIT}`, 'bad-value'],
  ])('as numbers of files: %j is %j', (text, value) => {
    expect(valueOf(readIndexes(text))).toEqual(value)
  })

  it.each([
    ['mon-fri 08:00-17:30', ['mon', 'tue', 'wed', 'thu', 'fri'], 480, 1_050],
    ['daily 22:00-6:00', ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], 1_320, 360],
    ['sat-mon 00:00-23:59', ['mon', 'sat', 'sun'], 0, 1_439],
    ['SUN,wed 01:00-02:00', ['wed', 'sun'], 60, 120],
  ])('as a schedule: %j', (text, days, fromMinute, toMinute) => {
    const read = readSchedule(text)
    expect(read).toEqual({ value: { days, fromMinute, toMinute } })
    if (isProblem(read) || read.value === null) throw new Error('There is none.')
    expect(readSchedule(showSchedule(read.value))).toEqual(read)
  })

  it.each([
    '',
    'mon',
    'mon 24:00-01:00',
    'mon 1:60-2:00',
    'mon-tue-wed 1:00-2:00',
    'xyz 1:00-2:00',
  ])('as no schedule: %j', (text) => {
    expect(valueOf(readSchedule(text))).toBe('bad-value')
  })

  it('as names', () => {
    expect(namesIn(['a, b', 'c,,'])).toEqual(['a', 'b', 'c'])
  })
})
