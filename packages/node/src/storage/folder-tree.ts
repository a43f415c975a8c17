import { constants, existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type IoProblem, ioProblem, isIoProblem } from '@pigeon/engine/problem'
import { diskProblem, errnoOf } from '../io-errors.ts'
import { disk } from './disk.ts'

/** A folder that is held open: names below it are resolved from the folder itself, not from its path. */
export interface OpenFolder {
  readonly fd: number
  /** Path of a name directly in this folder. */
  at(name: string): string
  /** The same, as the user knows it. */
  shown(name: string): string
}

/**
 * The folders of one torrent below its download folder. Each is opened component by component from its open parent,
 * refusing links, so that swapping a folder for a link while we work leads nowhere. The download folder itself may be
 * reached through links: the user chose it.
 *
 * On Linux names are resolved below the open folder (`/proc/self/fd`); elsewhere by path, where the check and the use
 * are two steps.
 */
export class FolderTree {
  readonly root: string
  /** By path relative to the root, `''` for the root; used last at the end. */
  readonly #open = new Map<string, Entry>()
  /** No longer to be found, to be closed when their last user leaves. */
  readonly #retired = new Set<Entry>()

  constructor(root: string) {
    this.root = root
  }

  /** Runs `action` in a folder below the root (`''` is the root), which `create` makes where it is missing. */
  async use<T>(
    path: string,
    create: CreateFolders | null,
    action: (folder: OpenFolder) => Promise<T>,
  ): Promise<T | IoProblem> {
    const result = await this.#useOnce(path, create, action)
    // Another caller, who may not create, may have found the folder missing just before us.
    const isMissing = isIoProblem(result) && result.code === 'not-found' && create !== null
    return isMissing ? this.#useOnce(path, create, action) : result
  }

  async #useOnce<T>(
    path: string,
    create: CreateFolders | null,
    action: (folder: OpenFolder) => Promise<T>,
  ): Promise<T | IoProblem> {
    const entry = this.#entry(path, create)
    entry.users++
    try {
      const problem = await entry.opening
      if (problem === null) {
        const result = await action(entry)
        // The folder itself may have been removed while we held it: do not hold on to it.
        if (isIoProblem(result) && result.code === 'not-found') this.#forget(path)
        return result
      }
      return problem
    } finally {
      entry.users--
      await this.#closeIdle(MAX_OPEN_FOLDERS)
    }
  }

  /** Closes what is not in use. */
  async close(): Promise<void> {
    await this.#closeIdle(0)
  }

  #entry(path: string, create: CreateFolders | null): Entry {
    const known = this.#open.get(path)
    if (known !== undefined) {
      this.#open.delete(path)
      this.#open.set(path, known)
      return known
    }
    const entry = new Entry(join(this.root, path))
    entry.opening = this.#openEntry(entry, path, create).then((problem) => {
      // A failure is not remembered: the folder may be there the next time.
      if (problem !== null && this.#open.get(path) === entry) this.#open.delete(path)
      return problem
    })
    this.#open.set(path, entry)
    return entry
  }

  async #openEntry(
    entry: Entry,
    path: string,
    create: CreateFolders | null,
  ): Promise<IoProblem | null> {
    if (path === '') return this.#openRoot(entry, create)
    const slash = path.lastIndexOf('/')
    const name = path.slice(slash + 1)
    const result = await this.use(slash < 0 ? '' : path.slice(0, slash), create, (parent) =>
      openChild(parent, name, entry, create !== null),
    )
    if (isIoProblem(result)) return result
    if (result === 'made') create?.made(slash < 0 ? '' : path.slice(0, slash))
    return null
  }

  async #openRoot(entry: Entry, create: CreateFolders | null): Promise<IoProblem | null> {
    try {
      if (create !== null) {
        const first = await disk.mkdir(this.root, { recursive: true, mode: 0o755 })
        if (first !== undefined) await syncNewFolders(this.root, first)
      }
      entry.fd = await disk.open(this.root, FOLDER_FLAGS)
      return null
    } catch (error) {
      return diskProblem(error, `open the folder ${this.root}`)
    }
  }

  async #closeIdle(keep: number): Promise<void> {
    for (const [path, entry] of [...this.#open]) {
      if (this.#open.size <= keep) break
      if (entry.users === 0) this.#retire(path, entry)
    }
    for (const entry of [...this.#retired]) {
      if (entry.users > 0) continue
      this.#retired.delete(entry)
      await disk.close(entry.fd).catch(() => {})
    }
  }

  /** Stops using a folder and those above it, which may be gone with it. */
  #forget(path: string): void {
    for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) {
      const entry = this.#open.get(at)
      if (entry !== undefined) this.#retire(at, entry)
      if (at === '') return
    }
  }

  #retire(path: string, entry: Entry): void {
    this.#open.delete(path)
    if (entry.fd >= 0) this.#retired.add(entry)
  }
}

export interface CreateFolders {
  /** Called for each folder in which a folder was made: it has to be synced. */
  made(parentPath: string): void
}

const MAX_OPEN_FOLDERS = 16

const FOLDER_FLAGS = constants.O_RDONLY | (constants.O_DIRECTORY ?? 0)
const HAS_PROC = existsSync('/proc/self/fd')

class Entry implements OpenFolder {
  fd = -1
  users = 0
  opening: Promise<IoProblem | null> = Promise.resolve(null)
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  at(name: string): string {
    return HAS_PROC ? `/proc/self/fd/${this.fd}/${name}` : join(this.#path, name)
  }

  shown(name: string): string {
    return join(this.#path, name)
  }
}

async function openChild(
  parent: OpenFolder,
  name: string,
  entry: Entry,
  mayCreate: boolean,
): Promise<'found' | 'made' | IoProblem> {
  const flags = FOLDER_FLAGS | (constants.O_NOFOLLOW ?? 0)
  let made: 'found' | 'made' = 'found'
  try {
    try {
      entry.fd = await disk.open(parent.at(name), flags)
    } catch (error) {
      if (!mayCreate || errnoOf(error) !== 'ENOENT') throw error
      await disk.mkdir(parent.at(name), { mode: 0o755 }).catch(unlessThere)
      made = 'made'
      entry.fd = await disk.open(parent.at(name), flags)
    }
    return made
  } catch (error) {
    return folderProblem(parent, name, error)
  }
}

/** Linux answers ENOTDIR for a link too; the user has to know which of the two it is. */
async function folderProblem(parent: OpenFolder, name: string, error: unknown): Promise<IoProblem> {
  const shown = parent.shown(name)
  if (errnoOf(error) === 'ENOTDIR' || errnoOf(error) === 'ELOOP') {
    const stat = await disk.lstat(parent.at(name)).catch(() => null)
    if (stat?.isSymbolicLink() === true) return throughLink(shown)
  }
  return diskProblem(error, `open the folder ${shown}`)
}

export function throughLink(path: string): IoProblem {
  return ioProblem(
    'through-link',
    `${path} is a symbolic link, and links are not followed`,
    'Remove the link, or choose the folder that it points to as download folder.',
  )
}

function unlessThere(error: unknown): void {
  if (errnoOf(error) !== 'EEXIST') throw error
}

/** Makes the names of `folder` and the folders above it, up to `first`, durable. */
async function syncNewFolders(folder: string, first: string): Promise<void> {
  for (let made = folder; made.length >= first.length; made = dirname(made)) {
    await syncFolder(dirname(made))
  }
}

/** Makes the names in a folder durable. */
export async function syncFolder(path: string): Promise<void> {
  const fd = await disk.open(path, FOLDER_FLAGS)
  try {
    await disk.fsync(fd)
  } finally {
    await disk.close(fd)
  }
}
