/**
 * Which pieces are verified, and which of these are also durable and recorded. A restart believes only the latter.
 *
 * The order that makes the promise of DESIGN section 4: the piece's hash matched and its bytes were written; then the
 * files are synced; then a synced record says so.
 */
import type { Millis } from '@pigeon/protocol/machine'
import {
  bitfieldBytes,
  clearSpareBits,
  countBits,
  hasBit,
  setBit,
} from '@pigeon/protocol/wire/bitfield'
import type { RecordPort, TorrentStorage } from '../ports.ts'
import type { IoProblem } from '../problem.ts'
import { LIMITS } from '../settings.ts'

/** Counters that are recorded together with the pieces. */
export interface Totals {
  downloadedBytes: number
  uploadedBytes: number
  seededMs: number
}

export class Progress {
  readonly pieceCount: number
  readonly have: Uint8Array
  readonly totals: Totals
  haveCount: number
  /** What the last good record says. */
  recorded: Uint8Array
  readonly #id: string
  readonly #records: RecordPort
  #unsynced = 0
  #isStale = false
  #lastSyncMs: Millis = Number.NEGATIVE_INFINITY
  #syncing: Promise<IoProblem | null> | null = null

  constructor(init: {
    readonly id: string
    readonly pieceCount: number
    readonly verified: Uint8Array
    readonly totals: Totals
    readonly records: RecordPort
  }) {
    this.#id = init.id
    this.#records = init.records
    this.pieceCount = init.pieceCount
    const isRecordWhole = init.verified.length === bitfieldBytes(init.pieceCount)
    this.have = isRecordWhole
      ? clearSpareBits(init.verified.slice(), init.pieceCount)
      : new Uint8Array(bitfieldBytes(init.pieceCount))
    this.haveCount = countBits(this.have)
    this.recorded = this.have.slice()
    this.totals = init.totals
  }

  has(pieceIndex: number): boolean {
    return hasBit(this.have, pieceIndex)
  }

  get isWhole(): boolean {
    return this.haveCount === this.pieceCount
  }

  markVerified(pieceIndex: number): void {
    if (this.has(pieceIndex)) return
    setBit(this.have, pieceIndex, true)
    this.haveCount += 1
    this.#unsynced += 1
    this.#isStale = true
  }

  markMissing(pieceIndex: number): void {
    if (!this.has(pieceIndex)) return
    setBit(this.have, pieceIndex, false)
    this.haveCount -= 1
    this.#isStale = true
  }

  /** The totals changed: record them with the next sync. */
  touch(): void {
    this.#isStale = true
  }

  /** Syncs and records when it is time. A problem means: pieces since the last good sync are not safe yet. */
  syncWhenDue(storage: TorrentStorage, nowMs: Millis): Promise<IoProblem | null> | null {
    if (!this.#isStale || this.#syncing !== null) return null
    if (this.#unsynced < LIMITS.syncPieces && nowMs - this.#lastSyncMs < LIMITS.syncMs) return null
    this.#lastSyncMs = nowMs
    return this.sync(storage)
  }

  /** Makes all that is verified by now durable and recorded. */
  async sync(storage: TorrentStorage): Promise<IoProblem | null> {
    if (this.#syncing !== null) await this.#syncing
    this.#syncing = this.#sync(storage)
    const problem = await this.#syncing
    this.#syncing = null
    return problem
  }

  async #sync(storage: TorrentStorage): Promise<IoProblem | null> {
    if (!this.#isStale) return null
    const verified = this.have.slice()
    const unsynced = this.#unsynced
    this.#isStale = false
    const problem =
      (unsynced > 0 ? await storage.sync() : null) ??
      (await this.#records.saveProgress(this.#id, { verified, ...this.totals }))
    if (problem === null) {
      this.#unsynced -= unsynced
      this.recorded = verified
    } else this.#isStale = true
    return problem
  }

  /** After a failed sync: gives up what is not on record, and answers which pieces are to be hashed again. */
  takeBackUnrecorded(): readonly number[] {
    const doubtful: number[] = []
    for (let pieceIndex = 0; pieceIndex < this.pieceCount; pieceIndex += 1)
      if (this.has(pieceIndex) && !hasBit(this.recorded, pieceIndex)) doubtful.push(pieceIndex)
    for (const pieceIndex of doubtful) this.markMissing(pieceIndex)
    this.#unsynced = 0
    return doubtful
  }
}
