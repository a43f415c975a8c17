/**
 * Peer messages, in the order of the specifications: the wire format on one screen.
 *
 * Spec: BEP 3, "peer messages" <https://www.bittorrent.org/beps/bep_0003.html>; BEP 5 (port); BEP 6 (fast); BEP 10 (extended)
 */
import type { ByteReader, ByteWriter } from '../bytes.ts'

/** A block is named by its piece, where it begins there, and how long it is; all in bytes but the index. */
export interface BlockRef {
  readonly pieceIndex: number
  readonly begin: number
  readonly lengthBytes: number
}

export type PeerMessage =
  | { readonly kind: 'choke' }
  | { readonly kind: 'unchoke' }
  | { readonly kind: 'interested' }
  | { readonly kind: 'not-interested' }
  | { readonly kind: 'have'; readonly pieceIndex: number }
  | { readonly kind: 'bitfield'; readonly bits: Uint8Array }
  | ({ readonly kind: 'request' } & BlockRef)
  /** Only for encoding and for vectors: on the receiving path a block's bytes are streamed, see `peer-wire.ts`. */
  | {
      readonly kind: 'piece'
      readonly pieceIndex: number
      readonly begin: number
      readonly block: Uint8Array
    }
  | ({ readonly kind: 'cancel' } & BlockRef)
  | { readonly kind: 'port'; readonly dhtPort: number }
  | { readonly kind: 'suggest-piece'; readonly pieceIndex: number }
  | { readonly kind: 'have-all' }
  | { readonly kind: 'have-none' }
  | ({ readonly kind: 'reject-request' } & BlockRef)
  | { readonly kind: 'allowed-fast'; readonly pieceIndex: number }
  | { readonly kind: 'extended'; readonly extendedId: number; readonly payload: Uint8Array }

export type PeerMessageKind = PeerMessage['kind']

/** The message of each kind. */
export type PeerMessageOf = {
  readonly [K in PeerMessageKind]: Extract<PeerMessage, { readonly kind: K }>
}

export interface PeerMessageRow<K extends PeerMessageKind> {
  readonly id: number
  /** Least and most bytes that follow the id. Checked on the length prefix, before anything is kept. */
  readonly sizeBytes: readonly [number, number]
  /** What both sides must have offered in their handshakes for the message to be legal. */
  readonly needs: 'nothing' | 'fast' | 'extensions'
  /** The size was checked; byte fields are views of the input. */
  readonly read: (from: ByteReader) => PeerMessageOf[K]
  readonly write: (message: PeerMessageOf[K], to: ByteWriter) => void
}

/** A frame without its length prefix: id and all that follows. */
export const FRAME_BYTES_LIMIT: number = 1024 * 1024
/** The largest block that is asked for or served; all clients keep to it. */
export const BLOCK_BYTES_LIMIT: number = 16 * 1024
/** Pieces of one torrent. */
export const PIECE_COUNT_LIMIT: number = 2 ** 21

export const PEER_MESSAGES: { readonly [K in PeerMessageKind]: PeerMessageRow<K> } = {
  choke: {
    id: 0,
    sizeBytes: [0, 0],
    needs: 'nothing',
    read: () => ({ kind: 'choke' }),
    write: () => undefined,
  },
  unchoke: {
    id: 1,
    sizeBytes: [0, 0],
    needs: 'nothing',
    read: () => ({ kind: 'unchoke' }),
    write: () => undefined,
  },
  interested: {
    id: 2,
    sizeBytes: [0, 0],
    needs: 'nothing',
    read: () => ({ kind: 'interested' }),
    write: () => undefined,
  },
  'not-interested': {
    id: 3,
    sizeBytes: [0, 0],
    needs: 'nothing',
    read: () => ({ kind: 'not-interested' }),
    write: () => undefined,
  },
  have: {
    id: 4,
    sizeBytes: [4, 4],
    needs: 'nothing',
    read: (from) => ({ kind: 'have', pieceIndex: from.u32() }),
    write: (have, to) => to.u32(have.pieceIndex),
  },
  bitfield: {
    id: 5,
    sizeBytes: [0, PIECE_COUNT_LIMIT / 8],
    needs: 'nothing',
    read: (from) => ({ kind: 'bitfield', bits: from.bytes() }),
    write: (bitfield, to) => to.bytes(bitfield.bits),
  },
  request: {
    id: 6,
    sizeBytes: [12, 12],
    needs: 'nothing',
    read: (from) => ({ kind: 'request', ...readBlockRef(from) }),
    write: writeBlockRef,
  },
  piece: {
    id: 7,
    sizeBytes: [8, 8 + BLOCK_BYTES_LIMIT],
    needs: 'nothing',
    read: (from) => ({
      kind: 'piece',
      pieceIndex: from.u32(),
      begin: from.u32(),
      block: from.bytes(),
    }),
    write: (piece, to) => to.u32(piece.pieceIndex).u32(piece.begin).bytes(piece.block),
  },
  cancel: {
    id: 8,
    sizeBytes: [12, 12],
    needs: 'nothing',
    read: (from) => ({ kind: 'cancel', ...readBlockRef(from) }),
    write: writeBlockRef,
  },
  port: {
    id: 9,
    sizeBytes: [2, 2],
    needs: 'nothing',
    read: (from) => ({ kind: 'port', dhtPort: from.u16() }),
    write: (port, to) => to.u16(port.dhtPort),
  },
  'suggest-piece': {
    id: 13,
    sizeBytes: [4, 4],
    needs: 'fast',
    read: (from) => ({ kind: 'suggest-piece', pieceIndex: from.u32() }),
    write: (suggestion, to) => to.u32(suggestion.pieceIndex),
  },
  'have-all': {
    id: 14,
    sizeBytes: [0, 0],
    needs: 'fast',
    read: () => ({ kind: 'have-all' }),
    write: () => undefined,
  },
  'have-none': {
    id: 15,
    sizeBytes: [0, 0],
    needs: 'fast',
    read: () => ({ kind: 'have-none' }),
    write: () => undefined,
  },
  'reject-request': {
    id: 16,
    sizeBytes: [12, 12],
    needs: 'fast',
    read: (from) => ({ kind: 'reject-request', ...readBlockRef(from) }),
    write: writeBlockRef,
  },
  'allowed-fast': {
    id: 17,
    sizeBytes: [4, 4],
    needs: 'fast',
    read: (from) => ({ kind: 'allowed-fast', pieceIndex: from.u32() }),
    write: (allowed, to) => to.u32(allowed.pieceIndex),
  },
  extended: {
    id: 20,
    sizeBytes: [1, FRAME_BYTES_LIMIT - 1],
    needs: 'extensions',
    read: (from) => ({ kind: 'extended', extendedId: from.u8(), payload: from.bytes() }),
    write: (extended, to) => to.u8(extended.extendedId).bytes(extended.payload),
  },
}

/** The kind of message that an id means; `undefined` for an id that no table row has. */
export function peerMessageKind(id: number): PeerMessageKind | undefined {
  return KIND_BY_ID[id]
}

const KINDS = Object.keys(PEER_MESSAGES).filter(isKind)
const KIND_BY_ID: readonly (PeerMessageKind | undefined)[] = Array.from({ length: 256 }, (_, id) =>
  KINDS.find((kind) => PEER_MESSAGES[kind].id === id),
)

function isKind(key: string): key is PeerMessageKind {
  return Object.hasOwn(PEER_MESSAGES, key)
}

function readBlockRef(from: ByteReader): BlockRef {
  return { pieceIndex: from.u32(), begin: from.u32(), lengthBytes: from.u32() }
}

function writeBlockRef(block: BlockRef, to: ByteWriter): void {
  to.u32(block.pieceIndex).u32(block.begin).u32(block.lengthBytes)
}
