import { hash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type StorageLayout, pieceLengthBytes } from '@pigeon/engine/layout'
import type { CommitResult, StoragePort, TorrentStorage } from '@pigeon/engine/ports'
import { type IoProblem, isIoProblem } from '@pigeon/engine/problem'
import type { PieceProof } from '@pigeon/protocol/piece-hashes'

export interface SampleFile {
  readonly path: string
  readonly lengthBytes: number
  readonly isPad?: boolean
}

/** A torrent whose every byte can be foretold. */
export interface SampleTorrent {
  readonly layout: StorageLayout
  readonly stream: Uint8Array
  piece(index: number): Uint8Array
  proof(index: number): PieceProof
  /** What a file must hold in the end. */
  file(index: number): Uint8Array
}

export function sampleTorrent(files: readonly SampleFile[], pieceLength: number): SampleTorrent {
  let offset = 0
  const layoutFiles = files.map(({ path, lengthBytes, isPad = false }, fileIndex) => {
    const file = { fileIndex, path, lengthBytes, offset, isPad }
    offset += lengthBytes
    return file
  })
  const stream = new Uint8Array(offset)
  for (let i = 0; i < stream.length; i++) stream[i] = (i * 31 + (i >> 8) * 7 + 1) & 0xff
  for (const file of layoutFiles) {
    if (file.isPad) stream.fill(0, file.offset, file.offset + file.lengthBytes)
  }
  const layout: StorageLayout = {
    id: 'ab'.repeat(20),
    pieceLength,
    pieceCount: Math.ceil(offset / pieceLength),
    totalBytes: offset,
    files: layoutFiles,
    rootName: files[0]?.path.split('/')[0] ?? 'root',
  }
  const piece = (index: number): Uint8Array => {
    const start = index * pieceLength
    return stream.subarray(start, start + pieceLengthBytes(layout, index))
  }
  return {
    layout,
    stream,
    piece,
    proof: (index) => ({ algorithm: 'sha1', digest: hash('sha1', piece(index), 'buffer') }),
    file: (index) => {
      const file = layoutFiles[index]
      return file === undefined
        ? new Uint8Array(0)
        : stream.subarray(file.offset, file.offset + file.lengthBytes)
    },
  }
}

/** Commits a piece, with its right bytes or those given. */
export async function commitPiece(
  storage: StoragePort,
  files: TorrentStorage,
  torrent: SampleTorrent,
  index: number,
  bytes: Uint8Array = torrent.piece(index),
): Promise<CommitResult> {
  const buffer = storage.acquire(torrent.piece(index).length)
  if (buffer === null) throw new Error('the pool is used up')
  buffer.bytes.set(bytes)
  const result = await files.commit(index, buffer, torrent.proof(index))
  if (result.kind === 'mismatch') buffer.release()
  return result
}

/** The value, or a failed test that says what the problem was. */
export function expectOk<T>(value: T | IoProblem): T {
  if (isIoProblem(value)) throw new Error(`${value.code}: ${value.message}`)
  return value
}

export function makeFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'pigeon-test-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}
