/**
 * BEP 40: Canonical Peer Priority. <https://www.bittorrent.org/beps/bep_0040.html>, "overview"
 *
 * Both ends of a connection find the same number, so that all who must choose among too many choose alike.
 * The greater number has the greater priority.
 */
import { compareBytes, concatBytes } from '../bytes.ts'
import { formatIp, IPV4_BYTES, parseIp } from '../ip-address.ts'
import type { PeerAddress } from './0023-compact.ts'

/** A number from 0 to 2^32 - 1; `null` where the two addresses are not of one family. */
export function peerPriority(one: PeerAddress, other: PeerAddress): number | null {
  const a = numeric(one.host)
  const b = numeric(other.host)
  if (a === null || b === null || a.length !== b.length) return null
  if (compareBytes(a, b) === 0) return crc32c(sorted(portBytes(one.port), portBytes(other.port)))
  const whole = wholeBytes(a, b)
  return crc32c(sorted(masked(a, whole), masked(b, whole)))
}

/** CRC-32C (Castagnoli): RFC 3720, appendix B.4. */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffff_ffff
  for (const byte of bytes) crc = (crc >>> 8) ^ (CRC_TABLE[(crc ^ byte) & 0xff] ?? 0)
  return ~crc >>> 0
}

/** Bytes that count in full: as many as are always kept, or one more than both addresses share. */
function wholeBytes(a: Uint8Array, b: Uint8Array): number {
  const least = a.length === IPV4_BYTES ? 2 : 6
  let shared = 0
  while (shared < a.length && a[shared] === b[shared]) shared += 1
  return shared < least ? least : shared + 1
}

function masked(address: Uint8Array, whole: number): Uint8Array {
  return address.map((byte, index) => (index < whole ? byte : byte & 0x55))
}

function sorted(a: Uint8Array, b: Uint8Array): Uint8Array {
  return concatBytes(compareBytes(a, b) <= 0 ? [a, b] : [b, a])
}

function portBytes(port: number): Uint8Array {
  return Uint8Array.of(port >> 8, port & 0xff)
}

/** IPv4 mapped into IPv6 counts as IPv4. */
function numeric(host: string): Uint8Array | null {
  const bytes = parseIp(host)
  const plain = bytes === null ? null : formatIp(bytes)
  return plain === null ? null : parseIp(plain)
}

const REVERSED_POLYNOMIAL = 0x82f6_3b78
const CRC_TABLE: Uint32Array = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit += 1) {
    crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ REVERSED_POLYNOMIAL
  }
  return crc
})
