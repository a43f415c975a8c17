/**
 * The other direction of a connection: hands on what comes, in order and once, keeps it while nobody takes it, and knows
 * when the remote has to hear of our window.
 *
 * Spec: BEP 29, "wnd_size", "ST_FIN"
 */
import type { UtpPacket } from '../bep/0029-packet.ts'
import type { Millis } from '../machine.ts'
import { type BufferBudget, ReceiveWindow } from './receive-window.ts'

/** A window that opened again is told so often, until something comes. */
export const WINDOW_UPDATES = 3

export interface ReceiverInit {
  readonly limitBytes: number
  readonly budget: BufferBudget
  readonly deliver: (bytes: Uint8Array) => void
  /** All bytes were delivered, and there are no more. */
  readonly ended: () => void
}

export class UtpReceiver {
  readonly window: ReceiveWindow
  /** When the open window is to be told again; infinite when it is not. */
  updateMs: Millis = Number.POSITIVE_INFINITY
  readonly #init: ReceiverInit
  /** In turn, but nobody takes it now. */
  #held: Uint8Array[] = []
  #isEnded = false
  #toldWindowBytes = 0
  #updatesLeft = 0

  constructor(init: ReceiverInit) {
    this.#init = init
    this.window = new ReceiveWindow(0, init.limitBytes, init.budget)
  }

  /** Everything, the end included, was delivered. */
  get isDone(): boolean {
    return this.window.isAtEof && this.#held.length === 0
  }

  take(packet: UtpPacket): void {
    this.#updatesLeft = 0
    const { window } = this
    if (window.arrive(packet.seqNr, packet.payload, packet.type === 'fin') !== 'next') return
    this.#deliver(packet.payload)
    for (let next = window.takeNext(); next !== null; next = window.takeNext()) this.#deliver(next)
    this.#endIfDone()
  }

  pause(): void {
    this.window.isPaused = true
  }

  /** Answers whether the remote must hear that there is room again. */
  resume(): boolean {
    if (!this.window.isPaused) return false
    this.window.isPaused = false
    const held = this.#held
    this.#held = []
    for (const bytes of held) {
      this.window.release(bytes.length)
      this.#init.deliver(bytes)
    }
    this.#endIfDone()
    return this.#toldWindowBytes < this.#init.limitBytes / 2
  }

  /** What to tell the remote of our window. */
  tellWindow(): number {
    this.#toldWindowBytes = this.window.windowBytes
    return this.#toldWindowBytes
  }

  /** The remote was told that there is room again: when to repeat that, as far as it is to be repeated. */
  toldUpdate(isFirst: boolean, nowMs: Millis, gapMs: Millis): void {
    this.#updatesLeft = isFirst ? WINDOW_UPDATES - 1 : this.#updatesLeft - 1
    this.updateMs = this.#updatesLeft > 0 ? nowMs + gapMs : Number.POSITIVE_INFINITY
  }

  clear(): void {
    this.#held = []
    this.window.clear()
  }

  #deliver(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    if (this.window.isPaused) {
      this.#held.push(bytes.slice())
      this.window.keep(bytes.length)
    } else this.#init.deliver(bytes)
  }

  #endIfDone(): void {
    if (!this.isDone || this.#isEnded) return
    this.#isEnded = true
    this.#init.ended()
  }
}
