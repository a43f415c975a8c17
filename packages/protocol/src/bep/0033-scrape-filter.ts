/**
 * Counting a swarm that is spread over many nodes: filters of addresses, whose union can be counted.
 *
 * Spec: BEP 33, "Bloom Filters" <https://www.bittorrent.org/beps/bep_0033.html>
 */
import { sha1 } from '@noble/hashes/legacy.js'

export const FILTER_BYTES = 256

/** "Only IP addresses (v4 or v6) may be inserted": 4 or 16 bytes. Changes the filter. */
export function insertIntoFilter(filter: Uint8Array, ip: Uint8Array): void {
  for (const index of indexesOf(ip)) {
    filter[index >> 3] = (filter[index >> 3] ?? 0) | (1 << (index & 7))
  }
}

export function filterMayHold(filter: Uint8Array, ip: Uint8Array): boolean {
  return indexesOf(ip).every((index) => ((filter[index >> 3] ?? 0) & (1 << (index & 7))) !== 0)
}

/** Makes `into` the union of both. */
export function unionFilters(into: Uint8Array, other: Uint8Array): void {
  for (let i = 0; i < FILTER_BYTES; i++) into[i] = (into[i] ?? 0) | (other[i] ?? 0)
}

/** How many addresses were inserted, about; breaks down near 6,000. */
export function estimateFilter(filter: Uint8Array): number {
  let zeroBits = 0
  for (const byte of filter)
    for (let bit = 0; bit < 8; bit++) if (((byte >> bit) & 1) === 0) zeroBits++
  const counted = Math.max(1, Math.min(FILTER_BITS - 1, zeroBits))
  // An empty filter would otherwise count as half an address.
  if (zeroBits === FILTER_BITS) return 0
  return Math.log(counted / FILTER_BITS) / (HASH_COUNT * Math.log(1 - 1 / FILTER_BITS))
}

const HASH_COUNT = 2
const FILTER_BITS = FILTER_BYTES * 8

function indexesOf(ip: Uint8Array): readonly [number, number] {
  const [a = 0, b = 0, c = 0, d = 0] = sha1(ip)
  return [(a | (b << 8)) % FILTER_BITS, (c | (d << 8)) % FILTER_BITS]
}
