/**
 * The UDP side of a tracker. It keeps nothing about who connected: a connection id is a keyed hash of the address and
 * the time, so that a spoofed source gets no id, and nothing larger than what it sent.
 *
 * Spec: BEP 15, "UDP connections / spoofing" <https://www.bittorrent.org/beps/bep_0015.html>; BEP 41
 * Divergence: the `IP address` field is ignored, as over HTTP. URL data is read over.
 */
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { encodeCompactPeers6 } from '../bep/0007-ipv6.ts'
import { encodeCompactPeers, type PeerAddress } from '../bep/0023-compact.ts'
import { MAX_SCRAPE_NAMES } from '../bep/0048-scrape.ts'
import { ByteReader, ByteWriter, utf8Encode } from '../bytes.ts'
import { formatIp, parseIp } from '../ip-address.ts'
import type { Millis } from '../machine.ts'
import { DEFAULT_NUM_WANT, MAX_NUM_WANT } from './http-tracker.ts'
import type { SwarmBook } from './swarm-book.ts'

/** "Trackers should accept a connection ID until two minutes after it has been sent": at least that, below three. */
export const CONNECTION_WINDOW_MS = 60_000
export const UDP_SECRET_BYTES = 32

export interface UdpTrackerAnswer {
  readonly bytes: Uint8Array
  readonly isAnnounce: boolean
}

export class UdpTrackerServer {
  readonly #book: SwarmBook
  readonly #secret: Uint8Array

  /** `secret`: 32 bytes of chance that nobody else knows. */
  constructor(book: SwarmBook, secret: Uint8Array) {
    this.#book = book
    this.#secret = secret
  }

  /** The packet to send back; `null` for what is no request, which is not answered at all. */
  answer(packet: Uint8Array, from: PeerAddress, nowMs: Millis): UdpTrackerAnswer | null {
    const address = parseIp(from.host)
    if (address === null || packet.length < HEAD_BYTES) return null
    const reader = new ByteReader(packet)
    const connectionId = reader.u64()
    const action = reader.u32()
    const transactionId = reader.u32()
    const source = { ...from, host: formatIp(address) ?? from.host }
    if (action === ACTION.connect) {
      return connectionId === PROTOCOL_ID ? this.#connect(transactionId, source, nowMs) : null
    }
    const isAnnounce = action === ACTION.announce && packet.length >= ANNOUNCE_BYTES
    const isScrape = action === ACTION.scrape && packet.length >= SCRAPE_BYTES
    if (!isAnnounce && !isScrape) return null
    if (!this.#isOurs(connectionId, source, nowMs)) {
      return errorPacket(transactionId, 'Connection ID mismatch.')
    }
    return isAnnounce
      ? this.#announce(transactionId, reader, source, nowMs)
      : this.#scrape(transactionId, reader)
  }

  #connect(transactionId: number, from: PeerAddress, nowMs: Millis): UdpTrackerAnswer {
    const to = new ByteWriter(16).u32(ACTION.connect).u32(transactionId)
    return { bytes: to.u64(this.#idFor(from, windowOf(nowMs))).done(), isAnnounce: false }
  }

  #announce(
    transactionId: number,
    reader: ByteReader,
    from: PeerAddress,
    nowMs: Millis,
  ): UdpTrackerAnswer {
    const infoHash = reader.bytes(20)
    const peerId = reader.bytes(20)
    reader.u64()
    const leftBytes = Number(reader.u64())
    reader.u64()
    const event = EVENTS[reader.u32()] ?? null
    reader.bytes(8)
    const numWant = reader.u32()
    const port = reader.u16()
    if (port === 0) return errorPacket(transactionId, 'The port is 0.')
    const family = from.host.includes(':') ? 6 : 4
    const count = numWant > INT32_MAX ? DEFAULT_NUM_WANT : Math.min(numWant, MAX_NUM_WANT)
    const answer = this.#book.announce(
      { infoHash, peerId, host: from.host, port, reach: 'ip', event, leftBytes },
      { count: Math.min(count, family === 6 ? MAX_PEERS6_PER_PACKET : MAX_NUM_WANT), family },
      nowMs,
    )
    if (answer.kind === 'refused') return errorPacket(transactionId, REFUSALS[answer.why])
    const { peers, counts } = answer
    const to = new ByteWriter(20 + peers.length * 18).u32(ACTION.announce).u32(transactionId)
    to.u32(Math.ceil(this.#book.intervalMs / 1000))
      .u32(counts.leechers)
      .u32(counts.seeds)
    to.bytes(family === 6 ? encodeCompactPeers6(peers) : encodeCompactPeers(peers))
    return { bytes: to.done(), isAnnounce: true }
  }

  #scrape(transactionId: number, reader: ByteReader): UdpTrackerAnswer {
    const to = new ByteWriter(8 + 12 * MAX_SCRAPE_NAMES).u32(ACTION.scrape).u32(transactionId)
    for (let n = 0; n < MAX_SCRAPE_NAMES && reader.remaining >= 20; n++) {
      const { seeds, completions, leechers } = this.#book.counts(reader.bytes(20))
      to.u32(seeds).u32(completions).u32(leechers)
    }
    return { bytes: to.done(), isAnnounce: false }
  }

  #isOurs(connectionId: bigint, from: PeerAddress, nowMs: Millis): boolean {
    const window = windowOf(nowMs)
    return [0, 1, 2].some((age) => connectionId === this.#idFor(from, window - age))
  }

  #idFor(from: PeerAddress, window: number): bigint {
    const about = utf8Encode(`${from.host} ${from.port} ${window}`)
    return new ByteReader(hmac(sha256, this.#secret, about)).u64()
  }
}

const PROTOCOL_ID = 0x417_2710_1980n
const ACTION = { connect: 0, announce: 1, scrape: 2, error: 3 } as const
const EVENTS = [null, 'completed', 'started', 'stopped'] as const
const HEAD_BYTES = 16
const ANNOUNCE_BYTES = 98
const SCRAPE_BYTES = 36
const INT32_MAX = 0x7fff_ffff
/** 20 + 18 * 75 bytes fit a packet of IPv6 that no network cuts up. */
const MAX_PEERS6_PER_PACKET = 75
const REFUSALS = {
  'unknown-torrent': 'This torrent is not tracked here.',
  full: 'This tracker is full.',
} as const

function windowOf(nowMs: Millis): number {
  return Math.floor(nowMs / CONNECTION_WINDOW_MS)
}

function errorPacket(transactionId: number, message: string): UdpTrackerAnswer {
  const to = new ByteWriter(64).u32(ACTION.error).u32(transactionId).bytes(utf8Encode(message))
  return { bytes: to.done(), isAnnounce: false }
}
