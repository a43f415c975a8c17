import { describe, expect, it } from 'vitest'
import { RateMeter, TokenBucket, takeTokens, tokenWaitMs } from './rate.ts'

describe('RateMeter', () => {
  it('shows a steady stream at its rate', () => {
    const meter = new RateMeter()
    for (let ms = 0; ms < 20_000; ms += 100) meter.add(1000, ms)
    expect(meter.rate(20_000)).toBeGreaterThan(9_500)
    expect(meter.rate(20_000)).toBeLessThan(10_500)
    expect(meter.totalBytes).toBe(200_000)
  })

  it('follows a change within five seconds', () => {
    const meter = new RateMeter()
    for (let ms = 0; ms < 10_000; ms += 100) meter.add(1000, ms)
    for (let ms = 10_000; ms < 15_000; ms += 100) meter.add(100, ms)
    expect(meter.rate(15_000)).toBeLessThan(1_200)
  })

  it('is 0 after silence, and fresh bytes count from their own start', () => {
    const meter = new RateMeter()
    meter.add(50_000, 0)
    expect(meter.rate(6_000)).toBe(0)
    meter.add(10_000, 60_000)
    expect(meter.rate(62_000)).toBe(5_000)
  })

  it('does not call one early block a flood', () => {
    const meter = new RateMeter()
    meter.add(16_384, 1)
    expect(meter.rate(2)).toBe(16_384)
  })

  it('takes a clock that stands still or is fractional', () => {
    const meter = new RateMeter()
    meter.add(1000, 10.7)
    meter.add(1000, 10.2)
    expect(meter.rate(1010.7)).toBe(2000)
  })
})

describe('TokenBucket', () => {
  it('grants exactly the limit over a long time, however oddly the clock ticks', () => {
    const bucket = new TokenBucket(100_003, 0)
    let granted = takeTokens([bucket], Number.MAX_SAFE_INTEGER, 0)
    expect(granted).toBe(100_003)
    granted = 0
    for (let step = 1; step <= 30_000; step += 1) {
      granted += takeTokens([bucket], 1_000_000, (step * 1000) / 300)
    }
    expect(granted).toBe(100_003 * 100)
  })

  it('grants all without a limit and nothing with a limit of 0', () => {
    expect(takeTokens([new TokenBucket(null, 0)], 1e12, 0)).toBe(1e12)
    const shut = new TokenBucket(0, 0)
    expect(takeTokens([shut], 1, 60_000)).toBe(0)
    expect(shut.waitMs(1, 0)).toBeNull()
  })

  it('lets whole blocks through even at the slowest limit', () => {
    const slow = new TokenBucket(1, 0)
    expect(takeTokens([slow], 16_397, 0)).toBe(16_397)
  })

  it('pays debts first', () => {
    const bucket = new TokenBucket(100_000, 0)
    bucket.spend(150_000, 0)
    expect(bucket.available(400)).toBe(0)
    expect(bucket.waitMs(10_000, 400)).toBe(200)
    expect(bucket.available(600)).toBe(10_000)
  })

  it('never saves up more than a second', () => {
    const bucket = new TokenBucket(100_000, 0)
    expect(bucket.available(3_600_000)).toBe(100_000)
  })

  it('forgets what it saved when the limit is lowered', () => {
    const bucket = new TokenBucket(1_000_000, 0)
    bucket.setLimit(100_000, 0)
    expect(bucket.available(0)).toBe(100_000)
    bucket.setLimit(null, 0)
    bucket.setLimit(50_000, 0)
    expect(bucket.available(0)).toBe(50_000)
  })

  it('obeys the tighter of a torrent and its session', () => {
    const session = new TokenBucket(100_000, 0)
    const torrent = new TokenBucket(40_000, 0)
    expect(takeTokens([session, torrent], 90_000, 0)).toBe(40_000)
    expect(session.available(0)).toBe(60_000)
    expect(tokenWaitMs([session, torrent], 16_000, 0)).toBe(400)
    expect(tokenWaitMs([session, new TokenBucket(0, 0)], 1, 0)).toBeNull()
  })
})

describe('a bucket that several ranks share', () => {
  const LIMIT = 100_000

  it('is open for each while no rank before it takes anything', () => {
    const bucket = new TokenBucket(LIMIT, 0)
    bucket.spend(LIMIT - 10, 0, 2)
    expect(bucket.isOpenFor(2, 0)).toBe(true)
    expect(bucket.isOpenFor(1, 0)).toBe(true)
  })

  it('gives a rank only what those before it leave', () => {
    const bucket = new TokenBucket(LIMIT, 0)
    bucket.spend(60_000, 0, 0)
    expect(bucket.isOpenFor(0, 0)).toBe(true)
    expect(bucket.isOpenFor(1, 0)).toBe(false)
    expect(bucket.isOpenFor(2, 0)).toBe(false)
    expect(bucket.isOpenFor(1, 100)).toBe(false)
    expect(bucket.isOpenFor(1, 101)).toBe(true)
  })

  it('forgets a rank that took nothing for two seconds', () => {
    const bucket = new TokenBucket(LIMIT, 0)
    bucket.spend(10, 0, 0)
    bucket.spend(LIMIT * 2, 1_900, 1)
    bucket.spend(0, 1_999, 1)
    expect(bucket.isOpenFor(1, 2_910)).toBe(true)
    expect(bucket.isOpenFor(2, 2_910)).toBe(false)
  })

  it('is never closed for anybody without a limit', () => {
    const bucket = new TokenBucket(null, 0)
    bucket.spend(1e9, 0, 0)
    expect(bucket.isOpenFor(2, 0)).toBe(true)
  })
})
