/**
 * Path and query of a UDP tracker's address, as options after the announce request.
 *
 * Spec: BEP 41, "UDP Tracker Protocol Extensions" <https://www.bittorrent.org/beps/bep_0041.html>
 * Divergence: nothing is sent for an empty path, `/` and `/announce`. They tell the tracker nothing, and a request of
 * exactly 98 bytes is what old trackers know.
 */
import { concatBytes, utf8Encode } from '../bytes.ts'

/** Options that carry the path and query; empty where there is nothing to tell. Characters beyond ASCII go as UTF-8. */
export function encodeUrlData(pathAndQuery: string): Uint8Array {
  if (NOTHING_TO_TELL.has(pathAndQuery)) return new Uint8Array(0)
  const content = utf8Encode(pathAndQuery)
  const parts: Uint8Array[] = []
  // "If this option appears more than once, the data fields are concatenated."
  for (let at = 0; at < content.length; at += MAX_OPTION_BYTES) {
    const chunk = content.subarray(at, at + MAX_OPTION_BYTES)
    parts.push(new Uint8Array([OPTION_URL_DATA, chunk.length]), chunk)
  }
  return concatBytes(parts)
}

/** The joined URL data of the options; `null` when an option runs past the end. Unknown options are skipped. */
export function decodeUrlData(options: Uint8Array): Uint8Array | null {
  const parts: Uint8Array[] = []
  let at = 0
  while (at < options.length) {
    const option = options[at] ?? OPTION_END
    if (option === OPTION_END) break
    if (option === OPTION_NOP) {
      at++
      continue
    }
    const lengthBytes = options[at + 1]
    if (lengthBytes === undefined || at + 2 + lengthBytes > options.length) return null
    if (option === OPTION_URL_DATA) parts.push(options.subarray(at + 2, at + 2 + lengthBytes))
    at += 2 + lengthBytes
  }
  return concatBytes(parts)
}

const OPTION_END = 0
const OPTION_NOP = 1
const OPTION_URL_DATA = 2
const MAX_OPTION_BYTES = 255
const NOTHING_TO_TELL: ReadonlySet<string> = new Set(['', '/', '/announce'])
