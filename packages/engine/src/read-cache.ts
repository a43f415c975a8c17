/**
 * Reads for seeding: whole runs of a piece come from disk once and answer many requests. Runs that were not used for
 * longest make room for new ones, over all torrents that share a memory.
 */
import type { IoProblem } from './problem.ts'
import { isIoProblem } from './problem.ts'

/** Runs begin at multiples of this within a piece. */
export const RUN_BYTES: number = 256 * 1024
export const DEFAULT_READ_MEMORY_BYTES: number = 16 * 1024 * 1024

export interface ReadCacheOptions {
  /** Shared with other torrents; without it the cache has `limitBytes` of its own. */
  readonly memory?: ReadMemory
  readonly limitBytes?: number
  readonly pieceLengthOf: (pieceIndex: number) => number
  readonly read: (
    pieceIndex: number,
    begin: number,
    lengthBytes: number,
  ) => Promise<Uint8Array | IoProblem>
}

/** Bounds the bytes of all caches that share it. */
export class ReadMemory {
  readonly limitBytes: number
  /** Least recently used first. */
  readonly #runs = new Map<Run, () => void>()
  #usedBytes = 0

  constructor(limitBytes: number = DEFAULT_READ_MEMORY_BYTES) {
    this.limitBytes = limitBytes
  }

  get usedBytes(): number {
    return this.#usedBytes
  }

  /** Keeps a run; `onEvicted` is called when it has to go. */
  keep(run: Run, onEvicted: () => void): void {
    this.#runs.set(run, onEvicted)
    this.#usedBytes += run.bytes.length
    for (const [oldest, evicted] of this.#runs) {
      if (this.#usedBytes <= this.limitBytes) return
      this.drop(oldest)
      evicted()
    }
  }

  touch(run: Run): void {
    const onEvicted = this.#runs.get(run)
    if (onEvicted === undefined) return
    this.#runs.delete(run)
    this.#runs.set(run, onEvicted)
  }

  drop(run: Run): void {
    if (this.#runs.delete(run)) this.#usedBytes -= run.bytes.length
  }
}

interface Run {
  readonly bytes: Uint8Array
}

export class ReadCache {
  readonly #memory: ReadMemory
  readonly #options: ReadCacheOptions
  readonly #runs = new Map<number, Run>()
  readonly #pending = new Map<number, Promise<Uint8Array | IoProblem>>()
  readonly #runsPerPiece: number
  #generation = 0
  #latestKey = -1

  constructor(options: ReadCacheOptions) {
    this.#options = options
    this.#memory = options.memory ?? new ReadMemory(options.limitBytes)
    this.#runsPerPiece = Math.max(1, Math.ceil(options.pieceLengthOf(0) / RUN_BYTES))
  }

  /**
   * Bytes of a piece; at once when they are in memory. The view is good until the caller is done with it and must not be
   * written to. The caller sees to it that the range lies in the piece.
   */
  read(
    pieceIndex: number,
    begin: number,
    lengthBytes: number,
  ): Uint8Array | Promise<Uint8Array | IoProblem> {
    const first = Math.floor(begin / RUN_BYTES)
    const last = Math.floor((begin + lengthBytes - 1) / RUN_BYTES)
    if (first !== last) return this.#readAcross(pieceIndex, begin, lengthBytes, last * RUN_BYTES)
    const key = pieceIndex * this.#runsPerPiece + first
    const from = begin - first * RUN_BYTES
    const run = this.#runs.get(key)
    if (run !== undefined) {
      this.#use(key, run)
      return run.bytes.subarray(from, from + lengthBytes)
    }
    return this.#load(key, pieceIndex, first * RUN_BYTES).then((bytes) =>
      isIoProblem(bytes) ? bytes : bytes.subarray(from, from + lengthBytes),
    )
  }

  /** What is on disk for this piece changed or went. Reads under way are not kept either. */
  forget(pieceIndex: number): void {
    for (let at = 0; at < this.#runsPerPiece; at += 1) {
      const key = pieceIndex * this.#runsPerPiece + at
      this.#evict(key)
      this.#pending.delete(key)
    }
  }

  /** Gives all memory back. */
  clear(): void {
    this.#generation += 1
    for (const key of [...this.#runs.keys()]) this.#evict(key)
    this.#pending.clear()
  }

  #use(key: number, run: Run): void {
    if (key === this.#latestKey) return
    this.#latestKey = key
    this.#memory.touch(run)
  }

  #evict(key: number): void {
    const run = this.#runs.get(key)
    if (run === undefined) return
    this.#memory.drop(run)
    this.#runs.delete(key)
  }

  /** Requests for one run while it is read wait for the same read. */
  #load(key: number, pieceIndex: number, begin: number): Promise<Uint8Array | IoProblem> {
    const pending = this.#pending.get(key)
    if (pending !== undefined) return pending
    const lengthBytes = Math.min(RUN_BYTES, this.#options.pieceLengthOf(pieceIndex) - begin)
    const generation = this.#generation
    const loading = this.#options.read(pieceIndex, begin, lengthBytes).then((bytes) => {
      const isCurrent = this.#pending.get(key) === loading && generation === this.#generation
      if (isCurrent) this.#pending.delete(key)
      if (isCurrent && !isIoProblem(bytes)) this.#keep(key, bytes)
      return bytes
    })
    this.#pending.set(key, loading)
    return loading
  }

  #keep(key: number, bytes: Uint8Array): void {
    const run = { bytes }
    this.#runs.set(key, run)
    this.#latestKey = key
    this.#memory.keep(run, () => this.#runs.delete(key))
  }

  async #readAcross(
    pieceIndex: number,
    begin: number,
    lengthBytes: number,
    boundary: number,
  ): Promise<Uint8Array | IoProblem> {
    const head = await this.read(pieceIndex, begin, boundary - begin)
    if (isIoProblem(head)) return head
    const tail = await this.read(pieceIndex, boundary, begin + lengthBytes - boundary)
    if (isIoProblem(tail)) return tail
    const joined = new Uint8Array(lengthBytes)
    joined.set(head)
    joined.set(tail, head.length)
    return joined
  }
}
