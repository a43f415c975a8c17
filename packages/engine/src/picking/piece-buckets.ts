/**
 * The pieces that may be begun, sorted by priority and by how many peers have them, so that the rarest is found without
 * looking at the others. A piece moves between two buckets in constant time.
 */
import type { RandomInt } from '@pigeon/protocol/machine'

/** Pieces that more peers have than this are all equally common. */
const MOST_AVAILABLE = 255
const HIGHEST_PRIORITY = 3
/** Candidates looked at in one search; a peer that has none of them is searched piece by piece instead. */
const CANDIDATES_PER_SEARCH = 1024
const CANDIDATES_PER_BUCKET = 256
const SMALLEST_CAPACITY = 16

export class PieceBuckets {
  readonly #buckets: Bucket[][]
  /** By piece: where it stands in its bucket. */
  readonly #places: Uint32Array
  readonly #sizes: number[] = [0, 0, 0, 0]

  constructor(pieceCount: number) {
    this.#places = new Uint32Array(pieceCount)
    this.#buckets = Array.from({ length: HIGHEST_PRIORITY + 1 }, () => [])
  }

  get size(): number {
    return (this.#sizes[1] ?? 0) + (this.#sizes[2] ?? 0) + (this.#sizes[3] ?? 0)
  }

  /** Pieces of one priority. */
  sizeOf(priority: number): number {
    return this.#sizes[priority] ?? 0
  }

  /** Pieces that nobody has. */
  get unavailableCount(): number {
    let count = 0
    for (const row of this.#buckets) count += row[0]?.size ?? 0
    return count
  }

  add(pieceIndex: number, priority: number, availability: number): void {
    const bucket = this.#bucket(priority, availability)
    this.#places[pieceIndex] = bucket.size
    bucket.push(pieceIndex)
    this.#sizes[priority] = (this.#sizes[priority] ?? 0) + 1
  }

  /** `priority` and `availability` must be those with which it was added. */
  remove(pieceIndex: number, priority: number, availability: number): void {
    const bucket = this.#bucket(priority, availability)
    const place = this.#places[pieceIndex] ?? 0
    const moved = bucket.removeAt(place)
    if (moved !== pieceIndex) this.#places[moved] = place
    this.#sizes[priority] = (this.#sizes[priority] ?? 0) - 1
  }

  move(pieceIndex: number, priority: number, from: number, to: number): void {
    if (clamp(from) === clamp(to)) return
    this.remove(pieceIndex, priority, from)
    this.add(pieceIndex, priority, to)
  }

  /** A rarest piece of the highest priority for which `has` answers true, or -1 when none was among the candidates. */
  rarest(
    has: (pieceIndex: number) => boolean,
    leastAvailability: number,
    random: RandomInt,
  ): number {
    let budget = CANDIDATES_PER_SEARCH
    for (let priority = HIGHEST_PRIORITY; priority > 0 && budget > 0; priority -= 1) {
      const row = this.#buckets[priority] ?? []
      if (this.sizeOf(priority) === 0) continue
      for (let at = leastAvailability; at < row.length && budget > 0; at += 1) {
        const bucket = row[at]
        if (bucket === undefined || bucket.size === 0) continue
        const tries = Math.min(bucket.size, budget, CANDIDATES_PER_BUCKET)
        const found = bucket.search(has, random(bucket.size), tries)
        if (found >= 0) return found
        budget -= tries
      }
      // A lower priority is no substitute while this one was not searched whole.
      if (this.sizeOf(priority) > CANDIDATES_PER_BUCKET) return -1
    }
    return -1
  }

  #bucket(priority: number, availability: number): Bucket {
    const row = this.#buckets[priority] ?? []
    const at = clamp(availability)
    while (row.length <= at) row.push(new Bucket())
    return row[at] ?? new Bucket()
  }
}

/** A bag of pieces that gives memory back when it empties, or 255 of them would each keep room for all pieces. */
class Bucket {
  size = 0
  #items: Uint32Array = new Uint32Array(0)

  push(pieceIndex: number): void {
    if (this.size === this.#items.length) {
      this.#resize(Math.max(SMALLEST_CAPACITY, this.size * 2))
    }
    this.#items[this.size] = pieceIndex
    this.size += 1
  }

  /** Answers the piece that now stands at `place` (the removed one itself if it was the last). */
  removeAt(place: number): number {
    this.size -= 1
    const last = this.#items[this.size] ?? 0
    this.#items[place] = last
    if (this.#items.length > SMALLEST_CAPACITY && this.size < this.#items.length >> 2) {
      this.#resize(Math.max(SMALLEST_CAPACITY, this.size * 2))
    }
    return last
  }

  search(has: (pieceIndex: number) => boolean, from: number, tries: number): number {
    for (let step = 0; step < tries; step += 1) {
      const pieceIndex = this.#items[(from + step) % this.size] ?? 0
      if (has(pieceIndex)) return pieceIndex
    }
    return -1
  }

  #resize(capacity: number): void {
    const items = new Uint32Array(capacity)
    items.set(this.#items.subarray(0, this.size))
    this.#items = items
  }
}

function clamp(availability: number): number {
  return Math.max(0, Math.min(availability, MOST_AVAILABLE))
}
