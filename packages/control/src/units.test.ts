import { describe, expect, it } from 'vitest'
import {
  formatBytes,
  formatDateTime,
  formatDuration,
  formatEta,
  formatLimit,
  formatPercent,
  formatRate,
  formatRatio,
  formatTimeOfDay,
} from './units.ts'

const KIB = 1024
const MIB = KIB * KIB
const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const YEAR = 365 * DAY

describe('sizes', () => {
  it.each([
    [0, '0 B'],
    [1, '1 B'],
    [1023, '1023 B'],
    [1024, '1.00 KiB'],
    [1025, '1.00 KiB'],
    [9.99 * KIB, '9.99 KiB'],
    [9.996 * KIB, '10.0 KiB'],
    [99.94 * KIB, '99.9 KiB'],
    [99.96 * KIB, '100 KiB'],
    [1023 * KIB, '1023 KiB'],
    [MIB - 1, '1.00 MiB'],
    [MIB, '1.00 MiB'],
    [1023.4 * MIB, '1023 MiB'],
    [1023.6 * MIB, '1.00 GiB'],
    [1.5 * KIB ** 3, '1.50 GiB'],
    [2 ** 48, '256 TiB'],
    [KIB ** 5, '1.00 PiB'],
    [KIB ** 6, '1.00 EiB'],
    [2000 * KIB ** 6, '2000 EiB'],
  ])('shows %d bytes as %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text)
  })

  it('says that it does not know what is no amount', () => {
    for (const value of [null, Number.NaN, -1, Number.POSITIVE_INFINITY]) {
      expect(formatBytes(value)).toBe('–')
    }
  })

  it('shows rates a second, and limits with a word for none', () => {
    expect(formatRate(0)).toBe('0 B/s')
    expect(formatRate(1536)).toBe('1.50 KiB/s')
    expect(formatRate(null)).toBe('–')
    expect(formatLimit(null)).toBe('unlimited')
    expect(formatLimit(0)).toBe('0 B/s')
  })
})

describe('shares', () => {
  it.each([
    [0, '0.0%'],
    [0.0009, '0.0%'],
    [0.001, '0.1%'],
    [0.29, '29.0%'],
    [0.9999999, '99.9%'],
    [1, '100%'],
    [null, '–'],
  ])('shows %s as %s and never 100%% too early', (share, text) => {
    expect(formatPercent(share)).toBe(text)
  })

  it.each([
    [0, '0.00'],
    [0.999, '0.99'],
    [1.15, '1.15'],
    [9.999, '9.99'],
    [10, '10.0'],
    [99.99, '99.9'],
    [100, '100'],
    [1234.5, '1234'],
    [Number.POSITIVE_INFINITY, '∞'],
    [null, '–'],
  ])('shows the ratio %s as %s', (ratio, text) => {
    expect(formatRatio(ratio)).toBe(text)
  })
})

describe('times', () => {
  it.each([
    [0, '0 s'],
    [999, '0 s'],
    [SECOND, '1 s'],
    [MINUTE - 1, '59 s'],
    [MINUTE, '1 m 00 s'],
    [HOUR - 1, '59 m 59 s'],
    [HOUR, '1 h 00 m'],
    [2 * HOUR + 5 * MINUTE, '2 h 05 m'],
    [DAY - 1, '23 h 59 m'],
    [DAY, '1 d 00 h'],
    [YEAR - 1, '364 d 23 h'],
    [YEAR, '1 y 0 d'],
    [Number.POSITIVE_INFINITY, '∞'],
    [null, '–'],
    [-1, '–'],
  ])('shows %s ms as %s', (durationMs, text) => {
    expect(formatDuration(durationMs)).toBe(text)
  })

  it('shows an end that is unknown or more than a year away as endless', () => {
    expect(formatEta(null)).toBe('∞')
    expect(formatEta(YEAR + 1)).toBe('∞')
    expect(formatEta(YEAR)).toBe('1 y 0 d')
    expect(formatEta(90 * SECOND)).toBe('1 m 30 s')
  })

  it('shows wall times in the zone of the reader', () => {
    const at = new Date(2026, 0, 2, 3, 4, 5).getTime()
    expect(formatDateTime(at)).toBe('2026-01-02 03:04')
    expect(formatTimeOfDay(at)).toBe('03:04:05')
    expect(formatDateTime(null)).toBe('–')
    expect(formatDateTime(9e15)).toBe('–')
    expect(formatTimeOfDay(9e15)).toBe('–')
  })
})
