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
    into: Uint8Array | null,
  ) => Promise<Uint8Array | IoProblem>
}

/** Buffers that wait to be read into again: fresh ones cost the collector more than the reading itself. */
const IDLE_BUFFERS = 16

interface Use {
  /** Readers who have not given it back. */
  readers: number
  /** Whether it still answers requests. */
  isKept: boolean
}

/**
 * Bounds the bytes of all caches that share it, and knows who still reads what, so that the memory of a run is used
 * again only when nobody does.
 */
export class ReadMemory {
  limitBytes: number
  /** Least recently used first. */
  readonly #runs = new Map<Run, () => void>()
  readonly #uses = new Map<ArrayBufferLike, Use>()
  readonly #idle: Uint8Array[] = []
  #usedBytes = 0

  constructor(limitBytes: number = DEFAULT_READ_MEMORY_BYTES) {
    this.limitBytes = limitBytes
  }

  get usedBytes(): number {
    return this.#usedBytes
  }

  /** Keeps a run that so many readers wait for; `onEvicted` is called when it has to go. */
  keep(run: Run, readers: number, onEvicted: () => void): void {
    this.#runs.set(run, onEvicted)
    this.#uses.set(run.bytes.buffer, { readers, isKept: true })
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
    if (!this.#runs.delete(run)) return
    this.#usedBytes -= run.bytes.length
    const use = this.#uses.get(run.bytes.buffer)
    if (use === undefined) return
    use.isKept = false
    this.#recycle(run.bytes.buffer, use)
  }

  /** One more reader of these bytes. */
  retain(bytes: Uint8Array): void {
    const use = this.#uses.get(bytes.buffer)
    if (use !== undefined) use.readers += 1
  }

  /** A reader is done with bytes that came from here. */
  release(bytes: Uint8Array): void {
    const use = this.#uses.get(bytes.buffer)
    if (use === undefined) return
    use.readers -= 1
    this.#recycle(bytes.buffer, use)
  }

  /** A reader is gone, and nobody knows when it is done: this memory is never used again. */
  forsake(bytes: Uint8Array): void {
    this.#uses.delete(bytes.buffer)
  }

  /** Memory for a run that is to be read, where there is some of that size. */
  takeIdle(lengthBytes: number): Uint8Array | null {
    return lengthBytes === RUN_BYTES ? (this.#idle.pop() ?? null) : null
  }

  #recycle(buffer: ArrayBufferLike, use: Use): void {
    if (use.isKept || use.readers > 0) return
    this.#uses.delete(buffer)
    if (buffer.byteLength === RUN_BYTES && this.#idle.length < IDLE_BUFFERS)
      this.#idle.push(new Uint8Array(buffer))
  }
}

interface Pending {
  readonly loading: Promise<Uint8Array | IoProblem>
  /** Requests that wait for it. */
  readers: number
}

interface Run {
  readonly bytes: Uint8Array
}

export class ReadCache {
  readonly #memory: ReadMemory
  readonly #options: ReadCacheOptions
  readonly #runs = new Map<number, Run>()
  readonly #pending = new Map<number, Pending>()
  readonly #runsPerPiece: number
  #generation = 0
  #latestKey = -1

  constructor(options: ReadCacheOptions) {
    this.#options = options
    this.#memory = options.memory ?? new ReadMemory(options.limitBytes)
    this.#runsPerPiece = Math.max(1, Math.ceil(options.pieceLengthOf(0) / RUN_BYTES))
  }

  /**
   * Bytes of a piece; at once when they are in memory. The view is good until the caller gives it back by `release` or
   * `forsake`, and must not be written to. The caller sees to it that the range lies in the piece.
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
      this.#memory.retain(run.bytes)
      return run.bytes.subarray(from, from + lengthBytes)
    }
    return this.#load(key, pieceIndex, first * RUN_BYTES).then((bytes) =>
      isIoProblem(bytes) ? bytes : bytes.subarray(from, from + lengthBytes),
    )
  }

  /** The caller is done with bytes that `read` gave. */
  release(bytes: Uint8Array): void {
    this.#memory.release(bytes)
  }

  /** Nobody will know when these bytes are done with, such as those of a socket that was closed. */
  forsake(bytes: Uint8Array): void {
    this.#memory.forsake(bytes)
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
    const known = this.#pending.get(key)
    if (known !== undefined) {
      known.readers += 1
      return known.loading
    }
    const lengthBytes = Math.min(RUN_BYTES, this.#options.pieceLengthOf(pieceIndex) - begin)
    const generation = this.#generation
    const into = this.#memory.takeIdle(lengthBytes)
    const loading = this.#options.read(pieceIndex, begin, lengthBytes, into).then((bytes) => {
      const isCurrent = this.#pending.get(key) === pending && generation === this.#generation
      if (isCurrent) this.#pending.delete(key)
      if (isCurrent && !isIoProblem(bytes)) this.#keep(key, bytes, pending.readers)
      return bytes
    })
    const pending: Pending = { loading, readers: 1 }
    this.#pending.set(key, pending)
    return loading
  }

  #keep(key: number, bytes: Uint8Array, readers: number): void {
    const run = { bytes }
    this.#runs.set(key, run)
    this.#latestKey = key
    this.#memory.keep(run, readers, () => this.#runs.delete(key))
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
    const joined = new Uint8Array(lengthBytes)
    joined.set(head)
    this.release(head)
    if (isIoProblem(tail)) return tail
    joined.set(tail, boundary - begin)
    this.release(tail)
    return joined
  }
}
