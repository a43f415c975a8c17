/** What people write for the DHT, and what it answers, as bytes and as texts. */
import {
  isCanonicalValue,
  MAX_SALT_BYTES,
  MAX_SEQ,
  MAX_VALUE_BYTES,
} from '@pigeon/protocol/bep/0044-items'
import { type BencodeValue, decodeBencode, encodeBencode } from '@pigeon/protocol/bencode'
import { fromBase32, fromHex, latin1Decode, toHex, utf8DecodeStrict } from '@pigeon/protocol/bytes'
import { toDisplay } from '@pigeon/protocol/display'
import { INFO_HASH_V1_BYTES, INFO_HASH_V2_BYTES, wireInfoHashes } from '@pigeon/protocol/info-hash'
import { parseMagnet } from '@pigeon/protocol/magnet'
import { problem } from '@pigeon/control/problems'
import { badValue, type Read } from './values.ts'

/** Spec: RFC 8032. */
const ED25519_KEY_BYTES = 32

/** The 20 bytes under which peers of a torrent are found, as hex: of an info-hash (v1 or v2) or of a magnet. */
export function readInfoHash(text: string): Read<string> {
  if (text.startsWith('magnet:')) {
    const magnet = parseMagnet(text)
    if (!magnet.ok) return badValue(text, `a magnet link: ${magnet.fault.message}`)
    const [first] = wireInfoHashes(magnet.magnet.infoHashes)
    return first === undefined ? badHash(text) : { value: toHex(first) }
  }
  const bytes = fromHex(text) ?? (text.length === 32 ? fromBase32(text) : null)
  const isHash = bytes?.length === INFO_HASH_V1_BYTES || bytes?.length === INFO_HASH_V2_BYTES
  return bytes !== null && isHash
    ? { value: toHex(bytes.subarray(0, INFO_HASH_V1_BYTES)) }
    : badHash(text)
}

function badHash(text: string): ReturnType<typeof badValue> {
  return badValue(text, 'a magnet link, or an info-hash of 40 or 64 hex digits')
}

export function readTarget(text: string): Read<string> {
  return readHex(
    text,
    INFO_HASH_V1_BYTES,
    'a target of 40 hex digits, as "pigeon dht put" prints it',
  )
}

export function readPublicKey(text: string): Read<string> {
  return readHex(
    text,
    ED25519_KEY_BYTES,
    'a public key of 64 hex digits, as "pigeon dht key" prints it',
  )
}

function readHex(text: string, lengthBytes: number, expected: string): Read<string> {
  const bytes = fromHex(text)
  return bytes?.length === lengthBytes ? { value: toHex(bytes) } : badValue(text, expected)
}

export function readSalt(text: string): Read<Uint8Array> {
  const bytes = new TextEncoder().encode(text)
  return bytes.length <= MAX_SALT_BYTES
    ? { value: bytes }
    : badValue(text, `a salt of at most ${MAX_SALT_BYTES} bytes; this has ${bytes.length}`)
}

export function readSeq(text: string): Read<bigint> {
  const isNumber = /^\d{1,19}$/.test(text) && BigInt(text) <= MAX_SEQ
  return isNumber ? { value: BigInt(text) } : badValue(text, `a whole number from 0 to ${MAX_SEQ}`)
}

export function readNode(text: string): Read<string> {
  const found = /^(\[[0-9a-f:.]+\]|[^\s:[\]]{1,255}):(\d{1,5})$/i.exec(text)
  const port = Number(found?.[2])
  return found !== null && port >= 1 && port <= 65_535
    ? { value: text }
    : badValue(text, 'a node as host:port, such as 192.0.2.7:6881 or [2001:db8::7]:6881')
}

/** The value as it is stored: what was given becomes a string, unless it is bencoded already. */
export function readValue(bytes: Uint8Array, isBencoded: boolean): Read<Uint8Array> {
  if (isBencoded && bytes.length <= MAX_VALUE_BYTES && !isCanonicalValue(bytes)) return NOT_BENCODED
  const value = isBencoded ? bytes : encodeBencode(bytes)
  if (value.length <= MAX_VALUE_BYTES) return { value }
  return problem(
    'too-large',
    `The value takes ${value.length} bytes as the DHT keeps it; ${MAX_VALUE_BYTES} are allowed.`,
    'Store something shorter, such as a link to it.',
  )
}

/** Others may have stored what is not canonical. */
const LIMITS = { maxDepth: 100, maxTokens: 1_000, strict: false }
const NOT_BENCODED = problem(
  'bad-value',
  'That is not one bencoded value.',
  'Leave --bencoded out to store it as a string.',
)

/** What was stored, as bytes of a string; `null` where it is no string. */
export function stringIn(value: Uint8Array): Uint8Array | null {
  const decoded = decodeBencode(value, LIMITS)
  return decoded.ok && decoded.value instanceof Uint8Array ? decoded.value : null
}

/** What was stored, in lines fit to show: a text as it is, anything else as it is built. */
export function valueLines(value: Uint8Array): readonly string[] {
  const decoded = decodeBencode(value, LIMITS)
  if (!decoded.ok) return [`hex ${toHex(value)}`]
  const text = decoded.value instanceof Uint8Array ? utf8DecodeStrict(decoded.value) : null
  if (text === null) return [described(decoded.value)]
  return text.split('\n').map((line) => toDisplay(line, MAX_VALUE_BYTES))
}

function described(value: BencodeValue): string {
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  if (value instanceof Uint8Array) {
    const text = utf8DecodeStrict(value)
    return text === null || /\p{Cc}/u.test(text) ? `hex ${toHex(value)}` : quoted(text)
  }
  if (value instanceof Map) {
    const entries = [...value].map(([key, each]) => `${keyText(key)}: ${described(each)}`)
    return `{ ${entries.join(', ')} }`
  }
  return Array.isArray(value) ? `[ ${value.map(described).join(', ')} ]` : ''
}

function keyText(key: string): string {
  const text = utf8DecodeStrict(Uint8Array.from(key, (letter) => letter.charCodeAt(0)))
  return quoted(text ?? latin1Decode(new TextEncoder().encode(key)))
}

function quoted(text: string): string {
  return JSON.stringify(toDisplay(text, MAX_VALUE_BYTES))
}

export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}

export function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'base64'))
}
