import { availableParallelism } from 'node:os'
import type { StorageLayout } from '@pigeon/engine/layout'
import type { PieceBuffer, StoragePort } from '@pigeon/engine/ports'
import type { IoProblem } from '@pigeon/engine/problem'
import { diskProblem, errnoOf } from '../io-errors.ts'
import { disk } from './disk.ts'
import { FileHandles } from './file-handles.ts'
import { freeBytes } from './free-bytes.ts'
import { checkLayout } from './layout-check.ts'
import { PiecePool } from './piece-pool.ts'
import { TorrentFiles } from './torrent-files.ts'
import { WorkerPool } from './worker-pool.ts'

export interface StorageOptions {
  /** Bound on the memory of pieces under way. */
  readonly dirtyBytes?: number
  readonly workers?: number
  readonly openFiles?: number
  readonly onWorkerCrash?: (error: Error | null) => void
}

export const DEFAULT_DIRTY_BYTES: number = 32 * 1024 * 1024
const MAX_OPEN_FILES = 40

/** Torrents on disk. `shutDown` ends the worker threads when all torrents are closed. */
export interface NodeStorage extends StoragePort {
  open(layout: StorageLayout, folder: string): Promise<TorrentFiles | IoProblem>
  shutDown(): Promise<void>
}

export function createStoragePort(options: StorageOptions = {}): NodeStorage {
  return new DiskStorage(options)
}

/**
 * Beside a running node one core is the sockets': on two cores a second worker only takes time from the main thread.
 * Two hash faster than any disk or link that we expect delivers.
 */
export function defaultWorkers(): number {
  return Math.min(2, Math.max(1, availableParallelism() - 1))
}

/** Where nothing but hashing is done, every core helps; past four the disk is the bound. */
export function hashingWorkers(): number {
  return Math.min(4, Math.max(1, availableParallelism()))
}

class DiskStorage implements NodeStorage {
  readonly #pool: PiecePool
  readonly #workers: WorkerPool
  readonly #handles: FileHandles

  constructor(options: StorageOptions) {
    this.#pool = new PiecePool(options.dirtyBytes ?? DEFAULT_DIRTY_BYTES)
    this.#workers = new WorkerPool({
      workers: options.workers ?? defaultWorkers(),
      ...(options.onWorkerCrash === undefined ? {} : { onCrash: options.onWorkerCrash }),
    })
    this.#handles = new FileHandles(options.openFiles ?? MAX_OPEN_FILES)
  }

  get onRelease(): () => void {
    return this.#pool.onRelease
  }

  set onRelease(callback: () => void) {
    this.#pool.onRelease = callback
  }

  acquire(lengthBytes: number): PieceBuffer | null {
    return this.#pool.acquire(lengthBytes)
  }

  prepare(): void {
    this.#workers.warm()
  }

  async open(layout: StorageLayout, folder: string): Promise<TorrentFiles | IoProblem> {
    const problem = checkLayout(layout, folder) ?? (await checkFolder(folder))
    if (problem !== null) return problem
    return new TorrentFiles(layout, folder, { workers: this.#workers, handles: this.#handles })
  }

  freeBytes(folder: string): Promise<number | IoProblem> {
    return freeBytes(folder)
  }

  async shutDown(): Promise<void> {
    await this.#workers.close()
  }
}

/** Missing is fine, the first piece makes it; a file in its place is not. */
async function checkFolder(folder: string): Promise<IoProblem | null> {
  try {
    const stat = await disk.stat(folder)
    return stat.isDirectory() ? null : diskProblem('ENOTDIR', `use ${folder} as download folder`)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null
    return diskProblem(error, `use ${folder} as download folder`)
  }
}
