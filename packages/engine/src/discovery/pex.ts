/**
 * Peer exchange of one torrent, both ways: tells each peer whom we are connected to, and takes what it tells. Both are
 * bounded in rate, number and kind of address; nobody is closed for telling too much, it is only not heard.
 */
import {
  decodePex,
  encodePex,
  PEX,
  PEX_CONTACTS_LIMIT,
  PEX_FLAGS,
  PEX_INTERVAL_MS,
  type PexPeer,
} from '@pigeon/protocol/bep/0011-pex'
import { HOLEPUNCH } from '@pigeon/protocol/bep/0055-holepunch'
import type { Millis, RandomInt } from '@pigeon/protocol/machine'
import type { Address } from '../ports.ts'
import type { Peer } from '../swarm/peer.ts'
import { isLoopback } from '../swarm/peer-identity.ts'
import { addressKey, dialAddressOf, mayTake, mayTell } from './contacts.ts'

/** Each peer is told of changes no more often than this, by all clocks and with all their errors. */
export const PEX_SEND_MS = 90_000
/** At most so much later, so that not all are told at once. */
export const PEX_JITTER_MS = 15_000
/** The first message waits this long after the extension handshake, so that it has something to say. */
export const PEX_FIRST_MS = 3_000
/**
 * With fewer connections of a family than this, so many peers that we let go ourselves are told as well: among seeds,
 * which have nothing for each other, nobody would hear of anybody.
 */
export const PEX_RECENT_LIMIT = 25
/** Messages that a peer may send at once; then one each `PEX_HEAR_MS`. Others are not read. */
export const PEX_BURST = 2
/** Somewhat less than the minute that it must wait, for clocks and networks differ. */
export const PEX_HEAR_MS: Millis = PEX_INTERVAL_MS - 15_000

export interface PexInit {
  /** Of the torrent. */
  readonly peers: ReadonlyMap<number, Peer>
  readonly random: RandomInt
  /** Whether it is switched on, and the torrent public. */
  readonly isOn: () => boolean
  readonly isSeed: (peer: Peer) => boolean
  /** Whether an address is our own. */
  readonly isOwn: (address: Address) => boolean
  /** A peer may be there; `by` says so. */
  readonly onContact: (contact: PexPeer, by: Peer) => void
}

/** What one peer was told, and how much we still hear of it. */
interface Exchange {
  readonly told: Map<string, Address>
  /** Of those that we let go, the last that was considered for it. */
  recentNumber: number
  nextMs: Millis
  /** Messages that are heard now. */
  credit: number
  creditMs: Millis
}

interface Contact {
  readonly key: string
  readonly peer: PexPeer
}

/** A peer that we let go, in their order. */
interface RecentContact extends Contact {
  readonly number: number
  readonly isIpv6: boolean
}

export class PeerExchange {
  readonly #init: PexInit
  /** By number of the peer. */
  readonly #exchanges = new Map<number, Exchange>()
  /** The oldest first. */
  #recent: readonly RecentContact[] = []
  #recentNumber = 0

  constructor(init: PexInit) {
    this.#init = init
  }

  /** Tells those whose turn has come. Call it about every second. */
  tick(nowMs: Millis): void {
    if (!this.#init.isOn()) return
    let contacts: readonly Contact[] | null = null
    for (const peer of this.#init.peers.values()) {
      if (!peer.isReady || !peer.wire.remoteExtensions.ids.has(PEX)) continue
      const exchange = this.#exchangeWith(peer, nowMs)
      if (nowMs < exchange.nextMs) continue
      contacts ??= this.#contacts()
      this.#tell(peer, exchange, contacts, nowMs)
    }
  }

  receive(peer: Peer, payload: Uint8Array, nowMs: Millis): void {
    if (!this.#init.isOn() || !this.#hears(this.#exchangeWith(peer, nowMs), nowMs)) return
    const read = decodePex(payload)
    if (!read.ok) return
    const hosts = new Set<string>()
    for (const contact of read.message.added.slice(0, PEX_CONTACTS_LIMIT)) {
      const { host } = contact
      // "Duplicate IP addresses (e.g. with different ports) should be ignored."
      if (hosts.has(host) && !isLoopback(host)) continue
      hosts.add(host)
      if (mayTake(contact, peer.address.host) && !this.#init.isOwn(contact))
        this.#init.onContact(contact, peer)
    }
  }

  /** We let this peer go, though nothing is wrong with it. Call it while it is connected. */
  letGo(peer: Peer): void {
    const contact = this.#contactOf(peer)
    if (contact === null) return
    const isIpv6 = contact.peer.host.includes(':')
    const others = this.#recent.filter(({ key }) => key !== contact.key)
    const same = others.filter((other) => other.isIpv6 === isIpv6)
    const oldest = same.length >= PEX_RECENT_LIMIT ? same[0] : undefined
    this.#recentNumber += 1
    const recent = { ...contact, isIpv6, number: this.#recentNumber }
    this.#recent = [...others.filter((other) => other !== oldest), recent]
  }

  gone(peer: Peer): void {
    this.#exchanges.delete(peer.number)
  }

  /** It was switched off, or the torrent is private: nobody is told anything, not even who left. */
  forgetAll(): void {
    this.#exchanges.clear()
    this.#recent = []
  }

  #exchangeWith(peer: Peer, nowMs: Millis): Exchange {
    const known = this.#exchanges.get(peer.number)
    if (known !== undefined) return known
    const nextMs = nowMs + PEX_FIRST_MS
    const exchange = {
      told: new Map<string, Address>(),
      recentNumber: 0,
      nextMs,
      credit: PEX_BURST,
      creditMs: nowMs,
    }
    this.#exchanges.set(peer.number, exchange)
    return exchange
  }

  #hears(exchange: Exchange, nowMs: Millis): boolean {
    const earned = Math.floor((nowMs - exchange.creditMs) / PEX_HEAR_MS)
    if (earned > 0) {
      exchange.credit = Math.min(PEX_BURST, exchange.credit + earned)
      exchange.creditMs += earned * PEX_HEAR_MS
    }
    if (exchange.credit === 0) return false
    exchange.credit -= 1
    return true
  }

  /** "A peer must only be included in an added field once a connection is successfully established." */
  #contacts(): readonly Contact[] {
    const contacts: Contact[] = []
    for (const peer of this.#init.peers.values()) {
      const contact = this.#contactOf(peer)
      if (contact !== null) contacts.push(contact)
    }
    return contacts
  }

  #contactOf(peer: Peer): Contact | null {
    const address = peer.isReady && !peer.isClosed ? dialAddressOf(peer) : null
    if (address === null || this.#init.isOwn(address)) return null
    return { key: addressKey(address), peer: { ...address, flags: this.#flagsOf(peer) } }
  }

  /** "if a client is connected to less than 25 clients for a particular address family" */
  #recentFor(exchange: Exchange, contacts: readonly Contact[]): readonly Contact[] {
    const live6 = contacts.filter(({ peer }) => peer.host.includes(':')).length
    const live4 = contacts.length - live6
    return this.#recent.filter(
      ({ number, isIpv6 }) =>
        number > exchange.recentNumber && (isIpv6 ? live6 : live4) < PEX_RECENT_LIMIT,
    )
  }

  #flagsOf(peer: Peer): number {
    const { socket, wire } = peer
    return (
      (socket.isEncrypted ? PEX_FLAGS.prefersEncryption : 0) |
      (this.#init.isSeed(peer) ? PEX_FLAGS.isSeed : 0) |
      (socket.transport === 'utp' ? PEX_FLAGS.hasUtp : 0) |
      (wire.remoteExtensions.ids.has(HOLEPUNCH) ? PEX_FLAGS.hasHolepunch : 0) |
      (peer.direction === 'outgoing' ? PEX_FLAGS.isReachable : 0)
    )
  }

  #tell(peer: Peer, exchange: Exchange, contacts: readonly Contact[], nowMs: Millis): void {
    const { told } = exchange
    const itself = dialAddressOf(peer)
    const itsKey = itself === null ? null : addressKey(itself)
    const present = new Map<string, PexPeer>()
    const sayable = [...this.#recentFor(exchange, contacts), ...contacts]
    for (const { key, peer: contact } of sayable)
      if (key !== itsKey && mayTell(contact, peer.address.host)) present.set(key, contact)
    const added = [...present].filter(([key]) => !told.has(key)).slice(0, PEX_CONTACTS_LIMIT)
    const dropped = [...told].filter(([key]) => !present.has(key)).slice(0, PEX_CONTACTS_LIMIT)
    if (added.length === 0 && dropped.length === 0) return
    // They are told once, and with the next message that they are gone.
    exchange.recentNumber = this.#recentNumber
    for (const [key] of dropped) told.delete(key)
    for (const [key, { host, port }] of added) told.set(key, { host, port })
    exchange.nextMs = nowMs + PEX_SEND_MS + this.#init.random(PEX_JITTER_MS)
    const payload = encodePex({
      added: added.map(([, contact]) => contact),
      dropped: dropped.map(([, address]) => address),
    })
    peer.feed({ kind: 'send-extended', name: PEX, payload })
  }
}
