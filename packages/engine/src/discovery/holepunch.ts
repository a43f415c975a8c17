/**
 * Holepunching for one torrent: a peer that two others are connected to has them dial each other at once, so that both
 * their NATs let the other in. Here are all three parts: who asks, who passes on, and who is told to dial.
 *
 * What a relay tells us to dial is hearsay like any exchanged peer, and is bounded as such by the peer list.
 */
import {
  decodeHolepunch,
  encodeHolepunch,
  HOLEPUNCH,
  HOLEPUNCH_ERRORS,
  type HolepunchMessage,
} from '@pigeon/protocol/bep/0055-holepunch'
import { addressScope, parseIp } from '@pigeon/protocol/ip-address'
import type { Millis } from '@pigeon/protocol/machine'
import type { Address } from '../ports.ts'
import type { Peer } from '../swarm/peer.ts'
import { addressKey, dialAddressOf, mayTake, mayTell } from './contacts.ts'

/** Messages of one peer that are heard in a minute. */
export const HOLEPUNCH_PER_MINUTE = 10
/** Addresses for which it is remembered who may help to reach them. */
export const HELPED_ADDRESSES = 1000
/** Helpers that are remembered of each. */
export const HELPERS_PER_ADDRESS = 3
/** A relay that says nothing is not waited for any longer. */
export const RENDEZVOUS_MS = 15_000

export interface HolepunchInit {
  /** Of the torrent. */
  readonly peers: ReadonlyMap<number, Peer>
  /** Whether uTP is on and the torrent public. */
  readonly isOn: () => boolean
  readonly isOwn: (address: Address) => boolean
  /** Dials over uTP now, if the bounds allow; `by` arranged it. */
  readonly punch: (address: Address, by: Peer) => void
}

interface Rendezvous {
  /** The relay, by its number. */
  readonly relay: number
  readonly untilMs: Millis
}

export class Holepunch {
  readonly #init: HolepunchInit
  /** Peers, by their numbers, that said they are connected to this address. */
  readonly #helpers = new Map<string, readonly number[]>()
  readonly #asked = new Map<string, Rendezvous>()
  readonly #heard = new Map<number, { count: number; sinceMs: Millis }>()

  constructor(init: HolepunchInit) {
    this.#init = init
  }

  /** A peer says that it is connected to this one, which can be reached through a hole. */
  learned(address: Address, by: Peer): void {
    const key = addressKey(address)
    const others = (this.#helpers.get(key) ?? []).filter((number) => number !== by.number)
    this.#helpers.delete(key)
    this.#helpers.set(key, [by.number, ...others].slice(0, HELPERS_PER_ADDRESS))
    const [oldest] = this.#helpers.keys()
    if (this.#helpers.size > HELPED_ADDRESSES && oldest !== undefined) this.#helpers.delete(oldest)
  }

  /** A dial failed: asks a peer that is connected to both to help. Whether one was asked. */
  dialFailed(address: Address, nowMs: Millis): boolean {
    const key = addressKey(address)
    const pending = this.#asked.get(key)
    // What was arranged failed too; each helper is asked once.
    if (pending !== undefined && nowMs < pending.untilMs) return false
    this.#asked.delete(key)
    if (!this.#init.isOn()) return false
    for (const number of this.#takeHelpers(key)) {
      const relay = this.#init.peers.get(number)
      if (relay === undefined || !hasHolepunch(relay)) continue
      this.#asked.set(key, { relay: number, untilMs: nowMs + RENDEZVOUS_MS })
      const [oldest] = this.#asked.keys()
      if (this.#asked.size > HELPED_ADDRESSES && oldest !== undefined) this.#asked.delete(oldest)
      send(relay, { kind: 'rendezvous', address })
      return true
    }
    return false
  }

  receive(peer: Peer, payload: Uint8Array, nowMs: Millis): void {
    // "If the initiating peer does not indicate support ..., the relaying peer MUST ignore any incoming ut_holepunch
    // messages silently."
    if (!this.#init.isOn() || !hasHolepunch(peer) || !this.#hears(peer, nowMs)) return
    const message = decodeHolepunch(payload)
    if (message === null) return
    if (message.kind === 'rendezvous') this.#relay(peer, message.address)
    else if (message.kind === 'connect') this.#connect(peer, message.address)
    // Another helper gets its turn when the peer list tries again.
    else if (this.#asked.get(addressKey(message.address))?.relay === peer.number)
      this.#asked.delete(addressKey(message.address))
  }

  gone(peer: Peer): void {
    this.#heard.delete(peer.number)
  }

  /** The first helper is asked now; the others stay for the next time. */
  #takeHelpers(key: string): readonly number[] {
    const helpers = this.#helpers.get(key) ?? []
    const first = helpers.findIndex((number) => this.#init.peers.has(number))
    const rest = first < 0 ? [] : helpers.slice(first + 1)
    if (rest.length > 0) this.#helpers.set(key, rest)
    else this.#helpers.delete(key)
    return first < 0 ? [] : helpers.slice(first, first + 1)
  }

  #hears(peer: Peer, nowMs: Millis): boolean {
    const known = this.#heard.get(peer.number)
    if (known === undefined || nowMs - known.sinceMs >= 60_000) {
      this.#heard.set(peer.number, { count: 1, sinceMs: nowMs })
      return true
    }
    known.count += 1
    return known.count <= HOLEPUNCH_PER_MINUTE
  }

  #relay(initiator: Peer, address: Address): void {
    const target = this.#init.isOwn(address) ? 'self' : this.#peerAt(address)
    const code = refusalOf(address, target, initiator)
    if (code !== null) {
      send(initiator, { kind: 'error', address, code })
      return
    }
    if (target === 'self' || target === null) return
    const from = punchAddressOf(initiator)
    const to = punchAddressOf(target)
    // Where they are on our own network is nothing that those outside could use, or should know.
    const isTellable =
      from !== null &&
      to !== null &&
      mayTell(from, target.address.host) &&
      mayTell(to, initiator.address.host)
    if (!isTellable) {
      send(initiator, { kind: 'error', address, code: HOLEPUNCH_ERRORS.notConnected })
      return
    }
    send(target, { kind: 'connect', address: from })
    send(initiator, { kind: 'connect', address: to })
  }

  #connect(relay: Peer, address: Address): void {
    // "If the target peer is already connected to the initiating peer, both of them MUST ignore the connect message."
    const isUseless = this.#init.isOwn(address) || this.#peerAt(address) !== null
    if (!isUseless && mayTake(address, relay.address.host)) this.#init.punch(address, relay)
  }

  /** The connected peer that is reached there. */
  #peerAt(address: Address): Peer | null {
    const key = addressKey(address)
    for (const peer of this.#init.peers.values()) {
      if (!peer.isReady) continue
      const dialled = dialAddressOf(peer)
      const isThere = addressKey(peer.address) === key
      if (isThere || (dialled !== null && addressKey(dialled) === key)) return peer
    }
    return null
  }
}

/** `null` when the two can be brought together. */
function refusalOf(address: Address, target: Peer | 'self' | null, by: Peer): number | null {
  const ip = parseIp(address.host)
  const isNowhere = ip === null || addressScope(ip) === 'never' || address.port === 0
  if (isNowhere) return HOLEPUNCH_ERRORS.noSuchPeer
  if (target === 'self') return HOLEPUNCH_ERRORS.noSelf
  if (target === null || target === by) return HOLEPUNCH_ERRORS.notConnected
  return hasHolepunch(target) ? null : HOLEPUNCH_ERRORS.noSupport
}

/** Over uTP the NAT's own mapping is seen; otherwise the port that it listens at is the best guess. */
function punchAddressOf(peer: Peer): Address | null {
  return peer.socket.transport === 'utp' ? peer.address : dialAddressOf(peer)
}

function hasHolepunch(peer: Peer): boolean {
  return peer.isReady && peer.wire.remoteExtensions.ids.has(HOLEPUNCH)
}

function send(peer: Peer, message: HolepunchMessage): void {
  peer.feed({ kind: 'send-extended', name: HOLEPUNCH, payload: encodeHolepunch(message) })
}
