import { isIP } from 'node:net'
import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { type Schedule, type Weekday, WEEKDAYS } from '@pigeon/engine/schedule'
import { z } from 'zod'

/**
 * The kinds of values that an option can have. Each reads what a file (text, number, truth), a variable or a flag
 * (text) can say, and says in words what it expects.
 */
export interface Kind<T> {
  /** What stands for the value in a usage line, such as `port`. */
  readonly placeholder: string
  /** What is expected, to complete "expected ...". */
  readonly expected: string
  readonly schema: z.ZodType<T>
  /** The value as one would write it. */
  show(value: T): string
}

function kind<T>(
  placeholder: string,
  expected: string,
  read: (raw: unknown) => T | undefined,
  show: (value: T) => string = String,
): Kind<T> {
  const schema = z.unknown().transform((raw, context): T => {
    const value = read(typeof raw === 'string' ? raw.trim() : raw)
    if (value !== undefined) return value
    context.addIssue({ code: 'custom', message: `expected ${expected}` })
    return z.NEVER
  })
  return { placeholder, expected, schema, show }
}

export function wholeNumber(least: number, most: number, placeholder = 'number'): Kind<number> {
  const expected = `a whole number from ${least} to ${most}`
  return kind(placeholder, expected, (raw) => {
    const value = typeof raw === 'string' && /^\d{1,15}$/.test(raw) ? Number(raw) : raw
    return isWhole(value) && value >= least && value <= most ? value : undefined
  })
}

export function oneOf<T extends string>(choices: readonly T[], placeholder: string): Kind<T> {
  return kind(placeholder, `one of ${choices.join(', ')}`, (raw) =>
    choices.find((choice) => choice === raw),
  )
}

export const address: Kind<string> = kind(
  'address',
  'a numeric address of this machine, such as 0.0.0.0 or ::1',
  (raw) => (typeof raw === 'string' && isIP(raw) !== 0 ? raw : undefined),
)

/** A relative path counts from the working folder; `~/` is the home folder. */
export const folder: Kind<string> = kind('folder', 'the path of a folder', (raw) => {
  if (typeof raw !== 'string' || raw === '' || raw.includes('\0')) return undefined
  return resolve(raw.replace(/^~(?=\/|$)/, homedir()))
})

export const text: Kind<string> = kind('text', 'a text', (raw) =>
  typeof raw === 'string' && raw !== '' ? raw : undefined,
)

export const truth: Kind<boolean> = kind('true|false', 'true or false', (raw) => {
  if (typeof raw === 'boolean') return raw
  if (raw === 'true' || raw === '1' || raw === 'yes') return true
  return raw === 'false' || raw === '0' || raw === 'no' ? false : undefined
})

export function sizeBytes(least: number, most: number): Kind<number> {
  const expected = `a size from ${showBytes(least)} to ${showBytes(most)}, such as 16 MiB`
  return kind(
    'size',
    expected,
    (raw) => {
      const value = bytesOf(raw)
      return value !== undefined && value >= least && value <= most ? value : undefined
    },
    showBytes,
  )
}

/** Bytes a second; `null` without a limit. */
export const rate: Kind<number | null> = kind(
  'rate',
  'a rate a second such as 500 KiB or 2 MiB, or "unlimited"',
  (raw) => {
    if (raw === 'unlimited') return null
    const value = bytesOf(typeof raw === 'string' ? raw.replace(/\/s$/, '') : raw)
    return value !== undefined && value > 0 ? value : undefined
  },
  (value) => (value === null ? 'unlimited' : showBytes(value)),
)

/** Milliseconds; plain numbers are seconds. */
export function duration(leastMs: number, mostMs: number): Kind<number> {
  const expected = `a time from ${showMs(leastMs)} to ${showMs(mostMs)}, such as 30 s or 5 min`
  return kind(
    'time',
    expected,
    (raw) => {
      const value = msOf(raw)
      return value !== undefined && value >= leastMs && value <= mostMs ? value : undefined
    },
    showMs,
  )
}

/** A value of another kind, or `null` for "none". */
export function orNone<T>(inner: Kind<T>): Kind<T | null> {
  return kind<T | null>(
    inner.placeholder,
    `${inner.expected}, or "none"`,
    (raw) => {
      if (raw === 'none') return null
      const result = inner.schema.safeParse(raw)
      return result.success ? result.data : undefined
    },
    (value) => (value === null ? 'none' : inner.show(value)),
  )
}

export const ratio: Kind<number> = kind('ratio', 'a number such as 1.5', (raw) => {
  const value = typeof raw === 'string' && /^\d{1,6}(\.\d{1,6})?$/.test(raw) ? Number(raw) : raw
  return typeof value === 'number' && value >= 0 && value <= 1_000_000 ? value : undefined
})

/** Days and times of the node's own time zone; where the end is not after the start, it is on the next day. */
export const schedule: Kind<Schedule> = kind(
  'schedule',
  'days and times such as "mon-fri 08:00-18:00" or "sat,sun 22:00-06:00" or "daily 00:30-07:00"',
  (raw) => {
    const match = /^(\S+) +(\d{2}:\d{2})-(\d{2}:\d{2})$/.exec(typeof raw === 'string' ? raw : '')
    const days = daysOf(match?.[1]?.toLowerCase() ?? '')
    const fromMinute = minuteOf(match?.[2] ?? '')
    const toMinute = minuteOf(match?.[3] ?? '')
    if (days === undefined || fromMinute === undefined || toMinute === undefined) return undefined
    return { days, fromMinute, toMinute }
  },
  ({ days, fromMinute, toMinute }) =>
    `${showDays(days)} ${showMinute(fromMinute)}-${showMinute(toMinute)}`,
)

/** `mon`, `mon-fri`, `sat-mon`, `mon,wed-fri`, `daily`. */
function daysOf(spelled: string): Weekday[] | undefined {
  if (spelled === 'daily') return [...WEEKDAYS]
  const found = new Set<Weekday>()
  for (const part of spelled.split(',')) {
    const [first, last = first, ...rest] = part.split('-').map(weekdayOf)
    if (first === undefined || last === undefined || rest.length > 0) return undefined
    for (let at = first; ; at = (at + 1) % WEEKDAYS.length) {
      const day = WEEKDAYS[at]
      if (day !== undefined) found.add(day)
      if (at === last) break
    }
  }
  return WEEKDAYS.filter((day) => found.has(day))
}

function weekdayOf(spelled: string): number | undefined {
  const at = WEEKDAYS.findIndex((day) => day === spelled)
  return at < 0 ? undefined : at
}

function minuteOf(spelled: string): number | undefined {
  const [hours = -1, minutes = -1] = spelled.split(':').map(Number)
  // The end of a day is the beginning of the next.
  if (hours === 24 && minutes === 0) return 0
  return hours >= 0 && hours < 24 && minutes >= 0 && minutes < 60 ? hours * 60 + minutes : undefined
}

function showDays(days: readonly Weekday[]): string {
  if (days.length === WEEKDAYS.length) return 'daily'
  const from = WEEKDAYS.findIndex((day) => day === days[0])
  const isRun = days.every((day, index) => day === WEEKDAYS[from + index])
  return isRun && days.length > 2 ? `${days[0]}-${days.at(-1)}` : days.join(',')
}

function showMinute(minute: number): string {
  const [hours, minutes] = [Math.floor(minute / 60), minute % 60]
  return `${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`
}

function isWhole(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value)
}

const BYTE_UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
}

function bytesOf(raw: unknown): number | undefined {
  if (isWhole(raw)) return raw >= 0 ? raw : undefined
  if (typeof raw !== 'string') return undefined
  const match = /^(\d{1,12}(?:\.\d{1,3})?)\s*([A-Za-z]*)$/.exec(raw)
  const unit = BYTE_UNITS[match?.[2]?.toLowerCase() ?? '']
  if (match === null || unit === undefined) return undefined
  return Math.round(Number(match[1]) * unit)
}

const MS_UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  '': 1000,
  s: 1000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

function msOf(raw: unknown): number | undefined {
  if (isWhole(raw)) return raw >= 0 ? raw * 1000 : undefined
  if (typeof raw !== 'string') return undefined
  const match = /^(\d{1,12}(?:\.\d{1,3})?)\s*([A-Za-z]*)$/.exec(raw)
  const unit = MS_UNITS[match?.[2]?.toLowerCase() ?? '']
  return match === null || unit === undefined ? undefined : Math.round(Number(match[1]) * unit)
}

function showBytes(bytes: number): string {
  for (const [unit, size] of [
    ['GiB', 2 ** 30],
    ['MiB', 2 ** 20],
    ['KiB', 2 ** 10],
  ] as const) {
    if (bytes >= size && bytes % size === 0) return `${bytes / size} ${unit}`
  }
  return `${bytes} B`
}

function showMs(ms: number): string {
  for (const [unit, size] of [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['min', 60_000],
    ['s', 1000],
  ] as const) {
    if (ms >= size && ms % size === 0) return `${ms / size} ${unit}`
  }
  return `${ms} ms`
}
