/**
 * BEP 21: Extension for partial seeds. <https://www.bittorrent.org/beps/bep_0021.html>, "extension header"
 *
 * Beyond the text: clients also send the state as an extension message named `upload_only` with one byte; both are read.
 * A peer that says so is not to be dropped for it alone: some say it while super-seeding.
 */
import type { BencodeValue } from '../bencode.ts'

/** The key in the extension handshake, and the name of the message. */
export const UPLOAD_ONLY = 'upload_only'

/** The key's value in an extension handshake; `null` when it says nothing. */
export function readUploadOnly(value: BencodeValue | undefined): boolean | null {
  if (typeof value !== 'number' && typeof value !== 'bigint') return null
  return value !== 0
}

/** The message's payload: one byte. `null` for any other size. */
export function decodeUploadOnly(payload: Uint8Array): boolean | null {
  return payload.length === 1 ? payload[0] !== 0 : null
}

export function encodeUploadOnly(isUploadOnly: boolean): Uint8Array {
  return Uint8Array.of(isUploadOnly ? 1 : 0)
}
