/**
 * Asking a tracker only for the numbers of a swarm.
 *
 * Spec: BEP 48, "Tracker Protocol Extension: Scrape" <https://www.bittorrent.org/beps/bep_0048.html>
 * Divergence: the text says to replace `announce` anywhere in the path; like all clients we do so only where the last
 * part of the path begins with it, so that a folder of that name stays what it is. A dictionary without `files` is
 * read as an empty one.
 */
import { type BencodeDict, dictGet, isBencodeDict } from '../bencode.ts'
import { latin1Decode, percentEncodeBytes } from '../bytes.ts'
import type { Millis } from '../machine.ts'
import type { TrackerUrl } from '../tracker-url.ts'
import {
  decodeAnswer,
  readCount,
  readText,
  type TrackerFault,
  withParameters,
} from './0003-http-tracker.ts'
import { readRetryIn } from './0031-retry-in.ts'

/** Numbers of one swarm; `null` where the tracker gave none. */
export interface ScrapeCounts {
  /** Peers that have everything. */
  readonly seeds: number | null
  readonly leechers: number | null
  /** How many ever finished. */
  readonly completions: number | null
}

export type ScrapeAnswer =
  /** In the order of the names asked for; `null` where the tracker does not know one. */
  | { readonly kind: 'counts'; readonly counts: readonly (ScrapeCounts | null)[] }
  | {
      readonly kind: 'failure'
      readonly reason: string
      readonly retryIn: Millis | 'never' | null
    }
  | { readonly kind: 'fault'; readonly fault: TrackerFault }

/** More names than this do not fit an address or a datagram (BEP 15: "up to about 74 torrents"). */
export const MAX_SCRAPE_NAMES = 74

/** The address that answers a scrape of these names; `null` where the announce address names none. It holds passkeys. */
export function scrapeUrl(tracker: TrackerUrl, infoHashes: readonly Uint8Array[]): string | null {
  const queryAt = tracker.url.indexOf('?')
  const base = queryAt < 0 ? tracker.url : tracker.url.slice(0, queryAt)
  const slashAt = base.lastIndexOf('/')
  const last = base.slice(slashAt + 1)
  if (!last.startsWith('announce') || slashAt < base.indexOf('://') + 3) return null
  const query = queryAt < 0 ? '' : tracker.url.slice(queryAt)
  const url = `${base.slice(0, slashAt + 1)}scrape${last.slice('announce'.length)}${query}`
  const names = infoHashes.slice(0, MAX_SCRAPE_NAMES)
  return withParameters(
    url,
    names.map((name) => `info_hash=${percentEncodeBytes(name)}`),
  )
}

/** Reads a tracker's answer to a scrape of these names. */
export function parseScrapeAnswer(
  body: Uint8Array,
  infoHashes: readonly Uint8Array[],
): ScrapeAnswer {
  const answer = decodeAnswer(body)
  if ('code' in answer) return { kind: 'fault', fault: answer }
  const reason = readText(answer, 'failure reason')
  if (reason !== null) return { kind: 'failure', reason, retryIn: readRetryIn(answer) }
  const files = dictGet.dict(answer, 'files')
  return { kind: 'counts', counts: infoHashes.map((name) => readSwarm(files, name)) }
}

function readSwarm(files: BencodeDict | null, infoHash: Uint8Array): ScrapeCounts | null {
  const swarm = files?.get(latin1Decode(infoHash))
  if (!isBencodeDict(swarm)) return null
  return {
    seeds: readCount(swarm, 'complete'),
    leechers: readCount(swarm, 'incomplete'),
    completions: readCount(swarm, 'downloaded'),
  }
}
