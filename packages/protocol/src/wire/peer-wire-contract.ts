/**
 * What goes into a `PeerWire`, and what comes out.
 */
import type { PartialOffers } from '../bep/0003-handshake.ts'
import type { LocalExtensions, RemoteExtensions } from '../bep/0010-extension.ts'
import type { PeerFault } from '../fault.ts'
import type { BlockRef } from './messages.ts'

/** What the remote said in its handshake. */
export interface RemoteHandshake {
  /** 8 reserved bytes. */
  readonly reserved: Uint8Array
  /** 20 bytes. */
  readonly infoHash: Uint8Array
  /** 20 bytes; `null` until they have arrived, which may be only after our answer. See the effect `peer-id`. */
  readonly peerId: Uint8Array | null
}

/** What must be known of a torrent to judge bitfields, haves and requests. */
export interface PieceGeometry {
  readonly count: number
  /** Of every piece but the last, which may be shorter. */
  readonly lengthBytes: number
  readonly totalBytes: number
}

export interface PeerWireOptions {
  /** `outgoing`: we dialled and speak first. `incoming`: wait for the remote's handshake, then feed `accept`. */
  readonly direction: 'outgoing' | 'incoming'
  /** Ours; 20 bytes. */
  readonly peerId: Uint8Array
  /** Outgoing only: the 20-byte names that the remote may answer with; the first is the one that we send. */
  readonly infoHashes: readonly Uint8Array[]
  /** Whether to offer the fast extension (BEP 6), the extension protocol (BEP 10) and our DHT port (BEP 5). */
  readonly offers: PartialOffers
  readonly extensions: LocalExtensions
  /** `null` while the metadata is not known: bitfields are kept and judged when `torrent-known` arrives. */
  readonly pieces: PieceGeometry | null
  /** Requests that we take in before we reject (fast) or ignore more. */
  readonly requestQueueLimit: number
}

export type PeerWireInput =
  /** First of all, both ways: arms the handshake time-out; outgoing says our handshake. */
  | { readonly kind: 'start' }
  /** Incoming: the torrent is ours; answer the handshake with these names (first is sent). */
  | {
      readonly kind: 'accept'
      /** In place of the one that was given; 20 bytes. */
      readonly peerId?: Uint8Array
      readonly infoHashes: readonly Uint8Array[]
      readonly pieces: PieceGeometry | null
      readonly extensions: LocalExtensions
      /** Whether to offer our DHT port to this torrent's peer; as the options say when absent. */
      readonly dht?: boolean
    }
  /** Bytes from the socket. The machine keeps no view of them after the call. */
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'tick' }
  | { readonly kind: 'torrent-known'; readonly pieces: PieceGeometry }
  /** Our pieces, once, right after the handshake; becomes bitfield, have-all, have-none or nothing. */
  | { readonly kind: 'send-pieces'; readonly bits: Uint8Array; readonly haveCount: number }
  | { readonly kind: 'send-have'; readonly pieceIndex: number }
  | { readonly kind: 'send-choke' }
  | { readonly kind: 'send-unchoke' }
  | { readonly kind: 'send-interested' }
  | { readonly kind: 'send-not-interested' }
  /**
   * Many requests in one write. One that is outstanding already is not sent again; one made while choked (and not
   * allowed fast) or past `OUTSTANDING_REQUESTS_LIMIT` is not sent and comes back as `rejected`.
   */
  | { readonly kind: 'send-requests'; readonly blocks: readonly BlockRef[] }
  | ({ readonly kind: 'send-cancel' } & BlockRef)
  /**
   * Answers to requests that it holds; the machine drops those that were cancelled meanwhile, also when the same block
   * was then asked for in another length. `bytes` is not copied: leave it alone until it is written.
   */
  | {
      readonly kind: 'send-blocks'
      readonly blocks: readonly {
        readonly pieceIndex: number
        readonly begin: number
        readonly bytes: Uint8Array
      }[]
    }
  | ({ readonly kind: 'send-reject' } & BlockRef)
  /** BEP 5: our DHT port; nothing is said unless both sides offered it. */
  | { readonly kind: 'send-port'; readonly dhtPort: number }
  | { readonly kind: 'send-allowed-fast'; readonly pieceIndexes: readonly number[] }
  | { readonly kind: 'send-extended'; readonly name: string; readonly payload: Uint8Array }
  | { readonly kind: 'update-extensions'; readonly extensions: LocalExtensions }

export type PeerWireEffect =
  /** Write these in order, in one go. */
  | { readonly kind: 'write'; readonly chunks: readonly Uint8Array[] }
  /**
   * The first 48 bytes of the remote's handshake are here and, for outgoing, name the right torrent; `peerId` is `null`.
   * Incoming: answer with `accept` or close. From here on (incoming: from `accept` on) messages may be sent.
   */
  | { readonly kind: 'handshake'; readonly remote: RemoteHandshake }
  /** The remote's handshake is whole. Always comes once, after `handshake`. */
  | { readonly kind: 'peer-id'; readonly peerId: Uint8Array }
  | { readonly kind: 'extensions'; readonly remote: RemoteExtensions }
  /** The remote choked us. Without fast these requests are gone; with fast each is still to be answered (the list is empty). */
  | { readonly kind: 'choked'; readonly dropped: readonly BlockRef[] }
  | { readonly kind: 'unchoked' }
  | { readonly kind: 'interested' }
  | { readonly kind: 'not-interested' }
  | { readonly kind: 'has-piece'; readonly pieceIndex: number }
  /** BEP 54. */
  | { readonly kind: 'lost-piece'; readonly pieceIndex: number }
  /** The whole set at once: bitfield, have-all or have-none; `bits` is a copy that the receiver owns, spare bits zero. */
  | { readonly kind: 'has-pieces'; readonly bits: Uint8Array; readonly haveCount: number }
  /** A legal request that we now owe an answer. */
  | ({ readonly kind: 'request' } & BlockRef)
  /** The remote took back a request that we held; it needs no answer any more. */
  | ({ readonly kind: 'request-cancelled' } & BlockRef)
  /**
   * A run of bytes of a block that we asked for. `bytes` is a view into the fed chunk: copy it before the next call.
   * `offset` counts from the block's begin; `isLast` when the block is whole.
   */
  | {
      readonly kind: 'block-part'
      readonly pieceIndex: number
      readonly begin: number
      readonly lengthBytes: number
      readonly offset: number
      readonly bytes: Uint8Array
      readonly isLast: boolean
    }
  /** Payload that came for nothing: a block that we had cancelled. */
  | { readonly kind: 'wasted'; readonly lengthBytes: number }
  /** The remote will not serve this request of ours. */
  | ({ readonly kind: 'rejected' } & BlockRef)
  | { readonly kind: 'suggested'; readonly pieceIndex: number }
  | { readonly kind: 'allowed-fast'; readonly pieceIndex: number }
  /** BEP 5: the remote's DHT port. */
  | { readonly kind: 'port'; readonly dhtPort: number }
  /** A message of an extension that we offered, by its name. `payload` is a copy. */
  | { readonly kind: 'extended'; readonly name: string; readonly payload: Uint8Array }
  /** The remote broke a rule. When `reaction` is not `ignore`, the machine is closed and takes no more input. */
  | {
      readonly kind: 'fault'
      readonly fault: PeerFault
      readonly reaction: 'ignore' | 'close' | 'ban'
    }
  /** Nothing was said for too long; the machine is closed. */
  | { readonly kind: 'timed-out'; readonly what: 'handshake' | 'idle' }
