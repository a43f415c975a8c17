import { describe, expect, test } from 'vitest'
import type { AnnounceRequest } from '../bep/0003-http-tracker.ts'
import {
  decodeUdpAnswer,
  encodeConnect,
  encodeUdpAnnounce,
  encodeUdpScrape,
} from '../bep/0015-udp-tracker.ts'
import { SwarmBook } from './swarm-book.ts'
import { CONNECTION_WINDOW_MS, UDP_SECRET_BYTES, UdpTrackerServer } from './udp-tracker.ts'

const INFO_HASH = new Uint8Array(20).fill(3)
const FOUR = { host: '192.0.2.1', port: 1000 }
const SIX = { host: '2001:db8::1', port: 1000 }

function requestOf(fields: Partial<AnnounceRequest> = {}): AnnounceRequest {
  return {
    infoHash: INFO_HASH,
    peerId: new Uint8Array(20).fill(9),
    port: 6881,
    uploadedBytes: 0,
    downloadedBytes: 0,
    leftBytes: 5,
    event: 'started',
    key: 1,
    numWant: null,
    trackerId: null,
    ...fields,
  }
}

class Scene {
  readonly book = new SwarmBook({ chance: () => 0, intervalMs: 600_000, isKnown: () => true })
  readonly server = new UdpTrackerServer(this.book, new Uint8Array(UDP_SECRET_BYTES).fill(5))

  ask(packet: Uint8Array, from = FOUR, nowMs = 0) {
    const answer = this.server.answer(packet, from, nowMs)
    const family = from.host.includes(':') ? 6 : 4
    return answer === null ? null : decodeUdpAnswer(answer.bytes, family)
  }

  connect(from = FOUR, nowMs = 0): bigint {
    const answer = this.ask(encodeConnect(7), from, nowMs)
    return answer?.kind === 'connect' ? answer.connectionId : 0n
  }

  announce(from = FOUR, fields: Partial<AnnounceRequest> = {}, nowMs = 0) {
    const id = this.connect(from, nowMs)
    return this.ask(encodeUdpAnnounce(id, 8, requestOf(fields), '/announce?pass=key'), from, nowMs)
  }
}

describe('the exchange', () => {
  test('a client connects, announces and is given the peers of its family', () => {
    const scene = new Scene()
    scene.announce({ host: '192.0.2.2', port: 5 }, { port: 2, peerId: new Uint8Array(20) })
    scene.announce(
      { host: '2001:db8::2', port: 5 },
      { port: 3, peerId: new Uint8Array(20).fill(1) },
    )
    expect(scene.announce()).toEqual({
      kind: 'announce',
      transactionId: 8,
      intervalMs: 600_000,
      seeds: 0,
      leechers: 3,
      peers: [{ host: '192.0.2.2', port: 2 }],
    })
    expect(scene.announce(SIX)).toMatchObject({ peers: [{ host: '2001:db8::2', port: 3 }] })
  })

  test('a scrape counts up to 74 swarms', () => {
    const scene = new Scene()
    scene.announce()
    const id = scene.connect()
    expect(scene.ask(encodeUdpScrape(id, 4, [INFO_HASH]))).toEqual({
      kind: 'scrape',
      transactionId: 4,
      counts: [{ seeds: 0, completions: 0, leechers: 1 }],
    })
    const many = new Uint8Array(16 + 75 * 20)
    many.set(encodeUdpScrape(id, 4, [INFO_HASH]))
    expect(scene.ask(many)).toMatchObject({ counts: { length: 74 } })
  })

  test('what may not be is told as an error', () => {
    expect(new Scene().announce(FOUR, { port: 0 })).toMatchObject({ kind: 'error' })
    const closed = new SwarmBook({ chance: () => 0, intervalMs: 1, isKnown: () => false })
    const server = new UdpTrackerServer(closed, new Uint8Array(UDP_SECRET_BYTES))
    const connect = server.answer(encodeConnect(1), FOUR, 0)
    const connected = connect === null ? null : decodeUdpAnswer(connect.bytes, 4)
    const id = connected?.kind === 'connect' ? connected.connectionId : 0n
    const answer = server.answer(encodeUdpAnnounce(id, 2, requestOf(), ''), FOUR, 0)
    expect(answer?.isAnnounce).toBe(false)
  })
})

describe('connection ids', () => {
  test('are good for two minutes and bad after three', () => {
    const scene = new Scene()
    const startMs = CONNECTION_WINDOW_MS - 1
    const id = scene.connect(FOUR, startMs)
    const packet = encodeUdpAnnounce(id, 8, requestOf(), '')
    expect(scene.ask(packet, FOUR, startMs + 120_000)).toMatchObject({ kind: 'announce' })
    expect(scene.ask(packet, FOUR, startMs + 180_000)).toMatchObject({ kind: 'error' })
  })

  test('of another address, another port or another tracker are refused', () => {
    const scene = new Scene()
    const packet = encodeUdpAnnounce(scene.connect(), 8, requestOf(), '')
    expect(scene.ask(packet, { host: '192.0.2.2', port: 1000 })).toMatchObject({ kind: 'error' })
    expect(scene.ask(packet, { host: '192.0.2.1', port: 1001 })).toMatchObject({ kind: 'error' })
    const other = new UdpTrackerServer(scene.book, new Uint8Array(UDP_SECRET_BYTES).fill(6))
    const answer = other.answer(packet, FOUR, 0)
    expect(answer === null ? null : decodeUdpAnswer(answer.bytes, 4)).toMatchObject({
      kind: 'error',
    })
    expect(scene.book.peerCount).toBe(0)
  })

  test('IPv4 mapped into IPv6 is the same address', () => {
    const scene = new Scene()
    const packet = encodeUdpAnnounce(scene.connect(), 8, requestOf(), '')
    const answer = scene.server.answer(packet, { host: '::ffff:192.0.2.1', port: 1000 }, 0)
    expect(answer?.isAnnounce).toBe(true)
  })
})

describe('strangers', () => {
  test('whoever forges a source makes us send no more than it did', () => {
    const scene = new Scene()
    for (let n = 1; n < 250; n++) {
      scene.announce({ host: `192.0.2.${n}`, port: 5 }, { peerId: new Uint8Array(20).fill(n) })
    }
    const forged = [
      encodeConnect(1),
      encodeUdpAnnounce(1n, 1, requestOf(), ''),
      encodeUdpScrape(1n, 1, [INFO_HASH]),
      encodeUdpScrape(
        1n,
        1,
        Array.from({ length: 74 }, () => INFO_HASH),
      ),
    ]
    for (const packet of forged) {
      const answer = scene.server.answer(packet, { host: '203.0.113.1', port: 1 }, 0)
      expect(answer?.bytes.length ?? 0).toBeLessThanOrEqual(packet.length)
    }
  })

  test('what is no request is not answered', () => {
    const { server } = new Scene()
    const whole = encodeUdpAnnounce(1n, 1, requestOf(), '')
    const short = [0, 8, 15, 97].map((lengthBytes) => whole.subarray(0, lengthBytes))
    const wrongProtocol = encodeConnect(1)
    wrongProtocol[0] = 1
    const unknown = new Uint8Array(100).fill(9)
    for (const packet of [...short, wrongProtocol, unknown]) {
      expect(server.answer(packet, FOUR, 0)).toBeNull()
    }
  })
})
