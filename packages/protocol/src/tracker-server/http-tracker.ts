/**
 * The HTTP side of a tracker: what a request asks, and the bencoded answer.
 *
 * Spec: BEP 3, "trackers"; BEP 7; BEP 21; BEP 23; BEP 24; BEP 31; BEP 48
 * Divergence: peers are listed at the address that they come from; the `ip`, `ipv4` and `ipv6` parameters are ignored,
 * since they let anyone point a swarm at a victim. The compact form is given unless `compact=0` asks for the other.
 */
import { type BencodeInput, dictOf, encodeBencode } from '../bencode.ts'
import type { AnnounceEvent } from '../bep/0003-http-tracker.ts'
import { encodeCompactPeers6 } from '../bep/0007-ipv6.ts'
import { encodeCompactPeers } from '../bep/0023-compact.ts'
import { MAX_SCRAPE_NAMES } from '../bep/0048-scrape.ts'
import { latin1Decode, percentDecode } from '../bytes.ts'
import { parseIp } from '../ip-address.ts'
import type { Millis } from '../machine.ts'
import type { BookPeer, SwarmBook } from './swarm-book.ts'

export type HttpTrackerRequest =
  | {
      readonly kind: 'announce'
      readonly infoHash: Uint8Array
      readonly peerId: Uint8Array
      readonly port: number
      readonly leftBytes: number | null
      readonly event: AnnounceEvent | 'paused' | null
      /** At most `MAX_NUM_WANT`. */
      readonly numWant: number
      readonly isCompact: boolean
      readonly hasPeerIds: boolean
    }
  /** At most 74 names; `null` asks about all. */
  | { readonly kind: 'scrape'; readonly infoHashes: readonly Uint8Array[] | null }
  /** `reason` is ours and is sent. */
  | { readonly kind: 'fault'; readonly reason: string }
  /** No tracker's path. */
  | { readonly kind: 'elsewhere' }

export const DEFAULT_NUM_WANT = 50
export const MAX_NUM_WANT = 200
/** Of a request's path and query: 74 names of 20 escaped bytes each fit. */
export const MAX_TRACKER_QUERY_UNITS = 8_192

/** Reads a request's path and query. Unknown parameters are passed over. */
export function parseHttpTrackerRequest(pathAndQuery: string): HttpTrackerRequest {
  const cut = pathAndQuery.indexOf('?')
  const path = cut < 0 ? pathAndQuery : pathAndQuery.slice(0, cut)
  const action = path.slice(path.lastIndexOf('/') + 1)
  if (action !== 'announce' && action !== 'scrape') return { kind: 'elsewhere' }
  if (pathAndQuery.length > MAX_TRACKER_QUERY_UNITS) return fault('The request is too long.')
  const query = readQuery(cut < 0 ? '' : pathAndQuery.slice(cut + 1))
  if (query === null) return fault('The query is not percent-encoded as it should be.')
  return action === 'announce' ? readAnnounce(query) : readScrape(query)
}

/** Answers a request that came from `host` (canonical numeric text). */
export function answerHttpTracker(
  book: SwarmBook,
  request: Exclude<HttpTrackerRequest, { kind: 'elsewhere' }>,
  host: string,
  nowMs: Millis,
): Uint8Array {
  if (request.kind === 'fault') return encodeFailure(request.reason)
  if (request.kind === 'scrape') return answerScrape(book, request.infoHashes)
  const { numWant, isCompact, hasPeerIds } = request
  const wish = { count: numWant, family: null }
  const answer = book.announce({ ...request, host, reach: 'ip' }, wish, nowMs)
  if (answer.kind === 'refused') {
    return answer.why === 'full'
      ? encodeFailure('This tracker is full.', FULL_RETRY_MINUTES)
      : encodeFailure('This torrent is not tracked here.', 'never')
  }
  const { counts, peers } = answer
  const seconds = Math.ceil(book.intervalMs / 1000)
  return encodeBencode(
    dictOf({
      interval: seconds,
      'min interval': Math.min(seconds, MIN_INTERVAL_SECONDS),
      complete: counts.seeds,
      incomplete: counts.leechers,
      downloaded: counts.completions,
      downloaders: counts.downloaders,
      'external ip': parseIp(host),
      peers: isCompact ? encodeCompactPeers(peers) : listPeers(peers, hasPeerIds),
      peers6: isCompact ? encodeCompactPeers6(peers) : null,
    }),
  )
}

/** A reason for failing; `retryIn` says when it may be tried again, in minutes. */
export function encodeFailure(reason: string, retryIn: number | 'never' | null = null): Uint8Array {
  const retry = typeof retryIn === 'number' ? String(retryIn) : retryIn
  return encodeBencode(dictOf({ 'failure reason': reason, 'retry in': retry }))
}

const FULL_RETRY_MINUTES = 30
const MIN_INTERVAL_SECONDS = 60
/** More than a client has; what comes later counts no more. */
const MAX_PARAMETERS = 128

type Query = ReadonlyMap<string, readonly Uint8Array[]>

function readQuery(text: string): Query | null {
  const query = new Map<string, Uint8Array[]>()
  for (const pair of text.split('&', MAX_PARAMETERS)) {
    const cut = pair.indexOf('=')
    const key = percentDecode(cut < 0 ? pair : pair.slice(0, cut))
    const value = percentDecode(cut < 0 ? '' : pair.slice(cut + 1))
    if (key === null || value === null) return null
    const name = latin1Decode(key)
    const values = query.get(name)
    if (values === undefined) query.set(name, [value])
    else values.push(value)
  }
  return query
}

function readAnnounce(query: Query): HttpTrackerRequest {
  const infoHash = name20(query, 'info_hash')
  if (infoHash === null) return fault('"info_hash" is missing or not 20 bytes long.')
  const peerId = name20(query, 'peer_id')
  if (peerId === null) return fault('"peer_id" is missing or not 20 bytes long.')
  const port = wholeNumber(query, 'port')
  if (port === null || port < 1 || port > 65_535) {
    return fault('"port" is missing or not a number from 1 to 65535.')
  }
  const event = textOf(query, 'event')
  const known = EVENTS.find((name) => name === event) ?? null
  return {
    kind: 'announce',
    infoHash,
    peerId,
    port,
    leftBytes: wholeNumber(query, 'left'),
    event: known,
    numWant: Math.min(wholeNumber(query, 'numwant') ?? DEFAULT_NUM_WANT, MAX_NUM_WANT),
    isCompact: textOf(query, 'compact') !== '0',
    hasPeerIds: textOf(query, 'no_peer_id') !== '1',
  }
}

function readScrape(query: Query): HttpTrackerRequest {
  const names = query.get('info_hash')
  if (names === undefined) return { kind: 'scrape', infoHashes: null }
  if (names.some((name) => name.length !== 20)) return fault('An "info_hash" is not 20 bytes long.')
  return { kind: 'scrape', infoHashes: names.slice(0, MAX_SCRAPE_NAMES) }
}

/** Asking about all is not answered with all: a list of what others share is nobody's business. */
function answerScrape(book: SwarmBook, infoHashes: readonly Uint8Array[] | null): Uint8Array {
  if (infoHashes === null) return encodeFailure('Name the torrents: this tracker lists none.')
  const files = new Map<string, BencodeInput>()
  for (const infoHash of infoHashes) {
    const counts = book.counts(infoHash)
    files.set(
      latin1Decode(infoHash),
      dictOf({
        complete: counts.seeds,
        incomplete: counts.leechers,
        downloaded: counts.completions,
        downloaders: counts.downloaders,
      }),
    )
  }
  return encodeBencode(dictOf({ files }))
}

function listPeers(peers: readonly BookPeer[], hasPeerIds: boolean): readonly BencodeInput[] {
  return peers.map(({ host, port, peerId }) =>
    dictOf({ ip: host, port, 'peer id': hasPeerIds ? peerId : null }),
  )
}

const EVENTS = ['started', 'completed', 'stopped', 'paused'] as const

function name20(query: Query, key: string): Uint8Array | null {
  const value = query.get(key)?.[0]
  return value?.length === 20 ? value : null
}

function textOf(query: Query, key: string): string | null {
  const value = query.get(key)?.[0]
  return value === undefined ? null : latin1Decode(value)
}

function wholeNumber(query: Query, key: string): number | null {
  const text = textOf(query, key)
  const number = text !== null && /^[0-9]{1,20}$/.test(text) ? Number(text) : null
  return number === null ? null : Math.min(number, Number.MAX_SAFE_INTEGER)
}

function fault(reason: string): HttpTrackerRequest {
  return { kind: 'fault', reason }
}
