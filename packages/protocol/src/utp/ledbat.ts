/**
 * How much may be under way: grows while packets do not queue, shrinks as soon as they do, so that every other traffic
 * goes first.
 *
 * Spec: BEP 29, "congestion control", "packet loss"; RFC 6817, section 2.4
 * Divergence: above the target the window shrinks in proportion to itself, at most by half a round trip, as the
 * successor of LEDBAT does; by a fixed step, a large window would take minutes to yield. The window starts as in TCP.
 */
import type { Millis } from '../machine.ts'

/** "In practice, the uTP target delay is set to 100 ms." */
export const TARGET_DELAY_MICROS = 100_000
/** Growth in a round trip without any queue. */
export const MAX_GROWTH_BYTES = 3000
const FIRST_PACKETS = 4
const MIN_PACKETS = 2
/** The first fast growth ends when so much of the target is reached. */
const SLOW_START_SHARE = 0.75

export class Ledbat {
  windowBytes: number
  isSlowStart = true
  #packetBytes: number
  #thresholdBytes = Number.POSITIVE_INFINITY
  readonly #maxBytes: number

  constructor(packetBytes: number, maxBytes: number) {
    this.#packetBytes = packetBytes
    this.#maxBytes = maxBytes
    this.windowBytes = Math.min(FIRST_PACKETS * packetBytes, maxBytes)
  }

  /** `wasFull`: the window was what kept us from sending; else there is nothing to learn from. */
  acked(ackedBytes: number, queueMicros: number, wasFull: boolean): void {
    const offTarget = (TARGET_DELAY_MICROS - queueMicros) / TARGET_DELAY_MICROS
    const share = Math.min(1, ackedBytes / this.windowBytes)
    if (this.isSlowStart && 1 - offTarget > SLOW_START_SHARE) this.#endSlowStart()
    if (offTarget < 0) {
      const step = Math.max(-0.5, offTarget) * this.windowBytes * share
      this.#set(this.windowBytes + step)
    } else if (wasFull) {
      const step = this.isSlowStart ? ackedBytes : MAX_GROWTH_BYTES * offTarget * share
      this.#set(this.windowBytes + step)
      if (this.windowBytes >= this.#thresholdBytes) this.#endSlowStart()
    }
  }

  /** "When a packet is lost, the max_window is multiplied by 0.5 to mimic TCP." */
  lost(): void {
    this.#endSlowStart()
    this.#set(this.windowBytes / 2)
  }

  /** Nothing came back at all: begins anew. */
  timedOut(): void {
    this.#thresholdBytes = Math.max(this.windowBytes / 2, MIN_PACKETS * this.#packetBytes)
    this.isSlowStart = true
    this.windowBytes = this.#packetBytes
  }

  setPacketBytes(packetBytes: number): void {
    this.#packetBytes = packetBytes
  }

  #endSlowStart(): void {
    this.isSlowStart = false
    this.#thresholdBytes = Number.POSITIVE_INFINITY
  }

  #set(windowBytes: number): void {
    const leastBytes = MIN_PACKETS * this.#packetBytes
    this.windowBytes = Math.min(Math.max(windowBytes, leastBytes), this.#maxBytes)
  }
}

/** At most one cut in so long, whatever is lost: what is lost together tells of one full queue. */
export const MIN_CUT_GAP_MS: Millis = 100
