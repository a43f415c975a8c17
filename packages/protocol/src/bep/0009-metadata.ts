/**
 * BEP 9: Extension for Peers to Send Metadata Files. <https://www.bittorrent.org/beps/bep_0009.html>, "extension message"
 *
 * Divergences: the text's examples err (`total_sizei34256ee` for 3425; a reject encoded with type 1): we follow the
 * tables. A data message without `total_size` is read, since the size may be known already.
 */
import { decodeBencodePrefix, dictGet, dictOf, encodeBencode, isBencodeDict } from '../bencode.ts'
import type { BencodeLimits } from '../bencode.ts'
import { concatBytes } from '../bytes.ts'
import type { PeerFault } from '../fault.ts'

/** `pieceIndex` is any integer that the peer sent, also one that no metadata has. */
export type MetadataMessage =
  | { readonly kind: 'request'; readonly pieceIndex: number }
  | {
      readonly kind: 'data'
      readonly pieceIndex: number
      readonly totalBytes: number | null
      readonly bytes: Uint8Array
    }
  | { readonly kind: 'reject'; readonly pieceIndex: number }

export type MetadataMessageResult =
  | { readonly kind: 'message'; readonly message: MetadataMessage }
  /** "An unrecognized message ID MUST be ignored." */
  | { readonly kind: 'unknown'; readonly messageType: number }
  | { readonly kind: 'fault'; readonly fault: PeerFault }

/** The name in the extension handshake. */
export const UT_METADATA = 'ut_metadata'
/** Of every piece but the last. */
export const METADATA_PIECE_BYTES: number = 16 * 1024
/** A piece and its dictionary. */
export const METADATA_MESSAGE_BYTES_LIMIT: number = 17 * 1024
/** Requests of one peer that wait; more are rejected. */
export const METADATA_QUEUE_LIMIT = 64

/** Reads a payload of `ut_metadata`. The data's bytes are a view of it. */
export function decodeMetadataMessage(payload: Uint8Array): MetadataMessageResult {
  if (payload.length > METADATA_MESSAGE_BYTES_LIMIT) return bad(`${payload.length} bytes`)
  const decoded = decodeBencodePrefix(payload, MESSAGE_LIMITS)
  if (!decoded.ok) return bad(`not bencode: ${decoded.fault.code}`)
  if (!isBencodeDict(decoded.value)) return bad('not a dictionary')
  const messageType = dictGet.int(decoded.value, 'msg_type')
  const pieceIndex = dictGet.int(decoded.value, 'piece')
  if (messageType === null) return bad('no msg_type')
  if (messageType < 0 || messageType > REJECT) return { kind: 'unknown', messageType }
  if (pieceIndex === null) return bad('no piece')
  if (messageType === REQUEST) return message({ kind: 'request', pieceIndex })
  if (messageType === REJECT) return message({ kind: 'reject', pieceIndex })
  const totalBytes = dictGet.int(decoded.value, 'total_size')
  const bytes = payload.subarray(decoded.usedBytes)
  return message({ kind: 'data', pieceIndex, totalBytes, bytes })
}

/** The payload after frame and extended id. */
export function encodeMetadataMessage(metadata: MetadataMessage): Uint8Array {
  const dict = encodeBencode(
    dictOf({
      msg_type: MESSAGE_TYPES[metadata.kind],
      piece: metadata.pieceIndex,
      total_size: metadata.kind === 'data' ? metadata.totalBytes : null,
    }),
  )
  return metadata.kind === 'data' ? concatBytes([dict, metadata.bytes]) : dict
}

export function metadataPieceCount(sizeBytes: number): number {
  return Math.ceil(sizeBytes / METADATA_PIECE_BYTES)
}

/** How long a piece of metadata of this size is; 0 where there is no such piece. */
export function metadataPieceBytes(sizeBytes: number, pieceIndex: number): number {
  if (pieceIndex < 0 || pieceIndex >= metadataPieceCount(sizeBytes)) return 0
  return Math.min(METADATA_PIECE_BYTES, sizeBytes - pieceIndex * METADATA_PIECE_BYTES)
}

/** Data where we have the whole verified metadata and the piece exists, else a reject. Data is a view. */
export function answerMetadataRequest(
  metadata: Uint8Array | null,
  pieceIndex: number,
): MetadataMessage {
  const pieceBytes = metadata === null ? 0 : metadataPieceBytes(metadata.length, pieceIndex)
  if (metadata === null || pieceBytes === 0) return { kind: 'reject', pieceIndex }
  const start = pieceIndex * METADATA_PIECE_BYTES
  const bytes = metadata.subarray(start, start + pieceBytes)
  return { kind: 'data', pieceIndex, totalBytes: metadata.length, bytes }
}

/** Requests of one peer, answered when there is room to send. */
export class MetadataQueue {
  readonly #waiting: number[] = []

  get count(): number {
    return this.#waiting.length
  }

  /** The reject to send at once when the queue is full; `null` when the request waits. */
  add(pieceIndex: number): MetadataMessage | null {
    if (this.#waiting.length >= METADATA_QUEUE_LIMIT) return { kind: 'reject', pieceIndex }
    this.#waiting.push(pieceIndex)
    return null
  }

  /** The next answer; `null` when none is owed. */
  next(metadata: Uint8Array | null): MetadataMessage | null {
    const pieceIndex = this.#waiting.shift()
    return pieceIndex === undefined ? null : answerMetadataRequest(metadata, pieceIndex)
  }
}

const REQUEST = 0
const DATA = 1
const REJECT = 2
const MESSAGE_TYPES = { request: REQUEST, data: DATA, reject: REJECT } as const
const MESSAGE_LIMITS: BencodeLimits = { maxDepth: 8, maxTokens: 100, strict: false }

function message(read: MetadataMessage): MetadataMessageResult {
  return { kind: 'message', message: read }
}

function bad(why: string): MetadataMessageResult {
  return { kind: 'fault', fault: { code: 'bad-extension-message', detail: `ut_metadata: ${why}` } }
}
