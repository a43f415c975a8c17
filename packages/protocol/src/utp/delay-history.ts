/**
 * The least delay of the last minutes, against which each new delay is held: what is above it is time spent in queues.
 * Delays are differences of two clocks that nobody set alike, so only their changes mean anything.
 *
 * Spec: BEP 29, "congestion control"; RFC 6817, section 3.4.2 (a base delay per minute)
 */
import type { Millis } from '../machine.ts'
import { microsBetween } from './wrapping.ts'

/** Minutes that are remembered. */
export const BASE_DELAY_MINUTES = 10
/** The current delay is the least of so many samples: one slow packet is no queue. */
const CURRENT_SAMPLES = 4

export class DelayHistory {
  /** The least delay of each minute, the newest last. */
  #minutes: number[] = []
  #recent: number[] = []
  #minuteEndsMs: Millis = 0
  /** Microseconds modulo 2^32; `null` until there was a sample. */
  baseMicros: number | null = null

  add(sampleMicros: number, nowMs: Millis): void {
    const newest = this.#minutes.length - 1
    const least = this.#minutes[newest]
    if (least === undefined || nowMs >= this.#minuteEndsMs) {
      this.#minuteEndsMs = nowMs + 60_000
      this.#minutes.push(sampleMicros)
      if (this.#minutes.length > BASE_DELAY_MINUTES) this.#minutes.shift()
      this.#findBase()
    } else if (microsBetween(least, sampleMicros) < 0) {
      this.#minutes[newest] = sampleMicros
      this.#findBase()
    }
    this.#recent.push(sampleMicros)
    if (this.#recent.length > CURRENT_SAMPLES) this.#recent.shift()
  }

  /** Time spent in queues, by the last samples; `null` without any. */
  get queueMicros(): number | null {
    const base = this.baseMicros
    if (base === null) return null
    let least = Number.POSITIVE_INFINITY
    for (const sample of this.#recent) least = Math.min(least, microsBetween(base, sample))
    return Math.max(0, least)
  }

  /** Moves the past by so many microseconds, when a clock is found to run away. */
  shift(micros: number): void {
    this.#minutes = this.#minutes.map((minute) => (minute + micros) >>> 0)
    this.#findBase()
  }

  #findBase(): void {
    let base = this.#minutes[0] ?? null
    for (const minute of this.#minutes) {
      if (base !== null && microsBetween(base, minute) < 0) base = minute
    }
    this.baseMicros = base
  }
}
