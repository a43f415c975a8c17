/**
 * For whoever watches a connection: every frame that passes, both ways, as the machine meets it. Nothing is copied or
 * decoded for it, and a connection that nobody watches pays for one comparison.
 */
import { decodeHandshake, HANDSHAKE_BYTES, type Handshake } from '../bep/0003-handshake.ts'
import { ByteReader } from '../bytes.ts'
import { FrameReader } from './frame-reader.ts'
import { PEER_MESSAGES, type PeerMessage, peerMessageKind } from './messages.ts'

/** Called in the middle of the machine's work: look, and feed it nothing. Byte fields die with the call. */
export type WireTap = (direction: 'in' | 'out', frame: SeenFrame) => void

/** `lengthBytes` is the whole frame, with its length prefix. */
export type SeenFrame =
  | { readonly kind: 'handshake'; readonly lengthBytes: number; readonly handshake: Handshake }
  | { readonly kind: 'keep-alive'; readonly lengthBytes: number }
  | { readonly kind: 'message'; readonly lengthBytes: number; readonly message: SeenMessage }
  /** A block, without its bytes. */
  | {
      readonly kind: 'piece'
      readonly lengthBytes: number
      readonly pieceIndex: number
      readonly begin: number
      readonly blockBytes: number
    }
  | {
      readonly kind: 'extended'
      readonly lengthBytes: number
      readonly extendedId: number
      /** What the reader of the message calls it; `null` for an id that it never named. */
      readonly name: string | null
      readonly payload: Uint8Array
    }
  /** A frame that is not read: its id is unknown, or it is not legal now. */
  | { readonly kind: 'unread'; readonly lengthBytes: number; readonly id: number }

export type SeenMessage = Exclude<PeerMessage, { readonly kind: 'piece' | 'extended' }>

/** Bytes of a frame before its body: length and id. */
export const FRAME_HEAD_BYTES = 5

/** Turns what we write into frames. Each write holds whole frames, so a watch may begin at any. */
export class WriteWatcher {
  readonly #reader = new FrameReader()
  readonly #tap: WireTap
  readonly #nameOf: (extendedId: number) => string | null

  constructor(tap: WireTap, nameOf: (extendedId: number) => string | null) {
    this.#tap = tap
    this.#nameOf = nameOf
  }

  see(chunks: readonly Uint8Array[]): void {
    for (const chunk of chunks) {
      // No frame has a length that begins like this.
      const isHandshake = chunk.length === HANDSHAKE_BYTES && chunk[0] === 19 && chunk[1] === 0x42
      if (isHandshake) this.#seeHandshake(chunk)
      else this.#seeFrames(chunk)
    }
  }

  #seeHandshake(bytes: Uint8Array): void {
    const read = decodeHandshake(bytes)
    if (read.kind === 'handshake') this.#tap('out', seenHandshake(read.handshake))
  }

  #seeFrames(chunk: Uint8Array): void {
    const reader = this.#reader
    reader.push(chunk)
    for (let event = reader.next(); event !== null; event = reader.next()) {
      switch (event.kind) {
        case 'keep-alive':
          this.#tap('out', { kind: 'keep-alive', lengthBytes: 4 })
          break
        case 'head':
          if (event.id === PEER_MESSAGES.piece.id) reader.stream()
          else reader.collect()
          break
        case 'body':
          this.#tap('out', seenBody(event.id, event.body, this.#nameOf))
          break
        case 'block':
          this.#tap('out', seenBlock(event))
          break
        case 'run':
        case 'fault':
          break
        default:
          event satisfies never
      }
    }
  }
}

export function seenHandshake({ reserved, infoHash, peerId }: Handshake): SeenFrame {
  const handshake = { reserved, infoHash, peerId }
  return { kind: 'handshake', lengthBytes: HANDSHAKE_BYTES, handshake }
}

export function seenExtensionHandshake(payload: Uint8Array): SeenFrame {
  const lengthBytes = FRAME_HEAD_BYTES + 1 + payload.length
  return { kind: 'extended', lengthBytes, extendedId: 0, name: null, payload }
}

export function seenBlock(block: {
  readonly pieceIndex: number
  readonly begin: number
  readonly lengthBytes: number
}): SeenFrame {
  return {
    kind: 'piece',
    lengthBytes: FRAME_HEAD_BYTES + 8 + block.lengthBytes,
    pieceIndex: block.pieceIndex,
    begin: block.begin,
    blockBytes: block.lengthBytes,
  }
}

/** A frame whose size its kind allows. */
export function seenBody(
  id: number,
  body: Uint8Array,
  nameOf: (extendedId: number) => string | null,
): SeenFrame {
  const kind = peerMessageKind(id)
  const lengthBytes = FRAME_HEAD_BYTES + body.length
  if (kind === undefined || kind === 'piece') return { kind: 'unread', lengthBytes, id }
  const message = PEER_MESSAGES[kind].read(new ByteReader(body))
  if (message.kind !== 'extended') return { kind: 'message', lengthBytes, message }
  const { extendedId, payload } = message
  return { kind: 'extended', lengthBytes, extendedId, name: nameOf(extendedId), payload }
}
