/** What people write for rates, times, goals, files and schedules, as the contract has them. */
import type { Problem, Schedule, TorrentLimits } from '@pigeon/control/contract'
import { WEEKDAYS } from '@pigeon/engine/schedule'
import { isProblem, problem } from '@pigeon/control/problems'
import * as kinds from '@pigeon/node/setting-kinds'
import { toDisplay } from '@pigeon/protocol/display'
import { type Given, textFlag } from './around.ts'

export type Read<T> = { readonly value: T } | Problem

const YEAR_MS = 365 * 86_400_000
const time = kinds.duration(0, 100 * YEAR_MS)
const PIECE_SIZE = kinds.sizeBytes(16_384, 268_435_456)

/** Bytes a second; `null` for unlimited. */
export function readRate(text: string): Read<number | null> {
  // People write 500k and 2M where no byte is in doubt.
  const written = /^[\d.]+ ?[kmg]$/i.test(text) ? `${text}iB` : text
  return fromKind(kinds.rate, text === 'none' ? 'unlimited' : written)
}

export function readSize(text: string): Read<number> {
  return fromKind(PIECE_SIZE, text)
}

/** A number of a goal; `null` for what the category or the session says. */
export function readRatioGoal(text: string): Read<number | 'never' | null> {
  if (text === 'never') return { value: 'never' }
  return text === 'default' ? { value: null } : fromKind(kinds.ratio, text)
}

/** Milliseconds of a goal; `null` for what the category or the session says. */
export function readTimeGoal(text: string): Read<number | 'never' | null> {
  if (text === 'never') return { value: 'never' }
  return text === 'default' ? { value: null } : fromKind(time, text)
}

/** As `readRatioGoal`, of the session: `null` for none. */
export function readSessionRatio(text: string): Read<number | null> {
  return fromKind(kinds.orNone(kinds.ratio), text)
}

export function readSessionTime(text: string): Read<number | null> {
  return fromKind(kinds.orNone(time), text)
}

/** Milliseconds. */
export function readTime(text: string): Read<number> {
  return fromKind(time, text)
}

export function readCount(text: string): Read<number> {
  return fromKind(kinds.wholeNumber(0, 1_000_000), text)
}

export function readOnOff(text: string): Read<boolean> {
  if (text === 'on' || text === 'off') return { value: text === 'on' }
  return fromKind(kinds.truth, text)
}

const POLICIES = ['off', 'prefer', 'require'] as const

export function readPolicy(text: string): Read<(typeof POLICIES)[number]> {
  const value = POLICIES.find((policy) => policy === text)
  return value === undefined ? badValue(text, `one of ${POLICIES.join(', ')}`) : { value }
}

/** Names with commas between. */
export function namesIn(texts: readonly string[]): string[] {
  return texts
    .flatMap((text) => text.split(','))
    .map((name) => name.trim())
    .filter((name) => name !== '')
}

/** Most indexes that one command may name. */
export const FILES_LIMIT = 200_000

/** Indexes such as `0,2-5`, each once and in order. */
export function readIndexes(text: string): Read<number[]> {
  const indexes = new Set<number>()
  for (const part of text.split(',')) {
    const [, from, to] = /^(\d{1,6})(?:-(\d{1,6}))?$/.exec(part.trim()) ?? []
    const last = Number(to ?? from)
    if (from === undefined || Number(from) > last || last >= FILES_LIMIT) return badIndexes(text)
    for (let index = Number(from); index <= last; index += 1) indexes.add(index)
  }
  return { value: [...indexes].sort((one, other) => one - other) }
}

function badIndexes(text: string): Problem {
  return badValue(text, `numbers of files from 0 to ${FILES_LIMIT - 1}, such as 0,2-5`)
}

/** `mon-fri 08:00-17:30`, `sat,sun 00:00-08:00` or `daily 22:00-06:00`; `null` for `none`. */
export function readSchedule(text: string): Read<Schedule | null> {
  if (text === 'none') return { value: null }
  const [, dayText, from, to] =
    /^([a-z,-]+) +(\d{1,2}:\d{2})-(\d{1,2}:\d{2})$/.exec(text.trim().toLowerCase()) ?? []
  const days = dayText === undefined ? null : daysIn(dayText)
  const fromMinute = minuteOfDay(from)
  const toMinute = minuteOfDay(to)
  if (days === null || fromMinute === null || toMinute === null) {
    return badValue(
      text,
      'days and hours such as "mon-fri 08:00-17:30" or "daily 22:00-06:00", or none',
    )
  }
  return { value: { days, fromMinute, toMinute } }
}

function daysIn(text: string): Schedule['days'] | null {
  if (text === 'daily') return [...WEEKDAYS]
  const days = new Set<Schedule['days'][number]>()
  for (const part of text.split(',')) {
    const [first = '', last = first, more] = part.split('-')
    const start = WEEKDAYS.findIndex((day) => day === first)
    const end = WEEKDAYS.findIndex((day) => day === last)
    if (start < 0 || end < 0 || more !== undefined) return null
    // `sat-mon` goes over the end of the week.
    for (let at = start; ; at = (at + 1) % WEEKDAYS.length) {
      days.add(WEEKDAYS[at] ?? 'mon')
      if (at === end) break
    }
  }
  return WEEKDAYS.filter((day) => days.has(day))
}

function minuteOfDay(text: string | undefined): number | null {
  const [hours, minutes] = (text ?? '').split(':').map(Number)
  if (hours === undefined || minutes === undefined || hours > 23 || minutes > 59) return null
  return hours * 60 + minutes
}

/** The schedule as `readSchedule` takes it. */
export function showSchedule({ days, fromMinute, toMinute }: Schedule): string {
  const dayText = days.length === WEEKDAYS.length ? 'daily' : days.join(',')
  return `${dayText} ${clock(fromMinute)}-${clock(toMinute)}`
}

function clock(minute: number): string {
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`
}

/** The limits among the flags of `add` and `limits`. */
export function readLimits(given: Given): Read<Partial<TorrentLimits>> {
  return readFlags(given, {
    down: ['down', readRate],
    up: ['up', readRate],
    ratio: ['ratio', readRatioGoal],
    seedTime: ['seedMs', readTimeGoal],
    idleTime: ['idleMs', readTimeGoal],
    maxPeers: ['maxPeers', (text) => (text === 'default' ? { value: null } : readCount(text))],
    ownLimits: ['ignoresSession', readOnOff],
    bandwidth: ['priority', readLevel],
  })
}

const LEVELS = ['low', 'normal', 'high'] as const

function readLevel(text: string): Read<(typeof LEVELS)[number]> {
  const value = LEVELS.find((level) => level === text)
  return value === undefined ? badValue(text, `one of ${LEVELS.join(', ')}`) : { value }
}

/** For each flag: the field that it fills, and how it is read. */
type FlagTable<Fields> = Readonly<
  Record<
    string,
    { readonly [K in keyof Fields]: readonly [K, (text: string) => Read<Fields[K]>] }[keyof Fields]
  >
>

/** The fields that the flags fill; absent ones are left out. Problems name the flag. */
export function readFlags<Fields extends object>(
  given: Given,
  table: FlagTable<Fields>,
): Read<Partial<Fields>> {
  const fields: Partial<Fields> = {}
  for (const [flag, [field, read]] of Object.entries(table)) {
    const text = textFlag(given, flag)
    if (text === undefined) continue
    const result = read(text)
    if (isProblem(result)) return { ...result, message: `--${kebab(flag)}: ${result.message}` }
    fields[field] = result.value
  }
  return { value: fields }
}

function kebab(flag: string): string {
  return flag.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

function fromKind<T>(kind: kinds.Kind<T>, text: string): Read<T> {
  const result = kind.schema.safeParse(text)
  return result.success ? { value: result.data } : badValue(text, kind.expected)
}

export function badValue(text: string, expected: string): Problem {
  return problem('bad-value', `"${toDisplay(text, 80)}" is not understood.`, `Give ${expected}.`)
}
