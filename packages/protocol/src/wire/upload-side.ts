/**
 * What the remote wants of us: its interest, our choke, its requests and our answers.
 *
 * A request that may stand is held and told; from then on we owe an answer, until the remote takes it back or we choke.
 * With fast every request is answered, by its block or by a reject; without fast what we do not serve gets no answer.
 *
 * Spec: BEP 3, "peer messages" (request, piece, cancel); BEP 6
 */
import type { PeerFaultCode } from '../fault.ts'
import type { Millis } from '../machine.ts'
import { HeldRequests } from './block-requests.ts'
import { encodeBlocks } from './frame.ts'
import type { Greeting } from './greeting.ts'
import { BLOCK_BYTES_LIMIT, type BlockRef } from './messages.ts'
import type { PeerWireInput, PieceGeometry } from './peer-wire-contract.ts'
import type { PieceAnnouncements } from './piece-announcements.ts'
import type { WireOutput } from './wire-output.ts'

/** Requests that come so soon after our choke crossed it on the way and are forgiven. */
export const CHOKE_GRACE_MS = 2000

export class UploadSide {
  readonly #out: WireOutput
  readonly #greeting: Greeting
  readonly #pieces: PieceAnnouncements
  /** Requests that are held at most. */
  readonly #heldLimit: number
  readonly #held = new HeldRequests()
  readonly #sentAllowedFast = new Set<number>()
  #isChoking = true
  #chokedMs: Millis = Number.NEGATIVE_INFINITY
  #isRemoteInterested = false

  constructor(heldLimit: number, greeting: Greeting, pieces: PieceAnnouncements, out: WireOutput) {
    this.#out = out
    this.#greeting = greeting
    this.#pieces = pieces
    this.#heldLimit = heldLimit
  }

  /** Whether we choke the remote. */
  get isChoking(): boolean {
    return this.#isChoking
  }

  /** Whether the remote is interested in us. */
  get isRemoteInterested(): boolean {
    return this.#isRemoteInterested
  }

  /** Requests that wait for our answer. */
  get heldCount(): number {
    return this.#held.count
  }

  // --- what we say ---------------------------------------------------------------------------------------------------

  choke(nowMs: Millis): void {
    if (this.#isChoking) return
    this.#isChoking = true
    this.#chokedMs = nowMs
    // BEP 6: "A peer SHOULD choke first and then reject requests".
    this.#out.send({ kind: 'choke' })
    const { hasFast } = this.#greeting
    const dropped = this.#held.takeAllBut(hasFast ? this.#sentAllowedFast : NO_PIECES)
    for (const block of dropped) {
      this.#out.tell({ kind: 'request-cancelled', ...block })
      if (hasFast) this.#out.reject(block)
    }
  }

  unchoke(): void {
    if (!this.#isChoking) return
    this.#out.send({ kind: 'unchoke' })
    this.#isChoking = false
  }

  allowFast(pieceIndexes: readonly number[]): void {
    if (!this.#greeting.hasFast) return
    for (const pieceIndex of pieceIndexes) {
      if (this.#sentAllowedFast.has(pieceIndex)) continue
      this.#sentAllowedFast.add(pieceIndex)
      this.#out.send({ kind: 'allowed-fast', pieceIndex })
    }
  }

  /** Those that were taken back meanwhile are left out. */
  sendBlocks(blocks: Extract<PeerWireInput, { readonly kind: 'send-blocks' }>['blocks']): void {
    this.#out.checkMaySpeak()
    const wanted = blocks.filter(({ pieceIndex, begin, bytes }) =>
      this.#held.take({ pieceIndex, begin, lengthBytes: bytes.length }),
    )
    if (wanted.length > 0) this.#out.write(...encodeBlocks(wanted))
  }

  reject(block: BlockRef): void {
    if (this.#held.take(block) && this.#greeting.hasFast) this.#out.reject(block)
  }

  // --- what the remote says ------------------------------------------------------------------------------------------

  onInterest(isInterested: boolean): void {
    if (this.#isRemoteInterested === isInterested) return
    this.#isRemoteInterested = isInterested
    this.#out.tell({ kind: isInterested ? 'interested' : 'not-interested' })
  }

  onRequest({ pieceIndex, begin, lengthBytes }: BlockRef, nowMs: Millis): void {
    const block = { pieceIndex, begin, lengthBytes }
    const { geometry } = this.#pieces
    if (geometry === null || !isInside(block, geometry)) {
      return this.#refuse(block, 'bad-request', 'outside the piece, empty or too long')
    }
    if (this.#isChoking && !(this.#greeting.hasFast && this.#sentAllowedFast.has(pieceIndex))) {
      return this.#refuseChoked(block, nowMs)
    }
    if (this.#held.has(pieceIndex, begin)) {
      return this.#refuse(block, 'bad-request', 'asked before and not answered yet')
    }
    if (this.#held.count >= this.#heldLimit) {
      return this.#refuse(block, 'too-many-requests', 'our queue is full')
    }
    this.#held.add(block)
    this.#out.tell({ kind: 'request', ...block })
  }

  onCancel({ pieceIndex, begin, lengthBytes }: BlockRef): void {
    const block = { pieceIndex, begin, lengthBytes }
    if (!this.#held.take(block)) return
    this.#out.tell({ kind: 'request-cancelled', ...block })
    if (this.#greeting.hasFast) this.#out.reject(block)
  }

  #refuseChoked(block: BlockRef, nowMs: Millis): void {
    if (nowMs - this.#chokedMs >= CHOKE_GRACE_MS) {
      return this.#refuse(block, 'request-while-choked', 'we choke it')
    }
    if (this.#greeting.hasFast) this.#out.reject(block)
  }

  #refuse(block: BlockRef, code: PeerFaultCode, why: string): void {
    if (this.#greeting.hasFast) this.#out.reject(block)
    const { pieceIndex, begin, lengthBytes } = block
    this.#out.fault(code, `piece ${pieceIndex}, begin ${begin}, ${lengthBytes} bytes: ${why}`)
  }
}

const NO_PIECES: ReadonlySet<number> = new Set()

function isInside({ pieceIndex, begin, lengthBytes }: BlockRef, pieces: PieceGeometry): boolean {
  if (pieceIndex >= pieces.count) return false
  if (lengthBytes === 0 || lengthBytes > BLOCK_BYTES_LIMIT) return false
  return begin + lengthBytes <= pieceBytes(pieces, pieceIndex)
}

/** How long a piece is; the last may be shorter. */
function pieceBytes(pieces: PieceGeometry, pieceIndex: number): number {
  if (pieceIndex < pieces.count - 1) return pieces.lengthBytes
  return pieces.totalBytes - pieces.lengthBytes * (pieces.count - 1)
}
