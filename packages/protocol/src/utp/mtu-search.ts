/**
 * The largest datagram that gets through, found by halving the distance between one that does and one that may not.
 * The datagram that is tried carries a normal packet and padding, so when it is lost the packet goes again without.
 *
 * Spec: BEP 29, "packet sizes"
 */
import type { Millis } from '../machine.ts'

/** What every IPv6 path carries: 1,280 bytes less the headers of IPv6 and UDP. */
export const SAFE_DATAGRAM_BYTES = 1232
/** What Ethernet carries: 1,500 bytes less the headers of IPv4 and UDP. */
export const MAX_DATAGRAM_BYTES = 1472
/** Nobody needs it more exactly. */
const ENOUGH_BYTES = 16
/** Paths change. */
const AGAIN_MS: Millis = 30 * 60_000

export class MtuSearch {
  /** The size that new packets have. */
  datagramBytes: number
  readonly #capBytes: number
  #ceilingBytes: number
  #probe: { readonly seqNr: number; readonly lengthBytes: number } | null = null
  #againMs: Millis = Number.POSITIVE_INFINITY

  constructor(firstBytes: number, capBytes: number) {
    this.datagramBytes = Math.min(firstBytes, capBytes)
    this.#capBytes = capBytes
    this.#ceilingBytes = capBytes
  }

  /** How large a datagram to try next; `null` when there is nothing to find out now. */
  nextProbe(nowMs: Millis): number | null {
    if (nowMs >= this.#againMs) {
      this.#ceilingBytes = this.#capBytes
      this.#againMs = Number.POSITIVE_INFINITY
    }
    if (this.#probe !== null || this.#isFound) return null
    return Math.ceil((this.datagramBytes + this.#ceilingBytes) / 2)
  }

  sent(seqNr: number, lengthBytes: number): void {
    this.#probe = { seqNr, lengthBytes }
  }

  get probeSeq(): number | null {
    return this.#probe?.seqNr ?? null
  }

  arrived(nowMs: Millis): void {
    if (this.#probe === null) return
    this.datagramBytes = this.#probe.lengthBytes
    this.#probe = null
    this.#restIfFound(nowMs)
  }

  lost(nowMs: Millis): void {
    if (this.#probe === null) return
    this.#ceilingBytes = Math.max(this.#probe.lengthBytes - 1, this.datagramBytes)
    this.#probe = null
    this.#restIfFound(nowMs)
  }

  get #isFound(): boolean {
    return this.#ceilingBytes - this.datagramBytes < ENOUGH_BYTES
  }

  #restIfFound(nowMs: Millis): void {
    if (this.#isFound) this.#againMs = nowMs + AGAIN_MS
  }
}
