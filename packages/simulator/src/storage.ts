/**
 * The engine's storage on a simulated disk. Hashing and disk work take virtual time and fail as the disk says.
 */
import { createHash } from 'node:crypto'
import type { FileSpan, StorageLayout } from '@pigeon/engine/layout'
import { pieceLengthBytes, pieceSpans } from '@pigeon/engine/layout'
import type { CommitResult, PieceBuffer, StoragePort, TorrentStorage } from '@pigeon/engine/ports'
import type { IoProblem } from '@pigeon/engine/problem'
import { ioProblem } from '@pigeon/engine/problem'
import type { Millis } from '@pigeon/protocol/machine'
import type { PieceProof } from '@pigeon/protocol/piece-hashes'
import type { SimDisk } from './disk.ts'

/** Virtual time for work off the main thread; never resolves for a program that is gone. */
export type Work = (delayMs: Millis) => Promise<void>

const HASH_BYTES_PER_MS = 500 * 1024
const DISK_BYTES_PER_MS = 200 * 1024
const SEEK_MS = 0.1
const MOVE_MS = 5

export class SimStorage implements StoragePort {
  onRelease: () => void = () => {}
  /** Bytes of buffers that are out; the simulator's tests hold it against the limit. */
  dirtyBytes = 0
  mostDirtyBytes = 0
  readonly limitBytes: number
  readonly #disk: SimDisk
  readonly #work: Work

  constructor(disk: SimDisk, work: Work, limitBytes: number) {
    this.#disk = disk
    this.#work = work
    this.limitBytes = limitBytes
  }

  acquire(lengthBytes: number): PieceBuffer | null {
    if (this.dirtyBytes + lengthBytes > this.limitBytes) return null
    this.dirtyBytes += lengthBytes
    this.mostDirtyBytes = Math.max(this.mostDirtyBytes, this.dirtyBytes)
    const bytes = new Uint8Array(lengthBytes)
    let isOut = true
    return {
      bytes,
      release: () => {
        if (!isOut) throw new Error('A buffer was given back twice')
        isOut = false
        // Whoever still reads it is found out.
        bytes.fill(0xdd)
        this.dirtyBytes -= lengthBytes
        this.onRelease()
      },
    }
  }

  prepare(): void {}

  async open(layout: StorageLayout, folder: string): Promise<TorrentStorage | IoProblem> {
    await this.#work(SEEK_MS)
    return new SimTorrentStorage(this.#disk, this.#work, layout, folder)
  }

  async freeBytes(): Promise<number | IoProblem> {
    await this.#work(SEEK_MS)
    return this.#disk.freeBytes
  }
}

interface SimMove {
  readonly index: number
  readonly path: string
  readonly target: string
  /** And ours: it is to be moved. */
  readonly isHere: boolean
}

class SimTorrentStorage implements TorrentStorage {
  folder: string
  readonly #disk: SimDisk
  readonly #work: Work
  #layout: StorageLayout
  #wanted: readonly boolean[] = []
  /** Files that were there before and that nobody said are ours. */
  readonly #foreign = new Set<number>()

  constructor(disk: SimDisk, work: Work, layout: StorageLayout, folder: string) {
    this.#disk = disk
    this.#work = work
    this.#layout = layout
    this.folder = folder
    for (const index of layout.files.keys()) {
      if (disk.sizeOf(this.#realPath(index)) >= 0) this.#foreign.add(index)
    }
  }

  async commit(pieceIndex: number, buffer: PieceBuffer, proof: PieceProof): Promise<CommitResult> {
    await this.#work(buffer.bytes.length / HASH_BYTES_PER_MS)
    if (!matches(buffer.bytes, proof)) return { kind: 'mismatch' }
    const problem = this.#write(pieceIndex, buffer.bytes)
    await this.#work(SEEK_MS + buffer.bytes.length / DISK_BYTES_PER_MS)
    buffer.release()
    return problem === null ? { kind: 'verified' } : { kind: 'problem', problem }
  }

  async read(
    pieceIndex: number,
    begin: number,
    lengthBytes: number,
  ): Promise<Uint8Array | IoProblem> {
    await this.#work(SEEK_MS + lengthBytes / DISK_BYTES_PER_MS)
    const piece = this.#readPiece(pieceIndex)
    if (piece === null)
      return ioProblem('not-found', 'The file is not there', 'Check the torrent again')
    return piece instanceof Uint8Array ? piece.slice(begin, begin + lengthBytes) : piece
  }

  async verify(
    pieceIndex: number,
    proof: PieceProof,
  ): Promise<'verified' | 'mismatch' | 'missing' | IoProblem> {
    const lengthBytes = pieceLengthBytes(this.#layout, pieceIndex)
    await this.#work(lengthBytes / DISK_BYTES_PER_MS + lengthBytes / HASH_BYTES_PER_MS)
    const piece = this.#readPiece(pieceIndex)
    if (piece === null) return 'missing'
    if (!(piece instanceof Uint8Array)) return piece
    return matches(piece, proof) ? 'verified' : 'mismatch'
  }

  claim(fileIndexes: readonly number[]): void {
    for (const index of fileIndexes) this.#foreign.delete(index)
  }

  async setWanted(wanted: readonly boolean[]): Promise<IoProblem | null> {
    await this.#work(SEEK_MS)
    this.#wanted = wanted
    return null
  }

  async sync(): Promise<IoProblem | null> {
    await this.#work(this.#disk.faults.syncMs)
    const ours = new Set(
      this.#layout.files.flatMap((_, index) => [this.#realPath(index), this.#partPath(index)]),
    )
    const result = this.#disk.sync((path) => ours.has(path))
    return result === 'synced' ? null : BROKEN
  }

  async createEmptyFiles(): Promise<IoProblem | null> {
    await this.#work(SEEK_MS)
    for (const file of this.#layout.files) {
      if (file.isPad || file.lengthBytes > 0) continue
      this.#disk.write(this.#realPath(file.fileIndex), 0, new Uint8Array(0))
    }
    return null
  }

  async sizesOnDisk(): Promise<readonly number[]> {
    await this.#work(SEEK_MS)
    return this.#layout.files.map((file) => this.#disk.sizeOf(this.#realPath(file.fileIndex)))
  }

  async move(folder: string): Promise<IoProblem | null> {
    await this.#work(MOVE_MS)
    const moves = this.#moves(this.#layout.files.map(({ path }) => `${folder}/${path}`))
    if (this.#isInTheWay(moves)) return WOULD_OVERWRITE
    for (const { path, target, isHere } of moves) if (isHere) this.#disk.rename(path, target)
    this.folder = folder
    this.#meet(moves)
    return null
  }

  async rename(
    layout: StorageLayout,
    { isRepeated }: { readonly isRepeated: boolean },
  ): Promise<IoProblem | null> {
    const moves = this.#moves(layout.files.map(({ path }) => `${this.folder}/${path}`))
    if (!isRepeated && this.#isInTheWay(moves)) return WOULD_OVERWRITE
    for (const { path, target, isHere } of moves) {
      if (!isHere) continue
      // A power cut may come between any two of them.
      await this.#work(SEEK_MS)
      this.#disk.rename(path, target)
    }
    await this.#work(this.#disk.faults.syncMs)
    this.#layout = layout
    this.#meet(moves)
    return null
  }

  /** Of the files whose path becomes another. */
  #moves(targets: readonly string[]): readonly SimMove[] {
    return targets.flatMap((target, index) => {
      const path = this.#realPath(index)
      const isHere = !this.#foreign.has(index) && this.#disk.sizeOf(path) >= 0
      return path === target ? [] : [{ index, path, target, isHere }]
    })
  }

  /** Whether anything is to be moved, and a name is taken. */
  #isInTheWay(moves: readonly SimMove[]): boolean {
    return (
      moves.some(({ isHere }) => isHere) &&
      moves.some(({ target }) => this.#disk.sizeOf(target) >= 0)
    )
  }

  /** What was not brought along and lies there is not ours. */
  #meet(moves: readonly SimMove[]): void {
    for (const { index, target, isHere } of moves) {
      if (!isHere && this.#disk.sizeOf(target) >= 0) this.#foreign.add(index)
      else if (!isHere) this.#foreign.delete(index)
    }
  }

  async close(options: { readonly deleteData: boolean }): Promise<IoProblem | null> {
    await this.#work(SEEK_MS)
    if (!options.deleteData) return null
    for (const index of this.#layout.files.keys()) {
      if (!this.#foreign.has(index)) this.#disk.remove(this.#realPath(index))
      this.#disk.remove(this.#partPath(index))
    }
    return null
  }

  #write(pieceIndex: number, bytes: Uint8Array): IoProblem | null {
    for (const span of pieceSpans(this.#layout, pieceIndex)) {
      if (span.isPad) continue
      const run = bytes.subarray(span.pieceOffset, span.pieceOffset + span.lengthBytes)
      const isWanted = this.#wanted[span.fileIndex] ?? true
      if (isWanted && this.#foreign.has(span.fileIndex)) return WOULD_OVERWRITE
      const path = isWanted ? this.#realPath(span.fileIndex) : this.#partPath(span.fileIndex)
      const result = this.#disk.write(path, span.fileOffset, run)
      if (result === 'full') return FULL
      if (result === 'broken') return BROKEN
    }
    return null
  }

  #readPiece(pieceIndex: number): Uint8Array | IoProblem | null {
    const piece = new Uint8Array(pieceLengthBytes(this.#layout, pieceIndex))
    for (const span of pieceSpans(this.#layout, pieceIndex)) {
      if (span.isPad) continue
      const run = this.#readSpan(span)
      if (run === null) return null
      if (run === 'broken') return BROKEN
      piece.set(run, span.pieceOffset)
    }
    return piece
  }

  #readSpan(span: FileSpan): Uint8Array | 'broken' | null {
    const { fileIndex, fileOffset, lengthBytes } = span
    return (
      this.#disk.read(this.#realPath(fileIndex), fileOffset, lengthBytes) ??
      this.#disk.read(this.#partPath(fileIndex), fileOffset, lengthBytes)
    )
  }

  #realPath(fileIndex: number): string {
    return `${this.folder}/${this.#layout.files[fileIndex]?.path ?? ''}`
  }

  /** Where the bytes of an unwanted file go that share a piece with a wanted one. */
  #partPath(fileIndex: number): string {
    return `.parts/${this.#layout.id}/${fileIndex}`
  }
}

const FULL = ioProblem('disk-full', 'The disk is full', 'Make room')
const WOULD_OVERWRITE = ioProblem('would-overwrite', 'Another file is there', 'Move it away')
const BROKEN = ioProblem('disk-error', 'The disk does not work', 'Check the disk')

function matches(bytes: Uint8Array, proof: PieceProof): boolean {
  const digest = createHash(proof.algorithm).update(bytes).digest()
  return digest.equals(proof.digest)
}
