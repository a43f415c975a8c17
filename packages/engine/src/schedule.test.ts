import { expect, it } from 'vitest'
import { isScheduled, WEEKDAYS } from './schedule.ts'

const OFFICE = { days: [...WEEKDAYS.slice(0, 5)], fromMinute: 480, toMinute: 1080 }
const NIGHT = { days: [...WEEKDAYS.slice(4, 5)], fromMinute: 1320, toMinute: 360 }

it.each([
  ['mon', 479, false],
  ['mon', 480, true],
  ['fri', 1079, true],
  ['fri', 1080, false],
  ['sat', 600, false],
] as const)('office hours on %s at minute %i: %s', (weekday, minute, expected) => {
  expect(isScheduled(OFFICE, { weekday, minute })).toBe(expected)
})

it.each([
  ['fri', 1319, false],
  ['fri', 1320, true],
  ['sat', 0, true],
  ['sat', 359, true],
  ['sat', 360, false],
  ['fri', 0, false],
  ['sat', 1320, false],
] as const)('a Friday night on %s at minute %i: %s', (weekday, minute, expected) => {
  expect(isScheduled(NIGHT, { weekday, minute })).toBe(expected)
})

it('lasts a whole day where its end is its start', () => {
  const sunday = { days: [...WEEKDAYS.slice(6)], fromMinute: 60, toMinute: 60 }
  expect(isScheduled(sunday, { weekday: 'sun', minute: 59 })).toBe(false)
  expect(isScheduled(sunday, { weekday: 'sun', minute: 60 })).toBe(true)
  expect(isScheduled(sunday, { weekday: 'mon', minute: 59 })).toBe(true)
  expect(isScheduled(sunday, { weekday: 'mon', minute: 60 })).toBe(false)
})
