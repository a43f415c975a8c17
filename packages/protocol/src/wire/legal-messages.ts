/**
 * Which messages may come in which phase of a connection, and the phase that each leads to. What a row lacks is the
 * fault `out-of-turn`.
 *
 * Spec: BEP 3, "bitfield is only ever sent as the first message"; BEP 6, "have all/have none"; BEP 10
 */
import type { PeerMessageKind } from './messages.ts'

/**
 * `handshake`: the remote's handshake is not whole, or not answered yet. `first`: nothing but extension messages came
 * since. `open`: any other message came. `closed`: for good.
 */
export type PeerPhase = 'handshake' | 'first' | 'open' | 'closed'

export interface LegalMessage {
  readonly next: PeerPhase
  /** It should have come earlier: taken, but told as `out-of-turn`. */
  readonly isLate: boolean
}

export const LEGAL_MESSAGES: {
  readonly [P in PeerPhase]: { readonly [K in PeerMessageKind]?: LegalMessage }
} = {
  handshake: {},
  first: {
    choke: { next: 'open', isLate: false },
    unchoke: { next: 'open', isLate: false },
    interested: { next: 'open', isLate: false },
    'not-interested': { next: 'open', isLate: false },
    have: { next: 'open', isLate: false },
    bitfield: { next: 'open', isLate: false },
    request: { next: 'open', isLate: false },
    piece: { next: 'open', isLate: false },
    cancel: { next: 'open', isLate: false },
    port: { next: 'open', isLate: false },
    'suggest-piece': { next: 'open', isLate: false },
    'have-all': { next: 'open', isLate: false },
    'have-none': { next: 'open', isLate: false },
    'reject-request': { next: 'open', isLate: false },
    'allowed-fast': { next: 'open', isLate: false },
    extended: { next: 'first', isLate: false },
  },
  open: {
    choke: { next: 'open', isLate: false },
    unchoke: { next: 'open', isLate: false },
    interested: { next: 'open', isLate: false },
    'not-interested': { next: 'open', isLate: false },
    have: { next: 'open', isLate: false },
    bitfield: { next: 'open', isLate: true },
    request: { next: 'open', isLate: false },
    piece: { next: 'open', isLate: false },
    cancel: { next: 'open', isLate: false },
    port: { next: 'open', isLate: false },
    'suggest-piece': { next: 'open', isLate: false },
    'have-all': { next: 'open', isLate: true },
    'have-none': { next: 'open', isLate: true },
    'reject-request': { next: 'open', isLate: false },
    'allowed-fast': { next: 'open', isLate: false },
    extended: { next: 'open', isLate: false },
  },
  closed: {},
}
