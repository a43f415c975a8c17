/** What a peer says of its pieces before the piece count is known: kept within bounds, judged afterwards. */
import type { PeerFault } from '../fault.ts'
import { bitfieldBytes, clearSpareBits, countBits, fullBitfield, setBit } from './bitfield.ts'

/** Single haves that are kept; those past it are forgotten. A bitfield clears them. */
export const EARLY_HAVES_LIMIT = 8192

export interface PieceSet {
  readonly bits: Uint8Array
  readonly haveCount: number
}

export class EarlyPieces {
  #base: 'unsaid' | 'all' | 'none' | Uint8Array = 'unsaid'
  #changes: { readonly pieceIndex: number; readonly isHere: boolean }[] = []

  all(): void {
    this.#restart('all')
  }

  none(): void {
    this.#restart('none')
  }

  /** Keeps a copy. */
  bitfield(bits: Uint8Array): void {
    this.#restart(bits.slice())
  }

  have(pieceIndex: number): void {
    this.#change(pieceIndex, true)
  }

  lost(pieceIndex: number): void {
    this.#change(pieceIndex, false)
  }

  /** `null` when the peer said nothing. */
  judge(pieceCount: number): PieceSet | PeerFault | null {
    if (this.#base === 'unsaid' && this.#changes.length === 0) return null
    const bits = this.#baseBits(pieceCount)
    if (bits.length !== bitfieldBytes(pieceCount)) {
      return {
        code: 'bad-bitfield',
        detail: `a bitfield of ${bits.length} bytes for ${pieceCount} pieces`,
      }
    }
    for (const { pieceIndex, isHere } of this.#changes) {
      if (pieceIndex >= pieceCount) {
        return {
          code: 'piece-out-of-range',
          detail: `piece ${pieceIndex} of ${pieceCount} (said before the metadata came)`,
        }
      }
      setBit(bits, pieceIndex, isHere)
    }
    return { bits, haveCount: countBits(bits) }
  }

  #baseBits(pieceCount: number): Uint8Array {
    if (this.#base === 'all') return fullBitfield(pieceCount)
    if (this.#base instanceof Uint8Array) return clearSpareBits(this.#base.slice(), pieceCount)
    return new Uint8Array(bitfieldBytes(pieceCount))
  }

  #restart(base: 'all' | 'none' | Uint8Array): void {
    this.#base = base
    this.#changes = []
  }

  #change(pieceIndex: number, isHere: boolean): void {
    if (this.#changes.length < EARLY_HAVES_LIMIT) this.#changes.push({ pieceIndex, isHere })
  }
}
