/**
 * How fast bytes go by, and how fast they may. All sums are whole numbers, so nothing drifts however long a session runs.
 */
import type { Millis } from '@pigeon/protocol/machine'

const BUCKET_MS = 500
const BUCKET_COUNT = 10
/** A rate is never judged on less than this, or one early block would look like a flood. */
const SHORTEST_SPAN_MS = 1000

/** Bytes a second over the last five seconds. */
export class RateMeter {
  readonly #buckets: Float64Array = new Float64Array(BUCKET_COUNT)
  #head = 0
  #sum = 0
  #total = 0
  #sinceMs = 0
  #isIdle = true

  /** All bytes ever counted. */
  get totalBytes(): number {
    return this.#total
  }

  add(bytes: number, nowMs: Millis): void {
    this.#advance(nowMs)
    if (this.#isIdle) {
      this.#isIdle = false
      this.#sinceMs = nowMs
    }
    const slot = this.#head % BUCKET_COUNT
    this.#buckets[slot] = (this.#buckets[slot] ?? 0) + bytes
    this.#sum += bytes
    this.#total += bytes
  }

  /** Whole bytes a second; 0 after five seconds of silence. */
  rate(nowMs: Millis): number {
    this.#advance(nowMs)
    if (this.#sum === 0) {
      this.#isIdle = true
      return 0
    }
    const windowMs = (BUCKET_COUNT - 1) * BUCKET_MS + Math.max(0, nowMs - this.#head * BUCKET_MS)
    const spanMs = Math.max(SHORTEST_SPAN_MS, Math.min(windowMs, nowMs - this.#sinceMs))
    return Math.round((this.#sum * 1000) / spanMs)
  }

  #advance(nowMs: Millis): void {
    const now = Math.floor(nowMs / BUCKET_MS)
    if (now <= this.#head) return
    if (now - this.#head >= BUCKET_COUNT) {
      this.#buckets.fill(0)
      this.#sum = 0
    } else {
      for (let head = this.#head + 1; head <= now; head += 1) {
        const slot = head % BUCKET_COUNT
        this.#sum -= this.#buckets[slot] ?? 0
        this.#buckets[slot] = 0
      }
    }
    this.#head = now
    if (this.#sum === 0) this.#isIdle = true
  }
}

const NEVER = Number.NEGATIVE_INFINITY
/** So that even the slowest limit lets two whole blocks through at a time. */
const SMALLEST_BURST_BYTES = 32 * 1024
/** Debt beyond this many seconds of the limit is forgiven, so that lowering a limit never silences a session for long. */
const LONGEST_DEBT_S = 30

/** Who is served first of those that share a bucket: 0 before 1 before 2. */
export type Rank = 0 | 1 | 2

/** A rank that took something within this time still wants more. */
const CONTEST_MS = 2_000
/** While others come first, what is left of a full bucket before the rest get anything. */
const RESERVED_SHARE = 0.5

/** A rate limit: grants bytes up to so many a second, with a burst of one second. A limit of `null` grants all. */
export class TokenBucket {
  #limit: number | null
  /** In thousandths of a byte, so that a limit times whole milliseconds stays whole. */
  #credit = 0
  #atMs: number
  /** When each rank last took something. */
  readonly #takenMs: [number, number, number] = [NEVER, NEVER, NEVER]

  /** `limit` in whole bytes a second; 0 grants nothing. */
  constructor(limit: number | null, nowMs: Millis) {
    this.#limit = limit === null ? null : Math.floor(limit)
    this.#atMs = Math.floor(nowMs)
    if (this.#limit !== null) this.#credit = this.#capacity(this.#limit)
  }

  get limit(): number | null {
    return this.#limit
  }

  setLimit(limit: number | null, nowMs: Millis): void {
    this.#refill(nowMs)
    const before = this.#limit
    this.#limit = limit === null ? null : Math.floor(limit)
    if (this.#limit === null) return
    const capacity = this.#capacity(this.#limit)
    this.#credit = before === null ? capacity : Math.min(this.#credit, capacity)
  }

  /** Bytes that may pass now; infinite without a limit, never below 0. */
  available(nowMs: Millis): number {
    this.#refill(nowMs)
    return this.#limit === null
      ? Number.POSITIVE_INFINITY
      : Math.max(0, Math.floor(this.#credit / 1000))
  }

  /** Whether anything may pass: for a rank behind another that is at it, only of what that one leaves. */
  isOpenFor(rank: Rank, nowMs: Millis): boolean {
    if (this.#limit === null) return true
    const isContested = this.#takenMs.slice(0, rank).some((atMs) => nowMs - atMs < CONTEST_MS)
    const keptBytes = isContested ? (this.#capacity(this.#limit) / 1000) * RESERVED_SHARE : 0
    return this.available(nowMs) > keptBytes
  }

  /** Counts bytes that passed. They may exceed what was available: the debt is paid before anything else is granted. */
  spend(bytes: number, nowMs: Millis, rank: Rank = 1): void {
    this.#refill(nowMs)
    this.#takenMs[rank] = nowMs
    if (this.#limit === null) return
    const lowest = -Math.max(this.#limit * LONGEST_DEBT_S, SMALLEST_BURST_BYTES) * 1000
    this.#credit = Math.max(lowest, this.#credit - bytes * 1000)
  }

  /** Milliseconds until `bytes` (at most a full burst of them) are available; `null` when the limit is 0 and never. */
  waitMs(bytes: number, nowMs: Millis): Millis | null {
    this.#refill(nowMs)
    if (this.#limit === null) return 0
    if (this.#limit === 0) return null
    const missing = Math.min(bytes * 1000, this.#capacity(this.#limit)) - this.#credit
    return missing <= 0 ? 0 : Math.ceil(missing / this.#limit)
  }

  #capacity(limit: number): number {
    return limit === 0 ? 0 : Math.max(limit, SMALLEST_BURST_BYTES) * 1000
  }

  #refill(nowMs: Millis): void {
    const now = Math.floor(nowMs)
    const elapsedMs = now - this.#atMs
    if (elapsedMs <= 0) return
    this.#atMs = now
    if (this.#limit === null) return
    this.#credit = Math.min(this.#capacity(this.#limit), this.#credit + elapsedMs * this.#limit)
  }
}

/** Takes up to `bytes` from all the buckets at once (such as the torrent's and the session's); answers how many. */
export function takeTokens(buckets: readonly TokenBucket[], bytes: number, nowMs: Millis): number {
  let granted = bytes
  for (const bucket of buckets) granted = Math.min(granted, bucket.available(nowMs))
  if (granted > 0) for (const bucket of buckets) bucket.spend(granted, nowMs)
  return granted
}

/** Milliseconds until all the buckets have `bytes`; `null` when one never will. */
export function tokenWaitMs(
  buckets: readonly TokenBucket[],
  bytes: number,
  nowMs: Millis,
): Millis | null {
  let longest = 0
  for (const bucket of buckets) {
    const wait = bucket.waitMs(bytes, nowMs)
    if (wait === null) return null
    longest = Math.max(longest, wait)
  }
  return longest
}
