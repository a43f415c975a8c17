/** How others see our address: each says what it sees, one vote a host, and the most votes win in each family. */
import { addressScope, formatIp, ipFamily, parseIp } from '@pigeon/protocol/ip-address'
import { addressBlock } from '../swarm/address-block.ts'
import type { ExternalAddress } from './network-summary.ts'

/** Hosts whose votes count; the oldest vote goes. */
export const VOTERS_LIMIT = 256

type SaidBy = ExternalAddress['saidBy']

interface Vote {
  /** In canonical form. */
  readonly address: string
  readonly saidBy: SaidBy
}

/** Who knows best comes first, where several say the same. */
const BY_TRUST: readonly SaidBy[] = ['router', 'tracker', 'dht', 'peers']
/** Our own router knows, whatever strangers say. */
const ROUTER_VOTES = VOTERS_LIMIT + 1

export class ExternalAddresses {
  readonly #votes = new Map<string, Vote>()

  /** `by`: the host that says so. Addresses that nobody outside could see are no votes. */
  hear(address: string, saidBy: SaidBy, by: string): void {
    const ip = parseIp(address)
    const text = ip === null ? null : formatIp(ip)
    if (ip === null || text === null || !isSeen(ip)) return
    const voter = `${ipFamily(text)} ${saidBy} ${addressBlock(by)}`
    this.#votes.delete(voter)
    this.#votes.set(voter, { address: text, saidBy })
    if (this.#votes.size <= VOTERS_LIMIT) return
    const [oldest] = this.#votes.keys()
    if (oldest !== undefined) this.#votes.delete(oldest)
  }

  /** What the router said does not hold any more. */
  forgetRouter(): void {
    for (const [voter, { saidBy }] of this.#votes)
      if (saidBy === 'router') this.#votes.delete(voter)
  }

  of(family: 4 | 6): string | null {
    return this.#winner(family)?.address ?? null
  }

  list(): readonly ExternalAddress[] {
    return [this.#winner(4), this.#winner(6)].filter((winner) => winner !== null)
  }

  #winner(family: 4 | 6): ExternalAddress | null {
    const counts = new Map<string, number>()
    for (const { address, saidBy } of this.#votes.values()) {
      if (ipFamily(address) !== family) continue
      const weight = saidBy === 'router' ? ROUTER_VOTES : 1
      counts.set(address, (counts.get(address) ?? 0) + weight)
    }
    const [best] = [...counts].toSorted(([, a], [, b]) => b - a)
    if (best === undefined) return null
    const [address] = best
    const voices = new Set<SaidBy>()
    for (const vote of this.#votes.values()) if (vote.address === address) voices.add(vote.saidBy)
    return { address, saidBy: BY_TRUST.find((each) => voices.has(each)) ?? 'peers' }
  }
}

function isSeen(ip: Uint8Array): boolean {
  const scope = addressScope(ip)
  return scope === 'public' || scope === 'private'
}
