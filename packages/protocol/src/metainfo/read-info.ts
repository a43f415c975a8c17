/**
 * The info dictionary: sizes, names and piece hashes, and whether they fit each other.
 *
 * Spec: BEP 3, "info dictionary"; BEP 27; BEP 47; BEP 52, "upgrade path"
 */
import { dictGet, type BencodeDict } from '../bencode.ts'
import { readPrivate } from '../bep/0027-private.ts'
import { readAttributes } from '../bep/0047-attributes.ts'
import { infoVersion } from '../bep/0052-info-hashes.ts'
import type { Metainfo, MetainfoFile } from '../metainfo.ts'
import type { PieceHashes } from '../piece-hashes.ts'
import type { Findings } from './findings.ts'
import type { MetainfoLimits } from './limits.ts'
import { readFiles, readLength } from './read-files.ts'
import { readText } from './read-text.ts'

/** `name` is empty where the torrent gives none. */
export type Inner = Pick<
  Metainfo,
  | 'name'
  | 'isMultiFile'
  | 'pieceLength'
  | 'pieceCount'
  | 'totalBytes'
  | 'files'
  | 'hashes'
  | 'isPrivate'
>

const DIGEST_BYTES = 20

/** `null` after a fault. Piece hashes are copied, so that nothing keeps the whole input alive. */
export function readInfo(
  info: BencodeDict,
  limits: MetainfoLimits,
  findings: Findings,
): Inner | null {
  if (!isVersionReadable(info, findings)) return null
  const name = readName(info, findings)
  const pieceLength = readPieceLength(info, limits, findings)
  const files = readContent(info, limits, findings)
  if (name === null || pieceLength === null || files === null) return null
  const totalBytes = files.reduce((sum, file) => sum + file.lengthBytes, 0)
  if (!hasContent(files, findings)) return null
  const pieceCount = Math.ceil(totalBytes / pieceLength)
  const hashes = readPieces(info, pieceCount, limits, findings)
  if (hashes === null) return null
  const isMultiFile = info.has('files')
  const isPrivate = readPrivate(info)
  if (isPrivate === null) findings.warn('info.private', 'it is no integer')
  return {
    name,
    isMultiFile,
    pieceLength,
    pieceCount,
    totalBytes,
    files,
    hashes,
    isPrivate: isPrivate ?? false,
  }
}

function isVersionReadable(info: BencodeDict, findings: Findings): boolean {
  const version = infoVersion(info)
  if (version === 'v2') {
    const words = 'This is a BitTorrent v2 torrent without a v1 part; v2 is not supported yet.'
    findings.refuse('v2-not-supported', 'info', words)
  } else if (version === 'unknown') {
    const words = 'The torrent is of a version that is not known here.'
    findings.refuse('unknown-meta-version', 'info.meta version', words)
  } else if (version === 'hybrid') {
    findings.warn('info', 'a hybrid of v1 and v2, of which the v1 part is used')
  }
  return version === 'v1' || version === 'hybrid'
}

function readName(info: BencodeDict, findings: Findings): string | null {
  const name = readText(info, 'name', 'info', findings)
  if (name === undefined) return findings.refuse('bad-name', 'info.name', 'The name is no string.')
  if (name === null || name === '') findings.warn('info.name', 'missing; the info-hash stands in')
  return name ?? ''
}

function readPieceLength(
  info: BencodeDict,
  limits: MetainfoLimits,
  findings: Findings,
): number | null {
  const where = 'info.piece length'
  const pieceLength = dictGet.int(info, 'piece length')
  if (pieceLength === null || pieceLength <= 0) {
    return findings.refuse('bad-piece-length', where, 'The piece length is no integer above zero.')
  }
  if (pieceLength > limits.maxPieceLength) {
    const words = `Pieces are longer than ${limits.maxPieceLength} bytes.`
    return findings.refuse('bad-piece-length', where, words)
  }
  return pieceLength
}

/**
 * The files, of which a single-file torrent has one.
 *
 * "There is also a key length or a key files, but not both or neither."
 */
function readContent(
  info: BencodeDict,
  limits: MetainfoLimits,
  findings: Findings,
): readonly MetainfoFile[] | null {
  const isSingle = info.has('length')
  const isMulti = info.has('files')
  if (isSingle && isMulti) {
    const words = 'The torrent says both that it is one file and that it is many.'
    return findings.refuse('length-and-files', 'info', words)
  }
  if (isMulti) return readFiles(info, limits, findings)
  if (!isSingle) {
    return findings.refuse(
      'no-length-or-files',
      'info',
      'The torrent lists no files and no length.',
    )
  }
  const lengthBytes = readLength(info, 'info', limits.maxTotalBytes, findings)
  if (lengthBytes === null) return null
  const { isPad } = readAttributes(info)
  return [{ path: [], lengthBytes, offset: 0, isPad, piecesRoot: null }]
}

function hasContent(files: readonly MetainfoFile[], findings: Findings): boolean {
  if (files.some((file) => !file.isPad && file.lengthBytes > 0)) return true
  findings.refuse('no-content', 'info', 'The torrent holds not one byte to share.')
  return false
}

function readPieces(
  info: BencodeDict,
  pieceCount: number,
  limits: MetainfoLimits,
  findings: Findings,
): PieceHashes | null {
  const where = 'info.pieces'
  const sha1 = dictGet.bytes(info, 'pieces')
  if (sha1 === null || sha1.length % DIGEST_BYTES !== 0) {
    return findings.refuse('bad-pieces', where, 'The piece hashes are no string of 20 bytes each.')
  }
  if (pieceCount > limits.maxPieces || sha1.length / DIGEST_BYTES > limits.maxPieces) {
    const words = `The torrent has more than ${limits.maxPieces} pieces.`
    return findings.refuse('too-many-pieces', where, words)
  }
  if (sha1.length !== pieceCount * DIGEST_BYTES) {
    const words = `The sizes need ${pieceCount} piece hashes, but there are ${sha1.length / DIGEST_BYTES}.`
    return findings.refuse('wrong-piece-count', where, words)
  }
  return { kind: 'v1', sha1: sha1.slice() }
}
