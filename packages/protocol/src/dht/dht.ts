/**
 * A node of the DHT, in one or both of its networks: answers others, keeps what they store, and finds and stores for its
 * owner. Sans-IO: datagrams and time go in, datagrams and findings come out.
 *
 * Spec: BEP 5 <https://www.bittorrent.org/beps/bep_0005.html>, BEP 32, 33, 42, 43, 44 and 51
 * Divergences: one id a family, since BEP 42 binds it to the address; values are stored with 20 nodes, one a /16, for
 * the sake of those who are surrounded by liars; answers to addresses that may be forged are cut to three times the query.
 */
import {
  decodeKrpc,
  encodeKrpc,
  type KrpcBodyDraft,
  type KrpcMessage,
  MAX_SENT_BYTES,
  NODE_ID_BYTES,
} from '../bep/0005-krpc.ts'
import type { NodeFamily } from '../bep/0032-nodes.ts'
import { isVerifiedNodeId, nodeIdFor } from '../bep/0042-node-id.ts'
import type { VerifySignature } from '../bep/0044-items.ts'
import { equalBytes } from '../bytes.ts'
import { formatIp } from '../ip-address.ts'
import type { Machine, Millis } from '../machine.ts'
import { type Answer, Answerer } from './answerer.ts'
import { DhtFamily } from './dht-family.ts'
import { DHT_LIMITS, type DhtLimits } from './dht-limits.ts'
import type {
  DhtAddress,
  DhtEffect,
  DhtFamilyStatus,
  DhtInput,
  DhtOutcome,
} from './dht-messages.ts'
import { Entropy, plainBytes } from './entropy.ts'
import { ItemStore } from './item-store.ts'
import { idInBucket } from './node-id.ts'
import { PeerStore } from './peer-store.ts'
import { type Place, placeOf, placeOfCompact } from './place.ts'
import { MAX_AMPLIFICATION, RateGuard } from './rate-guard.ts'
import { BUCKET_NODES, isGood } from './routing-table.ts'
import { decodeSavedState, encodeSavedState } from './saved-state.ts'
import { TokenJar } from './token-jar.ts'
import { type Transaction, Transactions } from './transactions.ts'
import { type WalkPurpose, Walks } from './walks.ts'

export type {
  DhtAddress,
  DhtAnnounce,
  DhtEffect,
  DhtFamilyStatus,
  DhtInput,
  DhtOutcome,
  DhtPutItem,
  NodeFamily,
} from './dht-messages.ts'

export interface DhtConfig {
  /** The families that datagrams can be sent in. */
  readonly families: readonly NodeFamily[]
  /** Unguessable: tokens and transactions rest on it. */
  readonly randomBytes: (lengthBytes: number) => Uint8Array
  readonly verify: VerifySignature
  /** The `v` of our messages: two letters of the client (BEP 20), two bytes of version. */
  readonly version: Uint8Array
  /** BEP 43: asks, but answers nobody. */
  readonly isReadOnly: boolean
  /** What `save` gave in an earlier run. */
  readonly savedState: Uint8Array | null
  readonly limits?: Partial<DhtLimits>
}

/** Nodes of a bootstrap list. */
export const MAX_BOOTSTRAP_NODES = 32
/** Nodes that were named to us and have not answered yet. */
export const MAX_PROBES = 64

export class Dht implements Machine<DhtInput, DhtEffect> {
  readonly #limits: DhtLimits
  readonly #config: DhtConfig
  readonly #entropy: Entropy
  readonly #families: { readonly [F in NodeFamily]: DhtFamily | null }
  readonly #guard: RateGuard
  readonly #tokens: TokenJar
  readonly #peers: PeerStore
  readonly #items: ItemStore
  readonly #answerer: Answerer
  readonly #transactions: Transactions<Purpose>
  readonly #walks: Walks
  readonly #probes = new Set<string>()
  #isReadOnly: boolean
  #upkeepMs: Millis
  #expiryMs: Millis
  #effects: DhtEffect[] = []

  constructor(config: DhtConfig, nowMs: Millis) {
    this.#config = config
    this.#limits = { ...DHT_LIMITS, ...config.limits }
    this.#entropy = new Entropy(config.randomBytes)
    this.#isReadOnly = config.isReadOnly
    this.#families = this.#openFamilies(config, nowMs)
    this.#guard = new RateGuard(this.#limits)
    this.#tokens = new TokenJar(this.#entropy.bytes, nowMs)
    this.#peers = new PeerStore(this.#limits, this.#entropy.int)
    this.#items = new ItemStore(this.#limits)
    this.#transactions = new Transactions(this.#entropy.bytes, this.#limits.openQueries)
    this.#answerer = new Answerer({
      limits: this.#limits,
      tables: { 4: this.#families[4]?.table ?? null, 6: this.#families[6]?.table ?? null },
      tokens: this.#tokens,
      peers: this.#peers,
      items: this.#items,
      verify: config.verify,
      version: config.version,
    })
    this.#walks = new Walks({
      limits: this.#limits,
      families: this.#families,
      peers: this.#peers,
      items: this.#items,
      verify: config.verify,
      ask: (...question) => this.#ask(...question),
      probe: (place, at) => this.#probe(place, at),
      emit: (effect) => this.#effects.push(effect),
    })
    this.#upkeepMs = nowMs
    this.#expiryMs = nowMs + EXPIRY_ROUND_MS
  }

  get deadlineMs(): Millis | null {
    const waitingMs = this.#transactions.deadlineMs
    return waitingMs === null ? this.#upkeepMs : Math.min(waitingMs, this.#upkeepMs)
  }

  /** The open families, IPv4 first. */
  status(nowMs: Millis): readonly DhtFamilyStatus[] {
    const stored = {
      storedHashes: this.#peers.hashCount,
      storedPeers: this.#peers.peerCount,
      storedItems: this.#items.size,
    }
    return this.#openList().map((family) => ({ ...family.status(nowMs), ...stored }))
  }

  /** Whether any node is known, answering or not. */
  get hasNodes(): boolean {
    return this.#openList().some(({ table }) => table.size > 0)
  }

  /** Whether a node of any family is known to answer. */
  isReady(nowMs: Millis): boolean {
    return this.#openList().some(({ table }) => table.goodCount(nowMs) > 0)
  }

  /** What the next run begins with; see `DhtConfig.savedState`. */
  save(nowMs: Millis): Uint8Array {
    const saved = (family: DhtFamily | null) => {
      if (family === null) return null
      const nodes = [...family.table.nodes()]
      // Those that are good now are most likely there later.
      const first = nodes.filter((node) => isGood(node, nowMs))
      const others = nodes.filter((node) => !isGood(node, nowMs))
      return { id: family.table.own, nodes: [...first, ...others].map(({ compact }) => compact) }
    }
    return encodeSavedState({ 4: saved(this.#families[4]), 6: saved(this.#families[6]) })
  }

  /** The nodes that we would hand out for the target, as a torrent's `nodes` may name them. */
  closestNodes(target: Uint8Array, family: NodeFamily, nowMs: Millis): readonly DhtAddress[] {
    const found = this.#families[family]?.table.closestUsable(target, BUCKET_NODES) ?? []
    return found
      .filter((node) => isGood(node, nowMs))
      .map(({ place }) => ({ host: place.host, port: place.port }))
  }

  handle(input: DhtInput, nowMs: Millis): readonly DhtEffect[] {
    this.#effects = []
    switch (input.kind) {
      case 'datagram':
        this.#receive(input.bytes, input.from, nowMs)
        break
      case 'tick':
        this.#tick(nowMs)
        break
      case 'bootstrap':
        this.#setBootstrap(input.addresses, nowMs)
        break
      case 'add-node': {
        const place = placeOf(input.address.host, input.address.port)
        if (place !== null) this.#probe(place, nowMs)
        break
      }
      case 'set-read-only':
        this.#isReadOnly = input.isReadOnly
        break
      case 'ping':
        this.#ping(input.operationId, input.address, nowMs)
        break
      case 'cancel':
        this.#walks.cancel(input.operationId)
        break
      case 'find-peers':
      case 'get':
      case 'put':
      case 'sample':
        this.#walks.operate(input, nowMs)
        break
      default:
        input satisfies never
    }
    return this.#effects
  }

  #openFamilies(config: DhtConfig, nowMs: Millis): { [F in NodeFamily]: DhtFamily | null } {
    const saved = config.savedState === null ? null : decodeSavedState(config.savedState)
    const open = (number: NodeFamily): DhtFamily | null => {
      if (!config.families.includes(number)) return null
      const id = saved?.[number]?.id ?? this.#entropy.bytes(NODE_ID_BYTES).slice()
      const family = new DhtFamily(number, id, nowMs)
      for (const node of saved?.[number]?.nodes ?? []) {
        const place = placeOf(node.host, node.port)
        if (place !== null && place.family === number) family.table.restore(node.id, place, nowMs)
      }
      return family
    }
    return { 4: open(4), 6: open(6) }
  }

  #openList(): readonly DhtFamily[] {
    return [this.#families[4], this.#families[6]].filter((family) => family !== null)
  }

  // --- Datagrams ---

  #receive(bytes: Uint8Array, from: DhtAddress, nowMs: Millis): void {
    const place = placeOf(from.host, from.port)
    const family = place === null ? null : this.#families[place.family]
    if (place === null || family === null) return
    family.bytesIn += bytes.length
    const packet = plainBytes(bytes)
    const result = decodeKrpc(packet)
    if (!result.ok) return
    const { message } = result
    if (message.kind === 'query') this.#serve(family, message, place, packet, nowMs)
    else this.#settle(family, message, place, nowMs)
  }

  #serve(
    family: DhtFamily,
    message: KrpcMessage,
    from: Place,
    query: Uint8Array,
    nowMs: Millis,
  ): void {
    family.queriesIn++
    // "It no longer responds to 'query' messages that it receives"
    if (this.#isReadOnly) return
    if (!this.#guard.admits(from.ownerKey, nowMs)) {
      family.refusedIn++
      return
    }
    const { id } = message.body
    const isReachable = id !== null && !message.isReadOnly && this.#mayProbe(from)
    const isWanted = id !== null && family.table.queried(id, from, nowMs) && isReachable
    const isProven = isReachable && this.#guard.isProven(from.ownerKey, nowMs)
    const limit = this.#guard.answerBytes(from.ownerKey, query.length, MAX_SENT_BYTES, nowMs)
    // The ping that finds out whether it answers counts as well as long as its address may be forged.
    const reserve = isWanted && !isProven ? PING_BYTES : 0
    const answer = this.#answerer.answer(message, from, limit - reserve, nowMs)
    if (answer?.isCut === true && isReachable && !isProven && this.#defer(from, query, nowMs))
      return
    if (answer !== null) this.#reply(family, from, query.length, answer, nowMs)
    const room = query.length * MAX_AMPLIFICATION - (answer?.bytes.length ?? 0)
    if (isWanted && (isProven || room >= PING_BYTES)) this.#probe(from, nowMs)
  }

  #reply(family: DhtFamily, to: Place, queryBytes: number, answer: Answer, nowMs: Millis): void {
    this.#transmit(family, to, answer.bytes)
    this.#guard.answered(queryBytes, answer.bytes.length)
    if (answer.isAskerProven) this.#guard.prove(to.ownerKey, nowMs)
  }

  /** Pings the asker first: if it answers, its address is its own, and the answer may be as long as it must be. */
  #defer(from: Place, query: Uint8Array, nowMs: Millis): boolean {
    const purpose: Purpose = { kind: 'prove', query: query.slice() }
    if (!this.#ask(from, 'ping', {}, purpose, nowMs)) return false
    this.#probes.add(placeKey(from))
    return true
  }

  /** The answer that was put off; without proof it is cut, and the ping counts with it. */
  #replyLate(from: Place, query: Uint8Array, isProven: boolean, nowMs: Millis): void {
    const family = this.#families[from.family]
    const result = decodeKrpc(query)
    if (family === null || !result.ok || this.#isReadOnly) return
    const limit = isProven
      ? this.#guard.answerBytes(from.ownerKey, query.length, MAX_SENT_BYTES, nowMs)
      : query.length * MAX_AMPLIFICATION - PING_BYTES
    const answer = this.#answerer.answer(result.message, from, limit, nowMs)
    if (answer !== null) this.#reply(family, from, query.length, answer, nowMs)
  }

  /** An answer, or an error in its place, to a query of ours. */
  #settle(family: DhtFamily, message: KrpcMessage, from: Place, nowMs: Millis): void {
    const transaction = this.#transactions.take(message.t, from)
    if (transaction === null) return
    this.#guard.prove(from.ownerKey, nowMs)
    const { id } = message.body
    const isAnswer = message.kind === 'response' && id !== null
    if (isAnswer) {
      family.table.responded(id, from, nowMs)
      if (message.ip !== null) this.#hearOurAddress(family, from, message.ip, nowMs)
    }
    this.#fulfil(transaction, isAnswer ? message : null, message.errorCode, nowMs)
  }

  #fulfil(
    { isLate, purpose, sentMs, to }: Transaction<Purpose>,
    answer: KrpcMessage | null,
    errorCode: number,
    nowMs: Millis,
  ): void {
    switch (purpose.kind) {
      case 'probe':
        this.#probes.delete(placeKey(to))
        return
      case 'prove':
        this.#probes.delete(placeKey(to))
        // When it was late the answer went out already, as much of it as might.
        if (answer !== null && !isLate) this.#replyLate(to, purpose.query, true, nowMs)
        return
      case 'ping': {
        const nodeId = answer?.body.id
        this.#done(
          purpose.operationId,
          nodeId
            ? {
                kind: 'pong',
                nodeId: nodeId.slice(),
                version: answer?.v?.slice() ?? null,
                roundTripMs: nowMs - sentMs,
              }
            : { kind: 'failed', why: 'timed-out' },
        )
        return
      }
      case 'walk':
      case 'store':
        return this.#walks.answered(purpose, answer, errorCode, nowMs)
      default:
        purpose satisfies never
    }
  }

  #hearOurAddress(family: DhtFamily, voter: Place, compact: Uint8Array, nowMs: Millis): void {
    const seen = placeOfCompact(compact)
    if (seen === null || seen.family !== family.family) return
    const believed = family.votes.vote(voter, seen.ip)
    if (believed === null) return
    if (family.externalIp !== null && equalBytes(family.externalIp, believed)) return
    // Who has many votes must not make us move house all the time.
    if (family.externalIp !== null && nowMs - family.addressMs < ADDRESS_KEPT_MS) return
    family.externalIp = believed
    family.addressMs = nowMs
    const host = formatIp(believed)
    if (host !== null) {
      this.#effects.push({ kind: 'external-address', family: family.family, host })
    }
    if (isVerifiedNodeId(family.table.own, believed)) return
    family.table.rebuild(nodeIdFor(believed, this.#entropy.bytes(NODE_ID_BYTES)), nowMs)
    family.scheduleBootstrap(nowMs, true)
    this.#upkeepMs = nowMs
  }

  #done(operationId: number, outcome: DhtOutcome): void {
    this.#effects.push({ kind: 'done', operationId, outcome })
  }

  // --- Single questions ---

  #ping(operationId: number, address: DhtAddress, nowMs: Millis): void {
    const place = placeOf(address.host, address.port)
    if (place === null || this.#families[place.family] === null) {
      return this.#done(operationId, { kind: 'failed', why: 'bad-address' })
    }
    if (!this.#ask(place, 'ping', {}, { kind: 'ping', operationId }, nowMs)) {
      this.#done(operationId, { kind: 'failed', why: 'too-many' })
    }
  }

  #mayProbe(place: Place): boolean {
    return this.#probes.size < MAX_PROBES && !this.#probes.has(placeKey(place))
  }

  /** Finds out whether a node answers: only then the table takes it. */
  #probe(place: Place, nowMs: Millis): void {
    if (!this.#mayProbe(place)) return
    if (this.#ask(place, 'ping', {}, { kind: 'probe' }, nowMs)) this.#probes.add(placeKey(place))
  }

  /** `false` where nothing can be sent there now. */
  #ask(to: Place, method: string, body: KrpcBodyDraft, purpose: Purpose, nowMs: Millis): boolean {
    const family = this.#families[to.family]
    if (family === null || this.#transactions.isFull) return false
    const t = this.#transactions.begin(to, purpose, nowMs)
    const id = family.table.own
    const { version: v } = this.#config
    const isReadOnly = this.#isReadOnly
    const bytes = encodeKrpc({ kind: 'query', t, v, method, isReadOnly, body: { ...body, id } })
    const node = family.table.find(to)
    if (node !== null) node.askedMs = nowMs
    family.queriesOut++
    this.#transmit(family, to, bytes)
    return true
  }

  #transmit(family: DhtFamily, to: Place, bytes: Uint8Array): void {
    family.bytesOut += bytes.length
    this.#effects.push({ kind: 'send', to: { host: to.host, port: to.port }, bytes })
  }

  // --- Time ---

  #tick(nowMs: Millis): void {
    const { late, dead } = this.#transactions.expire(nowMs)
    for (const { purpose, to } of late) {
      if (purpose.kind === 'prove') this.#replyLate(to, purpose.query, false, nowMs)
      if (purpose.kind === 'walk') this.#walks.late(purpose, nowMs)
    }
    for (const transaction of dead) {
      this.#families[transaction.to.family]?.table.failed(transaction.to)
      this.#fulfil(transaction, null, 0, nowMs)
    }
    if (nowMs >= this.#upkeepMs) this.#keepUp(nowMs)
  }

  #keepUp(nowMs: Millis): void {
    this.#upkeepMs = nowMs + UPKEEP_MS
    for (const family of this.#openList()) {
      this.#keepTable(family, nowMs)
      if (family.isBootstrapping) continue
      if (nowMs >= family.nextBootstrapMs) this.#bootstrap(family, nowMs)
      this.#upkeepMs = Math.min(this.#upkeepMs, family.nextBootstrapMs)
    }
    if (nowMs < this.#expiryMs) return
    this.#expiryMs = nowMs + EXPIRY_ROUND_MS
    this.#peers.expire(nowMs)
    this.#items.expire(nowMs)
  }

  #keepTable(family: DhtFamily, nowMs: Millis): void {
    const { table } = family
    for (let i = 0; i < PINGS_PER_ROUND; i++) {
      const due = table.dueForPing(nowMs, SILENT_MS)
      if (due === null || !this.#mayProbe(due.place)) break
      this.#probe(due.place, nowMs)
    }
    const bucket = family.isBootstrapping ? null : table.dueForRefresh(nowMs)
    if (bucket === null) return
    const isOwn = bucket === table.bucketCount - 1
    const chance = this.#entropy.bytes(NODE_ID_BYTES)
    const target = isOwn ? table.own : idInBucket(table.own, bucket, chance)
    this.#walks.refresh(family, target, false, nowMs)
  }

  #setBootstrap(addresses: readonly DhtAddress[], nowMs: Millis): void {
    this.#walks.bootstrapPlaces = addresses
      .map(({ host, port }) => placeOf(host, port))
      .filter((place) => place !== null)
      .slice(0, MAX_BOOTSTRAP_NODES)
    for (const family of this.#openList()) {
      if (!family.isBootstrapping) this.#bootstrap(family, nowMs)
    }
  }

  /** "attempt to find the closest nodes in the DHT to itself"; again, more and more seldom, while the table is small. */
  #bootstrap(family: DhtFamily, nowMs: Millis): void {
    family.scheduleBootstrap(nowMs, false)
    if (
      family.table.size >= ENOUGH_NODES &&
      family.table.goodCount(nowMs) > 0 &&
      family.isSettled
    ) {
      return
    }
    family.isSettled = true
    family.isBootstrapping = true
    this.#walks.refresh(family, family.table.own, true, nowMs)
  }
}

/** Why we asked. */
type Purpose =
  | { readonly kind: 'probe' }
  | { readonly kind: 'prove'; readonly query: Uint8Array }
  | { readonly kind: 'ping'; readonly operationId: number }
  | WalkPurpose

const UPKEEP_MS: Millis = 5_000
const EXPIRY_ROUND_MS: Millis = 60_000
/** So that the table of an earlier run is known to be there within minutes. */
const PINGS_PER_ROUND = 4
/** A node that was silent so long is asked before it turns questionable. */
const SILENT_MS: Millis = 10 * 60_000
/** What is believed of our address stays so long. */
const ADDRESS_KEPT_MS: Millis = 60_000
const ENOUGH_NODES = 32
/** Of our ping: `d1:ad2:id20:` + 20 + `e1:q4:ping1:t4:` + 4 + `1:v4:` + 4 + `1:y1:qe`. */
const PING_BYTES = 67

function placeKey({ host, port }: DhtAddress): string {
  return `${host} ${port}`
}
