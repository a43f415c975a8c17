import { describe, expect, test } from 'vitest'
import { MIN_CLASS_BYTES, PiecePool, sharedMemoryOf, sizeClass } from './piece-pool.ts'

const MIB = 1024 * 1024

describe('the pool of piece buffers', () => {
  test('gives out its limit and not one more', () => {
    const pool = new PiecePool(4 * MIB)
    const held = [1, 2, 3, 4].map(() => pool.acquire(MIB))
    expect(held).not.toContain(null)
    expect(pool.acquire(1)).toBeNull()
    held[0]?.release()
    expect(pool.acquire(MIB)).not.toBeNull()
    expect(pool.acquire(1)).toBeNull()
  })

  test('says so whenever memory came back', () => {
    const pool = new PiecePool(MIB)
    let count = 0
    pool.onRelease = () => count++
    const buffer = pool.acquire(MIB)
    expect(count).toBe(0)
    buffer?.release()
    expect(count).toBe(1)
  })

  test('takes a piece longer than itself when nothing else is out, and keeps nothing of it', () => {
    const pool = new PiecePool(MIB)
    const big = pool.acquire(5 * MIB)
    expect(big?.bytes.length).toBe(5 * MIB)
    expect(pool.acquire(1)).toBeNull()
    big?.release()
    expect(pool.heldBytes).toEqual({ used: 0, idle: 0 })
    const small = pool.acquire(1)
    expect(pool.acquire(5 * MIB)).toBeNull()
    small?.release()
  })

  test('reuses buffers, also for shorter pieces of the same class', () => {
    const pool = new PiecePool(4 * MIB)
    const first = pool.acquire(MIB)
    const memory = first === null ? null : sharedMemoryOf(first)
    first?.release()
    const second = pool.acquire(MIB - 100)
    expect(second?.bytes.length).toBe(MIB - 100)
    expect(second === null ? undefined : sharedMemoryOf(second)).toBe(memory)
  })

  test('holds no more than its limit, whatever sizes come and go', () => {
    const pool = new PiecePool(4 * MIB)
    for (let round = 1; round < 200; round++) {
      const lengths = [round * 4_321, round * 20_001, 17].map((n) => (n % MIB) + 1)
      const buffers = lengths.map((length) => pool.acquire(length))
      const { used, idle } = pool.heldBytes
      expect(used + idle).toBeLessThanOrEqual(4 * MIB)
      for (const buffer of buffers) buffer?.release()
    }
    expect(pool.heldBytes.used).toBe(0)
  })

  test('wastes at most a fifth on rounding', () => {
    for (let length = MIN_CLASS_BYTES; length < 40 * MIB; length = Math.ceil(length * 1.013)) {
      const rounded = sizeClass(length)
      expect(rounded).toBeGreaterThanOrEqual(length)
      expect((rounded - length) / rounded).toBeLessThanOrEqual(0.2)
    }
    for (let length = MIN_CLASS_BYTES; length <= 256 * MIB; length *= 2) {
      expect(sizeClass(length)).toBe(length)
    }
  })

  test('a buffer given back twice is a bug, not a corruption', () => {
    const pool = new PiecePool(MIB)
    const buffer = pool.acquire(10)
    buffer?.release()
    expect(() => buffer?.release()).toThrow('released once')
  })
})
