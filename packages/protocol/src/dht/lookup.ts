/**
 * One walk towards a target: which nodes to ask next, and when none nearer is left. Holds no clock and sends nothing.
 *
 * Spec: BEP 5, "Overview"; BEP 42, "Enforcement" (who counts when the walk ends, and who is stored with)
 * The walk ends when as many nodes as values are stored with have answered, from as many networks (/16; IPv6: /32), and
 * nobody nearer is left to ask.
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
  readonly #owners = new Set<string>()
  readonly #nearBlocks = new Map<string, number>()
  readonly #farBlocks = new Map<string, number>()
  #queryCount = 0
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
    if (this.#owners.has(place.ownerKey)) return
    if (!place.isLocal && this.#isCrowded(place)) return
    const candidate: Candidate = {
      id: id === null ? null : id.slice(),
      place,
      isVerified: id !== null && isVerifiedNodeId(id, place.ip),
      state: 'fresh',
      token: null,
    }
    this.#owners.add(place.ownerKey)
    count(this.#nearBlocks, place.nearBlock)
    count(this.#farBlocks, place.farBlock)
    this.#place(candidate)
    if (this.#candidates.length > MAX_CANDIDATES) this.#dropFarthest()
  }

  /** Whom to ask now. Each counts as asked from here on. */
  next(): readonly Candidate[] {
    const batch: Candidate[] = []
    if (this.#isEnded) return batch
    let waiting = this.#candidates.filter(({ state }) => state === 'asked').length
    let isOpen = false
    let answers = 0
    let distinct = 0
    const blocks = new Set<string>()
    for (const candidate of this.#candidates) {
      if (distinct >= this.#wantedAnswers || answers >= this.#wantedAnswers * 2) break
      if (candidate.state === 'answered') {
        answers++
        if (candidate.isVerified && !blocks.has(candidate.place.farBlock)) distinct++
        blocks.add(candidate.place.farBlock)
      } else if (candidate.state === 'asked') isOpen = true
      else if (candidate.state === 'fresh' && this.#queryCount < MAX_LOOKUP_QUERIES) {
        isOpen = true
        if (waiting >= LOOKUP_PARALLELISM) break
        candidate.state = 'asked'
        this.#queryCount++
        waiting++
        batch.push(candidate)
      }
    }
    if (!isOpen) this.#isEnded = true
    return batch
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
    this.#candidates.splice(this.#candidates.indexOf(candidate), 1)
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
   * Where to store: the nearest that gave a token, one a network, those with verified ids first; the others only fill up.
   */
  storeSet(limit: number = STORE_NODES): readonly Candidate[] {
    const near = this.#candidates.filter(
      ({ state, token }) => state === 'answered' && token !== null,
    )
    const chosen: Candidate[] = []
    const blocks = new Set<string>()
    for (const isVerified of [true, false]) {
      for (const candidate of near.slice(0, limit * 2)) {
        if (chosen.length >= limit) break
        if (candidate.isVerified !== isVerified || blocks.has(candidate.place.farBlock)) continue
        blocks.add(candidate.place.farBlock)
        chosen.push(candidate)
      }
    }
    return chosen
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

  #dropFarthest(): void {
    const at = this.#candidates.findLastIndex(
      ({ state }) => state === 'fresh' || state === 'failed',
    )
    const [dropped] = at < 0 ? [] : this.#candidates.splice(at, 1)
    if (dropped === undefined) return
    this.#owners.delete(dropped.place.ownerKey)
    count(this.#nearBlocks, dropped.place.nearBlock, -1)
    count(this.#farBlocks, dropped.place.farBlock, -1)
  }
}

function count(counts: Map<string, number>, key: string, by = 1): void {
  const next = (counts.get(key) ?? 0) + by
  if (next <= 0) counts.delete(key)
  else counts.set(key, next)
}
