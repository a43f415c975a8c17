/**
 * Which messages may come in which phase of a connection, and the phase that each leads to. What a row lacks is the
 * fault `out-of-turn`. A frame is judged by its id and length alone, before any of its body is kept.
 *
 * Spec: BEP 3, "bitfield is only ever sent as the first message"; BEP 6, "have all/have none"; BEP 10
 */
import type { PeerFault } from '../fault.ts'
import { judgeBodyBytes, unknownMessage } from './frame.ts'
import { PEER_MESSAGES, type PeerMessageKind, peerMessageKind } from './messages.ts'

/**
 * `handshake`: the remote's handshake is not whole, or not answered yet. `first`: nothing but extension messages came
 * since. `open`: any other message came. `closed`: for good.
 */
export type PeerPhase = 'handshake' | 'first' | 'open' | 'closed'

export interface LegalMessage {
  readonly next: 'first' | 'open'
  /** It should have come earlier: taken, but told as `out-of-turn`. */
  readonly isLate: boolean
}

/** What both sides offered. */
export interface AgreedExtensions {
  /** BEP 6. */
  readonly hasFast: boolean
  /** BEP 10. */
  readonly hasExtensions: boolean
}

/** Whether a frame's body is worth reading: the message that it holds, or what is wrong. */
export function judgeHead(
  id: number,
  bodyBytes: number,
  phase: PeerPhase,
  agreed: AgreedExtensions,
): PeerFault | { readonly kind: PeerMessageKind; readonly legal: LegalMessage } {
  const kind = peerMessageKind(id)
  if (kind === undefined) return unknownMessage(id)
  const { needs } = PEER_MESSAGES[kind]
  if (needs === 'fast' && !agreed.hasFast) return { code: 'fast-not-negotiated', detail: kind }
  if (needs === 'extensions' && !agreed.hasExtensions) {
    return { code: 'extension-not-negotiated', detail: kind }
  }
  const legal = LEGAL_MESSAGES[phase][kind]
  if (legal === undefined) return { code: 'out-of-turn', detail: `${kind} in phase ${phase}` }
  return judgeBodyBytes(kind, bodyBytes) ?? { kind, legal }
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
