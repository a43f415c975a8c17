/** A library of many small torrents, each with a name of its own, for clients that are to show a long list. */
import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodeBencode } from '../../codec/bencode.ts'

export interface SmallTorrent {
  readonly name: string
  /** In hex. */
  readonly infoHash: string
  readonly bytes: Buffer
}

const PIECE_BYTES = 16_384
/** What every name begins with: screens are searched for it. */
export const NAME_START = 'Holiday film '

export function makeTorrents(count: number): readonly SmallTorrent[] {
  return Array.from({ length: count }, (_, index) => makeTorrent(index))
}

function makeTorrent(index: number): SmallTorrent {
  const name = `${NAME_START}${String(index + 1).padStart(5, '0')}`
  const pieces = createHash('sha1').update(name).digest()
  const info = encodeBencode({ length: PIECE_BYTES, name, 'piece length': PIECE_BYTES, pieces })
  return {
    name,
    infoHash: createHash('sha1').update(info).digest('hex'),
    bytes: Buffer.concat([Buffer.from('d4:info'), info, Buffer.from('e')]),
  }
}

/** Writes each as `HASH.torrent`. */
export function writeTorrents(dir: string, torrents: readonly SmallTorrent[]): void {
  mkdirSync(dir, { recursive: true })
  for (const { infoHash, bytes } of torrents) writeFileSync(join(dir, `${infoHash}.torrent`), bytes)
}
