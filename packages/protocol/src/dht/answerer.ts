/**
 * Answers to the queries of strangers. Each fits into what `RateGuard` allows for it: the lists are cut, then what is
 * optional is left out. No answer is longer than 1,024 bytes.
 *
 * Spec: BEP 5, "DHT Queries"; BEP 32, "Message semantics"; BEP 33; BEP 42, `ip`; BEP 44; BEP 51
 */
import {
  encodeKrpc,
  type KrpcBody,
  type KrpcErrorCode,
  type KrpcMessage,
  MAX_SENT_BYTES,
  MAX_TRANSACTION_ID_BYTES,
} from '../bep/0005-krpc.ts'
import { COMPACT_NODE_BYTES, type NodeFamily } from '../bep/0032-nodes.ts'
import { judgePut, type VerifySignature } from '../bep/0044-items.ts'
import { latin1Encode } from '../bytes.ts'
import type { Millis } from '../machine.ts'
import { AnswerWriter } from './answer-writer.ts'
import type { DhtLimits } from './dht-limits.ts'
import { type ItemStore, type StoredItem, targetOfPut } from './item-store.ts'
import type { PeerStore } from './peer-store.ts'
import { compactPlace, type Place, placeOf } from './place.ts'
import { BUCKET_NODES, type RoutingTable, type TableNode } from './routing-table.ts'
import { TOKEN_BYTES, type TokenJar } from './token-jar.ts'

export interface AnswererParts {
  readonly limits: DhtLimits
  readonly tables: { readonly [F in NodeFamily]: RoutingTable | null }
  readonly tokens: TokenJar
  readonly peers: PeerStore
  readonly items: ItemStore
  readonly verify: VerifySignature
  /** The four bytes of `v`. */
  readonly version: Uint8Array
}

export interface Answer {
  readonly bytes: Uint8Array
  /** A token of ours came back: the asker's address is its own. */
  readonly isAskerProven: boolean
  /** More than nodes had to be left out: worth finding out whether the asker is who it seems. */
  readonly isCut: boolean
}

export class Answerer {
  readonly #parts: AnswererParts
  readonly #writer = new AnswerWriter()
  readonly #nodes: { readonly [F in NodeFamily]: TableNode[] } = { 4: [], 6: [] }
  readonly #entries: Uint8Array[] = []

  constructor(parts: AnswererParts) {
    this.#parts = parts
  }

  /** `null` where nothing may be said. `limitBytes` is what the answer may have. */
  answer(message: KrpcMessage, from: Place, limitBytes: number, nowMs: Millis): Answer | null {
    const { body, t } = message
    if (t.length > MAX_TRANSACTION_ID_BYTES) return null
    const room = Math.min(limitBytes, MAX_SENT_BYTES)
    if (body.id === null) return this.#error(message, from, 203, 'no id', room)
    switch (message.method) {
      case 'ping':
        return this.#plain(message, from, room, false)
      case 'find_node':
        return body.target === null
          ? this.#error(message, from, 203, 'no target', room)
          : this.#list(message, from, room, nowMs, { target: body.target })
      case 'get_peers':
        return body.infoHash === null
          ? this.#error(message, from, 203, 'no info_hash', room)
          : this.#getPeers(message, body.infoHash, from, room, nowMs)
      case 'announce_peer':
        return this.#announcePeer(message, from, room, nowMs)
      case 'get':
        return body.target === null
          ? this.#error(message, from, 203, 'no target', room)
          : this.#get(message, body.target, from, room, nowMs)
      case 'put':
        return this.#put(message, from, room, nowMs)
      case 'sample_infohashes':
        return body.target === null
          ? this.#error(message, from, 203, 'no target', room)
          : this.#samples(message, body.target, from, room, nowMs)
      default: {
        // What later extensions ask is answered as far as we can, so that their lookups go on.
        const target = body.target ?? body.infoHash
        return target === null
          ? this.#error(message, from, 204, 'method unknown', room)
          : this.#list(message, from, room, nowMs, { target })
      }
    }
  }

  #getPeers(
    message: KrpcMessage,
    infoHash: Uint8Array,
    from: Place,
    room: number,
    nowMs: Millis,
  ): Answer | null {
    const { peers, tokens, limits } = this.#parts
    const { isScrape, isWithoutSeeds } = message.body
    const token = peers.hasRoomFor(infoHash, from) ? tokens.issue(from.ip, infoHash, nowMs) : null
    peers.entries(infoHash, from.family, limits.valuesPerAnswer, isWithoutSeeds, this.#entries)
    const filters = isScrape ? peers.filters(infoHash, from.family) : null
    return this.#list(message, from, room, nowMs, {
      target: infoHash,
      token,
      entries: this.#entries,
      filters,
    })
  }

  #announcePeer(message: KrpcMessage, from: Place, room: number, nowMs: Millis): Answer | null {
    const { body } = message
    const { infoHash, token } = body
    if (infoHash === null || token === null || body.isMalformed) {
      return this.#error(message, from, 203, 'malformed announce', room)
    }
    if (!this.#parts.tokens.accepts(token, from.ip, infoHash, nowMs)) {
      return this.#error(message, from, 203, 'bad token', room)
    }
    const peer = body.isPortImplied ? from : placeOf(from.host, body.port ?? 0)
    if (peer === null) return this.#error(message, from, 203, 'bad port', room)
    return this.#parts.peers.add(infoHash, peer, body.isSeed, nowMs)
      ? this.#plain(message, from, room, true)
      : this.#error(message, from, 202, 'no room', room)
  }

  #get(
    message: KrpcMessage,
    target: Uint8Array,
    from: Place,
    room: number,
    nowMs: Millis,
  ): Answer | null {
    const { items, tokens } = this.#parts
    const own = this.#table(from)?.own
    const hasRoom = own !== undefined && items.hasRoomFor(target, from, own)
    const token = hasRoom ? tokens.issue(from.ip, target, nowMs) : null
    return this.#list(message, from, room, nowMs, { target, token, item: items.get(target) })
  }

  #put(message: KrpcMessage, from: Place, room: number, nowMs: Millis): Answer | null {
    const { items, tokens, verify } = this.#parts
    const own = this.#table(from)?.own
    const put = judgePut(message.body, verify)
    if (put.kind === 'refused' || own === undefined) {
      const [code, text] = put.kind === 'refused' ? [put.code, put.message] : [202 as const, 'off']
      return this.#error(message, from, code, text, room)
    }
    const token = message.body.token
    if (token === null || !tokens.accepts(token, from.ip, targetOfPut(put), nowMs)) {
      return this.#error(message, from, 203, 'bad token', room)
    }
    const outcome = items.put(put, from, own, nowMs)
    return outcome.kind === 'stored'
      ? this.#plain(message, from, room, true)
      : this.#error(message, from, outcome.code, outcome.message, room)
  }

  #samples(
    message: KrpcMessage,
    target: Uint8Array,
    from: Place,
    room: number,
    nowMs: Millis,
  ): Answer | null {
    const { peers } = this.#parts
    const { hashes, intervalS } = peers.sample(nowMs)
    const samples = { hashes, intervalS, count: peers.hashCount }
    return this.#list(message, from, room, nowMs, { target, samples })
  }

  /** Only our id. */
  #plain(message: KrpcMessage, from: Place, room: number, isAskerProven: boolean): Answer | null {
    const own = this.#table(from)?.own
    if (own === undefined) return null
    const writer = this.#writer
    writer.begin(compactPlace(from))
    writer.raw(KEY_ID)
    writer.raw(own)
    const needed = writer.lengthBytes + endBytes(message.t)
    if (needed > room) return null
    const version = needed + VERSION_BYTES <= room ? this.#parts.version : null
    return { bytes: writer.end(message.t, version), isAskerProven, isCut: false }
  }

  #error(
    message: KrpcMessage,
    from: Place,
    errorCode: KrpcErrorCode,
    text: string,
    room: number,
  ): Answer | null {
    const { t } = message
    const draft = { kind: 'error' as const, t, errorCode, errorMessage: latin1Encode(text) }
    const full = encodeKrpc({ ...draft, v: this.#parts.version, ip: compactPlace(from) })
    const bytes = full.length <= room ? full : encodeKrpc(draft)
    return bytes.length <= room ? { bytes, isAskerProven: false, isCut: false } : null
  }

  /** Our id, the nodes nearest to the target, and what else there is, in the order of the keys. */
  #list(
    message: KrpcMessage,
    from: Place,
    room: number,
    nowMs: Millis,
    content: Content,
  ): Answer | null {
    const own = this.#table(from)?.own
    if (own === undefined) return null
    const plan = this.#plan(message, from, room, nowMs, content)
    if (plan === null) return null
    const writer = this.#writer
    writer.begin(compactPlace(from))
    if (plan.hasFilters && content.filters) {
      writer.raw(KEY_PEER_FILTER)
      writer.raw(content.filters.peers)
      writer.raw(KEY_SEED_FILTER)
      writer.raw(content.filters.seeds)
    }
    writer.raw(KEY_ID)
    writer.raw(own)
    if (content.samples) {
      writer.raw(KEY_INTERVAL)
      writer.int(content.samples.intervalS)
    }
    const proof = plan.hasItem ? content.item?.proof : null
    if (proof) {
      writer.raw(KEY_PUBLIC_KEY)
      writer.raw(proof.publicKey)
    }
    this.#writeNodes(4, plan.nodeCount)
    this.#writeNodes(6, plan.node6Count)
    if (content.samples) {
      writer.raw(KEY_COUNT)
      writer.int(content.samples.count)
      writer.raw(KEY_SAMPLES)
      writer.string(content.samples.hashes.subarray(0, plan.sampleBytes))
    }
    if (plan.seq !== null) {
      writer.raw(KEY_SEQ)
      writer.int(plan.seq)
    }
    if (proof) {
      writer.raw(KEY_SIGNATURE)
      writer.raw(proof.signature)
    }
    if (content.token) {
      writer.raw(KEY_TOKEN)
      writer.raw(content.token)
    }
    if (plan.hasItem && content.item) {
      writer.raw(KEY_VALUE)
      writer.raw(content.item.value)
    }
    if (plan.valueCount > 0) {
      writer.raw(KEY_VALUES)
      for (let i = 0; i < plan.valueCount; i++) writer.raw(content.entries?.[i] ?? NO_BYTES)
      writer.raw(LIST_END)
    }
    const left = room - writer.lengthBytes - endBytes(message.t)
    const version = left >= VERSION_BYTES ? this.#parts.version : null
    return { bytes: writer.end(message.t, version), isAskerProven: false, isCut: plan.isCut }
  }

  #writeNodes(family: NodeFamily, count: number): void {
    if (count < 0) return
    this.#writer.raw(family === 4 ? KEY_NODES : KEY_NODES6)
    this.#writer.length(count * COMPACT_NODE_BYTES[family])
    const nodes = this.#nodes[family]
    for (let i = 0; i < count; i++) this.#writer.raw(nodes[i]?.compact ?? NO_BYTES)
  }

  /** What of the content fits. Half of what is left goes to nodes where there are peers too. */
  #plan(
    message: KrpcMessage,
    from: Place,
    room: number,
    nowMs: Millis,
    content: Content,
  ): Plan | null {
    let left = room - FIXED_BYTES - from.ip.length - endBytes(message.t)
    if (content.token) left -= TOKEN_FIELD_BYTES
    if (content.samples) left -= SAMPLE_FIELD_BYTES
    if (left < 0) return null
    const plan: Plan = { ...NOTHING }
    if (content.item) left -= planItem(plan, content.item, message.body, left)
    if (content.filters) {
      plan.hasFilters = left >= FILTER_FIELD_BYTES + NODES_FIELD_BYTES
      if (plan.hasFilters) left -= FILTER_FIELD_BYTES
      else plan.isCut = true
    }
    const entryBytes = content.entries?.[0]?.length ?? 0
    const entries = content.entries?.length ?? 0
    const wantedBytes = entries === 0 ? 0 : Math.min(left >> 1, entries * entryBytes + LIST_BYTES)
    left =
      this.#planNodes(plan, message, from, nowMs, content.target, left - wantedBytes) + wantedBytes
    if (entries > 0) {
      plan.valueCount = Math.max(0, Math.min(entries, Math.floor((left - LIST_BYTES) / entryBytes)))
      plan.isCut ||= plan.valueCount < entries
    }
    if (content.samples) {
      const wanted = content.samples.hashes.length
      plan.sampleBytes = Math.min(wanted, Math.max(0, left - (left % ID_BYTES)))
      plan.isCut ||= plan.sampleBytes < wanted
    }
    return plan
  }

  /** "In the absence of a "want" parameter, the reply should include "nodes" if the request was sent over IPv4". */
  #planNodes(
    plan: Plan,
    message: KrpcMessage,
    from: Place,
    nowMs: Millis,
    target: Uint8Array,
    leftBytes: number,
  ): number {
    const { want } = message.body
    const first = from.family
    const second = first === 4 ? 6 : 4
    const wants4 = want?.nodes ?? first === 4
    const wants6 = want?.nodes6 ?? first === 6
    let left = leftBytes
    for (const family of [first, second] as const) {
      const isWanted = family === 4 ? wants4 : wants6
      const table = this.#parts.tables[family]
      if (!isWanted || table === null || left < NODES_FIELD_BYTES) continue
      const found = table.closestGood(target, BUCKET_NODES, nowMs, this.#nodes[family])
      const fitting = Math.floor((left - NODES_FIELD_BYTES) / COMPACT_NODE_BYTES[family])
      const count = Math.min(found, fitting)
      if (family === 4) plan.nodeCount = count
      else plan.node6Count = count
      left -= NODES_FIELD_BYTES + count * COMPACT_NODE_BYTES[family]
    }
    return left
  }

  #table(from: Place): RoutingTable | null {
    return this.#parts.tables[from.family]
  }
}

interface Content {
  readonly target: Uint8Array
  readonly token?: Uint8Array | null
  readonly entries?: readonly Uint8Array[]
  readonly filters?: { readonly seeds: Uint8Array; readonly peers: Uint8Array } | null
  readonly item?: StoredItem | null
  readonly samples?: {
    readonly hashes: Uint8Array
    readonly intervalS: number
    readonly count: number
  }
}

interface Plan {
  isCut: boolean
  hasFilters: boolean
  hasItem: boolean
  seq: bigint | null
  /** -1: the list is left out. */
  nodeCount: number
  node6Count: number
  valueCount: number
  sampleBytes: number
}

const NOTHING: Plan = {
  isCut: false,
  hasFilters: false,
  hasItem: false,
  seq: null,
  nodeCount: -1,
  node6Count: -1,
  valueCount: 0,
  sampleBytes: 0,
}

const ID_BYTES = 20
const NO_BYTES = new Uint8Array(0)
const KEY_ID = latin1Encode('2:id20:')
const KEY_PEER_FILTER = latin1Encode('4:BFpe256:')
const KEY_SEED_FILTER = latin1Encode('4:BFsd256:')
const KEY_INTERVAL = latin1Encode('8:interval')
const KEY_PUBLIC_KEY = latin1Encode('1:k32:')
const KEY_NODES = latin1Encode('5:nodes')
const KEY_NODES6 = latin1Encode('6:nodes6')
const KEY_COUNT = latin1Encode('3:num')
const KEY_SAMPLES = latin1Encode('7:samples')
const KEY_SEQ = latin1Encode('3:seq')
const KEY_SIGNATURE = latin1Encode('3:sig64:')
const KEY_TOKEN = latin1Encode(`5:token${TOKEN_BYTES}:`)
const KEY_VALUE = latin1Encode('1:v')
const KEY_VALUES = latin1Encode('6:valuesl')
const LIST_END = latin1Encode('e')

/** `d2:ip18:` + 2 of port + `1:rd2:id20:` + the id; the address comes on top. */
const FIXED_BYTES = 41
const VERSION_BYTES = 9
const TOKEN_FIELD_BYTES = KEY_TOKEN.length + TOKEN_BYTES
const SAMPLE_FIELD_BYTES = 10 + 7 + 5 + 6 + 9 + 4
const FILTER_FIELD_BYTES = 2 * (10 + 256)
/** `6:nodes6304:` */
const NODES_FIELD_BYTES = 12
const LIST_BYTES = 10
const KEYS_OF_PROOF_BYTES = 6 + 32 + 8 + 64

/** `e1:t2:..` and `1:y1:re`. */
function endBytes(t: Uint8Array): number {
  return 4 + (t.length < 10 ? 2 : 3) + t.length + 7
}

/** Answers the bytes taken. The value goes out whole or not at all, and not to who has it: "if its sequence number is greater". */
function planItem(plan: Plan, item: StoredItem, body: KrpcBody, left: number): number {
  let taken = 0
  const { proof } = item
  const seqBytes = proof === null ? 0 : 5 + 2 + proof.seq.toString().length
  if (proof !== null && seqBytes <= left) {
    plan.seq = proof.seq
    taken += seqBytes
    if (body.seq !== null && proof.seq <= body.seq) return taken
  }
  const itemBytes =
    KEY_VALUE.length + item.value.length + (proof === null ? 0 : KEYS_OF_PROOF_BYTES)
  if (taken + itemBytes > left) {
    plan.isCut = true
    return taken
  }
  plan.hasItem = true
  return taken + itemBytes
}
