import { constants, type Stats } from 'node:fs'
import { type IoProblem, ioProblem, isIoProblem } from '@pigeon/engine/problem'
import { diskProblem, errnoOf } from '../io-errors.ts'
import { disk } from './disk.ts'
import { FileHandle } from './file-handles.ts'
import { type FolderTree, type OpenFolder, throughLink } from './folder-tree.ts'

/** What a file needs of its torrent. */
export interface FileHome {
  readonly tree: FolderTree
  /** A name was made in this folder: it has to be synced. */
  made(folderPath: string): void
}

/**
 * One file of a torrent on disk. It is made by its first write. A file that stood there before is only written when it
 * was claimed as ours; then it is never truncated.
 */
export class StoredFile {
  /** Relative to the download folder, with `/`. */
  readonly path: string
  readonly lengthBytes: number
  /** Made by us, or claimed. */
  isOurs: boolean
  /** As far as we know: made, opened or seen by us, and not removed by us. */
  isOnDisk = false
  /** Was open for writing in this run, so that the next piece needs no care. */
  isReady = false
  readonly #home: FileHome
  readonly #writing: FileHandle
  readonly #reading: FileHandle

  constructor(home: FileHome, path: string, lengthBytes: number, isOurs: boolean) {
    this.#home = home
    this.path = path
    this.lengthBytes = lengthBytes
    this.isOurs = isOurs
    this.#writing = new FileHandle(() => this.#openToWrite())
    this.#reading = new FileHandle(() => this.#openToRead())
  }

  get folderPath(): string {
    return this.path.slice(0, Math.max(0, this.path.lastIndexOf('/')))
  }

  get name(): string {
    return this.path.slice(this.path.lastIndexOf('/') + 1)
  }

  get shownPath(): string {
    return `${this.#home.tree.root}/${this.path}`
  }

  forWriting(): FileHandle {
    return this.#writing
  }

  forReading(): FileHandle {
    return this.#writing.fd >= 0 ? this.#writing : this.#reading
  }

  handles(): readonly FileHandle[] {
    return [this.#writing, this.#reading]
  }

  /** Runs `action` in the file's folder, which has to be there. */
  inFolder<T>(action: (folder: OpenFolder) => Promise<T>): Promise<T | IoProblem> {
    return this.#home.tree.use(this.folderPath, null, action)
  }

  /** The entry under the file's name, links not followed; `null` when there is none. */
  async stat(): Promise<Stats | IoProblem | null> {
    const stat = await this.#home.tree.use(this.folderPath, null, (folder) =>
      disk
        .lstat(folder.at(this.name))
        .catch((error: unknown) => diskProblem(error, `look at ${this.shownPath}`)),
    )
    return isIoProblem(stat) && stat.code === 'not-found' ? null : stat
  }

  /** Takes what stands under the name for ours. */
  async claim(): Promise<void> {
    const stat = await this.stat()
    if (stat === null || isIoProblem(stat)) return
    this.isOurs = true
    this.isOnDisk = true
  }

  /** Makes an empty file where there is none. */
  async create(): Promise<IoProblem | null> {
    const fd = await this.#openToWrite()
    if (isIoProblem(fd)) return fd
    await disk.close(fd).catch(() => {})
    return null
  }

  /** Removes the file where it is ours and a regular file. */
  async remove(): Promise<IoProblem | null> {
    if (!this.isOurs) return null
    const result = await this.#home.tree.use(this.folderPath, null, async (folder) => {
      try {
        const stat = await disk.lstat(folder.at(this.name))
        if (stat.isFile()) await disk.unlink(folder.at(this.name))
        return null
      } catch (error) {
        return diskProblem(error, `remove ${this.shownPath}`)
      }
    })
    this.isReady = false
    this.isOnDisk = false
    return result !== null && result.code === 'not-found' ? null : result
  }

  #openToWrite(): Promise<number | IoProblem> {
    const create = { made: (parent: string) => this.#home.made(parent) }
    return this.#home.tree.use(this.folderPath, create, (folder) => this.#openIn(folder))
  }

  async #openIn(folder: OpenFolder): Promise<number | IoProblem> {
    const path = folder.at(this.name)
    try {
      if (this.isOurs) {
        try {
          return await this.#checked(await disk.open(path, WRITE_FLAGS))
        } catch (error) {
          if (errnoOf(error) !== 'ENOENT') throw error
        }
      }
      const fd = await disk.open(path, WRITE_FLAGS | constants.O_CREAT | constants.O_EXCL, 0o644)
      this.isOurs = true
      this.isReady = true
      this.isOnDisk = true
      this.#home.made(this.folderPath)
      return fd
    } catch (error) {
      if (errnoOf(error) === 'EEXIST') return this.#inTheWay(folder)
      return this.#openProblem(error)
    }
  }

  #openToRead(): Promise<number | IoProblem> {
    return this.#home.tree.use(this.folderPath, null, async (folder) => {
      try {
        return await this.#checked(await disk.open(folder.at(this.name), READ_FLAGS), false)
      } catch (error) {
        return this.#openProblem(error)
      }
    })
  }

  /** Only regular files: a pipe or device under the name of a file is not read and not written. */
  async #checked(fd: number, isForWriting = true): Promise<number | IoProblem> {
    const stat = await disk.fstat(fd)
    if (stat.isFile()) {
      if (isForWriting) this.isReady = true
      this.isOnDisk = true
      return fd
    }
    await disk.close(fd)
    return ioProblem(
      'would-overwrite',
      `${this.shownPath} is not a regular file`,
      'Move it away, or choose another folder.',
    )
  }

  async #inTheWay(folder: OpenFolder): Promise<IoProblem> {
    const stat = await disk.lstat(folder.at(this.name)).catch(() => null)
    return stat?.isSymbolicLink() === true
      ? throughLink(this.shownPath)
      : wouldOverwrite(this.shownPath)
  }

  #openProblem(error: unknown): IoProblem {
    return errnoOf(error) === 'ELOOP'
      ? throughLink(this.shownPath)
      : diskProblem(error, `open ${this.shownPath}`)
  }
}

export function wouldOverwrite(path: string): IoProblem {
  return ioProblem(
    'would-overwrite',
    `${path} was there before and holds none of this torrent's data`,
    'Move it away, or choose another folder for the torrent.',
  )
}

// Non-blocking, or a named pipe in the place of a file would hang the open.
const NO_FOLLOW = (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)
const WRITE_FLAGS = constants.O_RDWR | NO_FOLLOW
const READ_FLAGS = constants.O_RDONLY | NO_FOLLOW
