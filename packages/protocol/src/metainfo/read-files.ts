/**
 * The list of files of a multi-file torrent.
 *
 * Spec: BEP 3, "info dictionary"; BEP 47
 */
import { dictGet, isBencodeDict, isBencodeList, type BencodeDict } from '../bencode.ts'
import { padPath, readAttributes } from '../bep/0047-attributes.ts'
import { utf8DecodeStrict } from '../bytes.ts'
import type { MetainfoFile } from '../metainfo.ts'
import type { Findings } from './findings.ts'
import type { MetainfoLimits } from './limits.ts'
import { decodeText } from './read-text.ts'

/** `null` after a fault. */
export function readFiles(
  info: BencodeDict,
  limits: MetainfoLimits,
  findings: Findings,
): readonly MetainfoFile[] | null {
  const list = dictGet.list(info, 'files')
  if (list === null)
    return findings.refuse('bad-files', 'info.files', 'The list of files is no list.')
  if (list.length > limits.maxFiles) {
    const words = `The torrent has more than ${limits.maxFiles} files.`
    return findings.refuse('too-many-files', 'info.files', words)
  }
  const files: MetainfoFile[] = []
  let offset = 0
  for (const [index, entry] of list.entries()) {
    const where = `info.files[${index}]`
    if (!isBencodeDict(entry)) {
      return findings.refuse('bad-files', where, 'An entry of the list of files is no dictionary.')
    }
    const file = readFile(entry, where, offset, limits, findings)
    if (file === null) return null
    files.push(file)
    offset += file.lengthBytes
  }
  return files
}

/** A length in bytes of a file that may be at most `maxBytes` long; `null` after a fault. */
export function readLength(
  file: BencodeDict,
  where: string,
  maxBytes: number,
  findings: Findings,
): number | null {
  const length = file.get('length')
  const isInteger = typeof length === 'number' || typeof length === 'bigint'
  if (!isInteger || length < 0) {
    const words = 'The length of a file is no integer from zero up.'
    return findings.refuse('bad-length', `${where}.length`, words)
  }
  if (length > maxBytes) {
    return findings.refuse('total-too-large', `${where}.length`, 'The torrent is too large in all.')
  }
  return Number(length)
}

function readFile(
  file: BencodeDict,
  where: string,
  offset: number,
  limits: MetainfoLimits,
  findings: Findings,
): MetainfoFile | null {
  const { isPad, isSymlink } = readAttributes(file)
  if (isSymlink) findings.warn(where, 'a symbolic link; an empty file is made instead')
  // BEP 47: "clients implementing with this BEP should not require their presence on symlink files"
  const isLengthOptional = isSymlink && !file.has('length')
  const lengthBytes = isLengthOptional
    ? 0
    : readLength(file, where, limits.maxTotalBytes - offset, findings)
  if (lengthBytes === null) return null
  const path = readPath(file, where, limits, findings, isPad ? padPath(lengthBytes) : null)
  if (path === null) return null
  return { path, lengthBytes, offset, isPad, piecesRoot: null }
}

/** BEP 3: "a zero length list is an error case". BEP 47: padding files need no path. */
function readPath(
  file: BencodeDict,
  where: string,
  limits: MetainfoLimits,
  findings: Findings,
  fallback: readonly string[] | null,
): readonly string[] | null {
  const preferred = readUtf8Path(file)
  if (preferred !== null && preferred.length <= limits.maxPathDepth) return preferred
  const list = file.get('path')
  if (!isBencodeList(list) || list.length === 0) {
    return fallback ?? findings.refuse('bad-path', `${where}.path`, 'A file has no path.')
  }
  if (list.length > limits.maxPathDepth) {
    const words = `A path is more than ${limits.maxPathDepth} folders deep.`
    return findings.refuse('path-too-deep', `${where}.path`, words)
  }
  const path: string[] = []
  for (const component of list) {
    if (!(component instanceof Uint8Array)) {
      return findings.refuse('bad-path', `${where}.path`, 'A part of a path is no string.')
    }
    path.push(decodeText(component, `${where}.path`, findings))
  }
  return path
}

/** `path.utf-8`, where an author of old wrote `path` in another encoding; only if it is whole and right. */
function readUtf8Path(file: BencodeDict): readonly string[] | null {
  const list = dictGet.list(file, 'path.utf-8')
  if (list === null || list.length === 0) return null
  const path: string[] = []
  for (const component of list) {
    const text = component instanceof Uint8Array ? utf8DecodeStrict(component) : null
    if (text === null) return null
    path.push(text)
  }
  return path
}
