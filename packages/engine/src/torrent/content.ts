/**
 * What exists of a torrent once its metadata is known: its layout, its files, its pieces, and who moves them.
 */
import type { RandomInt } from '@pigeon/protocol/machine'
import type { Metainfo } from '@pigeon/protocol/metainfo'
import type { PieceGeometry } from '@pigeon/protocol/peer-wire'
import type { StorageLayout } from '../layout.ts'
import { filePieces, pieceLengthBytes, pieceSpans } from '../layout.ts'
import { PiecePicker } from '../piece-picker.ts'
import type { TorrentStorage } from '../ports.ts'
import type { IoProblem } from '../problem.ts'
import type { ReadMemory } from '../read-cache.ts'
import { ReadCache } from '../read-cache.ts'
import { LIMITS } from '../settings.ts'
import type { FilePriority } from './options.ts'
import type { Progress } from './progress.ts'
import { Selection } from './selection.ts'

export interface ContentInit {
  readonly metainfo: Metainfo
  readonly layout: StorageLayout
  readonly storage: TorrentStorage
  readonly progress: Progress
  readonly priorities: readonly FilePriority[]
  readonly isSequential: boolean
  readonly readMemory: ReadMemory
  readonly random: RandomInt
}

export class Content {
  readonly metainfo: Metainfo
  /** Renames give it other paths; all else of it stays. */
  layout: StorageLayout
  readonly storage: TorrentStorage
  readonly progress: Progress
  readonly picker: PiecePicker
  readonly cache: ReadCache
  selection: Selection
  /** Wanted bytes that are verified. */
  doneBytes = 0
  /** Wanted pieces that are not verified yet. */
  missingCount = 0

  constructor(init: ContentInit) {
    this.metainfo = init.metainfo
    this.layout = init.layout
    this.storage = init.storage
    this.progress = init.progress
    this.selection = new Selection(init.layout, init.priorities)
    this.picker = new PiecePicker({
      pieceCount: init.layout.pieceCount,
      pieceLengthOf: (pieceIndex) => pieceLengthBytes(init.layout, pieceIndex),
      blockBytes: LIMITS.blockBytes,
      random: init.random,
    })
    this.picker.setSequential(init.isSequential)
    this.cache = new ReadCache({
      memory: init.readMemory,
      pieceLengthOf: (pieceIndex) => pieceLengthBytes(init.layout, pieceIndex),
      read: (pieceIndex, begin, lengthBytes, into) =>
        init.storage.read(pieceIndex, begin, lengthBytes, into),
    })
    for (let pieceIndex = 0; pieceIndex < init.layout.pieceCount; pieceIndex += 1)
      if (this.progress.has(pieceIndex)) this.picker.setHave(pieceIndex)
    this.#applySelection()
  }

  get geometry(): PieceGeometry {
    return {
      count: this.layout.pieceCount,
      lengthBytes: this.layout.pieceLength,
      totalBytes: this.layout.totalBytes,
    }
  }

  /** Whether every wanted piece is verified. */
  get isFinished(): boolean {
    return this.missingCount === 0
  }

  async setPriorities(priorities: readonly FilePriority[]): Promise<IoProblem | null> {
    this.selection = new Selection(this.layout, priorities)
    this.#applySelection()
    return this.storage.setWanted(
      this.layout.files.map((_, index) => this.selection.isWanted(index)),
    )
  }

  /** A piece proved good by a transfer or a check. */
  verified(pieceIndex: number): void {
    if (this.progress.has(pieceIndex)) return
    this.progress.markVerified(pieceIndex)
    this.cache.forget(pieceIndex)
    if (!this.selection.isPieceWanted(pieceIndex)) return
    this.doneBytes += this.selection.pieceWantedBytes(pieceIndex)
    this.missingCount -= 1
  }

  /** A piece that we thought we had is not there. */
  lost(pieceIndex: number): void {
    if (!this.progress.has(pieceIndex)) return
    this.progress.markMissing(pieceIndex)
    this.picker.setMissing(pieceIndex)
    this.cache.forget(pieceIndex)
    if (!this.selection.isPieceWanted(pieceIndex)) return
    this.doneBytes -= this.selection.pieceWantedBytes(pieceIndex)
    this.missingCount += 1
  }

  /** Copies of the rarest wanted piece among connected peers; 0 when nothing is wanted. */
  rarestCopies(): number {
    let rarest = Number.POSITIVE_INFINITY
    for (let pieceIndex = 0; pieceIndex < this.layout.pieceCount; pieceIndex += 1) {
      if (!this.selection.isPieceWanted(pieceIndex)) continue
      rarest = Math.min(rarest, this.picker.availabilityOf(pieceIndex))
    }
    return Number.isFinite(rarest) ? rarest : 0
  }

  /** Pieces whose every byte could be on disk, judging by the files' sizes (an unwanted file's share may be set aside). */
  piecesOnDisk(sizes: readonly number[]): readonly number[] {
    const found: number[] = []
    for (let pieceIndex = 0; pieceIndex < this.layout.pieceCount; pieceIndex += 1) {
      const isThere = pieceSpans(this.layout, pieceIndex).every(
        (span) =>
          span.isPad ||
          !this.selection.isWanted(span.fileIndex) ||
          (sizes[span.fileIndex] ?? -1) >= span.fileOffset + span.lengthBytes,
      )
      if (isThere) found.push(pieceIndex)
    }
    return found
  }

  /** Whether any verified piece lies in the file. */
  hasAnyOf(fileIndex: number): boolean {
    const range = filePieces(this.layout, fileIndex)
    if (range === null) return false
    for (let pieceIndex = range.first; pieceIndex <= range.last; pieceIndex += 1)
      if (this.progress.has(pieceIndex)) return true
    return false
  }

  #applySelection(): void {
    this.doneBytes = 0
    this.missingCount = 0
    this.picker.setPriorities(this.selection.pieceLevels)
    for (let pieceIndex = 0; pieceIndex < this.layout.pieceCount; pieceIndex += 1) {
      if (!this.selection.isPieceWanted(pieceIndex)) continue
      if (this.progress.has(pieceIndex))
        this.doneBytes += this.selection.pieceWantedBytes(pieceIndex)
      else this.missingCount += 1
    }
  }
}
