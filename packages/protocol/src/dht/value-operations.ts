/** Fetching and storing values. Spec: BEP 44 */
import type { KrpcBody, KrpcBodyDraft } from '../bep/0005-krpc.ts'
import { decodeSamples } from '../bep/0051-samples.ts'
import {
  immutableTarget,
  isCanonicalValue,
  MAX_VALUE_BYTES,
  type MutableItem,
  mutableTarget,
  provenItem,
  type VerifySignature,
} from '../bep/0044-items.ts'
import { equalBytes, latin1Decode } from '../bytes.ts'
import type { DhtAddress, DhtOutcome, DhtPutItem } from './dht-messages.ts'
import { type Candidate, type Lookup, STORE_NODES } from './lookup.ts'
import type { Operation, StoreQuery } from './operation.ts'
import { BUCKET_NODES } from './routing-table.ts'

/** A value under its own hash: the first that fits is the only one there can be. */
export class GetOperation implements Operation {
  readonly method = 'get'
  readonly wantedAnswers: number = STORE_NODES
  readonly operationId: number
  readonly target: Uint8Array
  readonly question: KrpcBodyDraft
  #value: Uint8Array | null = null

  constructor(operationId: number, target: Uint8Array) {
    this.operationId = operationId
    this.target = target
    this.question = { target }
  }

  get isSatisfied(): boolean {
    return this.#value !== null
  }

  answered(body: KrpcBody): readonly DhtAddress[] {
    if (body.value !== null) this.offer(body.value)
    return NO_PEERS
  }

  offer(value: Uint8Array): void {
    if (value.length > MAX_VALUE_BYTES || !isCanonicalValue(value)) return
    if (equalBytes(immutableTarget(value), this.target)) this.#value = value.slice()
  }

  stores(): readonly StoreQuery[] {
    return []
  }

  stored(): void {}

  outcome(nodesAsked: number): DhtOutcome {
    return { kind: 'value', value: this.#value, nodesAsked }
  }
}

/** A signed value: the highest sequence number of all that prove right, once nobody is left to ask. */
export class GetMutableOperation implements Operation {
  readonly method = 'get'
  readonly wantedAnswers: number = STORE_NODES
  readonly isSatisfied = false
  readonly operationId: number
  readonly target: Uint8Array
  readonly question: KrpcBodyDraft
  readonly #salt: Uint8Array
  readonly #verify: VerifySignature
  #best: MutableItem | null = null

  constructor(operationId: number, target: Uint8Array, salt: Uint8Array, verify: VerifySignature) {
    this.operationId = operationId
    this.target = target
    this.question = { target }
    this.#salt = salt
    this.#verify = verify
  }

  answered(body: KrpcBody): readonly DhtAddress[] {
    // What cannot win is not worth the cost of its proof.
    if (body.seq === null || (this.#best !== null && body.seq <= this.#best.seq)) return NO_PEERS
    const item = provenItem(body, this.target, this.#salt, this.#verify)
    if (item !== null) this.offer(item)
    return NO_PEERS
  }

  offer(item: MutableItem): void {
    if (this.#best === null || item.seq > this.#best.seq) this.#best = copyOf(item)
  }

  stores(): readonly StoreQuery[] {
    return []
  }

  stored(): void {}

  outcome(nodesAsked: number): DhtOutcome {
    return { kind: 'mutable', item: this.#best, nodesAsked }
  }
}

/** Stores a value at the nodes nearest to where it belongs, with the token that each of them gave. */
export class PutOperation implements Operation {
  readonly method = 'get'
  readonly wantedAnswers: number = STORE_NODES
  readonly isSatisfied = false
  readonly operationId: number
  readonly target: Uint8Array
  readonly question: KrpcBodyDraft
  readonly #put: DhtPutItem
  readonly #holders = new Set<Candidate>()
  readonly #refusals: number[] = []
  readonly #verify: VerifySignature
  #storedAt = 0
  /** A node proved that a newer value is stored: older ones shall not come back. */
  #isOutdated = false

  constructor(operationId: number, put: DhtPutItem, verify: VerifySignature) {
    this.operationId = operationId
    this.#put = put
    this.#verify = verify
    const isMutable = put.kind === 'mutable'
    this.target = isMutable
      ? mutableTarget(put.item.publicKey, put.item.salt)
      : immutableTarget(put.value)
    // Values that are older than ours need not be sent.
    this.question = isMutable ? { target: this.target, seq: put.item.seq } : { target: this.target }
  }

  answered(body: KrpcBody, from: Candidate): readonly DhtAddress[] {
    if (body.seq !== null) this.#holders.add(from)
    const put = this.#put
    if (put.kind === 'mutable' && body.seq !== null && body.seq > put.item.seq) {
      const newer = provenItem(body, this.target, put.item.salt, this.#verify)
      if (newer !== null) this.#isOutdated = true
    }
    return NO_PEERS
  }

  stores(lookup: Lookup): readonly StoreQuery[] {
    if (this.#isOutdated) return []
    const set = lookup.storeSet()
    // Who has nothing cannot compare: a replacement goes to those that can, as long as there are any.
    const isReplacing = this.#put.kind === 'mutable' && this.#put.cas !== null
    const holders = isReplacing ? set.filter((node) => this.#holders.has(node)) : []
    return (holders.length > 0 ? holders : set).map((to) => ({
      to,
      method: 'put',
      body: { token: to.token, ...this.#fields(to) },
    }))
  }

  stored(errorCode: number | null): void {
    if (errorCode === null) this.#storedAt++
    else this.#refusals.push(errorCode)
  }

  outcome(): DhtOutcome {
    const { target } = this
    const refusals = this.#isOutdated ? [OUTDATED] : this.#refusals
    return { kind: 'stored', target, nodes: this.#storedAt, refusals }
  }

  /** "When sending a put request to a node that did not return any data for the get, the cas field SHOULD NOT be included." */
  #fields(to: Candidate): KrpcBodyDraft {
    const put = this.#put
    if (put.kind === 'immutable') return { value: put.value }
    const { publicKey, salt, seq, signature, value } = put.item
    const cas = this.#holders.has(to) ? put.cas : null
    return { publicKey, salt: salt.length === 0 ? null : salt, seq, signature, value, cas }
  }
}

/** Hashes that nodes near the target keep. Spec: BEP 51 */
export class SampleOperation implements Operation {
  readonly method = 'sample_infohashes'
  readonly wantedAnswers: number = BUCKET_NODES
  readonly isSatisfied = false
  readonly operationId: number
  readonly target: Uint8Array
  readonly question: KrpcBodyDraft
  readonly #found = new Map<string, Uint8Array>()

  constructor(operationId: number, target: Uint8Array) {
    this.operationId = operationId
    this.target = target
    this.question = { target }
  }

  answered(body: KrpcBody): readonly DhtAddress[] {
    for (const infoHash of body.samples === null ? [] : decodeSamples(body.samples)) {
      if (this.#found.size < MAX_SAMPLES_FOUND) this.#found.set(latin1Decode(infoHash), infoHash)
    }
    return NO_PEERS
  }

  stores(): readonly StoreQuery[] {
    return []
  }

  stored(): void {}

  outcome(nodesAsked: number): DhtOutcome {
    return { kind: 'samples', infoHashes: [...this.#found.values()], nodesAsked }
  }
}

/** Our own upkeep: finding nodes near an id. */
export class RefreshOperation implements Operation {
  readonly operationId = null
  readonly method = 'find_node'
  readonly wantedAnswers: number = BUCKET_NODES
  readonly isSatisfied = false
  readonly target: Uint8Array
  readonly question: KrpcBodyDraft

  /** Whether it looks for our own neighbours. */
  readonly isBootstrap: boolean

  constructor(target: Uint8Array, isBootstrap: boolean, want: KrpcBodyDraft['want']) {
    this.target = target
    this.isBootstrap = isBootstrap
    this.question = want === null || want === undefined ? { target } : { target, want }
  }

  answered(): readonly DhtAddress[] {
    return NO_PEERS
  }

  stores(): readonly StoreQuery[] {
    return []
  }

  stored(): void {}

  outcome(nodesAsked: number): DhtOutcome {
    return { kind: 'samples', infoHashes: [], nodesAsked }
  }
}

/** "sequence number less than current" */
const OUTDATED = 302
const NO_PEERS: readonly DhtAddress[] = []
/** Of one operation. */
const MAX_SAMPLES_FOUND = 2_000

function copyOf(item: MutableItem): MutableItem {
  return {
    publicKey: item.publicKey.slice(),
    salt: item.salt.slice(),
    seq: item.seq,
    signature: item.signature.slice(),
    value: item.value.slice(),
  }
}
