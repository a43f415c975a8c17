import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { ALLOWED_FAST_SET_LIMIT, allowedFastSet } from './0006-fast.ts'

const sha1 = (bytes: Uint8Array): Uint8Array => createHash('sha1').update(bytes).digest()
const base = { ipv4: Uint8Array.of(10, 0, 0, 1), infoHash: new Uint8Array(20), sha1 }

test('a set of k + 1 is the set of k and one more', () => {
  const nine = allowedFastSet({ ...base, pieceCount: 1313, setSize: 9 })
  const ten = allowedFastSet({ ...base, pieceCount: 1313, setSize: 10 })
  expect(ten.slice(0, 9)).toEqual(nine)
})

test('a set has at most 64 pieces, all of them different', () => {
  for (const pieceCount of [ALLOWED_FAST_SET_LIMIT, 100_000]) {
    const set = allowedFastSet({ ...base, pieceCount, setSize: ALLOWED_FAST_SET_LIMIT + 1 })
    expect(new Set(set).size).toBe(ALLOWED_FAST_SET_LIMIT)
  }
})

test('a hash that never changes does not hang', () => {
  const stuck = (): Uint8Array => new Uint8Array(20)
  expect(allowedFastSet({ ...base, sha1: stuck, pieceCount: 10, setSize: 5 })).toEqual([0])
})
