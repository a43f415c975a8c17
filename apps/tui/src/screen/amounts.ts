/** Amounts as users type them into forms, and as forms show them for typing on. */
import type { Problem } from '@pigeon/control/contract'
import { parseAmount, VALUE_FORMS } from '@pigeon/control/filter-values'
import { toDisplay } from '@pigeon/protocol/display'
import { STRINGS } from './strings.ts'

type Kind = 'rate' | 'duration' | 'number'

/** Empty is `null`: no limit of its own. */
export function readAmount(kind: Kind, text: string, label: string): number | null | Problem {
  if (text === '') return null
  const amount = parseAmount(kind, text.replaceAll(' ', ''))
  if (amount !== null) return kind === 'number' ? amount : Math.round(amount)
  return {
    code: 'bad-amount',
    message: STRINGS.form.badAmount(label, toDisplay(text)),
    help: STRINGS.form.give(VALUE_FORMS[kind]),
  }
}

/** As `readAmount`, and `never` for a goal that is none. */
export function readGoal(
  kind: Kind,
  text: string,
  label: string,
): number | 'never' | null | Problem {
  return text.toLowerCase() === 'never' ? 'never' : readAmount(kind, text, label)
}

/** `1048576` is `1M`: what `readAmount` reads as the same number. */
export function typedRate(rate: number | null): string {
  if (rate === null) return ''
  const power = [3, 2, 1].find((each) => rate >= 1024 ** each && rate % (1024 ** each / 1024) === 0)
  if (power === undefined) return String(rate)
  const value = rate / 1024 ** power
  return Number.isInteger(value)
    ? `${value}${UNITS[power]}`
    : `${rate / 1024 ** (power - 1)}${UNITS[power - 1]}`
}

const UNITS = ['', 'k', 'M', 'G'] as const

export function typedGoal(goal: number | 'never' | null): string {
  return goal === null ? '' : String(goal)
}

export function typedDuration(durationMs: number | 'never' | null): string {
  if (durationMs === null || durationMs === 'never') return durationMs ?? ''
  const [unit, letter] = DURATIONS.find(([unitMs]) => durationMs % unitMs === 0) ?? [1_000, 's']
  return `${Math.round(durationMs / unit)}${letter}`
}

const DURATIONS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'm'],
] as const

export function isProblem(value: unknown): value is Problem {
  return typeof value === 'object' && value !== null && 'message' in value
}
