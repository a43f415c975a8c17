/**
 * BEP 54: The lt_donthave extension. <https://www.bittorrent.org/beps/bep_0054.html>, "protocol encoding"
 *
 * "If the Fast extension has not been negotiated with the sending peer, then any outstanding requests for chunks of
 * the discarded piece are silently cancelled": `peer-wire.ts` does so.
 */
import { ByteReader, ByteWriter } from '../bytes.ts'

/** The name in the extension handshake. */
export const DONT_HAVE = 'lt_donthave'

/** The index of the piece that the sender no longer has; `null` for a payload of the wrong size. */
export function decodeDontHave(payload: Uint8Array): number | null {
  return payload.length === 4 ? new ByteReader(payload).u32() : null
}

/** The payload after frame and extended id. */
export function encodeDontHave(pieceIndex: number): Uint8Array {
  return new ByteWriter(4).u32(pieceIndex).done()
}
