import { expect, test } from 'vitest'
import { FIRST_TIMEOUT_MS, MAX_TIMEOUT_MS, MIN_TIMEOUT_MS, RoundTrip } from './round-trip.ts'

test('the timeout is a second at first, then follows what was measured, and is never under half a second', () => {
  const trip = new RoundTrip()
  expect(trip.timeoutMs).toBe(FIRST_TIMEOUT_MS)
  trip.sample(400)
  expect(trip.timeoutMs).toBe(400 + 4 * 200)
  for (let i = 0; i < 100; i++) trip.sample(10)
  expect(trip.timeoutMs).toBe(MIN_TIMEOUT_MS)
  expect(trip.rttMs).toBeCloseTo(10, 0)
})

test('each timeout in a row doubles it up to the bound, and any progress takes that back', () => {
  const trip = new RoundTrip()
  trip.sample(10)
  const timeouts = Array.from({ length: 5 }, () => {
    trip.timedOut()
    return trip.timeoutMs
  })
  expect(timeouts).toEqual([1000, 2000, 4000, MAX_TIMEOUT_MS, MAX_TIMEOUT_MS])
  trip.progressed()
  expect(trip.timeoutMs).toBe(MIN_TIMEOUT_MS)
})

test('a line slower than the bound is waited for', () => {
  const trip = new RoundTrip()
  trip.sample(4000)
  expect(trip.timeoutMs).toBe(12_000)
})
