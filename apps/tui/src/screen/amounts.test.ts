import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isProblem, readAmount, readGoal, typedDuration, typedRate } from './amounts.ts'
import { readSchedule, typedSchedule } from './session-forms.ts'

describe('amounts in forms', () => {
  it('are read back as they were shown', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 40), (rate) => {
        expect(readAmount('rate', typedRate(rate), 'x')).toBe(rate)
        expect(readAmount('duration', typedDuration(rate * 1_000), 'x')).toBe(rate * 1_000)
      }),
    )
  })

  it.each([
    [null, ''],
    [0, '0'],
    [1_536, '1536'],
    [512_000, '500k'],
    [1_048_576, '1M'],
    [1_572_864, '1536k'],
  ])('shows a rate of %j as %j', (rate, typed) => expect(typedRate(rate)).toBe(typed))

  it('are no limit when empty, and a problem when they cannot be read', () => {
    expect(readAmount('rate', '', 'Download')).toBeNull()
    expect(readGoal('number', 'Never', 'Ratio')).toBe('never')
    expect(readAmount('rate', '-5', 'Download')).toSatisfy(isProblem)
    expect(readAmount('rate', 'fast\u001b[2J', 'Download')).toMatchObject({
      message: 'Download: "fast␛[2J" cannot be read.',
    })
  })
})

describe('the schedule in a form', () => {
  it.each([
    ['mon-fri 08:00-18:30', 'mon-fri 08:00-18:30'],
    ['sat,sun 22:00-6:00', 'sat,sun 22:00-06:00'],
    ['fri-mon 0:00-23:59', 'mon,fri,sat,sun 00:00-23:59'],
    ['WED 1:00 - 2:00', 'wed 01:00-02:00'],
    ['', ''],
  ])('%j is %j', (typed, shown) => {
    const schedule = readSchedule(typed)
    expect(isProblem(schedule) ? schedule.message : typedSchedule(schedule)).toBe(shown)
  })

  it.each(['mon', 'mon 08:00', 'moon 08:00-09:00', 'mon 24:00-25:00', 'mon 8-9', '08:00-09:00'])(
    '%j cannot be read',
    (typed) => expect(readSchedule(typed)).toMatchObject({ code: 'bad-schedule' }),
  )
})
