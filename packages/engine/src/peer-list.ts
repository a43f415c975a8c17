/**
 * The peers that a torrent has heard of, and whom to dial next. Bounded, so that no source can fill memory, and careful
 * with each host, so that false entries cannot make us knock at a stranger's door again and again.
 */
import type { Millis, RandomInt } from '@pigeon/protocol/machine'
import type { Address } from './ports.ts'
import type { PeerSource } from './swarm/peer.ts'
import { isLoopback } from './swarm/peer-identity.ts'

export const PEER_LIST_LIMIT = 3000
/** Ports of one host that are kept from any source but the user. */
export const PORTS_PER_HOST = 16
/** Ports of one host that are tried in vain before the host is left alone for a while. */
export const VAIN_PORTS_PER_HOST = 3
/** After this many failures in a row a candidate is forgotten. */
export const FAILURES_BEFORE_FORGOTTEN = 10

/** Anyone can pretend to be us; only so many are believed. */
const OWN_ADDRESS_LIMIT = 64
const FIRST_RETRY_MS = 5_000
const LONGEST_RETRY_MS = 30 * 60_000
const HOST_REST_MS = 60 * 60_000
/** A connection shorter than this was of no use to one side. */
const SHORT_CONNECTION_MS = 30_000

export interface Candidate {
  readonly address: Address
  readonly source: PeerSource
}

export interface PeerListOptions {
  readonly random: RandomInt
  /** Dials to one host at the same time. */
  readonly connectionsPerAddress?: () => number
}

type State = 'idle' | 'dialling' | 'connected'

interface Entry extends Candidate {
  state: State
  failures: number
  notBeforeMs: Millis
  lastTriedMs: Millis
  connectedMs: Millis
  /** Ties between equals are broken by chance, drawn once. */
  readonly luck: number
}

interface Host {
  entries: number
  dialling: number
  /** Ports tried in vain since the host last answered. */
  readonly vainPorts: Set<number>
  restsUntilMs: Millis
}

export class PeerList {
  readonly #entries = new Map<string, Entry>()
  readonly #hosts = new Map<string, Host>()
  readonly #own = new Set<string>()
  readonly #random: RandomInt
  readonly #dialsPerHost: () => number

  constructor(options: PeerListOptions) {
    this.#random = options.random
    this.#dialsPerHost = options.connectionsPerAddress ?? (() => 1)
  }

  get size(): number {
    return this.#entries.size
  }

  /** Answers whether the address is new and was kept. Never keeps port 0 or what turned out to be ourselves. */
  add(address: Address, source: PeerSource, nowMs: Millis): boolean {
    const key = keyOf(address)
    const isPort = Number.isInteger(address.port) && address.port > 0 && address.port < 65_536
    if (!isPort || this.#own.has(key)) return false
    const known = this.#entries.get(key)
    if (known !== undefined) {
      // The user insists: try now.
      if (source === 'user' && known.state === 'idle') known.notBeforeMs = nowMs
      return false
    }
    const ports = this.#hosts.get(address.host)?.entries ?? 0
    const isCrowded = ports >= PORTS_PER_HOST && !isLoopback(address.host)
    if (source !== 'user' && isCrowded) return false
    if (this.#entries.size >= PEER_LIST_LIMIT && !this.#makeRoom()) return false
    this.#entries.set(key, {
      address,
      source,
      state: 'idle',
      failures: 0,
      notBeforeMs: nowMs,
      lastTriedMs: Number.NEGATIVE_INFINITY,
      connectedMs: nowMs,
      luck: this.#random(0x7fff_ffff),
    })
    this.#hostOf(address.host).entries += 1
    return true
  }

  /** The best candidate to dial now, taken to be under way from then on; `null` when there is none. */
  next(nowMs: Millis, mayDial: (address: Address) => boolean): Candidate | null {
    let best: Entry | null = null
    for (const entry of this.#entries.values()) {
      if (entry.state !== 'idle' || entry.notBeforeMs > nowMs) continue
      if (best !== null && !isBetter(entry, best)) continue
      if (this.#isHostBusy(entry, nowMs) || !mayDial(entry.address)) continue
      best = entry
    }
    if (best === null) return null
    best.state = 'dialling'
    best.lastTriedMs = nowMs
    this.#hostOf(best.address.host).dialling += 1
    return best
  }

  /** The dial failed. */
  failed(address: Address, nowMs: Millis): void {
    const entry = this.#entries.get(keyOf(address))
    if (entry === undefined) return
    this.#setState(entry, 'idle')
    this.#putOff(entry, nowMs)
    const host = this.#hostOf(address.host)
    // Only this machine knocks at its own loopback ports: nobody else can be harmed.
    if (entry.source === 'user' || isLoopback(address.host)) return
    host.vainPorts.add(address.port)
    if (host.vainPorts.size < VAIN_PORTS_PER_HOST) return
    host.vainPorts.clear()
    host.restsUntilMs = nowMs + HOST_REST_MS
  }

  /** A connection stands (ours or theirs); an address that is not in the list, such as an incoming one, is ignored. */
  connected(address: Address): void {
    const entry = this.#entries.get(keyOf(address))
    if (entry !== undefined) this.#setState(entry, 'connected')
  }

  /** It spoke our protocol: it is a real peer. */
  succeeded(address: Address, nowMs: Millis = 0): void {
    const entry = this.#entries.get(keyOf(address))
    const host = this.#hosts.get(address.host)
    if (host !== undefined) {
      host.vainPorts.clear()
      host.restsUntilMs = 0
    }
    if (entry !== undefined) entry.connectedMs = Math.max(nowMs, entry.lastTriedMs)
  }

  disconnected(address: Address, nowMs: Millis): void {
    const entry = this.#entries.get(keyOf(address))
    if (entry === undefined) return
    this.#setState(entry, 'idle')
    if (nowMs - entry.connectedMs >= SHORT_CONNECTION_MS) entry.failures = 0
    this.#putOff(entry, nowMs)
  }

  /** The address is our own: it is never dialled again. */
  isSelf(address: Address): void {
    const key = keyOf(address)
    if (this.#own.size < OWN_ADDRESS_LIMIT) this.#own.add(key)
    const entry = this.#entries.get(key)
    if (entry !== undefined) this.#remove(entry)
  }

  /** Forgets candidates of sources that may not be used. */
  keepSources(mayUse: (source: PeerSource) => boolean): void {
    for (const entry of [...this.#entries.values()]) if (!mayUse(entry.source)) this.#remove(entry)
  }

  /** All that wait are due now: the torrent was resumed, or the network came back. */
  retryAll(nowMs: Millis): void {
    for (const entry of this.#entries.values()) {
      if (entry.state === 'idle') entry.notBeforeMs = Math.min(entry.notBeforeMs, nowMs)
    }
  }

  #isHostBusy(entry: Entry, nowMs: Millis): boolean {
    const host = this.#hosts.get(entry.address.host)
    if (host === undefined) return false
    if (host.dialling >= this.#dialsPerHost()) return true
    return entry.source !== 'user' && host.restsUntilMs > nowMs
  }

  #putOff(entry: Entry, nowMs: Millis): void {
    entry.failures += 1
    if (entry.failures >= FAILURES_BEFORE_FORGOTTEN && entry.source !== 'user') {
      this.#remove(entry)
      return
    }
    const waitMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (entry.failures - 1))
    entry.notBeforeMs = nowMs + waitMs
  }

  #setState(entry: Entry, state: State): void {
    if (entry.state === 'dialling' && state !== 'dialling') {
      this.#hostOf(entry.address.host).dialling -= 1
    }
    entry.state = state
  }

  /** Lets the worst of the idle ones go: the one that failed most, and of those the one known longest. */
  #makeRoom(): boolean {
    let worst: Entry | null = null
    for (const entry of this.#entries.values()) {
      if (entry.state !== 'idle' || entry.failures === 0 || entry.source === 'user') continue
      if (worst === null || entry.failures > worst.failures) worst = entry
    }
    if (worst === null) return false
    this.#remove(worst)
    return true
  }

  #remove(entry: Entry): void {
    this.#setState(entry, 'idle')
    this.#entries.delete(keyOf(entry.address))
    const host = this.#hostOf(entry.address.host)
    host.entries -= 1
    if (host.entries === 0) this.#hosts.delete(entry.address.host)
  }

  #hostOf(name: string): Host {
    const known = this.#hosts.get(name)
    if (known !== undefined) return known
    const host = { entries: 0, dialling: 0, vainPorts: new Set<number>(), restsUntilMs: 0 }
    this.#hosts.set(name, host)
    return host
  }
}

/** Named by the user first, then what failed least, then what was tried longest ago. */
function isBetter(a: Entry, b: Entry): boolean {
  const isUserA = a.source === 'user'
  if (isUserA !== (b.source === 'user')) return isUserA
  if (a.failures !== b.failures) return a.failures < b.failures
  if (a.lastTriedMs !== b.lastTriedMs) return a.lastTriedMs < b.lastTriedMs
  return a.luck < b.luck
}

function keyOf(address: Address): string {
  return `${address.host} ${address.port}`
}
