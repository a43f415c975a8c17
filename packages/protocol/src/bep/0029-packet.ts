/**
 * uTP packets: the header, its extensions, and the bits of a selective ack.
 *
 * Spec: BEP 29, "header format", "Selective ACK" <https://www.bittorrent.org/beps/bep_0029.html>
 * Divergence: a chain of more than 8 extensions is refused, so that nobody makes us work for nothing. A selective ack of
 * any length is read, although the text demands multiples of 4: clients in use send what they need, be it one byte or
 * ninety. Data in a FIN, which some send, is taken.
 */

export const UTP_HEADER_BYTES = 20
/** Extensions of one packet. */
export const MAX_UTP_EXTENSIONS = 8
/** Of one selective ack that we send: it tells of 256 packets. */
export const MAX_SELECTIVE_ACK_BYTES = 32

export type UtpPacketType = 'data' | 'fin' | 'state' | 'reset' | 'syn'

export interface UtpHeader {
  readonly type: UtpPacketType
  readonly connectionId: number
  /** Microseconds of the sender's clock, modulo 2^32. */
  readonly timestampMicros: number
  /** The delay that the sender measured of our last packet; 0 says nothing. */
  readonly delayMicros: number
  /** What the sender may still be sent. */
  readonly windowBytes: number
  readonly seqNr: number
  readonly ackNr: number
}

export interface UtpPacket extends UtpHeader {
  /** Bit n stands for packet `ackNr + 2 + n`, least significant first. A view of the datagram. */
  readonly selectiveAck: Uint8Array | null
  /** A view of the datagram. */
  readonly payload: Uint8Array
}

export type UtpPacketFault =
  | 'truncated'
  | 'unknown-version'
  | 'unknown-type'
  | 'too-many-extensions'

/** Reads one datagram, or says why it is none of ours. Unknown extensions are skipped. */
export function decodeUtpPacket(bytes: Uint8Array): UtpPacket | UtpPacketFault {
  if (bytes.length < UTP_HEADER_BYTES) return 'truncated'
  const first = bytes[0] ?? 0
  if (first % 16 !== VERSION) return 'unknown-version'
  const type = TYPES[first >> 4]
  if (type === undefined) return 'unknown-type'
  let at = UTP_HEADER_BYTES
  let selectiveAck: Uint8Array | null = null
  let extension = bytes[1] ?? 0
  for (let count = 0; extension !== 0; count++) {
    if (count === MAX_UTP_EXTENSIONS) return 'too-many-extensions'
    if (at + 2 > bytes.length) return 'truncated'
    const lengthBytes = bytes[at + 1] ?? 0
    if (at + 2 + lengthBytes > bytes.length) return 'truncated'
    if (extension === SELECTIVE_ACK) selectiveAck = bytes.subarray(at + 2, at + 2 + lengthBytes)
    extension = bytes[at] ?? 0
    at += 2 + lengthBytes
  }
  return {
    type,
    connectionId: u16(bytes, 2),
    timestampMicros: u32(bytes, 4),
    delayMicros: u32(bytes, 8),
    windowBytes: u32(bytes, 12),
    seqNr: u16(bytes, 16),
    ackNr: u16(bytes, 18),
    selectiveAck,
    payload: bytes.subarray(at),
  }
}

/** A whole packet without payload; room for one is left behind the header and extensions. */
export function encodeUtpPacket(
  header: UtpHeader,
  selectiveAck: Uint8Array | null = null,
  payloadBytes = 0,
): Uint8Array {
  const ackBytes = selectiveAck === null ? 0 : selectiveAck.length + 2
  const bytes = new Uint8Array(UTP_HEADER_BYTES + ackBytes + payloadBytes)
  writeUtpHeader(bytes, header, selectiveAck === null ? 0 : SELECTIVE_ACK)
  if (selectiveAck !== null) {
    bytes[UTP_HEADER_BYTES + 1] = selectiveAck.length
    bytes.set(selectiveAck, UTP_HEADER_BYTES + 2)
  }
  return bytes
}

/** Writes the header to the beginning of `bytes`; `extension` is the kind of the first one, 0 for none. */
export function writeUtpHeader(bytes: Uint8Array, header: UtpHeader, extension: number): void {
  bytes[0] = TYPES.indexOf(header.type) * 16 + VERSION
  bytes[1] = extension
  putU16(bytes, 2, header.connectionId)
  putU16(bytes, 16, header.seqNr)
  stampUtpHeader(bytes, header)
}

/** Writes what changes each time that a packet is sent. */
export function stampUtpHeader(
  bytes: Uint8Array,
  stamp: Pick<UtpHeader, 'timestampMicros' | 'delayMicros' | 'windowBytes' | 'ackNr'>,
): void {
  putU32(bytes, 4, stamp.timestampMicros)
  putU32(bytes, 8, stamp.delayMicros)
  putU32(bytes, 12, stamp.windowBytes)
  putU16(bytes, 18, stamp.ackNr)
}

/**
 * Fills `lengthBytes` (2 to 257) from `at` on with one extension that says nothing, and marks it as the first one: so a
 * packet can be made longer without changing what it carries.
 */
export function writeUtpPadding(bytes: Uint8Array, at: number, lengthBytes: number): void {
  bytes[1] = PADDING
  bytes[at] = 0
  bytes[at + 1] = lengthBytes - 2
  bytes.fill(0, at + 2, at + lengthBytes)
}

const VERSION = 1
const TYPES: readonly UtpPacketType[] = ['data', 'fin', 'state', 'reset', 'syn']
const SELECTIVE_ACK = 1
/** Of no meaning to anybody: "Unknown extensions can be skipped by simply advancing len bytes". */
const PADDING = 0xff

function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0)
}

function u32(bytes: Uint8Array, at: number): number {
  return u16(bytes, at) * 65_536 + u16(bytes, at + 2)
}

function putU16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8
  bytes[at + 1] = value
}

function putU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
}
