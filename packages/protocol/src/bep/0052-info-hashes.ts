/**
 * BEP 52: BitTorrent v2 <https://www.bittorrent.org/beps/bep_0052.html>
 *
 * Covered: telling v1, hybrid and v2-only torrents apart, the v2 info-hash, and the multihash of magnet links.
 * Not covered yet: file trees, hash trees, hash messages. A hybrid is read by its v1 half.
 */
import type { BencodeDict } from '../bencode.ts'

/** Which of the two formats an info dictionary holds. */
export type InfoVersion = 'v1' | 'hybrid' | 'v2' | 'unknown'

/** "meta version": absent or 1 is v1, 2 is v2; `pieces` beside 2 makes it a hybrid. */
export function infoVersion(info: BencodeDict): InfoVersion {
  const version = info.get('meta version')
  if (version === undefined || version === 1) return 'v1'
  if (version !== 2) return 'unknown'
  return info.has('pieces') ? 'hybrid' : 'v2'
}

/** Tag and length of a SHA-256 multihash: what stands before the 32 bytes in `urn:btmh:`. */
export const MULTIHASH_SHA256_HEX = '1220'
