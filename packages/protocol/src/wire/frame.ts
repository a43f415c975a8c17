/**
 * Frames: a 4-byte length, then an id and its body; a length of zero is a keep-alive.
 *
 * Spec: BEP 3, "peer protocol"
 */
import { ByteReader, ByteWriter } from '../bytes.ts'
import type { PeerFault } from '../fault.ts'
import {
  type BlockRef,
  FRAME_BYTES_LIMIT,
  PEER_MESSAGES,
  type PeerMessage,
  type PeerMessageKind,
  type PeerMessageOf,
  peerMessageKind,
} from './messages.ts'

/** "Not yet", "here it is" and "wrong" are three answers, not two. */
export type NextFrame =
  | { readonly kind: 'need'; readonly totalBytes: number }
  | { readonly kind: 'keep-alive'; readonly usedBytes: number }
  | { readonly kind: 'message'; readonly usedBytes: number; readonly message: PeerMessage }
  | { readonly kind: 'fault'; readonly fault: PeerFault }

/**
 * Reads the first frame of `bytes`. Byte fields of the message are views of `bytes`.
 * For vectors, tests and inspectors; connections read with `FrameReader`, which streams.
 */
export function decodeFrame(bytes: Uint8Array): NextFrame {
  if (bytes.length < LENGTH_BYTES) return { kind: 'need', totalBytes: LENGTH_BYTES }
  const from = new ByteReader(bytes)
  const frameBytes = from.u32()
  if (frameBytes === 0) return { kind: 'keep-alive', usedBytes: LENGTH_BYTES }
  const tooLong = judgeFrameBytes(frameBytes)
  if (tooLong !== null) return { kind: 'fault', fault: tooLong }
  if (from.remaining === 0) return { kind: 'need', totalBytes: LENGTH_BYTES + 1 }
  const id = from.u8()
  const kind = peerMessageKind(id)
  if (kind === undefined) return { kind: 'fault', fault: unknownMessage(id) }
  const wrongSize = judgeBodyBytes(kind, frameBytes - 1)
  if (wrongSize !== null) return { kind: 'fault', fault: wrongSize }
  const totalBytes = LENGTH_BYTES + frameBytes
  if (bytes.length < totalBytes) return { kind: 'need', totalBytes }
  const message = PEER_MESSAGES[kind].read(new ByteReader(from.bytes(frameBytes - 1)))
  return { kind: 'message', usedBytes: totalBytes, message }
}

/** One message as a frame. */
export function encodeMessage(message: PeerMessage): Uint8Array {
  return encodeBody(message.kind, message)
}

/** Frames of one kind for many blocks, joined in one array. */
export function encodeBlockMessages(
  kind: 'request' | 'cancel' | 'reject-request',
  blocks: readonly BlockRef[],
): Uint8Array {
  const to = new ByteWriter(blocks.length * BLOCK_MESSAGE_BYTES)
  const { id } = PEER_MESSAGES[kind]
  for (const block of blocks) {
    to.u32(BLOCK_MESSAGE_BYTES - LENGTH_BYTES)
      .u8(id)
      .u32(block.pieceIndex)
      .u32(block.begin)
      .u32(block.lengthBytes)
  }
  return to.done()
}

/** Frames of `piece` messages as pairs of header and payload: one allocation for all headers, payloads not copied. */
export function encodeBlocks(
  blocks: readonly {
    readonly pieceIndex: number
    readonly begin: number
    readonly bytes: Uint8Array
  }[],
): readonly Uint8Array[] {
  const headers = new Uint8Array(blocks.length * PIECE_HEADER_BYTES)
  const view = new DataView(headers.buffer)
  const chunks: Uint8Array[] = []
  let at = 0
  for (const block of blocks) {
    view.setUint32(at, PIECE_HEADER_BYTES - LENGTH_BYTES + block.bytes.length)
    view.setUint8(at + 4, PEER_MESSAGES.piece.id)
    view.setUint32(at + 5, block.pieceIndex)
    view.setUint32(at + 9, block.begin)
    chunks.push(headers.subarray(at, at + PIECE_HEADER_BYTES), block.bytes)
    at += PIECE_HEADER_BYTES
  }
  return chunks
}

/** The frame and extended id before an extension's payload; the payload follows as it is. */
export function encodeExtendedHeader(extendedId: number, payloadBytes: number): Uint8Array {
  return new ByteWriter(6)
    .u32(2 + payloadBytes)
    .u8(PEER_MESSAGES.extended.id)
    .u8(extendedId)
    .done()
}

export function encodeKeepAlive(): Uint8Array {
  return new Uint8Array(LENGTH_BYTES)
}

/** `null` when the length prefix may stand. */
export function judgeFrameBytes(frameBytes: number): PeerFault | null {
  if (frameBytes <= FRAME_BYTES_LIMIT) return null
  return {
    code: 'frame-too-long',
    detail: `a frame of ${frameBytes} bytes; the limit is ${FRAME_BYTES_LIMIT}`,
  }
}

/** `null` when a message of this kind may have a body of so many bytes. */
export function judgeBodyBytes(kind: PeerMessageKind, bodyBytes: number): PeerFault | null {
  const [least, most] = PEER_MESSAGES[kind].sizeBytes
  if (bodyBytes >= least && bodyBytes <= most) return null
  return { code: 'bad-length', detail: `${kind} with ${bodyBytes} bytes after its id` }
}

export function unknownMessage(id: number): PeerFault {
  return { code: 'unknown-message', detail: `message id ${id}` }
}

const LENGTH_BYTES = 4
const BLOCK_MESSAGE_BYTES = 17
const PIECE_HEADER_BYTES = 13

/** Generic over the kind, so that message and table row are known to belong together. */
function encodeBody<K extends PeerMessageKind>(kind: K, message: PeerMessageOf[K]): Uint8Array {
  const body = new ByteWriter()
  PEER_MESSAGES[kind].write(message, body)
  return new ByteWriter(LENGTH_BYTES + 1 + body.lengthBytes)
    .u32(1 + body.lengthBytes)
    .u8(PEER_MESSAGES[kind].id)
    .bytes(body.done())
    .done()
}
