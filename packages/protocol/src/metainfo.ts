/**
 * What a .torrent file says, checked. Names and texts are as the author wrote them: hostile until they pass
 * `display.ts` (to be shown) or the engine's layout (to become paths).
 *
 * The info-hash is always the hash of the raw slice of the file, never of a re-encoding. What two readers could
 * understand differently (repeated keys, leading zeros) is refused; what is only untidy is a warning.
 *
 * Spec: BEP 3, "metainfo files"; BEP 12, 19, 27, 47; shaped so that BEP 52 adds, not rewrites
 */
import { sha1 as nobleSha1 } from '@noble/hashes/legacy.js'
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js'
import {
  decodeBencode,
  isBencodeDict,
  type BencodeDecoded,
  type BencodeLimits,
  type BencodeValue,
} from './bencode.ts'
import { infoVersion } from './bep/0052-info-hashes.ts'
import { toHex } from './bytes.ts'
import type { BencodeFault } from './fault.ts'
import type { InfoHashes } from './info-hash.ts'
import { invariant } from './machine.ts'
import { Findings } from './metainfo/findings.ts'
import { METAINFO_LIMITS, type MetainfoLimits } from './metainfo/limits.ts'
import { readInfo } from './metainfo/read-info.ts'
import { NO_OUTER, OUTER_KEYS, readOuter, type Outer } from './metainfo/read-outer.ts'
import type { PieceHashes } from './piece-hashes.ts'

export { encodeMetainfo } from './metainfo/encode.ts'

/** One file of the torrent, in the order of the pieces' bytes. */
export interface MetainfoFile {
  /** Path components below the torrent's name; empty for a single-file torrent, whose only name is `name`. */
  readonly path: readonly string[]
  readonly lengthBytes: number
  /** Where its first byte lies in the torrent's stream of bytes. */
  readonly offset: number
  /** BEP 47: padding, zeros that are never stored. */
  readonly isPad: boolean
  /** BEP 52: the root of the file's hash tree; `null` in v1. */
  readonly piecesRoot: Uint8Array | null
}

export interface Metainfo {
  readonly infoHashes: InfoHashes
  /** The raw bytes of the `info` dictionary: what was hashed, and what BEP 9 hands on. */
  readonly infoBytes: Uint8Array
  readonly name: string
  /** Whether the name is a folder that holds the files (`files` was given) or the one file itself. */
  readonly isMultiFile: boolean
  readonly pieceLength: number
  readonly pieceCount: number
  /** All bytes of the stream, pads included. */
  readonly totalBytes: number
  readonly files: readonly MetainfoFile[]
  readonly hashes: PieceHashes
  readonly isPrivate: boolean
  /** Tiers of tracker URLs as given: `announce-list`, else `announce` alone. */
  readonly trackers: readonly (readonly string[])[]
  /** BEP 19 `url-list`. */
  readonly webSeeds: readonly string[]
  /** BEP 5 `nodes`. */
  readonly dhtNodes: readonly { readonly host: string; readonly port: number }[]
  readonly comment: string | null
  readonly createdBy: string | null
  /** Seconds since 1970. */
  readonly creationDate: number | null
  /** Keys beside `info` that are not read here, with their raw bencoded values, so that they survive a round trip. */
  readonly otherKeys?: ReadonlyMap<string, Uint8Array>
  /** What is odd but not wrong, in words that are ours. */
  readonly warnings: readonly string[]
}

/** Why a torrent is refused: a stable code, where it is, and words that are ours. */
export interface MetainfoFault {
  readonly code: MetainfoFaultCode
  /** Such as `info.files[3].length`. */
  readonly where: string
  readonly message: string
}

/** Stable: codes are added, never renamed. */
export type MetainfoFaultCode =
  /** The file is longer than we read. */
  | 'too-large'
  /** Not bencode, or not unambiguous bencode; `where` is the byte. */
  | 'bad-bencode'
  /** The outermost value is no dictionary. */
  | 'not-a-dictionary'
  /** `info` is missing or no dictionary. */
  | 'no-info'
  /** BEP 52 without a v1 half. */
  | 'v2-not-supported'
  /** `meta version` that no text describes. */
  | 'unknown-meta-version'
  | 'bad-name'
  | 'bad-piece-length'
  | 'bad-pieces'
  /** The number of piece hashes does not match the sizes. */
  | 'wrong-piece-count'
  | 'too-many-pieces'
  /** Both `length` and `files`. */
  | 'length-and-files'
  /** Neither `length` nor `files`. */
  | 'no-length-or-files'
  | 'bad-files'
  | 'too-many-files'
  | 'bad-length'
  | 'bad-path'
  | 'path-too-deep'
  /** More bytes in all than we handle. */
  | 'total-too-large'
  /** Not one byte to share: no files, only empty ones or only padding. */
  | 'no-content'

export type MetainfoResult =
  | { readonly ok: true; readonly metainfo: Metainfo }
  | { readonly ok: false; readonly fault: MetainfoFault }

/** A whole hash function: bytes in, digest out. */
export type Digest = (bytes: Uint8Array) => Uint8Array

export interface MetainfoOptions {
  readonly limits?: MetainfoLimits
  /** Faster hash functions than the built-in portable ones. */
  readonly sha1?: Digest
  readonly sha256?: Digest
}

/** Reads a .torrent file. The result holds copies: the input may be reused. */
export function parseMetainfo(bytes: Uint8Array, options: MetainfoOptions = {}): MetainfoResult {
  const findings = new Findings()
  return conclude(readTorrent(bytes, options, findings), findings)
}

/**
 * Reads a bare info dictionary, as it comes by BEP 9: no trackers, no comment. The caller has compared the info-hash,
 * or compares `infoHashes`.
 */
export function parseInfo(infoBytes: Uint8Array, options: MetainfoOptions = {}): MetainfoResult {
  const findings = new Findings()
  const limits = options.limits ?? METAINFO_LIMITS
  const decoded = decode(infoBytes, limits.bencode, 'info', findings)
  if (decoded === null) return conclude(null, findings)
  if (decoded.usedBytes < infoBytes.length) {
    const where = `info, byte ${decoded.usedBytes}`
    return conclude(
      findings.refuse('bad-bencode', where, BENCODE_WORDS['trailing-bytes']),
      findings,
    )
  }
  return conclude(readRest(decoded.value, infoBytes.slice(), NO_OUTER, options, findings), findings)
}

type Unjudged = Omit<Metainfo, 'warnings'>

function readTorrent(
  bytes: Uint8Array,
  options: MetainfoOptions,
  findings: Findings,
): Unjudged | null {
  const limits = options.limits ?? METAINFO_LIMITS
  const decoded = decode(bytes, limits.bencode, 'file', findings)
  if (decoded === null) return null
  if (!isBencodeDict(decoded.value)) {
    return findings.refuse('not-a-dictionary', 'file', 'A torrent file is a bencoded dictionary.')
  }
  const span = decoded.rootSpans.get('info')
  if (span === undefined)
    return findings.refuse('no-info', 'info', 'The info dictionary is missing.')
  const outer = readOuter(decoded.value, rawOtherKeys(bytes, decoded), limits, findings)
  const raw = bytes.slice(span.start, span.end)
  return readRest(decoded.value.get('info'), raw, outer, options, findings)
}

function readRest(
  info: BencodeValue | undefined,
  infoBytes: Uint8Array,
  outer: Outer,
  options: MetainfoOptions,
  findings: Findings,
): Unjudged | null {
  if (!isBencodeDict(info))
    return findings.refuse('no-info', 'info', 'The info value is no dictionary.')
  const inner = readInfo(info, options.limits ?? METAINFO_LIMITS, findings)
  if (inner === null) return null
  const v1 = (options.sha1 ?? nobleSha1)(infoBytes)
  const v2 = infoVersion(info) === 'hybrid' ? (options.sha256 ?? nobleSha256)(infoBytes) : null
  const name = inner.name === '' ? toHex(v1) : inner.name
  return { ...outer, ...inner, name, infoBytes, infoHashes: { v1, v2 } }
}

function conclude(read: Unjudged | null, findings: Findings): MetainfoResult {
  if (findings.fault !== null) return { ok: false, fault: findings.fault }
  invariant(read !== null, 'what is not read has a fault')
  return { ok: true, metainfo: { ...read, warnings: findings.warnings } }
}

function decode(
  bytes: Uint8Array,
  limits: BencodeLimits,
  what: string,
  findings: Findings,
): BencodeDecoded | null {
  const decoded = decodeBencode(bytes, limits)
  if (!decoded.ok) {
    const { code, offset } = decoded.fault
    if (code === 'too-long') return findings.refuse('too-large', what, 'It is longer than we read.')
    return findings.refuse('bad-bencode', `${what}, byte ${offset}`, BENCODE_WORDS[code])
  }
  for (const { code, offset } of decoded.warnings) {
    findings.warn(`${what}, byte ${offset}`, BENCODE_WORDS[code])
  }
  return decoded
}

function rawOtherKeys(bytes: Uint8Array, decoded: BencodeDecoded): Map<string, Uint8Array> {
  const others = new Map<string, Uint8Array>()
  for (const [key, { start, end }] of decoded.rootSpans) {
    if (!OUTER_KEYS.has(key)) others.set(key, bytes.slice(start, end))
  }
  return others
}

const BENCODE_WORDS: { readonly [C in BencodeFault['code']]: string } = {
  truncated: 'The file ends too early.',
  'trailing-bytes': 'More bytes follow the dictionary.',
  'bad-byte': 'This is not bencode.',
  'bad-integer': 'An integer is malformed or too big.',
  'bad-length': 'The length of a string is malformed.',
  'too-deep': 'Lists and dictionaries are nested too deeply.',
  'too-many-tokens': 'It holds too many values.',
  'keys-unsorted': 'The keys of a dictionary are not sorted.',
  'key-repeated': 'A dictionary holds a key twice.',
  'key-not-string': 'A key of a dictionary is not a string.',
  'too-long': 'It is longer than we read.',
}
