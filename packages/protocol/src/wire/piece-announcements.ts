/**
 * What each side says of its pieces: ours once, the remote's whole sets, single haves, losses, suggestions, and what it
 * allows us while it chokes. Before the metadata is known the remote's words are kept within bounds and judged later.
 *
 * Spec: BEP 3, "peer messages" (bitfield, have); BEP 6; BEP 54
 */
import { DONT_HAVE } from '../bep/0054-donthave.ts'
import { invariant } from '../machine.ts'
import { bitfieldBytes, clearSpareBits, countBits, fullBitfield } from './bitfield.ts'
import { EarlyPieces } from './early-pieces.ts'
import type { Greeting } from './greeting.ts'
import type { PeerMessage } from './messages.ts'
import type { PieceGeometry } from './peer-wire-contract.ts'
import type { WireOutput } from './wire-output.ts'

/** Pieces that the remote may allow us while it chokes; more are ignored. */
export const REMOTE_ALLOWED_FAST_LIMIT = 128

/** The messages that say all of a peer's pieces at once. */
export type PieceSetMessage = Extract<
  PeerMessage,
  { readonly kind: 'bitfield' | 'have-all' | 'have-none' }
>

export class PieceAnnouncements {
  readonly #out: WireOutput
  readonly #greeting: Greeting
  readonly #remoteAllowedFast = new Set<number>()
  #geometry: PieceGeometry | null
  /** What the remote said while the geometry was not known. */
  #early: EarlyPieces | null
  #hasSentOurs = false

  constructor(geometry: PieceGeometry | null, greeting: Greeting, out: WireOutput) {
    this.#out = out
    this.#greeting = greeting
    this.#geometry = geometry
    this.#early = geometry === null ? new EarlyPieces() : null
  }

  /** `null` while the metadata is not known. */
  get geometry(): PieceGeometry | null {
    return this.#geometry
  }

  /** Pieces that the remote serves us while it chokes us. */
  get remoteAllowedFast(): ReadonlySet<number> {
    return this.#remoteAllowedFast
  }

  /** The metadata came: what the remote said before is judged and told. */
  learn(geometry: PieceGeometry): void {
    const early = this.#early
    this.#geometry = geometry
    this.#early = null
    const judged = early?.judge(geometry.count) ?? null
    if (judged !== null && 'code' in judged) return this.#out.fault(judged.code, judged.detail)
    if (judged !== null) this.#out.tell({ kind: 'has-pieces', ...judged })
    if (early === null) return
    for (const pieceIndex of this.#remoteAllowedFast) {
      if (!this.#isPiece(pieceIndex, 'allowed-fast')) return
      this.#out.tell({ kind: 'allowed-fast', pieceIndex })
    }
  }

  /** Says our pieces in the shortest form that the remote reads. */
  sendOurs(bits: Uint8Array, haveCount: number): void {
    invariant(!this.#hasSentOurs, 'our pieces are said once')
    this.#hasSentOurs = true
    const count = this.#geometry?.count ?? 0
    const { hasFast } = this.#greeting
    if (haveCount === 0) {
      if (hasFast) this.#out.send({ kind: 'have-none' })
      return
    }
    invariant(bits.length === bitfieldBytes(count), 'our bitfield has the right size')
    if (hasFast && haveCount === count) return this.#out.send({ kind: 'have-all' })
    this.#out.send({ kind: 'bitfield', bits: clearSpareBits(bits.slice(), count) })
  }

  /** Whether a bitfield may have so many bytes; any size may while the metadata is not known. */
  isBitfieldSize(lengthBytes: number): boolean {
    if (this.#geometry === null || lengthBytes === bitfieldBytes(this.#geometry.count)) return true
    const detail = `a bitfield of ${lengthBytes} bytes for ${this.#geometry.count} pieces`
    this.#out.fault('bad-bitfield', detail)
    return false
  }

  onSet(message: PieceSetMessage): void {
    if (this.#geometry === null) {
      if (message.kind === 'bitfield') this.#early?.bitfield(message.bits)
      else if (message.kind === 'have-all') this.#early?.all()
      else this.#early?.none()
      return
    }
    // The metadata may have come between a bitfield's head and its body.
    if (message.kind === 'bitfield' && !this.isBitfieldSize(message.bits.length)) return
    const bits = wholeSet(message, this.#geometry.count)
    this.#out.tell({ kind: 'has-pieces', bits, haveCount: countBits(bits) })
  }

  onHave(pieceIndex: number): void {
    if (this.#early !== null) return this.#early.have(pieceIndex)
    if (this.#isPiece(pieceIndex, 'have')) this.#out.tell({ kind: 'has-piece', pieceIndex })
  }

  /** BEP 54; `false` when there is no such piece, or the metadata is not known and nothing was asked for. */
  onLost(pieceIndex: number): boolean {
    if (this.#early !== null) {
      this.#early.lost(pieceIndex)
      return false
    }
    if (!this.#isPiece(pieceIndex, DONT_HAVE)) return false
    this.#out.tell({ kind: 'lost-piece', pieceIndex })
    return true
  }

  onSuggestion(pieceIndex: number): void {
    if (this.#geometry === null || !this.#isPiece(pieceIndex, 'suggest-piece')) return
    this.#out.tell({ kind: 'suggested', pieceIndex })
  }

  onAllowedFast(pieceIndex: number): void {
    if (this.#geometry !== null && !this.#isPiece(pieceIndex, 'allowed-fast')) return
    const allowed = this.#remoteAllowedFast
    if (allowed.has(pieceIndex) || allowed.size >= REMOTE_ALLOWED_FAST_LIMIT) return
    allowed.add(pieceIndex)
    if (this.#geometry !== null) this.#out.tell({ kind: 'allowed-fast', pieceIndex })
  }

  /** Call only when the geometry is known. */
  #isPiece(pieceIndex: number, what: string): boolean {
    const count = this.#geometry?.count ?? 0
    if (pieceIndex < count) return true
    this.#out.fault('piece-out-of-range', `${what}: piece ${pieceIndex} of ${count}`)
    return false
  }
}

function wholeSet(message: PieceSetMessage, pieceCount: number): Uint8Array {
  if (message.kind === 'have-all') return fullBitfield(pieceCount)
  if (message.kind === 'have-none') return new Uint8Array(bitfieldBytes(pieceCount))
  return clearSpareBits(message.bits.slice(), pieceCount)
}
