/**
 * What a user typed or pasted to be added: a magnet, an info-hash, a web address, or the path of a .torrent file.
 */
import { readFile, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { resolve } from 'node:path'
import type { Command, Problem } from '@pigeon/control/contract'

type AddSource = Extract<Command, { do: 'add' }>['source']

const TORRENT_FILE_BYTES = 32 * 1024 * 1024

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
  return readTorrentFile(text)
}

async function readTorrentFile(text: string): Promise<AddSource | Problem> {
  const path = resolve(text.replace(/^~(?=\/|$)/, homedir()))
  try {
    const { size } = await stat(path)
    if (size > TORRENT_FILE_BYTES)
      return {
        code: 'too-large',
        message: 'That file is larger than any .torrent file that is read here (32 MiB).',
        help: 'Choose the .torrent file, not what it describes.',
      }
    return { kind: 'metainfo', base64: (await readFile(path)).toString('base64') }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    return {
      code: 'unreadable',
      message: `${path} cannot be read (${code}).`,
      help: 'Give a magnet link, an info-hash, a web address, or the path of a .torrent file.',
    }
  }
}
