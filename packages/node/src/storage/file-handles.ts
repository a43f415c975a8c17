import { type IoProblem, isIoProblem } from '@pigeon/engine/problem'
import { disk } from './disk.ts'

/** One file in one mode, open or not. */
export class FileHandle {
  /** -1 while it is not open. Only valid while pinned. */
  fd = -1
  pins = 0
  opening: Promise<IoProblem | null> | null = null
  readonly open: () => Promise<number | IoProblem>

  constructor(open: () => Promise<number | IoProblem>) {
    this.open = open
  }
}

/**
 * Keeps at most `limit` files open for all torrents together, closing those unused the longest. A pinned file stays
 * open until it is unpinned. All files of one job are pinned at once or not yet, so jobs cannot wait for each other.
 */
export class FileHandles {
  readonly #limit: number
  /** The open ones, used last at the end. */
  readonly #open = new Set<FileHandle>()
  readonly #queue: Waiting[] = []
  #pinnedCount = 0
  #openingCount = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get openCount(): number {
    return this.#open.size
  }

  /** Opens and holds these files; on a problem none is held. */
  async pin(handles: readonly FileHandle[]): Promise<IoProblem | null> {
    if (this.#queue.length > 0 || !this.#reserve(handles)) {
      await new Promise<void>((resolve) => this.#queue.push({ handles, resolve }))
    }
    let problem: IoProblem | null = null
    for (const handle of handles) {
      if (handle.fd < 0) problem = (await this.#openOne(handle)) ?? problem
      else this.#touch(handle)
    }
    if (problem !== null) this.unpin(handles)
    return problem
  }

  unpin(handles: readonly FileHandle[]): void {
    for (const handle of handles) {
      handle.pins--
      if (handle.pins === 0) this.#pinnedCount--
    }
    while (this.#queue[0] !== undefined && this.#reserve(this.#queue[0].handles)) {
      this.#queue.shift()?.resolve()
    }
  }

  /** Closes a file that nobody holds. */
  async close(handle: FileHandle): Promise<void> {
    if (handle.fd < 0 || handle.pins > 0) return
    const { fd } = handle
    handle.fd = -1
    this.#open.delete(handle)
    // What close reports was reported by the writes, or will be by the sync.
    await disk.close(fd).catch(() => {})
  }

  #reserve(handles: readonly FileHandle[]): boolean {
    let fresh = 0
    for (const handle of new Set(handles)) if (handle.pins === 0) fresh++
    if (this.#pinnedCount + fresh > this.#limit && this.#pinnedCount > 0) return false
    for (const handle of handles) handle.pins++
    this.#pinnedCount += fresh
    return true
  }

  async #openOne(handle: FileHandle): Promise<IoProblem | null> {
    handle.opening ??= this.#openNow(handle).finally(() => {
      handle.opening = null
    })
    return handle.opening
  }

  async #openNow(handle: FileHandle): Promise<IoProblem | null> {
    this.#openingCount++
    await this.#closeIdle(this.#limit - this.#openingCount)
    let fd = await handle.open()
    if (isIoProblem(fd) && fd.code === 'too-many-files') {
      // The process has no descriptor left: give back all that we can spare and try once more.
      await this.#closeIdle(0)
      fd = await handle.open()
    }
    this.#openingCount--
    if (isIoProblem(fd)) return fd
    handle.fd = fd
    this.#open.add(handle)
    return null
  }

  /** Closes those unused the longest until no more than `keep` are open, or all that are open are in use. */
  async #closeIdle(keep: number): Promise<void> {
    for (const handle of [...this.#open]) {
      if (this.#open.size <= keep) return
      await this.close(handle)
    }
  }

  #touch(handle: FileHandle): void {
    this.#open.delete(handle)
    this.#open.add(handle)
  }
}

interface Waiting {
  readonly handles: readonly FileHandle[]
  readonly resolve: () => void
}
