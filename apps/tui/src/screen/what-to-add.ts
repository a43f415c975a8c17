/**
 * What a user typed or pasted to be added or shared: a magnet, an info-hash, a web address, or a path.
 */
import { readFile, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command, Problem } from '@pigeon/control/contract'
import { toDisplay } from '@pigeon/protocol/display'

type AddSource = Extract<Command, { do: 'add' }>['source']

const TORRENT_FILE_BYTES = 32 * 1024 * 1024

/** Problems are fit to show. */
export async function whatToAdd(text: string): Promise<AddSource | Problem> {
  if (/^magnet:/i.test(text)) return { kind: 'magnet', uri: text }
  if (/^([0-9a-f]{40}|[a-z2-7]{32})$/i.test(text))
    return { kind: 'magnet', uri: `magnet:?xt=urn:btih:${text}` }
  if (/^https?:\/\//i.test(text)) return { kind: 'url', url: text }
  if (text === '')
    return {
      code: 'nothing',
      message: 'There is nothing to add.',
      help: 'Type or paste a link or a path.',
    }
  return readTorrentFile(pathOf(text))
}

/** A path as terminals paste it when a file is dropped on them, or as a user types it. */
export function pathOf(text: string): string {
  const quoted = /^(['"])(.*)\1$/.exec(text)?.[2] ?? text
  if (/^file:\/\//i.test(quoted) && URL.canParse(quoted)) {
    try {
      return fileURLToPath(quoted)
    } catch {
      // Such as a file on another host: as a path it is not found, which says so.
    }
  }
  return resolve(quoted.replace(/^~(?=\/|$)/, homedir()))
}

async function readTorrentFile(path: string): Promise<AddSource | Problem> {
  try {
    const { size } = await stat(path)
    if (size > TORRENT_FILE_BYTES)
      return {
        code: 'too-large',
        message: 'That file is larger than any .torrent file that is read here (32 MiB).',
        help: 'Choose the .torrent file, not what it describes; a file is shared, not added.',
      }
    return { kind: 'metainfo', base64: (await readFile(path)).toString('base64') }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    if (code === 'EISDIR') {
      return {
        code: 'bad-path',
        message: `${toDisplay(path)} is a folder.`,
        help: 'Share it instead, or give a .torrent file.',
      }
    }
    return {
      code: 'unreadable',
      message: `${toDisplay(path)} ${READ_FAULTS[code] ?? `cannot be read (${code})`}.`,
      help: 'Give a magnet link, an info-hash, a web address, or the path of a .torrent file.',
    }
  }
}

const READ_FAULTS: Readonly<Record<string, string>> = {
  ENOENT: 'is not there',
  ENOTDIR: 'is not there',
  EACCES: 'may not be read',
  EPERM: 'may not be read',
}
