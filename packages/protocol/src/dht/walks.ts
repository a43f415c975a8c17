/**
 * All walks of a node: begins them in each family, asks whoever is next, hands on what is found, and stores at the end.
 *
 * Spec: BEP 5, "Overview"; BEP 32, "Dual-stack nodes"
 */
import type { KrpcBodyDraft, KrpcMessage } from '../bep/0005-krpc.ts'
import { decodeNodes, type NodeFamily } from '../bep/0032-nodes.ts'
import { mutableTarget, type VerifySignature } from '../bep/0044-items.ts'
import { equalBytes } from '../bytes.ts'
import type { Millis } from '../machine.ts'
import type { DhtFamily } from './dht-family.ts'
import type { DhtLimits } from './dht-limits.ts'
import type { DhtAddress, DhtEffect, DhtInput, DhtOutcome } from './dht-messages.ts'
import type { ItemStore } from './item-store.ts'
import { type Candidate, Lookup } from './lookup.ts'
import type { Operation } from './operation.ts'
import type { PeerStore } from './peer-store.ts'
import { PeersOperation } from './peers-operation.ts'
import { type Place, placeOf, placeOfCompact } from './place.ts'
import { BUCKET_NODES } from './routing-table.ts'
import {
  GetMutableOperation,
  GetOperation,
  PutOperation,
  RefreshOperation,
  SampleOperation,
} from './value-operations.ts'

export interface WalkParts {
  readonly limits: DhtLimits
  readonly families: { readonly [F in NodeFamily]: DhtFamily | null }
  /** What we keep for others counts like an answer. */
  readonly peers: PeerStore
  readonly items: ItemStore
  readonly verify: VerifySignature
  /** Sends a query; `false` where that cannot be now. */
  ask(to: Place, method: string, body: KrpcBodyDraft, purpose: WalkPurpose, nowMs: Millis): boolean
  /** Finds out whether a node is there. */
  probe(place: Place, nowMs: Millis): void
  emit(effect: DhtEffect): void
}

/** Why a walk asked. */
export type WalkPurpose =
  | { readonly kind: 'walk'; readonly walk: Walk; readonly candidate: Candidate }
  | { readonly kind: 'store'; readonly run: Run }

/** Of one answer and family; honest ones send eight. */
export const MAX_NODES_READ = 16

export class Walks {
  readonly #parts: WalkParts
  readonly #runs = new Map<number, Run>()
  /** Asked where few others are known. */
  bootstrapPlaces: readonly Place[] = []

  constructor(parts: WalkParts) {
    this.#parts = parts
  }

  /** Begins an operation in all open families. */
  operate(input: OperationInput, nowMs: Millis): void {
    const { operationId } = input
    const { families } = this.#parts
    if (this.#runs.size >= this.#parts.limits.operations) {
      return this.#done(operationId, { kind: 'failed', why: 'too-many' })
    }
    const operation = this.#operationFor(input)
    const run: Run = { operation, walks: [], openStores: 0, isOver: false, isStarting: true }
    this.#runs.set(operationId, run)
    for (const family of [families[4], families[6]]) {
      if (family === null) continue
      this.#tellOwnPeers(operation, family)
      run.walks.push(this.#newWalk(run, family))
    }
    for (const walk of run.walks) this.#advance(walk, nowMs)
    run.isStarting = false
    this.#finishIfOver(run)
  }

  /** Looks for the nodes around an id, for our own sake. */
  refresh(family: DhtFamily, target: Uint8Array, isBootstrap: boolean, nowMs: Millis): void {
    const other = this.#parts.families[family.family === 4 ? 6 : 4]
    const isOtherAlone = other !== null && other.table.size < BUCKET_NODES
    const operation = new RefreshOperation(target, isBootstrap, isOtherAlone ? BOTH : null)
    const run: Run = { operation, walks: [], openStores: 0, isOver: false, isStarting: false }
    const walk = this.#newWalk(run, family)
    run.walks.push(walk)
    this.#advance(walk, nowMs)
  }
  /** An answer to what a walk asked; `null` where there is none, or an error in its place. */
  answered(
    purpose: WalkPurpose,
    answer: KrpcMessage | null,
    errorCode: number,
    nowMs: Millis,
  ): void {
    if (purpose.kind === 'walk') {
      const { candidate, walk } = purpose
      if (answer === null) walk.lookup.failed(candidate)
      else this.#walked(walk, candidate, answer, nowMs)
      this.#advance(walk, nowMs)
      return
    }
    const { run } = purpose
    if (answer !== null) run.operation.stored(null)
    else if (errorCode !== 0) run.operation.stored(errorCode)
    run.openStores--
    this.#finishIfOver(run)
  }

  /** The walk goes on without the node, whose answer still counts. */
  late({ candidate, walk }: Extract<WalkPurpose, { kind: 'walk' }>, nowMs: Millis): void {
    walk.lookup.late(candidate)
    this.#advance(walk, nowMs)
  }

  #operationFor(input: OperationInput): Operation {
    switch (input.kind) {
      case 'find-peers':
        return new PeersOperation(input.operationId, input.infoHash, input.isScrape, input.announce)
      case 'get':
        return this.#getFor(input)
      case 'put':
        return new PutOperation(input.operationId, input.item, this.#parts.verify)
      case 'sample':
        return new SampleOperation(input.operationId, input.target)
      default:
        return input satisfies never
    }
  }

  /** What we keep for others counts like an answer. */
  #getFor(input: Extract<DhtInput, { kind: 'get' }>): Operation {
    const kept = this.#parts.items.get(input.target)
    if (input.salt === null) {
      const operation = new GetOperation(input.operationId, input.target)
      if (kept?.proof === null) operation.offer(kept.value)
      return operation
    }
    const { operationId, target, salt } = input
    const operation = new GetMutableOperation(operationId, target, salt, this.#parts.verify)
    if (kept?.proof && equalBytes(mutableTarget(kept.proof.publicKey, salt), target)) {
      operation.offer({ ...kept.proof, salt, value: kept.value })
    }
    return operation
  }

  /** In a small network the nodes nearest to a hash may be few, and we one of them. */
  #tellOwnPeers(operation: Operation, family: DhtFamily): void {
    if (!(operation instanceof PeersOperation)) return
    const entries: Uint8Array[] = []
    const limit = this.#parts.limits.valuesPerAnswer
    this.#parts.peers.entries(operation.target, family.family, limit, false, entries)
    const places = entries
      .map((entry) => placeOfCompact(entry.subarray(entry.indexOf(CODE_COLON) + 1)))
      .filter((place) => place !== null)
    this.#tellPeers(operation, family, operation.accept(places))
  }

  #tellPeers(operation: Operation, family: DhtFamily, peers: readonly DhtAddress[]): void {
    const { operationId } = operation
    if (operationId === null || peers.length === 0) return
    this.#parts.emit({ kind: 'peers', operationId, family: family.family, peers })
  }

  #newWalk(run: Run, family: DhtFamily): Walk {
    const { target, wantedAnswers } = run.operation
    const lookup = new Lookup(target, wantedAnswers)
    const known = family.table.closestUsable(target, WALK_SEEDS)
    for (const { id, place } of known) lookup.add(id, place)
    if (known.length < BUCKET_NODES) {
      for (const place of this.bootstrapPlaces) {
        if (place.family === family.family) lookup.add(null, place)
      }
    }
    return { run, family, lookup, hasEnded: false }
  }

  /** Asks whoever is next; or ends the walk. */
  #advance(walk: Walk, nowMs: Millis): void {
    if (walk.hasEnded || walk.run.isOver) return
    const { operation } = walk.run
    if (operation.isSatisfied) walk.lookup.end()
    for (;;) {
      const batch = walk.lookup.next()
      const purposeOf = (candidate: Candidate): WalkPurpose => ({ kind: 'walk', walk, candidate })
      let hasSent = batch.length === 0
      for (const candidate of batch) {
        const { method, question } = operation
        if (this.#parts.ask(candidate.place, method, question, purposeOf(candidate), nowMs))
          hasSent = true
        else walk.lookup.failed(candidate)
      }
      if (hasSent) break
    }
    if (!walk.lookup.isEnded) return
    walk.hasEnded = true
    for (const { to, method, body } of operation.stores(walk.lookup)) {
      const purpose: WalkPurpose = { kind: 'store', run: walk.run }
      if (this.#parts.ask(to.place, method, body, purpose, nowMs)) walk.run.openStores++
    }
    this.#finishIfOver(walk.run)
  }

  #walked(walk: Walk, candidate: Candidate, answer: KrpcMessage, nowMs: Millis): void {
    const { body } = answer
    if (body.id === null) return
    walk.lookup.answered(candidate, body.id, body.token)
    const { run, family } = walk
    if (run.isOver) return
    this.#tellPeers(run.operation, family, run.operation.answered(body, candidate, family.family))
    for (const [list, number] of [
      [body.nodes, 4],
      [body.nodes6, 6],
    ] as const) {
      if (list === null) continue
      const places = placesOf(list, number, candidate.place.isLocal)
      if (number === family.family) for (const { id, place } of places) walk.lookup.add(id, place)
      else
        this.#hearOfOthers(
          this.#parts.families[number],
          places.map(({ place }) => place),
          nowMs,
        )
    }
  }

  /** Nodes of the other family help it as long as it is nearly alone. */
  #hearOfOthers(family: DhtFamily | null, places: readonly Place[], nowMs: Millis): void {
    if (family === null || family.table.size >= BUCKET_NODES) return
    for (const place of places.slice(0, BUCKET_NODES)) this.#parts.probe(place, nowMs)
  }

  #finishIfOver(run: Run): void {
    if (run.isOver || run.isStarting || run.openStores > 0) return
    if (run.walks.some(({ hasEnded }) => !hasEnded)) return
    run.isOver = true
    const { operation } = run
    if (operation.operationId === null) {
      if (operation instanceof RefreshOperation && operation.isBootstrap) {
        for (const { family } of run.walks) family.isBootstrapping = false
      }
      return
    }
    this.#runs.delete(operation.operationId)
    const asked = run.walks.reduce((sum, { lookup }) => sum + lookup.queryCount, 0)
    this.#done(operation.operationId, operation.outcome(asked))
  }

  /** Nothing more is said of it. */
  cancel(operationId: number): void {
    const run = this.#runs.get(operationId)
    if (run === undefined) return
    run.isOver = true
    this.#runs.delete(operationId)
  }

  #done(operationId: number, outcome: DhtOutcome): void {
    this.#parts.emit({ kind: 'done', operationId, outcome })
  }
}

type OperationInput = Extract<DhtInput, { kind: 'find-peers' | 'get' | 'put' | 'sample' }>

/** One operation on its way through the families. */
export interface Run {
  readonly operation: Operation
  readonly walks: Walk[]
  openStores: number
  isOver: boolean
  /** Not all walks have begun. */
  isStarting: boolean
}

export interface Walk {
  readonly run: Run
  readonly family: DhtFamily
  readonly lookup: Lookup
  hasEnded: boolean
}

const WALK_SEEDS = 20
const CODE_COLON = 0x3a
const BOTH = { nodes: true, nodes6: true }

/** Nodes of the public network cannot know nodes of our local one: they would point us at our own hosts. */
function placesOf(
  list: Uint8Array,
  family: NodeFamily,
  isFromLocal: boolean,
): readonly { readonly id: Uint8Array; readonly place: Place }[] {
  const found: { readonly id: Uint8Array; readonly place: Place }[] = []
  for (const { id, host, port } of decodeNodes(list, family, MAX_NODES_READ)) {
    const place = placeOf(host, port)
    if (place !== null && (isFromLocal || !place.isLocal)) found.push({ id, place })
  }
  return found
}
