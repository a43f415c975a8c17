/** What a path may go on with, on the machine of the node. */
import { readdir } from 'node:fs/promises'
import type { Control, FolderEntry } from '@pigeon/control/contract'

/** Completions that are offered. */
const OFFERED = 100

export async function completeFolder(
  control: Control,
  typed: string,
  wanted: FolderEntry['kind'] | 'any',
): Promise<readonly string[]> {
  const slash = typed.lastIndexOf('/')
  const folder = slash < 0 ? null : typed.slice(0, slash) || '/'
  const listing = await control.browse(folder)
  if ('message' in listing) return []
  return listing.entries
    .filter(({ kind }) => wanted === 'any' || kind === wanted || kind === 'folder')
    .map(({ path, kind }) => (kind === 'folder' ? `${path}/` : path))
    .filter((path) => path.startsWith(typed))
    .slice(0, OFFERED)
}

/** As `completeFolder`, on this machine and before there is a node. */
export async function completeLocalFolder(typed: string): Promise<readonly string[]> {
  const slash = typed.lastIndexOf('/')
  if (slash < 0) return []
  try {
    const entries = await readdir(typed.slice(0, slash) || '/', { withFileTypes: true })
    return entries
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => `${typed.slice(0, slash + 1)}${name}/`)
      .filter((path) => path.startsWith(typed))
      .slice(0, OFFERED)
  } catch {
    return []
  }
}
