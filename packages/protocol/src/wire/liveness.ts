/**
 * When a connection has been silent for too long, and when we should break our own silence.
 *
 * Spec: BEP 3, "peer protocol" ("Timeouts can occur much more quickly when data is expected")
 */
import type { Millis } from '../machine.ts'

/** From the first input until the remote's handshake is whole and answered. */
export const HANDSHAKE_TIMEOUT_MS = 10_000
/** Peers send something every two minutes; the rest is for slow lines. */
export const IDLE_TIMEOUT_MS = 150_000
/** After so long without a word of ours we send a keep-alive. */
export const KEEP_ALIVE_MS = 110_000

export class Liveness {
  #startedMs: Millis | null = null
  #heardMs: Millis = 0
  #spokeMs: Millis = 0
  #isOpen = false

  /** Every input says the time; the first one starts the clock. */
  start(nowMs: Millis): void {
    if (this.#startedMs !== null) return
    this.#startedMs = nowMs
    this.#heardMs = nowMs
    this.#spokeMs = nowMs
  }

  heard(nowMs: Millis): void {
    this.#heardMs = nowMs
  }

  spoke(nowMs: Millis): void {
    this.#spokeMs = nowMs
  }

  /** The handshake is over. */
  open(): void {
    this.#isOpen = true
  }

  get deadlineMs(): Millis | null {
    if (this.#startedMs === null) return null
    if (!this.#isOpen) return this.#startedMs + HANDSHAKE_TIMEOUT_MS
    return Math.min(this.#heardMs + IDLE_TIMEOUT_MS, this.#spokeMs + KEEP_ALIVE_MS)
  }

  /** What is due now. */
  judge(nowMs: Millis): 'handshake' | 'idle' | 'keep-alive' | null {
    if (!this.#isOpen) {
      const sinceStart = nowMs - (this.#startedMs ?? nowMs)
      return sinceStart >= HANDSHAKE_TIMEOUT_MS ? 'handshake' : null
    }
    if (nowMs - this.#heardMs >= IDLE_TIMEOUT_MS) return 'idle'
    return nowMs - this.#spokeMs >= KEEP_ALIVE_MS ? 'keep-alive' : null
  }
}
