/**
 * Slows down who sends wrong tokens, by address. It never locks anybody out: the right token is let in at any time, for
 * with 256 bits of chance nothing can be guessed, and a program that runs astray must not keep out the owner who shares
 * its address. What it does is keep guesses from costing much, and from filling a log.
 */
import { isLoopback } from './harden-server.ts'

/** Failures of one address before it has to wait. */
export const FREE_FAILURES = 5
export const FIRST_WAIT_MS = 1_000
export const LAST_WAIT_MS = 600_000
/** Addresses that are remembered; the one that failed longest ago goes first. */
export const ADDRESSES = 1_024

interface Failures {
  readonly count: number
  readonly waitUntilMs: number
}

export class FailureBackoff {
  readonly #failures = new Map<string, Failures>()

  /** For how long no failure of this address is looked at; 0 when it may fail now. */
  waitMs(address: string | undefined, nowMs: number): number {
    const failures = this.#failures.get(hostKeyOf(address))
    return failures === undefined ? 0 : Math.max(0, failures.waitUntilMs - nowMs)
  }

  /** After ten quiet minutes beyond its wait, an address begins anew. */
  failed(address: string | undefined, nowMs: number): void {
    const key = hostKeyOf(address)
    const before = this.#failures.get(key)
    const isOver = before !== undefined && nowMs - before.waitUntilMs > LAST_WAIT_MS
    const count = before === undefined || isOver ? 1 : before.count + 1
    const doubled = FIRST_WAIT_MS * 2 ** Math.min(count - FREE_FAILURES, 20)
    const waitMs = count < FREE_FAILURES ? 0 : Math.min(doubled, LAST_WAIT_MS)
    this.#failures.delete(key)
    this.#failures.set(key, { count, waitUntilMs: nowMs + waitMs })
    if (this.#failures.size > ADDRESSES) {
      const [oldest] = this.#failures.keys()
      if (oldest !== undefined) this.#failures.delete(oldest)
    }
  }
}

/** What stands for one host, which can have a whole /64 of IPv6, and all of 127.0.0.0/8. */
export function hostKeyOf(address: string | undefined): string {
  if (address === undefined) return 'local'
  if (isLoopback(address)) return 'loopback'
  if (!address.includes(':') || address.startsWith('::ffff:')) return address
  return firstGroups(address.split('%')[0] ?? address)
}

/** The first four of the eight groups, as numbers. */
function firstGroups(address: string): string {
  const [head = '', tail] = address.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length)
  return [...before, ...Array<string>(zeros).fill('0'), ...after].slice(0, 4).join(':')
}
