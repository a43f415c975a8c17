import { latin1Decode } from '@pigeon/protocol/bytes'
import {
  encodeWsAnnounced,
  encodeWsFailure,
  encodeWsSignal,
} from '@pigeon/protocol/webtorrent/tracker-messages'
import { parseTrackerUrl } from '@pigeon/protocol/tracker-url'
import { describe, expect, test } from 'vitest'
import type { PeerSocket } from '../ports.ts'
import { ioProblem } from '../problem.ts'
import type { TrackerSettings } from './settings.ts'
import { answerOf, FakeWorld } from './testing/fake-world.ts'
import { FakeWeb, fakeSocket } from './testing/fake-web.ts'
import { TorrentTrackers } from './torrent-trackers.ts'
import { TrackerAccess } from './tracker-access.ts'
import { WS_TRACKERS } from './ws-trackers.ts'

const INFO_HASH = new Uint8Array(20).fill(0xe9)
const PEER_ID = new Uint8Array(20).fill(1)
const OTHER = new Uint8Array(20).fill(2)
const WSS = 'wss://tracker.example/'
const MINUTE_MS = 60_000
const REQUEST = {
  infoHash: INFO_HASH,
  peerId: PEER_ID,
  port: 1,
  uploadedBytes: 0,
  downloadedBytes: 0,
  leftBytes: 1,
  event: 'started',
  key: 1,
  numWant: null,
  trackerId: null,
} as const
const OPTIONS = {
  isUrgent: false,
  isWanted: () => true,
  onLate: () => {},
  member: { wantPeers: () => 0, onSocket: () => {}, onMissed: () => {}, onForgotten: () => {} },
}

function scene(
  tiers: readonly (readonly string[])[] = [[WSS]],
  settings: Partial<TrackerSettings> = {},
  hasWebRtc = true,
) {
  const world = new FakeWorld()
  const web = new FakeWeb()
  let next = 0
  const ports = {
    ...world.ports,
    // Offers are told apart by chance.
    random: { ...world.ports.random, bytes: (n: number) => new Uint8Array(n).fill((next += 1)) },
    webSockets: web.webSockets,
    webRtc: hasWebRtc ? web.webRtc : null,
  }
  const access = new TrackerAccess(ports, { minIntervalMs: 1000, ...settings })
  const sockets: [PeerSocket, string][] = []
  const state = { wanted: 50 }
  const trackers = new TorrentTrackers(access, {
    infoHashes: [INFO_HASH],
    tiers,
    peerId: () => PEER_ID,
    key: () => 1,
    port: () => 6881,
    stats: () => ({ uploadedBytes: 0, downloadedBytes: 0, leftBytes: 1 }),
    wantPeers: () => state.wanted,
    onPeers: () => {},
    onSocket: (socket, direction) => sockets.push([socket, direction]),
    onExternalAddress: () => {},
    onChange: () => {},
  })
  return { world, web, access, trackers, sockets, state }
}

function answer(web: FakeWeb, intervalMs = 600_000): void {
  const counts = { infoHash: INFO_HASH, intervalMs, seeds: 3, leechers: 4 }
  web.link.handlers.message(encodeWsAnnounced(counts))
}

function signal(kind: 'offer' | 'answer', offerId: Uint8Array, sdp: string): string {
  return encodeWsSignal(kind, { infoHash: INFO_HASH, peerId: OTHER, offerId, sdp })
}

/** Announced, answered, with the given scene's first offers out. */
async function opened(made = scene()) {
  made.trackers.start()
  await made.world.advance(0)
  made.web.link.handlers.opened()
  answer(made.web)
  await made.world.advance(0)
  return made
}

describe('a torrent at a WebSocket tracker', () => {
  test('announces with five offers and shows what the tracker says', async () => {
    const { web, trackers } = await opened()
    const [said] = web.said()
    expect(said).toMatchObject({
      action: 'announce',
      event: 'started',
      info_hash: latin1Decode(INFO_HASH),
      numwant: WS_TRACKERS.offersPerAnnounce,
    })
    expect(said?.['offers']).toHaveLength(5)
    expect(trackers.trackers).toMatchObject([
      { url: WSS, state: 'working', seeds: 3, leechers: 4, message: '' },
    ])
  })

  test('that is stopped while its offers are made does not come after its goodbye', async () => {
    const { trackers, web, world } = scene()
    trackers.start()
    // The first of the steps of making offers, and not the last.
    await Promise.resolve()
    void trackers.stop()
    await world.advance(1_000)
    for (const { handlers } of web.links) handlers.opened()
    await world.advance(1_000)
    expect(web.links.flatMap(({ sent }) => sent)).toEqual([])
    expect([web.offers.size, web.links.every(({ isClosed }) => isClosed)]).toEqual([0, true])
  })

  test('is known to no tracker any more, nor are its offers, once WebRTC is switched off', async () => {
    const { access, trackers, web, world } = await opened()
    access.change({ webRtc: 'anonymous' })
    expect([web.link.isClosed, web.offers.size]).toEqual([true, 0])
    await world.advance(60 * MINUTE_MS)
    expect(web.links).toHaveLength(1)
    access.change({ webRtc: 'on' })
    trackers.announceNow()
    await world.advance(60 * MINUTE_MS)
    expect(web.links.length).toBeGreaterThan(1)
  })

  test('whoever takes an offer of ours becomes an outgoing peer', async () => {
    const { web, sockets } = await opened()
    web.link.handlers.message(signal('answer', new Uint8Array(20).fill(1), 'their answer'))
    const offer = web.offers.get('offer 1')
    expect(offer?.accepted).toBe('their answer')
    const socket = fakeSocket()
    offer?.opened(socket)
    expect(sockets).toEqual([[socket, 'outgoing']])
  })

  test("another's offer is answered, and becomes an incoming peer", async () => {
    const { web, world, sockets } = await opened()
    web.link.handlers.message(signal('offer', OTHER, 'their offer'))
    await world.advance(0)
    expect(web.said().at(-1)).toMatchObject({
      to_peer_id: latin1Decode(OTHER),
      peer_id: latin1Decode(PEER_ID),
      answer: { type: 'answer', sdp: 'answer to their offer' },
    })
    const socket = fakeSocket()
    web.answers.get('their offer')?.opened(socket)
    expect(sockets).toEqual([[socket, 'incoming']])
  })

  test('whom nobody could reach asks for others soon, but not at once', async () => {
    const { web, world } = await opened()
    web.link.handlers.message(signal('answer', new Uint8Array(20).fill(1), 'their answer'))
    web.offers.get('offer 1')?.failed(ioProblem('unreachable', 'No way there.', ''))
    await world.advance(29_000)
    expect(web.said()).toHaveLength(1)
    await world.advance(1_000)
    expect(web.said()).toMatchObject([{ event: 'started' }, { offers: { length: 5 } }])
  })

  test('whose offers nobody took waits for the interval', async () => {
    const { web, world } = await opened()
    await world.advance(9 * MINUTE_MS)
    expect(web.offers.size).toBe(0)
    expect(web.said()).toHaveLength(1)
  })

  test('that has enough peers makes no offers and answers none', async () => {
    const made = scene()
    made.state.wanted = 0
    const { web, world } = await opened(made)
    web.link.handlers.message(signal('offer', OTHER, 'x'))
    await world.advance(0)
    expect(web.said()).toMatchObject([{ offers: [] }])
    expect(web.answers.size).toBe(0)
  })

  test('that ends says so, hangs up and gives up its offers', async () => {
    const { web, world, trackers } = await opened()
    void trackers.stop()
    await world.advance(0)
    expect(web.said().at(-1)).toMatchObject({ event: 'stopped' })
    expect(web.link.isClosed).toBe(true)
    expect(web.offers.size).toBe(0)
    expect(world.timerCount).toBe(0)
  })

  test('that ended while a connection came about takes it no more', async () => {
    const { web, world, trackers, sockets } = await opened()
    const offer = web.offers.get('offer 1')
    void trackers.stop()
    await world.advance(0)
    const socket = fakeSocket()
    offer?.opened(socket)
    expect(sockets).toEqual([])
    expect(socket.isClosed).toBe(true)
  })

  test('is announced beside its other trackers, not instead of them, in its own tiers', async () => {
    const http = 'http://t.example/announce'
    const made = scene([[http], [WSS]])
    made.world.onGet = () => answerOf({ interval: 1800, complete: 1, incomplete: 1 })
    const { trackers } = await opened(made)
    expect(trackers.trackers).toMatchObject([
      { url: http, tier: 0, state: 'working' },
      { url: WSS, tier: 1, state: 'working' },
    ])
  })
})

describe('without WebRTC', () => {
  test.each([
    ['it is not installed', {}, false, 'npm install node-datachannel'],
    ['it is switched off', { webRtc: 'off' } as const, true, 'switched off'],
    ['there is a proxy', { webRtc: 'proxied' } as const, true, 'proxy'],
    ['nobody may know us', { webRtc: 'anonymous' } as const, true, 'anonymous'],
  ])('where %s, the tracker is not asked and says why', async (_, settings, has, words) => {
    const { web, world, trackers } = scene([[WSS]], settings, has)
    trackers.start()
    await world.advance(60 * MINUTE_MS)
    expect(web.links).toEqual([])
    expect(trackers.trackers[0]?.state).toBe('failing')
    expect(trackers.trackers[0]?.message).toContain(words)
  })

  test('switched off later, offers are answered no more', async () => {
    const { web, world, access } = await opened()
    access.settings.webRtc = 'off'
    web.link.handlers.message(signal('offer', OTHER, 'x'))
    await world.advance(0)
    expect(web.answers.size).toBe(0)
  })
})

describe('trackers that misbehave', () => {
  test('one that hangs up is told `started` again after a rest', async () => {
    const { web, world, trackers } = await opened()
    web.link.handlers.closed(null)
    expect(trackers.trackers[0]?.message).toContain('lost')
    await world.advance(9_000)
    expect(web.links).toHaveLength(1)
    await world.advance(10_000)
    expect(web.links).toHaveLength(2)
    web.link.handlers.opened()
    expect(web.said()).toMatchObject([{ event: 'started' }])
  })

  test('one that always hangs up is asked ever less', async () => {
    const { web, world, trackers } = scene()
    trackers.start()
    for (let minute = 0; minute < 240; minute++) {
      await world.advance(MINUTE_MS)
      for (const link of web.links) {
        if (link.isClosed) continue
        link.isClosed = true
        link.handlers.opened()
        link.handlers.closed(ioProblem('reset', 'gone', ''))
      }
    }
    expect(web.links.length).toBeGreaterThan(2)
    expect(web.links.length).toBeLessThan(20)
    expect(web.offers.size).toBe(0)
  })

  test.each([
    ['broken JSON', '{"action":'],
    ['other types', '{"action":"announce","info_hash":7,"offer":[]}'],
    ['answers to what nobody offered', signal('answer', OTHER, 'x')],
    ['failures', encodeWsFailure('x'.repeat(5000), INFO_HASH)],
  ])('a flood of %s ends at the limit, and the other trackers go on', async (_, text) => {
    const http = 'http://t.example/announce'
    const made = scene([[WSS], [http]])
    made.world.onGet = () => answerOf({ interval: 60, complete: 1, incomplete: 1 })
    const { web, world, trackers } = await opened(made)
    const before = made.world.gets.length
    for (let n = 0; n < 1000; n++) web.link.handlers.message(text)
    expect(web.link.isClosed).toBe(true)
    await world.advance(10 * MINUTE_MS)
    expect(made.world.gets.length).toBeGreaterThan(before + 5)
    expect(trackers.trackers.find(({ url }) => url === http)?.state).toBe('working')
    expect(web.links.length).toBeLessThan(10)
  })

  test('a flood of offers is answered ten at a time', async () => {
    const { web, world, sockets } = await opened()
    for (let n = 0; n < 50; n++) {
      const peerId = new Uint8Array(20).fill(100 + n)
      const forged = { infoHash: INFO_HASH, peerId, offerId: OTHER, sdp: `${n}` }
      web.link.handlers.message(encodeWsSignal('offer', forged))
    }
    expect(web.answers.size).toBe(10)
    await world.advance(0)
    expect(sockets).toEqual([])
  })

  test('no more than fifty are connected to', async () => {
    const { web, world, access } = scene([])
    const problems: string[] = []
    for (let n = 0; n <= WS_TRACKERS.links; n++) {
      const parsed = parseTrackerUrl(`wss://t${n}.example/`)
      if (!parsed.ok) throw new Error(parsed.fault.detail)
      void access.announce(parsed.tracker, REQUEST, OPTIONS).then((outcome) => {
        if (outcome.kind === 'problem') problems.push(outcome.problem.message)
      })
      await world.advance(0)
      web.link.handlers.opened()
      answer(web)
      await world.advance(0)
    }
    expect(web.links).toHaveLength(WS_TRACKERS.links)
    expect(problems).toEqual(['Too many WebSocket trackers are asked at once.'])
  })
})
