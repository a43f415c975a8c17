/**
 * Bytes: joining, comparing, and the text forms that the protocol uses. Nothing here throws on foreign input;
 * decoders of text return `null` where the text is not what they read.
 */
import { invariant } from './machine.ts'

/** Joins the parts into one new array. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  let lengthBytes = 0
  for (const part of parts) lengthBytes += part.length
  const joined = new Uint8Array(lengthBytes)
  let offset = 0
  for (const part of parts) {
    joined.set(part, offset)
    offset += part.length
  }
  return joined
}

/** Whether both hold the same bytes. Not constant-time: never use it on secrets. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/** Orders by unsigned bytes, a prefix before what it begins: negative, zero or positive. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length)
  for (let i = 0; i < shared; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

/** Lower-case hexadecimal. */
export function toHex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += HEX_PAIRS[byte] ?? ''
  return text
}

/** Reads hexadecimal in either case; `null` for an odd length or any other character. */
export function fromHex(text: string): Uint8Array | null {
  if (text.length % 2 !== 0) return null
  const bytes = new Uint8Array(text.length / 2)
  for (let i = 0; i < bytes.length; i++) {
    const high = hexDigit(text.charCodeAt(i * 2))
    const low = hexDigit(text.charCodeAt(i * 2 + 1))
    if (high < 0 || low < 0) return null
    bytes[i] = high * 16 + low
  }
  return bytes
}

/** RFC 4648 base32 in capitals, without padding. */
export function toBase32(bytes: Uint8Array): string {
  let text = ''
  let pending = 0
  let pendingBits = 0
  for (const byte of bytes) {
    pending = pending * 256 + byte
    pendingBits += 8
    while (pendingBits >= 5) {
      pendingBits -= 5
      text += BASE32[Math.floor(pending / 2 ** pendingBits)] ?? ''
      pending %= 2 ** pendingBits
    }
  }
  if (pendingBits > 0) text += BASE32[pending * 2 ** (5 - pendingBits)] ?? ''
  return text
}

/**
 * Reads RFC 4648 base32 in either case, without padding. `null` for a foreign character, a length that no bytes have,
 * or spare bits that are not zero: so each value has one text.
 */
export function fromBase32(text: string): Uint8Array | null {
  // Checked first, because some letters beyond ASCII have capitals within it.
  if (!/^[A-Za-z2-7]*$/.test(text)) return null
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8))
  let pending = 0
  let pendingBits = 0
  let used = 0
  for (const letter of text.toUpperCase()) {
    pending = pending * 32 + BASE32.indexOf(letter)
    pendingBits += 5
    if (pendingBits < 8) continue
    pendingBits -= 8
    bytes[used++] = Math.floor(pending / 2 ** pendingBits)
    pending %= 2 ** pendingBits
  }
  return pendingBits < 5 && pending === 0 ? bytes : null
}

/** UTF-8 bytes of a text; a lone surrogate becomes U+FFFD. */
export function utf8Encode(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 3)
  let used = 0
  for (const character of text) {
    let point = character.codePointAt(0) ?? 0
    if (point >= 0xd800 && point <= 0xdfff) point = REPLACEMENT
    if (point < 0x80) {
      bytes[used++] = point
    } else if (point < 0x800) {
      bytes[used++] = 0xc0 | (point >> 6)
      bytes[used++] = 0x80 | (point & 0x3f)
    } else {
      if (point < 0x10000) {
        bytes[used++] = 0xe0 | (point >> 12)
      } else {
        bytes[used++] = 0xf0 | (point >> 18)
        bytes[used++] = 0x80 | ((point >> 12) & 0x3f)
      }
      bytes[used++] = 0x80 | ((point >> 6) & 0x3f)
      bytes[used++] = 0x80 | (point & 0x3f)
    }
  }
  return bytes.slice(0, used)
}

/** Text of UTF-8 bytes; each wrong sequence becomes U+FFFD, as browsers do. A byte-order mark is kept. */
export function utf8Decode(bytes: Uint8Array): string {
  return decodeUtf8(bytes, true) ?? ''
}

/** Text of UTF-8 bytes, or `null` if any sequence is wrong (overlong, surrogate, cut short, above U+10FFFF). */
export function utf8DecodeStrict(bytes: Uint8Array): string | null {
  return decodeUtf8(bytes, false)
}

/** One byte a character; the characters must all be below U+0100. */
export function latin1Encode(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    invariant(code < 0x100, 'only Latin-1 text has one byte a character')
    bytes[i] = code
  }
  return bytes
}

/** One character a byte, U+0000 to U+00FF: a lossless text form of any bytes. */
export function latin1Decode(bytes: Uint8Array): string {
  if (bytes.length <= CHUNK_UNITS) return String.fromCharCode(...bytes)
  const parts: string[] = []
  for (let at = 0; at < bytes.length; at += CHUNK_UNITS) {
    parts.push(String.fromCharCode(...bytes.subarray(at, at + CHUNK_UNITS)))
  }
  return parts.join('')
}

/** Escapes every byte but RFC 3986's unreserved ones as `%XX` in capitals; never writes `+`. */
export function percentEncodeBytes(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) {
    const character = String.fromCharCode(byte)
    text += UNRESERVED.test(character) ? character : `%${(HEX_PAIRS[byte] ?? '').toUpperCase()}`
  }
  return text
}

/** Undoes `%XX`; other characters stand for their UTF-8 bytes, `+` for itself. `null` for a broken escape. */
export function percentDecode(text: string): Uint8Array | null {
  const bytes = utf8Encode(text)
  let used = 0
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0
    if (byte !== 0x25) {
      bytes[used++] = byte
      continue
    }
    const high = hexDigit(bytes[at + 1] ?? 0)
    const low = hexDigit(bytes[at + 2] ?? 0)
    if (high < 0 || low < 0) return null
    bytes[used++] = high * 16 + low
    at += 2
  }
  return bytes.slice(0, used)
}

/** Reads big-endian fields in order. Check `remaining` first: reading past the end is a bug of ours. */
export class ByteReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get remaining(): number {
    return this.#bytes.length - this.#at
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1))
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2))
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4))
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#take(8))
  }

  /** A view of the input, not a copy; all that is left when no length is given. */
  bytes(lengthBytes: number = this.remaining): Uint8Array {
    const at = this.#take(lengthBytes)
    return this.#bytes.subarray(at, at + lengthBytes)
  }

  #take(lengthBytes: number): number {
    invariant(
      lengthBytes >= 0 && lengthBytes <= this.remaining,
      'lengths are checked before reading',
    )
    const at = this.#at
    this.#at += lengthBytes
    return at
  }
}

/** Writes big-endian fields in order and grows as needed. */
export class ByteWriter {
  #bytes: Uint8Array
  #view: DataView
  #used = 0

  constructor(expectedBytes = 64) {
    this.#bytes = new Uint8Array(Math.max(expectedBytes, 1))
    this.#view = new DataView(this.#bytes.buffer)
  }

  get lengthBytes(): number {
    return this.#used
  }

  u8(value: number): this {
    this.#checkRange(value, 0xff)
    const at = this.#reserve(1)
    this.#view.setUint8(at, value)
    return this
  }

  u16(value: number): this {
    this.#checkRange(value, 0xffff)
    const at = this.#reserve(2)
    this.#view.setUint16(at, value)
    return this
  }

  u32(value: number): this {
    this.#checkRange(value, 0xffff_ffff)
    const at = this.#reserve(4)
    this.#view.setUint32(at, value)
    return this
  }

  u64(value: bigint): this {
    invariant(value >= 0n && value < 1n << 64n, 'the number fits its field')
    const at = this.#reserve(8)
    this.#view.setBigUint64(at, value)
    return this
  }

  bytes(bytes: Uint8Array): this {
    const at = this.#reserve(bytes.length)
    this.#bytes.set(bytes, at)
    return this
  }

  /** The bytes written so far, as a copy. */
  done(): Uint8Array {
    return this.#bytes.slice(0, this.#used)
  }

  #checkRange(value: number, max: number): void {
    invariant(Number.isInteger(value) && value >= 0 && value <= max, 'the number fits its field')
  }

  /** May replace the buffer: take the place first, then look at `#bytes` or `#view`. */
  #reserve(lengthBytes: number): number {
    const at = this.#used
    this.#used += lengthBytes
    if (this.#used > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#used, this.#bytes.length * 2))
      grown.set(this.#bytes)
      this.#bytes = grown
      this.#view = new DataView(grown.buffer)
    }
    return at
  }
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const HEX_PAIRS: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, '0'),
)
const UNRESERVED = /^[A-Za-z0-9._~-]$/
const REPLACEMENT = 0xfffd
/** `String.fromCharCode` takes its units from the stack, so long texts are built in runs. */
const CHUNK_UNITS = 4096

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  if (code >= 0x41 && code <= 0x46) return code - 0x37
  if (code >= 0x61 && code <= 0x66) return code - 0x57
  return -1
}

/** What a lead byte allows: how many bytes follow, and the range of the first of them (Unicode, table 3-7). */
interface Utf8Lead {
  readonly followCount: number
  readonly bits: number
  readonly low: number
  readonly high: number
}

function utf8Lead(byte: number): Utf8Lead | null {
  if (byte >= 0xc2 && byte <= 0xdf)
    return { followCount: 1, bits: byte & 0x1f, low: 0x80, high: 0xbf }
  if (byte >= 0xe0 && byte <= 0xef) {
    const low = byte === 0xe0 ? 0xa0 : 0x80
    const high = byte === 0xed ? 0x9f : 0xbf
    return { followCount: 2, bits: byte & 0x0f, low, high }
  }
  if (byte >= 0xf0 && byte <= 0xf4) {
    const low = byte === 0xf0 ? 0x90 : 0x80
    const high = byte === 0xf4 ? 0x8f : 0xbf
    return { followCount: 3, bits: byte & 0x07, low, high }
  }
  return null
}

function decodeUtf8(bytes: Uint8Array, isLossy: boolean): string | null {
  const parts: string[] = []
  let units: number[] = []
  let at = 0
  while (at < bytes.length) {
    const byte = bytes[at] ?? 0
    if (byte < 0x80) {
      units.push(byte)
      at++
    } else {
      const { point, usedBytes } = decodeSequence(bytes, at)
      if (point < 0 && !isLossy) return null
      pushPoint(units, point < 0 ? REPLACEMENT : point)
      at += usedBytes
    }
    if (units.length >= CHUNK_UNITS) {
      parts.push(String.fromCharCode(...units))
      units = []
    }
  }
  parts.push(String.fromCharCode(...units))
  return parts.join('')
}

/** One sequence of several bytes; `point` is -1 where it is wrong, and `usedBytes` then spans its longest right beginning. */
function decodeSequence(bytes: Uint8Array, start: number): { point: number; usedBytes: number } {
  const lead = utf8Lead(bytes[start] ?? 0)
  if (lead === null) return { point: -1, usedBytes: 1 }
  let point = lead.bits
  for (let i = 1; i <= lead.followCount; i++) {
    const byte = bytes[start + i] ?? 0
    const isInRange = i === 1 ? byte >= lead.low && byte <= lead.high : byte >> 6 === 2
    if (!isInRange) return { point: -1, usedBytes: i }
    point = point * 64 + (byte & 0x3f)
  }
  return { point, usedBytes: lead.followCount + 1 }
}

function pushPoint(units: number[], point: number): void {
  if (point < 0x10000) {
    units.push(point)
    return
  }
  units.push(0xd800 + ((point - 0x10000) >> 10), 0xdc00 + ((point - 0x10000) & 0x3ff))
}
