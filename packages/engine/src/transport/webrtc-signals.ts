/**
 * Turns offers and answers, which trackers carry, into connections over WebRTC. Whoever made the offer is the one who
 * begins to speak: its connection is outgoing.
 */
import { latin1Decode } from '@pigeon/protocol/bytes'
import type { WsOffer } from '@pigeon/protocol/webtorrent/tracker-messages'
import type { Dialling, PeerSocket, RandomPort, WebRtcOffer, WebRtcPort } from '../ports.ts'
import { isIoProblem } from '../problem.ts'

export const WEB_RTC_SIGNALS = {
  /** Offers that wait for an answer, and answers that wait for their connection, in the whole session. */
  atOnce: 100,
  offerIdBytes: 20,
} as const

/** What becomes of a connection that two have agreed on. */
export interface SignalHandlers {
  onSocket(socket: PeerSocket): void
  /** It did not come about. */
  onMissed(): void
}

export class WebRtcSignals {
  readonly #port: WebRtcPort
  readonly #random: RandomPort
  readonly #offers = new Map<string, WebRtcOffer>()
  /** Offers that somebody took, by their names. */
  readonly #taken = new Set<string>()
  readonly #answers = new Set<Dialling>()
  /** Descriptions that are being made. */
  #begun = 0
  #isClosed = false

  constructor(port: WebRtcPort, random: RandomPort) {
    this.#port = port
    this.#random = random
  }

  /** Up to `count` offers; fewer where the bound is reached, or where some cannot be made. */
  async makeOffers(count: number, handlers: SignalHandlers): Promise<readonly WsOffer[]> {
    const room = Math.min(count, this.#room)
    const made = await Promise.all(Array.from({ length: room }, () => this.#makeOffer(handlers)))
    return made.filter((offer) => offer !== null)
  }

  /** Another took an offer of ours; an unknown one is ignored. */
  accept(offerId: Uint8Array, sdp: string): void {
    const key = latin1Decode(offerId)
    const offer = this.#offers.get(key)
    if (offer === undefined) return
    this.#taken.add(key)
    offer.accept(sdp)
  }

  cancel(offerId: Uint8Array): void {
    const key = latin1Decode(offerId)
    const offer = this.#offers.get(key)
    this.#offers.delete(key)
    offer?.cancel()
  }

  /** What to answer to another's offer; `null` where it cannot be answered. */
  async answer(sdp: string, handlers: SignalHandlers): Promise<string | null> {
    if (this.#room === 0) return null
    this.#begun += 1
    let isOver = false
    const end = (): void => {
      isOver = true
      if (answer !== null) this.#answers.delete(answer)
    }
    let answer: Dialling | null = null
    const made = await this.#port.answer(sdp, {
      opened: (socket) => {
        end()
        if (this.#isClosed) socket.close()
        else handlers.onSocket(socket)
      },
      failed: () => {
        end()
        handlers.onMissed()
      },
    })
    this.#begun -= 1
    if (isIoProblem(made)) return null
    if (this.#isClosed) {
      made.cancel()
      return null
    }
    answer = made
    if (!isOver) this.#answers.add(made)
    return made.sdp
  }

  close(): void {
    this.#isClosed = true
    for (const dialling of [...this.#offers.values(), ...this.#answers]) dialling.cancel()
    this.#offers.clear()
    this.#answers.clear()
  }

  get #room(): number {
    const taken = this.#begun + this.#offers.size + this.#answers.size
    return this.#isClosed ? 0 : Math.max(0, WEB_RTC_SIGNALS.atOnce - taken)
  }

  async #makeOffer(handlers: SignalHandlers): Promise<WsOffer | null> {
    const offerId = this.#random.bytes(WEB_RTC_SIGNALS.offerIdBytes)
    const key = latin1Decode(offerId)
    this.#begun += 1
    let isOver = false
    const end = (): void => {
      isOver = true
      this.#offers.delete(key)
    }
    const made = await this.#port.offer({
      opened: (socket) => {
        end()
        this.#taken.delete(key)
        if (this.#isClosed) socket.close()
        else handlers.onSocket(socket)
      },
      failed: () => {
        end()
        if (this.#taken.delete(key)) handlers.onMissed()
      },
    })
    this.#begun -= 1
    if (isIoProblem(made) || isOver) return null
    if (this.#isClosed) {
      made.cancel()
      return null
    }
    this.#offers.set(key, made)
    return { offerId, sdp: made.sdp }
  }
}
