/**
 * What may still go over the line now: the torrent's own limit and the session's above it.
 */
import type { Millis } from '@pigeon/protocol/machine'
import type { TokenBucket } from '../rate.ts'

export class Budget {
  readonly #buckets: readonly TokenBucket[]
  readonly #nowMs: () => Millis

  constructor(buckets: readonly TokenBucket[], nowMs: () => Millis) {
    this.#buckets = buckets
    this.#nowMs = nowMs
  }

  /** Whether every limit has something left. */
  isOpen(): boolean {
    return this.#buckets.every(
      (bucket) => bucket.limit === null || bucket.available(this.#nowMs()) > 0,
    )
  }

  /** Whether a limit is 0: nothing may pass until it is changed. */
  isBlocked(): boolean {
    return this.#buckets.some((bucket) => bucket.limit === 0)
  }

  /** Takes from all; what goes past a limit is paid back before more is granted. */
  take(lengthBytes: number): void {
    for (const bucket of this.#buckets)
      if (bucket.limit !== null) bucket.spend(lengthBytes, this.#nowMs())
  }
}
