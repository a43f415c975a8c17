/** The files of a watched folder: which are meant, what is in them, and what becomes of them afterwards. */
import { constants, type Stats } from 'node:fs'
import { copyFile, lstat, mkdir, open, rename, stat, unlink } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { AddSource } from '@pigeon/control/controlled-session'

export const TORRENT_FILE_BYTES: number = 32 * 1024 * 1024
export const MAGNET_FILE_BYTES: number = 16 * 1024
/** Names that are tried when one is taken. */
export const NAMES_TRIED = 100

/** Whether a name in a watched folder is one to add. */
export function isWatchedName(path: string): boolean {
  return /\.(torrent|magnet)$/i.test(path)
}

export type ReadFile =
  | { readonly kind: 'source'; readonly source: AddSource }
  /** It will never be one. */
  | { readonly kind: 'invalid'; readonly reason: string }
  | { readonly kind: 'unreadable'; readonly reason: string }

/** Never waits for a pipe or a device, and reads no more than a torrent can have. */
export async function readWatchedFile(path: string): Promise<ReadFile> {
  const isMagnet = /\.magnet$/i.test(path)
  const limit = isMagnet ? MAGNET_FILE_BYTES : TORRENT_FILE_BYTES
  const bytes = await readBounded(path, limit).catch((error: unknown) => ({
    kind: 'unreadable' as const,
    reason: error instanceof Error ? error.message : 'it cannot be read',
  }))
  if ('kind' in bytes) return bytes
  if (!isMagnet) return { kind: 'source', source: { kind: 'metainfo', bytes } }
  const uri = new TextDecoder().decode(bytes).trim()
  return { kind: 'source', source: { kind: 'magnet', uri } }
}

async function readBounded(path: string, limitBytes: number): Promise<Uint8Array | ReadFile> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const about: Stats = await file.stat()
    if (!about.isFile()) return { kind: 'unreadable', reason: 'it is no file' }
    if (about.size > limitBytes) {
      return { kind: 'invalid', reason: `it has more than ${limitBytes} bytes` }
    }
    return new Uint8Array(await file.readFile())
  } finally {
    await file.close()
  }
}

/** Renames it beside itself, such as `x.torrent.added`; answers the new path. Rejects where that cannot be. */
export async function markFile(path: string, mark: 'added' | 'invalid'): Promise<string> {
  const target = await freePath((number) => `${path}${number}.${mark}`)
  await rename(path, target)
  return target
}

/** Moves it into another folder, which is made where needed; answers the new path. Rejects where that cannot be. */
export async function moveFile(path: string, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true })
  const target = await freePath((number) => join(folder, `${basename(path)}${number}`))
  try {
    await rename(path, target)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EXDEV')) throw error
    await copyFile(path, target, constants.COPYFILE_EXCL)
    await unlink(path)
  }
  return target
}

/** What has a name already is never replaced. */
async function freePath(named: (number: string) => string): Promise<string> {
  for (let tried = 0; tried < NAMES_TRIED; tried += 1) {
    const path = named(tried === 0 ? '' : `.${tried}`)
    if (!(await exists(path))) return path
  }
  throw new Error(`there are ${NAMES_TRIED} files of that name already`)
}

function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}

/** Whether two paths are one folder, links followed. */
export async function isSameFolder(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([one, other].map((path) => stat(path).catch(() => null)))
  if (!a || !b) return one === other
  return a.ino === b.ino && a.dev === b.dev
}
