/**
 * The session's one way to its trackers: sockets, connection ids and the bounds on how many are asked at once.
 * Paths and queries of trackers hold passkeys, so that logs only ever name scheme, host and port.
 */
import {
  type AnnounceAnswer,
  type AnnounceRequest,
  announceUrl,
  parseAnnounceAnswer,
} from '@pigeon/protocol/bep/0003-http-tracker'
import type { UdpQuestion } from '@pigeon/protocol/bep/0015-udp-client'
import {
  parseScrapeAnswer,
  type ScrapeAnswer,
  type ScrapeCounts,
  scrapeUrl,
} from '@pigeon/protocol/bep/0048-scrape'
import {
  addressScope,
  ipFamily,
  isCloudMetadataAddress,
  parseIp,
} from '@pigeon/protocol/ip-address'
import type { Millis } from '@pigeon/protocol/machine'
import { type TrackerUrl, trackerOrigin } from '@pigeon/protocol/tracker-url'
import type { HttpAnswer, Ports } from '../ports.ts'
import { type IoProblem, ioProblem, isIoProblem } from '../problem.ts'
import { closedProblem, HostGate } from './host-gate.ts'
import { DEFAULT_TRACKER_SETTINGS, TRACKER_LIMITS, type TrackerSettings } from './settings.ts'
import { type UdpReply, type UdpTrackerPorts, UdpTrackers } from './udp-trackers.ts'
import { type WsMember, type WsPorts, WsTrackers } from './ws-trackers.ts'

export type TrackerPorts = Pick<Ports, 'clock' | 'random' | 'http' | 'log'> &
  WsPorts &
  UdpTrackerPorts & { readonly datagrams: Pick<Ports['datagrams'], 'resolve'> }

export type GoodAnswer = Extract<AnnounceAnswer, { kind: 'peers' }>

/** What came of an announce. `dropped`: nobody wanted it any more when its turn came. */
export type AnnounceOutcome =
  | Exclude<AnnounceAnswer, { kind: 'fault' }>
  | { readonly kind: 'problem'; readonly problem: IoProblem }
  | { readonly kind: 'dropped' }

export interface AskOptions {
  readonly isUrgent: boolean
  readonly isWanted: () => boolean
  /** Over UDP both address families are asked; what comes after the first answer comes here. */
  readonly onLate: (answer: GoodAnswer) => void
  /** Who takes the connections that a WebSocket tracker leads to. */
  readonly member: WsMember
}

export class TrackerAccess {
  /** May be changed: what it says when it matters counts. */
  readonly settings: TrackerSettings
  readonly ports: TrackerPorts
  readonly #gate: HostGate
  readonly #udp: UdpTrackers
  readonly #ws: WsTrackers
  readonly #silentUntilMs = new Map<string, Millis>()
  #isClosed = false

  constructor(ports: TrackerPorts, settings: Partial<TrackerSettings> = {}) {
    this.ports = ports
    this.settings = { ...DEFAULT_TRACKER_SETTINGS, ...settings }
    this.#gate = new HostGate(ports.clock)
    this.#udp = new UdpTrackers(ports)
    this.#ws = new WsTrackers(ports, () => this.settings.webRtc === 'on')
  }

  /** Announces one name to one tracker, when it is its turn. */
  async announce(
    tracker: TrackerUrl,
    request: AnnounceRequest,
    options: AskOptions,
  ): Promise<AnnounceOutcome> {
    const isLeaving = request.event === 'stopped'
    const missing = isWebSocket(tracker) && !isLeaving ? this.#webRtcProblem() : null
    if (missing !== null) return { kind: 'problem', problem: missing }
    const outcome = await this.#inTurn(tracker, options, () => {
      if (isWebSocket(tracker)) return this.#announceWs(tracker, request, options)
      return tracker.protocol === 'udp'
        ? this.#announceUdp(tracker, request, options)
        : this.#announceHttp(tracker, request, options.isUrgent)
    })
    this.#logOutcome(tracker, outcome)
    return outcome
  }

  /** Numbers of one swarm; `null` where the tracker gives none. */
  async scrape(
    tracker: TrackerUrl,
    infoHash: Uint8Array,
    isWanted: () => boolean,
  ): Promise<ScrapeCounts | null> {
    // The answer to an announce over a WebSocket holds the numbers already.
    if (isWebSocket(tracker)) return null
    const url = tracker.protocol === 'udp' ? null : scrapeUrl(tracker, [infoHash])
    if (tracker.protocol !== 'udp' && url === null) return null
    const outcome = await this.#inTurn(tracker, { isUrgent: false, isWanted }, () =>
      url === null ? this.#scrapeUdp(tracker, infoHash) : this.#scrapeHttp(url, tracker, infoHash),
    )
    return outcome.kind === 'counts' ? (outcome.counts[0] ?? null) : null
  }

  /** Numeric addresses of a peer that a tracker named by a host name. */
  async resolvePeer(host: string): Promise<readonly string[]> {
    const found = await this.ports.datagrams.resolve(host)
    return isIoProblem(found) ? [] : found.filter((address) => ipFamily(address) !== null)
  }

  /** What was switched off ends at once. */
  change(settings: Partial<TrackerSettings>): void {
    Object.assign(this.settings, settings)
    this.#ws.settingsChanged()
  }

  close(): void {
    this.#isClosed = true
    this.#gate.close()
    this.#udp.close()
    this.#ws.close()
  }

  async #inTurn<Outcome extends { readonly kind: string }>(
    tracker: TrackerUrl,
    options: Pick<AskOptions, 'isUrgent' | 'isWanted'>,
    ask: () => Promise<Outcome | Failed>,
  ): Promise<Outcome | Failed | { readonly kind: 'dropped' }> {
    const { isUrgent, isWanted } = options
    const leave = await this.#gate.enter({ host: tracker.host, isUrgent, isWanted })
    if (leave === null) return { kind: 'dropped' }
    if (isIoProblem(leave)) return { kind: 'problem', problem: leave }
    if (this.#isClosed) return { kind: 'problem', problem: closedProblem() }
    const outcome = await ask()
    leave(isFailed(outcome) ? outcome.problem : null)
    return outcome
  }

  async #announceWs(
    tracker: TrackerUrl,
    request: AnnounceRequest,
    options: AskOptions,
  ): Promise<Exclude<AnnounceOutcome, { kind: 'dropped' }>> {
    const answer = await this.#ws.announce(tracker, request, options.member)
    if (isIoProblem(answer)) return { kind: 'problem', problem: answer }
    if (answer.kind === 'failure') {
      return { kind: 'failure', reason: answer.reason, retryIn: null }
    }
    const said = answer.kind === 'announced' ? answer : NOTHING_SAID
    return { ...said, kind: 'peers', peers: [], externalIp: null }
  }

  /** Why no WebSocket tracker is asked; `null` when they are. */
  #webRtcProblem(): IoProblem | null {
    if (this.settings.webRtc !== 'on') return WEB_RTC_PROBLEMS[this.settings.webRtc]
    return this.ports.webRtc === null ? WEB_RTC_PROBLEMS.missing : null
  }

  async #announceHttp(
    tracker: TrackerUrl,
    request: AnnounceRequest,
    isUrgent: boolean,
  ): Promise<Exclude<AnnounceOutcome, { kind: 'dropped' }>> {
    const timeoutMs = isUrgent ? TRACKER_LIMITS.stopMs : TRACKER_LIMITS.answerMs
    const got = await this.#get(announceUrl(tracker, request), timeoutMs)
    if (isIoProblem(got)) return { kind: 'problem', problem: got }
    const answer = parseAnnounceAnswer(got.body)
    const problem = answerProblem(tracker, got, answer)
    return problem === null && answer.kind !== 'fault'
      ? answer
      : { kind: 'problem', problem: problem ?? closedProblem() }
  }

  async #scrapeHttp(
    url: string,
    tracker: TrackerUrl,
    infoHash: Uint8Array,
  ): Promise<ScrapeAnswer | Failed> {
    const got = await this.#get(url, TRACKER_LIMITS.answerMs)
    if (isIoProblem(got)) return { kind: 'problem', problem: got }
    const answer = parseScrapeAnswer(got.body, [infoHash])
    const problem = answerProblem(tracker, got, answer)
    return problem === null ? answer : { kind: 'problem', problem }
  }

  #get(url: string, timeoutMs: Millis): Promise<HttpAnswer | IoProblem> {
    return this.ports.http.get(url, {
      limitBytes: TRACKER_LIMITS.answerBytes,
      timeoutMs,
      allowPrivate: this.settings.allowPrivate,
    })
  }

  /** Asks one address of each family and answers with the first that answers well. */
  async #announceUdp(
    tracker: TrackerUrl,
    request: AnnounceRequest,
    options: AskOptions,
  ): Promise<Exclude<AnnounceOutcome, { kind: 'dropped' }>> {
    const addresses = await this.#udpAddresses(tracker)
    if (isIoProblem(addresses)) return { kind: 'problem', problem: addresses }
    const question: UdpQuestion = { kind: 'announce', request, pathAndQuery: tracker.pathAndQuery }
    return new Promise((decide) => {
      let isDecided = false
      let waitingFor = addresses.length
      const hear = (reply: UdpReply | IoProblem): void => {
        waitingFor--
        const outcome = announceOutcome(reply)
        if (isDecided) {
          if (outcome.kind === 'peers') options.onLate(outcome)
        } else if (outcome.kind === 'peers' || waitingFor === 0) {
          isDecided = true
          decide(outcome)
        }
      }
      for (const host of addresses) void this.#askUdp(tracker, host, question, options).then(hear)
    })
  }

  async #scrapeUdp(tracker: TrackerUrl, infoHash: Uint8Array): Promise<ScrapeAnswer | Failed> {
    const addresses = await this.#udpAddresses(tracker)
    if (isIoProblem(addresses)) return { kind: 'problem', problem: addresses }
    const question: UdpQuestion = { kind: 'scrape', infoHashes: [infoHash] }
    const reply = await this.#askUdp(tracker, addresses[0] ?? '', question, { isUrgent: false })
    if (isIoProblem(reply)) return { kind: 'problem', problem: reply }
    if (reply.kind === 'scrape') return { kind: 'counts', counts: reply.counts }
    return { kind: 'failure', reason: reply.kind === 'error' ? reply.message : '', retryIn: null }
  }

  async #askUdp(
    tracker: TrackerUrl,
    host: string,
    question: UdpQuestion,
    options: Pick<AskOptions, 'isUrgent'>,
  ): Promise<UdpReply | IoProblem> {
    const retransmissions = options.isUrgent ? 0 : TRACKER_LIMITS.udpRetransmissions
    const reply = await this.#udp.ask({ host, port: tracker.port }, question, retransmissions)
    this.#silentUntilMs.delete(host)
    if (isIoProblem(reply) && reply.code === 'timed-out') {
      this.#silentUntilMs.set(host, this.ports.clock.nowMs() + TRACKER_LIMITS.silentAddressMs)
      for (const [oldest] of this.#silentUntilMs) {
        if (this.#silentUntilMs.size <= TRACKER_LIMITS.rememberedHosts) break
        this.#silentUntilMs.delete(oldest)
      }
    }
    return reply
  }

  /** One address a family, leaving out those that lately never answered while the host has others. */
  async #udpAddresses(tracker: TrackerUrl): Promise<readonly string[] | IoProblem> {
    const { host } = tracker
    const found =
      ipFamily(host) === null ? await this.ports.datagrams.resolve(host) : ([host] as const)
    if (isIoProblem(found)) return found
    const allowed = found.filter((address) => this.#isAllowed(address))
    if (allowed.length === 0) return notAllowedProblem(tracker, found.length > 0)
    const nowMs = this.ports.clock.nowMs()
    const heard = allowed.filter((address) => (this.#silentUntilMs.get(address) ?? 0) <= nowMs)
    const usable = heard.length > 0 ? heard : allowed
    const four = usable.find((address) => ipFamily(address) === 4)
    const six = usable.find((address) => ipFamily(address) === 6)
    return [four, six].filter((address) => address !== undefined)
  }

  #isAllowed(address: string): boolean {
    const bytes = parseIp(address)
    if (bytes === null || isCloudMetadataAddress(bytes)) return false
    const scope = addressScope(bytes)
    return scope === 'public' || (scope !== 'never' && this.settings.allowPrivate)
  }

  #logOutcome(tracker: TrackerUrl, outcome: AnnounceOutcome): void {
    const name = trackerOrigin(tracker)
    if (outcome.kind === 'peers') {
      this.ports.log.write('debug', 'announced', { tracker: name, peers: outcome.peers.length })
    } else if (outcome.kind === 'failure') {
      this.ports.log.write('info', 'tracker-refused', { tracker: name })
    } else if (outcome.kind === 'problem') {
      const { code } = outcome.problem
      this.ports.log.write('info', 'announce-failed', { tracker: name, code })
    }
  }
}

/** What reaches peers in browsers is missing or not wanted. */
export const WEB_RTC_PROBLEMS: {
  readonly [W in 'missing' | 'off' | 'proxied' | 'anonymous']: IoProblem
} = {
  missing: ioProblem(
    'not-allowed',
    'Peers in browsers need the package node-datachannel: run "npm install node-datachannel" beside Pigeon, then start it again.',
    'Run "npm install node-datachannel" beside Pigeon, then start it again.',
  ),
  off: ioProblem(
    'not-allowed',
    'WebRTC is switched off in the settings, so that this tracker is not asked.',
    'Switch WebRTC on in the settings.',
  ),
  proxied: ioProblem(
    'not-allowed',
    'WebRTC would go around the proxy, so that this tracker is not asked.',
    'Use trackers over http or https with a proxy.',
  ),
  anonymous: ioProblem(
    'not-allowed',
    'WebRTC would tell others the addresses of this machine, so that this tracker is not asked in anonymous mode.',
    'Switch the anonymous mode off, or use trackers over http, https or udp.',
  ),
}

/** The tracker heard that we leave. */
const NOTHING_SAID = {
  intervalMs: null,
  minIntervalMs: null,
  seeds: null,
  leechers: null,
  warning: null,
  trackerId: null,
} as const

interface Failed {
  readonly kind: 'problem'
  readonly problem: IoProblem
}

function isWebSocket({ protocol }: TrackerUrl): boolean {
  return protocol === 'ws' || protocol === 'wss'
}

function isFailed(outcome: { readonly kind: string }): outcome is Failed {
  return outcome.kind === 'problem'
}

/** A page that is no tracker's answer, or an error that is not put into a tracker's words. */
function answerProblem(
  tracker: TrackerUrl,
  got: HttpAnswer,
  answer: AnnounceAnswer | ScrapeAnswer,
): IoProblem | null {
  if (answer.kind === 'failure') return null
  const help = 'Check the address of the tracker; it is asked again later.'
  if (got.status < 200 || got.status > 299) {
    return ioProblem('bad-answer', `${tracker.host} answered with HTTP status ${got.status}.`, help)
  }
  return answer.kind === 'fault' ? ioProblem('bad-answer', answer.fault.detail, help) : null
}

function announceOutcome(
  reply: UdpReply | IoProblem,
): Exclude<AnnounceOutcome, { kind: 'dropped' }> {
  if (isIoProblem(reply)) return { kind: 'problem', problem: reply }
  if (reply.kind !== 'announce') {
    const reason = reply.kind === 'error' ? reply.message : ''
    return { kind: 'failure', reason, retryIn: null }
  }
  return {
    kind: 'peers',
    intervalMs: reply.intervalMs,
    minIntervalMs: null,
    peers: reply.peers.map(({ host, port }) => ({ host, port, isName: false })),
    seeds: reply.seeds,
    leechers: reply.leechers,
    warning: null,
    trackerId: null,
    externalIp: null,
  }
}

function notAllowedProblem(tracker: TrackerUrl, hasAddresses: boolean): IoProblem {
  return hasAddresses
    ? ioProblem(
        'not-allowed',
        `${tracker.host} is at an address that must not be asked.`,
        'Allow trackers on private networks in the settings if this one is yours.',
      )
    : ioProblem('name-not-found', `${tracker.host} has no address.`, 'Check the tracker address.')
}
