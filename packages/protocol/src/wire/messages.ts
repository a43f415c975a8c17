/**
 * Peer messages, in the order of the specification.
 * Spec: BEP 3, "peer messages"; BEP 5 (port); BEP 6 (fast); BEP 10 (extended)
 */

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
