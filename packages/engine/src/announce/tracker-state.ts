/** What one torrent knows about one of its trackers, and when that one may be asked next. Pure. */
import type { Millis, RandomInt } from '@pigeon/protocol/machine'
import { parseTrackerUrl, type TrackerUrl } from '@pigeon/protocol/tracker-url'
import { TRACKER_LIMITS } from './settings.ts'
import type { GoodAnswer } from './tracker-access.ts'

/** A tracker as it is to be shown. */
export interface TrackerStatus {
  /** As the torrent gives it: it may hold a passkey. */
  readonly url: string
  /** From 0. */
  readonly tier: number
  readonly state: 'idle' | 'announcing' | 'working' | 'failing' | 'disabled'
  /** What it said last, or what went wrong; raw text of the tracker, at most 512 characters, to be made fit to show. */
  readonly message: string
  readonly seeds: number | null
  readonly leechers: number | null
  /** When it is asked next, on the monotonic clock; `null` when nothing is planned. */
  readonly nextAnnounceMs: Millis | null
  /** Wall time. */
  readonly lastAnnounceAtMs: number | null
}

/** What a tracker was told under one of the torrent's names. */
export interface NameState {
  /** It counts us as a peer, so that the next announce is no `started`. */
  hasStarted: boolean
  /** A `started` is on its way or arrived: it must hear `stopped`. */
  mayKnowUs: boolean
  /** To be echoed. */
  trackerId: Uint8Array | null
}

export interface TrackerState {
  readonly url: string
  /** `null` for one that can never be asked. */
  readonly parsed: TrackerUrl | null
  readonly names: readonly NameState[]
  tier: number
  state: TrackerStatus['state']
  message: string
  seeds: number | null
  leechers: number | null
  /** Failures in a row. */
  failures: number
  /** It is not asked before this, unless an event demands it. */
  notBeforeMs: Millis
  lastAskedMs: Millis | null
  /** The same in wall time, to be shown. */
  lastAskedAtMs: number | null
  lastScrapedMs: Millis | null
  /** The tracker's own; how early a user may ask again. */
  minIntervalMs: Millis
}

export function newTrackerState(url: string, tier: number, nameCount: number): TrackerState {
  const result = parseTrackerUrl(url)
  return {
    url,
    parsed: result.ok ? result.tracker : null,
    names: Array.from({ length: nameCount }, newNameState),
    tier,
    state: result.ok ? 'idle' : 'disabled',
    message: result.ok ? '' : result.fault.detail,
    seeds: null,
    leechers: null,
    failures: 0,
    notBeforeMs: Number.NEGATIVE_INFINITY,
    lastAskedMs: null,
    lastAskedAtMs: null,
    lastScrapedMs: null,
    minIntervalMs: 0,
  }
}

export function newNameState(): NameState {
  return { hasStarted: false, mayKnowUs: false, trackerId: null }
}

/** When to announce again after a good answer, and what to say about odd ones. */
export interface Plan {
  readonly intervalMs: Millis
  /** How early a user may ask for more. */
  readonly minIntervalMs: Millis
  /** Ours; empty when nothing is odd. */
  readonly remark: string
}

/** Never faster than the tracker and the settings say, never slower than `maxIntervalMs`. */
export function planAfter(answer: GoodAnswer, floorMs: Millis): Plan {
  const { defaultIntervalMs, maxIntervalMs } = TRACKER_LIMITS
  const ownMinMs = Math.min(answer.minIntervalMs ?? 0, maxIntervalMs)
  const said = answer.intervalMs
  const intervalMs = Math.max(Math.min(said ?? defaultIntervalMs, maxIntervalMs), ownMinMs, floorMs)
  const minIntervalMs = answer.minIntervalMs === null ? intervalMs : Math.max(ownMinMs, floorMs)
  let remark = ''
  if (said === null) {
    remark = `The tracker gave no usable interval; asking again in ${minutes(intervalMs)}.`
  } else if (said > maxIntervalMs) {
    remark = `The tracker asked for an interval beyond reason; asking again in ${minutes(intervalMs)}.`
  }
  return { intervalMs, minIntervalMs, remark }
}

/** 30 s, doubled with each failure up to an hour, and up to a quarter more so that torrents do not ask in step. */
export function retryDelayMs(failures: number, chance: RandomInt): Millis {
  const { firstRetryMs, lastRetryMs } = TRACKER_LIMITS
  const doublings = Math.min(Math.max(failures - 1, 0), 16)
  const baseMs = Math.min(firstRetryMs * 2 ** doublings, lastRetryMs)
  return Math.min(baseMs + chance(Math.floor(baseMs / 4) + 1), lastRetryMs)
}

function minutes(ms: Millis): string {
  const count = Math.max(1, Math.round(ms / 60_000))
  return count === 1 ? '1 minute' : `${count} minutes`
}
