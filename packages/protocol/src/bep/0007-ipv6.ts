/**
 * Peers with IPv6 addresses: `peers6` in a tracker's answer, 18 bytes each.
 *
 * Spec: BEP 7, "IPv6 Tracker Extension" <https://www.bittorrent.org/beps/bep_0007.html>
 * Covered: the answer's `peers6` and the `key` of an announce. The discouraged `ipv4` and `ipv6` parameters are never sent.
 */
import { decodeEntries, encodeEntries, type PeerAddress } from './0023-compact.ts'

export const COMPACT_PEER6_BYTES = 18

/** Reads at most `limit` peers of 18 bytes; entries with port 0 are left out, mapped IPv4 shows as IPv4. */
export function decodeCompactPeers6(bytes: Uint8Array, limit: number): readonly PeerAddress[] {
  return decodeEntries(bytes, COMPACT_PEER6_BYTES, limit)
}

/** Writes the peers that have an IPv6 address; the others are left out. */
export function encodeCompactPeers6(peers: readonly PeerAddress[]): Uint8Array {
  return encodeEntries(peers, COMPACT_PEER6_BYTES)
}

/** An announce's `key`: 32 bits as eight capital hexadecimal digits, the same for every address family. */
export function formatKey(key: number): string {
  return (key >>> 0).toString(16).toUpperCase().padStart(8, '0')
}
