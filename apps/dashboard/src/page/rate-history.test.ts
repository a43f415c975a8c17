import { expect, it } from 'vitest'
import { RateHistory, SAMPLES, summaryOf } from './rate-history.ts'

it('gives what was noted since a time, in the columns of a plot', () => {
  const history = new RateHistory()
  history.note(1_000, 10, 1)
  history.note(2_000, 20, 2)
  history.note(3_000, 30, 3)
  expect(history.since(2_000)).toEqual([
    [2, 3],
    [20, 30],
    [2, 3],
  ])
  expect(history.since(9_000)).toEqual([[], [], []])
})

it('notes once a second, however often it is told', () => {
  const history = new RateHistory()
  for (let atMs = 0; atMs < 3_000; atMs += 100) history.note(atMs, 1, 1)
  expect(history.count).toBe(3)
})

it('holds an hour, and forgets the oldest second after that', () => {
  const history = new RateHistory()
  for (let second = 0; second < SAMPLES; second += 1) history.note(second * 1000, second, 0)
  expect(history.count).toBe(SAMPLES)
  expect(history.since(0)[1][0]).toBe(0)
  history.note(SAMPLES * 1000, SAMPLES, 0)
  expect(history.count).toBe(SAMPLES)
  expect(history.since(0)[1][0]).toBe(1)
})

it('sums up speeds, none of them too', () => {
  expect(summaryOf([1, 5, 3])).toEqual({ now: 3, mean: 3, most: 5 })
  expect(summaryOf([])).toEqual({ now: 0, mean: 0, most: 0 })
})
