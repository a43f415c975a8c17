/**
 * The WebSocket side of a tracker: browsers announce, and their offers and answers are passed on to each other.
 *
 * Spec: no BEP; see `webtorrent/tracker-messages.ts`.
 */
import { latin1Decode } from '../bytes.ts'
import type { Millis } from '../machine.ts'
import { MessageBudget } from '../webtorrent/message-budget.ts'
import {
  encodeWsAnnounced,
  encodeWsCounts,
  encodeWsFailure,
  encodeWsSignal,
  parseWsClientMessage,
  type WsClientMessage,
} from '../webtorrent/tracker-messages.ts'
import type { BookCounts, SwarmBook } from './swarm-book.ts'

/** What to do with the clients' sockets, in order. */
export type WsServerEffect =
  | { readonly kind: 'send'; readonly clientId: number; readonly text: string }
  | { readonly kind: 'close'; readonly clientId: number }
  /** Somebody announced. */
  | { readonly kind: 'counted' }

export const WS_SERVER_LIMITS = {
  clients: 1_000,
  clientsPerAddress: 64,
  torrentsPerClient: 200,
  /** Broken messages of one client. */
  faults: 5,
  messageBurst: 200,
  messagesPerSecond: 20,
  /** Offers and answers passed on, for all clients together. */
  relayBurst: 2_000,
  relaysPerSecond: 500,
  /** Browsers are only found while their socket is open, so that they come back sooner than others. */
  intervalMs: 120_000,
} as const

/** Clients are numbered by the caller, and never reused. */
export class WsTrackerServer {
  readonly #book: SwarmBook
  readonly #clients = new Map<number, Client>()
  readonly #byHost = new Map<string, number>()
  /** Which client a peer of a swarm sits at: keyed by info-hash and peer id. */
  readonly #places = new Map<string, number>()
  readonly #relays = new MessageBudget(
    WS_SERVER_LIMITS.relayBurst,
    WS_SERVER_LIMITS.relaysPerSecond,
  )

  constructor(book: SwarmBook) {
    this.#book = book
  }

  get clientCount(): number {
    return this.#clients.size
  }

  /** `false`: no room for one more; close it. */
  open(clientId: number, host: string): boolean {
    const ofHost = this.#byHost.get(host) ?? 0
    const isFull =
      this.#clients.size >= WS_SERVER_LIMITS.clients || ofHost >= WS_SERVER_LIMITS.clientsPerAddress
    if (isFull) return false
    this.#byHost.set(host, ofHost + 1)
    const budget = new MessageBudget(
      WS_SERVER_LIMITS.messageBurst,
      WS_SERVER_LIMITS.messagesPerSecond,
    )
    this.#clients.set(clientId, { id: clientId, host, budget, peers: new Map(), faults: 0 })
    return true
  }

  /** The client's socket is gone: nobody is told of it any more. */
  close(clientId: number): void {
    const client = this.#clients.get(clientId)
    if (client === undefined) return
    this.#clients.delete(clientId)
    const ofHost = (this.#byHost.get(client.host) ?? 1) - 1
    if (ofHost > 0) this.#byHost.set(client.host, ofHost)
    else this.#byHost.delete(client.host)
    for (const key of [...client.peers.keys()]) this.#forget(client, key)
  }

  message(clientId: number, text: string, nowMs: Millis): readonly WsServerEffect[] {
    const client = this.#clients.get(clientId)
    if (client === undefined) return []
    if (!client.budget.spend(nowMs)) return [{ kind: 'close', clientId }]
    const result = parseWsClientMessage(text)
    if (result.ok) return this.#hear(client, result.message, nowMs)
    client.faults += 1
    if (client.faults > WS_SERVER_LIMITS.faults) return [{ kind: 'close', clientId }]
    return [{ kind: 'send', clientId, text: encodeWsFailure(result.fault.detail, null) }]
  }

  #hear(client: Client, message: WsClientMessage, nowMs: Millis): readonly WsServerEffect[] {
    switch (message.kind) {
      case 'announce':
        return this.#announce(client, message, nowMs)
      case 'answer':
        return this.#passAnswer(client, message, nowMs)
      case 'scrape':
        return this.#scrape(client, message.infoHashes)
      default:
        return message satisfies never
    }
  }

  #announce(
    client: Client,
    message: Extract<WsClientMessage, { kind: 'announce' }>,
    nowMs: Millis,
  ): readonly WsServerEffect[] {
    const { infoHash, peerId, offers } = message
    const clientId = client.id
    const key = placeName(infoHash, peerId)
    const holder = this.#places.get(key)
    const refusal =
      holder !== undefined && holder !== clientId
        ? 'Another client uses this peer id.'
        : !client.peers.has(key) && client.peers.size >= WS_SERVER_LIMITS.torrentsPerClient
          ? 'Too many torrents over one connection.'
          : null
    if (refusal !== null) {
      return [{ kind: 'send', clientId, text: encodeWsFailure(refusal, infoHash) }]
    }
    const answer = this.#book.announce(
      { ...message, host: client.host, port: clientId, reach: 'webrtc' },
      { count: offers.length, family: null },
      nowMs,
    )
    if (answer.kind === 'refused') {
      const reason = answer.why === 'full' ? 'This tracker is full.' : NOT_TRACKED
      return [{ kind: 'send', clientId, text: encodeWsFailure(reason, infoHash) }]
    }
    if (message.event === 'stopped') this.#forget(client, key)
    else this.#remember(client, key, infoHash, peerId)
    const effects: WsServerEffect[] = [{ kind: 'counted' }]
    const { seeds, leechers } = answer.counts
    const intervalMs = Math.min(WS_SERVER_LIMITS.intervalMs, this.#book.intervalMs)
    const text = encodeWsAnnounced({ infoHash, intervalMs, seeds, leechers })
    effects.push({ kind: 'send', clientId, text })
    for (const [index, peer] of answer.peers.entries()) {
      const offer = offers[index]
      const to = this.#places.get(placeName(infoHash, peer.peerId))
      if (offer === undefined || to === undefined || !this.#relays.spend(nowMs)) continue
      const relayed = encodeWsSignal('offer', { infoHash, peerId, ...offer })
      effects.push({ kind: 'send', clientId: to, text: relayed })
    }
    return effects
  }

  /** Only who takes part may speak, and only to whom takes part. */
  #passAnswer(
    client: Client,
    message: Extract<WsClientMessage, { kind: 'answer' }>,
    nowMs: Millis,
  ): readonly WsServerEffect[] {
    const { infoHash, peerId, toPeerId, offerId, sdp } = message
    const to = this.#places.get(placeName(infoHash, toPeerId))
    const isMember = client.peers.has(placeName(infoHash, peerId))
    if (to === undefined || !isMember || !this.#relays.spend(nowMs)) return []
    const text = encodeWsSignal('answer', { infoHash, peerId, offerId, sdp })
    return [{ kind: 'send', clientId: to, text }]
  }

  #scrape(client: Client, infoHashes: readonly Uint8Array[] | null): readonly WsServerEffect[] {
    const clientId = client.id
    if (infoHashes === null) {
      const text = encodeWsFailure('Name the torrents: this tracker lists none.', null)
      return [{ kind: 'send', clientId, text }]
    }
    const counts = new Map<string, BookCounts>()
    for (const name of infoHashes) counts.set(latin1Decode(name), this.#book.counts(name))
    return [{ kind: 'send', clientId, text: encodeWsCounts(counts) }]
  }

  #remember(client: Client, key: string, infoHash: Uint8Array, peerId: Uint8Array): void {
    client.peers.set(key, { infoHash, peerId })
    this.#places.set(key, client.id)
  }

  #forget(client: Client, key: string): void {
    const peer = client.peers.get(key)
    if (peer === undefined) return
    client.peers.delete(key)
    this.#places.delete(key)
    const { host, id } = client
    this.#book.leave(peer.infoHash, { reach: 'webrtc', host, port: id, peerId: peer.peerId })
  }
}

interface Client {
  readonly id: number
  readonly host: string
  readonly budget: MessageBudget
  readonly peers: Map<string, { readonly infoHash: Uint8Array; readonly peerId: Uint8Array }>
  faults: number
}

const NOT_TRACKED = 'This torrent is not tracked here.'

function placeName(infoHash: Uint8Array, peerId: Uint8Array): string {
  return latin1Decode(infoHash) + latin1Decode(peerId)
}
