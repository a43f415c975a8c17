/**
 * Who announced which torrent to us: bounded in hashes, in peers a hash, and in what one network may have us keep.
 *
 * Spec: BEP 5, "announce_peer"; BEP 33, "Changed announce accounting"; BEP 32 (families are kept apart)
 */
import { MAX_SAMPLES_SENT, MAX_SAMPLE_INTERVAL_S } from '../bep/0051-samples.ts'
import { FILTER_BYTES, insertIntoFilter } from '../bep/0033-scrape-filter.ts'
import type { NodeFamily } from '../bep/0032-nodes.ts'
import { concatBytes, latin1Encode } from '../bytes.ts'
import type { Millis } from '../machine.ts'
import { BlockCounter } from './block-counter.ts'
import type { DhtLimits } from './dht-limits.ts'
import { idKey } from './node-id.ts'
import { compactPlace, type Place } from './place.ts'

/** Peers announce anew every 15 to 30 minutes. */
export const PEER_EXPIRY_MS: Millis = 45 * 60_000

export class PeerStore {
  readonly #limits: DhtLimits
  readonly #chance: (below: number) => number
  readonly #hashes = new Map<string, StoredHash>()
  readonly #blocks: BlockCounter
  #peerCount = 0
  #sample: { readonly hashes: Uint8Array; readonly untilMs: Millis } | null = null

  constructor(limits: DhtLimits, chance: (below: number) => number) {
    this.#limits = limits
    this.#chance = chance
    this.#blocks = new BlockCounter(limits.storedPerBlock)
  }

  get hashCount(): number {
    return this.#hashes.size
  }

  get peerCount(): number {
    return this.#peerCount
  }

  /** Whether an announce would be kept; if not, no token is given. */
  hasRoomFor(infoHash: Uint8Array, from: Place): boolean {
    if (this.#hashes.has(idKey(infoHash))) return true
    return this.#hashes.size < this.#limits.storedHashes && this.#blocks.hasRoom(from)
  }

  /** Keeps or refreshes the peer; `false` where a limit is reached. */
  add(infoHash: Uint8Array, peer: Place, isSeed: boolean, nowMs: Millis): boolean {
    const key = idKey(infoHash)
    let hash = this.#hashes.get(key)
    if (hash === undefined) {
      if (!this.hasRoomFor(infoHash, peer)) return false
      hash = {
        creator: peer,
        families: { 4: newSwarm(), 6: newSwarm() },
        blocks: this.#newBlocks(),
      }
      this.#hashes.set(key, hash)
      this.#blocks.add(peer)
    }
    return this.#addPeer(hash, peer, isSeed, nowMs)
  }

  /** Entries as they go into `values`, each with its length in front; at most `limit`, from a place by chance. */
  entries(
    infoHash: Uint8Array,
    family: NodeFamily,
    limit: number,
    isWithoutSeeds: boolean,
    out: Uint8Array[],
  ): number {
    out.length = 0
    const peers = this.#hashes.get(idKey(infoHash))?.families[family].order
    if (peers === undefined || peers.length === 0) return 0
    const start = this.#chance(peers.length)
    for (let i = 0; i < peers.length && out.length < limit; i++) {
      const peer = peers[(start + i) % peers.length]
      if (peer !== undefined && !(isWithoutSeeds && peer.isSeed)) out.push(peer.entry)
    }
    return out.length
  }

  /** BEP 33: filters of those who have it and those who fetch it; `null` where nobody is known. */
  filters(
    infoHash: Uint8Array,
    family: NodeFamily,
  ): { readonly seeds: Uint8Array; readonly peers: Uint8Array } | null {
    const peers = this.#hashes.get(idKey(infoHash))?.families[family].order
    if (peers === undefined || peers.length === 0) return null
    const seedFilter = new Uint8Array(FILTER_BYTES)
    const peerFilter = new Uint8Array(FILTER_BYTES)
    for (const peer of peers) insertIntoFilter(peer.isSeed ? seedFilter : peerFilter, peer.ip)
    return { seeds: seedFilter, peers: peerFilter }
  }

  /** BEP 51: hashes one after the other; the same ones until the interval is over. */
  sample(nowMs: Millis): { readonly hashes: Uint8Array; readonly intervalS: number } {
    if (this.#hashes.size <= MAX_SAMPLES_SENT) {
      return { hashes: concatBytes([...this.#hashes.keys()].map(latin1Encode)), intervalS: 0 }
    }
    if (this.#sample === null || nowMs >= this.#sample.untilMs) {
      const keys = [...this.#hashes.keys()]
      for (let i = 0; i < MAX_SAMPLES_SENT; i++) {
        const other = i + this.#chance(keys.length - i)
        const swapped = keys[i] ?? ''
        keys[i] = keys[other] ?? ''
        keys[other] = swapped
      }
      const hashes = concatBytes(keys.slice(0, MAX_SAMPLES_SENT).map(latin1Encode))
      this.#sample = { hashes, untilMs: nowMs + MAX_SAMPLE_INTERVAL_S * 1_000 }
    }
    const leftS = Math.ceil((this.#sample.untilMs - nowMs) / 1_000)
    return { hashes: this.#sample.hashes, intervalS: Math.min(leftS, MAX_SAMPLE_INTERVAL_S) }
  }

  /** Forgets whoever has not announced for long. */
  expire(nowMs: Millis): void {
    for (const [key, hash] of this.#hashes) {
      for (const swarm of [hash.families[4], hash.families[6]]) {
        const old = swarm.order.filter(({ seenMs }) => nowMs - seenMs >= PEER_EXPIRY_MS)
        for (const peer of old) this.#removePeer(hash, swarm, peer)
      }
      if (hash.families[4].order.length + hash.families[6].order.length > 0) continue
      this.#hashes.delete(key)
      this.#blocks.remove(hash.creator)
    }
  }

  #addPeer(hash: StoredHash, peer: Place, isSeed: boolean, nowMs: Millis): boolean {
    const swarm = hash.families[peer.family]
    const known = swarm.byOwner.get(peer.ownerKey)
    if (known !== undefined) {
      known.entry = entryOf(peer)
      known.isSeed = isSeed
      known.seenMs = nowMs
      return true
    }
    if (
      hash.families[4].order.length + hash.families[6].order.length >=
      this.#limits.peersPerHash
    ) {
      return false
    }
    if (!hash.blocks.hasRoom(peer)) return false
    const stored = { place: peer, ip: peer.ip.slice(), entry: entryOf(peer), isSeed, seenMs: nowMs }
    swarm.byOwner.set(peer.ownerKey, stored)
    swarm.order.push(stored)
    hash.blocks.add(peer)
    this.#peerCount++
    return true
  }

  #removePeer(hash: StoredHash, swarm: StoredSwarm, peer: StoredPeer): void {
    swarm.byOwner.delete(peer.place.ownerKey)
    swarm.order.splice(swarm.order.indexOf(peer), 1)
    hash.blocks.remove(peer.place)
    this.#peerCount--
  }

  #newBlocks(): BlockCounter {
    return new BlockCounter(this.#limits.storedPerBlock)
  }
}

interface StoredHash {
  /** Whose network the hash counts for. */
  readonly creator: Place
  readonly families: { readonly [F in NodeFamily]: StoredSwarm }
  readonly blocks: BlockCounter
}

interface StoredSwarm {
  readonly byOwner: Map<string, StoredPeer>
  readonly order: StoredPeer[]
}

interface StoredPeer {
  readonly place: Place
  readonly ip: Uint8Array
  entry: Uint8Array
  isSeed: boolean
  seenMs: Millis
}

function newSwarm(): StoredSwarm {
  return { byOwner: new Map(), order: [] }
}

function entryOf(peer: Place): Uint8Array {
  const compact = compactPlace(peer)
  return concatBytes([latin1Encode(`${compact.length}:`), compact])
}
