import { basename, dirname, join, resolve } from 'node:path'
import { layoutOf } from '@pigeon/engine/layout'
import { type IoProblem, isIoProblem } from '@pigeon/engine/problem'
import type { Metainfo } from '@pigeon/protocol/metainfo'
import { pieceProof } from '@pigeon/protocol/piece-hashes'
import { disk } from './storage/disk.ts'
import { createStoragePort, hashingWorkers } from './storage/storage.ts'

export type PieceState = 'verified' | 'mismatch' | 'missing' | 'unreadable'

export interface VerifyOutcome {
  readonly kind: 'checked'
  /** One a piece. */
  readonly pieces: readonly PieceState[]
  readonly verifiedCount: number
  /** One a file, in the metainfo's order; -1 where it is not there (pads never are). */
  readonly sizes: readonly number[]
  /** Why pieces are unreadable; each problem once. */
  readonly problems: readonly IoProblem[]
}

/** Checks every piece of a torrent against the files below a folder. Writes nothing. */
export async function verifyFiles(
  metainfo: Metainfo,
  folder: string,
  onProgress: (checkedCount: number, pieceCount: number) => void = () => {},
  signal?: AbortSignal,
): Promise<VerifyOutcome | { readonly kind: 'stopped' } | IoProblem> {
  const storage = createStoragePort({ workers: hashingWorkers() })
  const files = await storage.open(layoutOf(metainfo), resolve(folder))
  if (isIoProblem(files)) return files
  const pieces: PieceState[] = Array.from({ length: metainfo.pieceCount }, () => 'missing')
  const problems = new Map<string, IoProblem>()
  let next = 0
  let checkedCount = 0
  const lane = async (): Promise<void> => {
    for (;;) {
      if (next >= pieces.length || signal?.aborted === true) return
      const piece = next++
      const result = await files.verify(piece, pieceProof(metainfo.hashes, piece))
      if (isIoProblem(result)) problems.set(result.message, result)
      pieces[piece] = isIoProblem(result) ? 'unreadable' : result
      onProgress(++checkedCount, pieces.length)
    }
  }
  await Promise.all(Array.from({ length: PIECES_AT_ONCE }, lane))
  const sizes = await files.sizesOnDisk()
  await files.close({ deleteData: false })
  await storage.shutDown()
  if (signal?.aborted === true) return { kind: 'stopped' }
  const verifiedCount = pieces.filter((state) => state === 'verified').length
  return { kind: 'checked', pieces, verifiedCount, sizes, problems: [...problems.values()] }
}

/**
 * The download folder that a user means who points at a torrent's data: the path itself when the torrent's file or
 * folder is in it, or the folder around the path when the path is that file or folder.
 */
export async function contentFolder(metainfo: Metainfo, path: string): Promise<string> {
  const { rootName } = layoutOf(metainfo)
  const absolute = resolve(path)
  const isInside = await disk.lstat(join(absolute, rootName)).then(
    () => true,
    () => false,
  )
  return !isInside && basename(absolute) === rootName ? dirname(absolute) : absolute
}

const PIECES_AT_ONCE = 16
