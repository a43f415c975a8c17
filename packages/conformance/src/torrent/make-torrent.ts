/**
 * Makes version 1 torrents for the cells, from payloads that are the same on every run.
 * Spec: BEP 3, "metainfo files" <https://www.bittorrent.org/beps/bep_0003.html>
 */
import type { Endpoint } from '../net/address-pool.ts'
import { createHash } from 'node:crypto'
import { type Encodable, encodeBencode } from '../codec/bencode.ts'

export interface PayloadFile {
  /** Relative to the torrent's folder; of a single-file torrent its one name. */
  readonly path: readonly string[]
  readonly bytes: Buffer
}

export interface Payload {
  readonly name: string
  /** A torrent of one file without a folder around it. */
  readonly isSingleFile: boolean
  readonly pieceLengthBytes: number
  readonly files: readonly PayloadFile[]
}

export interface Torrent {
  readonly payload: Payload
  /** The bytes of the info dictionary: what magnets fetch. */
  readonly info: Buffer
  readonly infoHash: Buffer
  readonly pieceLengthBytes: number
  readonly pieceCount: number
  readonly totalBytes: number
  /** All files one after the other: what pieces are cut from. */
  readonly content: Buffer
}

export function makeTorrent(payload: Payload): Torrent {
  const content = Buffer.concat(payload.files.map((file) => file.bytes))
  const { pieceLengthBytes } = payload
  const pieceCount = Math.ceil(content.length / pieceLengthBytes)
  const hashes = Array.from({ length: pieceCount }, (_, index) =>
    sha1(content.subarray(index * pieceLengthBytes, (index + 1) * pieceLengthBytes)),
  )
  const info = encodeBencode({
    name: payload.name,
    'piece length': pieceLengthBytes,
    pieces: Buffer.concat(hashes),
    ...layout(payload),
  })
  return {
    payload,
    info,
    infoHash: sha1(info),
    pieceLengthBytes,
    pieceCount,
    totalBytes: content.length,
    content,
  }
}

function layout(payload: Payload): { readonly [key: string]: Encodable } {
  const [first] = payload.files
  if (payload.isSingleFile && first !== undefined) return { length: first.bytes.length }
  return { files: payload.files.map((file) => ({ length: file.bytes.length, path: file.path })) }
}

/** The `.torrent` file with this announce URL. The info dictionary is spliced in as it was hashed. */
export function torrentFile(
  torrent: Torrent,
  announceUrl: string | undefined,
  nodes: readonly Endpoint[] = [],
): Buffer {
  return Buffer.concat([
    Buffer.from('d'),
    ...(announceUrl === undefined ? [] : [entry('announce', announceUrl)]),
    Buffer.from('4:info'),
    torrent.info,
    // Spec: BEP 5, torrent file extensions.
    ...(nodes.length === 0
      ? []
      : [
          entry(
            'nodes',
            nodes.map(({ host, port }) => [host, port]),
          ),
        ]),
    Buffer.from('e'),
  ])
}

function entry(key: string, value: Encodable): Buffer {
  return Buffer.concat([encodeBencode(key), encodeBencode(value)])
}

export function magnetLink(torrent: Torrent, announceUrl: string | undefined): string {
  const hash = torrent.infoHash.toString('hex')
  const tracker = announceUrl === undefined ? '' : `&tr=${encodeURIComponent(announceUrl)}`
  return `magnet:?xt=urn:btih:${hash}&dn=${encodeURIComponent(torrent.payload.name)}${tracker}`
}

/** Where a file's bytes lie within the content, and which pieces they touch. */
export function filePieces(torrent: Torrent, fileIndex: number): readonly number[] {
  const before = torrent.payload.files.slice(0, fileIndex)
  const start = before.reduce((sum, file) => sum + file.bytes.length, 0)
  const lengthBytes = torrent.payload.files[fileIndex]?.bytes.length ?? 0
  if (lengthBytes === 0) return []
  const first = Math.floor(start / torrent.pieceLengthBytes)
  const last = Math.floor((start + lengthBytes - 1) / torrent.pieceLengthBytes)
  return Array.from({ length: last - first + 1 }, (_, at) => first + at)
}

/** How long a piece is; the last one may be shorter. */
export function pieceBytes(torrent: Torrent, pieceIndex: number): number {
  const start = pieceIndex * torrent.pieceLengthBytes
  return Math.max(0, Math.min(torrent.pieceLengthBytes, torrent.totalBytes - start))
}

function sha1(bytes: Buffer): Buffer {
  return createHash('sha1').update(bytes).digest()
}
