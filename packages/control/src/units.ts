/**
 * Sizes, rates, times and shares as words: the same in every client. Pure, and free of any runtime.
 *
 * Sizes are binary (1 KiB is 1024 bytes). What is unknown shows as `–`, what never ends as `∞`.
 */

export const UNKNOWN = '–'
const NEVER = '∞'

const SIZE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'] as const
const KIB = 1024

const SECOND_MS = 1000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
const YEAR_MS = 365 * DAY_MS

/** Such as `0 B`, `1023 B`, `1.00 KiB`, `12.3 MiB`: three digits, rounded to the nearest. */
export function formatBytes(bytes: number | null): string {
  if (!isAmount(bytes)) return UNKNOWN
  let value = bytes
  let unit = 0
  while (unit < SIZE_UNITS.length - 1 && roundsTo(value, unit) >= KIB) {
    value /= KIB
    unit += 1
  }
  const digits = unit === 0 ? 0 : decimals(value)
  return `${value.toFixed(digits)} ${SIZE_UNITS[unit] ?? ''}`
}

/** Bytes a second, such as `0 B/s` or `1.50 MiB/s`. */
export function formatRate(bytesPerSecond: number | null): string {
  const size = formatBytes(bytesPerSecond)
  return size === UNKNOWN ? UNKNOWN : `${size}/s`
}

/** A rate limit; `null` is `unlimited`. */
export function formatLimit(bytesPerSecond: number | null): string {
  return bytesPerSecond === null ? 'unlimited' : formatRate(bytesPerSecond)
}

/** Of a share from 0 to 1: `0.0%`, `99.9%`, `100%`. Cut, never rounded up: only what is whole says 100%. */
export function formatPercent(share: number | null): string {
  if (!isAmount(share)) return UNKNOWN
  if (share >= 1) return '100%'
  return `${cut(share * 100, 1)}%`
}

/** Uploaded over downloaded, cut: `0.99`, `1.00`, `12.3`, `1234`. */
export function formatRatio(ratio: number | null): string {
  if (ratio === Number.POSITIVE_INFINITY) return NEVER
  if (!isAmount(ratio)) return UNKNOWN
  return cut(ratio, ratio < 10 ? 2 : ratio < 100 ? 1 : 0)
}

/** In its two largest units, cut: `0 s`, `59 s`, `1 m 00 s`, `2 h 05 m`, `4 d 07 h`, `1 y 20 d`. */
export function formatDuration(durationMs: number | null): string {
  if (durationMs === Number.POSITIVE_INFINITY) return NEVER
  if (!isAmount(durationMs)) return UNKNOWN
  if (durationMs < MINUTE_MS) return `${Math.floor(durationMs / SECOND_MS)} s`
  if (durationMs < HOUR_MS) return pair(durationMs, MINUTE_MS, 'm', SECOND_MS, 's', 2)
  if (durationMs < DAY_MS) return pair(durationMs, HOUR_MS, 'h', MINUTE_MS, 'm', 2)
  if (durationMs < YEAR_MS) return pair(durationMs, DAY_MS, 'd', HOUR_MS, 'h', 2)
  return pair(durationMs, YEAR_MS, 'y', DAY_MS, 'd', 1)
}

/** Time left: as a duration, `∞` when nothing says that it ends, or when it is more than a year. */
export function formatEta(etaMs: number | null): string {
  if (etaMs === null || etaMs > YEAR_MS) return NEVER
  return formatDuration(etaMs)
}

/** A wall time in the reader's own zone, `2026-01-31 08:05`. */
export function formatDateTime(atMs: number | null): string {
  if (!isAmount(atMs)) return UNKNOWN
  const at = new Date(atMs)
  if (Number.isNaN(at.getTime())) return UNKNOWN
  const date = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join('-')
  return `${date} ${two(at.getHours())}:${two(at.getMinutes())}`
}

/** As `formatDateTime`, only the time of day with seconds: for logs. */
export function formatTimeOfDay(atMs: number | null): string {
  if (!isAmount(atMs)) return UNKNOWN
  const at = new Date(atMs)
  if (Number.isNaN(at.getTime())) return UNKNOWN
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(':')
}

function isAmount(value: number | null): value is number {
  return value !== null && Number.isFinite(value) && value >= 0
}

function decimals(value: number): number {
  // 9.996 is shown as 10.0, so the borders lie where the rounding carries over.
  if (value < 9.995) return 2
  return value < 99.95 ? 1 : 0
}

function roundsTo(value: number, unit: number): number {
  return Number(value.toFixed(unit === 0 ? 0 : decimals(value)))
}

/** Cut to some digits. The small addition undoes what binary fractions lose (1.15 * 100 is 114.99999999999999). */
function cut(value: number, digits: number): string {
  const scale = 10 ** digits
  return (Math.floor(value * scale + 1e-9) / scale).toFixed(digits)
}

function pair(
  durationMs: number,
  largeMs: number,
  large: string,
  smallMs: number,
  small: string,
  width: number,
): string {
  const rest = Math.floor((durationMs % largeMs) / smallMs)
  return `${Math.floor(durationMs / largeMs)} ${large} ${String(rest).padStart(width, '0')} ${small}`
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}
