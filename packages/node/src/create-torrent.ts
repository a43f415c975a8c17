import { basename, dirname } from 'node:path'
import { layoutOf } from '@pigeon/engine/layout'
import {
  type IoProblem,
  type Refusal,
  ioProblem,
  isIoProblem,
  refusal,
} from '@pigeon/engine/problem'
import {
  type FileToShare,
  choosePieceLength,
  createMetainfo,
  pieceCountOf,
} from '@pigeon/protocol/create'
import { toDisplay } from '@pigeon/protocol/display'
import type { Metainfo } from '@pigeon/protocol/metainfo'
import { createDigestPort } from './digest.ts'
import { diskProblem, errnoOf } from './io-errors.ts'
import { type FoundFile, findFiles } from './find-files.ts'
import { disk } from './storage/disk.ts'
import type { JobResult, Run } from './storage/jobs.ts'
import { hashingWorkers } from './storage/storage.ts'
import { WorkerPool } from './storage/worker-pool.ts'

export interface CreateOptions {
  /** A power of two from 16 KiB to 256 MiB; chosen by the size when absent. */
  readonly pieceLength?: number
  readonly trackers?: readonly (readonly string[])[]
  readonly webSeeds?: readonly string[]
  readonly isPrivate?: boolean
  readonly comment?: string | null
  readonly createdBy?: string | null
  /** Seconds since 1970. */
  readonly creationDate?: number | null
  readonly workers?: number
}

export interface CreateProgress {
  readonly hashedBytes: number
  readonly totalBytes: number
}

export type CreateOutcome =
  | {
      readonly kind: 'created'
      /** The .torrent file. */
      readonly bytes: Uint8Array
      readonly metainfo: Metainfo
      /** The folder to seed from: the one that holds what was shared. */
      readonly folder: string
      /** What was left out (links, pipes) or will have another name elsewhere; fit to show. */
      readonly notes: readonly string[]
    }
  | { readonly kind: 'stopped' }
  | IoProblem
  | Refusal

/**
 * Makes a torrent of a file or a folder. Links below it are not followed and not shared; a file that cannot be read, or
 * that changes while it is read, ends it with a problem that names the file. The same content gives the same
 * info-hash everywhere.
 */
export async function createTorrent(
  path: string,
  options: CreateOptions = {},
  onProgress: (progress: CreateProgress) => void = () => {},
  signal?: AbortSignal,
): Promise<CreateOutcome> {
  const found = await findFiles(path)
  if (isIoProblem(found)) return found
  const { files, name } = found
  const totalBytes = files.reduce((sum, file) => sum + file.lengthBytes, 0)
  const pieceLength = options.pieceLength ?? choosePieceLength(totalBytes)
  const draft = { ...options, name, files: files.map(toShare), pieceLength }
  const early = refuseEarly(draft)
  if (early !== null) return early
  const pool = new WorkerPool({ workers: options.workers ?? hashingWorkers() })
  const sha1 = await hashPieces(pool, files, pieceLength, onProgress, signal)
  await pool.close()
  if (!(sha1 instanceof Uint8Array)) return sha1
  const changed = await firstChanged(files)
  if (changed !== null) return changed
  const made = createMetainfo({ ...draft, sha1 }, createDigestPort())
  if (!made.ok) return refusal('failed', made.refusal.message, '')
  const folder = dirname(found.root)
  const notes = [...found.notes, ...renamed(made.metainfo, files, found.root)]
  return { kind: 'created', bytes: made.bytes, metainfo: made.metainfo, folder, notes }
}

/** Pieces that are hashed at the same time. */
const PIECES_AT_ONCE = 16
const DIGEST_BYTES = 20
/** One more than a torrent may have. */
const MAX_TRIED_PIECES: number = 2 ** 21 + 1
/** Longer ones are named by the first few. */
const MAX_NOTES = 100

function toShare({ path, lengthBytes }: FoundFile): FileToShare {
  return { path, lengthBytes }
}

interface Draft {
  readonly name: string
  readonly files: readonly FileToShare[]
  readonly pieceLength: number
}

/** Says what is wrong before a long time is spent on hashing. */
function refuseEarly(draft: Draft): Refusal | null {
  const pieceCount = Math.min(pieceCountOf(draft.files, draft.pieceLength), MAX_TRIED_PIECES) || 0
  const sha1 = new Uint8Array(pieceCount * DIGEST_BYTES)
  const made = createMetainfo({ ...draft, sha1 }, createDigestPort())
  if (made.ok) return null
  const code = made.refusal.code.startsWith('bad-') ? 'bad-value' : 'failed'
  return refusal(code, made.refusal.message, '')
}

async function hashPieces(
  pool: WorkerPool,
  files: readonly FoundFile[],
  pieceLength: number,
  onProgress: (progress: CreateProgress) => void,
  signal: AbortSignal | undefined,
): Promise<Uint8Array | IoProblem | { readonly kind: 'stopped' }> {
  const totalBytes = files.reduce((sum, file) => sum + file.lengthBytes, 0)
  const pieceCount = pieceCountOf(files.map(toShare), pieceLength)
  const sha1 = new Uint8Array(pieceCount * DIGEST_BYTES)
  const pieces = runsOfPieces(files, pieceLength)
  let nextPiece = 0
  let hashedBytes = 0
  let problem: IoProblem | null = null
  const lane = async (): Promise<void> => {
    for (;;) {
      const next = pieces.next()
      if (next.done === true || problem !== null || signal?.aborted === true) return
      const piece = nextPiece++
      const runs = next.value
      const result = await pool.run({ kind: 'scan', runs, algorithm: 'sha1', digest: null })
      if (result.kind === 'digest') {
        sha1.set(result.digest, piece * DIGEST_BYTES)
        hashedBytes += runs.reduce((sum, run) => sum + run.lengthBytes, 0)
        onProgress({ hashedBytes, totalBytes })
      } else problem ??= readProblem(result, runs)
    }
  }
  await Promise.all(Array.from({ length: PIECES_AT_ONCE }, lane))
  if (problem !== null) return problem
  return signal?.aborted === true ? { kind: 'stopped' } : sha1
}

/** The runs of files that each piece consists of, one piece after the other. */
function* runsOfPieces(files: readonly FoundFile[], pieceLength: number): Generator<Run[]> {
  let runs: Run[] = []
  let room = pieceLength
  for (const file of files) {
    let fileOffset = 0
    while (fileOffset < file.lengthBytes) {
      const lengthBytes = Math.min(room, file.lengthBytes - fileOffset)
      runs.push({ from: file.absolutePath, fileOffset, lengthBytes })
      fileOffset += lengthBytes
      room -= lengthBytes
      if (room > 0) continue
      yield runs
      runs = []
      room = pieceLength
    }
  }
  if (runs.length > 0) yield runs
}

function readProblem(result: JobResult, runs: readonly Run[]): IoProblem {
  if (result.kind === 'missing') return changedProblem(String(runs[result.index]?.from))
  if (result.kind !== 'failed') return diskProblem('unknown', 'hash the files')
  return diskProblem(result.errno, `read ${String(runs[result.index]?.from ?? 'the files')}`)
}

/** A file written to while we read it would give a torrent of bytes that never stood together. */
async function firstChanged(files: readonly FoundFile[]): Promise<IoProblem | null> {
  for (const file of files) {
    try {
      const stat = await disk.lstat(file.absolutePath)
      if (stat.size === file.lengthBytes && stat.mtimeMs === file.mtimeMs) continue
      return changedProblem(file.absolutePath)
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return changedProblem(file.absolutePath)
      return diskProblem(error, `look at ${file.absolutePath}`)
    }
  }
  return null
}

function changedProblem(path: string): IoProblem {
  return ioProblem(
    'disk-error',
    `${path} changed while it was read`,
    'Wait until nothing writes to it, then try again.',
  )
}

/** Files whose names cannot be kept on every system: Pigeon itself looks for them under other names. */
function renamed(metainfo: Metainfo, files: readonly FoundFile[], root: string): string[] {
  const layout = layoutOf(metainfo)
  const notes: string[] = []
  for (const [index, file] of files.entries()) {
    const wanted = [basename(root), ...file.path].join('/')
    const path = layout.files[index]?.path
    if (path === undefined || path === wanted) continue
    const shown = toDisplay(wanted)
    notes.push(`${shown} will be stored as ${toDisplay(path)}: its name does not fit every system`)
    if (notes.length === MAX_NOTES) break
  }
  return notes
}
