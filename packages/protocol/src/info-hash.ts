/**
 * The names of a torrent. A v1 torrent has a SHA-1 name of 20 bytes, a v2 torrent a SHA-256 name of 32, a hybrid both.
 *
 * Spec: BEP 3, "info_hash"; BEP 52, "infohash"
 */
import { equalBytes, toHex } from './bytes.ts'

/** At least one of the two is present. */
export type InfoHashes =
  | { readonly v1: Uint8Array; readonly v2: Uint8Array | null }
  | { readonly v1: null; readonly v2: Uint8Array }

export const INFO_HASH_V1_BYTES = 20
export const INFO_HASH_V2_BYTES = 32

/** The 20-byte names that go on the wire, v1 first; the v2 hash is cut to 20 bytes there. */
export function wireInfoHashes(hashes: InfoHashes): readonly Uint8Array[] {
  const names: Uint8Array[] = []
  if (hashes.v1 !== null) names.push(hashes.v1)
  if (hashes.v2 !== null) names.push(hashes.v2.subarray(0, INFO_HASH_V1_BYTES))
  return names
}

/** Whether a 20-byte name from the wire means this torrent. */
export function matchesInfoHash(hashes: InfoHashes, wireName: Uint8Array): boolean {
  return wireInfoHashes(hashes).some((name) => equalBytes(name, wireName))
}

/** The stable text name of a torrent inside a client: the v1 hash in hex, or the v2 hash where there is none. */
export function torrentId(hashes: InfoHashes): string {
  return toHex(hashes.v1 ?? hashes.v2)
}
