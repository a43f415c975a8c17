/** Limits as a form has them: numbers as they are typed, in the units that people use. */
import type { TorrentLimits } from '@pigeon/control/contract'

export type NumberKey = 'down' | 'up' | 'maxPeers' | 'ratio' | 'seedMs' | 'idleMs'

export interface NumberField {
  /** `keep`: as it is; `none`: no limit of its own; `never`: no goal either. */
  readonly way: 'keep' | 'none' | 'never' | 'at'
  readonly text: string
}

export type LimitsForm = { readonly [K in NumberKey]: NumberField } & {
  readonly ignoresSession: boolean | null
  readonly priority: TorrentLimits['priority'] | null
}

const KEPT: NumberField = { way: 'keep', text: '' }

export const EMPTY_LIMITS: LimitsForm = {
  down: KEPT,
  up: KEPT,
  maxPeers: KEPT,
  ratio: KEPT,
  seedMs: KEPT,
  idleMs: KEPT,
  ignoresSession: null,
  priority: null,
}

export const KIB = 1024
export const MINUTE_MS = 60_000

/** How much of the contract's unit one of the form's is. */
const UNIT: { readonly [K in NumberKey]: number } = {
  down: KIB,
  up: KIB,
  maxPeers: 1,
  ratio: 1,
  seedMs: MINUTE_MS,
  idleMs: MINUTE_MS,
}

const NUMBER_KEYS: readonly NumberKey[] = ['down', 'up', 'maxPeers', 'ratio', 'seedMs', 'idleMs']

export function formOfLimits(limits: TorrentLimits): LimitsForm {
  const field = (key: NumberKey): NumberField => {
    const value = limits[key]
    if (value === null) return { way: 'none', text: '' }
    if (value === 'never') return { way: 'never', text: '' }
    return { way: 'at', text: textOf(value / UNIT[key]) }
  }
  return {
    down: field('down'),
    up: field('up'),
    maxPeers: field('maxPeers'),
    ratio: field('ratio'),
    seedMs: field('seedMs'),
    idleMs: field('idleMs'),
    ignoresSession: limits.ignoresSession,
    priority: limits.priority,
  }
}

type SomeLimits = { -readonly [K in keyof TorrentLimits]?: TorrentLimits[K] }

/** What shall be set, or the first field that is no number. */
export function limitsOf(
  form: LimitsForm,
): { readonly limits: SomeLimits } | { readonly wrong: NumberKey } {
  const limits: SomeLimits = {}
  for (const key of NUMBER_KEYS) {
    const { way, text } = form[key]
    if (way === 'keep') continue
    if (way === 'never' && (key === 'ratio' || key === 'seedMs' || key === 'idleMs'))
      limits[key] = 'never'
    else if (way !== 'at') limits[key] = null
    else {
      const value = readNumber(text)
      if (value === null || (key === 'maxPeers' && (value < 1 || value > 1_000)))
        return { wrong: key }
      limits[key] = key === 'ratio' ? value : Math.round(value * UNIT[key])
    }
  }
  if (form.ignoresSession !== null) limits.ignoresSession = form.ignoresSession
  if (form.priority !== null) limits.priority = form.priority
  return { limits }
}

/** With a point or a comma before the decimals; `null` when it is no number, or below 0. */
export function readNumber(text: string): number | null {
  const plain = text.trim().replace(',', '.')
  return /^\d{1,12}(\.\d{1,6})?$/.test(plain) ? Number(plain) : null
}

/** Without more decimals than anybody typed. */
export function textOf(value: number): string {
  return String(Math.round(value * 1_000) / 1_000)
}
