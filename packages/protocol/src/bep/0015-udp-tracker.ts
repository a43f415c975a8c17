/**
 * Packets of the UDP tracker protocol.
 *
 * Spec: BEP 15, "UDP Tracker Protocol for BitTorrent" <https://www.bittorrent.org/beps/bep_0015.html>
 * Covered: connect, announce (both address families), scrape, errors; the exchange is in `bep/0015-udp-client.ts`.
 * Divergence: negative intervals and counts are read as absent.
 */
import { ByteReader, ByteWriter } from '../bytes.ts'
import type { Millis } from '../machine.ts'
import {
  type AnnounceEvent,
  type AnnounceRequest,
  MAX_PEERS_PER_ANSWER,
  trackerText,
} from './0003-http-tracker.ts'
import { decodeCompactPeers6 } from './0007-ipv6.ts'
import { decodeCompactPeers, type PeerAddress } from './0023-compact.ts'
import { encodeUrlData } from './0041-url-data.ts'
import { MAX_SCRAPE_NAMES, type ScrapeCounts } from './0048-scrape.ts'

/** What a tracker sent, as far as its own bytes tell. Anything else is no answer, and ignored. */
export type UdpAnswer =
  | { readonly kind: 'connect'; readonly transactionId: number; readonly connectionId: bigint }
  | {
      readonly kind: 'announce'
      readonly transactionId: number
      /** `null` where it is no positive number of seconds. */
      readonly intervalMs: Millis | null
      readonly seeds: number | null
      readonly leechers: number | null
      /** At most 200. */
      readonly peers: readonly PeerAddress[]
    }
  | {
      readonly kind: 'scrape'
      readonly transactionId: number
      readonly counts: readonly ScrapeCounts[]
    }
  /** `message` is the tracker's: hostile, at most 512 characters. */
  | { readonly kind: 'error'; readonly transactionId: number; readonly message: string }

/** The address family of the packet decides how long its peers are. */
export type AddressFamily = 4 | 6

export const ANNOUNCE_REQUEST_BYTES = 98

/** Asks for a connection id. */
export function encodeConnect(transactionId: number): Uint8Array {
  return new ByteWriter(16).u64(PROTOCOL_ID).u32(ACTION.connect).u32(transactionId).done()
}

/** 98 bytes, and the URL data options where the address has a path worth telling. */
export function encodeUdpAnnounce(
  connectionId: bigint,
  transactionId: number,
  request: AnnounceRequest,
  pathAndQuery: string,
): Uint8Array {
  return new ByteWriter(ANNOUNCE_REQUEST_BYTES)
    .u64(connectionId)
    .u32(ACTION.announce)
    .u32(transactionId)
    .bytes(request.infoHash)
    .bytes(request.peerId)
    .u64(BigInt(request.downloadedBytes))
    .u64(BigInt(request.leftBytes))
    .u64(BigInt(request.uploadedBytes))
    .u32(request.event === null ? 0 : EVENT[request.event])
    .u32(0)
    .u32(request.key >>> 0)
    .u32(request.numWant ?? NUM_WANT_DEFAULT)
    .u16(request.port)
    .bytes(encodeUrlData(pathAndQuery))
    .done()
}

/** At most 74 names go into one packet; the rest are left out. */
export function encodeUdpScrape(
  connectionId: bigint,
  transactionId: number,
  infoHashes: readonly Uint8Array[],
): Uint8Array {
  const to = new ByteWriter(16 + 20 * infoHashes.length)
  to.u64(connectionId).u32(ACTION.scrape).u32(transactionId)
  for (const name of infoHashes.slice(0, MAX_SCRAPE_NAMES)) to.bytes(name)
  return to.done()
}

/** "Do not expect packets to be exactly of a certain size": longer ones are read, shorter ones are `null`. */
export function decodeUdpAnswer(bytes: Uint8Array, family: AddressFamily): UdpAnswer | null {
  if (bytes.length < MIN_BYTES.error) return null
  const from = new ByteReader(bytes)
  const action = from.u32()
  const transactionId = from.u32()
  if (action === ACTION.error) {
    return { kind: 'error', transactionId, message: errorText(from.bytes()) }
  }
  if (action === ACTION.connect && bytes.length >= MIN_BYTES.connect) {
    return { kind: 'connect', transactionId, connectionId: from.u64() }
  }
  if (action === ACTION.announce && bytes.length >= MIN_BYTES.announce) {
    return readAnnounce(transactionId, from, family)
  }
  return action === ACTION.scrape ? readScrape(transactionId, from) : null
}

const PROTOCOL_ID = 0x417_2710_1980n
const NUM_WANT_DEFAULT = 0xffff_ffff
const ACTION = { connect: 0, announce: 1, scrape: 2, error: 3 } as const
const MIN_BYTES = { connect: 16, announce: 20, error: 8 } as const
const EVENT: { readonly [E in AnnounceEvent]: number } = { completed: 1, started: 2, stopped: 3 }
const SCRAPE_ENTRY_BYTES = 12
const INT32_MAX = 0x7fff_ffff

function readAnnounce(transactionId: number, from: ByteReader, family: AddressFamily): UdpAnswer {
  const seconds = from.u32()
  const leechers = count(from.u32())
  const seeds = count(from.u32())
  const decode = family === 4 ? decodeCompactPeers : decodeCompactPeers6
  const intervalMs = seconds === 0 || seconds > INT32_MAX ? null : seconds * 1000
  const peers = decode(from.bytes(), MAX_PEERS_PER_ANSWER)
  return { kind: 'announce', transactionId, intervalMs, seeds, leechers, peers }
}

function readScrape(transactionId: number, from: ByteReader): UdpAnswer {
  const counts: ScrapeCounts[] = []
  while (from.remaining >= SCRAPE_ENTRY_BYTES && counts.length < MAX_SCRAPE_NAMES) {
    const seeds = count(from.u32())
    const completions = count(from.u32())
    counts.push({ seeds, completions, leechers: count(from.u32()) })
  }
  return { kind: 'scrape', transactionId, counts }
}

/** The fields are 32-bit integers with sign. */
function count(value: number): number | null {
  return value > INT32_MAX ? null : value
}

/** Trackers written in C send their string's final NUL too. */
function errorText(bytes: Uint8Array): string {
  const end = bytes.indexOf(0)
  return trackerText(end < 0 ? bytes : bytes.subarray(0, end))
}
