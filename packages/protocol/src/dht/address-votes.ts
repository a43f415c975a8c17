/**
 * Which address others see of us. One node can lie; three from different networks, with no address seen by more, are
 * believed.
 *
 * Spec: BEP 42, "Bootstrapping" ("Since a single node can not be trusted, there should be some mechanism")
 */
import type { Place } from './place.ts'

/** Voters from different /16 (IPv6: /32) that must agree. */
export const VOTES_NEEDED = 3
/** The votes that are remembered; the oldest goes first. */
export const MAX_VOTES = 64

export class AddressVotes {
  /** By voter's network: the compact address without port, as text. */
  readonly #votes = new Map<string, { readonly key: string; readonly ip: Uint8Array }>()

  /** Counts a vote; answers the address that is believed, if there is one. */
  vote(voter: Place, ip: Uint8Array): Uint8Array | null {
    const key = ip.join('.')
    this.#votes.delete(voter.farBlock)
    this.#votes.set(voter.farBlock, { key, ip: ip.slice() })
    for (const [oldest] of this.#votes) {
      if (this.#votes.size <= MAX_VOTES) break
      this.#votes.delete(oldest)
    }
    return this.#believed()
  }

  #believed(): Uint8Array | null {
    const counts = new Map<string, number>()
    for (const { key } of this.#votes.values()) counts.set(key, (counts.get(key) ?? 0) + 1)
    let best: { key: string; count: number } | null = null
    let isTied = false
    for (const [key, count] of counts) {
      if (best === null || count > best.count) {
        best = { key, count }
        isTied = false
      } else if (count === best.count) isTied = true
    }
    if (best === null || isTied || best.count < VOTES_NEEDED) return null
    for (const { key, ip } of this.#votes.values()) if (key === best.key) return ip
    return null
  }
}
