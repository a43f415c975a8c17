/**
 * Who takes part in which swarm, as a tracker keeps it: bounded in every direction, forgotten when nobody says
 * anything, and handed out by chance.
 *
 * Spec: BEP 3, "trackers"; BEP 21, "Tracker Announce", "Tracker Scrapes"
 */
import type { AnnounceEvent } from '../bep/0003-http-tracker.ts'
import { latin1Decode } from '../bytes.ts'
import { addressScope, parseIp } from '../ip-address.ts'
import type { Millis, RandomInt } from '../machine.ts'

/** One peer's word about itself. */
export interface BookEntry {
  /** 20 bytes. */
  readonly infoHash: Uint8Array
  /** 20 bytes. */
  readonly peerId: Uint8Array
  /** Canonical numeric text: where the announce came from. */
  readonly host: string
  /** Where it takes connections; for a browser, the number of its socket. */
  readonly port: number
  readonly reach: 'ip' | 'webrtc'
  readonly event: AnnounceEvent | 'paused' | null
  /** `null` where the peer does not know. */
  readonly leftBytes: number | null
}

/** Whom a peer asks for. */
export interface BookWish {
  readonly count: number
  /** Peers over IP of one family only; `null` for both. */
  readonly family: 4 | 6 | null
}

export interface BookPeer {
  readonly peerId: Uint8Array
  readonly host: string
  readonly port: number
}

export interface BookCounts {
  readonly seeds: number
  readonly leechers: number
  /** How many of the leechers want more than they have (BEP 21). */
  readonly downloaders: number
  /** How many finished since the book knows the swarm. */
  readonly completions: number
}

export type BookAnswer =
  | { readonly kind: 'peers'; readonly peers: readonly BookPeer[]; readonly counts: BookCounts }
  /** The info-hash is not one of ours, or there is no room for another. */
  | { readonly kind: 'refused'; readonly why: 'unknown-torrent' | 'full' }

export interface BookOptions {
  readonly chance: RandomInt
  /** Peers are told to come back after this; who does not for twice as long is forgotten. */
  readonly intervalMs: Millis
  /** Whether a torrent may be tracked here. */
  readonly isKnown: (infoHash: Uint8Array) => boolean
  readonly limits?: Partial<BookLimits>
}

export interface BookLimits {
  readonly torrents: number
  readonly peers: number
  readonly peersPerTorrent: number
  /** Of one address in one torrent: many may sit behind one router. */
  readonly peersPerAddress: number
  /** That one address can begin. */
  readonly torrentsPerAddress: number
}

export const BOOK_LIMITS: BookLimits = {
  torrents: 10_000,
  peers: 100_000,
  peersPerTorrent: 5_000,
  peersPerAddress: 64,
  torrentsPerAddress: 1_000,
}

/** Beyond a bound a peer still gets others, but is not listed; beyond the bound on torrents it is refused. */
export class SwarmBook {
  readonly #options: BookOptions
  readonly #limits: BookLimits
  readonly #swarms = new Map<string, Swarm>()
  readonly #begun = new Map<string, number>()
  #peerCount = 0

  constructor(options: BookOptions) {
    this.#options = options
    this.#limits = { ...BOOK_LIMITS, ...options.limits }
  }

  get intervalMs(): Millis {
    return this.#options.intervalMs
  }

  get torrentCount(): number {
    return this.#swarms.size
  }

  get peerCount(): number {
    return this.#peerCount
  }

  /** Notes what a peer says and answers with others: never itself, no seeds for a seed. */
  announce(entry: BookEntry, wish: BookWish, nowMs: Millis): BookAnswer {
    if (!this.#options.isKnown(entry.infoHash)) return { kind: 'refused', why: 'unknown-torrent' }
    const name = latin1Decode(entry.infoHash)
    let swarm = this.#swarms.get(name)
    if (entry.event === 'stopped') {
      if (swarm !== undefined) this.#remove(name, swarm, peerKey(entry))
      return { kind: 'peers', peers: [], counts: countsOf(this.#swarms.get(name)) }
    }
    swarm ??= this.#begin(name, entry.host)
    if (swarm === undefined) return { kind: 'refused', why: 'full' }
    const peer = this.#note(swarm, entry, nowMs)
    const peers = this.#choose(swarm, peer, wish)
    // No room for its first peer: nobody would ever be forgotten of whom it could end.
    this.#endIfEmpty(name, swarm)
    return { kind: 'peers', peers, counts: countsOf(swarm) }
  }

  /** Takes a peer out of all its swarms, as when a browser's socket closes. */
  leave(infoHash: Uint8Array, peer: Pick<BookEntry, 'reach' | 'host' | 'port' | 'peerId'>): void {
    const name = latin1Decode(infoHash)
    const swarm = this.#swarms.get(name)
    if (swarm !== undefined) this.#remove(name, swarm, peerKey(peer))
  }

  /** Zeros for a torrent that nobody takes part in. */
  counts(infoHash: Uint8Array): BookCounts {
    return countsOf(this.#swarms.get(latin1Decode(infoHash)))
  }

  /** Forgets who said nothing for twice the interval. Call it now and then. */
  expire(nowMs: Millis): void {
    const oldestMs = nowMs - 2 * this.#options.intervalMs
    for (const [name, swarm] of this.#swarms) {
      for (const peer of [...swarm.list]) {
        if (peer.seenMs <= oldestMs) this.#remove(name, swarm, peer.key)
      }
    }
  }

  #begin(name: string, host: string): Swarm | undefined {
    const begun = this.#begun.get(host) ?? 0
    const isFull =
      this.#swarms.size >= this.#limits.torrents || begun >= this.#limits.torrentsPerAddress
    if (isFull) return undefined
    const swarm: Swarm = {
      begunBy: host,
      list: [],
      byKey: new Map(),
      byHost: new Map(),
      seeds: 0,
      downloaders: 0,
      completions: 0,
    }
    this.#swarms.set(name, swarm)
    this.#begun.set(host, begun + 1)
    return swarm
  }

  #note(swarm: Swarm, entry: BookEntry, nowMs: Millis): ListedPeer {
    const key = peerKey(entry)
    const known = swarm.byKey.get(key)
    const peer: ListedPeer = known ?? {
      key,
      peerId: entry.peerId.slice(),
      idText: latin1Decode(entry.peerId),
      host: entry.host,
      port: entry.port,
      reach: entry.reach,
      isLoopback: isLoopback(entry.host),
      place: -1,
      role: 'downloader',
      seenMs: nowMs,
    }
    peer.seenMs = nowMs
    const role = roleOf(entry)
    if (known !== undefined) {
      if (entry.event === 'completed' && known.role !== 'seed') swarm.completions += 1
      count(swarm, known.role, -1)
    } else if (this.#hasRoom(swarm, entry.host)) {
      peer.place = swarm.list.length
      swarm.list.push(peer)
      swarm.byKey.set(key, peer)
      swarm.byHost.set(entry.host, (swarm.byHost.get(entry.host) ?? 0) + 1)
      this.#peerCount += 1
      if (entry.event === 'completed') swarm.completions += 1
    }
    peer.role = role
    if (peer.place >= 0) count(swarm, role, 1)
    return peer
  }

  #hasRoom(swarm: Swarm, host: string): boolean {
    return (
      this.#peerCount < this.#limits.peers &&
      swarm.list.length < this.#limits.peersPerTorrent &&
      (swarm.byHost.get(host) ?? 0) < this.#limits.peersPerAddress
    )
  }

  /** Draws without repetition: the list's order means nothing, so that it is shuffled as far as it is read. */
  #choose(swarm: Swarm, asker: ListedPeer, wish: BookWish): readonly BookPeer[] {
    const { list } = swarm
    const chosen: BookPeer[] = []
    for (let at = 0; at < list.length && chosen.length < wish.count; at++) {
      swap(list, at, at + this.#options.chance(list.length - at))
      const peer = list[at]
      if (peer !== undefined && isOfUse(peer, asker, wish)) {
        chosen.push({ peerId: peer.peerId, host: peer.host, port: peer.port })
      }
    }
    return chosen
  }

  #remove(name: string, swarm: Swarm, key: string): void {
    const peer = swarm.byKey.get(key)
    if (peer === undefined) return
    swarm.byKey.delete(key)
    swap(swarm.list, peer.place, swarm.list.length - 1)
    swarm.list.pop()
    count(swarm, peer.role, -1)
    this.#peerCount -= 1
    lower(swarm.byHost, peer.host)
    this.#endIfEmpty(name, swarm)
  }

  #endIfEmpty(name: string, swarm: Swarm): void {
    if (swarm.list.length > 0) return
    this.#swarms.delete(name)
    lower(this.#begun, swarm.begunBy)
  }
}

type Role = 'seed' | 'downloader' | 'paused'

interface ListedPeer extends BookPeer {
  readonly key: string
  readonly idText: string
  readonly reach: BookEntry['reach']
  readonly isLoopback: boolean
  /** In its swarm's list; -1 where it is not listed. */
  place: number
  role: Role
  seenMs: Millis
}

interface Swarm {
  readonly begunBy: string
  readonly list: ListedPeer[]
  readonly byKey: Map<string, ListedPeer>
  readonly byHost: Map<string, number>
  seeds: number
  downloaders: number
  completions: number
}

/** An address is one peer, whatever id it gives; a browser has no port of its own, so that its id tells it apart. */
function peerKey(peer: Pick<BookEntry, 'reach' | 'host' | 'port' | 'peerId'>): string {
  const place = `${peer.reach} ${peer.host} ${peer.port}`
  return peer.reach === 'ip' ? place : `${place} ${latin1Decode(peer.peerId)}`
}

function roleOf(entry: BookEntry): Role {
  if (entry.leftBytes === 0) return 'seed'
  return entry.event === 'paused' ? 'paused' : 'downloader'
}

function isOfUse(peer: ListedPeer, asker: ListedPeer, wish: BookWish): boolean {
  if (peer.key === asker.key || peer.idText === asker.idText || peer.reach !== asker.reach) {
    return false
  }
  if (peer.role !== 'downloader' && asker.role !== 'downloader') return false
  if (peer.reach === 'webrtc') return true
  // Nobody else reaches what is at this machine's own address.
  if (peer.isLoopback && !asker.isLoopback) return false
  return wish.family === null || (peer.host.includes(':') ? 6 : 4) === wish.family
}

function isLoopback(host: string): boolean {
  const bytes = parseIp(host)
  return bytes !== null && addressScope(bytes) === 'loopback'
}

function countsOf(swarm: Swarm | undefined): BookCounts {
  if (swarm === undefined) return { seeds: 0, leechers: 0, downloaders: 0, completions: 0 }
  const { seeds, downloaders, completions } = swarm
  return { seeds, leechers: swarm.list.length - seeds, downloaders, completions }
}

function count(swarm: Swarm, role: Role, change: 1 | -1): void {
  if (role === 'seed') swarm.seeds += change
  else if (role === 'downloader') swarm.downloaders += change
}

function swap(list: ListedPeer[], i: number, j: number): void {
  const a = list[i]
  const b = list[j]
  if (a === undefined || b === undefined) return
  list[i] = b
  list[j] = a
  a.place = j
  b.place = i
}

function lower(counts: Map<string, number>, key: string): void {
  const left = (counts.get(key) ?? 1) - 1
  if (left > 0) counts.set(key, left)
  else counts.delete(key)
}
