/**
 * Torrents with random content for scenarios: the .torrent file, and the files that belong to it.
 */
import { createHash } from 'node:crypto'
import { filePieces, layoutOf, pieceSpans, type StorageLayout } from '@pigeon/engine/layout'
import { createMetainfo } from '@pigeon/protocol/create'
import type { Metainfo } from '@pigeon/protocol/metainfo'
import type { Chance } from '../chance.ts'
import type { SimDisk } from '../disk.ts'

export interface SampleOptions {
  readonly pieceLength?: number
  readonly fileSizes?: readonly number[]
  readonly trackers?: readonly (readonly string[])[]
  readonly isPrivate?: boolean
}

export interface SampleTorrent {
  readonly bytes: Uint8Array
  readonly metainfo: Metainfo
  readonly layout: StorageLayout
  /** All files one after the other. */
  readonly content: Uint8Array
}

const DEFAULT_FILE_SIZES: readonly number[] = [300_000, 0, 17, 1_500_000, 260_000]

export function sampleTorrent(chance: Chance, options: SampleOptions = {}): SampleTorrent {
  const { pieceLength = 65_536, fileSizes = DEFAULT_FILE_SIZES } = options
  const files = fileSizes.map((lengthBytes, index) => ({ path: [`file ${index}`], lengthBytes }))
  const content = chance.bytes(fileSizes.reduce((sum, size) => sum + size, 0))
  const pieceCount = Math.ceil(content.length / pieceLength)
  const hashes = new Uint8Array(pieceCount * 20)
  for (let piece = 0; piece < pieceCount; piece += 1) {
    const bytes = content.subarray(piece * pieceLength, (piece + 1) * pieceLength)
    hashes.set(sha1(bytes), piece * 20)
  }
  const name = `sample ${chance.int(1_000_000)}`
  const trackers = options.trackers ?? []
  const { isPrivate = false } = options
  const created = createMetainfo(
    { name, files, pieceLength, sha1: hashes, trackers, isPrivate },
    { sha1 },
  )
  if (!created.ok) throw new Error(created.refusal.message)
  return {
    bytes: created.bytes,
    metainfo: created.metainfo,
    layout: layoutOf(created.metainfo),
    content,
  }
}

/**
 * Puts the torrent's files on a disk, as if the user had them; pieces that are left out are zeros, and files without any
 * piece are not there.
 */
export function placeFiles(
  disk: SimDisk,
  folder: string,
  torrent: SampleTorrent,
  hasPiece: (pieceIndex: number) => boolean = () => true,
): void {
  const content = torrent.content.slice()
  for (let piece = 0; piece < torrent.layout.pieceCount; piece += 1) {
    const from = piece * torrent.layout.pieceLength
    if (!hasPiece(piece)) content.fill(0, from, from + torrent.layout.pieceLength)
  }
  for (const file of torrent.layout.files) {
    const range = filePieces(torrent.layout, file.fileIndex)
    if (range !== null && !hasAny(range, hasPiece)) continue
    const bytes = content.subarray(file.offset, file.offset + file.lengthBytes)
    disk.put(`${folder}/${file.path}`, bytes)
  }
}

/** Whether a disk has every byte of the torrent. */
export function hasAllFiles(disk: SimDisk, folder: string, torrent: SampleTorrent): boolean {
  return torrent.layout.files.every((file) => {
    const found = disk.contentOf(`${folder}/${file.path}`)
    const wanted = torrent.content.subarray(file.offset, file.offset + file.lengthBytes)
    if (file.lengthBytes === 0) return true
    return found !== null && Buffer.compare(found, wanted) === 0
  })
}

/** Pieces whose every byte on a disk is right. */
export function goodPieces(
  disk: SimDisk,
  folder: string,
  torrent: SampleTorrent,
): ReadonlySet<number> {
  const { layout, content } = torrent
  const good = new Set<number>()
  for (let piece = 0; piece < layout.pieceCount; piece += 1) {
    const isGood = pieceSpans(layout, piece).every((span) => {
      const path = `${folder}/${layout.files[span.fileIndex]?.path ?? ''}`
      const found = disk
        .contentOf(path)
        ?.subarray(span.fileOffset, span.fileOffset + span.lengthBytes)
      const from = piece * layout.pieceLength + span.pieceOffset
      const wanted = content.subarray(from, from + span.lengthBytes)
      return found !== undefined && Buffer.compare(found, wanted) === 0
    })
    if (isGood) good.add(piece)
  }
  return good
}

function hasAny(
  range: { readonly first: number; readonly last: number },
  hasPiece: (pieceIndex: number) => boolean,
): boolean {
  for (let piece = range.first; piece <= range.last; piece += 1) if (hasPiece(piece)) return true
  return false
}

function sha1(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha1').update(bytes).digest())
}
