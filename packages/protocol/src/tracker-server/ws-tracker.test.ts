import { describe, expect, test } from 'vitest'
import type { AnnounceRequest } from '../bep/0003-http-tracker.ts'
import {
  encodeWsAnnounce,
  encodeWsAnswer,
  encodeWsScrape,
  parseWsTrackerMessage,
} from '../webtorrent/tracker-messages.ts'
import { SwarmBook } from './swarm-book.ts'
import { WS_SERVER_LIMITS, type WsServerEffect, WsTrackerServer } from './ws-tracker.ts'

const TORRENT = new Uint8Array(20).fill(1)
const id = (n: number) => new Uint8Array(20).fill(n)

function announceBy(n: number, offers = 0, fields: Partial<AnnounceRequest> = {}): string {
  const made = Array.from({ length: offers }, (_, i) => ({ offerId: id(100 + i), sdp: `of ${n}` }))
  const request = {
    infoHash: TORRENT,
    peerId: id(n),
    port: 0,
    uploadedBytes: 0,
    downloadedBytes: 0,
    leftBytes: 1,
    event: null,
    key: 0,
    numWant: null,
    trackerId: null,
  }
  return encodeWsAnnounce({ ...request, ...fields }, made)
}

class Scene {
  readonly book = new SwarmBook({ chance: () => 0, intervalMs: 600_000, isKnown: () => true })
  readonly server = new WsTrackerServer(this.book)

  /** Clients 1 to `count`, each announced as the peer of its number. */
  with(count: number): this {
    for (let n = 1; n <= count; n++) {
      this.server.open(n, `192.0.2.${n}`)
      this.say(n, announceBy(n))
    }
    return this
  }

  say(clientId: number, text: string, nowMs = 0): readonly WsServerEffect[] {
    return this.server.message(clientId, text, nowMs)
  }
}

/** To whom what was sent. */
function heard(effects: readonly WsServerEffect[]) {
  return effects.flatMap((effect) => {
    if (effect.kind !== 'send') return []
    const result = parseWsTrackerMessage(effect.text)
    return [[effect.clientId, result.ok ? result.message : result.fault] as const]
  })
}

describe('clients find each other', () => {
  test('offers go to others of the swarm, one each, and never back', () => {
    const scene = new Scene().with(3)
    const effects = heard(scene.say(1, announceBy(1, 5)))
    expect(effects[0]).toMatchObject([1, { kind: 'announced', leechers: 3, intervalMs: 120_000 }])
    const relayed = effects.slice(1)
    expect(relayed.map(([to]) => to).toSorted()).toEqual([2, 3])
    for (const [, message] of relayed) {
      expect(message).toMatchObject({
        kind: 'offer',
        peerId: id(1),
        infoHash: TORRENT,
        sdp: 'of 1',
      })
    }
  })

  test('an answer goes to whom it names', () => {
    const scene = new Scene().with(2)
    const answer = { infoHash: TORRENT, peerId: id(2), toPeerId: id(1), offerId: id(5), sdp: 'x' }
    expect(heard(scene.say(2, encodeWsAnswer(answer)))).toMatchObject([
      [1, { kind: 'answer', peerId: id(2), offerId: id(5), sdp: 'x' }],
    ])
    expect(scene.say(2, encodeWsAnswer({ ...answer, toPeerId: id(9) }))).toEqual([])
  })

  test('nobody speaks in the name of another', () => {
    const scene = new Scene().with(2)
    const forged = { infoHash: TORRENT, peerId: id(2), toPeerId: id(2), offerId: id(5), sdp: 'x' }
    expect(scene.say(1, encodeWsAnswer(forged))).toEqual([])
    expect(heard(scene.say(1, announceBy(2, 1)))).toMatchObject([[1, { kind: 'failure' }]])
  })

  test('who hangs up or stops is found no more', () => {
    const scene = new Scene().with(3)
    scene.server.close(2)
    scene.say(3, announceBy(3, 0, { event: 'stopped' }))
    expect(heard(scene.say(1, announceBy(1, 5)))).toHaveLength(1)
    expect(scene.book.peerCount).toBe(1)
    scene.server.close(1)
    expect(scene.book.torrentCount).toBe(0)
  })

  test('numbers are given to whoever names the torrent', () => {
    const scene = new Scene().with(2)
    const [answer] = heard(scene.say(1, encodeWsScrape([TORRENT])))
    const message = answer?.[1]
    expect(message).toMatchObject({ kind: 'counts' })
    expect(heard(scene.say(1, '{"action":"scrape"}'))).toMatchObject([[1, { kind: 'failure' }]])
  })
})

describe('bounds', () => {
  test('one address has 64 clients, and not one more', () => {
    const { server } = new Scene()
    for (let n = 0; n < WS_SERVER_LIMITS.clientsPerAddress; n++) {
      expect(server.open(n, '192.0.2.1')).toBe(true)
    }
    expect(server.open(100, '192.0.2.1')).toBe(false)
    expect(server.open(100, '192.0.2.2')).toBe(true)
    server.close(0)
    expect(server.open(101, '192.0.2.1')).toBe(true)
  })

  test('no more clients than the limit', () => {
    const { server } = new Scene()
    for (let n = 0; n < WS_SERVER_LIMITS.clients; n++) server.open(n, `h${n}`)
    expect(server.open(5_000, 'x')).toBe(false)
    expect(server.clientCount).toBe(WS_SERVER_LIMITS.clients)
  })

  test('one client takes part in 200 torrents, and not in one more', () => {
    const scene = new Scene().with(1)
    const into = (n: number) => {
      const infoHash = new Uint8Array(20).fill(2)
      infoHash[0] = n
      return heard(scene.say(1, announceBy(1, 0, { infoHash }), n * 1000))[0]?.[1]
    }
    for (let n = 1; n < WS_SERVER_LIMITS.torrentsPerClient; n++) {
      expect(into(n)).toMatchObject({ kind: 'announced' })
    }
    expect(into(255)).toMatchObject({ kind: 'failure' })
  })

  test('who says too much at once is hung up on', () => {
    const scene = new Scene().with(1)
    let count = 1
    while (scene.say(1, announceBy(1))[0]?.kind !== 'close') count++
    expect(count).toBe(WS_SERVER_LIMITS.messageBurst)
  })

  test('five broken messages are told what is wrong with them, and the sixth ends it', () => {
    const scene = new Scene().with(1)
    for (let n = 0; n < WS_SERVER_LIMITS.faults; n++) {
      expect(heard(scene.say(1, 'garbage'))).toMatchObject([[1, { kind: 'failure' }]])
    }
    expect(scene.say(1, 'garbage')).toEqual([{ kind: 'close', clientId: 1 }])
  })

  test('no more is passed on than the limit, whoever sends it', () => {
    const scene = new Scene().with(12)
    let passed = 0
    let announces = 0
    // Each of the twelve reaches the eleven others, ten at a time.
    for (let n = 0; n < 240; n++) {
      announces += 1
      passed += heard(scene.say(1 + (n % 12), announceBy(1 + (n % 12), 10))).length - 1
    }
    expect(announces * 10).toBeGreaterThan(WS_SERVER_LIMITS.relayBurst)
    expect(passed).toBe(WS_SERVER_LIMITS.relayBurst)
  })
})
