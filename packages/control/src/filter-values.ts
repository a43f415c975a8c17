/** Amounts as people type them into filters: `1.5GiB`, `100k`, `50%`, `1h30m`. Pure, and free of any runtime. */
import type { AmountKind } from './torrent-fields.ts'

/** What a value of this kind looks like, for messages and help. */
export const VALUE_FORMS: { readonly [K in AmountKind]: string } = {
  size: 'a size such as 1.5GiB or 700M',
  rate: 'a rate such as 100k or 2MiB',
  number: 'a number such as 2 or 1.5',
  percent: 'a number of per cent such as 99.5',
  duration: 'a time such as 90s, 30m, 2h, 7d or 1h30m',
  age: 'a time such as 90s, 30m, 2h, 7d or 1h30m',
}

/** The amount in bytes, milliseconds, or as a share of 1; `null` when it cannot be read. */
export function parseAmount(kind: AmountKind, text: string): number | null {
  switch (kind) {
    case 'size':
      return withUnit(text, BYTE_UNITS)
    case 'rate':
      return withUnit(text.replace(/\/s$/, ''), BYTE_UNITS)
    case 'number':
      return withUnit(text, NO_UNIT)
    case 'percent': {
      const perCent = withUnit(text.replace(/%$/, ''), NO_UNIT)
      return perCent === null ? null : perCent / 100
    }
    case 'duration':
    case 'age':
      return durationOf(text)
    default:
      return kind satisfies never
  }
}

/** Whether a word is a unit alone, as in `size > 1.5 GiB`. */
export function isUnit(kind: AmountKind, word: string): boolean {
  if (kind === 'number' || kind === 'percent') return false
  const units = kind === 'size' || kind === 'rate' ? BYTE_UNITS : MS_UNITS
  return word !== '' && units.has(word.replace(/\/s$/, '').toLowerCase())
}

/** A letter alone means what lists show: 1k is 1 KiB. */
const BYTE_UNITS: ReadonlyMap<string, number> = new Map(
  ['', 'k', 'm', 'g', 't', 'p'].flatMap((letter, power) => [
    [letter, 1024 ** power],
    [`${letter}b`, letter === '' ? 1 : 1000 ** power],
    ...(letter === '' ? [] : [[`${letter}ib`, 1024 ** power] as const]),
  ]),
)

const NO_UNIT: ReadonlyMap<string, number> = new Map([['', 1]])

const MS_UNITS: ReadonlyMap<string, number> = new Map([
  ['s', 1000],
  ['m', 60_000],
  ['min', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
  ['w', 7 * 86_400_000],
  ['y', 365 * 86_400_000],
])

const AMOUNT = /^(\d{1,15}(?:\.\d{1,9})?)([a-z]{0,3})$/i
const PART = /(\d{1,15}(?:\.\d{1,9})?)([a-z]{1,3})/giy

function withUnit(text: string, units: ReadonlyMap<string, number>): number | null {
  const match = AMOUNT.exec(text)
  const unit = units.get((match?.[2] ?? '').toLowerCase())
  return match === null || unit === undefined ? null : Number(match[1]) * unit
}

function durationOf(text: string): number | null {
  if (text === '0') return 0
  let totalMs = 0
  let readCharacters = 0
  for (const [part, digits, unit = ''] of text.matchAll(PART)) {
    const unitMs = MS_UNITS.get(unit.toLowerCase())
    if (unitMs === undefined) return null
    totalMs += Number(digits) * unitMs
    readCharacters += part.length
  }
  return readCharacters > 0 && readCharacters === text.length ? totalMs : null
}
