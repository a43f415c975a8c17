/**
 * Compact node lists: 20 bytes of id, the address, 2 bytes of port.
 *
 * Spec: BEP 32, "nodes6" <https://www.bittorrent.org/beps/bep_0032.html>; BEP 5, "Contact Encoding"
 * Divergence: bytes left over after the last whole entry are ignored.
 */
import { ByteReader } from '../bytes.ts'
import { addressScope, formatIp } from '../ip-address.ts'
import { NODE_ID_BYTES } from './0005-krpc.ts'

export type NodeFamily = 4 | 6

export const COMPACT_NODE_BYTES: { readonly [F in NodeFamily]: number } = { 4: 26, 6: 38 }

export interface NodeContact {
  /** A view of the list. */
  readonly id: Uint8Array
  readonly host: string
  readonly port: number
}

/** Reads at most `limit` nodes that can be sent to; the others are left out. */
export function decodeNodes(
  bytes: Uint8Array,
  family: NodeFamily,
  limit: number,
): readonly NodeContact[] {
  const entryBytes = COMPACT_NODE_BYTES[family]
  const from = new ByteReader(bytes)
  const nodes: NodeContact[] = []
  while (from.remaining >= entryBytes && nodes.length < limit) {
    const id = from.bytes(NODE_ID_BYTES)
    const ip = from.bytes(entryBytes - NODE_ID_BYTES - PORT_BYTES)
    const port = from.u16()
    const host = port === 0 || addressScope(ip) === 'never' ? null : formatIp(ip)
    // IPv4 inside IPv6 would be a node of the other DHT.
    if (host !== null && host.includes(':') === (family === 6)) nodes.push({ id, host, port })
  }
  return nodes
}

/** One node of a list; `ip` has 4 or 16 bytes. */
export function encodeNode(id: Uint8Array, ip: Uint8Array, port: number): Uint8Array {
  const bytes = new Uint8Array(NODE_ID_BYTES + ip.length + PORT_BYTES)
  bytes.set(id, 0)
  bytes.set(ip, NODE_ID_BYTES)
  bytes[bytes.length - 2] = port >> 8
  bytes[bytes.length - 1] = port & 0xff
  return bytes
}

const PORT_BYTES = 2
