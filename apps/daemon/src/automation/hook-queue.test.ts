import { expect, it } from 'vitest'
import { HOOKS_AT_ONCE, HOOKS_WAITING, HookQueue } from './hook-queue.ts'

function endless(): { job: (signal: AbortSignal) => Promise<void>; begun: () => number } {
  let begun = 0
  const job = (signal: AbortSignal): Promise<void> => {
    begun += 1
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve()))
  }
  return { job, begun: () => begun }
}

it('runs a few at once, lets so many wait, and refuses one more', async () => {
  const queue = new HookQueue()
  const { job, begun } = endless()
  for (let count = 0; count < HOOKS_AT_ONCE + HOOKS_WAITING; count += 1) {
    expect(queue.offer(job)).toBe(true)
  }
  expect(begun()).toBe(HOOKS_AT_ONCE)
  expect(queue.offer(job)).toBe(false)
  await queue.close()
  expect(begun()).toBe(HOOKS_AT_ONCE)
  expect(queue.offer(job)).toBe(false)
})

it('begins the next when one is done', async () => {
  const queue = new HookQueue()
  const order: number[] = []
  const all = Array.from(
    { length: 5 },
    (_, number) =>
      new Promise<void>((resolve) => {
        queue.offer(async () => {
          order.push(number)
          await Promise.resolve()
          resolve()
        })
      }),
  )
  await Promise.all(all)
  expect(order).toEqual([0, 1, 2, 3, 4])
})
