/**
 * Queries of ours that wait for an answer. An answer counts only with the four bytes of chance that its query had, and
 * only from where the query went.
 */
import type { Millis } from '../machine.ts'
import { isSamePlace, type Place } from './place.ts'

/** After this a lookup goes on without the node; its answer still counts. */
export const LATE_MS: Millis = 1_000
/** After this the node failed. */
export const TIMEOUT_MS: Millis = 8_000
export const TRANSACTION_ID_BYTES = 4

export interface Transaction<Purpose> {
  readonly to: Place
  readonly purpose: Purpose
  readonly sentMs: Millis
  isLate: boolean
}

export class Transactions<Purpose> {
  readonly #randomBytes: (lengthBytes: number) => Uint8Array
  readonly #limit: number
  /** In the order of sending, which is the order of deadlines. */
  readonly #open = new Map<number, Transaction<Purpose>>()

  constructor(randomBytes: (lengthBytes: number) => Uint8Array, limit: number) {
    this.#randomBytes = randomBytes
    this.#limit = limit
  }

  get size(): number {
    return this.#open.size
  }

  get isFull(): boolean {
    return this.#open.size >= this.#limit
  }

  /** Answers the transaction id to send. */
  begin(to: Place, purpose: Purpose, nowMs: Millis): Uint8Array {
    let t = this.#randomBytes(TRANSACTION_ID_BYTES)
    while (this.#open.has(keyOf(t))) t = this.#randomBytes(TRANSACTION_ID_BYTES)
    this.#open.set(keyOf(t), { to, purpose, sentMs: nowMs, isLate: false })
    return t
  }

  /** The query that this answers, which is over now; `null` for what nobody asked. */
  take(t: Uint8Array, from: Place): Transaction<Purpose> | null {
    if (t.length !== TRANSACTION_ID_BYTES) return null
    const open = this.#open.get(keyOf(t))
    if (open === undefined || !isSamePlace(open.to, from)) return null
    this.#open.delete(keyOf(t))
    return open
  }

  /** Those that became late, and those that are over, in order. */
  expire(nowMs: Millis): {
    readonly late: readonly Transaction<Purpose>[]
    readonly dead: readonly Transaction<Purpose>[]
  } {
    const late: Transaction<Purpose>[] = []
    const dead: Transaction<Purpose>[] = []
    for (const [key, open] of this.#open) {
      if (nowMs - open.sentMs >= TIMEOUT_MS) {
        this.#open.delete(key)
        dead.push(open)
      } else if (nowMs - open.sentMs >= LATE_MS && !open.isLate) {
        open.isLate = true
        late.push(open)
      } else if (nowMs - open.sentMs < LATE_MS) break
    }
    return { late, dead }
  }

  get deadlineMs(): Millis | null {
    let earliest: Millis | null = null
    for (const open of this.#open.values()) {
      const dueMs = open.sentMs + (open.isLate ? TIMEOUT_MS : LATE_MS)
      if (earliest === null || dueMs < earliest) earliest = dueMs
      // All behind the first that is not late yet are due after it.
      if (!open.isLate) break
    }
    return earliest
  }
}

function keyOf(t: Uint8Array): number {
  return (((t[0] ?? 0) << 24) | ((t[1] ?? 0) << 16) | ((t[2] ?? 0) << 8) | (t[3] ?? 0)) >>> 0
}
