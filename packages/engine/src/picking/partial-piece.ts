/**
 * A piece under way: which of its blocks are still to be asked for, who was asked, and who sent what.
 */
import type { BlockRef } from '@pigeon/protocol/wire/messages'

/** A block is never under way from more peers than this. */
export const MOST_COPIES = 2

const FREE = 0
const REQUESTED = 1
const RECEIVED = 2

export class PartialPiece {
  readonly pieceIndex: number
  readonly lengthBytes: number
  readonly blockCount: number
  freeCount: number
  receivedCount = 0
  /** While set, only this peer is asked: one sender alone can be blamed. */
  onlyPeer: number | null = null
  /** Whether the next peer asked shall be the only one. */
  isExclusive = false
  /** It failed before with several senders: not even a second copy is asked of others. */
  isSuspicious = false

  readonly #blockBytes: number
  readonly #states: Uint8Array
  /** Two places a block; 0 for nobody. */
  readonly #asked: Int32Array
  readonly #senders: Int32Array
  #firstFree = 0

  constructor(pieceIndex: number, lengthBytes: number, blockBytes: number) {
    this.pieceIndex = pieceIndex
    this.lengthBytes = lengthBytes
    this.#blockBytes = blockBytes
    this.blockCount = Math.ceil(lengthBytes / blockBytes)
    this.freeCount = this.blockCount
    this.#states = new Uint8Array(this.blockCount)
    this.#asked = new Int32Array(this.blockCount * MOST_COPIES)
    this.#senders = new Int32Array(this.blockCount)
  }

  get isDone(): boolean {
    return this.receivedCount === this.blockCount
  }

  get requestedCount(): number {
    return this.blockCount - this.freeCount - this.receivedCount
  }

  /** By block, the peer that sent it; 0 for a block that has not come. */
  get senders(): Int32Array {
    return this.#senders.slice()
  }

  needs(begin: number): boolean {
    const block = this.#blockAt(begin)
    return block >= 0 && this.#states[block] !== RECEIVED
  }

  /** Moves free blocks, in order, to `into`, at most up to a length of `limit`. */
  takeFree(peer: number, limit: number, into: BlockRef[]): void {
    // A peer that leaves off in the middle must not keep the rest from others.
    if (this.onlyPeer !== null && this.onlyPeer !== peer && this.requestedCount > 0) return
    for (let block = this.#firstFree; block < this.blockCount; block += 1) {
      if (into.length >= limit || this.freeCount === 0) break
      this.#firstFree = block
      if (this.#states[block] !== FREE) continue
      if (this.isExclusive) this.onlyPeer = peer
      this.#states[block] = REQUESTED
      this.#asked[block * MOST_COPIES] = peer
      this.freeCount -= 1
      into.push(this.#refOf(block))
    }
  }

  /** Asks for blocks a second time, where `mayCopy` agrees about the peer that was asked first. */
  takeCopies(
    peer: number,
    limit: number,
    into: BlockRef[],
    mayCopy: (askedPeer: number) => boolean,
  ): void {
    if ((this.isSuspicious && this.onlyPeer !== null) || this.requestedCount === 0) return
    for (let block = 0; block < this.blockCount && into.length < limit; block += 1) {
      if (this.#states[block] !== REQUESTED) continue
      const first = this.#asked[block * MOST_COPIES] ?? 0
      const second = this.#asked[block * MOST_COPIES + 1] ?? 0
      if ((first !== 0 && second !== 0) || first === peer || second === peer) continue
      if (!mayCopy(first === 0 ? second : first)) continue
      this.#asked[block * MOST_COPIES + (first === 0 ? 0 : 1)] = peer
      into.push(this.#refOf(block))
    }
  }

  /** Answers who else was asked, or `null` when the block is none of ours or had come before. */
  receive(begin: number, peer: number): readonly number[] | null {
    const block = this.#blockAt(begin)
    if (block < 0 || this.#states[block] === RECEIVED) return null
    if (this.#states[block] === FREE) this.freeCount -= 1
    this.#states[block] = RECEIVED
    this.#senders[block] = peer
    this.receivedCount += 1
    const first = this.#asked[block * MOST_COPIES] ?? 0
    const second = this.#asked[block * MOST_COPIES + 1] ?? 0
    this.#asked.fill(0, block * MOST_COPIES, (block + 1) * MOST_COPIES)
    const isFirstOther = first !== 0 && first !== peer
    const isSecondOther = second !== 0 && second !== peer
    if (!isFirstOther && !isSecondOther) return NOBODY
    if (isFirstOther && isSecondOther) return [first, second]
    return [isFirstOther ? first : second]
  }

  /** The peer will not send this block any more. Answers whether the block is free again. */
  release(begin: number, peer: number): boolean {
    const block = this.#blockAt(begin)
    return block >= 0 && this.#releaseBlock(block, peer)
  }

  /** The peer will send nothing any more. Answers whether any block is free again. */
  releaseAll(peer: number): boolean {
    let isFreed = false
    for (let block = 0; block < this.blockCount; block += 1) {
      if (this.#releaseBlock(block, peer)) isFreed = true
    }
    if (this.onlyPeer === peer) this.onlyPeer = null
    return isFreed
  }

  #releaseBlock(block: number, peer: number): boolean {
    if (this.#states[block] !== REQUESTED) return false
    const place = block * MOST_COPIES
    if (this.#asked[place] === peer) this.#asked[place] = 0
    else if (this.#asked[place + 1] === peer) this.#asked[place + 1] = 0
    else return false
    if (this.onlyPeer === peer) this.onlyPeer = null
    if (this.#asked[place] !== 0 || this.#asked[place + 1] !== 0) return false
    this.#states[block] = FREE
    this.freeCount += 1
    this.#firstFree = Math.min(this.#firstFree, block)
    return true
  }

  #blockAt(begin: number): number {
    if (begin < 0 || begin >= this.lengthBytes || begin % this.#blockBytes !== 0) return -1
    return begin / this.#blockBytes
  }

  #refOf(block: number): BlockRef {
    const begin = block * this.#blockBytes
    const lengthBytes = Math.min(this.#blockBytes, this.lengthBytes - begin)
    return { pieceIndex: this.pieceIndex, begin, lengthBytes }
  }
}

const NOBODY: readonly number[] = []
