/**
 * Brings pieces in: asks peers for blocks, gathers each piece in one buffer, has it hashed and written, and says whose
 * fault it was when a hash does not match. The bytes of a block are copied once, from the socket's chunk.
 */
import type { Millis } from '@pigeon/protocol/machine'
import type { PeerWireEffect } from '@pigeon/protocol/peer-wire'
import type { PieceHashes } from '@pigeon/protocol/piece-hashes'
import { pieceProof } from '@pigeon/protocol/piece-hashes'
import type { BlockRef } from '@pigeon/protocol/wire/messages'
import type { StorageLayout } from '../layout.ts'
import { pieceLengthBytes } from '../layout.ts'
import type { PiecePicker } from '../piece-picker.ts'
import type { PieceBuffer, StoragePort, TorrentStorage } from '../ports.ts'
import type { IoProblem } from '../problem.ts'
import { LIMITS } from '../settings.ts'
import type { Peer } from '../swarm/peer.ts'
import { requestDepth } from './pipeline.ts'

export interface DownloaderInit {
  readonly layout: StorageLayout
  readonly hashes: PieceHashes
  readonly picker: PiecePicker
  readonly pool: StoragePort
  readonly storage: TorrentStorage
  readonly nowMs: () => Millis
  /** The piece matched its hash and was written (not yet synced). */
  readonly onVerified: (pieceIndex: number) => void
  /** Whether a good copy of the piece would show who lied about it before. */
  readonly isWatched: (pieceIndex: number) => boolean
  /** A good copy of a watched piece. */
  readonly onProof: (pieceIndex: number, bytes: Uint8Array) => void
  /** The piece did not match; `buffer` is still whole for comparing, and released after the call. */
  readonly onMismatch: (pieceIndex: number, bytes: Uint8Array, senders: readonly number[]) => void
  readonly onProblem: (problem: IoProblem) => void
  /** What was gathered of a piece was given up: its requests are of no use. */
  readonly onDropped: (pieceIndex: number) => void
  /** Bytes of a block came that are here already or that nobody waits for. */
  readonly onWasted: (lengthBytes: number) => void
  /** Another peer was asked for this block too and need not send it any more. */
  readonly onSuperfluous: (peerNumber: number, block: BlockRef) => void
}

type BlockPart = PeerWireEffect & { kind: 'block-part' }

/** A piece under way. */
interface OpenPiece {
  readonly buffer: PieceBuffer
  /** By block: the number of the peer whose bytes are being copied; 0 for none. */
  readonly writers: Uint32Array
  lastBytesMs: Millis
}

export class Downloader {
  readonly #init: DownloaderInit
  readonly #open = new Map<number, OpenPiece>()
  readonly #commits = new Set<Promise<void>>()
  /** No piece could be begun for want of buffers. */
  isStarved = false
  isStopped = false

  constructor(init: DownloaderInit) {
    this.#init = init
  }

  /** Asks this peer for as many blocks as its line should have under way. */
  fill(peer: Peer): void {
    if (this.isStopped || peer.pieces === null) return
    const wire = peer.wire
    if (wire.isChokedByRemote && wire.remoteAllowedFast.size === 0) return
    const depth = this.#depthOf(peer)
    const missing = depth - wire.outstandingCount
    if (missing <= 0 || (wire.outstandingCount > 0 && missing < depth >> 2)) return
    this.isStarved = false
    const who = { id: peer.number, isSlow: peer.isSnubbed }
    const blocks = wire.isChokedByRemote
      ? this.#init.picker.pickWithin(who, missing, wire.remoteAllowedFast, this.#begin)
      : this.#init.picker.pick(who, missing, this.#begin)
    if (blocks.length === 0) return
    if (wire.outstandingCount === 0) peer.waitingSinceMs = this.#init.nowMs()
    peer.feed({ kind: 'send-requests', blocks })
  }

  /** Takes a run of bytes of a block in. */
  take(peer: Peer, part: BlockPart): void {
    const piece = this.#open.get(part.pieceIndex)
    if (piece === undefined) {
      this.#init.onWasted(part.bytes.length)
      if (part.isLast) this.#init.picker.requestGone(part, peer.number)
      return
    }
    const blockIndex = part.begin / LIMITS.blockBytes
    // A later copy of the block takes over: it will write all of its bytes, so the result is one sender's alone.
    if (part.offset === 0 && this.#init.picker.needsBlock(part.pieceIndex, part.begin))
      piece.writers[blockIndex] = peer.number
    if (piece.writers[blockIndex] !== peer.number) {
      this.#init.onWasted(part.bytes.length)
      if (part.isLast) this.#init.picker.requestGone(part, peer.number)
      return
    }
    piece.buffer.bytes.set(part.bytes, part.begin + part.offset)
    if (part.isLast) this.#finishBlock(peer, part, piece)
  }

  /** The peer will not send these any more. */
  giveBack(peer: Peer, blocks: Iterable<BlockRef>): void {
    for (const block of blocks) this.#init.picker.requestGone(block, peer.number)
  }

  /** The piece under way that waits longest for bytes, and since when; those that nobody can finish come first. */
  stalest(): { readonly pieceIndex: number; readonly sinceMs: Millis } | null {
    const hopeless = this.#init.picker.evictable()
    if (hopeless !== null) return { pieceIndex: hopeless, sinceMs: Number.NEGATIVE_INFINITY }
    let found: { readonly pieceIndex: number; readonly sinceMs: Millis } | null = null
    for (const [pieceIndex, { lastBytesMs }] of this.#open)
      if (found === null || lastBytesMs < found.sinceMs)
        found = { pieceIndex, sinceMs: lastBytesMs }
    return found
  }

  /** Gives up what was gathered of a piece, so that its buffer serves another. */
  abandon(pieceIndex: number): void {
    this.#init.onDropped(pieceIndex)
    this.#drop(pieceIndex)
  }

  /** Gives all buffers back, and waits for pieces that are being hashed and written. */
  async stop(): Promise<void> {
    this.isStopped = true
    for (const pieceIndex of [...this.#open.keys()]) this.#drop(pieceIndex)
    await Promise.all(this.#commits)
  }

  readonly #begin = (pieceIndex: number): boolean => {
    const lengthBytes = pieceLengthBytes(this.#init.layout, pieceIndex)
    const buffer = this.#init.pool.acquire(lengthBytes)
    if (buffer === null) {
      this.isStarved = true
      return false
    }
    const writers = new Uint32Array(Math.ceil(lengthBytes / LIMITS.blockBytes))
    this.#open.set(pieceIndex, { buffer, writers, lastBytesMs: this.#init.nowMs() })
    return true
  }

  #drop(pieceIndex: number): void {
    const piece = this.#open.get(pieceIndex)
    this.#open.delete(pieceIndex)
    this.#init.picker.dropPartial(pieceIndex)
    // Last: whoever waits for a buffer is called from within.
    piece?.buffer.release()
  }

  #depthOf(peer: Peer): number {
    if (peer.isSnubbed) return 1
    const nowMs = this.#init.nowMs()
    peer.requestDepth = requestDepth({
      rate: peer.down.rate(nowMs),
      reqq: Math.min(peer.wire.remoteRequestQueueLimit, LIMITS.requestQueueOut),
      current: peer.requestDepth,
    })
    return peer.requestDepth
  }

  #finishBlock(peer: Peer, part: BlockPart, piece: OpenPiece): void {
    const nowMs = this.#init.nowMs()
    peer.lastBlockMs = nowMs
    peer.isSnubbed = false
    piece.lastBytesMs = nowMs
    piece.writers[part.begin / LIMITS.blockBytes] = 0
    const done = this.#init.picker.blockReceived(part.pieceIndex, part.begin, peer.number)
    for (const other of done.alsoAskedFrom) this.#init.onSuperfluous(other, part)
    if (!done.isPieceDone) return
    this.#open.delete(part.pieceIndex)
    const commit = this.#commit(part.pieceIndex, piece).finally(() => this.#commits.delete(commit))
    this.#commits.add(commit)
  }

  async #commit(pieceIndex: number, piece: OpenPiece): Promise<void> {
    const { storage, hashes, picker } = this.#init
    const senders = picker.sendersOf(pieceIndex)
    const proof = this.#init.isWatched(pieceIndex) ? piece.buffer.bytes.slice() : null
    const result = await storage.commit(pieceIndex, piece.buffer, pieceProof(hashes, pieceIndex))
    if (result.kind === 'verified') {
      picker.pieceVerified(pieceIndex)
      if (proof !== null) this.#init.onProof(pieceIndex, proof)
      this.#init.onVerified(pieceIndex)
      return
    }
    picker.pieceFailed(pieceIndex)
    if (result.kind === 'problem') {
      this.#init.onProblem(result.problem)
      return
    }
    this.#init.onMismatch(pieceIndex, piece.buffer.bytes, senders)
    piece.buffer.release()
  }
}
