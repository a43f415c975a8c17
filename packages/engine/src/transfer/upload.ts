/**
 * Serves the blocks that peers asked for: read through a bounded cache, many answers in one write, never more queued
 * to a peer than its send bound, never faster than the limits.
 */
import type { Millis } from '@pigeon/protocol/machine'
import type { BlockRef } from '@pigeon/protocol/wire/messages'
import type { IoProblem } from '../problem.ts'
import { isIoProblem } from '../problem.ts'
import type { ReadCache } from '../read-cache.ts'
import { LIMITS } from '../settings.ts'
import type { Peer } from '../swarm/peer.ts'
import type { Budget } from './budget.ts'

export interface UploaderInit {
  readonly cache: ReadCache
  readonly budget: Budget
  readonly nowMs: () => Millis
  readonly onServed: (lengthBytes: number) => void
  /** A piece that we said we have cannot be read. */
  readonly onProblem: (pieceIndex: number, problem: IoProblem) => void
}

/** What shows that the bytes are not there any more. */
const LOST: ReadonlySet<IoProblem['code']> = new Set(['not-found', 'disk-error', 'through-link'])

type Answer = { readonly pieceIndex: number; readonly begin: number; readonly bytes: Uint8Array }

export class Uploader {
  readonly #init: UploaderInit

  constructor(init: UploaderInit) {
    this.#init = init
  }

  /** The remote took a request back. */
  cancel(peer: Peer, block: BlockRef): void {
    const index = peer.uploads.findIndex(
      (held) => held.pieceIndex === block.pieceIndex && held.begin === block.begin,
    )
    if (index >= 0) peer.uploads.splice(index, 1)
  }

  /** Serves as much as may go out now. Called when requests came, bytes went out, or the budget grew. */
  pump(peer: Peer): void {
    this.#releaseSent(peer)
    if (peer.isReadingForUpload || peer.isClosed || peer.isBusy) return
    const answers: Answer[] = []
    let room = LIMITS.sendQueueBytes - peer.socket.queuedBytes
    while (peer.uploads.length > 0 && room > 0 && this.#init.budget.isOpen()) {
      const block = peer.uploads[0]
      if (block === undefined) break
      const bytes = this.#init.cache.read(block.pieceIndex, block.begin, block.lengthBytes)
      if (bytes instanceof Promise) {
        this.#resumeAfter(peer, block, bytes)
        break
      }
      if (isIoProblem(bytes)) {
        this.#giveUp(peer, block, bytes)
        continue
      }
      peer.uploads.shift()
      answers.push({ pieceIndex: block.pieceIndex, begin: block.begin, bytes })
      room -= block.lengthBytes
      this.#init.budget.take(block.lengthBytes)
    }
    if (answers.length > 0) this.#send(peer, answers)
  }

  #send(peer: Peer, answers: readonly Answer[]): void {
    let lengthBytes = 0
    for (const answer of answers) lengthBytes += answer.bytes.length
    peer.up.add(lengthBytes, this.#init.nowMs())
    this.#init.onServed(lengthBytes)
    peer.feed({ kind: 'send-blocks', blocks: answers })
    for (const { bytes } of answers) peer.sending.push({ bytes, endBytes: peer.writtenBytes })
  }

  /** The peer is gone, perhaps with blocks still in the system's hands. */
  gone(peer: Peer): void {
    for (const { bytes } of peer.sending) this.#init.cache.forsake(bytes)
    peer.sending.length = 0
  }

  /** What the socket has sent needs its memory no more. */
  #releaseSent(peer: Peer): void {
    const sentBytes = peer.writtenBytes - peer.socket.queuedBytes
    let count = 0
    for (const { bytes, endBytes } of peer.sending) {
      if (endBytes > sentBytes) break
      this.#init.cache.release(bytes)
      count += 1
    }
    if (count > 0) peer.sending.splice(0, count)
  }

  #resumeAfter(peer: Peer, block: BlockRef, reading: Promise<Uint8Array | IoProblem>): void {
    peer.isReadingForUpload = true
    void reading.then((bytes) => {
      peer.isReadingForUpload = false
      if (isIoProblem(bytes)) this.#giveUp(peer, block, bytes)
      else if (peer.uploads[0] !== block || peer.isClosed) this.#init.cache.release(bytes)
      else {
        // What was read is served at once: it may lie in two runs, which the cache never gives in one.
        peer.uploads.shift()
        this.#init.budget.take(block.lengthBytes)
        this.#send(peer, [{ pieceIndex: block.pieceIndex, begin: block.begin, bytes }])
      }
      this.pump(peer)
    })
  }

  #giveUp(peer: Peer, block: BlockRef, problem: IoProblem): void {
    this.cancel(peer, block)
    peer.feed({ ...block, kind: 'send-reject' })
    // Other problems, such as too many open files, pass: they say nothing about the piece.
    if (LOST.has(problem.code)) this.#init.onProblem(block.pieceIndex, problem)
  }
}
