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
/** Times that a host which only other peers or nodes named is tried in vain before it is left alone as long. */
export const VAIN_TRIES_OF_HEARSAY = 3
/** Candidates that come from one teller. */
export const CANDIDATES_PER_TELLER: number = PEER_LIST_LIMIT / 4
/** Hosts without candidates whose failures are remembered. */
export const REMEMBERED_HOSTS = 4096
/** After this many failures in a row a candidate is forgotten. */
export const FAILURES_BEFORE_FORGOTTEN = 10

/** Anyone can pretend to be us; only so many are believed. */
const OWN_ADDRESS_LIMIT = 64
const FIRST_RETRY_MS = 5_000
/** Of who was only named by others and never answered: three tries are to span minutes, in which a peer may start anew. */
const FIRST_HEARSAY_RETRY_MS = 30_000
const HEARSAY_RETRY_GROWTH = 4
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
  /** BEP 40; `null` while our own address is not known. The greater goes first. */
  readonly priority?: (address: Address) => number | null
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
  /** It spoke our protocol once: nobody is harmed by our knocks. */
  isProven: boolean
  /** Who named it; empty where that need not be bounded. */
  readonly teller: string
  priority: number | null
  /** Ties between equals are broken by chance, drawn once. */
  readonly luck: number
}

interface Host {
  entries: number
  dialling: number
  /** Ports tried in vain since the host last answered. */
  readonly vainPorts: Set<number>
  /** Tries in vain at addresses that are hearsay. */
  vainTries: number
  restsUntilMs: Millis
}

export class PeerList {
  readonly #entries = new Map<string, Entry>()
  readonly #hosts = new Map<string, Host>()
  readonly #own = new Set<string>()
  /** Candidates by who named them. */
  readonly #tellers = new Map<string, number>()
  readonly #random: RandomInt
  readonly #dialsPerHost: () => number
  readonly #priority: (address: Address) => number | null

  constructor(options: PeerListOptions) {
    this.#random = options.random
    this.#dialsPerHost = options.connectionsPerAddress ?? (() => 1)
    this.#priority = options.priority ?? (() => null)
  }

  get size(): number {
    return this.#entries.size
  }

  /** Hosts of which something is remembered. */
  get hostCount(): number {
    return this.#hosts.size
  }

  /**
   * Answers whether the address is new and was kept. Never keeps port 0 or what turned out to be ourselves. `teller`:
   * who named it, of whom only a share of the list is taken.
   */
  add(address: Address, source: PeerSource, nowMs: Millis, teller = ''): boolean {
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
    const told = this.#tellers.get(teller) ?? 0
    if (teller !== '' && told >= CANDIDATES_PER_TELLER) return false
    if (this.#entries.size >= PEER_LIST_LIMIT && !this.#makeRoom()) return false
    if (teller !== '') this.#tellers.set(teller, told + 1)
    this.#entries.set(key, {
      address,
      source,
      state: 'idle',
      failures: 0,
      notBeforeMs: nowMs,
      lastTriedMs: Number.NEGATIVE_INFINITY,
      connectedMs: nowMs,
      isProven: false,
      teller,
      priority: this.#priority(address),
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
    if (best !== null) this.#begin(best, nowMs)
    return best
  }

  /**
   * Whether this candidate may be dialled at once, whatever it waits for: somebody arranged it. It is taken to be under
   * way from then on.
   */
  take(address: Address, nowMs: Millis): boolean {
    const entry = this.#entries.get(keyOf(address))
    if (entry === undefined || entry.state !== 'idle' || this.#isHostBusy(entry, nowMs))
      return false
    this.#begin(entry, nowMs)
    return true
  }

  /** Our own address became known, or another. */
  reprioritize(): void {
    for (const entry of this.#entries.values()) entry.priority = this.#priority(entry.address)
  }

  #begin(entry: Entry, nowMs: Millis): void {
    entry.state = 'dialling'
    entry.lastTriedMs = nowMs
    this.#hostOf(entry.address.host).dialling += 1
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
    if (isHearsay(entry)) host.vainTries += 1
    const isEnough =
      host.vainPorts.size >= VAIN_PORTS_PER_HOST || host.vainTries >= VAIN_TRIES_OF_HEARSAY
    if (!isEnough) return
    forgive(host)
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
      forgive(host)
      host.restsUntilMs = 0
    }
    if (entry === undefined) return
    entry.connectedMs = Math.max(nowMs, entry.lastTriedMs)
    entry.isProven = true
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

  /** Whether the address turned out to be our own. */
  isOwn(address: Address): boolean {
    return this.#own.has(keyOf(address))
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
    const [firstMs, growth] = isHearsay(entry)
      ? [FIRST_HEARSAY_RETRY_MS, HEARSAY_RETRY_GROWTH]
      : [FIRST_RETRY_MS, 2]
    const waitMs = Math.min(LONGEST_RETRY_MS, firstMs * growth ** (entry.failures - 1))
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
    this.#forgetTeller(entry.teller)
    // Who was tried in vain must not come back as a stranger.
    if (host.entries > 0 || host.vainPorts.size > 0 || host.restsUntilMs > 0) return
    this.#hosts.delete(entry.address.host)
  }

  #forgetTeller(teller: string): void {
    const left = (this.#tellers.get(teller) ?? 0) - 1
    if (left > 0) this.#tellers.set(teller, left)
    else this.#tellers.delete(teller)
  }

  #hostOf(name: string): Host {
    const known = this.#hosts.get(name)
    if (known !== undefined) return known
    const host = {
      entries: 0,
      dialling: 0,
      vainPorts: new Set<number>(),
      vainTries: 0,
      restsUntilMs: 0,
    }
    this.#hosts.set(name, host)
    if (this.#hosts.size > PEER_LIST_LIMIT + REMEMBERED_HOSTS) this.#forgetHost()
    return host
  }

  #forgetHost(): void {
    for (const [name, { entries }] of this.#hosts) {
      if (entries > 0) continue
      this.#hosts.delete(name)
      return
    }
  }
}

/** Sources that anyone can make name anyone. */
const HEARSAY: ReadonlySet<PeerSource> = new Set(['pex', 'dht', 'lsd'])

/** All that is known of it is what others say. */
function isHearsay({ source, isProven }: Entry): boolean {
  return HEARSAY.has(source) && !isProven
}

function forgive(host: Host): void {
  host.vainPorts.clear()
  host.vainTries = 0
}

/** Named by the user first, then what failed least, then what was tried longest ago, then by BEP 40. */
function isBetter(a: Entry, b: Entry): boolean {
  const isUserA = a.source === 'user'
  if (isUserA !== (b.source === 'user')) return isUserA
  if (a.failures !== b.failures) return a.failures < b.failures
  if (a.lastTriedMs !== b.lastTriedMs) return a.lastTriedMs < b.lastTriedMs
  const [priorityA, priorityB] = [a.priority ?? -1, b.priority ?? -1]
  if (priorityA !== priorityB) return priorityA > priorityB
  return a.luck < b.luck
}

function keyOf(address: Address): string {
  return `${address.host} ${address.port}`
}
