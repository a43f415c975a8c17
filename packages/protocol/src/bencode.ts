/**
 * Bencode: the one serial form of torrents, trackers and extensions.
 *
 * The decoder is iterative, so depth is a limit and never a stack; it never allocates by a declared length; what it
 * refuses is a value. Byte strings are views of the input: they live as long as it does and change when it does.
 *
 * Stricter than most clients, even when lenient: leading zeros, `-0` and repeated keys are refused everywhere, because
 * two readers could understand such input differently.
 *
 * Spec: BEP 3, "bencoding" <https://www.bittorrent.org/beps/bep_0003.html>
 */
import { BencodeDecoder } from './bencode/decoder.ts'
import { utf8DecodeStrict } from './bytes.ts'
import type { BencodeFault } from './fault.ts'

export {
  type BencodeInput,
  type BencodeInputDict,
  dictOf,
  encodeBencode,
  RawBencode,
} from './bencode/encode.ts'

/** Integers are `number` where that is exact, else `bigint` in the range of 64 bits with sign. */
export type BencodeValue = number | bigint | Uint8Array | readonly BencodeValue[] | BencodeDict

/** Keyed by the key's bytes as Latin-1 text: binary keys survive, and `__proto__` is a key like any other. */
export interface BencodeDict extends ReadonlyMap<string, BencodeValue> {}

/** What a caller will read at most, each inclusive. */
export interface BencodeLimits {
  /** Lists and dictionaries inside each other. */
  readonly maxDepth: number
  /** Values in all; keys do not count. */
  readonly maxTokens: number
  /** Whether unsorted keys and trailing bytes are faults; when lenient they are warnings. */
  readonly strict: boolean
  /** Size of the input. */
  readonly maxBytes?: number
}

/** For .torrent files and info dictionaries. */
export const TORRENT_BENCODE_LIMITS: BencodeLimits = {
  maxDepth: 100,
  maxTokens: 1_000_000,
  strict: false,
  maxBytes: 32 * 1024 * 1024,
}
/** For messages of peers and trackers. */
export const WIRE_BENCODE_LIMITS: BencodeLimits = {
  maxDepth: 32,
  maxTokens: 10_000,
  strict: false,
  maxBytes: 1024 * 1024,
}

/** Odd, not wrong; only found when lenient. */
export interface BencodeWarning {
  readonly code: 'keys-unsorted' | 'trailing-bytes'
  /** Where it was first met. */
  readonly offset: number
}

/** Where a value lies in the input: from `start` to before `end`. */
export interface ByteSpan {
  readonly start: number
  readonly end: number
}

export interface BencodeDecoded {
  readonly ok: true
  readonly value: BencodeValue
  /** How many bytes the value took. */
  readonly usedBytes: number
  /** Where the values of the outermost dictionary lie; empty if that is no dictionary. */
  readonly rootSpans: ReadonlyMap<string, ByteSpan>
  /** At most one of each code. */
  readonly warnings: readonly BencodeWarning[]
}

export type BencodeResult = BencodeDecoded | { readonly ok: false; readonly fault: BencodeFault }

/** Reads exactly one value from all of the input. */
export function decodeBencode(bytes: Uint8Array, limits: BencodeLimits): BencodeResult {
  const result = decodeBencodePrefix(bytes, limits)
  if (!result.ok || result.usedBytes === bytes.length) return result
  const offset = result.usedBytes
  if (limits.strict) return { ok: false, fault: { code: 'trailing-bytes', offset } }
  return { ...result, warnings: [...result.warnings, { code: 'trailing-bytes', offset }] }
}

/** Reads one value from the input's beginning and says where it ends; what follows is the caller's. */
export function decodeBencodePrefix(bytes: Uint8Array, limits: BencodeLimits): BencodeResult {
  if (bytes.length > (limits.maxBytes ?? Number.POSITIVE_INFINITY)) {
    return { ok: false, fault: { code: 'too-long', offset: 0 } }
  }
  return new BencodeDecoder(bytes, limits).run()
}

/** Typed reading of a dictionary: each gives `null` where the key is absent or its value of another type. */
export const dictGet: {
  /** An integer that a `number` holds exactly. */
  int(dict: BencodeDict, key: string): number | null
  bytes(dict: BencodeDict, key: string): Uint8Array | null
  /** A byte string that is right UTF-8. */
  text(dict: BencodeDict, key: string): string | null
  list(dict: BencodeDict, key: string): readonly BencodeValue[] | null
  dict(dict: BencodeDict, key: string): BencodeDict | null
} = {
  int(dict, key) {
    const value = dict.get(key)
    return typeof value === 'number' ? value : null
  },
  bytes(dict, key) {
    const value = dict.get(key)
    return value instanceof Uint8Array ? value : null
  },
  text(dict, key) {
    const value = dict.get(key)
    return value instanceof Uint8Array ? utf8DecodeStrict(value) : null
  },
  list(dict, key) {
    const value = dict.get(key)
    return isBencodeList(value) ? value : null
  },
  dict(dict, key) {
    const value = dict.get(key)
    return isBencodeDict(value) ? value : null
  },
}

export function isBencodeDict(value: BencodeValue | undefined): value is BencodeDict {
  return value instanceof Map
}

export function isBencodeList(value: BencodeValue | undefined): value is readonly BencodeValue[] {
  return Array.isArray(value)
}
