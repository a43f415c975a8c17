/**
 * Compact peer lists: 4 bytes of address and 2 of port, one after the other.
 *
 * Spec: BEP 23, "Tracker Returns Compact Peer Lists" <https://www.bittorrent.org/beps/bep_0023.html>
 * Divergence: bytes left over after the last whole entry are ignored, since trackers that cut lists exist.
 */
import { ByteReader, ByteWriter } from '../bytes.ts'
import { formatIp, parseIp } from '../ip-address.ts'

/** A peer's numeric address. */
export interface PeerAddress {
  readonly host: string
  readonly port: number
}

export const COMPACT_PEER_BYTES = 6

/** Reads at most `limit` peers of 6 bytes; entries with port 0 are left out. */
export function decodeCompactPeers(bytes: Uint8Array, limit: number): readonly PeerAddress[] {
  return decodeEntries(bytes, COMPACT_PEER_BYTES, limit)
}

/** Writes the peers that have an IPv4 address; the others are left out. */
export function encodeCompactPeers(peers: readonly PeerAddress[]): Uint8Array {
  return encodeEntries(peers, COMPACT_PEER_BYTES)
}

/** Entries of an address and two bytes of port, in all of `entryBytes`. */
export function decodeEntries(
  bytes: Uint8Array,
  entryBytes: number,
  limit: number,
): readonly PeerAddress[] {
  const from = new ByteReader(bytes)
  const peers: PeerAddress[] = []
  while (from.remaining >= entryBytes && peers.length < limit) {
    const host = formatIp(from.bytes(entryBytes - PORT_BYTES))
    const port = from.u16()
    if (host !== null && port !== 0) peers.push({ host, port })
  }
  return peers
}

/** The opposite of `decodeEntries`. */
export function encodeEntries(peers: readonly PeerAddress[], entryBytes: number): Uint8Array {
  const to = new ByteWriter(peers.length * entryBytes)
  for (const { host, port } of peers) {
    const address = parseIp(host)
    if (address?.length === entryBytes - PORT_BYTES) to.bytes(address).u16(port)
  }
  return to.done()
}

const PORT_BYTES = 2
