/** Adds what is put into a folder, one file after the other, and marks what it has dealt with. */
import { mkdir, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { LogPort } from '@pigeon/engine/ports'
import { type FSWatcher, watch } from 'chokidar'
import type { TorrentIntake } from './intake.ts'
import type { WatchedFolder } from './settings.ts'
import {
  isSameFolder,
  isWatchedName,
  markFile,
  moveFile,
  readWatchedFile,
} from './watched-files.ts'

/** Files of one folder that wait for their turn; further ones are found when these are done. */
export const FILES_WAITING = 1_000
/** With so many files that failed, the folder is left alone until the settings are read again. */
export const FILES_FAILED = 1_000
/** A file that did not grow for this long is taken for complete. */
const STABLE_MS = 1_000
const POLL_MS = 200

export type WatchResult = 'added' | 'known' | 'invalid' | 'failed'

export interface FolderWatchOptions {
  readonly folder: WatchedFolder
  readonly take: TorrentIntake
  readonly log: LogPort
  readonly onResult: (result: WatchResult) => void
  readonly stableMs?: number
}

export class FolderWatch {
  readonly #options: FolderWatchOptions
  readonly #waiting = new Set<string>()
  /** Files that failed: they are left until they change or pigeond reads its settings again. */
  readonly #failed = new Set<string>()
  #watcher: FSWatcher | null = null
  #working: Promise<void> | null = null
  #isClosed = false
  #didOverflow = false

  constructor(options: FolderWatchOptions) {
    this.#options = options
  }

  /** Makes the folder where it is not there. Answers why it cannot be watched, or `null`. */
  async start(): Promise<string | null> {
    const { folder, stableMs = STABLE_MS } = this.#options
    try {
      await mkdir(folder.path, { recursive: true })
      await readdir(folder.path)
    } catch (error) {
      return error instanceof Error ? error.message : 'it cannot be read'
    }
    if (folder.done !== undefined && (await isSameFolder(folder.path, folder.done))) {
      return 'its "done" is the same folder'
    }
    const watcher = watch(folder.path, {
      depth: 0,
      ignored: (path, about) => about !== undefined && !about.isDirectory() && !isWatchedName(path),
      awaitWriteFinish: { stabilityThreshold: stableMs, pollInterval: Math.min(POLL_MS, stableMs) },
    })
    this.#watcher = watcher
    watcher.on('add', (path) => this.#found(path))
    watcher.on('change', (path) => {
      this.#failed.delete(path)
      this.#found(path)
    })
    watcher.on('unlink', (path) => this.#failed.delete(path))
    watcher.on('error', (error) => {
      const reason = error instanceof Error ? error.message : String(error)
      this.#options.log.write('warn', 'watch-failed', { folder: folder.path, reason })
    })
    await new Promise<void>((resolve) => {
      watcher.once('ready', resolve)
    })
    return null
  }

  /** Fulfilled when no file is half dealt with. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#waiting.clear()
    await this.#watcher?.close()
    await this.#working
  }

  #found(path: string): void {
    const isOurs = isWatchedName(path) && dirname(path) === this.#options.folder.path
    if (this.#isClosed || !isOurs || this.#failed.has(path)) return
    if (this.#failed.size >= FILES_FAILED) return
    if (this.#waiting.size >= FILES_WAITING) this.#didOverflow = true
    else this.#waiting.add(path)
    this.#working ??= this.#work().finally(() => {
      this.#working = null
    })
  }

  async #work(): Promise<void> {
    for (;;) {
      for (const path of this.#waiting) {
        this.#waiting.delete(path)
        await this.#deal(path)
        if (this.#isClosed) return
      }
      if (!this.#didOverflow) return
      this.#didOverflow = false
      await this.#findAgain()
    }
  }

  async #findAgain(): Promise<void> {
    const { path } = this.#options.folder
    const names = await readdir(path).catch(() => [])
    for (const name of names) this.#found(join(path, name))
  }

  async #deal(path: string): Promise<void> {
    const { folder, take } = this.#options
    const read = await readWatchedFile(path)
    if (read.kind === 'invalid') return this.#mark(path, 'invalid', read.reason)
    if (read.kind === 'unreadable') return this.#leave(path, read.reason)
    const taken = await take(read.source, folder)
    switch (taken.kind) {
      case 'added':
        return this.#mark(path, 'added', null, taken.id)
      case 'known':
        return this.#mark(path, 'known', null)
      case 'bad':
        return this.#mark(path, 'invalid', taken.problem.message)
      case 'failed':
        return this.#leave(path, `${taken.problem.message} ${taken.problem.help}`)
    }
  }

  async #mark(
    path: string,
    result: 'added' | 'known' | 'invalid',
    reason: string | null,
    id: string | null = null,
  ): Promise<void> {
    const { folder, log, onResult } = this.#options
    onResult(result)
    const about = { file: path, ...(id === null ? {} : { id }), ...(reason ? { reason } : {}) }
    log.write(result === 'invalid' ? 'warn' : 'info', `watch-${result}`, about)
    try {
      if (result === 'invalid') await markFile(path, 'invalid')
      else if (folder.done === undefined) await markFile(path, 'added')
      else await moveFile(path, folder.done)
    } catch (error) {
      this.#rememberFailed(path)
      const why = error instanceof Error ? error.message : 'it cannot be renamed'
      log.write('warn', 'watch-not-marked', { file: path, reason: why })
    }
  }

  #leave(path: string, reason: string): void {
    this.#rememberFailed(path)
    this.#options.onResult('failed')
    this.#options.log.write('warn', 'watch-failed', { file: path, reason })
  }

  #rememberFailed(path: string): void {
    this.#failed.add(path)
    if (this.#failed.size < FILES_FAILED) return
    const { folder, log } = this.#options
    log.write('error', 'watch-stopped', {
      folder: folder.path,
      reason: `${FILES_FAILED} files in it failed; mend that, then have the settings read again`,
    })
  }
}
