/**
 * What a node has hashes of: a sample that changes seldom, so that asking again is of no use.
 *
 * Spec: BEP 51, "Sampling RPC" <https://www.bittorrent.org/beps/bep_0051.html>
 */
import { NODE_ID_BYTES } from './0005-krpc.ts'

/** "The permissible range is between 0 and 21600 seconds (inclusive)." */
export const MAX_SAMPLE_INTERVAL_S = 21_600
/** In our answers; such an answer stays within one small datagram. */
export const MAX_SAMPLES_SENT = 20
/** Of one answer; more would not fit a datagram. */
export const MAX_SAMPLES_READ = 64

/** The hashes of a `samples` string; bytes left over are ignored. */
export function decodeSamples(samples: Uint8Array): readonly Uint8Array[] {
  const hashes: Uint8Array[] = []
  const count = Math.min(Math.floor(samples.length / NODE_ID_BYTES), MAX_SAMPLES_READ)
  for (let i = 0; i < count; i++) {
    hashes.push(samples.slice(i * NODE_ID_BYTES, (i + 1) * NODE_ID_BYTES))
  }
  return hashes
}
