/** The last messages of a peer's wire, in a ring: a connection may talk for days, the memory for it stays the same. */
import type { Problem } from '@pigeon/control/contract'
import type { WireEvent, WireMessage } from '@pigeon/control/network'

/** Messages that are kept; older ones make room. */
export const KEPT_MESSAGES = 2_000

export type WireEntry =
  | { readonly kind: 'message'; readonly message: WireMessage }
  /** So many were left out here to keep within the rate. */
  | { readonly kind: 'gap'; readonly leftOut: number }

export class WireLog {
  /** The oldest first, from `#first` on; round. */
  readonly #ring: WireEntry[] = []
  #first = 0
  /** Of all that came. */
  count = 0
  leftOut = 0
  /** What made room for later ones. */
  dropped = 0
  /** `null` while the connection is there. */
  ended: { readonly problem: Problem | null } | null = null

  take(event: WireEvent): void {
    if (event.kind === 'ended') {
      this.ended = { problem: event.problem }
      return
    }
    if (event.leftOut > 0) {
      this.leftOut += event.leftOut
      this.#push({ kind: 'gap', leftOut: event.leftOut })
    }
    this.count += event.messages.length
    for (const message of event.messages) this.#push({ kind: 'message', message })
  }

  /** The oldest first. */
  entries(): readonly WireEntry[] {
    return [...this.#ring.slice(this.#first), ...this.#ring.slice(0, this.#first)]
  }

  #push(entry: WireEntry): void {
    if (this.#ring.length < KEPT_MESSAGES) {
      this.#ring.push(entry)
      return
    }
    this.#ring[this.#first] = entry
    this.#first = (this.#first + 1) % KEPT_MESSAGES
    this.dropped += 1
  }
}
