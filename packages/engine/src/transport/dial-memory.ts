/** What is known of how peers are reached: from earlier dials, and from what others say of them (BEP 11 flags). */
import type { Millis } from '@pigeon/protocol/machine'
import type { Address } from '../ports.ts'

export interface PeerHabits {
  /** Over which it was reached last, and when. */
  readonly transport: 'tcp' | 'utp' | null
  readonly openedMs: Millis
  /** Another peer says so. */
  readonly speaksUtp: boolean
  /** Until then it is dialled in the clear at once, because an encrypted beginning failed. */
  readonly plainUntilMs: Millis
}

/** Peers that are remembered; the one that was touched longest ago is forgotten first. */
export const REMEMBERED_HABITS = 4_096

const UNKNOWN: PeerHabits = {
  transport: null,
  openedMs: Number.NEGATIVE_INFINITY,
  speaksUtp: false,
  plainUntilMs: Number.NEGATIVE_INFINITY,
}

export class DialMemory {
  readonly #habits = new Map<string, PeerHabits>()

  get size(): number {
    return this.#habits.size
  }

  of(address: Address): PeerHabits {
    return this.#habits.get(keyOf(address)) ?? UNKNOWN
  }

  learn(address: Address, habits: Partial<PeerHabits>): void {
    const key = keyOf(address)
    const before = this.#habits.get(key) ?? UNKNOWN
    this.#habits.delete(key)
    this.#habits.set(key, { ...before, ...habits })
    if (this.#habits.size <= REMEMBERED_HABITS) return
    const [oldest] = this.#habits.keys()
    if (oldest !== undefined) this.#habits.delete(oldest)
  }
}

function keyOf({ host, port }: Address): string {
  return `${host} ${port}`
}
