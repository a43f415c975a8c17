/**
 * Reading bencode: a loop with a list of open containers, so that depth is a limit and never a stack. Nothing is
 * allocated by a declared length, and strings are views of the input.
 *
 * Spec: BEP 3, "bencoding"
 */
import type {
  BencodeLimits,
  BencodeResult,
  BencodeValue,
  BencodeWarning,
  ByteSpan,
} from '../bencode.ts'
import { latin1Decode } from '../bytes.ts'
import type { BencodeFault } from '../fault.ts'

/** Reads one value from the input's beginning; for one input each. */
export class BencodeDecoder {
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
