/**
 * What counts in a session now: the configuration, over it what was changed at run time, the categories, and the
 * alternative limits with their schedule. It holds the session's two buckets and keeps them in line.
 */
import type { Millis } from '@pigeon/protocol/machine'
import { TokenBucket } from '../rate.ts'
import type { EngineSettings } from '../settings.ts'
import { CategoryBook } from './categories.ts'
import type { AdjustableKey, SavedSettings, SavedTraffic, SessionChange } from './saved-settings.ts'
import { ADJUSTABLE, encodeSavedSettings } from './saved-settings.ts'
import type { LocalTime } from '../schedule.ts'
import { isScheduled } from '../schedule.ts'

/** Settings that only count for a session that is started with them. */
export const RESTART_KEYS = ['listen', 'clientName'] as const
export type RestartKey = (typeof RESTART_KEYS)[number]

type Live = { -readonly [K in keyof EngineSettings]: EngineSettings[K] }

export class Preferences {
  readonly downBucket: TokenBucket
  readonly upBucket: TokenBucket
  readonly categories: CategoryBook = new CategoryBook()
  /** Everyone reads from this one object when it matters, so that a change counts at once. */
  readonly #live: Live
  /** What was changed at run time and is kept. */
  #kept: SessionChange = {}
  #wasScheduled: boolean | null = null

  constructor(settings: EngineSettings, nowMs: Millis) {
    this.#live = { ...settings }
    this.downBucket = new TokenBucket(settings.downLimit, nowMs)
    this.upBucket = new TokenBucket(settings.upLimit, nowMs)
    this.#setBuckets(nowMs)
  }

  get settings(): EngineSettings {
    return this.#live
  }

  /** Takes up what the last run saved, where the configuration is silent. */
  load(saved: SavedSettings, local: LocalTime, nowMs: Millis): void {
    this.#kept = saved.change
    this.#assign(saved.change, (key) => !this.#live.configured.includes(key))
    for (const category of saved.categories) this.categories.save(category, nowMs)
    this.#wasScheduled = saved.wasScheduled
    this.followSchedule(local, nowMs)
    this.#setBuckets(nowMs)
  }

  /** A user's wish. What the configuration sets comes back with the next start. */
  change(change: SessionChange, local: LocalTime, nowMs: Millis): void {
    this.#kept = { ...this.#kept, ...kept(change, this.#live.configured) }
    this.#assign(change, () => true)
    if (change.altSchedule !== undefined) {
      this.#wasScheduled = null
      this.followSchedule(local, nowMs)
    }
    // The user's word counts, whatever a new schedule says of this moment.
    const { isAlternativeOn = this.#live.isAlternativeOn } = change
    if (isAlternativeOn !== this.#live.isAlternativeOn) {
      this.#live.isAlternativeOn = isAlternativeOn
      this.#kept = { ...this.#kept, isAlternativeOn }
    }
    this.#setBuckets(nowMs)
  }

  /** A new configuration; answers the keys whose change counts only after a restart. */
  apply(next: Partial<EngineSettings>, local: LocalTime, nowMs: Millis): readonly RestartKey[] {
    const configured = next.configured ?? this.#live.configured
    const late = RESTART_KEYS.filter(
      (key) => next[key] !== undefined && !isSame(next[key], this.#live[key]),
    )
    const { listen: _, clientName: __, ...rest } = next
    const isSilent = (key: AdjustableKey): boolean => !configured.includes(key)
    const schedule = this.#live.altSchedule
    const { isAlternativeOn } = this.#live
    Object.assign(this.#live, rest)
    this.#assign(this.#kept, isSilent)
    this.#live.isAlternativeOn = isAlternativeOn
    if (!isSame(schedule, this.#live.altSchedule)) this.#wasScheduled = null
    this.followSchedule(local, nowMs)
    this.#setBuckets(nowMs)
    return late
  }

  /**
   * Switches the alternative limits where the schedule begins or ends, and only there: in between the user's word
   * counts. Answers whether it switched.
   */
  followSchedule(local: LocalTime, nowMs: Millis): boolean {
    const { altSchedule } = this.#live
    const is = altSchedule === null ? null : isScheduled(altSchedule, local)
    const isEdge = is !== null && is !== this.#wasScheduled
    this.#wasScheduled = is
    if (!isEdge || is === this.#live.isAlternativeOn) return false
    this.#live.isAlternativeOn = is
    this.#kept = { ...this.#kept, isAlternativeOn: is }
    this.#setBuckets(nowMs)
    return true
  }

  encode(traffic: SavedTraffic): string {
    const categories = this.categories.list
    const wasScheduled = this.#wasScheduled
    return encodeSavedSettings({ change: this.#kept, categories, traffic, wasScheduled })
  }

  #assign(change: SessionChange, isWanted: (key: AdjustableKey) => boolean): void {
    for (const key of ADJUSTABLE)
      if (change[key] !== undefined && isWanted(key))
        Object.assign(this.#live, { [key]: change[key] })
  }

  #setBuckets(nowMs: Millis): void {
    const { isAlternativeOn, altDownLimit, altUpLimit, downLimit, upLimit } = this.#live
    this.downBucket.setLimit(isAlternativeOn ? altDownLimit : downLimit, nowMs)
    this.upBucket.setLimit(isAlternativeOn ? altUpLimit : upLimit, nowMs)
  }
}

/** A change of what the configuration sets is not kept: it would come back when the configuration falls silent. */
function kept(change: SessionChange, configured: readonly string[]): SessionChange {
  const entries = ADJUSTABLE.filter(
    (key) => change[key] !== undefined && !configured.includes(key),
  ).map((key) => [key, change[key]])
  return Object.fromEntries(entries)
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
