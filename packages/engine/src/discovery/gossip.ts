/**
 * What the peers of one torrent tell each other of other peers: exchange and holepunch together, because who is heard
 * of by the one may be reached by the other.
 */
import { PEX, PEX_FLAGS, type PexPeer } from '@pigeon/protocol/bep/0011-pex'
import { HOLEPUNCH } from '@pigeon/protocol/bep/0055-holepunch'
import type { Millis, RandomInt } from '@pigeon/protocol/machine'
import type { PeerList } from '../peer-list.ts'
import type { Address } from '../ports.ts'
import type { Peer } from '../swarm/peer.ts'
import { Holepunch } from './holepunch.ts'
import { PeerExchange } from './pex.ts'

export interface GossipInit {
  /** Of the torrent. */
  readonly peers: ReadonlyMap<number, Peer>
  readonly candidates: PeerList
  readonly random: RandomInt
  readonly nowMs: () => Millis
  /** Each counts at once when it changes; both are off for private torrents. */
  readonly isPexOn: () => boolean
  readonly isHolepunchOn: () => boolean
  readonly isSeed: (peer: Peer) => boolean
  readonly isOwn: (address: Address) => boolean
  /** Somebody says that this peer speaks uTP. */
  readonly onUtpPeer: (address: Address) => void
  /** The same for one that would rather speak encrypted. */
  readonly onEncryptingPeer: (address: Address) => void
  /** There may be somebody new to dial. */
  readonly onCandidates: () => void
  /** Whether one more dial, and to this address, is within the bounds now. */
  readonly mayDial: (address: Address) => boolean
  /** Dials a candidate over uTP and nothing else; it is taken from the list already. */
  readonly dialOverUtp: (address: Address) => void
  readonly wantedPeers: () => number
  /** Whether all that is wanted is here. */
  readonly isFinished: () => boolean
}

export class Gossip {
  readonly #init: GossipInit
  readonly #exchange: PeerExchange
  readonly #holepunch: Holepunch
  #wasPexOn = false

  constructor(init: GossipInit) {
    this.#init = init
    this.#exchange = new PeerExchange({
      peers: init.peers,
      random: init.random,
      isOn: init.isPexOn,
      isSeed: init.isSeed,
      isOwn: init.isOwn,
      onContact: (contact, by) => this.#heardOf(contact, by),
    })
    this.#holepunch = new Holepunch({
      peers: init.peers,
      isOn: init.isHolepunchOn,
      isOwn: init.isOwn,
      punch: (address, by) => this.#punch(address, by),
    })
  }

  /** Call it about every second. */
  tick(nowMs: Millis): void {
    const isPexOn = this.#init.isPexOn()
    if (this.#wasPexOn && !isPexOn) this.#exchange.forgetAll()
    this.#wasPexOn = isPexOn
    this.#exchange.tick(nowMs)
  }

  /** A message of an extension came. */
  receive(peer: Peer, name: string, payload: Uint8Array): void {
    const nowMs = this.#init.nowMs()
    if (name === PEX) {
      this.#exchange.receive(peer, payload, nowMs)
      this.#init.onCandidates()
    }
    if (name === HOLEPUNCH) this.#holepunch.receive(peer, payload, nowMs)
  }

  /** Asks for help where there is some. */
  dialFailed(address: Address): void {
    if (this.#init.wantedPeers() > 0) this.#holepunch.dialFailed(address, this.#init.nowMs())
  }

  /** We let this peer go, though nothing is wrong with it. Call it while it is connected. */
  letGo(peer: Peer): void {
    this.#exchange.letGo(peer)
  }

  gone(peer: Peer): void {
    this.#exchange.gone(peer)
    this.#holepunch.gone(peer)
  }

  #heardOf({ host, port, flags }: PexPeer, by: Peer): void {
    // Two seeds have nothing for each other.
    if ((flags & PEX_FLAGS.isSeed) !== 0 && this.#init.isFinished()) return
    const address = { host, port }
    this.#init.candidates.add(address, 'pex', this.#init.nowMs(), by.address.host)
    if ((flags & PEX_FLAGS.hasUtp) !== 0) this.#init.onUtpPeer(address)
    if ((flags & PEX_FLAGS.prefersEncryption) !== 0) this.#init.onEncryptingPeer(address)
    if ((flags & PEX_FLAGS.hasHolepunch) !== 0) this.#holepunch.learned(address, by)
  }

  #punch(address: Address, by: Peer): void {
    const { candidates, nowMs, wantedPeers, mayDial, dialOverUtp } = this.#init
    if (wantedPeers() === 0 || !mayDial(address)) return
    candidates.add(address, 'pex', nowMs(), by.address.host)
    if (candidates.take(address, nowMs())) dialOverUtp(address)
  }
}
