/**
 * Which files the user wants, and what follows for pieces: a piece is as urgent as its most urgent file.
 */
import { hasBit } from '@pigeon/protocol/wire/bitfield'
import type { StorageLayout } from '../layout.ts'
import { filePieces, pieceSpans } from '../layout.ts'
import type { FilePriority } from './options.ts'

export const PRIORITY_LEVEL: { readonly [P in FilePriority]: number } = {
  skip: 0,
  low: 1,
  normal: 2,
  high: 3,
}

export class Selection {
  readonly priorities: readonly FilePriority[]
  /** By piece: 0 (skip) to 3 (high). */
  readonly pieceLevels: Uint8Array
  /** By piece: its bytes that lie in wanted files. */
  readonly #pieceWantedBytes: Uint32Array
  readonly wantedBytes: number
  readonly #layout: StorageLayout

  /** `priorities` by file index; a file beyond its end is `normal`. */
  constructor(layout: StorageLayout, priorities: readonly FilePriority[]) {
    this.#layout = layout
    this.priorities = layout.files.map((_, index) => priorities[index] ?? 'normal')
    this.pieceLevels = new Uint8Array(layout.pieceCount)
    this.#pieceWantedBytes = new Uint32Array(layout.pieceCount)
    let wantedBytes = 0
    for (const file of layout.files) {
      const level = PRIORITY_LEVEL[this.priorities[file.fileIndex] ?? 'normal']
      if (file.isPad || level === 0) continue
      wantedBytes += file.lengthBytes
      this.#want(file.offset, file.lengthBytes, level)
    }
    this.wantedBytes = wantedBytes
  }

  isWanted(fileIndex: number): boolean {
    return (this.priorities[fileIndex] ?? 'normal') !== 'skip'
  }

  isPieceWanted(pieceIndex: number): boolean {
    return (this.pieceLevels[pieceIndex] ?? 0) > 0
  }

  pieceWantedBytes(pieceIndex: number): number {
    return this.#pieceWantedBytes[pieceIndex] ?? 0
  }

  /** Wanted bytes of pieces, one bit each. */
  doneBytes(verified: Uint8Array): number {
    let doneBytes = 0
    for (const [pieceIndex, bytes] of this.#pieceWantedBytes.entries())
      if (bytes > 0 && hasBit(verified, pieceIndex)) doneBytes += bytes
    return doneBytes
  }

  /** Bytes of a file that lie in pieces for which `has` answers true. */
  fileDoneBytes(fileIndex: number, has: (pieceIndex: number) => boolean): number {
    const range = filePieces(this.#layout, fileIndex)
    if (range === null) return 0
    let doneBytes = 0
    for (let pieceIndex = range.first; pieceIndex <= range.last; pieceIndex += 1) {
      if (!has(pieceIndex)) continue
      const isInner = pieceIndex > range.first && pieceIndex < range.last
      doneBytes += isInner
        ? this.#layout.pieceLength
        : spanBytes(this.#layout, pieceIndex, fileIndex)
    }
    return doneBytes
  }

  #want(offset: number, lengthBytes: number, level: number): void {
    const { pieceLength } = this.#layout
    const end = offset + lengthBytes
    for (let at = offset; at < end; ) {
      const pieceIndex = Math.floor(at / pieceLength)
      const next = Math.min(end, (pieceIndex + 1) * pieceLength)
      this.#pieceWantedBytes[pieceIndex] = (this.#pieceWantedBytes[pieceIndex] ?? 0) + (next - at)
      this.pieceLevels[pieceIndex] = Math.max(this.pieceLevels[pieceIndex] ?? 0, level)
      at = next
    }
  }
}

function spanBytes(layout: StorageLayout, pieceIndex: number, fileIndex: number): number {
  return pieceSpans(layout, pieceIndex)
    .filter((span) => span.fileIndex === fileIndex)
    .reduce((sum, span) => sum + span.lengthBytes, 0)
}
