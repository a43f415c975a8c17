import { describe, expect, test } from 'vitest'
import { ioProblem } from '../problem.ts'
import { Announcer, type AnnouncerOptions } from './announcer.ts'
import type { TrackerSettings } from './settings.ts'
import { answerOf, FakeWorld } from './testing/fake-world.ts'
import { TrackerAccess } from './tracker-access.ts'

const MINUTE_MS = 60_000
const INFO_HASH = Uint8Array.from({ length: 20 }, (_, i) => i * 13)
const PEER_ID = new TextEncoder().encode('-PG0010-abcdefghijkl')

interface Scene {
  readonly world: FakeWorld
  readonly announcer: Announcer
  readonly peers: string[]
  readonly external: string[]
  stats: { uploadedBytes: number; downloadedBytes: number; leftBytes: number }
}

function scene(
  tiers: readonly (readonly string[])[],
  options: Partial<AnnouncerOptions> = {},
  settings: Partial<TrackerSettings> = { minIntervalMs: 1000 },
): Scene {
  const world = new FakeWorld()
  const peers: string[] = []
  const external: string[] = []
  const made: { scene?: Scene } = {}
  const announcer = new Announcer(new TrackerAccess(world.ports, settings), {
    infoHashes: [INFO_HASH],
    tiers,
    peerId: () => PEER_ID,
    key: () => 0xbeef,
    port: () => 6881,
    stats: () => made.scene?.stats ?? { uploadedBytes: 0, downloadedBytes: 0, leftBytes: 1 },
    wantPeers: () => 50,
    onPeers: (found) => peers.push(...found.map(({ host, port }) => `${host} ${port}`)),
    onSocket: (socket) => socket.close(),
    onExternalAddress: (ip) => external.push(ip),
    onChange: () => {},
    ...options,
  })
  const stats = { uploadedBytes: 0, downloadedBytes: 0, leftBytes: 1 }
  made.scene = { world, announcer, peers, external, stats }
  return made.scene
}

const events = (world: FakeWorld): (string | null)[] =>
  world.queries().map((query) => query.get('event'))
const times = (world: FakeWorld): number[] => world.gets.map(({ atMs }) => atMs)
const hosts = (world: FakeWorld): string[] => world.gets.map(({ url }) => new URL(url).hostname)
const ok = (fields: Parameters<typeof answerOf>[0]) =>
  answerOf({ complete: 1, incomplete: 1, ...fields })
const down = () => ioProblem('refused', 'Nothing listens there.', '')
const compact = Uint8Array.of(10, 0, 0, 1, 0x1a, 0xe1, 10, 0, 0, 2, 0, 0)

describe('what a tracker is told', () => {
  test('the first announce is `started` and carries all that BEP 3 demands', async () => {
    const { world, announcer } = scene([['http://t.example/announce?passkey=x&y']])
    world.onGet = () => ok({ interval: 1800, peers: compact })
    announcer.start()
    await world.advance(0)
    const { url } = world.gets[0] ?? { url: '' }
    expect(url.startsWith('http://t.example/announce?passkey=x&y&info_hash=%00%0D%1A')).toBe(true)
    const query = new URL(url).searchParams
    expect(query.get('peer_id')).toBe('-PG0010-abcdefghijkl')
    expect(query.get('port')).toBe('6881')
    expect(query.get('left')).toBe('1')
    expect(query.get('event')).toBe('started')
    expect(query.get('compact')).toBe('1')
    expect(query.get('no_peer_id')).toBe('1')
    expect(query.get('numwant')).toBe('50')
    expect(query.get('key')).toBe('0000BEEF')
  })

  test('completion is told once, at once, and only when it happens while running', async () => {
    const { world, announcer } = scene([['http://t.example/announce']])
    world.onGet = () => ok({ interval: 60, peers: '' })
    announcer.start()
    await world.advance(10_000)
    announcer.completed()
    announcer.completed()
    await world.advance(100_000)
    expect(events(world)).toEqual(['started', 'completed', null])
    expect(times(world)).toEqual([0, 10_000, 70_000])
  })

  test('completion during the first announce is told after it', async () => {
    const { world, announcer } = scene([['http://t.example/announce']])
    world.onGet = () => ok({ interval: 60, peers: '' })
    announcer.start()
    announcer.completed()
    await world.advance(1000)
    expect(events(world)).toEqual(['started', 'completed'])
  })

  test('`stopped` goes to each tracker that counts us, and to no other', async () => {
    const { world, announcer } = scene([
      ['http://a.example/announce'],
      ['http://b.example/announce'],
    ])
    world.onGet = (url) => (url.includes('a.example') ? down() : ok({ interval: 60, peers: '' }))
    announcer.start()
    await world.advance(1000)
    const stopped = announcer.stop()
    await world.advance(0)
    await stopped
    expect(hosts(world)).toEqual(['a.example', 'b.example', 'b.example'])
    expect(world.queries()[2]?.get('event')).toBe('stopped')
    expect(world.queries()[2]?.get('numwant')).toBe('0')
    await world.advance(10 * MINUTE_MS)
    expect(world.gets.length).toBe(3)
  })

  test('stopping waits 5 s for a tracker that does not answer, no longer', async () => {
    const { world, announcer } = scene([['http://t.example/announce']])
    world.onGet = (url) => (url.includes('stopped') ? null : ok({ interval: 60, peers: '' }))
    announcer.start()
    await world.advance(1000)
    let isDone = false
    void announcer.stop().then(() => (isDone = true))
    await world.advance(4999)
    expect(isDone).toBe(false)
    await world.advance(1)
    expect(isDone).toBe(true)
  })

  test('a torrent that is resumed says `started` again, after `stopped` and without waiting', async () => {
    const { world, announcer } = scene([['http://t.example/announce']])
    world.onGet = () => ok({ interval: 1800, peers: '' })
    announcer.start()
    await world.advance(1000)
    void announcer.stop()
    announcer.start()
    await world.advance(1000)
    expect(events(world)).toEqual(['started', 'stopped', 'started'])
  })

  test('`started` of the new life never overtakes `stopped` of the old one', async () => {
    const { world, announcer } = scene([['http://t.example/announce']])
    announcer.start()
    await world.advance(26_000)
    void announcer.stop()
    announcer.start()
    // The first announce comes to its end at 30 s, the wait for `stopped` at 31 s.
    await world.advance(4_999)
    expect(announcer.trackers[0]?.state).toBe('idle')
    await world.advance(45_000)
    expect(events(world).slice(0, 3)).toEqual(['started', 'stopped', 'started'])
  })

  test('a hybrid announces both of its names, each with its own `started` and `stopped`', async () => {
    const other = INFO_HASH.map((byte) => 255 - byte)
    const { world, announcer } = scene([['http://t.example/announce']], {
      infoHashes: [INFO_HASH, other],
    })
    world.onGet = () => ok({ interval: 60, peers: '' })
    announcer.start()
    await world.advance(1000)
    void announcer.stop()
    await world.advance(1000)
    expect(events(world)).toEqual(['started', 'started', 'stopped', 'stopped'])
    expect(new Set(world.gets.map(({ url }) => /info_hash=([^&]*)/.exec(url)?.[1])).size).toBe(2)
  })

  test('a hybrid completes although the tracker knows only one of its names', async () => {
    const other = INFO_HASH.map((byte) => 255 - byte)
    const { world, announcer } = scene([['http://t.example/announce']], {
      infoHashes: [INFO_HASH, other],
    })
    world.onGet = (url) =>
      url.includes('info_hash=%00')
        ? ok({ interval: 600, peers: '' })
        : answerOf({ 'failure reason': 'unregistered torrent' })
    announcer.start()
    await world.advance(1000)
    announcer.completed()
    await world.advance(1000)
    expect(events(world)).toEqual(['started', 'started', 'completed', 'started'])
    expect(announcer.trackers[0]).toMatchObject({
      state: 'working',
      message: 'unregistered torrent',
    })
  })

  test('what the tracker calls its id is sent back to it', async () => {
    const { world, announcer } = scene([['http://t.example/announce']])
    world.onGet = () => ok({ interval: 60, peers: '', 'tracker id': Uint8Array.of(0, 65, 38) })
    announcer.start()
    await world.advance(MINUTE_MS)
    expect(world.gets[0]?.url).not.toContain('trackerid')
    expect(world.gets[1]?.url).toContain('&trackerid=%00A%26')
  })

  test('no more peers are asked for than can be used', async () => {
    const { world, announcer } = scene([['http://t.example/announce']], { wantPeers: () => 0 })
    world.onGet = () => ok({ interval: 60, peers: '' })
    announcer.start()
    await world.advance(0)
    expect(world.queries()[0]?.get('numwant')).toBe('0')
  })
})

describe('when trackers are asked', () => {
  test('a tracker is asked at its interval and not before', async () => {
    const { world, announcer } = scene([['http://t.example/announce']])
    world.onGet = () => ok({ interval: 7, peers: '' })
    announcer.start()
    await world.advance(21_500)
    expect(times(world)).toEqual([0, 7000, 14_000, 21_000])
    expect(events(world)).toEqual(['started', null, null, null])
  })

  test('a `min interval` above the interval is obeyed', async () => {
    const { world, announcer } = scene([['http://t.example/announce']])
    world.onGet = () => ok({ interval: 7, 'min interval': 20, peers: '' })
    announcer.start()
    await world.advance(41_000)
    expect(times(world)).toEqual([0, 20_000, 40_000])
  })

  test('however short the interval, five minutes are kept by default', async () => {
    const { world, announcer } = scene([['http://t.example/announce']], {}, {})
    world.onGet = () => ok({ interval: 1, peers: '' })
    announcer.start()
    await world.advance(10 * MINUTE_MS)
    expect(times(world)).toEqual([0, 5 * MINUTE_MS, 10 * MINUTE_MS])
  })

  test.each([
    ['zero', 0],
    ['negative', -5],
    ['missing', null],
  ])('an interval that is %s becomes half an hour, and the user is told', async (_, interval) => {
    const { world, announcer } = scene([['http://t.example/announce']])
    world.onGet = () => ok({ interval, peers: '' })
    announcer.start()
    await world.advance(30 * MINUTE_MS)
    expect(times(world)).toEqual([0, 30 * MINUTE_MS])
    expect(announcer.trackers[0]).toMatchObject({
      state: 'working',
      message: 'The tracker gave no usable interval; asking again in 30 minutes.',
    })
  })

  test('an interval of years is cut to six hours, and the user is told', async () => {
    const { world, announcer } = scene([['http://t.example/announce']])
    world.onGet = () => ok({ interval: 9_223_372_036_854_775_807n, peers: '' })
    announcer.start()
    await world.advance(6 * 60 * MINUTE_MS)
    expect(times(world)).toEqual([0, 6 * 60 * MINUTE_MS])
    expect(announcer.trackers[0]?.message).toContain('beyond reason')
  })

  test('failures are retried after 30 s, then ever more rarely, at last once an hour', async () => {
    const { world, announcer } = scene([['http://t.example/announce']])
    world.onGet = down
    world.chance = () => 0
    announcer.start()
    await world.advance(4 * 60 * MINUTE_MS)
    const gaps = times(world).map((at, i, all) => at - (all[i - 1] ?? 0))
    expect(gaps.slice(1, 8)).toEqual([30, 60, 120, 240, 480, 960, 1920].map((s) => s * 1000))
    expect(gaps.slice(8)).toEqual([60 * MINUTE_MS, 60 * MINUTE_MS])
    expect(announcer.trackers[0]).toMatchObject({
      state: 'failing',
      message: 'Nothing listens there.',
    })
  })

  test('torrents that failed together do not ask again in step', async () => {
    const delays = new Set<number>()
    for (const chance of [0, 0.3, 0.6, 0.99]) {
      const { world, announcer } = scene([['http://t.example/announce']])
      world.onGet = down
      world.chance = () => chance
      announcer.start()
      await world.advance(MINUTE_MS)
      delays.add(world.gets[1]?.atMs ?? 0)
    }
    expect(delays.size).toBe(4)
    expect(Math.min(...delays)).toBe(30_000)
    expect(Math.max(...delays)).toBeLessThanOrEqual(37_500)
  })

  test.each([
    ['a number', 3],
    ['a text', '3'],
  ])('`retry in` as %s is obeyed', async (_, retryIn) => {
    const { world, announcer } = scene([['http://t.example/announce']])
    world.onGet = () => answerOf({ 'failure reason': 'Overloaded', 'retry in': retryIn })
    announcer.start()
    await world.advance(6 * MINUTE_MS)
    expect(times(world)).toEqual([0, 3 * MINUTE_MS, 6 * MINUTE_MS])
    expect(announcer.trackers[0]?.message).toBe('Overloaded')
  })

  test('`retry in` never means never, even for a user who insists', async () => {
    const { world, announcer } = scene([['http://t.example/announce']])
    world.onGet = () => answerOf({ 'failure reason': 'Not a tracker', 'retry in': 'never' })
    announcer.start()
    await world.advance(24 * 60 * MINUTE_MS)
    announcer.announceNow()
    await world.advance(60 * MINUTE_MS)
    expect(world.gets.length).toBe(1)
    expect(announcer.trackers[0]).toMatchObject({
      state: 'disabled',
      message: 'Not a tracker',
      nextAnnounceMs: null,
    })
  })

  test('a user who asks for more peers gets them no earlier than the tracker allows', async () => {
    const { world, announcer } = scene([['http://t.example/announce']])
    world.onGet = () => ok({ interval: 1800, 'min interval': 60, peers: '' })
    announcer.start()
    await world.advance(10_000)
    announcer.announceNow()
    expect(announcer.trackers[0]?.nextAnnounceMs).toBe(60_000)
    await world.advance(5 * MINUTE_MS)
    expect(times(world)).toEqual([0, 60_000])
  })

  test('the next announce is shown', async () => {
    const { world, announcer } = scene([
      ['http://a.example/announce'],
      ['http://b.example/announce'],
    ])
    world.onGet = () => ok({ interval: 60, complete: 4, incomplete: 2, peers: '' })
    expect(announcer.trackers.map(({ state }) => state)).toEqual(['idle', 'idle'])
    announcer.start()
    await world.advance(1000)
    expect(announcer.trackers).toEqual([
      {
        url: 'http://a.example/announce',
        tier: 0,
        state: 'working',
        message: '',
        seeds: 4,
        leechers: 2,
        nextAnnounceMs: 60_000,
        lastAnnounceAtMs: 0,
      },
      {
        url: 'http://b.example/announce',
        tier: 1,
        state: 'idle',
        message: '',
        seeds: null,
        leechers: null,
        nextAnnounceMs: null,
        lastAnnounceAtMs: null,
      },
    ])
  })
})

describe('several trackers', () => {
  test('the second tier is asked only after all of the first failed, at once', async () => {
    const { world, announcer } = scene([
      ['http://a.example/announce', 'http://b.example/announce'],
      ['http://c.example/announce'],
    ])
    world.onGet = (url) => (url.includes('c.example') ? ok({ interval: 60, peers: '' }) : down())
    announcer.start()
    await world.advance(0)
    expect(hosts(world).slice(0, 2).sort()).toEqual(['a.example', 'b.example'])
    expect(hosts(world)[2]).toBe('c.example')
    expect(times(world)).toEqual([0, 0, 0])
  })

  test('a tracker that failed is left alone while its pause lasts, then goes first again', async () => {
    const { world, announcer } = scene([
      ['http://a.example/announce'],
      ['http://b.example/announce'],
    ])
    world.chance = () => 0
    world.onGet = (url) => (url.includes('a.example') ? down() : ok({ interval: 20, peers: '' }))
    announcer.start()
    await world.advance(45_000)
    const asked = world.gets.map(({ url, atMs }) => `${new URL(url).hostname[0]} ${atMs / 1000}`)
    expect(asked).toEqual(['a 0', 'b 0', 'b 20', 'a 40', 'b 40'])
  })

  test('a tracker that answered goes first in its tier, and only in its tier', async () => {
    const tier = ['a', 'b', 'c'].map((name) => `http://${name}.example/announce`)
    const { world, announcer } = scene([tier, ['http://z.example/announce']])
    world.onGet = (url) => (url.includes('c.example') ? ok({ interval: 600, peers: '' }) : down())
    announcer.start()
    await world.advance(1000)
    expect(announcer.trackers[0]?.url).toBe('http://c.example/announce')
    expect(announcer.trackers[3]?.url).toBe('http://z.example/announce')
    const before = world.gets.length
    await world.advance(600_000)
    expect(hosts(world).slice(before)).toEqual(['c.example'])
  })

  test('the order inside a tier is drawn by lot', async () => {
    const firsts = new Set<string>()
    for (let i = 0; i < 20; i++) {
      const tier = ['a', 'b', 'c'].map((name) => `http://${name}.example/announce`)
      const world = new FakeWorld()
      world.chance = () => i / 20
      const announcer = new Announcer(new TrackerAccess(world.ports), {
        ...optionsOf(scene([])),
        tiers: [tier],
      })
      firsts.add(announcer.trackers[0]?.url ?? '')
    }
    expect(firsts.size).toBeGreaterThan(1)
  })

  test('what cannot be asked is shown as disabled with its reason, and never asked', async () => {
    const { world, announcer } = scene([
      ['wss://a.example/announce?info_hash=x'],
      ['*http://b.example/announce'],
      ['http://c.example/announce?info_hash=x'],
      ['file:///etc/passwd'],
      ['nonsense'],
    ])
    announcer.start()
    await world.advance(60 * MINUTE_MS)
    expect(world.gets).toEqual([])
    expect(
      announcer.trackers.every(({ state, message }) => state === 'disabled' && message !== ''),
    ).toBe(true)
  })

  test('a hundred trackers are kept, and not one more', () => {
    const urls = (count: number) =>
      Array.from({ length: count }, (_, i) => `http://t${i}.example/announce`)
    expect(scene([urls(100)]).announcer.trackers.length).toBe(100)
    const { world, announcer } = scene([urls(101)])
    expect(announcer.trackers.length).toBe(100)
    expect(world.logged.join()).toContain('trackers-cut')
  })

  test('new trackers are asked, those that go hear `stopped`, those that stay are left in peace', async () => {
    const { world, announcer } = scene([['http://a.example/announce']])
    world.onGet = () => ok({ interval: 60, peers: '' })
    announcer.start()
    await world.advance(1000)
    announcer.setTiers([['http://b.example/announce']])
    await world.advance(1000)
    announcer.setTiers([['http://b.example/announce'], ['http://c.example/announce']])
    await world.advance(1000)
    expect(hosts(world)).toEqual(['a.example', 'a.example', 'b.example'])
    expect(events(world)).toEqual(['started', 'stopped', 'started'])
  })
})

describe('what a tracker answers', () => {
  test('peers are handed on once each, without port 0', async () => {
    const { world, announcer, peers } = scene([['http://t.example/announce']])
    const twice = Uint8Array.of(...compact, ...compact)
    world.onGet = () => ok({ interval: 60, peers: twice })
    announcer.start()
    await world.advance(0)
    expect(peers).toEqual(['10.0.0.1 6881'])
  })

  test('peers that are named are looked up, five an answer at most', async () => {
    const { world, announcer, peers } = scene([['http://t.example/announce']])
    const list = Array.from(
      { length: 8 },
      (_, i) =>
        new Map<string, string | number>([
          ['ip', `p${i}.example`],
          ['port', 6881],
        ]),
    )
    for (let i = 0; i < 8; i++) world.names.set(`p${i}.example`, [`10.0.1.${i}`])
    world.onGet = () => ok({ interval: 60, peers: list })
    announcer.start()
    await world.advance(0)
    expect(peers).toEqual([0, 1, 2, 3, 4].map((i) => `10.0.1.${i} 6881`))
  })

  test('of a flood of peers two hundred are used', async () => {
    const { world, announcer, peers } = scene([['http://t.example/announce']])
    const flood = Uint8Array.from(
      { length: 6 * 150_000 },
      (_, i) => (Math.floor(i / 6 / 2 ** (8 * (i % 3))) % 250) + 1,
    )
    world.onGet = () => ok({ interval: 60, peers: flood })
    announcer.start()
    await world.advance(0)
    expect(peers.length).toBeLessThanOrEqual(200)
    expect(peers.length).toBeGreaterThan(100)
  })

  test('our own address is handed on', async () => {
    const { world, announcer, external } = scene([['http://t.example/announce']])
    world.onGet = () =>
      ok({ interval: 60, peers: '', 'external ip': Uint8Array.of(203, 0, 113, 7) })
    announcer.start()
    await world.advance(0)
    expect(external).toEqual(['203.0.113.7'])
  })

  test('a warning is shown while the tracker works', async () => {
    const { world, announcer } = scene([['http://t.example/announce']])
    world.onGet = () => ok({ interval: 60, peers: '', 'warning message': 'not registered' })
    announcer.start()
    await world.advance(0)
    expect(announcer.trackers[0]).toMatchObject({ state: 'working', message: 'not registered' })
  })

  test('a refusal gives no peers and is shown', async () => {
    const { world, announcer, peers } = scene([['http://t.example/announce']])
    world.onGet = () => answerOf({ 'failure reason': 'go away', peers: compact })
    announcer.start()
    await world.advance(0)
    expect(peers).toEqual([])
    expect(announcer.trackers[0]).toMatchObject({ state: 'failing', message: 'go away' })
  })

  test.each([
    ['a web page', { status: 200, body: new TextEncoder().encode('<html>') }, 'not a tracker'],
    ['an empty body', { status: 200, body: new Uint8Array(0) }, 'not a tracker'],
    ['a list', { status: 200, body: new TextEncoder().encode('le') }, 'neither peers nor'],
    ['an error page', { status: 404, body: new TextEncoder().encode('no') }, 'HTTP status 404'],
    ['nothing that it should hold', answerOf({ hello: 1 }), 'neither peers nor'],
  ])('%s is named as what is wrong, and a good answer later works', async (_, bad, says) => {
    const { world, announcer, peers } = scene([['http://t.example/announce']])
    world.onGet = () => (world.gets.length === 1 ? bad : ok({ interval: 60, peers: compact }))
    announcer.start()
    await world.advance(0)
    expect(announcer.trackers[0]?.state).toBe('failing')
    expect(announcer.trackers[0]?.message).toContain(says)
    await world.advance(MINUTE_MS)
    expect(announcer.trackers[0]?.state).toBe('working')
    expect(peers).toEqual(['10.0.0.1 6881'])
  })

  test('a reason behind an error status is shown as the reason', async () => {
    const { world, announcer } = scene([['http://t.example/announce']])
    const { body } = answerOf({ 'failure reason': 'passkey unknown' })
    world.onGet = () => ({ status: 403, body })
    announcer.start()
    await world.advance(0)
    expect(announcer.trackers[0]?.message).toBe('passkey unknown')
  })

  test('an answer without numbers is followed by a scrape, once in half an hour', async () => {
    const { world, announcer } = scene([['http://t.example/x/announce.php?k=1']])
    const name = String.fromCharCode(...INFO_HASH)
    world.onGet = (url) =>
      url.includes('/scrape')
        ? answerOf({
            files: new Map([
              [
                name,
                new Map([
                  ['complete', 9],
                  ['incomplete', 8],
                ]),
              ],
            ]),
          })
        : answerOf({ interval: 600, peers: '' })
    announcer.start()
    await world.advance(1000)
    expect(announcer.trackers[0]).toMatchObject({ seeds: 9, leechers: 8 })
    expect(world.gets[1]?.url.startsWith('http://t.example/x/scrape.php?k=1&info_hash=')).toBe(true)
    await world.advance(29 * MINUTE_MS)
    expect(world.gets.filter(({ url }) => url.includes('/scrape')).length).toBe(1)
  })

  test('no log ever holds a path or a query', async () => {
    const { world, announcer } = scene([
      ['http://a.example/CANARY/announce?k=CANARY'],
      ['udp://b.example:1/CANARY'],
    ])
    world.onGet = (url) => (world.gets.length > 1 ? down() : answerOf({ 'failure reason': url }))
    announcer.start()
    await world.advance(10 * MINUTE_MS)
    void announcer.stop()
    await world.advance(10_000)
    expect(world.logged.length).toBeGreaterThan(1)
    expect(world.logged.join()).not.toContain('CANARY')
  })

  test('an answer that comes after the end changes nothing', async () => {
    const { world, announcer, peers } = scene([['http://t.example/announce']])
    announcer.start()
    await world.advance(1000)
    void announcer.stop()
    await world.advance(60 * MINUTE_MS)
    expect(peers).toEqual([])
    expect(announcer.trackers[0]).toMatchObject({ state: 'idle', nextAnnounceMs: null })
    expect(world.timerCount).toBe(0)
  })
})

function optionsOf(from: Scene): AnnouncerOptions {
  return {
    infoHashes: [INFO_HASH],
    tiers: [],
    peerId: () => PEER_ID,
    key: () => 1,
    port: () => 6881,
    stats: () => from.stats,
    wantPeers: () => 50,
    onPeers: () => {},
    onSocket: () => {},
    onExternalAddress: () => {},
    onChange: () => {},
  }
}
