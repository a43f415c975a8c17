/**
 * A client's side of one WebSocket tracker: all torrents share one socket, which is open as long as any of them takes
 * part, and rests after a failure. A tracker that talks too much is hung up on.
 *
 * Spec: no BEP; see `tracker-messages.ts`.
 * Divergence: `stopped` over a socket that is not open is not sent, since the tracker forgets whoever hangs up.
 */
import type { AnnounceRequest } from '../bep/0003-http-tracker.ts'
import type { ScrapeCounts } from '../bep/0048-scrape.ts'
import { equalBytes, latin1Decode, latin1Encode } from '../bytes.ts'
import type { Machine, Millis, RandomInt } from '../machine.ts'
import { MessageBudget } from './message-budget.ts'
import {
  encodeWsAnnounce,
  encodeWsAnswer,
  encodeWsScrape,
  parseWsTrackerMessage,
  type WsOffer,
  type WsSignal,
  type WsTrackerMessage,
} from './tracker-messages.ts'

export type WsAnswer =
  | Extract<WsTrackerMessage, { kind: 'announced' | 'failure' }>
  | { readonly kind: 'counts'; readonly counts: ScrapeCounts | null }
  /** `stopped` was said, or need not be. */
  | { readonly kind: 'left' }

export type WsTrackerInput =
  | {
      readonly kind: 'announce'
      /** The caller's own number for this question; unique among those under way. */
      readonly requestId: number
      readonly request: AnnounceRequest
      /** Kept until they are answered or too old; those for which there is no room come back as `expired`. */
      readonly offers: readonly WsOffer[]
    }
  | { readonly kind: 'scrape'; readonly requestId: number; readonly infoHash: Uint8Array }
  /** The description that answers an `offered`. */
  | { readonly kind: 'answer'; readonly signal: WsSignal }
  /** An `offered` will not be answered. */
  | { readonly kind: 'decline'; readonly signal: WsSignal }
  | { readonly kind: 'opened' }
  | { readonly kind: 'message'; readonly text: string }
  /** The socket is gone, or could not be opened. */
  | { readonly kind: 'closed' }
  | { readonly kind: 'tick' }

export type WsTrackerEffect =
  | { readonly kind: 'open' }
  | { readonly kind: 'send'; readonly text: string }
  /** No `closed` is fed for a socket that was closed by this. */
  | { readonly kind: 'close' }
  | { readonly kind: 'answered'; readonly requestId: number; readonly answer: WsAnswer }
  | {
      readonly kind: 'failed'
      readonly requestId: number
      readonly why: 'lost' | 'resting' | 'timed-out' | 'too-many' | 'too-talkative'
    }
  /** Another client wants to connect: answer with `answer` or `decline`. `peerId` is the other's. */
  | { readonly kind: 'offered'; readonly signal: WsSignal }
  /** Another client took our offer. */
  | { readonly kind: 'accepted'; readonly signal: WsSignal }
  /** Nobody took the offer. */
  | { readonly kind: 'expired'; readonly offerId: Uint8Array }
  /** The tracker no longer knows this torrent of ours; it may be asked again after `restMs`. */
  | { readonly kind: 'forgotten'; readonly infoHash: Uint8Array; readonly restMs: Millis }

export const WS_LIMITS = {
  /** Questions that wait for an answer or for the socket. */
  questions: 64,
  offersPerTorrent: 10,
  offers: 60,
  /** Others' offers that we are about to answer. */
  offeredPerTorrent: 10,
  offered: 40,
  /** Our offers wait for so long to be taken, and others' for our answer. */
  offerMs: 50_000,
  connectMs: 20_000,
  answerMs: 30_000,
  /** Messages beyond which the tracker is hung up on: so many at once, and so many a second. */
  messageBurst: 400,
  messagesPerSecond: 50,
  /** Broken messages of one connection. */
  faults: 20,
  firstRestMs: 10_000,
  lastRestMs: 3_600_000,
  /** A connection that lasted so long makes earlier failures forgotten. */
  soundMs: 60_000,
} as const

export class WsTracker implements Machine<WsTrackerInput, WsTrackerEffect> {
  readonly #chance: RandomInt
  /** Our peer id in each torrent that the tracker knows of, by its name. */
  readonly #torrents = new Map<string, Membership>()
  readonly #questions = new Map<number, Question>()
  readonly #offers = new Map<string, Outstanding>()
  readonly #offered = new Map<string, Outstanding>()
  readonly #budget = new MessageBudget(WS_LIMITS.messageBurst, WS_LIMITS.messagesPerSecond)
  #phase: 'closed' | 'connecting' | 'open' = 'closed'
  #phaseSinceMs: Millis = 0
  #restUntilMs: Millis = Number.NEGATIVE_INFINITY
  #failures = 0
  #faults = 0
  #effects: WsTrackerEffect[] = []

  constructor(chance: RandomInt) {
    this.#chance = chance
  }

  get deadlineMs(): Millis | null {
    let earliest = this.#phase === 'connecting' ? this.#phaseSinceMs + WS_LIMITS.connectMs : null
    for (const waiting of [this.#questions, this.#offers, this.#offered]) {
      for (const { untilMs } of waiting.values()) {
        if (earliest === null || untilMs < earliest) earliest = untilMs
      }
    }
    return earliest
  }

  /** Neither connected nor resting: nothing is lost by forgetting it. */
  isIdle(nowMs: Millis): boolean {
    return this.#phase === 'closed' && this.mayAsk(nowMs) && this.#questions.size === 0
  }

  /** Whether a question would be asked now; otherwise the tracker rests after a failure. */
  mayAsk(nowMs: Millis): boolean {
    return this.#phase !== 'closed' || nowMs >= this.#restUntilMs
  }

  /** How many offers are worth making for the next announce of a torrent. */
  offerRoom(infoHash: Uint8Array): number {
    const name = latin1Decode(infoHash)
    const ofTorrent = countOf(this.#offers, name)
    return Math.min(
      WS_LIMITS.offersPerTorrent - ofTorrent,
      Math.max(0, WS_LIMITS.offers - this.#offers.size),
    )
  }

  handle(input: WsTrackerInput, nowMs: Millis): readonly WsTrackerEffect[] {
    this.#effects = []
    switch (input.kind) {
      case 'announce':
        this.#announce(input, nowMs)
        break
      case 'scrape':
        this.#ask(input.requestId, { kind: 'scrape', name: latin1Decode(input.infoHash) }, nowMs)
        break
      case 'answer':
        if (this.#offered.delete(signalName(input.signal))) this.#sendAnswer(input.signal)
        break
      case 'decline':
        this.#offered.delete(signalName(input.signal))
        break
      case 'opened':
        this.#opened(nowMs)
        break
      case 'message':
        this.#receive(input.text, nowMs)
        break
      case 'closed':
        this.#lose('lost', nowMs)
        break
      case 'tick':
        this.#tick(nowMs)
        break
      default:
        input satisfies never
    }
    this.#closeIfIdle()
    return this.#effects
  }

  #announce(input: Extract<WsTrackerInput, { kind: 'announce' }>, nowMs: Millis): void {
    const { requestId, request, offers } = input
    const name = latin1Decode(request.infoHash)
    if (request.event === 'stopped') {
      this.#leave(name, request)
      this.#answered(requestId, { kind: 'left' })
      return
    }
    const kept: WsOffer[] = []
    const room = this.offerRoom(request.infoHash)
    for (const offer of offers) {
      if (kept.length < room) kept.push(offer)
      else this.#effects.push({ kind: 'expired', offerId: offer.offerId })
    }
    for (const { offerId } of kept) {
      const untilMs = nowMs + WS_LIMITS.offerMs
      this.#offers.set(latin1Decode(offerId), { name, offerId, untilMs })
    }
    this.#ask(requestId, { kind: 'announce', name, request, offers: kept }, nowMs)
  }

  /** Says goodbye where the tracker can hear it. */
  #leave(name: string, request: AnnounceRequest): void {
    const wasKnown = this.#torrents.delete(name)
    this.#dropOffersOf(name)
    for (const [id, question] of this.#questions) {
      if (question.ask.name === name && question.ask.kind === 'announce') this.#fail(id, 'lost')
    }
    if (this.#phase !== 'open' || !wasKnown) return
    this.#effects.push({ kind: 'send', text: encodeWsAnnounce(request, []) })
  }

  #ask(requestId: number, ask: Ask, nowMs: Millis): void {
    const isTooMany = this.#questions.size >= WS_LIMITS.questions
    const isResting = !this.mayAsk(nowMs)
    this.#questions.set(requestId, { ask, untilMs: nowMs + WS_LIMITS.answerMs, isSent: false })
    if (isTooMany || isResting) {
      this.#fail(requestId, isTooMany ? 'too-many' : 'resting')
    } else if (this.#phase === 'open') {
      this.#send(requestId)
    } else if (this.#phase === 'closed') {
      this.#phase = 'connecting'
      this.#phaseSinceMs = nowMs
      this.#effects.push({ kind: 'open' })
    }
  }

  #opened(nowMs: Millis): void {
    if (this.#phase !== 'connecting') return
    this.#phase = 'open'
    this.#phaseSinceMs = nowMs
    this.#faults = 0
    this.#budget.refill(nowMs)
    for (const [requestId, question] of this.#questions) {
      question.untilMs = nowMs + WS_LIMITS.answerMs
      this.#send(requestId)
    }
  }

  #send(requestId: number): void {
    const question = this.#questions.get(requestId)
    if (question === undefined || question.isSent) return
    const { ask } = question
    question.isSent = true
    if (ask.kind === 'announce') {
      const { infoHash, peerId } = ask.request
      this.#torrents.set(ask.name, { infoHash, peerId })
      // Some may have grown too old while the socket opened.
      const offers = ask.offers.filter(({ offerId }) => this.#offers.has(latin1Decode(offerId)))
      this.#effects.push({ kind: 'send', text: encodeWsAnnounce(ask.request, offers) })
    } else {
      const text = encodeWsScrape([latin1Encode(ask.name)])
      this.#effects.push({ kind: 'send', text })
    }
  }

  #sendAnswer(signal: WsSignal): void {
    const torrent = this.#torrents.get(latin1Decode(signal.infoHash))
    if (this.#phase !== 'open' || torrent === undefined) return
    const text = encodeWsAnswer({ ...signal, peerId: torrent.peerId, toPeerId: signal.peerId })
    this.#effects.push({ kind: 'send', text })
  }

  #receive(text: string, nowMs: Millis): void {
    if (this.#phase !== 'open') return
    if (!this.#budget.spend(nowMs)) {
      this.#hangUp('too-talkative', nowMs)
      return
    }
    const result = parseWsTrackerMessage(text)
    if (result.ok) {
      this.#hear(result.message, nowMs)
      return
    }
    this.#faults += 1
    if (this.#faults > WS_LIMITS.faults) this.#hangUp('too-talkative', nowMs)
  }

  #hear(message: WsTrackerMessage, nowMs: Millis): void {
    switch (message.kind) {
      case 'announced':
        this.#answerFirst('announce', latin1Decode(message.infoHash), message)
        break
      case 'failure': {
        const name = message.infoHash === null ? null : latin1Decode(message.infoHash)
        this.#answerFirst(null, name, message)
        break
      }
      case 'counts':
        for (const [name, counts] of message.counts) {
          this.#answerFirst('scrape', name, { kind: 'counts', counts })
        }
        if (message.counts.size === 0) {
          this.#answerFirst('scrape', null, { kind: 'counts', counts: null })
        }
        break
      case 'offer':
        this.#takeOffer(message, nowMs)
        break
      case 'answer':
        this.#takeAnswer(message)
        break
      default:
        message satisfies never
    }
  }

  /** Answers name no question: the oldest about this torrent is meant. */
  #answerFirst(kind: Ask['kind'] | null, name: string | null, answer: WsAnswer): void {
    for (const [requestId, { ask, isSent }] of this.#questions) {
      const isMeant = (kind === null || ask.kind === kind) && (name === null || ask.name === name)
      if (!isMeant || !isSent) continue
      if (answer.kind === 'failure' && ask.kind === 'announce') this.#torrents.delete(ask.name)
      this.#answered(requestId, answer)
      return
    }
  }

  #answered(requestId: number, answer: WsAnswer): void {
    this.#questions.delete(requestId)
    this.#effects.push({ kind: 'answered', requestId, answer })
  }

  #takeOffer(message: WsSignal, nowMs: Millis): void {
    const { infoHash, peerId, offerId, sdp } = message
    const name = latin1Decode(infoHash)
    const torrent = this.#torrents.get(name)
    if (torrent === undefined || equalBytes(peerId, torrent.peerId)) return
    const key = signalName(message)
    const isFull =
      this.#offered.size >= WS_LIMITS.offered ||
      countOf(this.#offered, name) >= WS_LIMITS.offeredPerTorrent
    if (isFull || this.#offered.has(key)) return
    this.#offered.set(key, { name, offerId, untilMs: nowMs + WS_LIMITS.offerMs })
    this.#effects.push({ kind: 'offered', signal: { infoHash, peerId, offerId, sdp } })
  }

  #takeAnswer(message: WsSignal): void {
    const { infoHash, peerId, offerId, sdp } = message
    const key = latin1Decode(offerId)
    const offer = this.#offers.get(key)
    if (offer === undefined || offer.name !== latin1Decode(infoHash)) return
    this.#offers.delete(key)
    this.#effects.push({ kind: 'accepted', signal: { infoHash, peerId, offerId, sdp } })
  }

  #tick(nowMs: Millis): void {
    if (this.#phase === 'connecting' && nowMs >= this.#phaseSinceMs + WS_LIMITS.connectMs) {
      this.#hangUp('timed-out', nowMs)
    }
    for (const [requestId, { untilMs }] of this.#questions) {
      if (untilMs <= nowMs) this.#fail(requestId, 'timed-out')
    }
    for (const [key, { offerId, untilMs }] of this.#offers) {
      if (untilMs > nowMs) continue
      this.#offers.delete(key)
      this.#effects.push({ kind: 'expired', offerId })
    }
    for (const [key, { untilMs }] of this.#offered) {
      if (untilMs <= nowMs) this.#offered.delete(key)
    }
  }

  #hangUp(why: 'timed-out' | 'too-talkative', nowMs: Millis): void {
    this.#effects.push({ kind: 'close' })
    this.#lose(why, nowMs)
  }

  /** The socket is gone without our wish: all is forgotten, and it rests for longer each time. */
  #lose(why: 'lost' | 'timed-out' | 'too-talkative', nowMs: Millis): void {
    if (this.#phase === 'closed') return
    const wasSound = this.#phase === 'open' && nowMs - this.#phaseSinceMs >= WS_LIMITS.soundMs
    this.#failures = wasSound && why === 'lost' ? 1 : this.#failures + 1
    this.#phase = 'closed'
    const restMs = this.#restMs()
    this.#restUntilMs = nowMs + restMs
    for (const requestId of [...this.#questions.keys()]) this.#fail(requestId, why)
    for (const { infoHash } of this.#torrents.values()) {
      this.#effects.push({ kind: 'forgotten', infoHash, restMs })
    }
    this.#torrents.clear()
    for (const { offerId } of this.#offers.values()) {
      this.#effects.push({ kind: 'expired', offerId })
    }
    this.#offers.clear()
    this.#offered.clear()
  }

  /** 10 s, doubled with each failure up to an hour, and up to half more so that clients do not come back in step. */
  #restMs(): Millis {
    const { firstRestMs, lastRestMs } = WS_LIMITS
    const baseMs = Math.min(firstRestMs * 2 ** Math.min(this.#failures - 1, 16), lastRestMs)
    return Math.min(baseMs + this.#chance(Math.floor(baseMs / 2) + 1), lastRestMs)
  }

  #fail(requestId: number, why: Extract<WsTrackerEffect, { kind: 'failed' }>['why']): void {
    const ask = this.#questions.get(requestId)?.ask
    this.#questions.delete(requestId)
    // What was never sent can be taken by nobody.
    if (ask?.kind === 'announce' && !this.#torrents.has(ask.name)) this.#dropOffersOf(ask.name)
    this.#effects.push({ kind: 'failed', requestId, why })
  }

  #dropOffersOf(name: string): void {
    for (const [key, offer] of this.#offers) {
      if (offer.name !== name) continue
      this.#offers.delete(key)
      this.#effects.push({ kind: 'expired', offerId: offer.offerId })
    }
    for (const [key, offer] of this.#offered) if (offer.name === name) this.#offered.delete(key)
  }

  #closeIfIdle(): void {
    const isNeeded = this.#torrents.size > 0 || this.#questions.size > 0
    if (this.#phase === 'closed' || isNeeded) return
    this.#phase = 'closed'
    this.#effects.push({ kind: 'close' })
  }
}

interface Membership {
  readonly infoHash: Uint8Array
  readonly peerId: Uint8Array
}

type Ask =
  | {
      readonly kind: 'announce'
      readonly name: string
      readonly request: AnnounceRequest
      readonly offers: readonly WsOffer[]
    }
  | { readonly kind: 'scrape'; readonly name: string }

interface Question {
  readonly ask: Ask
  untilMs: Millis
  isSent: boolean
}

interface Outstanding {
  readonly name: string
  readonly offerId: Uint8Array
  readonly untilMs: Millis
}

function countOf(outstanding: ReadonlyMap<string, Outstanding>, name: string): number {
  let count = 0
  for (const offer of outstanding.values()) if (offer.name === name) count += 1
  return count
}

function signalName({ infoHash, peerId, offerId }: WsSignal): string {
  return latin1Decode(infoHash) + latin1Decode(peerId) + latin1Decode(offerId)
}
