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
import { concatBytes, latin1Decode, latin1Encode, utf8Encode, utf8DecodeStrict } from './bytes.ts'
import type { BencodeFault } from './fault.ts'
import { invariant } from './machine.ts'

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
  return new Decoder(bytes, limits).run()
}

/** What can be encoded: decoded values, and texts, which become their UTF-8 bytes. */
export type BencodeInput =
  | number
  | bigint
  | string
  | Uint8Array
  | RawBencode
  | readonly BencodeInput[]
  | BencodeInputDict

/** Bytes that are bencode already and go out as they are: what was hashed or signed is never encoded again. */
export class RawBencode {
  readonly bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }
}

/** Keys are bytes as Latin-1 text. */
export interface BencodeInputDict extends ReadonlyMap<string, BencodeInput> {}

/** The one canonical form: keys sorted by their bytes. Numbers must be safe integers. */
export function encodeBencode(value: BencodeInput): Uint8Array {
  const parts: Uint8Array[] = []
  // A work list instead of recursion; what closes a container waits under what it holds.
  const waiting: (BencodeInput | typeof END)[] = [value]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next === END) {
      parts.push(END_BYTES)
    } else if (typeof next === 'number' || typeof next === 'bigint') {
      invariant(typeof next === 'bigint' || Number.isSafeInteger(next), 'only integers are encoded')
      parts.push(latin1Encode(`i${next}e`))
    } else if (typeof next === 'string' || next instanceof Uint8Array) {
      const content = typeof next === 'string' ? utf8Encode(next) : next
      parts.push(latin1Encode(`${content.length}:`), content)
    } else if (next instanceof RawBencode) {
      parts.push(next.bytes)
    } else if (isInputList(next)) {
      parts.push(LIST_BYTES)
      waiting.push(END)
      for (const item of next.toReversed()) waiting.push(item)
    } else {
      parts.push(DICT_BYTES)
      waiting.push(END)
      const entries = [...next].sort(([a], [b]) => (a < b ? 1 : -1))
      for (const [key, item] of entries) waiting.push(item, latin1Encode(key))
    }
  }
  return concatBytes(parts)
}

/** A dictionary from literal fields; `null` and `undefined` are left out. Keys must be ASCII. */
export function dictOf(
  fields: Readonly<Record<string, BencodeInput | null | undefined>>,
): BencodeInputDict {
  const dict = new Map<string, BencodeInput>()
  for (const [key, value] of Object.entries(fields)) {
    if (value !== null && value !== undefined) dict.set(key, value)
  }
  return dict
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

const END = Symbol('end')
const END_BYTES = latin1Encode('e')
const DICT_BYTES = latin1Encode('d')
const LIST_BYTES = latin1Encode('l')

const CODE_0 = 0x30
const CODE_9 = 0x39
const CODE_COLON = 0x3a
const CODE_MINUS = 0x2d
const CODE_D = 0x64
const CODE_E = 0x65
const CODE_I = 0x69
const CODE_L = 0x6c

/** Sign and 19 digits. */
const MAX_INTEGER_CHARACTERS = 20
const MAX_LENGTH_DIGITS = 10
/** So many digits always fit a `number` exactly. */
const SAFE_DIGITS = 15
const INT64_MIN = -(1n << 63n)
const INT64_MAX = (1n << 63n) - 1n
const NO_SPANS: ReadonlyMap<string, ByteSpan> = new Map()

function isInputList(value: BencodeInput): value is readonly BencodeInput[] {
  return Array.isArray(value)
}

/** A container that is still open. */
type Frame = { readonly kind: 'list'; readonly items: BencodeValue[] } | DictFrame

interface DictFrame {
  readonly kind: 'dict'
  readonly entries: Map<string, BencodeValue>
  /** Only the outermost dictionary keeps them. */
  readonly spans: Map<string, ByteSpan> | null
  /** The key whose value comes next; `null` before a key. */
  key: string | null
  lastKey: string | null
  valueStart: number
}

class Decoder {
  readonly #bytes: Uint8Array
  readonly #limits: BencodeLimits
  readonly #open: Frame[] = []
  readonly #warnings: BencodeWarning[] = []
  #at = 0
  #tokenCount = 0
  #root: BencodeValue | null = null
  #rootSpans: ReadonlyMap<string, ByteSpan> = NO_SPANS
  #fault: BencodeFault | null = null

  constructor(bytes: Uint8Array, limits: BencodeLimits) {
    this.#bytes = bytes
    this.#limits = limits
  }

  run(): BencodeResult {
    while (this.#root === null) {
      const frame = this.#open.at(-1)
      if (frame?.kind === 'dict' && frame.key === null) this.#readKeyOrEnd(frame)
      else this.#readValueOrEnd(frame)
      if (this.#fault !== null) return { ok: false, fault: this.#fault }
    }
    return {
      ok: true,
      value: this.#root,
      usedBytes: this.#at,
      rootSpans: this.#rootSpans,
      warnings: this.#warnings,
    }
  }

  #readKeyOrEnd(frame: DictFrame): void {
    const start = this.#at
    const byte = this.#bytes[start]
    if (byte === CODE_E) {
      this.#at++
      if (frame.spans !== null) this.#rootSpans = frame.spans
      this.#close(frame.entries)
      return
    }
    if (byte === CODE_I || byte === CODE_L || byte === CODE_D)
      return this.#fail('key-not-string', start)
    const keyBytes = this.#readString()
    if (keyBytes === null) return
    const key = latin1Decode(keyBytes)
    if (!this.#mayFollow(frame, key, start)) return
    frame.lastKey = key
    frame.key = key
    frame.valueStart = this.#at
  }

  /** Keys are unique, and sorted where that is demanded. */
  #mayFollow(frame: DictFrame, key: string, offset: number): boolean {
    if (frame.entries.has(key)) {
      this.#fail('key-repeated', offset)
    } else if (frame.lastKey !== null && key < frame.lastKey) {
      if (this.#limits.strict) this.#fail('keys-unsorted', offset)
      else this.#warnUnsorted(offset)
    }
    return this.#fault === null
  }

  #readValueOrEnd(frame: Frame | undefined): void {
    const start = this.#at
    const byte = this.#bytes[start]
    if (byte === CODE_E && frame?.kind === 'list') {
      this.#at++
      this.#close(frame.items)
      return
    }
    if (++this.#tokenCount > this.#limits.maxTokens) return this.#fail('too-many-tokens', start)
    if (byte === CODE_I) {
      const value = this.#readInteger()
      if (value !== null) this.#put(value)
    } else if (byte === CODE_L || byte === CODE_D) {
      if (this.#open.length >= this.#limits.maxDepth) return this.#fail('too-deep', start)
      this.#at++
      this.#open.push(byte === CODE_L ? { kind: 'list', items: [] } : this.#newDict())
    } else {
      const value = this.#readString()
      if (value !== null) this.#put(value)
    }
  }

  #newDict(): Frame {
    const spans = this.#open.length === 0 ? new Map<string, ByteSpan>() : null
    return { kind: 'dict', entries: new Map(), spans, key: null, lastKey: null, valueStart: 0 }
  }

  #close(value: BencodeValue): void {
    this.#open.pop()
    this.#put(value)
  }

  #put(value: BencodeValue): void {
    const frame = this.#open.at(-1)
    if (frame === undefined) {
      this.#root = value
    } else if (frame.kind === 'list') {
      frame.items.push(value)
    } else if (frame.key !== null) {
      frame.entries.set(frame.key, value)
      frame.spans?.set(frame.key, { start: frame.valueStart, end: this.#at })
      frame.key = null
    }
  }

  /** `null` after a fault. Grammar: `i` ( `0` | `-`? [1-9][0-9]{0,18} ) `e`, in the range of 64 bits. */
  #readInteger(): number | bigint | null {
    const start = this.#at
    const first = start + 1
    let end = first
    while (end - first <= MAX_INTEGER_CHARACTERS && isIntegerCharacter(this.#bytes[end])) end++
    if (end >= this.#bytes.length) return this.#failNull('truncated', start)
    if (this.#bytes[end] !== CODE_E) return this.#failNull('bad-integer', start)
    const value = parseInteger(this.#bytes, first, end)
    if (value === null) return this.#failNull('bad-integer', start)
    this.#at = end + 1
    return value
  }

  /** `null` after a fault. */
  #readString(): Uint8Array | null {
    const start = this.#at
    let at = start
    let lengthBytes = 0
    while (at - start <= MAX_LENGTH_DIGITS && isDigit(this.#bytes[at])) {
      lengthBytes = lengthBytes * 10 + (this.#bytes[at] ?? 0) - CODE_0
      at++
    }
    if (at >= this.#bytes.length) return this.#failNull('truncated', start)
    if (at === start) return this.#failNull('bad-byte', start)
    const hasLeadingZero = this.#bytes[start] === CODE_0 && at - start > 1
    if (this.#bytes[at] !== CODE_COLON || at - start > MAX_LENGTH_DIGITS || hasLeadingZero) {
      return this.#failNull('bad-length', start)
    }
    if (lengthBytes > this.#bytes.length - at - 1) return this.#failNull('truncated', start)
    this.#at = at + 1 + lengthBytes
    return this.#bytes.subarray(at + 1, this.#at)
  }

  #warnUnsorted(offset: number): void {
    if (this.#warnings.length === 0) this.#warnings.push({ code: 'keys-unsorted', offset })
  }

  #fail(code: BencodeFault['code'], offset: number): void {
    this.#fault = { code: offset >= this.#bytes.length ? 'truncated' : code, offset }
  }

  #failNull(code: BencodeFault['code'], offset: number): null {
    this.#fail(code, offset)
    return null
  }
}

function isDigit(code: number | undefined): boolean {
  return code !== undefined && code >= CODE_0 && code <= CODE_9
}

function isIntegerCharacter(code: number | undefined): boolean {
  return isDigit(code) || code === CODE_MINUS
}

/** At most 20 characters lie between `first` and `end`: converting is cheap. */
function parseInteger(bytes: Uint8Array, first: number, end: number): number | bigint | null {
  if (end - first > SAFE_DIGITS) return parseLongInteger(latin1Decode(bytes.subarray(first, end)))
  const isNegative = bytes[first] === CODE_MINUS
  const start = isNegative ? first + 1 : first
  // A leading zero stands alone, and never behind a sign.
  if (start === end || (bytes[start] === CODE_0 && end - first > 1)) return null
  let value = 0
  for (let at = start; at < end; at++) {
    if (!isDigit(bytes[at])) return null
    value = value * 10 + (bytes[at] ?? 0) - CODE_0
  }
  return isNegative ? -value : value
}

function parseLongInteger(text: string): number | bigint | null {
  if (!/^-?[1-9][0-9]{0,18}$/.test(text)) return null
  const value = BigInt(text)
  if (value < INT64_MIN || value > INT64_MAX) return null
  const small = Number(value)
  return Number.isSafeInteger(small) ? small : value
}
