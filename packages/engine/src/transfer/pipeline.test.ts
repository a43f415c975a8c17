import { expect, it } from 'vitest'
import { FIRST_DEPTH, GREATEST_DEPTH, LEAST_DEPTH, requestDepth } from './pipeline.ts'

const MIB = 1024 * 1024

it('begins with enough for a fast peer', () => {
  expect(requestDepth({ rate: 0, reqq: 250, current: 0 })).toBe(FIRST_DEPTH)
})

it('keeps at least 256 requests with a peer of more than 100 MiB/s', () => {
  expect(requestDepth({ rate: 101 * MIB, reqq: 2000, current: 32 })).toBeGreaterThanOrEqual(256)
})

it('asks for more where the way is longer', () => {
  const near = requestDepth({ rate: 2 * MIB, delayMs: 10, reqq: 500, current: 8 })
  const far = requestDepth({ rate: 2 * MIB, delayMs: 800, reqq: 500, current: 8 })
  expect(far).toBeGreaterThan(near * 1.5)
})

it('doubles about each round trip while a line is new', () => {
  let depth = requestDepth({ rate: 0, reqq: 500, current: 0 })
  let received = 0
  let trips = 0
  while (depth < 400) {
    received += depth
    trips += 1
    depth = requestDepth({ rate: received * 16_384, reqq: 500, current: depth })
  }
  expect(trips).toBeLessThan(6)
})

it('shrinks slowly and never below its floor', () => {
  expect(requestDepth({ rate: 1000, reqq: 500, current: 200 })).toBe(199)
  let depth = 200
  for (let step = 0; step < 500; step += 1) {
    depth = requestDepth({ rate: 1000, reqq: 500, current: depth })
  }
  expect(depth).toBe(LEAST_DEPTH)
})

it.each([
  [1, 1],
  [0, 1],
  [50, 50],
  [GREATEST_DEPTH, GREATEST_DEPTH],
  [GREATEST_DEPTH + 1, GREATEST_DEPTH],
])('never goes beyond what the peer queues: reqq %i gives at most %i', (reqq, most) => {
  expect(requestDepth({ rate: 1e9, reqq, current: 32 })).toBe(most)
})
