/**
 * BEP 55: Holepunch extension. <https://www.bittorrent.org/beps/bep_0055.html>, "protocol extension"
 *
 * Covered: the message both ways. Who asks, passes on and dials is the client's.
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
  if (payload.length !== MESSAGE_BYTES && payload.length !== MESSAGE6_BYTES) return null
  const from = new ByteReader(payload)
  const kind = KINDS[from.u8()]
  const addressBytes = from.u8() === FAMILY6 ? IPV6_BYTES : IPV4_BYTES
  const expectedFamily = payload.length === MESSAGE6_BYTES ? FAMILY6 : FAMILY4
  if (kind === undefined || payload[1] !== expectedFamily) return null
  const host = formatIp(from.bytes(addressBytes))
  if (host === null) return null
  const address = { host, port: from.u16() }
  const code = from.u32()
  return kind === 'error' ? { kind, address, code } : { kind, address }
}

/** The payload after frame and extended id: 12 bytes for IPv4, 24 for IPv6, with the error code in every type. */
export function encodeHolepunch(message: HolepunchMessage): Uint8Array {
  const address = parseIp(message.address.host)
  invariant(address !== null, 'the address of a peer is numeric')
  return new ByteWriter(MESSAGE6_BYTES)
    .u8(KINDS.indexOf(message.kind))
    .u8(address.length === IPV4_BYTES ? FAMILY4 : FAMILY6)
    .bytes(address)
    .u16(message.address.port)
    .u32(message.kind === 'error' ? message.code : 0)
    .done()
}

const KINDS = ['rendezvous', 'connect', 'error'] as const
const FAMILY4 = 0
const FAMILY6 = 1
const MESSAGE_BYTES = 12
const MESSAGE6_BYTES = 24
