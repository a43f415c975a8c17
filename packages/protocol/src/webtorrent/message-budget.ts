/** How much may come at once and in the long run: a bucket that fills with time. */
import type { Millis } from '../machine.ts'

export class MessageBudget {
  readonly #burst: number
  readonly #perSecond: number
  #left: number
  #refilledMs: Millis = Number.NEGATIVE_INFINITY

  /** `burst` at once, `perSecond` in the long run. */
  constructor(burst: number, perSecond: number) {
    this.#burst = burst
    this.#perSecond = perSecond
    this.#left = burst
  }

  /** Whether the bucket is full again. */
  isFull(nowMs: Millis): boolean {
    return this.#now(nowMs) >= this.#burst
  }

  /** Fills the bucket, as for someone new. */
  refill(nowMs: Millis): void {
    this.#left = this.#burst
    this.#refilledMs = nowMs
  }

  /** Takes `count` out; `false`, and takes nothing, where there is less. */
  spend(nowMs: Millis, count = 1): boolean {
    this.#left = this.#now(nowMs)
    this.#refilledMs = nowMs
    if (this.#left < count) return false
    this.#left -= count
    return true
  }

  #now(nowMs: Millis): number {
    const seconds = Math.max(0, nowMs - this.#refilledMs) / 1000
    return Math.min(this.#burst, this.#left + seconds * this.#perSecond)
  }
}
