/**
 * How much may be under way: grows while packets do not queue, shrinks as soon as they do, so that every other traffic
 * goes first.
 *
 * Spec: BEP 29, "congestion control", "packet loss"; RFC 6817, section 2.4
 * Divergences, all from the successor of LEDBAT (draft-irtf-iccrg-ledbat-plus-plus): the window starts as in TCP; above
 * the target it shrinks in proportion to itself, since by a fixed step a large window would take minutes to yield; and
 * now and then it nearly closes, so that queues drain and their least delay can be seen. Otherwise whoever begins last
 * takes the others' queue for the length of the line, and starves them.
 */
import type { Millis } from '../machine.ts'

/** "In practice, the uTP target delay is set to 100 ms." */
export const TARGET_DELAY_MICROS = 100_000
/** Growth in a round trip without any queue. */
export const MAX_GROWTH_BYTES = 3000
/** At most one cut in so long, whatever is lost: what is lost together tells of one full queue. */
export const MIN_CUT_GAP_MS: Millis = 100

export interface AckNews {
  readonly ackedBytes: number
  /** Time that packets spend in queues now. */
  readonly queueMicros: number
  readonly rttMs: Millis
  /** The window was what kept us from sending; else there is nothing to learn from. */
  readonly wasFull: boolean
}

export class Ledbat {
  windowBytes: number
  isSlowStart = true
  #packetBytes: number
  #thresholdBytes = Number.POSITIVE_INFINITY
  readonly #maxBytes: number
  /** When the window nearly closes the next time. */
  #pauseMs: Millis = Number.POSITIVE_INFINITY
  /** When it did so; `null` when it is as open as before again. */
  #pausedMs: Millis | null = null
  #resumeMs: Millis = Number.NEGATIVE_INFINITY

  constructor(packetBytes: number, maxBytes: number) {
    this.#packetBytes = packetBytes
    this.#maxBytes = maxBytes
    this.windowBytes = Math.min(FIRST_PACKETS * packetBytes, maxBytes)
  }

  acked(news: AckNews, nowMs: Millis): void {
    if (nowMs < this.#resumeMs) return
    const offTarget = (TARGET_DELAY_MICROS - news.queueMicros) / TARGET_DELAY_MICROS
    const share = Math.min(1, news.ackedBytes / this.windowBytes)
    if (this.isSlowStart && 1 - offTarget > SLOW_START_SHARE) this.#endSlowStart(news.rttMs, nowMs)
    if (offTarget < 0) {
      const step = Math.max(-0.5, offTarget) * this.windowBytes * share
      this.#set(this.windowBytes + step)
    } else if (news.wasFull) {
      const step = this.isSlowStart ? news.ackedBytes : MAX_GROWTH_BYTES * offTarget * share
      this.#set(this.windowBytes + step)
      if (this.windowBytes >= this.#thresholdBytes) this.#endSlowStart(news.rttMs, nowMs)
    }
    if (nowMs >= this.#pauseMs) this.#pause(news.rttMs, nowMs)
  }

  /** "When a packet is lost, the max_window is multiplied by 0.5 to mimic TCP." */
  lost(rttMs: Millis, nowMs: Millis): void {
    this.#endSlowStart(rttMs, nowMs)
    this.#set(this.windowBytes / 2)
  }

  /** Nothing came back at all: begins anew. */
  timedOut(): void {
    this.#thresholdBytes = Math.max(this.windowBytes / 2, MIN_PACKETS * this.#packetBytes)
    this.isSlowStart = true
    this.#pausedMs = null
    this.windowBytes = this.#packetBytes
  }

  setPacketBytes(packetBytes: number): void {
    this.#packetBytes = packetBytes
  }

  #endSlowStart(rttMs: Millis, nowMs: Millis): void {
    if (!this.isSlowStart) return
    this.isSlowStart = false
    this.#thresholdBytes = Number.POSITIVE_INFINITY
    const tookMs = this.#pausedMs === null ? 0 : nowMs - this.#pausedMs
    this.#pausedMs = null
    this.#pauseMs = nowMs + Math.max(PAUSE_ROUND_TRIPS * rttMs, PAUSE_RARITY * tookMs)
  }

  #pause(rttMs: Millis, nowMs: Millis): void {
    // Shorter round trips hide no queue that would matter to anybody.
    if (rttMs * 1000 < TARGET_DELAY_MICROS) {
      this.#pauseMs = nowMs + rttMs
      return
    }
    this.#pauseMs = Number.POSITIVE_INFINITY
    this.#pausedMs = nowMs
    this.#resumeMs = nowMs + PAUSE_ROUND_TRIPS * rttMs
    this.#thresholdBytes = this.windowBytes
    this.isSlowStart = true
    this.windowBytes = MIN_PACKETS * this.#packetBytes
  }

  #set(windowBytes: number): void {
    const leastBytes = MIN_PACKETS * this.#packetBytes
    this.windowBytes = Math.min(Math.max(windowBytes, leastBytes), this.#maxBytes)
  }
}

const FIRST_PACKETS = 4
const MIN_PACKETS = 2
/** The first fast growth ends when so much of the target is reached. */
const SLOW_START_SHARE = 0.75
const PAUSE_ROUND_TRIPS = 2
/** Pauses, with the growth after them, take at most a tenth of the time. */
const PAUSE_RARITY = 9
