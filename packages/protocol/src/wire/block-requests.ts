/**
 * Requests in flight on one connection, both ways. All look-ups are by piece and offset in one step.
 *
 * Spec: BEP 3, "peer messages" (request, cancel); BEP 6
 */
import { type BlockRef, PIECE_COUNT_LIMIT } from './messages.ts'

/** Requests of ours that wait for an answer. */
export const OUTSTANDING_REQUESTS_LIMIT = 2000
/** Requests of ours that were cancelled or lost by a choke, remembered because their blocks may still come. */
export const FORGONE_REQUESTS_LIMIT = 500

/** What a block that came is to us; a `BlockRef` is our request that it should have answered in full. */
export type BlockOutcome = 'wanted' | 'forgone' | 'never-asked' | BlockRef

/** What we asked of the remote. */
export class OutstandingRequests {
  readonly #waiting = new Map<number, BlockRef>()
  /** Oldest first. */
  readonly #forgone = new Map<number, number>()

  get count(): number {
    return this.#waiting.size
  }

  /** Oldest first. */
  get blocks(): readonly BlockRef[] {
    return [...this.#waiting.values()]
  }

  has(pieceIndex: number, begin: number): boolean {
    return this.#waiting.has(blockKey(pieceIndex, begin))
  }

  add(block: BlockRef): void {
    this.#waiting.set(blockKey(block.pieceIndex, block.begin), block)
  }

  /** A block came. One of another length than we asked for ends our request too. */
  settle({ pieceIndex, begin, lengthBytes }: BlockRef): BlockOutcome {
    if (pieceIndex >= PIECE_COUNT_LIMIT) return 'never-asked'
    const key = blockKey(pieceIndex, begin)
    const asked = this.#waiting.get(key)
    if (asked === undefined) return this.#takeForgone(key, lengthBytes) ? 'forgone' : 'never-asked'
    if (asked.lengthBytes !== lengthBytes) {
      this.forgo(asked)
      return asked
    }
    this.#waiting.delete(key)
    return 'wanted'
  }

  /**
   * A reject came. One that we cancelled and asked for again may be answered twice: the reject is for the cancelled one.
   */
  reject(block: BlockRef): 'rejected' | 'forgone' | 'never-asked' {
    if (block.pieceIndex >= PIECE_COUNT_LIMIT) return 'never-asked'
    const key = blockKey(block.pieceIndex, block.begin)
    if (this.#takeForgone(key, block.lengthBytes)) return 'forgone'
    if (this.#waiting.get(key)?.lengthBytes !== block.lengthBytes) return 'never-asked'
    this.#waiting.delete(key)
    return 'rejected'
  }

  /** Takes a request back; `false` when it is not in flight. */
  forgo(block: BlockRef): boolean {
    const key = blockKey(block.pieceIndex, block.begin)
    const waiting = this.#waiting.get(key)
    if (waiting === undefined) return false
    this.#waiting.delete(key)
    this.#remember(key, waiting.lengthBytes)
    return true
  }

  /** Takes back all, or all of one piece, and lists them. */
  forgoAll(pieceIndex: number | null = null): readonly BlockRef[] {
    const gone: BlockRef[] = []
    for (const block of this.#waiting.values()) {
      if (pieceIndex === null || block.pieceIndex === pieceIndex) gone.push(block)
    }
    for (const block of gone) this.forgo(block)
    return gone
  }

  #remember(key: number, lengthBytes: number): void {
    this.#forgone.delete(key)
    this.#forgone.set(key, lengthBytes)
    if (this.#forgone.size <= FORGONE_REQUESTS_LIMIT) return
    for (const oldest of this.#forgone.keys()) {
      this.#forgone.delete(oldest)
      break
    }
  }

  #takeForgone(key: number, lengthBytes: number): boolean {
    return this.#forgone.get(key) === lengthBytes && this.#forgone.delete(key)
  }
}

/** What the remote asked of us and we have not answered. The caller keeps it within its limit. */
export class HeldRequests {
  readonly #held = new Map<number, BlockRef>()

  get count(): number {
    return this.#held.size
  }

  has(pieceIndex: number, begin: number): boolean {
    return this.#held.has(blockKey(pieceIndex, begin))
  }

  add(block: BlockRef): void {
    this.#held.set(blockKey(block.pieceIndex, block.begin), block)
  }

  /** Removes exactly this request; `false` when we do not hold it. */
  take(block: BlockRef): boolean {
    const key = blockKey(block.pieceIndex, block.begin)
    return this.#held.get(key)?.lengthBytes === block.lengthBytes && this.#held.delete(key)
  }

  /** Removes and lists all but those of the kept pieces. */
  takeAllBut(keptPieces: ReadonlySet<number>): readonly BlockRef[] {
    const taken = [...this.#held.values()].filter((block) => !keptPieces.has(block.pieceIndex))
    for (const block of taken) this.take(block)
    return taken
  }
}

/** One number for piece and offset; exact, since pieces are below 2^21 and offsets below 2^32. */
function blockKey(pieceIndex: number, begin: number): number {
  return pieceIndex * 2 ** 32 + begin
}
