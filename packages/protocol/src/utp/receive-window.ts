/**
 * What came before its turn, and what nobody takes at the moment: bounded, and told to the remote as our window.
 *
 * Spec: BEP 29, "wnd_size", "Selective ACK", "ST_FIN"
 */
import { MAX_SELECTIVE_ACK_BYTES } from '../bep/0029-packet.ts'
import { seqAfter, seqDistance } from './wrapping.ts'

/** Packets that may come before their turn. */
export const MAX_PACKETS_AHEAD = 2048

/** What all connections of one socket together may keep. */
export interface BufferBudget {
  usedBytes: number
  readonly limitBytes: number
}

/** `again`: an ack may have been lost. `dropped`: no room, or past the end. */
export type Arrival = 'next' | 'early' | 'again' | 'dropped'

export class ReceiveWindow {
  /** The newest packet of which nothing before is missing. */
  ackNr: number
  /** The number of the remote's last packet, once it is known. */
  eofSeq: number | null = null
  /** Nobody takes what comes: packets in turn take room, too. */
  isPaused = false
  readonly #limitBytes: number
  readonly #budget: BufferBudget
  readonly #early = new Map<number, Uint8Array>()
  #keptBytes = 0
  /** The newest packet that came before its turn. */
  #newestSeq: number

  constructor(ackNr: number, limitBytes: number, budget: BufferBudget) {
    this.ackNr = ackNr
    this.#newestSeq = ackNr
    this.#limitBytes = limitBytes
    this.#budget = budget
  }

  /** What the remote may send beyond what was taken. */
  get windowBytes(): number {
    const own = this.#limitBytes - this.#keptBytes
    const shared = this.#budget.limitBytes - this.#budget.usedBytes
    return Math.max(0, Math.min(own, shared))
  }

  get hasGap(): boolean {
    return this.#early.size > 0
  }

  get isAtEof(): boolean {
    return this.eofSeq !== null && this.ackNr === this.eofSeq
  }

  /** Judges a packet; one that is `early` is copied, one that is `next` is the caller's to deliver. */
  arrive(seqNr: number, payload: Uint8Array, isFin: boolean): Arrival {
    const ahead = seqDistance(this.ackNr, seqNr)
    if (ahead <= 0) return ahead > -MAX_PACKETS_AHEAD ? 'again' : 'dropped'
    if (ahead > MAX_PACKETS_AHEAD) return 'dropped'
    if (this.eofSeq !== null && seqDistance(this.eofSeq, seqNr) > 0) return 'dropped'
    const isKept = ahead > 1 || this.isPaused
    if (isKept && payload.length > this.windowBytes) return 'dropped'
    if (isFin) {
      // Whoever sent packets past its own end cannot mean it.
      if (this.hasGap && seqDistance(seqNr, this.#newestSeq) > 0) return 'dropped'
      this.eofSeq = seqNr
    }
    if (ahead === 1) {
      this.ackNr = seqNr
      return 'next'
    }
    if (this.#early.has(seqNr)) return 'again'
    this.#early.set(seqNr, payload.slice())
    this.keep(payload.length)
    if (this.#early.size === 1 || seqDistance(this.#newestSeq, seqNr) > 0) this.#newestSeq = seqNr
    return 'early'
  }

  /** The next packet, where it has come already: it is the caller's now. */
  takeNext(): Uint8Array | null {
    if (this.#early.size === 0) return null
    const seqNr = seqAfter(this.ackNr, 1)
    const payload = this.#early.get(seqNr)
    if (payload === undefined) return null
    this.#early.delete(seqNr)
    this.release(payload.length)
    this.ackNr = seqNr
    return payload
  }

  keep(lengthBytes: number): void {
    this.#keptBytes += lengthBytes
    this.#budget.usedBytes += lengthBytes
  }

  release(lengthBytes: number): void {
    this.#keptBytes -= lengthBytes
    this.#budget.usedBytes -= lengthBytes
  }

  /** Which packets came before their turn; `null` where nothing is missing. */
  selectiveAck(): Uint8Array | null {
    if (!this.hasGap) return null
    const span = seqDistance(seqAfter(this.ackNr, 2), this.#newestSeq) + 1
    const words = Math.min(Math.ceil(span / 32), MAX_SELECTIVE_ACK_BYTES / 4)
    const bits = new Uint8Array(words * 4)
    for (const seqNr of this.#early.keys()) {
      const bit = seqDistance(seqAfter(this.ackNr, 2), seqNr)
      const at = bit >> 3
      if (at < bits.length) bits[at] = (bits[at] ?? 0) | (1 << (bit & 7))
    }
    return bits
  }

  clear(): void {
    this.#early.clear()
    this.release(this.#keptBytes)
  }
}
