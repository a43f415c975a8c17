/**
 * Making a torrent: the part without disks. Order the files, choose a piece length, hash the pieces elsewhere, then
 * build the metainfo here. What comes out reads back with `parseMetainfo`.
 *
 * Spec: BEP 3, "metainfo files"; BEP 12; BEP 19; BEP 27
 */
import { dictOf, encodeBencode, type BencodeInput } from './bencode.ts'
import { MAX_URL_BYTES } from './bep/0012-announce-list.ts'
import { compareBytes, utf8Encode } from './bytes.ts'
import { encodeMetainfo, parseMetainfo, type Metainfo, type MetainfoOptions } from './metainfo.ts'
import { METAINFO_LIMITS } from './metainfo/limits.ts'

/** A file to share: its path below the torrent's name, empty for a torrent that is one file. */
export interface FileToShare {
  readonly path: readonly string[]
  readonly lengthBytes: number
}

export interface NewTorrent {
  /** Name of the one file, or of the folder. */
  readonly name: string
  /** In the order in which their bytes were hashed: see `orderFiles`. One file with an empty path, or a folder's files. */
  readonly files: readonly FileToShare[]
  readonly pieceLength: number
  /** 20 bytes a piece. */
  readonly sha1: Uint8Array
  readonly isPrivate?: boolean
  readonly trackers?: readonly (readonly string[])[]
  readonly webSeeds?: readonly string[]
  readonly comment?: string | null
  readonly createdBy?: string | null
  /** Seconds since 1970. */
  readonly creationDate?: number | null
}

/** Our caller asked for a torrent that cannot be. */
export interface CreateRefusal {
  readonly code: CreateRefusalCode
  readonly message: string
}

/** Stable: codes are added, never renamed. */
export type CreateRefusalCode =
  | 'bad-name'
  | 'bad-path'
  | 'same-path-twice'
  | 'bad-length'
  | 'no-content'
  | 'bad-piece-length'
  | 'wrong-piece-count'
  | 'bad-tracker'
  | 'bad-web-seed'
  /** More files, pieces, trackers or bytes than a torrent may have here. */
  | 'too-much'

export type CreateResult =
  | { readonly ok: true; readonly bytes: Uint8Array; readonly metainfo: Metainfo }
  | { readonly ok: false; readonly refusal: CreateRefusal }

export const MIN_PIECE_LENGTH: number = 16 * 1024
/** The longest that is chosen by itself; a caller may ask for more. */
export const MAX_CHOSEN_PIECE_LENGTH: number = 16 * 1024 * 1024

/**
 * A piece length for so many bytes: a power of two that makes at most 2,048 pieces.
 *
 * | bytes in all | piece length |
 * |---|---|
 * | to 32 MiB | 16 KiB |
 * | to 64 MiB | 32 KiB |
 * | to 1 GiB | 512 KiB |
 * | to 32 GiB | 16 MiB |
 * | to 32 TiB | 16 MiB, with more pieces |
 * | above | doubled until 2^21 pieces suffice |
 */
export function choosePieceLength(totalBytes: number): number {
  let pieceLength = MIN_PIECE_LENGTH
  while (pieceLength < MAX_CHOSEN_PIECE_LENGTH && totalBytes > pieceLength * WANTED_PIECES) {
    pieceLength *= 2
  }
  while (totalBytes > pieceLength * METAINFO_LIMITS.maxPieces) pieceLength *= 2
  return pieceLength
}

/**
 * The canonical order, so that one folder gives one info-hash on every machine: by the UTF-8 bytes of the path's
 * components, one after the other.
 */
export function orderFiles<F extends { readonly path: readonly string[] }>(
  files: readonly F[],
): readonly F[] {
  const keyed = files.map((file) => ({ file, key: file.path.map(utf8Encode) }))
  return keyed.sort((a, b) => comparePaths(a.key, b.key)).map(({ file }) => file)
}

/** How many piece hashes the files need. */
export function pieceCountOf(files: readonly FileToShare[], pieceLength: number): number {
  return Math.ceil(totalBytesOf(files) / pieceLength)
}

/** Builds the .torrent file. Faster hash functions may be handed in. */
export function createMetainfo(torrent: NewTorrent, options: MetainfoOptions = {}): CreateResult {
  const refusal = judge(torrent)
  if (refusal !== null) return { ok: false, refusal }
  const infoBytes = encodeBencode(infoOf(torrent))
  const bytes = encodeMetainfo({
    infoBytes,
    trackers: torrent.trackers ?? [],
    webSeeds: torrent.webSeeds ?? [],
    comment: torrent.comment ?? null,
    createdBy: torrent.createdBy ?? null,
    creationDate: torrent.creationDate ?? null,
  })
  const parsed = parseMetainfo(bytes, options)
  if (parsed.ok) return { ok: true, bytes, metainfo: parsed.metainfo }
  // What the judge let pass and the reader refuses is a matter of size.
  return { ok: false, refusal: because('too-much', parsed.fault.message) }
}

const WANTED_PIECES = 2048
const DIGEST_BYTES = 20

function infoOf(torrent: NewTorrent): BencodeInput {
  const [first] = torrent.files
  const isSingle = isSingleFile(torrent.files)
  return dictOf({
    files: isSingle
      ? null
      : torrent.files.map(({ path, lengthBytes }) => dictOf({ length: lengthBytes, path })),
    length: isSingle ? first?.lengthBytes : null,
    name: torrent.name,
    'piece length': torrent.pieceLength,
    pieces: torrent.sha1,
    private: torrent.isPrivate === true ? 1 : null,
  })
}

function isSingleFile(files: readonly FileToShare[]): boolean {
  return files.length === 1 && files[0]?.path.length === 0
}

function judge(torrent: NewTorrent): CreateRefusal | null {
  return judgeNames(torrent) ?? judgeSizes(torrent) ?? judgeUrls(torrent)
}

function judgeNames({ name, files }: NewTorrent): CreateRefusal | null {
  if (!isName(name))
    return because('bad-name', 'The name of a torrent must be one plain file name.')
  if (isSingleFile(files)) return null
  const seen = new Set<string>()
  for (const { path } of files) {
    if (path.length === 0 || path.length > METAINFO_LIMITS.maxPathDepth || !path.every(isName)) {
      return because('bad-path', 'A path must consist of plain file names.')
    }
    const joined = path.join('/')
    if (seen.has(joined)) return because('same-path-twice', 'Two files have the same path.')
    seen.add(joined)
  }
  return null
}

/** A component that means the same everywhere: no separator, no NUL, not a way up, well-formed Unicode. */
function isName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[/\0\p{Cs}]/u.test(name)
}

function judgeSizes({ files, pieceLength, sha1 }: NewTorrent): CreateRefusal | null {
  if (files.some(({ lengthBytes }) => !Number.isSafeInteger(lengthBytes) || lengthBytes < 0)) {
    return because('bad-length', 'The length of a file must be an integer from zero up.')
  }
  const totalBytes = totalBytesOf(files)
  if (totalBytes === 0) return because('no-content', 'There is not one byte to share.')
  if (totalBytes > METAINFO_LIMITS.maxTotalBytes || files.length > METAINFO_LIMITS.maxFiles) {
    return because('too-much', 'There are too many files or bytes for one torrent.')
  }
  if (!isPieceLength(pieceLength)) {
    const words = 'A piece length must be a power of two from 16 KiB to 256 MiB.'
    return because('bad-piece-length', words)
  }
  const pieceCount = pieceCountOf(files, pieceLength)
  if (pieceCount > METAINFO_LIMITS.maxPieces) {
    return because('too-much', `There are more than ${METAINFO_LIMITS.maxPieces} pieces.`)
  }
  if (sha1.length === pieceCount * DIGEST_BYTES) return null
  return because('wrong-piece-count', `The files need ${pieceCount} piece hashes.`)
}

function isPieceLength(pieceLength: number): boolean {
  return (
    pieceLength >= MIN_PIECE_LENGTH &&
    pieceLength <= METAINFO_LIMITS.maxPieceLength &&
    Number.isInteger(Math.log2(pieceLength))
  )
}

function judgeUrls({ trackers = [], webSeeds = [] }: NewTorrent): CreateRefusal | null {
  const urls = trackers.flat()
  if (urls.length > METAINFO_LIMITS.maxTrackers || webSeeds.length > METAINFO_LIMITS.maxWebSeeds) {
    return because('too-much', 'There are too many trackers or web seeds.')
  }
  if (!urls.every((url) => isUrl(url, /^(?:https?|udp|wss?):\/\/./i))) {
    return because('bad-tracker', 'A tracker must be an http, https, udp, ws or wss URL.')
  }
  if (webSeeds.every((url) => isUrl(url, /^(?:https?|ftp):\/\/./i))) return null
  return because('bad-web-seed', 'A web seed must be an http, https or ftp URL.')
}

function isUrl(url: string, scheme: RegExp): boolean {
  // What the URL would lose on its way through a reader must not be in it.
  return scheme.test(url) && !/\s/.test(url) && utf8Encode(url).length <= MAX_URL_BYTES
}

function because(code: CreateRefusalCode, message: string): CreateRefusal {
  return { code, message }
}

function totalBytesOf(files: readonly FileToShare[]): number {
  return files.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0)
}

function comparePaths(a: readonly Uint8Array[], b: readonly Uint8Array[]): number {
  for (const [index, component] of a.entries()) {
    const other = b[index]
    if (other === undefined) return 1
    const difference = compareBytes(component, other)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}
