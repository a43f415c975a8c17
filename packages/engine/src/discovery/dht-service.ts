/**
 * The session's node of the DHT: drives the machine of the protocol package over the session's sockets, and turns what
 * torrents and people want into its operations.
 */
import {
  Dht,
  type DhtAnnounce,
  type DhtEffect,
  type DhtInput,
  type DhtOutcome,
  type NodeFamily,
} from '@pigeon/protocol/dht'
import {
  isCanonicalValue,
  MAX_SALT_BYTES,
  MAX_SEQ,
  MAX_VALUE_BYTES,
  mutableTarget,
} from '@pigeon/protocol/bep/0044-items'
import { toHex } from '@pigeon/protocol/bytes'
import { toDisplay } from '@pigeon/protocol/display'
import { ipFamily } from '@pigeon/protocol/ip-address'
import type { Millis } from '@pigeon/protocol/machine'
import type { Address, Cancel, Ports } from '../ports.ts'
import { ioProblem, type IoProblem, isIoProblem, type Refusal } from '../problem.ts'
import type { DhtSummary } from '../session/network-summary.ts'
import type { UdpHub } from '../transport/udp-hub.ts'
import { resolveNode, resolveNodes } from './dht-bootstrap.ts'
import type {
  DhtAccess,
  DhtMutable,
  DhtPeers,
  DhtPong,
  DhtStored,
  DhtValue,
  SignedItem,
} from './dht-contract.ts'
import { DhtSearches, type SearchTask } from './dht-searches.ts'
import type { PeerFinder, Search } from './finder.ts'

export interface DhtServiceInit {
  readonly hub: UdpHub
  readonly ports: Pick<Ports, 'clock' | 'random' | 'signatures' | 'datagrams' | 'records' | 'log'>
  /** Enough nodes agree on how they see us. */
  readonly onExternalAddress?: (host: string) => void
}

export interface DhtOptions {
  /** `host:port` of nodes to begin with, by name or numeric. */
  readonly bootstrap: readonly string[]
  /** BEP 43: asks and never answers. */
  readonly isReadOnly: boolean
  /** Where peers reach us; `null` announces nothing. */
  readonly listenPort: () => number | null
}

/** How often the state is written down while we run. */
export const SAVE_EVERY_MS: Millis = 10 * 60_000
/** How often names of bootstrap nodes are looked up again while we know nobody. */
export const LONELY_CHECK_MS: Millis = 30_000
/** Operations that wait because the machine has as many as it takes. */
export const MAX_WAITING_OPERATIONS = 256

export class DhtService implements PeerFinder, DhtAccess {
  readonly source = 'dht'
  readonly #init: DhtServiceInit
  readonly #searches: DhtSearches
  /** What each operation under way waits for. */
  readonly #pending = new Map<number, Pending>()
  #dht: Dht | null = null
  #options: DhtOptions = { bootstrap: [], isReadOnly: false, listenPort: () => null }
  /** Counts starts and stops, so that what was begun before them is found out. */
  #generation = 0
  #lastOperationId = 0
  #cancelTimer: Cancel | null = null
  #timerMs: Millis = Number.POSITIVE_INFINITY
  #saveMs: Millis = 0
  #lonelyCheckMs: Millis = 0
  #wasReady = false

  constructor(init: DhtServiceInit) {
    this.#init = init
    this.#searches = new DhtSearches(init.ports.random, (task) => this.#search(task))
  }

  /** Begins, or begins anew where the sockets or options are others now. */
  async start(options: DhtOptions): Promise<void> {
    await this.stop()
    const generation = ++this.#generation
    const { hub, ports } = this.#init
    this.#options = options
    const savedState = await ports.records.loadBlob(STATE_BLOB)
    if (generation !== this.#generation) return
    const nowMs = ports.clock.nowMs()
    const families = familiesOf(hub.local)
    this.#dht = new Dht(
      {
        families,
        randomBytes: (lengthBytes) => ports.random.bytes(lengthBytes),
        verify: (key, message, signature) => ports.signatures.verify(key, message, signature),
        version: VERSION,
        isReadOnly: options.isReadOnly,
        savedState,
      },
      nowMs,
    )
    this.#saveMs = nowMs + SAVE_EVERY_MS
    this.#wasReady = false
    hub.handle('dht', (bytes, from) => this.#feed({ kind: 'datagram', bytes, from }))
    this.#feed({ kind: 'tick' })
    // Who still knows nodes need not trouble those that everybody begins with.
    const hasNodes = savedState !== null && this.#dht.hasNodes
    this.#lonelyCheckMs = nowMs + (hasNodes ? RESTORED_CHECK_MS : LONELY_CHECK_MS)
    if (!hasNodes) void this.#bootstrap(generation)
    this.#arm()
  }

  /** Answers when the state is written down. */
  async stop(): Promise<void> {
    const dht = this.#dht
    if (dht === null) {
      this.#generation++
      return
    }
    const { hub, ports } = this.#init
    this.#generation++
    this.#dht = null
    this.#cancelTimer?.()
    this.#cancelTimer = null
    this.#timerMs = Number.POSITIVE_INFINITY
    hub.handle('dht', () => {})
    this.#searches.interrupt(ports.clock.nowMs())
    for (const pending of this.#pending.values()) pending.end({ kind: 'failed', why: 'timed-out' })
    this.#pending.clear()
    await this.#save(dht)
  }

  get isRunning(): boolean {
    return this.#dht !== null
  }

  setReadOnly(isReadOnly: boolean): void {
    this.#options = { ...this.#options, isReadOnly }
    if (this.#dht !== null) this.#feed({ kind: 'set-read-only', isReadOnly })
  }

  /** A node that a peer, a torrent or a magnet named; its host is numeric. */
  addNode(address: Address): void {
    if (this.#dht !== null) this.#feed({ kind: 'add-node', address })
  }

  /** As `addNode`, for `host:port` by name or numeric. */
  async addNamedNode(node: string): Promise<void> {
    const addresses = await resolveNode(node, this.#init.ports.datagrams)
    if (isIoProblem(addresses)) return
    for (const address of addresses) this.addNode(address)
  }

  find(search: Search): () => void {
    const end = this.#searches.add(search, this.#init.ports.clock.nowMs())
    this.#arm()
    return () => {
      end()
      for (const [operationId, { task }] of this.#pending) {
        if (task?.search !== search) continue
        this.#pending.delete(operationId)
        if (this.#dht !== null) this.#feed({ kind: 'cancel', operationId })
      }
    }
  }

  status(): readonly DhtSummary[] {
    const { isReadOnly } = this.#options
    const families = this.#dht?.status(this.#init.ports.clock.nowMs()) ?? []
    return families.map((status) => ({
      family: status.family,
      state: status.state,
      nodeId: toHex(status.nodeId),
      isVerified: status.isVerified,
      isReadOnly,
      nodes: status.nodes,
      storedHashes: status.storedHashes,
      storedPeers: status.storedPeers,
      storedItems: status.storedItems,
      queriesIn: status.queriesIn,
      queriesOut: status.queriesOut,
      refusedIn: status.refusedIn,
      bytesIn: status.bytesIn,
      bytesOut: status.bytesOut,
    }))
  }

  async ping(node: string): Promise<DhtPong | Refusal | IoProblem> {
    const addresses = await resolveNode(node, this.#init.ports.datagrams)
    if (isIoProblem(addresses)) return addresses
    const families = familiesOf(this.#init.hub.local)
    const address = addresses.find(({ host }) => families.includes(ipFamily(host) === 6 ? 6 : 4))
    if (address === undefined) return noAnswer(node)
    const outcome = await this.#operate({ kind: 'ping', address })
    if (outcome.kind !== 'pong') return noAnswer(node)
    const { nodeId, version, roundTripMs } = outcome
    return { kind: 'pong', nodeId, client: version, roundTripMs }
  }

  async findPeers(infoHash: Uint8Array): Promise<DhtPeers> {
    const peers: Address[] = []
    const outcome = await this.#operate(
      { kind: 'find-peers', infoHash, isScrape: true, announce: null },
      (found) => peers.push(...found),
    )
    const { nodesAsked, scrape } = outcome.kind === 'peers' ? outcome : NO_PEERS
    const seeds = scrape?.seeds ?? null
    return { kind: 'peers', peers, seeds, downloaders: scrape?.downloaders ?? null, nodesAsked }
  }

  async get(target: Uint8Array): Promise<DhtValue> {
    const outcome = await this.#operate({ kind: 'get', target, salt: null })
    return outcome.kind === 'value' ? outcome : { kind: 'value', value: null, nodesAsked: 0 }
  }

  async getMutable(publicKey: Uint8Array, salt: Uint8Array): Promise<DhtMutable> {
    const target = mutableTarget(publicKey, salt)
    const outcome = await this.#operate({ kind: 'get', target, salt })
    const { item, nodesAsked } = outcome.kind === 'mutable' ? outcome : NO_ITEM
    return {
      kind: 'mutable',
      value: item?.value ?? null,
      seq: item?.seq ?? null,
      signature: item?.signature ?? null,
      nodesAsked,
    }
  }

  async put(value: Uint8Array): Promise<DhtStored | Refusal | IoProblem> {
    const refusal = refuseValue(value)
    if (refusal !== null) return refusal
    return storedOf(await this.#operate({ kind: 'put', item: { kind: 'immutable', value } }))
  }

  async putMutable(signed: SignedItem): Promise<DhtStored | Refusal | IoProblem> {
    const { cas, ...item } = signed
    const refusal = refuseValue(item.value) ?? refuseItem(signed)
    if (refusal !== null) return refusal
    return storedOf(await this.#operate({ kind: 'put', item: { kind: 'mutable', item, cas } }))
  }

  /** Hashes that nodes near the target keep (BEP 51). */
  async sample(target: Uint8Array): Promise<readonly Uint8Array[]> {
    const outcome = await this.#operate({ kind: 'sample', target })
    return outcome.kind === 'samples' ? outcome.infoHashes : []
  }

  #search(task: SearchTask): void {
    const { search, infoHash } = task
    const port = this.#options.listenPort()
    const announce: DhtAnnounce | null =
      port === null ? null : { port, isPortImplied: false, isSeed: search.isSeed() }
    let found = 0
    const onPeers = (peers: readonly Address[]): void => {
      found += peers.length
      search.onPeers(peers)
    }
    const end = (outcome: DhtOutcome): void => {
      const nodesAsked = outcome.kind === 'peers' ? outcome.nodesAsked : 0
      this.#searches.ended(task, { peers: found, nodesAsked }, this.#init.ports.clock.nowMs())
    }
    this.#begin({ kind: 'find-peers', infoHash, isScrape: false, announce }, { end, onPeers, task })
  }

  #operate(
    operation: Operation,
    onPeers: (peers: readonly Address[]) => void = () => {},
  ): Promise<DhtOutcome> {
    return new Promise((resolve) => this.#begin(operation, { end: resolve, onPeers, task: null }))
  }

  #begin(operation: Operation, pending: Pending): void {
    if (this.#dht === null || this.#pending.size >= MAX_WAITING_OPERATIONS) {
      return pending.end({ kind: 'failed', why: 'too-many' })
    }
    const operationId = ++this.#lastOperationId
    this.#pending.set(operationId, pending)
    this.#feed({ ...operation, operationId })
  }

  #feed(input: DhtInput): void {
    const dht = this.#dht
    if (dht === null) return
    const effects = dht.handle(input, this.#init.ports.clock.nowMs())
    for (const effect of effects) this.#perform(effect)
    this.#arm()
  }

  #perform(effect: DhtEffect): void {
    switch (effect.kind) {
      case 'send':
        this.#init.hub.send(effect.bytes, effect.to)
        break
      case 'peers':
        this.#pending.get(effect.operationId)?.onPeers(effect.peers)
        break
      case 'done': {
        const pending = this.#pending.get(effect.operationId)
        this.#pending.delete(effect.operationId)
        pending?.end(effect.outcome)
        break
      }
      case 'external-address':
        this.#init.onExternalAddress?.(effect.host)
        break
      default:
        effect satisfies never
    }
  }

  /** Keeps one timer, for whatever is due first. */
  #arm(): void {
    const dht = this.#dht
    if (dht === null) return
    const dueMs = Math.min(
      dht.deadlineMs ?? Number.POSITIVE_INFINITY,
      this.#searches.deadlineMs ?? Number.POSITIVE_INFINITY,
      this.#saveMs,
      this.#lonelyCheckMs,
    )
    if (dueMs >= this.#timerMs) return
    this.#cancelTimer?.()
    this.#timerMs = dueMs
    const { clock } = this.#init.ports
    this.#cancelTimer = clock.after(Math.max(0, dueMs - clock.nowMs()), () => this.#wake())
  }

  #wake(): void {
    const dht = this.#dht
    if (dht === null) return
    this.#timerMs = Number.POSITIVE_INFINITY
    this.#cancelTimer = null
    const nowMs = this.#init.ports.clock.nowMs()
    if (nowMs >= (dht.deadlineMs ?? Number.POSITIVE_INFINITY)) this.#feed({ kind: 'tick' })
    if (nowMs >= this.#saveMs) {
      this.#saveMs = nowMs + SAVE_EVERY_MS
      void this.#save(dht)
    }
    this.#lookAround(dht, nowMs)
    this.#searches.run(nowMs)
    this.#arm()
  }

  #lookAround(dht: Dht, nowMs: Millis): void {
    if (!this.#wasReady && dht.isReady(nowMs)) {
      this.#wasReady = true
      this.#searches.hurry(nowMs)
    }
    if (nowMs < this.#lonelyCheckMs) return
    this.#lonelyCheckMs = nowMs + LONELY_CHECK_MS
    if (!dht.isReady(nowMs)) void this.#bootstrap(this.#generation)
  }

  async #bootstrap(generation: number): Promise<void> {
    const { bootstrap } = this.#options
    const { datagrams, log } = this.#init.ports
    const addresses = await resolveNodes(bootstrap, datagrams, log)
    if (generation === this.#generation && addresses.length > 0) {
      this.#feed({ kind: 'bootstrap', addresses })
    }
  }

  async #save(dht: Dht): Promise<void> {
    const { clock, log, records } = this.#init.ports
    const problem = await records.saveBlob(STATE_BLOB, dht.save(clock.nowMs()))
    if (problem !== null) log.write('warn', 'dht-state-not-saved', { problem: problem.message })
  }
}

type WithoutId<T> = T extends { readonly operationId: number } ? Omit<T, 'operationId'> : never
type Operation = WithoutId<Exclude<DhtInput, { kind: 'cancel' }>>

interface Pending {
  end(outcome: DhtOutcome): void
  onPeers(peers: readonly Address[]): void
  readonly task: SearchTask | null
}

const STATE_BLOB = 'dht'
/** `PG`, as in our peer id, and the version. */
const VERSION = Uint8Array.of(0x50, 0x47, 0, 1)
/** Nodes of an earlier run have so long to answer before others are asked. */
const RESTORED_CHECK_MS: Millis = 10_000
const NO_PEERS = { nodesAsked: 0, scrape: null }
const NO_ITEM = { item: null, nodesAsked: 0 }

function familiesOf(local: readonly Address[]): readonly NodeFamily[] {
  return [...new Set(local.map(({ host }): NodeFamily => (ipFamily(host) === 6 ? 6 : 4)))]
}

function noAnswer(node: string): IoProblem {
  return ioProblem(
    'timed-out',
    `The DHT node at ${toDisplay(node)} did not answer`,
    'Check the address, and that its UDP port is reachable',
  )
}

function refuseValue(value: Uint8Array): Refusal | null {
  if (value.length > MAX_VALUE_BYTES) {
    return badValue(
      `The value has ${value.length} bytes, and the DHT keeps at most ${MAX_VALUE_BYTES}`,
      'Store less, or split it over several values',
    )
  }
  if (isCanonicalValue(value)) return null
  return badValue('The value is not canonical bencode', 'Encode it as one bencoded value')
}

function refuseItem({ salt, seq }: SignedItem): Refusal | null {
  if (salt.length > MAX_SALT_BYTES) {
    return badValue(
      `The salt has ${salt.length} bytes, and the DHT takes at most ${MAX_SALT_BYTES}`,
      'Use a shorter salt, such as a hash',
    )
  }
  if (seq >= 0n && seq <= MAX_SEQ) return null
  return badValue('The sequence number is out of range', 'Use a number from 0 to 2^63-1')
}

function badValue(message: string, help: string): Refusal {
  return { kind: 'refusal', code: 'bad-value', message, help }
}

function storedOf(outcome: DhtOutcome): DhtStored | Refusal | IoProblem {
  if (outcome.kind !== 'stored' || (outcome.nodes === 0 && outcome.refusals.length === 0)) {
    return ioProblem(
      'unreachable',
      'No node of the DHT took the value',
      'Check that the DHT is on and knows nodes, and try again',
    )
  }
  const { nodes, refusals, target } = outcome
  // Nodes that had nothing yet take anything: those that know better count.
  if (nodes >= refusals.length) return { kind: 'stored', target, nodes }
  const code = refusals[0] ?? 0
  return {
    kind: 'refusal',
    code: 'failed',
    message: REFUSALS.get(code) ?? `All nodes of the DHT refused the value (error ${code})`,
    help: 'Fetch the current value, and store yours with a higher sequence number',
  }
}

const REFUSALS: ReadonlyMap<number, string> = new Map([
  [206, 'The nodes of the DHT say that the signature is wrong'],
  [301, 'The stored value is not the one that yours was to replace'],
  [302, 'A value with a higher sequence number is stored already'],
])
