/**
 * When which torrent is looked for in the DHT: at once at first, then every quarter to half an hour; sooner while nobody
 * is found. All torrents together keep within one budget, so that ten thousand of them are a stream and no flood.
 */
import type { Millis } from '@pigeon/protocol/machine'
import type { RandomPort } from '../ports.ts'
import type { Search } from './finder.ts'

/** Lookups at the same time, and the least time between the starts of two. */
export const MAX_SEARCHES_AT_ONCE = 16
export const SEARCH_GAP_MS: Millis = 200
/** After a search that found peers; chance adds as much again. */
export const SEARCH_AGAIN_MS: Millis = 15 * 60_000
/** After one that found nobody; doubled each time, up to the above. */
export const EMPTY_AGAIN_MS: Millis = 60_000
/** After one that could ask nobody; doubled each time, up to the above. */
export const LONELY_AGAIN_MS: Millis = 2_000

/** One name of a torrent. */
export interface SearchTask {
  readonly search: Search
  readonly infoHash: Uint8Array
}

export class DhtSearches {
  readonly #random: RandomPort
  readonly #begin: (task: SearchTask) => void
  readonly #waiting = new Set<Entry>()
  readonly #running = new Map<SearchTask, Entry>()
  #nextStartMs: Millis = 0
  /** Of those that wait; `null` when it must be looked for. This is asked after every datagram. */
  #earliestMs: Millis | null = null

  constructor(random: RandomPort, begin: (task: SearchTask) => void) {
    this.#random = random
    this.#begin = begin
  }

  get size(): number {
    return this.#waiting.size + this.#running.size
  }

  /** When `run` has something to do; `null` while it has not. */
  get deadlineMs(): Millis | null {
    if (this.#running.size >= MAX_SEARCHES_AT_ONCE || this.#waiting.size === 0) return null
    this.#earliestMs ??= this.#findEarliest()
    return Math.max(this.#earliestMs, this.#nextStartMs)
  }

  add(search: Search, nowMs: Millis): () => void {
    const entries = search.infoHashes.map((infoHash): Entry => {
      const task = { search, infoHash }
      return { task, dueMs: nowMs, isNew: true, waitMs: 0 }
    })
    for (const entry of entries) this.#waiting.add(entry)
    this.#earliestMs = null
    return () => {
      this.#earliestMs = null
      for (const entry of entries) {
        this.#waiting.delete(entry)
        this.#running.delete(entry.task)
      }
    }
  }

  /** Begins what is due, as far as the budget goes. */
  run(nowMs: Millis): void {
    if (nowMs < this.#nextStartMs || this.#running.size >= MAX_SEARCHES_AT_ONCE) return
    let next: Entry | null = null
    for (const entry of this.#waiting) {
      if (entry.dueMs <= nowMs && (next === null || comesBefore(entry, next))) next = entry
    }
    if (next === null) return
    this.#waiting.delete(next)
    this.#earliestMs = null
    this.#running.set(next.task, next)
    this.#nextStartMs = nowMs + SEARCH_GAP_MS
    this.#begin(next.task)
  }

  /** A search is over; it comes again by itself. */
  ended(task: SearchTask, found: { peers: number; nodesAsked: number }, nowMs: Millis): void {
    const entry = this.#running.get(task)
    if (entry === undefined) return
    this.#running.delete(task)
    entry.isNew = false
    entry.waitMs = nextWait(entry.waitMs, found)
    entry.dueMs = nowMs + entry.waitMs + this.#random.int(Math.max(1, entry.waitMs))
    this.#waiting.add(entry)
    this.#earliestMs = null
  }

  /** The DHT went away: what was under way is due when it is back. */
  interrupt(nowMs: Millis): void {
    for (const entry of this.#running.values()) {
      entry.dueMs = nowMs
      this.#waiting.add(entry)
    }
    this.#running.clear()
    this.#earliestMs = null
  }

  /** Nodes are there now: what found nobody to ask need not wait. */
  hurry(nowMs: Millis): void {
    for (const entry of this.#waiting) {
      if (entry.waitMs < EMPTY_AGAIN_MS) entry.dueMs = Math.min(entry.dueMs, nowMs)
    }
    this.#earliestMs = null
  }

  #findEarliest(): Millis {
    let earliest = Number.POSITIVE_INFINITY
    for (const { dueMs } of this.#waiting) earliest = Math.min(earliest, dueMs)
    return earliest
  }
}

interface Entry {
  readonly task: SearchTask
  dueMs: Millis
  /** Never searched. */
  isNew: boolean
  waitMs: Millis
}

/** A torrent that was never looked for goes before all that are looked for again. */
function comesBefore(a: Entry, b: Entry): boolean {
  return a.isNew === b.isNew ? a.dueMs < b.dueMs : a.isNew
}

function nextWait(waitMs: Millis, found: { peers: number; nodesAsked: number }): Millis {
  if (found.peers > 0) return SEARCH_AGAIN_MS
  const least = found.nodesAsked === 0 ? LONELY_AGAIN_MS : EMPTY_AGAIN_MS
  const most = found.nodesAsked === 0 ? EMPTY_AGAIN_MS : SEARCH_AGAIN_MS
  return Math.min(most, Math.max(least, waitMs * 2))
}
