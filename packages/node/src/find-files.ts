import { isUtf8 } from 'node:buffer'
import type { Dirent } from 'node:fs'
import { readdir, realpath } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { type IoProblem, ioProblem, isIoProblem } from '@pigeon/engine/problem'
import { orderFiles } from '@pigeon/protocol/create'
import { toDisplay } from '@pigeon/protocol/display'
import { diskProblem } from './io-errors.ts'
import { disk } from './storage/disk.ts'

export interface FoundFile {
  /** Below the root; empty when the root itself is the file. */
  readonly path: readonly string[]
  readonly absolutePath: string
  readonly lengthBytes: number
  readonly mtimeMs: number
}

export interface Found {
  /** Absolute, without links. */
  readonly root: string
  readonly name: string
  /** In the canonical order. */
  readonly files: readonly FoundFile[]
  /** What is there and cannot be shared; fit to show. */
  readonly notes: readonly string[]
}

/** All regular files at or below a path, whatever their names. What cannot be read or named is a problem. */
export async function findFiles(path: string): Promise<Found | IoProblem> {
  try {
    const root = await realpath(path)
    const name = basename(root)
    const stat = await disk.lstat(root)
    if (stat.isFile()) {
      const { size, mtimeMs } = stat
      const file = { path: [], absolutePath: root, lengthBytes: size, mtimeMs }
      return { root, name, files: [file], notes: [] }
    }
    if (!stat.isDirectory()) return neither(path)
    const walk: Walk = { files: [], notes: [] }
    const problem = await walkFolder(root, [], walk)
    return problem ?? { root, name, files: orderFiles(walk.files), notes: walk.notes }
  } catch (error) {
    return diskProblem(error, `look at ${path}`)
  }
}

/** Deeper than any torrent's path may be. */
const MAX_DEPTH = 100
const MAX_FILES = 200_000

interface Walk {
  readonly files: FoundFile[]
  readonly notes: string[]
}

async function walkFolder(
  folder: string,
  path: readonly string[],
  walk: Walk,
): Promise<IoProblem | null> {
  if (path.length > MAX_DEPTH) return tooMuch(`${folder} lies more than ${MAX_DEPTH} folders deep`)
  let entries: Dirent<Buffer>[]
  try {
    entries = await readdir(folder, { withFileTypes: true, encoding: 'buffer' })
  } catch (error) {
    return diskProblem(error, `read the folder ${folder}`)
  }
  for (const entry of entries) {
    if (!isUtf8(entry.name)) return notText(folder, entry.name)
    const name = entry.name.toString()
    const problem = await takeEntry(entry, join(folder, name), [...path, name], walk)
    if (isIoProblem(problem)) return problem
  }
  return null
}

async function takeEntry(
  entry: Dirent<Buffer>,
  absolutePath: string,
  path: readonly string[],
  walk: Walk,
): Promise<IoProblem | null> {
  if (entry.isDirectory()) return walkFolder(absolutePath, path, walk)
  if (!entry.isFile()) {
    const what = entry.isSymbolicLink() ? 'a link' : 'not a regular file'
    walk.notes.push(`${toDisplay(path.join('/'))} is left out: it is ${what}`)
    return null
  }
  if (walk.files.length >= MAX_FILES) return tooMuch(`there are more than ${MAX_FILES} files`)
  try {
    const { size, mtimeMs } = await disk.lstat(absolutePath)
    walk.files.push({ path, absolutePath, lengthBytes: size, mtimeMs })
    return null
  } catch (error) {
    return diskProblem(error, `look at ${absolutePath}`)
  }
}

function neither(path: string): IoProblem {
  return ioProblem(
    'not-found',
    `${path} is neither a file nor a folder`,
    'Name a regular file or a folder.',
  )
}

function notText(folder: string, name: Buffer): IoProblem {
  return ioProblem(
    'not-allowed',
    `in ${folder} there is a file whose name is not UTF-8: ${toDisplay(name.toString('latin1'))}`,
    'Rename it.',
  )
}

function tooMuch(message: string): IoProblem {
  return ioProblem('not-allowed', message, 'Share a part of it, or pack it into one file.')
}
