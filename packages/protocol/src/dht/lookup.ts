/**
 * One walk towards a target: which nodes to ask next, and when none nearer is left. Holds no clock and sends nothing.
 *
 * Spec: BEP 5, "Overview"; BEP 42, "Enforcement" (who counts when the walk ends, and who is stored with)
 * Anybody can claim to stand right at the target. So nodes whose ids belong to their addresses are one walk, which ends
 * when as many as values are stored with have answered, from as many networks (/16; IPv6: /32); all others are a second
 * one beside it, with one place while the first has work, and only as long as must be where the first is enough.
 */
import { isVerifiedNodeId } from '../bep/0042-node-id.ts'
import { compareDistance } from './node-id.ts'
import type { Place } from './place.ts'

/** Queries that wait at once, those that are late not counted. */
export const LOOKUP_PARALLELISM = 4
/** "store at 20 nodes with at most one per /16" */
export const STORE_NODES = 20
/** Of one walk. */
export const MAX_LOOKUP_QUERIES = 160
export const MAX_CANDIDATES = 256
/** Nodes without a proven id: asked beside the others, answers that are enough then, and asked at most. */
export const UNPROVEN_PARALLELISM = 1
export const UNPROVEN_ANSWERS = 8
export const MAX_UNPROVEN_QUERIES = 64
/** Of the nodes that are stored with: the nearest, where others would look first. */
export const MAX_UNPROVEN_STORES = 6
/** Of one network, so that no single one fills the walk. */
export const MAX_CANDIDATES_PER_NEAR_BLOCK = 2
export const MAX_CANDIDATES_PER_FAR_BLOCK = 8

export interface Candidate {
  /** `null` for a bootstrap node, whose id is not known before it answers. */
  id: Uint8Array | null
  readonly place: Place
  isVerified: boolean
  state: 'fresh' | 'asked' | 'late' | 'answered' | 'failed'
  /** With which it may be stored to. */
  token: Uint8Array | null
}

export class Lookup {
  readonly target: Uint8Array
  readonly #wantedAnswers: number
  /** Nearest first; those without an id before all others. */
  #candidates: Candidate[] = []
  readonly #owners = new Map<string, Candidate>()
  readonly #nearBlocks = new Map<string, number>()
  readonly #farBlocks = new Map<string, number>()
  #queryCount = 0
  #unprovenQueries = 0
  #isEnded = false

  constructor(target: Uint8Array, wantedAnswers: number) {
    this.target = target
    this.#wantedAnswers = wantedAnswers
  }

  get queryCount(): number {
    return this.#queryCount
  }

  get answerCount(): number {
    return this.#candidates.filter(({ state }) => state === 'answered').length
  }

  /** Takes a node in; the id is copied. */
  add(id: Uint8Array | null, place: Place): void {
    const isVerified = id !== null && isVerifiedNodeId(id, place.ip)
    const known = this.#owners.get(place.ownerKey)
    if (known !== undefined) {
      // Who was named falsely before counts as what it can prove to be.
      if (known.state !== 'fresh' || known.isVerified || !isVerified) return
      this.#remove(known)
    }
    if (!place.isLocal && this.#isCrowded(place)) return
    const candidate: Candidate = {
      id: id === null ? null : id.slice(),
      place,
      isVerified,
      state: 'fresh',
      token: null,
    }
    this.#owners.set(place.ownerKey, candidate)
    count(this.#nearBlocks, place.nearBlock)
    count(this.#farBlocks, place.farBlock)
    this.#place(candidate)
    if (this.#candidates.length > MAX_CANDIDATES) this.#dropFarthest()
  }

  /** Whom to ask now. Each counts as asked from here on. */
  next(): readonly Candidate[] {
    if (this.#isEnded) return []
    const proven = this.#survey(true, this.#wantedAnswers)
    const missing = this.#wantedAnswers - proven.answers
    const unproven = this.#survey(false, Math.max(UNPROVEN_ANSWERS, missing))
    const mayAskUnproven = this.#unprovenQueries < MAX_UNPROVEN_QUERIES
    const batch: Candidate[] = []
    let places = LOOKUP_PARALLELISM - proven.waiting - unproven.waiting
    let unprovenPlaces = proven.fresh.length > 0 ? UNPROVEN_PARALLELISM - unproven.waiting : places
    if (!mayAskUnproven) unprovenPlaces = 0
    for (const candidate of unproven.fresh) {
      if (unprovenPlaces <= 0 || places <= 0) break
      unprovenPlaces--
      places--
      batch.push(candidate)
    }
    for (const candidate of proven.fresh) {
      if (places <= 0) break
      places--
      batch.push(candidate)
    }
    const allowed = batch.slice(0, MAX_LOOKUP_QUERIES - this.#queryCount)
    for (const candidate of allowed) {
      candidate.state = 'asked'
      this.#queryCount++
      if (!candidate.isVerified) this.#unprovenQueries++
    }
    const waiting = proven.waiting + unproven.waiting + allowed.length
    if (waiting === 0) this.#isEnded = true
    return allowed
  }

  /** Nobody nearer is left to ask, and nobody who matters is still to answer. */
  get isEnded(): boolean {
    return this.#isEnded
  }

  end(): void {
    this.#isEnded = true
  }

  answered(candidate: Candidate, id: Uint8Array, token: Uint8Array | null): void {
    candidate.state = 'answered'
    candidate.token = token === null ? null : token.slice()
    if (candidate.id !== null && compareDistance(this.target, candidate.id, id) === 0) return
    // It calls itself otherwise than was said of it: where it stands now counts.
    const at = this.#candidates.indexOf(candidate)
    if (at >= 0) this.#candidates.splice(at, 1)
    candidate.id = id.slice()
    candidate.isVerified = isVerifiedNodeId(id, candidate.place.ip)
    this.#place(candidate)
  }

  late(candidate: Candidate): void {
    if (candidate.state === 'asked') candidate.state = 'late'
  }

  failed(candidate: Candidate): void {
    if (candidate.state !== 'answered') candidate.state = 'failed'
  }

  /**
   * Where to store: the nearest that gave a token, one a network. Those with proven ids come first; of the others only
   * a few, which must be among the nearest of all, or as many as are missing.
   */
  storeSet(limit: number = STORE_NODES): readonly Candidate[] {
    const willing = this.#candidates.filter(
      ({ state, token }) => state === 'answered' && token !== null,
    )
    const blocks = new Set<string>()
    const distinct = willing.filter(({ place }) => {
      if (blocks.has(place.farBlock)) return false
      blocks.add(place.farBlock)
      return true
    })
    const proven = distinct.filter(({ isVerified }) => isVerified)
    const unproven = distinct.filter(({ isVerified }) => !isVerified)
    const nearest = distinct.slice(0, UNPROVEN_ANSWERS).filter(({ isVerified }) => !isVerified)
    const unprovenCount = Math.max(
      Math.min(nearest.length, MAX_UNPROVEN_STORES),
      Math.min(limit - proven.length, limit),
    )
    const others = unproven.slice(0, Math.max(0, unprovenCount))
    return [...proven.slice(0, limit - others.length), ...others]
  }

  /** How far the walk of one kind of nodes has come: who is next, and how many still wait for an answer. */
  #survey(isVerified: boolean, wanted: number): Survey {
    const fresh: Candidate[] = []
    const blocks = new Set<string>()
    let waiting = 0
    for (const candidate of this.#candidates) {
      if (candidate.isVerified !== isVerified) continue
      if (blocks.size >= wanted) break
      if (candidate.state === 'answered') blocks.add(candidate.place.farBlock)
      else if (candidate.state === 'asked') waiting++
      else if (candidate.state === 'fresh' && fresh.length < LOOKUP_PARALLELISM)
        fresh.push(candidate)
    }
    return { fresh, waiting, answers: blocks.size }
  }

  #isCrowded(place: Place): boolean {
    return (
      (this.#nearBlocks.get(place.nearBlock) ?? 0) >= MAX_CANDIDATES_PER_NEAR_BLOCK ||
      (this.#farBlocks.get(place.farBlock) ?? 0) >= MAX_CANDIDATES_PER_FAR_BLOCK
    )
  }

  #place(candidate: Candidate): void {
    const { id } = candidate
    let at = this.#candidates.length
    while (at > 0) {
      const other = this.#candidates[at - 1]
      if (other === undefined || (id !== null && other.id === null)) break
      if (id !== null && other.id !== null && compareDistance(this.target, id, other.id) >= 0) break
      at--
    }
    this.#candidates.splice(at, 0, candidate)
  }

  /** Of the kind that has more, so that neither drives the other out. */
  #dropFarthest(): void {
    const unproven = this.#candidates.filter(({ isVerified }) => !isVerified).length
    const isProvenMore = unproven * 2 < this.#candidates.length
    const dropped = this.#candidates.findLast(
      ({ isVerified, state }) =>
        isVerified === isProvenMore && (state === 'fresh' || state === 'failed'),
    )
    if (dropped !== undefined) this.#remove(dropped)
  }

  #remove(candidate: Candidate): void {
    const at = this.#candidates.indexOf(candidate)
    if (at >= 0) this.#candidates.splice(at, 1)
    this.#owners.delete(candidate.place.ownerKey)
    count(this.#nearBlocks, candidate.place.nearBlock, -1)
    count(this.#farBlocks, candidate.place.farBlock, -1)
  }
}

interface Survey {
  /** Nearest first, a few. */
  readonly fresh: readonly Candidate[]
  readonly waiting: number
  /** From different networks. */
  readonly answers: number
}

function count(counts: Map<string, number>, key: string, by = 1): void {
  const next = (counts.get(key) ?? 0) + by
  if (next <= 0) counts.delete(key)
  else counts.set(key, next)
}
