/**
 * What a remote peer, a torrent or a tracker did wrong. Data, never thrown. Codes are stable.
 */

/** Why bytes are not bencode. `offset` counts from the start of the input. */
export interface BencodeFault {
  readonly code:
    | 'truncated'
    | 'trailing-bytes'
    | 'bad-byte'
    | 'bad-integer'
    | 'bad-length'
    | 'too-deep'
    | 'too-many-tokens'
    | 'keys-unsorted'
    | 'key-repeated'
    | 'key-not-string'
    | 'too-long'
  readonly offset: number
}

/** A remote peer broke a rule of the peer protocol. `detail` is ours, safe to show. */
export interface PeerFault {
  readonly code: PeerFaultCode
  readonly detail: string
}

export type PeerFaultCode =
  | 'not-bittorrent'
  | 'other-info-hash'
  | 'frame-too-long'
  | 'bad-length'
  | 'unknown-message'
  | 'out-of-turn'
  | 'fast-not-negotiated'
  | 'extension-not-negotiated'
  | 'bad-bitfield'
  | 'piece-out-of-range'
  | 'bad-request'
  | 'too-many-requests'
  | 'request-while-choked'
  | 'unsolicited-block'
  | 'unsolicited-reject'
  | 'bad-extension-handshake'
  | 'unknown-extension'
  | 'bad-extension-message'
