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
  /** Verified since the files were last synced. */
  #unsynced = 0
  #arePiecesStale = false
  #areTotalsStale = false
  #lastSyncMs: Millis = Number.NEGATIVE_INFINITY
  /** Syncs run one after the other: each makes durable what was verified when it began. */
  #syncing: Promise<IoProblem | null> = Promise.resolve(null)
  #isSyncing = false

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
    this.#arePiecesStale = true
  }

  markMissing(pieceIndex: number): void {
    if (!this.has(pieceIndex)) return
    setBit(this.have, pieceIndex, false)
    this.haveCount -= 1
    this.#arePiecesStale = true
  }

  /** The totals changed: record them with the next sync, or at leisure. */
  touch(): void {
    this.#areTotalsStale = true
  }

  /** Syncs and records when it is time. A problem means: pieces since the last good sync are not safe. */
  syncWhenDue(storage: TorrentStorage, nowMs: Millis): Promise<IoProblem | null> | null {
    if (this.#isSyncing || !this.#isDue(nowMs)) return null
    this.#lastSyncMs = nowMs
    return this.sync(storage)
  }

  /** Makes all that is verified by now durable and recorded. */
  sync(storage: TorrentStorage): Promise<IoProblem | null> {
    this.#syncing = this.#syncing.then(() => this.#sync(storage))
    return this.#syncing
  }

  /** Verified pieces that no good record holds: after a failed sync they are not to be believed. */
  unrecorded(): readonly number[] {
    const pieces: number[] = []
    for (let pieceIndex = 0; pieceIndex < this.pieceCount; pieceIndex += 1)
      if (this.has(pieceIndex) && !hasBit(this.recorded, pieceIndex)) pieces.push(pieceIndex)
    return pieces
  }

  #isDue(nowMs: Millis): boolean {
    const sinceMs = nowMs - this.#lastSyncMs
    if (this.#arePiecesStale) return this.#unsynced >= LIMITS.syncPieces || sinceMs >= LIMITS.syncMs
    return this.#areTotalsStale && sinceMs >= LIMITS.recordTotalsMs
  }

  async #sync(storage: TorrentStorage): Promise<IoProblem | null> {
    if (!this.#arePiecesStale && !this.#areTotalsStale) return null
    const verified = this.have.slice()
    const unsynced = this.#unsynced
    this.#isSyncing = true
    this.#arePiecesStale = false
    this.#areTotalsStale = false
    this.#unsynced = 0
    const problem =
      (unsynced > 0 ? await storage.sync() : null) ??
      (await this.#records.saveProgress(this.#id, { verified, ...this.totals }))
    this.#isSyncing = false
    if (problem === null) this.recorded = verified
    else {
      this.#unsynced += unsynced
      this.#arePiecesStale = true
    }
    return problem
  }
}
