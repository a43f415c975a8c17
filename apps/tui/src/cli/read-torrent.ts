/**
 * Reads what a user names on the command line: a .torrent file or a magnet link, or `-` for either on stdin.
 */
import { open } from 'node:fs/promises'
import type { Magnet } from '@pigeon/protocol/magnet'
import { parseMagnet } from '@pigeon/protocol/magnet'
import type { Metainfo } from '@pigeon/protocol/metainfo'
import { parseMetainfo } from '@pigeon/protocol/metainfo'
import { createDigestPort } from '@pigeon/node/digest'
import { readInput } from './read-input.ts'

export type TorrentInput =
  | { readonly kind: 'torrent'; readonly metainfo: Metainfo; readonly bytes: Uint8Array }
  | { readonly kind: 'magnet'; readonly magnet: Magnet; readonly warnings: readonly string[] }
  | { readonly kind: 'refused'; readonly fault: InputFault }

/** `where` is empty when the input as a whole is meant. */
export interface InputFault {
  readonly code: string
  readonly where: string
  readonly message: string
}

/** One byte past what a .torrent file may have, so that a longer one is noticed and never read whole. */
const READ_BYTES = 32 * 1024 * 1024 + 1

export async function readTorrent(input: string): Promise<TorrentInput> {
  if (/^magnet:/i.test(input)) return readMagnet(input)
  const bytes = input === '-' ? await readPiped() : await readBounded(input)
  if (!(bytes instanceof Uint8Array)) return { kind: 'refused', fault: bytes }
  if (input === '-' && isMagnet(bytes))
    return readMagnet(Buffer.from(bytes).toString('utf8').trim())
  const parsed = parseMetainfo(bytes, createDigestPort())
  if (!parsed.ok) return { kind: 'refused', fault: parsed.fault }
  return { kind: 'torrent', metainfo: parsed.metainfo, bytes }
}

function readMagnet(link: string): TorrentInput {
  const parsed = parseMagnet(link)
  if (parsed.ok) return { kind: 'magnet', magnet: parsed.magnet, warnings: parsed.warnings }
  return { kind: 'refused', fault: { ...parsed.fault, where: '' } }
}

async function readPiped(): Promise<Uint8Array | InputFault> {
  const bytes = await readInput()
  return bytes instanceof Uint8Array ? bytes : { ...bytes, where: '' }
}

/** A .torrent file begins with `d`. */
function isMagnet(bytes: Uint8Array): boolean {
  return /^\s*magnet:/i.test(Buffer.from(bytes.subarray(0, 64)).toString('latin1'))
}

async function readBounded(path: string): Promise<Uint8Array | InputFault> {
  try {
    const file = await open(path, 'r')
    try {
      const { size } = await file.stat()
      const bytes = new Uint8Array(Math.min(READ_BYTES, Math.max(size, 64 * 1024)))
      let filled = 0
      while (filled < bytes.length) {
        const { bytesRead } = await file.read(bytes, filled, bytes.length - filled)
        if (bytesRead === 0) break
        filled += bytesRead
      }
      return bytes.subarray(0, filled)
    } finally {
      await file.close()
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    return {
      code: 'unreadable',
      where: '',
      message: READ_FAULTS[code] ?? `it cannot be read (${code})`,
    }
  }
}

const READ_FAULTS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'it may not be read: permission denied',
  EPERM: 'it may not be read: permission denied',
  EISDIR: 'it is a folder; give a .torrent file, or make one of it with "pigeon create"',
  ENAMETOOLONG: 'the name is too long',
  EINVAL: 'the name is not valid',
}
