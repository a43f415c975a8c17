/**
 * Who may be connected: bounds on connections in all and from one host, bans, and one connection to each peer.
 */
import { equalBytes } from '@pigeon/protocol/bytes'
import type { BanList } from '../blame.ts'
import type { Millis } from '@pigeon/protocol/machine'
import type { Address } from '../ports.ts'
import type { EngineSettings } from '../settings.ts'
import { LIMITS } from '../settings.ts'
import { addressBlock } from './address-block.ts'
import type { Peer } from './peer.ts'
import { blameName, isLoopback } from './peer-identity.ts'

export interface AdmissionInit {
  readonly peers: ReadonlyMap<number, Peer>
  readonly settings: EngineSettings
  /** Connections of this torrent. */
  readonly maxPeers: () => number
  readonly bans: BanList
  /** Our own. */
  readonly peerId: () => Uint8Array
}

export class Admission {
  readonly #peers: ReadonlyMap<number, Peer>
  readonly #settings: EngineSettings
  readonly #maxPeers: () => number
  readonly #bans: BanList
  readonly #peerId: () => Uint8Array

  constructor(init: AdmissionInit) {
    this.#peers = init.peers
    this.#settings = init.settings
    this.#maxPeers = init.maxPeers
    this.#bans = init.bans
    this.#peerId = init.peerId
  }

  /** Whether one more connection with this address may say hello. */
  admits(address: Address, direction: 'incoming' | 'outgoing', nowMs: Millis): boolean {
    if (this.#bans.isBanned(blameName(address), nowMs)) return false
    // Some room is kept for peers of our own choice.
    const share = direction === 'incoming' ? LIMITS.incomingShare : 1
    if (this.#peers.size >= Math.ceil(this.#maxPeers() * share)) return false
    // One more than the bound may say hello: two that dialled each other find out by their peer ids.
    return this.#countFrom(address.host) <= this.#limitFor(address.host)
  }

  mayDial(address: Address, nowMs: Millis): boolean {
    return (
      !this.#bans.isBanned(blameName(address), nowMs) &&
      this.#countFrom(address.host) < this.#limitFor(address.host)
    )
  }

  /**
   * One connection to a peer is enough. Of two that crossed, both sides keep the one that the greater peer id dialled;
   * of two in the same direction the older stays. So it does against one that comes much later from elsewhere: peer ids
   * are no secret, and who took another's must not drive that one out.
   */
  winsAgainstTwin(peer: Peer, peerId: Uint8Array): boolean {
    for (const twin of this.#peers.values()) {
      if (twin === peer || twin.peerId === null || !equalBytes(twin.peerId, peerId)) continue
      const isLate = peer.connectedMs - twin.connectedMs >= CROSSING_MS
      if (isLate && twin.address.host !== peer.address.host) return false
      const isOursKept = isGreater(this.#peerId(), peerId)
      const isNewKept =
        twin.direction !== peer.direction && (peer.direction === 'outgoing') === isOursKept
      if (!isNewKept) return false
      twin.close()
      return true
    }
    // It may have been let in beyond the bound to say hello; those that have not yet said it may be its twin.
    const { host } = peer.address
    return this.#countFrom(host, (other) => other.peerId !== null) <= this.#limitFor(host)
  }

  /** Connections with the same host; with the same /64 for IPv6, of which one household has them all. */
  #countFrom(host: string, counts: (peer: Peer) => boolean = () => true): number {
    const isIpv6 = host.includes(':')
    const block = isIpv6 ? addressBlock(host) : host
    let count = 0
    for (const peer of this.#peers.values()) {
      const other = peer.address.host
      if (!counts(peer)) continue
      if (other === host || (isIpv6 && addressBlock(other) === block)) count += 1
    }
    return count
  }

  #limitFor(host: string): number {
    const { connectionsPerAddress } = this.#settings
    if (isLoopback(host)) return this.#maxPeers()
    return host.includes(':')
      ? Math.max(connectionsPerAddress, LIMITS.connectionsPerIpv6Block)
      : connectionsPerAddress
  }
}

/** Two that dialled each other find that out within this time. */
export const CROSSING_MS: Millis = 60_000

function isGreater(one: Uint8Array, other: Uint8Array): boolean {
  for (const [index, byte] of one.entries()) {
    const difference = byte - (other[index] ?? 0)
    if (difference !== 0) return difference > 0
  }
  return false
}
