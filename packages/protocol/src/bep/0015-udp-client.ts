/**
 * The client's side of the UDP tracker protocol: connection ids, retransmission, and who may answer.
 *
 * Spec: BEP 15, "Time outs", "UDP connections / spoofing" <https://www.bittorrent.org/beps/bep_0015.html>
 * Divergence: after the wait with n = 8 a request fails, or earlier where the caller asks for fewer retransmissions.
 * An error that speaks of the connection id makes us connect anew, once a request, since trackers that forget ids exist.
 */
import { formatIp, parseIp } from '../ip-address.ts'
import type { Machine, Millis, RandomInt } from '../machine.ts'
import type { AnnounceRequest } from './0003-http-tracker.ts'
import {
  type AddressFamily,
  decodeUdpAnswer,
  encodeConnect,
  encodeUdpAnnounce,
  encodeUdpScrape,
  type UdpAnswer,
} from './0015-udp-tracker.ts'
import type { PeerAddress } from './0023-compact.ts'

/** What to ask. `pathAndQuery` goes along as URL data (BEP 41). */
export type UdpQuestion =
  | {
      readonly kind: 'announce'
      readonly request: AnnounceRequest
      readonly pathAndQuery: string
    }
  | { readonly kind: 'scrape'; readonly infoHashes: readonly Uint8Array[] }

export type UdpTrackerInput =
  | {
      readonly kind: 'ask'
      /** The caller's own number for this request; unique among those under way. */
      readonly requestId: number
      /** Numeric. */
      readonly to: PeerAddress
      readonly question: UdpQuestion
      /** 0 to 8. */
      readonly maxRetransmissions: number
    }
  | { readonly kind: 'datagram'; readonly bytes: Uint8Array; readonly from: PeerAddress }
  | { readonly kind: 'cancel'; readonly requestId: number }
  | { readonly kind: 'tick' }

export type UdpTrackerEffect =
  | {
      readonly kind: 'send'
      readonly to: PeerAddress
      readonly family: AddressFamily
      readonly bytes: Uint8Array
    }
  | {
      readonly kind: 'answered'
      readonly requestId: number
      readonly answer: Extract<UdpAnswer, { kind: 'announce' | 'scrape' | 'error' }>
    }
  /** `too-many`: the limit of requests under way is reached. */
  | {
      readonly kind: 'failed'
      readonly requestId: number
      readonly why: 'timed-out' | 'bad-address' | 'too-many'
    }

/** "A client can use a connection ID until one minute after it has received it." */
export const CONNECTION_ID_MS = 60_000
/** "15 * 2 ^ n seconds, where n starts at 0 and is increased up to 8." */
export const FIRST_WAIT_MS = 15_000
export const MAX_RETRANSMISSIONS = 8
export const MAX_UDP_REQUESTS = 256
export const MAX_CONNECTION_IDS = 256

/** All UDP trackers of a session. Answers count only from the address that was asked, with the number that was drawn. */
export class UdpTrackerClient implements Machine<UdpTrackerInput, UdpTrackerEffect> {
  readonly #chance: RandomInt
  readonly #requests = new Map<number, Pending>()
  readonly #connectionIds = new Map<string, { id: bigint; untilMs: Millis }>()
  #effects: UdpTrackerEffect[] = []

  constructor(chance: RandomInt) {
    this.#chance = chance
  }

  get deadlineMs(): Millis | null {
    let earliest: Millis | null = null
    for (const { deadlineMs } of this.#requests.values()) {
      if (earliest === null || deadlineMs < earliest) earliest = deadlineMs
    }
    return earliest
  }

  handle(input: UdpTrackerInput, nowMs: Millis): readonly UdpTrackerEffect[] {
    this.#effects = []
    switch (input.kind) {
      case 'ask':
        this.#ask(input, nowMs)
        break
      case 'datagram':
        this.#receive(input.bytes, input.from, nowMs)
        break
      case 'cancel':
        this.#requests.delete(input.requestId)
        break
      case 'tick':
        this.#tick(nowMs)
        break
      default:
        input satisfies never
    }
    return this.#effects
  }

  #ask(input: Extract<UdpTrackerInput, { kind: 'ask' }>, nowMs: Millis): void {
    const { requestId, question } = input
    const to = canonicalPlace(input.to)
    if (to === null) {
      this.#effects.push({ kind: 'failed', requestId, why: 'bad-address' })
    } else if (this.#requests.size >= MAX_UDP_REQUESTS) {
      this.#effects.push({ kind: 'failed', requestId, why: 'too-many' })
    } else {
      const pending: Pending = {
        requestId,
        question,
        to,
        family: familyOf(to),
        retransmissionsLeft: Math.min(Math.max(input.maxRetransmissions, 0), MAX_RETRANSMISSIONS),
        waitMs: FIRST_WAIT_MS,
        deadlineMs: nowMs,
        awaits: 'connect',
        transactionId: 0,
        hasTransaction: false,
        hasReconnected: false,
      }
      this.#requests.set(requestId, pending)
      this.#transmit(pending, nowMs)
    }
  }

  /** Sends the step that is due: the question where a connection id is known and fresh, else a connect. */
  #transmit(pending: Pending, nowMs: Millis): void {
    const known = this.#connectionIds.get(placeName(pending.to))
    const connectionId = known !== undefined && nowMs < known.untilMs ? known.id : null
    const awaits = connectionId === null ? 'connect' : pending.question.kind
    // A repeated step keeps its number, so that a late answer to the first packet counts too.
    if (awaits !== pending.awaits || !pending.hasTransaction) {
      pending.transactionId = this.#drawTransactionId()
      pending.hasTransaction = true
      pending.awaits = awaits
    }
    const bytes =
      connectionId === null
        ? encodeConnect(pending.transactionId)
        : encodeQuestion(connectionId, pending.transactionId, pending.question)
    pending.deadlineMs = nowMs + pending.waitMs
    this.#effects.push({ kind: 'send', to: pending.to, family: pending.family, bytes })
  }

  #receive(bytes: Uint8Array, from: PeerAddress, nowMs: Millis): void {
    const source = canonicalPlace(from)
    if (source === null) return
    const answer = decodeUdpAnswer(bytes, familyOf(source))
    const pending = answer === null ? undefined : this.#findAsker(answer, source)
    if (answer === null || pending === undefined) return
    if (answer.kind === 'connect') {
      this.#keepConnectionId(pending.to, answer.connectionId, nowMs)
      pending.waitMs = FIRST_WAIT_MS
      this.#transmit(pending, nowMs)
    } else if (answer.kind === 'error' && this.#mayReconnect(pending, answer.message)) {
      pending.hasReconnected = true
      this.#connectionIds.delete(placeName(pending.to))
      this.#transmit(pending, nowMs)
    } else {
      this.#requests.delete(pending.requestId)
      this.#effects.push({ kind: 'answered', requestId: pending.requestId, answer })
    }
  }

  #findAsker(answer: UdpAnswer, from: PeerAddress): Pending | undefined {
    for (const pending of this.#requests.values()) {
      if (pending.transactionId !== answer.transactionId) continue
      if (pending.to.host !== from.host || pending.to.port !== from.port) continue
      if (answer.kind === 'error' || answer.kind === pending.awaits) return pending
    }
    return undefined
  }

  /** "Connection ID missmatch." is what a common tracker really sends. */
  #mayReconnect(pending: Pending, message: string): boolean {
    return (
      !pending.hasReconnected && pending.awaits !== 'connect' && /connection[ _-]?id/i.test(message)
    )
  }

  #keepConnectionId(to: PeerAddress, id: bigint, nowMs: Millis): void {
    const name = placeName(to)
    this.#connectionIds.delete(name)
    this.#connectionIds.set(name, { id, untilMs: nowMs + CONNECTION_ID_MS })
    for (const [oldest] of this.#connectionIds) {
      if (this.#connectionIds.size <= MAX_CONNECTION_IDS) break
      this.#connectionIds.delete(oldest)
    }
  }

  #tick(nowMs: Millis): void {
    for (const pending of this.#requests.values()) {
      if (pending.deadlineMs > nowMs) continue
      if (pending.retransmissionsLeft === 0) {
        this.#requests.delete(pending.requestId)
        this.#effects.push({ kind: 'failed', requestId: pending.requestId, why: 'timed-out' })
        continue
      }
      pending.retransmissionsLeft--
      pending.waitMs = Math.min(pending.waitMs * 2, FIRST_WAIT_MS * 2 ** MAX_RETRANSMISSIONS)
      this.#transmit(pending, nowMs)
    }
  }

  #drawTransactionId(): number {
    const taken = new Set([...this.#requests.values()].map(({ transactionId }) => transactionId))
    let drawn = this.#chance(2 ** 32)
    while (taken.has(drawn)) drawn = (drawn + 1) % 2 ** 32
    return drawn
  }
}

interface Pending {
  readonly requestId: number
  readonly question: UdpQuestion
  readonly to: PeerAddress
  readonly family: AddressFamily
  retransmissionsLeft: number
  waitMs: Millis
  deadlineMs: Millis
  awaits: 'connect' | 'announce' | 'scrape'
  transactionId: number
  hasTransaction: boolean
  hasReconnected: boolean
}

function encodeQuestion(
  connectionId: bigint,
  transactionId: number,
  question: UdpQuestion,
): Uint8Array {
  return question.kind === 'announce'
    ? encodeUdpAnnounce(connectionId, transactionId, question.request, question.pathAndQuery)
    : encodeUdpScrape(connectionId, transactionId, question.infoHashes)
}

/** `null` unless the host is numeric and the port can be sent to. */
function canonicalPlace(place: PeerAddress): PeerAddress | null {
  const ip = parseIp(place.host)
  const host = ip === null ? null : formatIp(ip)
  return host === null || place.port < 1 || place.port > 65_535 ? null : { host, port: place.port }
}

function familyOf(place: PeerAddress): AddressFamily {
  return place.host.includes(':') ? 6 : 4
}

function placeName(place: PeerAddress): string {
  return `${place.host} ${place.port}`
}
