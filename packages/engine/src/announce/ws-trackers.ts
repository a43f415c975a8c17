/**
 * Drives the WebSocket tracker machines, one an address, and joins them to WebRTC: what a tracker passes on becomes
 * connections of the torrents that announced.
 */
import type { AnnounceRequest } from '@pigeon/protocol/bep/0003-http-tracker'
import type { ScrapeCounts } from '@pigeon/protocol/bep/0048-scrape'
import { latin1Decode } from '@pigeon/protocol/bytes'
import type { Millis } from '@pigeon/protocol/machine'
import type { TrackerUrl } from '@pigeon/protocol/tracker-url'
import type { WsSignal } from '@pigeon/protocol/webtorrent/tracker-messages'
import {
  type WsAnswer,
  WsTracker,
  type WsTrackerEffect,
  type WsTrackerInput,
} from '@pigeon/protocol/webtorrent/ws-tracker'
import type { Cancel, PeerSocket, Ports, WebSocketLink } from '../ports.ts'
import { type IoProblem, ioProblem, isIoProblem } from '../problem.ts'
import { type SignalHandlers, WebRtcSignals } from '../transport/webrtc-signals.ts'
import { closedProblem } from './host-gate.ts'

export type WsPorts = Pick<Ports, 'clock' | 'random' | 'webSockets' | 'webRtc'>

/** A torrent, as its WebSocket trackers see it. */
export interface WsMember {
  /** How many more peers it could use. */
  wantPeers(): number
  /** A connection stands. `outgoing`: we made the offer. */
  onSocket(socket: PeerSocket, direction: 'incoming' | 'outgoing'): void
  /** A connection that was agreed on did not come about. */
  onMissed(): void
  /** The tracker knows the torrent no more; it may be asked again after `restMs`. */
  onForgotten(restMs: Millis): void
}

export const WS_TRACKERS = {
  /** Trackers that are connected to, or rest after a failure. */
  links: 50,
  offersPerAnnounce: 5,
} as const

export class WsTrackers {
  readonly #ports: WsPorts
  readonly #isOn: () => boolean
  readonly #links = new Map<string, Link>()
  #signals: WebRtcSignals | null = null
  #isClosed = false

  /** `isOn`: whether WebRTC may be used now. */
  constructor(ports: WsPorts, isOn: () => boolean) {
    this.#ports = ports
    this.#isOn = isOn
  }

  /** Announces, with offers where the event allows and peers are wanted. */
  async announce(
    tracker: TrackerUrl,
    request: AnnounceRequest,
    member: WsMember,
  ): Promise<WsAnswer | IoProblem> {
    const signals = this.#signalling()
    const isLeaving = request.event === 'stopped'
    const link = this.#linkTo(tracker.url, signals, isLeaving)
    if (link === null) return isLeaving ? { kind: 'left' } : tooManyProblem()
    return link.announce(request, member)
  }

  async scrape(tracker: TrackerUrl, infoHash: Uint8Array): Promise<ScrapeCounts | null> {
    const link = this.#links.get(tracker.url)
    const answer = await link?.scrape(infoHash)
    return answer === undefined || isIoProblem(answer) || answer.kind !== 'counts'
      ? null
      : answer.counts
  }

  close(): void {
    this.#isClosed = true
    this.#hangUp(closedProblem())
  }

  /** WebRTC may have been switched off: then no tracker keeps a line to us, and no offer stays open. */
  settingsChanged(): void {
    if (!this.#isOn()) this.#hangUp(SWITCHED_OFF)
  }

  #hangUp(why: IoProblem): void {
    for (const link of this.#links.values()) link.close(why)
    this.#links.clear()
    this.#signals?.close()
    this.#signals = null
  }

  #signalling(): WebRtcSignals | null {
    const { webRtc, random } = this.#ports
    if (this.#signals === null && webRtc !== null && !this.#isClosed) {
      this.#signals = new WebRtcSignals(webRtc, random)
    }
    return this.#signals
  }

  #linkTo(url: string, signals: WebRtcSignals | null, mustExist: boolean): Link | null {
    const known = this.#links.get(url)
    if (known !== undefined || mustExist || signals === null || this.#isClosed) return known ?? null
    if (this.#links.size >= WS_TRACKERS.links) this.#dropIdle()
    if (this.#links.size >= WS_TRACKERS.links) return null
    const link = new Link(url, this.#ports, signals, this.#isOn)
    this.#links.set(url, link)
    return link
  }

  #dropIdle(): void {
    const nowMs = this.#ports.clock.nowMs()
    for (const [url, link] of this.#links) if (link.isIdle(nowMs)) this.#links.delete(url)
  }
}

/** One tracker's machine and its socket. */
class Link {
  readonly #url: string
  readonly #ports: WsPorts
  readonly #signals: WebRtcSignals
  readonly #isOn: () => boolean
  readonly #machine: WsTracker
  readonly #members = new Map<string, WsMember>()
  readonly #asked = new Map<number, (answer: WsAnswer | IoProblem) => void>()
  #socket: WebSocketLink | null = null
  /** Tells what an earlier socket says from what this one does. */
  #socketNumber = 0
  #lastProblem: IoProblem | null = null
  #nextRequestId = 1
  #cancelTimer: Cancel | null = null
  #isClosed = false

  constructor(url: string, ports: WsPorts, signals: WebRtcSignals, isOn: () => boolean) {
    this.#isOn = isOn
    this.#url = url
    this.#ports = ports
    this.#signals = signals
    this.#machine = new WsTracker((below) => ports.random.int(below))
  }

  isIdle(nowMs: Millis): boolean {
    return this.#machine.isIdle(nowMs)
  }

  async announce(request: AnnounceRequest, member: WsMember): Promise<WsAnswer | IoProblem> {
    const name = latin1Decode(request.infoHash)
    const { event } = request
    if (event === 'stopped') this.#members.delete(name)
    else this.#members.set(name, member)
    const takesOffers = event !== 'stopped' && event !== 'completed'
    const nowMs = this.#ports.clock.nowMs()
    const room =
      takesOffers && this.#machine.mayAsk(nowMs) ? this.#machine.offerRoom(request.infoHash) : 0
    const count = Math.min(room, member.wantPeers(), WS_TRACKERS.offersPerAnnounce)
    const offers = await this.#signals.makeOffers(count, this.#handlersOf(name, 'outgoing'))
    // Meanwhile it may have left: what came after its goodbye would stay.
    if (event !== 'stopped' && !this.#members.has(name)) {
      for (const { offerId } of offers) this.#signals.cancel(offerId)
      return closedProblem()
    }
    return this.#ask((requestId) => ({ kind: 'announce', requestId, request, offers }))
  }

  scrape(infoHash: Uint8Array): Promise<WsAnswer | IoProblem> {
    return this.#ask((requestId) => ({ kind: 'scrape', requestId, infoHash }))
  }

  /** What waits for an answer hears why there is none. */
  close(why: IoProblem): void {
    this.#isClosed = true
    this.#cancelTimer?.()
    this.#hangUp()
    for (const decide of this.#asked.values()) decide(why)
    this.#asked.clear()
  }

  #ask(question: (requestId: number) => WsTrackerInput): Promise<WsAnswer | IoProblem> {
    if (this.#isClosed) return Promise.resolve(closedProblem())
    const requestId = this.#nextRequestId++
    return new Promise((decide) => {
      this.#asked.set(requestId, decide)
      this.#feed(question(requestId))
    })
  }

  #feed(input: WsTrackerInput): void {
    if (this.#isClosed) return
    for (const effect of this.#machine.handle(input, this.#ports.clock.nowMs())) {
      this.#perform(effect)
    }
    this.#arm()
  }

  #perform(effect: WsTrackerEffect): void {
    switch (effect.kind) {
      case 'open':
        this.#open()
        break
      case 'send':
        this.#socket?.send(effect.text)
        break
      case 'close':
        this.#hangUp()
        break
      case 'answered':
        this.#decide(effect.requestId, effect.answer)
        break
      case 'failed':
        this.#decide(effect.requestId, this.#problemOf(effect.why))
        break
      case 'offered':
        void this.#answerOffer(effect.signal)
        break
      case 'accepted':
        this.#signals.accept(effect.signal.offerId, effect.signal.sdp)
        break
      case 'expired':
        this.#signals.cancel(effect.offerId)
        break
      case 'forgotten':
        this.#members.get(latin1Decode(effect.infoHash))?.onForgotten(effect.restMs)
        break
      default:
        effect satisfies never
    }
  }

  #open(): void {
    this.#socketNumber += 1
    const number = this.#socketNumber
    const feed = (input: WsTrackerInput): void => {
      if (number === this.#socketNumber) this.#feed(input)
    }
    this.#lastProblem = null
    this.#socket = this.#ports.webSockets.open(this.#url, {
      opened: () => feed({ kind: 'opened' }),
      message: (text) => feed({ kind: 'message', text }),
      closed: (problem) => {
        if (number === this.#socketNumber) this.#lastProblem = problem
        feed({ kind: 'closed' })
      },
    })
  }

  #hangUp(): void {
    this.#socketNumber += 1
    const socket = this.#socket
    this.#socket = null
    socket?.close()
  }

  async #answerOffer(signal: WsSignal): Promise<void> {
    const name = latin1Decode(signal.infoHash)
    const isWanted = this.#isOn() && (this.#members.get(name)?.wantPeers() ?? 0) > 0
    const sdp = isWanted
      ? await this.#signals.answer(signal.sdp, this.#handlersOf(name, 'incoming'))
      : null
    this.#feed(
      sdp === null ? { kind: 'decline', signal } : { kind: 'answer', signal: { ...signal, sdp } },
    )
  }

  #handlersOf(name: string, direction: 'incoming' | 'outgoing'): SignalHandlers {
    return {
      onSocket: (socket) => this.#hand(name, socket, direction),
      onMissed: () => this.#members.get(name)?.onMissed(),
    }
  }

  /** The torrent may be gone by the time that its connection stands. */
  #hand(name: string, socket: PeerSocket, direction: 'incoming' | 'outgoing'): void {
    const member = this.#members.get(name)
    if (member === undefined || this.#isClosed || !this.#isOn()) socket.close()
    else member.onSocket(socket, direction)
  }

  #decide(requestId: number, answer: WsAnswer | IoProblem): void {
    const decide = this.#asked.get(requestId)
    this.#asked.delete(requestId)
    decide?.(answer)
  }

  #problemOf(why: Extract<WsTrackerEffect, { kind: 'failed' }>['why']): IoProblem {
    const known = why === 'lost' || why === 'resting' ? this.#lastProblem : null
    return known ?? PROBLEMS[why]
  }

  #arm(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = null
    const { deadlineMs } = this.#machine
    if (deadlineMs === null || this.#isClosed) return
    const delayMs = Math.max(0, deadlineMs - this.#ports.clock.nowMs())
    this.#cancelTimer = this.#ports.clock.after(delayMs, () => this.#feed({ kind: 'tick' }))
  }
}

const PROBLEMS: {
  readonly [W in Extract<WsTrackerEffect, { kind: 'failed' }>['why']]: IoProblem
} = {
  lost: ioProblem('closed', 'The tracker hung up.', 'It is asked again later.'),
  resting: ioProblem(
    'closed',
    'The tracker hung up a moment ago and is left alone for a while.',
    'It is asked again later.',
  ),
  'timed-out': ioProblem('timed-out', 'The tracker did not answer.', 'It is asked again later.'),
  'too-many': tooManyProblem(),
  'too-talkative': ioProblem(
    'bad-answer',
    'The tracker sent more than a tracker should.',
    'It is asked again later.',
  ),
}

const SWITCHED_OFF = ioProblem(
  'not-allowed',
  'WebRTC may not be used any more, so that this tracker is not asked.',
  'See WebRTC and the anonymous mode in the settings.',
)

function tooManyProblem(): IoProblem {
  return ioProblem(
    'not-allowed',
    'Too many WebSocket trackers are asked at once.',
    'Pause some torrents; the announce is tried again later.',
  )
}
