import { expect, test } from 'vitest'
import { BASE_DELAY_MINUTES, DelayHistory } from './delay-history.ts'

const MINUTE = 60_000

function historyOf(samples: readonly number[]): DelayHistory {
  const history = new DelayHistory()
  for (const [i, sample] of samples.entries()) history.add(sample, i)
  return history
}

test('what a delay is above the least one is time spent in queues', () => {
  const history = historyOf([5000, 3000, 9000, 9000, 9000, 9500])
  expect(history.baseMicros).toBe(3000)
  expect(history.queueMicros).toBe(6000)
})

test('one slow packet is no queue', () => {
  expect(historyOf([3000, 3000, 3000, 90_000]).queueMicros).toBe(0)
})

test('without a sample nothing is known', () => {
  expect(new DelayHistory().queueMicros).toBeNull()
})

test('delays are compared modulo 2^32: the clocks of two machines have nothing in common', () => {
  const history = historyOf([0xffff_ff00, 0x100, 0x100, 0x100, 0x100])
  expect(history.baseMicros).toBe(0xffff_ff00)
  expect(history.queueMicros).toBe(0x200)
  const falling = historyOf([0x100, 0xffff_ff00])
  expect(falling.baseMicros).toBe(0xffff_ff00)
})

test('the least delay is forgotten after so many minutes, and not one before', () => {
  const history = new DelayHistory()
  history.add(1000, 0)
  for (let minute = 1; minute < BASE_DELAY_MINUTES; minute++) history.add(5000, minute * MINUTE)
  expect(history.baseMicros).toBe(1000)
  history.add(5000, BASE_DELAY_MINUTES * MINUTE)
  expect(history.baseMicros).toBe(5000)
})

test('a shift moves the past', () => {
  const history = historyOf([0xffff_fff0])
  history.shift(0x20)
  expect(history.baseMicros).toBe(0x10)
})
