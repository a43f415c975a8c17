/** What a folder of this machine holds, for pickers, within the folders that may be looked at. */
import { opendir, realpath } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join, resolve, sep } from 'node:path'
import type { IoProblem } from '@pigeon/engine/problem'
import { toDisplay } from '@pigeon/protocol/display'
import { diskProblem } from './io-errors.ts'
import { disk } from './storage/disk.ts'
import { freeBytes } from './storage/free-bytes.ts'

/** Entries of one listing; as the control contract has it. */
const LISTED_ENTRIES = 2_000
/** Names that are read of a folder before the first of them are chosen. */
const READ_ENTRIES = 20_000
/** Entries that are looked at together. */
const BATCH = 64

/** As the control contract has it. */
export interface ListedFolder {
  /** Without links in it; `null` for the list of where one may begin. */
  readonly path: string | null
  /** `null` at the top of what may be looked at. */
  readonly parent: string | null
  /** Folders first, hidden ones last. What is neither folder nor file is left out. */
  readonly entries: readonly ListedEntry[]
  readonly isCut: boolean
  readonly freeBytes: number | null
}

export interface ListedEntry {
  readonly name: string
  readonly path: string
  readonly kind: 'folder' | 'file'
  readonly lengthBytes: number | null
}

interface FolderProblem {
  readonly code: string
  readonly message: string
  readonly help: string
}

/** Lists a folder by its absolute path, or with `null` the folders to begin with. */
export type ListFolder = (path: string | null) => Promise<ListedFolder | FolderProblem>

/**
 * Within these roots alone, whatever links lie below them; anywhere when there are none. Then `starts` (besides the
 * user's own folder and the top) are what one begins with.
 */
export function folderLister(roots: readonly string[], starts: readonly string[] = []): ListFolder {
  const isFree = roots.length === 0
  return async (path) => {
    const realRoots = isFree ? null : await realPaths(roots)
    if (path === null) {
      return beginning(realRoots ?? (await realPaths([...starts, homedir(), sep])))
    }
    if (!isAbsolute(path) || path.includes('\0')) return BAD_PATH
    try {
      const real = await realpath(resolve(path))
      return isAllowed(realRoots, real) ? await listingOf(real, realRoots) : NOT_ALLOWED
    } catch (error) {
      // What lies outside is not to be told apart from what is not there.
      const nearest = await nearestReal(resolve(path))
      return isAllowed(realRoots, nearest) ? diskProblem(error, doing(path)) : NOT_ALLOWED
    }
  }
}

/** The real path of the deepest folder above a path that can be found out. */
async function nearestReal(path: string): Promise<string> {
  const parent = dirname(path)
  return parent === path ? path : realpath(parent).catch(() => nearestReal(parent))
}

/** `null`: everything is. */
type Roots = readonly string[] | null

function beginning(folders: readonly string[]): ListedFolder {
  const entries = folders.map((folder) => folderEntry(folder, folder))
  return { path: null, parent: null, entries, isCut: false, freeBytes: null }
}

async function listingOf(folder: string, roots: Roots): Promise<ListedFolder | IoProblem> {
  const names: string[] = []
  let isCut = false
  for await (const { name } of await opendir(folder)) {
    // Node writes this mark for bytes that are no UTF-8: such a name cannot be asked for again.
    if (name.includes('\uFFFD')) continue
    isCut = names.length === READ_ENTRIES
    if (isCut) break
    names.push(name)
  }
  const entries: ListedEntry[] = []
  for (let at = 0; at < names.length; at += BATCH) {
    const batch = names.slice(at, at + BATCH).map((name) => entryOf(folder, name, roots))
    for (const entry of await Promise.all(batch)) if (entry !== null) entries.push(entry)
  }
  const free = await freeBytes(folder)
  const parent = dirname(folder)
  return {
    path: folder,
    parent: parent !== folder && isAllowed(roots, parent) ? parent : null,
    entries: entries.toSorted(inOrder).slice(0, LISTED_ENTRIES),
    isCut: isCut || entries.length > LISTED_ENTRIES,
    freeBytes: typeof free === 'number' ? free : null,
  }
}

/** `null`: it is nothing to pick, or it has gone, or it is a link that leads out. */
async function entryOf(folder: string, name: string, roots: Roots): Promise<ListedEntry | null> {
  const path = join(folder, name)
  try {
    const stat = await disk.lstat(path)
    if (!stat.isSymbolicLink()) return entryFrom(name, path, stat)
    const target = await realpath(path)
    return isAllowed(roots, target) ? entryFrom(name, path, await disk.lstat(target)) : null
  } catch {
    return null
  }
}

function entryFrom(
  name: string,
  path: string,
  stat: Awaited<ReturnType<typeof disk.lstat>>,
): ListedEntry | null {
  if (stat.isDirectory()) return folderEntry(name, path)
  return stat.isFile() ? { name, path, kind: 'file', lengthBytes: Number(stat.size) } : null
}

function folderEntry(name: string, path: string): ListedEntry {
  return { name, path, kind: 'folder', lengthBytes: null }
}

const collator = new Intl.Collator(undefined, { numeric: true })

function inOrder(one: ListedEntry, other: ListedEntry): number {
  return rank(one) - rank(other) || collator.compare(one.name, other.name)
}

function rank({ name, kind }: ListedEntry): number {
  return (name.startsWith('.') ? 2 : 0) + (kind === 'file' ? 1 : 0)
}

/** Those that exist, each once. */
async function realPaths(folders: readonly string[]): Promise<readonly string[]> {
  const real = await Promise.all(folders.map((each) => realpath(resolve(each)).catch(() => null)))
  return [...new Set(real.filter((path) => path !== null))]
}

function isAllowed(roots: Roots, path: string): boolean {
  return roots === null || roots.some((root) => isWithin(root, path))
}

function isWithin(root: string, path: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : `${root}${sep}`)
}

function doing(path: string): string {
  return `list ${toDisplay(path, 4096)}`
}

const BAD_PATH: FolderProblem = {
  code: 'bad-path',
  message: 'The folder has no absolute path.',
  help: 'Name the whole path on the machine of the node, such as /home/you/Downloads.',
}
const NOT_ALLOWED: FolderProblem = {
  code: 'not-allowed',
  message: 'The folder lies outside those that may be looked at.',
  help: 'Choose another, or let the owner of the node extend control-roots.',
}
