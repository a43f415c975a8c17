/**
 * Keeps one torrent known to its trackers and learns peers from them.
 *
 * Spec: BEP 3, "trackers"; BEP 12, "Order of Processing"; BEP 31; BEP 48
 */
import type { AnnounceEvent, AnnounceRequest } from '@pigeon/protocol/bep/0003-http-tracker'
import {
  boundTiers,
  promoteTracker,
  shuffleTiers,
  type TrackerTiers,
} from '@pigeon/protocol/bep/0012-tiers'
import type { Millis } from '@pigeon/protocol/machine'
import type { TrackerUrl } from '@pigeon/protocol/tracker-url'
import type { Address, Cancel, PeerSocket } from '../ports.ts'
import { PeerSieve } from './peer-sieve.ts'
import { TRACKER_LIMITS } from './settings.ts'
import type { AnnounceOutcome, GoodAnswer, TrackerAccess } from './tracker-access.ts'
import {
  type NameState,
  newNameState,
  newTrackerState,
  planAfter,
  retryDelayMs,
  type TrackerState,
  type TrackerStatus,
} from './tracker-state.ts'
import type { WsMember } from './ws-trackers.ts'

export interface AnnounceStats {
  readonly uploadedBytes: number
  readonly downloadedBytes: number
  /** Nonzero as long as anything is missing or the size is unknown. */
  readonly leftBytes: number
}

export interface AnnouncerOptions {
  /** Names as on the wire, 20 bytes each; a hybrid torrent has two, and both are announced. */
  readonly infoHashes: readonly Uint8Array[]
  readonly tiers: TrackerTiers
  /** 20 bytes. */
  readonly peerId: () => Uint8Array
  /** 32 bits, by which a tracker knows us at another address. */
  readonly key: () => number
  /** Where peers reach us; `null` when nowhere. */
  readonly port: () => number | null
  readonly stats: () => AnnounceStats
  /** How many more peers we could use; 0 when we have enough. */
  readonly wantPeers: () => number
  /** Peers without repetition, numeric, ports 1 to 65535, at most 200 a call. */
  readonly onPeers: (peers: readonly Address[], trackerUrl: string) => void
  /** A connection that came about through a WebSocket tracker; `outgoing`: we made the offer. */
  readonly onSocket: (socket: PeerSocket, direction: 'incoming' | 'outgoing') => void
  /** What a tracker says our address is: a hint, it may lie. */
  readonly onExternalAddress: (ip: string) => void
  /** A status changed. */
  readonly onChange: () => void
}

export class Announcer {
  readonly #access: TrackerAccess
  readonly #options: AnnouncerOptions
  readonly #sieve: PeerSieve
  readonly #states = new Map<string, TrackerState>()
  #tiers: TrackerTiers = []
  /** The tracker that answered last. */
  #current: TrackerState | null = null
  /** Host of the tracker that answered last, also after it was stopped. */
  #lastGood: string | null = null
  #isRunning = false
  /** Tells answers to an earlier life of this announcer from those that count. */
  #life = 0
  #isBusy = false
  #isCompletedDue = false
  #cancelTimer: Cancel | null = null
  #stopping: Promise<void> = Promise.resolve()

  constructor(access: TrackerAccess, options: AnnouncerOptions) {
    this.#access = access
    this.#options = options
    this.#sieve = new PeerSieve(access, options.onPeers)
    this.setTiers(options.tiers)
  }

  /** In the order in which they are tried. */
  get trackers(): readonly TrackerStatus[] {
    return this.#ordered().map((tracker) => ({
      url: tracker.url,
      tier: tracker.tier,
      state: tracker.state,
      message: tracker.message,
      seeds: tracker.seeds,
      leechers: tracker.leechers,
      nextAnnounceMs: this.#nextOf(tracker),
      lastAnnounceAtMs: tracker.lastAskedAtMs,
    }))
  }

  /** Of the tracker that answered last, or else of the first that can be asked; `null` without any. */
  get shownHost(): string | null {
    if (this.#lastGood !== null) return this.#lastGood
    return this.#ordered().find(({ parsed }) => parsed !== null)?.parsed?.host ?? null
  }

  /** Begins to announce, with `started`. */
  start(): void {
    if (this.#isRunning) return
    this.#isRunning = true
    const life = ++this.#life
    this.#isBusy = true
    // A tracker must not hear `started` before the `stopped` of the life before.
    void this.#stopping.then(() => {
      if (life !== this.#life) return
      this.#isBusy = false
      this.#run()
    })
  }

  /** The torrent became complete: the next announce says so, once, and goes out now. */
  completed(): void {
    if (!this.#isRunning || this.#isCompletedDue) return
    this.#isCompletedDue = true
    this.#run()
  }

  /** Says `stopped` to every tracker that may count us; resolves when they heard it, after 5 s at the latest. */
  stop(): Promise<void> {
    if (!this.#isRunning) return this.#stopping
    this.#isRunning = false
    const life = ++this.#life
    this.#isBusy = false
    this.#isCompletedDue = false
    this.#current = null
    this.#cancelTimer?.()
    for (const tracker of this.#states.values()) {
      if (tracker.state !== 'disabled') tracker.state = 'idle'
      // The next `started` is an event and need not wait; what failed keeps its pause.
      if (tracker.failures === 0) tracker.notBeforeMs = Number.NEGATIVE_INFINITY
    }
    this.#stopping = this.#sayStopped([...this.#states.values()], () => life === this.#life)
    this.#options.onChange()
    return this.#stopping
  }

  /** Asks for peers as soon as the trackers' own limits allow. */
  announceNow(): void {
    const nowMs = this.#nowMs()
    for (const tracker of this.#states.values()) {
      const pauseMs = tracker.failures > 0 ? TRACKER_LIMITS.forcedRetryMs : tracker.minIntervalMs
      const earliestMs = (tracker.lastAskedMs ?? Number.NEGATIVE_INFINITY) + pauseMs
      tracker.notBeforeMs = Math.min(tracker.notBeforeMs, Math.max(earliestMs, nowMs))
    }
    this.#run()
    this.#options.onChange()
  }

  /** Replaces the trackers; those that stay keep what is known about them, those that go hear `stopped`. */
  setTiers(tiers: TrackerTiers): void {
    const { random, log } = this.#access.ports
    const bounded = boundTiers(tiers)
    if (bounded.flat().length < new Set(tiers.flat()).size) log.write('warn', 'trackers-cut', {})
    this.#tiers = shuffleTiers(bounded, (below) => random.int(below))
    const kept = new Set<string>()
    for (const [tier, urls] of this.#tiers.entries()) {
      for (const url of urls) {
        kept.add(url)
        const known = this.#states.get(url)
        if (known !== undefined) known.tier = tier
        else this.#states.set(url, newTrackerState(url, tier, this.#options.infoHashes.length))
      }
    }
    const gone = [...this.#states.values()].filter(({ url }) => !kept.has(url))
    for (const { url, parsed } of gone) {
      this.#states.delete(url)
      if (parsed !== null && parsed.host === this.#lastGood) this.#lastGood = null
    }
    void this.#sayStopped(gone, () => true)
    if (this.#current !== null && kept.has(this.#current.url)) this.#promote(this.#current)
    else this.#current = null
    this.#run()
  }

  /** Starts a round if one is due, or sets the timer for it. At most one round runs at a time. */
  #run(): void {
    if (!this.#isRunning || this.#isBusy) return
    this.#cancelTimer?.()
    this.#cancelTimer = null
    const wakeMs = this.#wakeMs()
    if (wakeMs === null) return
    const delayMs = wakeMs - this.#nowMs()
    if (delayMs > 0) {
      this.#cancelTimer = this.#access.ports.clock.after(delayMs, () => this.#run())
      return
    }
    this.#isBusy = true
    const life = this.#life
    void this.#round(life).then(() => {
      if (life !== this.#life) return
      this.#isBusy = false
      this.#run()
    })
  }

  /** When the next round is due: the current tracker's time, or else that of the first that may be asked. */
  #wakeMs(): Millis | null {
    const current = this.#current
    if (current !== null) return this.#isCompletedDue ? this.#nowMs() : current.notBeforeMs
    let earliestMs: Millis | null = null
    for (const tracker of this.#states.values()) {
      if (tracker.state === 'disabled') continue
      earliestMs = Math.min(earliestMs ?? tracker.notBeforeMs, tracker.notBeforeMs)
    }
    return earliestMs
  }

  /** "All URLs in each tier must be checked before the client goes on to the next tier": until one answers. */
  async #round(life: number): Promise<void> {
    const eventFor = this.#isCompletedDue ? this.#current : null
    const order = this.#ordered().filter((tracker) => tracker !== eventFor)
    if (eventFor !== null) order.unshift(eventFor)
    for (const tracker of order) {
      if (life !== this.#life) return
      const isTurn = tracker === eventFor || tracker.notBeforeMs <= this.#nowMs()
      if (tracker.state === 'disabled' || !isTurn || !this.#states.has(tracker.url)) continue
      if (await this.#announceTo(tracker, life)) return
    }
  }

  /** Announces every name to a tracker; whether it answered for at least one. */
  async #announceTo(tracker: TrackerState, life: number): Promise<boolean> {
    const { parsed } = tracker
    if (parsed === null) return false
    const isLive = (): boolean => life === this.#life && this.#states.has(tracker.url)
    tracker.state = 'announcing'
    this.#options.onChange()
    const isCompletion = this.#isCompletedDue && tracker.names.some((name) => name.hasStarted)
    const answers: GoodAnswer[] = []
    let failure: Failure | null = null
    for (const index of tracker.names.keys()) {
      const outcome = await this.#announceName(tracker, parsed, index, isCompletion, isLive)
      if (!isLive()) return true
      if (outcome.kind === 'peers') answers.push(outcome)
      else if (outcome.kind !== 'dropped') failure ??= outcome
    }
    const hasAnswered = answers.length > 0
    if (isCompletion && hasAnswered) this.#isCompletedDue = false
    if (hasAnswered) this.#succeed(tracker, answers, failure)
    else if (failure !== null) this.#fail(tracker, failure)
    this.#options.onChange()
    if (hasAnswered) void this.#scrapeIfCountless(tracker, isLive)
    return hasAnswered
  }

  async #announceName(
    tracker: TrackerState,
    parsed: TrackerUrl,
    index: number,
    isCompletion: boolean,
    isLive: () => boolean,
  ): Promise<AnnounceOutcome> {
    const name = tracker.names[index] ?? newNameState()
    const { hasStarted } = name
    const event = hasStarted ? (isCompletion ? 'completed' : null) : 'started'
    name.mayKnowUs = true
    tracker.lastAskedMs = this.#nowMs()
    tracker.lastAskedAtMs = this.#access.ports.clock.wallMs()
    const outcome = await this.#access.announce(parsed, this.#request(tracker, index, event), {
      isUrgent: false,
      isWanted: isLive,
      onLate: (answer) => isLive() && this.#hear(tracker, answer),
      member: {
        wantPeers: this.#options.wantPeers,
        onSocket: this.#options.onSocket,
        onMissed: () => isLive() && this.#missed(tracker),
        onForgotten: (restMs) => isLive() && this.#forgotten(tracker, name, restMs),
      },
    })
    if (!isLive()) return outcome
    if (outcome.kind === 'peers') {
      name.hasStarted = true
      name.trackerId = outcome.trackerId ?? name.trackerId
      this.#hear(tracker, outcome)
    } else if (outcome.kind !== 'dropped') {
      name.mayKnowUs = hasStarted
    }
    return outcome
  }

  #request(tracker: TrackerState, index: number, event: AnnounceEvent | null): AnnounceRequest {
    const stats = this.#options.stats()
    const numWant = event === 'stopped' ? 0 : wholeBytes(this.#options.wantPeers())
    return {
      infoHash: this.#options.infoHashes[index] ?? new Uint8Array(20),
      peerId: this.#options.peerId(),
      // Trackers refuse port 0; at port 1 nobody is bothered.
      port: this.#options.port() ?? 1,
      uploadedBytes: wholeBytes(stats.uploadedBytes),
      downloadedBytes: wholeBytes(stats.downloadedBytes),
      leftBytes: wholeBytes(stats.leftBytes),
      event,
      key: this.#options.key(),
      numWant: Math.min(numWant, TRACKER_LIMITS.peersWanted),
      trackerId: tracker.names[index]?.trackerId ?? null,
    }
  }

  #hear(tracker: TrackerState, answer: GoodAnswer): void {
    if (answer.seeds !== null) tracker.seeds = answer.seeds
    if (answer.leechers !== null) tracker.leechers = answer.leechers
    if (answer.externalIp !== null) this.#options.onExternalAddress(answer.externalIp)
    void this.#sieve.pass(answer.peers, tracker.url)
  }

  #succeed(tracker: TrackerState, answers: readonly GoodAnswer[], failure: Failure | null): void {
    const plans = answers.map((answer) => planAfter(answer, this.#access.settings.minIntervalMs))
    const intervalMs = Math.max(...plans.map((plan) => plan.intervalMs))
    const warning = answers.map((answer) => answer.warning ?? '').find((text) => text !== '')
    const remark = plans.map((plan) => plan.remark).find((text) => text !== '')
    tracker.failures = 0
    tracker.state = 'working'
    tracker.minIntervalMs = Math.max(...plans.map((plan) => plan.minIntervalMs))
    tracker.notBeforeMs = this.#nowMs() + intervalMs
    tracker.message = warning ?? (failure === null ? remark : failureText(failure)) ?? ''
    this.#current = tracker
    this.#lastGood = tracker.parsed?.host ?? null
    this.#promote(tracker)
  }

  #fail(tracker: TrackerState, failure: Failure): void {
    tracker.failures++
    tracker.message = failureText(failure)
    tracker.state = 'failing'
    if (this.#current === tracker) this.#current = null
    const retryIn = failure.kind === 'failure' ? failure.retryIn : null
    if (retryIn === 'never') {
      tracker.state = 'disabled'
      return
    }
    const { random } = this.#access.ports
    const delayMs = retryIn ?? retryDelayMs(tracker.failures, (below) => random.int(below))
    tracker.notBeforeMs = this.#nowMs() + delayMs
  }

  /** Whoever was found could not be reached: others are asked for sooner than the tracker expects. */
  #missed(tracker: TrackerState): void {
    if (tracker.state !== 'working' || this.#options.wantPeers() === 0) return
    const soonMs = (tracker.lastAskedMs ?? 0) + TRACKER_LIMITS.missedRetryMs
    tracker.notBeforeMs = Math.min(tracker.notBeforeMs, Math.max(soonMs, this.#nowMs()))
    this.#run()
    this.#options.onChange()
  }

  /** The connection that kept us in its swarm is gone: it must hear `started` again, once it may be asked. */
  #forgotten(tracker: TrackerState, name: NameState, restMs: Millis): void {
    name.hasStarted = false
    name.mayKnowUs = false
    // While it is announced to, that announce fails, and plans the next.
    if (tracker.state !== 'working') return
    tracker.message = 'The connection to the tracker was lost; it is made again soon.'
    tracker.notBeforeMs = Math.min(tracker.notBeforeMs, this.#nowMs() + restMs)
    this.#run()
    this.#options.onChange()
  }

  async #scrapeIfCountless(tracker: TrackerState, isLive: () => boolean): Promise<void> {
    const nowMs = this.#nowMs()
    const [infoHash] = this.#options.infoHashes
    const isRecent =
      tracker.lastScrapedMs !== null && nowMs - tracker.lastScrapedMs < TRACKER_LIMITS.scrapeMs
    const hasCounts = tracker.lastScrapedMs === null && tracker.seeds !== null
    if (isRecent || hasCounts || tracker.parsed === null || infoHash === undefined) return
    tracker.lastScrapedMs = nowMs
    const counts = await this.#access.scrape(tracker.parsed, infoHash, isLive)
    if (counts === null || !isLive()) return
    tracker.seeds = counts.seeds
    tracker.leechers = counts.leechers
    this.#options.onChange()
  }

  async #sayStopped(trackers: readonly TrackerState[], isWanted: () => boolean): Promise<void> {
    const said: Promise<AnnounceOutcome>[] = []
    let isLate = false
    const options = {
      isUrgent: true,
      isWanted: () => !isLate && isWanted(),
      onLate: () => {},
      member: NOBODY,
    }
    for (const tracker of trackers) {
      for (const [index, name] of tracker.names.entries()) {
        if (!name.mayKnowUs || tracker.parsed === null) continue
        const request = this.#request(tracker, index, 'stopped')
        Object.assign(name, newNameState())
        said.push(this.#access.announce(tracker.parsed, request, options))
      }
    }
    if (said.length === 0) return
    await new Promise<void>((resolve) => {
      const cancel = this.#access.ports.clock.after(TRACKER_LIMITS.stopMs, resolve)
      void Promise.all(said).then(() => {
        cancel()
        resolve()
      })
    })
    isLate = true
  }

  #promote(tracker: TrackerState): void {
    this.#tiers = promoteTracker(this.#tiers, tracker.url)
  }

  #ordered(): TrackerState[] {
    const ordered = this.#tiers.flat().map((url) => this.#states.get(url))
    return ordered.filter((tracker) => tracker !== undefined)
  }

  #nextOf(tracker: TrackerState): Millis | null {
    const isPlanned = this.#isRunning && (tracker === this.#current || tracker.state === 'failing')
    return isPlanned ? tracker.notBeforeMs : null
  }

  #nowMs(): Millis {
    return this.#access.ports.clock.nowMs()
  }
}

/** Who leaves takes no connections. */
const NOBODY: WsMember = {
  wantPeers: () => 0,
  onSocket: (socket) => socket.close(),
  onMissed: () => {},
  onForgotten: () => {},
}

type Failure = Extract<AnnounceOutcome, { kind: 'failure' | 'problem' }>

function failureText(failure: Failure): string {
  if (failure.kind === 'problem') return failure.problem.message
  return failure.reason === '' ? 'The tracker refused without giving a reason.' : failure.reason
}

/** Trackers take whole numbers only. */
function wholeBytes(value: number): number {
  return Number.isFinite(value) ? Math.max(0, Math.floor(value)) : 0
}
