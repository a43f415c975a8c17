/**
 * Announcing over HTTP: the address to get, and what the answer says.
 *
 * Spec: BEP 3, "trackers" <https://www.bittorrent.org/beps/bep_0003.html>; BEP 7, 23, 24, 31 for parts of the answer.
 * Not in any BEP, but spoken by all: `numwant`, `key`, `no_peer_id`, `trackerid`, `tracker id`, `warning message`,
 * `min interval`, `complete`, `incomplete`.
 * Divergence: `peers` may be absent, and so may `interval`; entries that are malformed are skipped, not the whole answer.
 */
import {
  type BencodeDict,
  type BencodeLimits,
  type BencodeValue,
  decodeBencode,
  dictGet,
  isBencodeDict,
  isBencodeList,
} from '../bencode.ts'
import { latin1Decode, percentEncodeBytes, utf8Decode } from '../bytes.ts'
import { formatIp, parseIp } from '../ip-address.ts'
import type { Millis } from '../machine.ts'
import type { TrackerUrl } from '../tracker-url.ts'
import { decodeCompactPeers6, formatKey } from './0007-ipv6.ts'
import { decodeCompactPeers } from './0023-compact.ts'
import { readExternalIp } from './0024-external-ip.ts'
import { readRetryIn } from './0031-retry-in.ts'

export type AnnounceEvent = 'started' | 'completed' | 'stopped'

/** What a client tells a tracker about one torrent; sizes are whole bytes. */
export interface AnnounceRequest {
  /** 20 bytes. */
  readonly infoHash: Uint8Array
  /** 20 bytes. */
  readonly peerId: Uint8Array
  readonly port: number
  readonly uploadedBytes: number
  readonly downloadedBytes: number
  /** Nonzero as long as anything is missing or the size is unknown. */
  readonly leftBytes: number
  readonly event: AnnounceEvent | null
  /** 32 bits, the same through a session. */
  readonly key: number
  /** `null` leaves it to the tracker. */
  readonly numWant: number | null
  /** What the tracker gave us to echo. */
  readonly trackerId: Uint8Array | null
}

/** A peer as a tracker names it: `host` is a numeric address, or a name where `isName`. */
export interface TrackerPeer {
  readonly host: string
  readonly port: number
  readonly isName: boolean
}

/** Strings of an answer are the tracker's: hostile, bounded, not yet fit to show. */
export type AnnounceAnswer =
  | {
      readonly kind: 'peers'
      /** `null` where absent or no whole positive number of seconds; may be absurdly large. */
      readonly intervalMs: Millis | null
      readonly minIntervalMs: Millis | null
      /** At most 200, ports 1 to 65535. */
      readonly peers: readonly TrackerPeer[]
      readonly seeds: number | null
      readonly leechers: number | null
      readonly warning: string | null
      readonly trackerId: Uint8Array | null
      readonly externalIp: string | null
    }
  | {
      readonly kind: 'failure'
      readonly reason: string
      readonly retryIn: Millis | 'never' | null
    }
  | { readonly kind: 'fault'; readonly fault: TrackerFault }

/** A tracker broke the protocol. `detail` is ours, safe to show. */
export interface TrackerFault {
  readonly code: 'not-bencode' | 'not-an-answer' | 'too-short'
  readonly detail: string
}

export const MAX_PEERS_PER_ANSWER = 200
export const MAX_TRACKER_TEXT_UNITS = 512
export const MAX_TRACKER_ID_BYTES = 512

/** An answer of 1 MiB may name some 20,000 peers one by one, each of 4 values. */
export const TRACKER_BENCODE_LIMITS: BencodeLimits = {
  maxDepth: 16,
  maxTokens: 100_000,
  strict: false,
  maxBytes: 1024 * 1024,
}

/** The address to get; the tracker's own query stays first. It holds passkeys: never log it. */
export function announceUrl(tracker: TrackerUrl, request: AnnounceRequest): string {
  const parameters = [
    `info_hash=${percentEncodeBytes(request.infoHash)}`,
    `peer_id=${percentEncodeBytes(request.peerId)}`,
    `port=${request.port}`,
    `uploaded=${request.uploadedBytes}`,
    `downloaded=${request.downloadedBytes}`,
    `left=${request.leftBytes}`,
    'compact=1',
    'no_peer_id=1',
    `key=${formatKey(request.key)}`,
  ]
  if (request.numWant !== null) parameters.push(`numwant=${request.numWant}`)
  if (request.event !== null) parameters.push(`event=${request.event}`)
  if (request.trackerId !== null) {
    parameters.push(`trackerid=${percentEncodeBytes(request.trackerId)}`)
  }
  return withParameters(tracker.url, parameters)
}

/** Puts parameters behind whatever query an address already has. */
export function withParameters(url: string, parameters: readonly string[]): string {
  const joint = !url.includes('?') ? '?' : /[?&]$/.test(url) ? '' : '&'
  return `${url}${joint}${parameters.join('&')}`
}

/** Reads a tracker's answer to an announce. */
export function parseAnnounceAnswer(body: Uint8Array): AnnounceAnswer {
  const answer = decodeAnswer(body)
  if ('code' in answer) return { kind: 'fault', fault: answer }
  const reason = readText(answer, 'failure reason')
  // A tracker may send an empty reason: it is a failure all the same.
  if (reason !== null) return { kind: 'failure', reason, retryIn: readRetryIn(answer) }
  if (!KNOWN_KEYS.some((key) => answer.has(key))) {
    return { kind: 'fault', fault: notAnAnswer() }
  }
  return {
    kind: 'peers',
    intervalMs: readSeconds(answer, 'interval'),
    minIntervalMs: readSeconds(answer, 'min interval'),
    peers: readPeers(answer),
    seeds: readCount(answer, 'complete'),
    leechers: readCount(answer, 'incomplete'),
    warning: readText(answer, 'warning message'),
    trackerId: readTrackerId(answer),
    externalIp: readExternalIp(answer),
  }
}

/** The dictionary of any tracker answer, or what is wrong with it. */
export function decodeAnswer(body: Uint8Array): BencodeDict | TrackerFault {
  const decoded = decodeBencode(body, TRACKER_BENCODE_LIMITS)
  if (!decoded.ok) {
    const detail = `The answer is not a tracker's (${decoded.fault.code} at byte ${decoded.fault.offset}).`
    return { code: 'not-bencode', detail }
  }
  return isBencodeDict(decoded.value) ? decoded.value : notAnAnswer()
}

/** A text of a tracker, cut to `MAX_TRACKER_TEXT_UNITS`; wrong UTF-8 shows as U+FFFD. */
export function readText(answer: BencodeDict, key: string): string | null {
  const bytes = dictGet.bytes(answer, key)
  return bytes === null ? null : trackerText(bytes)
}

/** Makes text of a tracker's bytes, bounded before it is decoded. */
export function trackerText(bytes: Uint8Array): string {
  const text = utf8Decode(bytes.subarray(0, MAX_TRACKER_TEXT_UNITS * 4))
  return text.slice(0, MAX_TRACKER_TEXT_UNITS)
}

/** A count of peers; `null` where absent or negative. */
export function readCount(answer: BencodeDict, key: string): number | null {
  const count = dictGet.int(answer, key)
  return count === null || count < 0 ? null : count
}

const KNOWN_KEYS: readonly string[] = ['interval', 'peers', 'peers6', 'warning message']
const MAX_HOST_UNITS = 253

function notAnAnswer(): TrackerFault {
  return {
    code: 'not-an-answer',
    detail: 'The answer holds neither peers nor a reason for failing.',
  }
}

function readSeconds(answer: BencodeDict, key: string): Millis | null {
  const value = answer.get(key)
  if (typeof value !== 'number' && typeof value !== 'bigint') return null
  const seconds = Number(value)
  return seconds > 0 ? seconds * 1000 : null
}

function readTrackerId(answer: BencodeDict): Uint8Array | null {
  const id = dictGet.bytes(answer, 'tracker id')
  // A copy: a view would keep the whole answer alive.
  return id === null || id.length > MAX_TRACKER_ID_BYTES ? null : id.slice()
}

function readPeers(answer: BencodeDict): readonly TrackerPeer[] {
  const found: TrackerPeer[] = []
  const peers = answer.get('peers')
  if (peers instanceof Uint8Array)
    found.push(...compact(decodeCompactPeers(peers, MAX_PEERS_PER_ANSWER)))
  else if (isBencodeList(peers)) found.push(...readPeerList(peers))
  const peers6 = dictGet.bytes(answer, 'peers6')
  if (peers6 !== null) found.push(...compact(decodeCompactPeers6(peers6, MAX_PEERS_PER_ANSWER)))
  return boundPeers(found)
}

/** Both families get their share where both are many. */
function boundPeers(found: readonly TrackerPeer[]): readonly TrackerPeer[] {
  if (found.length <= MAX_PEERS_PER_ANSWER) return found
  const half = MAX_PEERS_PER_ANSWER / 2
  const six = found.filter((peer) => peer.host.includes(':'))
  const four = found.filter((peer) => !peer.host.includes(':'))
  const sixCount = Math.min(six.length, Math.max(half, MAX_PEERS_PER_ANSWER - four.length))
  return [...four.slice(0, MAX_PEERS_PER_ANSWER - sixCount), ...six.slice(0, sixCount)]
}

function compact(peers: readonly { host: string; port: number }[]): readonly TrackerPeer[] {
  return peers.map(({ host, port }) => ({ host, port, isName: false }))
}

function readPeerList(entries: readonly BencodeValue[]): readonly TrackerPeer[] {
  const peers: TrackerPeer[] = []
  for (const entry of entries) {
    if (peers.length >= MAX_PEERS_PER_ANSWER) break
    const peer = isBencodeDict(entry) ? readPeer(entry) : null
    if (peer !== null) peers.push(peer)
  }
  return peers
}

function readPeer(entry: BencodeDict): TrackerPeer | null {
  const hostBytes = dictGet.bytes(entry, 'ip')
  const port = dictGet.int(entry, 'port')
  if (hostBytes === null || hostBytes.length > MAX_HOST_UNITS) return null
  if (port === null || port < 1 || port > 65_535) return null
  const host = latin1Decode(hostBytes)
  const ip = parseIp(host)
  if (ip !== null) return { host: formatIp(ip) ?? host, port, isName: false }
  const isName = /^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(host) && /[A-Za-z]/.test(host)
  return isName ? { host: host.toLowerCase(), port, isName } : null
}
