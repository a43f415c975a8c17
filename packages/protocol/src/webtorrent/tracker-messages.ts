/**
 * Messages between WebTorrent clients and their trackers: JSON over a WebSocket, by which two clients pass each other
 * the offer and the answer of a WebRTC connection.
 *
 * Spec: no BEP; as WebTorrent's tracker and clients speak it <https://github.com/webtorrent/bittorrent-tracker>.
 * Info-hashes, peer ids and offer ids are "binary" strings: 20 characters below U+0100, one a byte, never hex.
 * Divergence: malformed offers of an announce are left out, not the whole announce.
 */
import type { AnnounceEvent, AnnounceRequest } from '../bep/0003-http-tracker.ts'
import { MAX_TRACKER_ID_BYTES, MAX_TRACKER_TEXT_UNITS } from '../bep/0003-http-tracker.ts'
import { MAX_SCRAPE_NAMES, type ScrapeCounts } from '../bep/0048-scrape.ts'
import { latin1Decode, utf8Decode, utf8Encode } from '../bytes.ts'
import type { Millis } from '../machine.ts'
import {
  binary20,
  countField,
  field,
  type JsonObject,
  jsonObject,
  parseJsonObject,
  textField,
} from './json-fields.ts'

/** One side's description of a connection to be, complete with its addresses: no candidate comes later. */
export interface WsOffer {
  /** 20 bytes. */
  readonly offerId: Uint8Array
  readonly sdp: string
}

/** What another client sends us through the tracker. */
export interface WsSignal extends WsOffer {
  readonly infoHash: Uint8Array
  /** Of the other. */
  readonly peerId: Uint8Array
}

/** What a tracker says. Its texts are hostile, bounded, not yet fit to show. */
export type WsTrackerMessage =
  | {
      readonly kind: 'announced'
      readonly infoHash: Uint8Array
      /** `null` where absent or no positive number of seconds; may be absurdly large. */
      readonly intervalMs: Millis | null
      readonly minIntervalMs: Millis | null
      readonly seeds: number | null
      readonly leechers: number | null
      readonly warning: string | null
      readonly trackerId: Uint8Array | null
    }
  | ({ readonly kind: 'offer' } & WsSignal)
  | ({ readonly kind: 'answer' } & WsSignal)
  /** Keyed by the info-hash as Latin-1 text; at most 74. */
  | { readonly kind: 'counts'; readonly counts: ReadonlyMap<string, ScrapeCounts> }
  /** `infoHash` is `null` where it concerns no torrent that is named. */
  | { readonly kind: 'failure'; readonly infoHash: Uint8Array | null; readonly reason: string }

/** What a client says. */
export type WsClientMessage =
  | {
      readonly kind: 'announce'
      readonly infoHash: Uint8Array
      readonly peerId: Uint8Array
      readonly event: AnnounceEvent | 'paused' | null
      /** `null` where the client does not know yet how much it lacks. */
      readonly leftBytes: number | null
      /** At most 10; none with `stopped` or `completed`. */
      readonly offers: readonly WsOffer[]
    }
  | ({ readonly kind: 'answer'; readonly toPeerId: Uint8Array } & WsSignal)
  /** At most 74 names; `null` asks about all. */
  | { readonly kind: 'scrape'; readonly infoHashes: readonly Uint8Array[] | null }

/** The other broke the protocol. `detail` is ours, safe to show. */
export interface WsFault {
  readonly code: 'too-long' | 'not-json' | 'unknown-action' | 'bad-name' | 'bad-sdp'
  readonly detail: string
}

export type WsResult<Message> =
  | { readonly ok: true; readonly message: Message }
  | { readonly ok: false; readonly fault: WsFault }

/** In UTF-16 units, as texts are counted. */
export const MAX_WS_MESSAGE_UNITS: number = 64 * 1024
export const MAX_SDP_UNITS: number = 16 * 1024
export const MAX_OFFERS_PER_ANNOUNCE = 10

/** Reads a tracker's message. */
export function parseWsTrackerMessage(text: string): WsResult<WsTrackerMessage> {
  const parsed = parseMessage(text)
  if ('code' in parsed) return { ok: false, fault: parsed }
  const { object } = parsed
  const infoHash = binary20(field(object, 'info_hash'))
  const reason = field(object, 'failure reason')
  if (typeof reason === 'string') {
    return good({ kind: 'failure', infoHash, reason: reason.slice(0, MAX_TRACKER_TEXT_UNITS) })
  }
  const action = field(object, 'action')
  if (action === 'scrape') return good({ kind: 'counts', counts: readCounts(object) })
  if (action !== 'announce') return fault('unknown-action', 'The message has no known action.')
  if (infoHash === null) return badName('info_hash')
  for (const kind of SIGNALS) {
    if (field(object, kind) === undefined) continue
    const signal = readSignal(object, kind, infoHash)
    return 'code' in signal ? { ok: false, fault: signal } : good({ kind, ...signal })
  }
  return good({
    kind: 'announced',
    infoHash,
    intervalMs: readSeconds(object, 'interval'),
    minIntervalMs: readSeconds(object, 'min interval'),
    seeds: countField(object, 'complete'),
    leechers: countField(object, 'incomplete'),
    warning: readText(object, 'warning message'),
    trackerId: readTrackerId(object),
  })
}

/** Reads a client's message. */
export function parseWsClientMessage(text: string): WsResult<WsClientMessage> {
  const parsed = parseMessage(text)
  if ('code' in parsed) return { ok: false, fault: parsed }
  const { object } = parsed
  const action = field(object, 'action')
  if (action === 'scrape') return readScrape(object)
  if (action !== 'announce') return fault('unknown-action', 'The message has no known action.')
  const infoHash = binary20(field(object, 'info_hash'))
  if (infoHash === null) return badName('info_hash')
  const peerId = binary20(field(object, 'peer_id'))
  if (peerId === null) return badName('peer_id')
  if (field(object, 'answer') !== undefined) {
    const toPeerId = binary20(field(object, 'to_peer_id'))
    if (toPeerId === null) return badName('to_peer_id')
    const signal = readSignal(object, 'answer', infoHash)
    if ('code' in signal) return { ok: false, fault: signal }
    return good({ kind: 'answer', toPeerId, ...signal })
  }
  const event = EVENTS.find((known) => known === field(object, 'event')) ?? null
  const takesOffers = event !== 'stopped' && event !== 'completed'
  const left = field(object, 'left')
  const offers = takesOffers ? readOffers(field(object, 'offers')) : []
  const leftBytes = typeof left === 'number' && left >= 0 ? left : null
  return good({ kind: 'announce', infoHash, peerId, event, leftBytes, offers })
}

/** Says that we take part, with as many of the offers as the event and the size of a message allow. */
export function encodeWsAnnounce(request: AnnounceRequest, offers: readonly WsOffer[]): string {
  const { event } = request
  const takesOffers = event !== 'stopped' && event !== 'completed'
  const fields = {
    action: 'announce',
    info_hash: latin1Decode(request.infoHash),
    peer_id: latin1Decode(request.peerId),
    uploaded: request.uploadedBytes,
    downloaded: request.downloadedBytes,
    left: request.leftBytes,
    ...(event === null ? {} : { event }),
    ...(request.trackerId === null ? {} : { trackerid: utf8Decode(request.trackerId) }),
  }
  if (!takesOffers) return JSON.stringify(fields)
  let room = MAX_WS_MESSAGE_UNITS - utf8Encode(JSON.stringify(fields)).length - OFFERS_FRAME_UNITS
  const listed: object[] = []
  for (const { offerId, sdp } of offers.slice(0, MAX_OFFERS_PER_ANNOUNCE)) {
    const entry = { offer: { type: 'offer', sdp }, offer_id: latin1Decode(offerId) }
    room -= utf8Encode(JSON.stringify(entry)).length + 1
    if (room >= 0) listed.push(entry)
  }
  return JSON.stringify({ ...fields, numwant: listed.length, offers: listed })
}

/** Answers another's offer: `peerId` is ours, `toPeerId` the other's. */
export function encodeWsAnswer(answer: WsSignal & { readonly toPeerId: Uint8Array }): string {
  return JSON.stringify({
    action: 'announce',
    info_hash: latin1Decode(answer.infoHash),
    peer_id: latin1Decode(answer.peerId),
    to_peer_id: latin1Decode(answer.toPeerId),
    answer: { type: 'answer', sdp: answer.sdp },
    offer_id: latin1Decode(answer.offerId),
  })
}

/** Asks for the numbers of at most 74 swarms. */
export function encodeWsScrape(infoHashes: readonly Uint8Array[]): string {
  const names = infoHashes.slice(0, MAX_SCRAPE_NAMES).map(latin1Decode)
  return JSON.stringify({ action: 'scrape', info_hash: names })
}

/** What a tracker tells a client that announced. */
export function encodeWsAnnounced(answer: {
  readonly infoHash: Uint8Array
  readonly intervalMs: Millis
  readonly seeds: number
  readonly leechers: number
}): string {
  return JSON.stringify({
    action: 'announce',
    info_hash: latin1Decode(answer.infoHash),
    interval: Math.ceil(answer.intervalMs / 1000),
    complete: answer.seeds,
    incomplete: answer.leechers,
  })
}

/** Passes one client's offer or answer on to another; `peerId` is the first one's. */
export function encodeWsSignal(kind: 'offer' | 'answer', signal: WsSignal): string {
  return JSON.stringify({
    action: 'announce',
    info_hash: latin1Decode(signal.infoHash),
    peer_id: latin1Decode(signal.peerId),
    offer_id: latin1Decode(signal.offerId),
    [kind]: { type: kind, sdp: signal.sdp },
  })
}

/** Keyed by the info-hash as Latin-1 text. */
export function encodeWsCounts(counts: ReadonlyMap<string, ScrapeCounts>): string {
  const files = new Map<string, object>()
  for (const [name, { seeds, leechers, completions }] of counts) {
    files.set(name, { complete: seeds, incomplete: leechers, downloaded: completions })
  }
  return JSON.stringify({ action: 'scrape', files: Object.fromEntries(files) })
}

export function encodeWsFailure(reason: string, infoHash: Uint8Array | null): string {
  const name = infoHash === null ? {} : { info_hash: latin1Decode(infoHash) }
  return JSON.stringify({ action: 'announce', 'failure reason': reason, ...name })
}

const SIGNALS = ['offer', 'answer'] as const
const EVENTS = ['started', 'completed', 'stopped', 'paused'] as const
/** More than `,"numwant":10,"offers":[]` takes. */
const OFFERS_FRAME_UNITS = 64

function parseMessage(text: string): { readonly object: JsonObject } | WsFault {
  if (text.length > MAX_WS_MESSAGE_UNITS) {
    return { code: 'too-long', detail: 'The message is longer than 64 KiB.' }
  }
  const object = parseJsonObject(text)
  return object === null
    ? { code: 'not-json', detail: 'The message is no JSON object.' }
    : { object }
}

function readSignal(
  object: JsonObject,
  kind: 'offer' | 'answer',
  infoHash: Uint8Array,
): WsSignal | WsFault {
  const peerId = binary20(field(object, 'peer_id'))
  if (peerId === null) return namedFault('peer_id')
  const offerId = binary20(field(object, 'offer_id'))
  if (offerId === null) return namedFault('offer_id')
  const sdp = readSdp(field(object, kind), kind)
  if (sdp === null) {
    return { code: 'bad-sdp', detail: `The ${kind} holds no description of at most 16 KiB.` }
  }
  return { infoHash, peerId, offerId, sdp }
}

function readSdp(value: unknown, kind: 'offer' | 'answer'): string | null {
  const description = jsonObject(value)
  if (description === null || field(description, 'type') !== kind) return null
  const sdp = textField(description, 'sdp', MAX_SDP_UNITS)
  return sdp === '' ? null : sdp
}

function readOffers(value: unknown): readonly WsOffer[] {
  const offers: WsOffer[] = []
  for (const entry of Array.isArray(value) ? value.slice(0, MAX_OFFERS_PER_ANNOUNCE) : []) {
    const object = jsonObject(entry)
    const offerId = object === null ? null : binary20(field(object, 'offer_id'))
    const sdp = object === null ? null : readSdp(field(object, 'offer'), 'offer')
    if (offerId !== null && sdp !== null) offers.push({ offerId, sdp })
  }
  return offers
}

function readScrape(object: JsonObject): WsResult<WsClientMessage> {
  const value = field(object, 'info_hash')
  if (value === undefined || value === null) return good({ kind: 'scrape', infoHashes: null })
  const entries: readonly unknown[] = Array.isArray(value) ? value : [value]
  const names = entries.slice(0, MAX_SCRAPE_NAMES).map(binary20)
  const infoHashes = names.filter((name) => name !== null)
  if (infoHashes.length < names.length) return badName('info_hash')
  return good({ kind: 'scrape', infoHashes })
}

function readCounts(object: JsonObject): ReadonlyMap<string, ScrapeCounts> {
  const counts = new Map<string, ScrapeCounts>()
  const files = jsonObject(field(object, 'files'))
  for (const [name, value] of files === null ? [] : Object.entries(files)) {
    if (counts.size >= MAX_SCRAPE_NAMES) break
    const swarm = jsonObject(value)
    if (swarm === null || binary20(name) === null) continue
    counts.set(name, {
      seeds: countField(swarm, 'complete'),
      leechers: countField(swarm, 'incomplete'),
      completions: countField(swarm, 'downloaded'),
    })
  }
  return counts
}

function readSeconds(object: JsonObject, key: string): Millis | null {
  const seconds = field(object, key)
  return typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : null
}

function readText(object: JsonObject, key: string): string | null {
  const text = field(object, key)
  return typeof text === 'string' ? text.slice(0, MAX_TRACKER_TEXT_UNITS) : null
}

function readTrackerId(object: JsonObject): Uint8Array | null {
  const id = textField(object, 'tracker id', MAX_TRACKER_ID_BYTES)
  const bytes = id === null ? null : utf8Encode(id)
  return bytes === null || bytes.length > MAX_TRACKER_ID_BYTES ? null : bytes
}

function good<Message>(message: Message): WsResult<Message> {
  return { ok: true, message }
}

function namedFault(key: string): WsFault {
  return { code: 'bad-name', detail: `"${key}" is not a text of 20 characters, one a byte.` }
}

function badName(key: string): { readonly ok: false; readonly fault: WsFault } {
  return { ok: false, fault: namedFault(key) }
}

function fault(
  code: WsFault['code'],
  detail: string,
): { readonly ok: false; readonly fault: WsFault } {
  return { ok: false, fault: { code, detail } }
}
