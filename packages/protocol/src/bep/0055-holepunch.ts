/**
 * BEP 55: Holepunch extension. <https://www.bittorrent.org/beps/bep_0055.html>, "protocol extension"
 *
 * Covered: the message both ways. Who asks, passes on and dials is the client's.
 * Divergence: clients in wide use leave the error code out where there is no error; such messages are read too.
 */
import { ByteReader, ByteWriter } from '../bytes.ts'
import { formatIp, IPV4_BYTES, IPV6_BYTES, parseIp } from '../ip-address.ts'
import { invariant } from '../machine.ts'
import type { PeerAddress } from './0023-compact.ts'

/** The name in the extension handshake. */
export const HOLEPUNCH = 'ut_holepunch'

export type HolepunchMessage =
  /** To the relay: have this peer and me dial each other. */
  | { readonly kind: 'rendezvous'; readonly address: PeerAddress }
  /** From the relay: dial this peer over uTP now. */
  | { readonly kind: 'connect'; readonly address: PeerAddress }
  /** From the relay: it cannot be done. `code` is one of `HOLEPUNCH_ERRORS` or unknown. */
  | { readonly kind: 'error'; readonly address: PeerAddress; readonly code: number }

export const HOLEPUNCH_ERRORS = {
  noSuchPeer: 1,
  notConnected: 2,
  noSupport: 3,
  noSelf: 4,
} as const

/** `null` for a wrong size, an unknown type or an unknown family. The port may be 0. */
export function decodeHolepunch(payload: Uint8Array): HolepunchMessage | null {
  const [type = -1, family = -1] = payload
  const kind = KINDS[type]
  const addressBytes = ADDRESS_BYTES[family]
  if (kind === undefined || addressBytes === undefined) return null
  const wholeBytes = HEAD_BYTES + addressBytes + PORT_BYTES + CODE_BYTES
  const isWhole = payload.length === wholeBytes
  const isWithoutCode = kind !== 'error' && payload.length === wholeBytes - CODE_BYTES
  if (!isWhole && !isWithoutCode) return null
  const from = new ByteReader(payload.subarray(HEAD_BYTES))
  const host = formatIp(from.bytes(addressBytes))
  if (host === null) return null
  const address = { host, port: from.u16() }
  return kind === 'error' ? { kind, address, code: from.u32() } : { kind, address }
}

/** The payload after frame and extended id: 12 bytes for IPv4, 24 for IPv6, with the error code in every type. */
export function encodeHolepunch(message: HolepunchMessage): Uint8Array {
  const address = parseIp(message.address.host)
  invariant(address !== null, 'the address of a peer is numeric')
  return new ByteWriter(HEAD_BYTES + IPV6_BYTES + PORT_BYTES + CODE_BYTES)
    .u8(KINDS.indexOf(message.kind))
    .u8(ADDRESS_BYTES.indexOf(address.length))
    .bytes(address)
    .u16(message.address.port)
    .u32(message.kind === 'error' ? message.code : 0)
    .done()
}

const KINDS = ['rendezvous', 'connect', 'error'] as const
/** By `addr_type`. */
const ADDRESS_BYTES: readonly number[] = [IPV4_BYTES, IPV6_BYTES]
const HEAD_BYTES = 2
const PORT_BYTES = 2
const CODE_BYTES = 4
