/** What we do about each fault of a peer: mechanism stands in the machines, policy stands here. */
import type { PeerFaultCode } from './fault.ts'

export type FaultReaction = 'ignore' | 'close' | 'ban'

export interface FaultRow {
  /** So many on one connection are ignored. */
  readonly tolerated: number
  /** What the next one leads to. */
  readonly afterwards: FaultReaction
}

export const FAULT_REACTIONS: { readonly [C in PeerFaultCode]: FaultRow } = {
  'not-bittorrent': { tolerated: 0, afterwards: 'close' },
  'other-info-hash': { tolerated: 0, afterwards: 'close' },
  'frame-too-long': { tolerated: 0, afterwards: 'close' },
  'bad-length': { tolerated: 0, afterwards: 'close' },
  // Ids of extensions that we do not know; all large clients close, but reading liberally costs nothing.
  'unknown-message': { tolerated: 64, afterwards: 'close' },
  // A bitfield after the first message: no harm, yet each costs us a pass over it.
  'out-of-turn': { tolerated: 16, afterwards: 'close' },
  'fast-not-negotiated': { tolerated: 0, afterwards: 'close' },
  'extension-not-negotiated': { tolerated: 0, afterwards: 'close' },
  'bad-bitfield': { tolerated: 0, afterwards: 'close' },
  'piece-out-of-range': { tolerated: 0, afterwards: 'close' },
  'bad-request': { tolerated: 300, afterwards: 'close' },
  'too-many-requests': { tolerated: 2000, afterwards: 'close' },
  'request-while-choked': { tolerated: 300, afterwards: 'close' },
  // BEP 6 says close at once; large clients send late blocks after a choke or a cancel.
  'unsolicited-block': { tolerated: 64, afterwards: 'close' },
  'unsolicited-reject': { tolerated: 64, afterwards: 'close' },
  // The plain protocol goes on without extensions.
  'bad-extension-handshake': { tolerated: 4, afterwards: 'close' },
  'unknown-extension': { tolerated: 1000, afterwards: 'close' },
  'bad-extension-message': { tolerated: 16, afterwards: 'close' },
}

/** Counts the faults of one connection and looks up what each leads to. */
export class FaultTally {
  readonly #counts = new Map<PeerFaultCode, number>()

  count(code: PeerFaultCode): FaultReaction {
    const count = (this.#counts.get(code) ?? 0) + 1
    this.#counts.set(code, count)
    const row = FAULT_REACTIONS[code]
    return count <= row.tolerated ? 'ignore' : row.afterwards
  }
}
