/**
 * BEP 3: The BitTorrent Protocol Specification, the handshake.
 * <https://www.bittorrent.org/beps/bep_0003.html>, "peer protocol"
 *
 * Reserved bits: BEP 10 (`reserved[5] & 0x10`), BEP 6 (`reserved[7] & 0x04`), BEP 5 (`reserved[7] & 0x01`). The bit of BEP 52 (`reserved[7] & 0x10`)
 * is never set: peers close on it where a torrent has no v2 name.
 */
import { concatBytes, latin1Encode } from '../bytes.ts'
import type { PeerFault } from '../fault.ts'
import { invariant } from '../machine.ts'

/** The first part: protocol string, reserved bytes and info-hash. It must be answered before the peer id comes. */
export interface HandshakeHead {
  /** 8 bytes. */
  readonly reserved: Uint8Array
  /** 20 bytes. */
  readonly infoHash: Uint8Array
}

export interface Handshake extends HandshakeHead {
  /** 20 bytes. */
  readonly peerId: Uint8Array
}

export type NextHandshake<Part> =
  | { readonly kind: 'need'; readonly totalBytes: number }
  | { readonly kind: 'handshake'; readonly usedBytes: number; readonly handshake: Part }
  | { readonly kind: 'fault'; readonly fault: PeerFault }

export const HANDSHAKE_HEAD_BYTES = 48
export const HANDSHAKE_BYTES = 68
export const PEER_ID_BYTES = 20

/** Reads the first 48 bytes, and finds a foreign protocol at its first wrong byte. Fields are copies. */
export function decodeHandshakeHead(bytes: Uint8Array): NextHandshake<HandshakeHead> {
  const compared = Math.min(bytes.length, PROTOCOL.length)
  for (let i = 0; i < compared; i++) {
    if (bytes[i] !== PROTOCOL[i]) return { kind: 'fault', fault: NOT_BITTORRENT }
  }
  if (bytes.length < HANDSHAKE_HEAD_BYTES) return { kind: 'need', totalBytes: HANDSHAKE_HEAD_BYTES }
  return {
    kind: 'handshake',
    usedBytes: HANDSHAKE_HEAD_BYTES,
    handshake: { reserved: bytes.slice(20, 28), infoHash: bytes.slice(28, 48) },
  }
}

/** Reads all 68 bytes. Fields are copies. */
export function decodeHandshake(bytes: Uint8Array): NextHandshake<Handshake> {
  const head = decodeHandshakeHead(bytes)
  if (head.kind === 'fault') return head
  if (head.kind === 'need' || bytes.length < HANDSHAKE_BYTES) {
    return { kind: 'need', totalBytes: HANDSHAKE_BYTES }
  }
  const peerId = bytes.slice(HANDSHAKE_HEAD_BYTES, HANDSHAKE_BYTES)
  return {
    kind: 'handshake',
    usedBytes: HANDSHAKE_BYTES,
    handshake: { ...head.handshake, peerId },
  }
}

export function encodeHandshake(handshake: Handshake): Uint8Array {
  const { reserved, infoHash, peerId } = handshake
  invariant(reserved.length === 8, 'the reserved bytes are 8')
  invariant(infoHash.length === 20, 'a name on the wire has 20 bytes')
  invariant(peerId.length === PEER_ID_BYTES, 'a peer id has 20 bytes')
  return concatBytes([PROTOCOL, reserved, infoHash, peerId])
}

/** What a side offers, as the handshake says it. */
export interface HandshakeOffers {
  /** BEP 6. */
  readonly fast: boolean
  /** BEP 10. */
  readonly extensions: boolean
  /** BEP 5: whether it has a DHT node and tells its port. */
  readonly dht: boolean
}

/** What a side offers where nothing is said of its DHT: none. */
export type PartialOffers = Omit<HandshakeOffers, 'dht'> & { readonly dht?: boolean }

export function reservedBytes(offers: PartialOffers): Uint8Array {
  const reserved = new Uint8Array(8)
  if (offers.extensions) reserved[5] = EXTENSIONS_BIT
  reserved[7] = (offers.fast ? FAST_BIT : 0) | (offers.dht === true ? DHT_BIT : 0)
  return reserved
}

/** What 8 reserved bytes offer; unknown bits mean nothing to us. */
export function readOffers(reserved: Uint8Array): HandshakeOffers {
  return {
    fast: ((reserved[7] ?? 0) & FAST_BIT) !== 0,
    extensions: ((reserved[5] ?? 0) & EXTENSIONS_BIT) !== 0,
    dht: ((reserved[7] ?? 0) & DHT_BIT) !== 0,
  }
}

const PROTOCOL = latin1Encode('\u0013BitTorrent protocol')
const EXTENSIONS_BIT = 0x10
const FAST_BIT = 0x04
const DHT_BIT = 0x01
const NOT_BITTORRENT: PeerFault = {
  code: 'not-bittorrent',
  detail: 'the first bytes are not a BitTorrent handshake',
}
