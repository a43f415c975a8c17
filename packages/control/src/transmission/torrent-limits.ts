/** Limits and goals of a torrent, from the numbers, switches and modes of this API. */
import { z } from 'zod'
import { defined } from '../compat/defined.ts'
import type { TorrentLimits, TorrentSummary } from '../contract.ts'
import * as argument from './arguments.ts'
import type { Remembered } from './remembered.ts'
import { BYTES_PER_KB, MS_PER_MINUTE, PRIORITY } from './torrent-fields.ts'

const mode = z.literal([0, 1, 2])

export const LIMIT_ARGUMENTS = {
  bandwidth_priority: z.literal([-1, 0, 1]).optional(),
  download_limit: argument.speed.optional(),
  download_limited: argument.flag.optional(),
  honors_session_limits: argument.flag.optional(),
  peer_limit: z.number().int().min(1).max(1_000).optional(),
  seed_idle_limit: argument.amount.optional(),
  seed_idle_mode: mode.optional(),
  seed_ratio_limit: argument.amount.optional(),
  seed_ratio_mode: mode.optional(),
  upload_limit: argument.speed.optional(),
  upload_limited: argument.flag.optional(),
} as const

export type AskedLimits = z.infer<z.ZodObject<typeof LIMIT_ARGUMENTS>>

/** What `set-limits` has to change; `null` when nothing. */
export function limitsAsked(
  asked: AskedLimits,
  torrent: TorrentSummary,
  remembered: Remembered,
): Partial<TorrentLimits> | null {
  const { id, limits } = torrent
  const rate = (
    which: 'down' | 'up',
    value?: number,
    isOn?: boolean,
  ): number | null | undefined => {
    const now = limits[which]
    const kb = now === null ? null : Math.round(now / BYTES_PER_KB)
    const settled = remembered.settle(id, which, kb, { value, isOn })
    return typeof settled === 'number' ? settled * BYTES_PER_KB : settled
  }
  const goal = (
    what: 'ratio' | 'idle',
    now: number | 'never' | null,
    value?: number,
    asMode?: 0 | 1 | 2,
  ): number | 'never' | null | undefined => {
    if (value !== undefined) remembered.set(id, what, value)
    if (asMode === 0) return null
    if (asMode === 2) return 'never'
    if (asMode === 1) return value ?? (typeof now === 'number' ? now : remembered.get(id, what))
    return value !== undefined && typeof now === 'number' ? value : undefined
  }
  const idleNow = typeof limits.idleMs === 'number' ? limits.idleMs / MS_PER_MINUTE : limits.idleMs
  const idle = goal('idle', idleNow, asked.seed_idle_limit, asked.seed_idle_mode)
  const wanted: Partial<TorrentLimits> = defined({
    down: rate('down', asked.download_limit, asked.download_limited),
    up: rate('up', asked.upload_limit, asked.upload_limited),
    ratio: goal('ratio', limits.ratio, asked.seed_ratio_limit, asked.seed_ratio_mode),
    idleMs: typeof idle === 'number' ? idle * MS_PER_MINUTE : idle,
    maxPeers: asked.peer_limit,
    ignoresSession:
      asked.honors_session_limits === undefined ? undefined : !asked.honors_session_limits,
    priority: priorityOf(asked.bandwidth_priority),
  })
  return Object.keys(wanted).length === 0 ? null : wanted
}

export function priorityOf(number: -1 | 0 | 1 | undefined): TorrentLimits['priority'] | undefined {
  if (number === undefined) return undefined
  if (number === PRIORITY.normal) return 'normal'
  return number === PRIORITY.low ? 'low' : 'high'
}
