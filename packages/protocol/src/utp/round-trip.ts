/**
 * How long an answer takes, and from it how long to wait for one.
 *
 * Spec: BEP 29, "timeouts"
 */
import type { Millis } from '../machine.ts'

/** "The initial timeout is set to 1000 milliseconds". */
export const FIRST_TIMEOUT_MS = 1000
/** "the minimum timeout for a packet is 1/2 second". */
export const MIN_TIMEOUT_MS = 500
/** Doubling ends here: one packet in so long is no burden, and a line with heavy loss must be tried often enough. */
export const MAX_TIMEOUT_MS = 5_000

export class RoundTrip {
  /** `null` until the first sample. */
  rttMs: Millis | null = null
  #varianceMs: Millis = 0
  #doublings = 0

  /** Of a packet that was sent only once: of others nobody knows which one was acked. */
  sample(rttMs: Millis): void {
    if (this.rttMs === null) {
      this.rttMs = rttMs
      this.#varianceMs = rttMs / 2
      return
    }
    this.#varianceMs += (Math.abs(this.rttMs - rttMs) - this.#varianceMs) / 4
    this.rttMs += (rttMs - this.rttMs) / 8
  }

  get timeoutMs(): Millis {
    const plain =
      this.rttMs === null
        ? FIRST_TIMEOUT_MS
        : Math.max(this.rttMs + this.#varianceMs * 4, MIN_TIMEOUT_MS)
    return Math.min(plain * 2 ** this.#doublings, Math.max(plain, MAX_TIMEOUT_MS))
  }

  /** When an answer is late enough to ask for it; infinite while nobody knows what is late. */
  get nudgeMs(): Millis {
    if (this.rttMs === null) return Number.POSITIVE_INFINITY
    return Math.max(2 * this.rttMs, this.rttMs + 4 * this.#varianceMs, MIN_NUDGE_MS)
  }

  /** "For every packet consecutive subsequent packet that times out, the timeout is doubled." */
  timedOut(): void {
    this.#doublings = Math.min(this.#doublings + 1, MAX_DOUBLINGS)
  }

  /** Something new was acked. */
  progressed(): void {
    this.#doublings = 0
  }
}

/** Some ack only what a batch of datagrams brought. */
const MIN_NUDGE_MS: Millis = 20
const MAX_DOUBLINGS = 10
