import type { Millis } from '../machine.ts'
import { DelayHistory } from './delay-history.ts'
import { microsBetween, microsOf } from './wrapping.ts'

/** Clocks that run apart are followed in steps of at most this. */
const MAX_DRIFT_MICROS = 10_000

/**
 * The delay of the remote's packets, by both clocks: told to the remote with our next packet, and watched for clocks that
 * run apart.
 *
 * Spec: BEP 29, "timestamp_difference_microseconds"
 */
export class ReplyDelay {
  /** Of the last packet; 0 until there was one. */
  micros = 0
  readonly #history = new DelayHistory()

  /**
   * Takes the timestamp of a packet, 0 for none. Answers the microseconds by which the remote's clock was found to gain
   * on ours: so much less is what we take for a growing delay of our own packets.
   */
  measure(timestampMicros: number, nowMs: Millis): number {
    if (timestampMicros === 0) return 0
    // "subtracting timestamp_microseconds from the hosts current time, in microseconds"
    this.micros = (microsOf(nowMs) - timestampMicros) >>> 0
    const before = this.#history.baseMicros
    this.#history.add(this.micros, nowMs)
    const base = this.#history.baseMicros
    if (before === null || base === null) return 0
    const gainedMicros = microsBetween(base, before)
    return gainedMicros > 0 && gainedMicros <= MAX_DRIFT_MICROS ? gainedMicros : 0
  }
}
