/**
 * What may still go over the line now: the torrent's own limit, and above it what it shares with others.
 */
import type { Millis } from '@pigeon/protocol/machine'
import type { Rank, TokenBucket } from '../rate.ts'

export class Budget {
  readonly #nowMs: () => Millis
  #buckets: readonly TokenBucket[]
  #rank: Rank

  constructor(buckets: readonly TokenBucket[], nowMs: () => Millis, rank: Rank = 1) {
    this.#buckets = buckets
    this.#nowMs = nowMs
    this.#rank = rank
  }

  /** Other limits count from now on. */
  set(buckets: readonly TokenBucket[], rank: Rank): void {
    this.#buckets = buckets
    this.#rank = rank
  }

  /** Whether every limit has something left for us. */
  isOpen(): boolean {
    return this.#buckets.every(
      (bucket) => bucket.limit === null || bucket.isOpenFor(this.#rank, this.#nowMs()),
    )
  }

  /** Whether a limit is 0: nothing may pass until it is changed. */
  isBlocked(): boolean {
    return this.#buckets.some((bucket) => bucket.limit === 0)
  }

  /** Takes from all; what goes past a limit is paid back before more is granted. */
  take(lengthBytes: number): void {
    for (const bucket of this.#buckets)
      if (bucket.limit !== null) bucket.spend(lengthBytes, this.#nowMs(), this.#rank)
  }
}
