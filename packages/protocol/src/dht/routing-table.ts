/**
 * The nodes of one address family that answered us, more of them the nearer they are to our own id.
 *
 * Spec: BEP 5, "Routing Table"; BEP 42, "Enforcement" (verified ids are preferred)
 * One node an address and one a /24 (IPv6: /64). An old good node is never given up for a new one.
 */
import { encodeNode } from '../bep/0032-nodes.ts'
import { isVerifiedNodeId } from '../bep/0042-node-id.ts'
import { equalBytes } from '../bytes.ts'
import type { Millis } from '../machine.ts'
import { compareDistance, idPrefix, ID_BITS, sharedBits } from './node-id.ts'
import type { Place } from './place.ts'

/** "Each bucket can only hold K nodes, currently eight" */
export const BUCKET_NODES = 8
/** "After 15 minutes of inactivity, a node becomes questionable." */
export const GOOD_MS: Millis = 15 * 60_000
/** "Nodes become bad when they fail to respond to multiple queries in a row." */
export const MAX_FAILURES = 2
/** Nodes that would take the place of one that turns bad, a bucket. */
export const MAX_REPLACEMENTS = 8

export interface TableNode {
  readonly id: Uint8Array
  readonly place: Place
  /** As it goes into answers. */
  readonly compact: Uint8Array
  /** The first four bytes of the id. */
  readonly prefix: number
  readonly isVerified: boolean
  /** When it last answered; `null` in this run for one that was restored. */
  respondedMs: Millis | null
  /** When it last asked us. */
  queriedMs: Millis | null
  /** When we last asked it. */
  askedMs: Millis
  failureCount: number
}

export class RoutingTable {
  #own: Uint8Array
  #buckets: Bucket[]
  readonly #byOwner = new Map<string, TableNode>()
  readonly #nearBlocks = new Set<string>()

  constructor(own: Uint8Array, nowMs: Millis) {
    this.#own = own
    this.#buckets = [newBucket(nowMs)]
  }

  get own(): Uint8Array {
    return this.#own
  }

  get size(): number {
    return this.#byOwner.size
  }

  get bucketCount(): number {
    return this.#buckets.length
  }

  nodes(): Iterable<TableNode> {
    return this.#byOwner.values()
  }

  goodCount(nowMs: Millis): number {
    let count = 0
    for (const node of this.#byOwner.values()) if (isGood(node, nowMs)) count++
    return count
  }

  find(place: Place): TableNode | null {
    const node = this.#byOwner.get(place.ownerKey)
    return node !== undefined && node.place.port === place.port && node.place.host === place.host
      ? node
      : null
  }

  /** A node answered: takes it in where there is room, or refreshes it. */
  responded(id: Uint8Array, place: Place, nowMs: Millis): void {
    const known = this.find(place)
    if (known !== null && equalBytes(known.id, id)) {
      known.respondedMs = nowMs
      known.failureCount = 0
      this.#bucketOf(known.id).changedMs = nowMs
      return
    }
    // Who changes the id under one address is not to be relied on.
    if (known !== null) this.#remove(known)
    this.#insert(newNode(id, place, nowMs), nowMs)
  }

  /** A node of an earlier run: asked first, but not handed out until it answers. */
  restore(id: Uint8Array, place: Place, nowMs: Millis): void {
    const node = newNode(id, place, nowMs)
    node.respondedMs = null
    node.askedMs = Number.NEGATIVE_INFINITY
    this.#insert(node, nowMs)
  }

  /** A node asked us. Answers whether it is unknown and there would be room for it, if it answered a ping. */
  queried(id: Uint8Array, place: Place, nowMs: Millis): boolean {
    const known = this.find(place)
    if (known !== null) {
      if (equalBytes(known.id, id)) known.queriedMs = nowMs
      return false
    }
    return this.#mayEnter(id, place) && this.#hasRoom(id, place, nowMs)
  }

  failed(place: Place): void {
    const node = this.find(place)
    if (node === null) return
    node.failureCount++
    if (node.failureCount < MAX_FAILURES) return
    const bucket = this.#bucketOf(node.id)
    const next = bucket.replacements.findIndex((other) => this.#isFree(other, node))
    const [replacement] = next < 0 ? [] : bucket.replacements.splice(next, 1)
    if (replacement === undefined) {
      // Nobody better is known: a network that is away for a while must not empty the table.
      if (node.failureCount >= GIVE_UP_FAILURES) this.#remove(node)
      return
    }
    this.#remove(node)
    this.#put(bucket, replacement)
  }

  /** The good nodes nearest to the target, nearest first, into `out`; answers how many. Sorts a few buckets at most. */
  closestGood(target: Uint8Array, count: number, nowMs: Millis, out: TableNode[]): number {
    return this.#closest(target, count, out, (node) => isGood(node, nowMs))
  }

  /** As `closestGood`, with all that may still be there. */
  closestUsable(target: Uint8Array, count: number): readonly TableNode[] {
    const out: TableNode[] = []
    this.#closest(target, count, out, (node) => node.failureCount < MAX_FAILURES)
    if (out.length === 0) this.#closest(target, count, out, () => true)
    return out
  }

  /** The node that was not heard of for longest, where that is long enough to ask whether it is there. */
  dueForPing(nowMs: Millis, silentMs: Millis): TableNode | null {
    let due: TableNode | null = null
    for (const node of this.#byOwner.values()) {
      if (nowMs - Math.max(heardMs(node), node.askedMs) < silentMs && node.failureCount === 0)
        continue
      if (node.failureCount > 0 && nowMs - node.askedMs < RETRY_MS * node.failureCount) continue
      if (due === null || heardMs(node) < heardMs(due)) due = node
    }
    return due
  }

  /** The index of a bucket that has not changed for 15 minutes; `null` where all are fresh. Marks it as looked after. */
  dueForRefresh(nowMs: Millis): number | null {
    const index = this.#buckets.findIndex(({ changedMs }) => nowMs - changedMs >= GOOD_MS)
    const bucket = this.#buckets[index]
    if (bucket === undefined) return null
    bucket.changedMs = nowMs
    return index
  }

  /** Sorts all nodes anew around another id of ours. */
  rebuild(own: Uint8Array, nowMs: Millis): void {
    const nodes = [...this.#byOwner.values()]
    this.#own = own
    this.#buckets = [newBucket(nowMs)]
    this.#byOwner.clear()
    this.#nearBlocks.clear()
    for (const node of nodes) this.#insert(node, nowMs)
  }

  #insert(node: TableNode, nowMs: Millis): void {
    if (!this.#mayEnter(node.id, node.place)) return
    let bucket = this.#bucketOf(node.id)
    while (bucket.nodes.length >= BUCKET_NODES && this.#split(bucket, nowMs)) {
      bucket = this.#bucketOf(node.id)
    }
    if (bucket.nodes.length >= BUCKET_NODES) {
      const victim = this.#victimFor(bucket, node.isVerified, nowMs)
      if (victim === null) return keepReplacement(bucket, node)
      this.#remove(victim)
    }
    this.#put(bucket, node)
    bucket.changedMs = nowMs
  }

  #put(bucket: Bucket, node: TableNode): void {
    bucket.nodes.push(node)
    this.#byOwner.set(node.place.ownerKey, node)
    this.#nearBlocks.add(node.place.nearBlock)
  }

  #remove(node: TableNode): void {
    const { nodes } = this.#bucketOf(node.id)
    const index = nodes.indexOf(node)
    if (index >= 0) nodes.splice(index, 1)
    this.#byOwner.delete(node.place.ownerKey)
    this.#nearBlocks.delete(node.place.nearBlock)
  }

  #mayEnter(id: Uint8Array, place: Place): boolean {
    if (equalBytes(id, this.#own)) return false
    return !this.#byOwner.has(place.ownerKey) && !this.#nearBlocks.has(place.nearBlock)
  }

  #isFree(node: TableNode, instead: TableNode): boolean {
    if (node.place.nearBlock === instead.place.nearBlock) return true
    return this.#mayEnter(node.id, node.place)
  }

  #hasRoom(id: Uint8Array, place: Place, nowMs: Millis): boolean {
    const bucket = this.#bucketOf(id)
    if (bucket.nodes.length < BUCKET_NODES || bucket === this.#buckets.at(-1)) return true
    return this.#victimFor(bucket, isVerifiedNodeId(id, place.ip), nowMs) !== null
  }

  /** A bad node; or, for a node with a verified id, one without that may be gone as well. */
  #victimFor(bucket: Bucket, isVerified: boolean, nowMs: Millis): TableNode | null {
    const bad = bucket.nodes.find(({ failureCount }) => failureCount >= MAX_FAILURES)
    if (bad !== undefined || !isVerified) return bad ?? null
    return bucket.nodes.find((other) => !other.isVerified && !isGood(other, nowMs)) ?? null
  }

  /** "That bucket is replaced by two new buckets" where our own id is in its range. */
  #split(bucket: Bucket, nowMs: Millis): boolean {
    const depth = this.#buckets.length - 1
    if (bucket !== this.#buckets.at(-1) || depth >= ID_BITS - 1) return false
    const deeper = newBucket(nowMs)
    const isDeeper = (node: TableNode) => sharedBits(this.#own, node.id) > depth
    deeper.nodes.push(...bucket.nodes.filter(isDeeper))
    deeper.replacements.push(...bucket.replacements.filter(isDeeper))
    bucket.nodes = bucket.nodes.filter((node) => !isDeeper(node))
    bucket.replacements = bucket.replacements.filter((node) => !isDeeper(node))
    this.#buckets.push(deeper)
    return true
  }

  #bucketOf(id: Uint8Array): Bucket {
    const index = Math.min(sharedBits(this.#own, id), this.#buckets.length - 1)
    const bucket = this.#buckets[index]
    if (bucket === undefined) throw new Error('Bug in Pigeon: a table has at least one bucket')
    return bucket
  }

  /**
   * The bucket that the target falls into is nearest; then, all at about one distance, the deeper ones; then the
   * shallower ones, each farther than all before it.
   */
  #closest(
    target: Uint8Array,
    count: number,
    out: TableNode[],
    isWanted: (node: TableNode) => boolean,
  ): number {
    out.length = 0
    const depth = Math.min(sharedBits(this.#own, target), this.#buckets.length - 1)
    const prefix = idPrefix(target)
    this.#collect(depth, prefix, target, count, out, isWanted, 0)
    const ownCount = out.length
    const deepest = ownCount < count ? this.#buckets.length - 1 : depth
    for (let i = depth + 1; i <= deepest; i++) {
      this.#collect(i, prefix, target, count, out, isWanted, ownCount)
    }
    for (let i = depth - 1; i >= 0 && out.length < count; i--) {
      this.#collect(i, prefix, target, count, out, isWanted, out.length)
    }
    return out.length
  }

  /** Sorts a bucket's nodes into what lies in `out` from `start` on, which never grows past `count`. */
  #collect(
    index: number,
    prefix: number,
    target: Uint8Array,
    count: number,
    out: TableNode[],
    isWanted: (node: TableNode) => boolean,
    start: number,
  ): void {
    const bucket = this.#buckets[index]
    if (bucket === undefined) return
    for (const node of bucket.nodes) {
      if (!isWanted(node)) continue
      let at = out.length
      while (at > start && isNearer(node, out[at - 1], prefix, target)) at--
      if (at >= count) continue
      if (out.length >= count) out.pop()
      out.splice(at, 0, node)
    }
  }
}

/** "A good node is a node has responded to one of our queries within the last 15 minutes" or has, and asked us since. */
export function isGood(node: TableNode, nowMs: Millis): boolean {
  if (node.respondedMs === null || node.failureCount >= MAX_FAILURES) return false
  return (
    nowMs - node.respondedMs < GOOD_MS ||
    (node.queriedMs !== null && nowMs - node.queriedMs < GOOD_MS)
  )
}

interface Bucket {
  nodes: TableNode[]
  /** Verified ones first, then the newest. */
  replacements: TableNode[]
  changedMs: Millis
}

/** A node that fails so often is given up even where nobody replaces it. */
const GIVE_UP_FAILURES = 20
const RETRY_MS: Millis = 30_000

function newBucket(nowMs: Millis): Bucket {
  return { nodes: [], replacements: [], changedMs: nowMs }
}

function newNode(id: Uint8Array, place: Place, nowMs: Millis): TableNode {
  const own = id.slice()
  const kept = { ...place, ip: place.ip.slice() }
  return {
    id: own,
    place: kept,
    compact: encodeNode(own, kept.ip, kept.port),
    prefix: idPrefix(own),
    isVerified: isVerifiedNodeId(own, kept.ip),
    respondedMs: nowMs,
    queriedMs: null,
    askedMs: nowMs,
    failureCount: 0,
  }
}

function keepReplacement(bucket: Bucket, node: TableNode): void {
  const others = bucket.replacements.filter(({ place }) => place.nearBlock !== node.place.nearBlock)
  const firstUnverified = others.findIndex(({ isVerified }) => !isVerified)
  const at =
    node.isVerified || firstUnverified < 0 ? (node.isVerified ? 0 : others.length) : firstUnverified
  bucket.replacements = others.toSpliced(at, 0, node).slice(0, MAX_REPLACEMENTS)
}

function heardMs(node: TableNode): Millis {
  return Math.max(
    node.respondedMs ?? Number.NEGATIVE_INFINITY,
    node.queriedMs ?? Number.NEGATIVE_INFINITY,
  )
}

function isNearer(
  node: TableNode,
  other: TableNode | undefined,
  prefix: number,
  target: Uint8Array,
): boolean {
  if (other === undefined) return false
  const a = (node.prefix ^ prefix) >>> 0
  const b = (other.prefix ^ prefix) >>> 0
  return a === b ? compareDistance(target, node.id, other.id) < 0 : a < b
}
