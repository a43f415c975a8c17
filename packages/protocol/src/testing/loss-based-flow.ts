import type { Bottleneck, UtpWorld } from './utp-world.ts'

/** A stream that sends as classic TCP does: ever more in a round trip, half of it after a loss. */
export class LossBasedFlow {
  deliveredBytes = 0
  readonly #world: UtpWorld
  readonly #bottleneck: Bottleneck
  readonly #delayMs: number
  #windowPackets = 10
  #thresholdPackets = Number.POSITIVE_INFINITY
  #underWay = 0
  #halvedMs = Number.NEGATIVE_INFINITY
  #isStopped = false

  /** `delayMs`: one way, without the queue. */
  constructor(world: UtpWorld, bottleneck: Bottleneck, delayMs: number) {
    this.#world = world
    this.#bottleneck = bottleneck
    this.#delayMs = delayMs
  }

  stop(): void {
    this.#isStopped = true
  }

  start(): void {
    while (!this.#isStopped && this.#underWay < this.#windowPackets) this.#send()
  }

  #send(): void {
    this.#underWay += 1
    const world = this.#world
    const sentMs = world.nowMs
    const throughMs = this.#bottleneck.pass(PACKET_BYTES, sentMs)
    // A loss is seen when later packets are acked: about when its own ack would have come.
    const waitMs = (throughMs ?? sentMs + this.#bottleneck.waitMs(sentMs)) - sentMs
    world.after(waitMs + 2 * this.#delayMs, () => {
      this.#underWay -= 1
      if (throughMs === null) this.#lost(sentMs)
      else this.#acked()
      this.start()
    })
  }

  #acked(): void {
    this.deliveredBytes += PACKET_BYTES
    const isSlowStart = this.#windowPackets < this.#thresholdPackets
    this.#windowPackets += isSlowStart ? 1 : 1 / this.#windowPackets
  }

  #lost(sentMs: number): void {
    if (sentMs <= this.#halvedMs) return
    this.#halvedMs = this.#world.nowMs
    this.#windowPackets = Math.max(2, this.#windowPackets / 2)
    this.#thresholdPackets = this.#windowPackets
  }
}

const PACKET_BYTES = 1460
