import type { AnnounceRequest } from '@pigeon/protocol/bep/0003-http-tracker'
import { parseTrackerUrl, type TrackerUrl } from '@pigeon/protocol/tracker-url'
import { describe, expect, test } from 'vitest'
import { ioProblem } from '../problem.ts'
import { TRACKER_LIMITS } from './settings.ts'
import { answerOf, FakeWorld, udpTracker } from './testing/fake-world.ts'
import { type AnnounceOutcome, type GoodAnswer, TrackerAccess } from './tracker-access.ts'

const REQUEST: AnnounceRequest = {
  infoHash: new Uint8Array(20).fill(1),
  peerId: new Uint8Array(20).fill(2),
  port: 6881,
  uploadedBytes: 0,
  downloadedBytes: 0,
  leftBytes: 1,
  event: 'started',
  key: 7,
  numWant: 50,
  trackerId: null,
}
const FOUR = [10, 0, 0, 9, 0x1a, 0xe1]
const SIX = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 0x1a, 0xe1]

function trackerAt(url: string): TrackerUrl {
  const result = parseTrackerUrl(url)
  if (!result.ok) throw new Error(result.fault.detail)
  return result.tracker
}

interface Asked {
  outcome: AnnounceOutcome | null
  readonly late: GoodAnswer[]
  isWanted: boolean
}

function ask(access: TrackerAccess, url: string, isUrgent = false): Asked {
  const asked: Asked = { outcome: null, late: [], isWanted: true }
  void access
    .announce(trackerAt(url), REQUEST, {
      isUrgent,
      isWanted: () => asked.isWanted,
      onLate: (answer) => asked.late.push(answer),
      member: { wantPeers: () => 0, onSocket: () => {}, onMissed: () => {}, onForgotten: () => {} },
    })
    .then((outcome) => (asked.outcome = outcome))
  return asked
}

const hostsOf = (world: FakeWorld) => world.datagrams.map(({ to }) => to.host)
const sizesOf = (world: FakeWorld) => world.datagrams.map(({ bytes }) => bytes.length)

describe('UDP trackers', () => {
  test('a tracker with addresses of both families is told of us on both', async () => {
    const world = new FakeWorld()
    world.names.set('t.example', ['192.0.2.1', '192.0.2.2', '2001:db8::1'])
    world.onDatagram = (bytes, to) => udpTracker([to.host.includes(':') ? SIX : FOUR])(bytes)
    const asked = ask(new TrackerAccess(world.ports), 'udp://t.example:6969/announce')
    await world.advance(0)
    expect(new Set(hostsOf(world))).toEqual(new Set(['192.0.2.1', '2001:db8::1']))
    const peers = [asked.outcome, ...asked.late].flatMap((answer) =>
      answer?.kind === 'peers' ? answer.peers.map(({ host }) => host) : [],
    )
    expect(new Set(peers)).toEqual(new Set(['10.0.0.9', '2001:db8::9']))
    expect(asked.outcome).toMatchObject({ seeds: 5, leechers: 3, intervalMs: 1_800_000 })
  })

  test('a silent family delays nothing, and is left out the next time', async () => {
    const world = new FakeWorld()
    world.names.set('t.example', ['192.0.2.1', '2001:db8::1'])
    world.onDatagram = (bytes, to) => (to.host.includes(':') ? null : udpTracker([FOUR])(bytes))
    const access = new TrackerAccess(world.ports)
    const first = ask(access, 'udp://t.example:6969')
    await world.advance(0)
    expect(first.outcome?.kind).toBe('peers')
    await world.advance(120_000)
    const before = world.datagrams.length
    const second = ask(access, 'udp://t.example:6969')
    await world.advance(120_000)
    expect(second.outcome?.kind).toBe('peers')
    expect(new Set(hostsOf(world).slice(before))).toEqual(new Set(['192.0.2.1']))
  })

  test('a connection id serves several announces within a minute', async () => {
    const world = new FakeWorld()
    world.onDatagram = udpTracker([FOUR])
    const access = new TrackerAccess(world.ports)
    ask(access, 'udp://192.0.2.1:6969')
    await world.advance(30_000)
    ask(access, 'udp://192.0.2.1:6969')
    await world.advance(40_000)
    ask(access, 'udp://192.0.2.1:6969')
    await world.advance(0)
    expect(sizesOf(world)).toEqual([16, 98, 98, 16, 98])
  })

  test('the path of the address goes along', async () => {
    const world = new FakeWorld()
    world.onDatagram = udpTracker([])
    ask(new TrackerAccess(world.ports), 'udp://192.0.2.1:6969/dir?a=b')
    await world.advance(0)
    expect(sizesOf(world)).toEqual([16, 98 + 2 + 8])
  })

  test('a tracker that never answers is asked after 15 and 45 s, then given up', async () => {
    const world = new FakeWorld()
    const asked = ask(new TrackerAccess(world.ports), 'udp://192.0.2.1:6969')
    await world.advance(104_999)
    expect(world.datagrams.map(({ atMs }) => atMs)).toEqual([0, 15_000, 45_000])
    expect(asked.outcome).toBe(null)
    await world.advance(1)
    expect(asked.outcome).toMatchObject({ kind: 'problem', problem: { code: 'timed-out' } })
  })

  test('a name without an address is a problem that says so', async () => {
    const world = new FakeWorld()
    const asked = ask(new TrackerAccess(world.ports), 'udp://nowhere.example:6969')
    await world.advance(0)
    expect(asked.outcome).toMatchObject({ problem: { code: 'name-not-found' } })
  })

  test.each([
    '10.0.0.1',
    '127.0.0.1',
    '169.254.1.1',
    '::1',
    'fe80::1',
    'fd00::1',
    '::ffff:10.0.0.1',
  ])('without leave no datagram goes to %s', async (address) => {
    const world = new FakeWorld()
    world.names.set('t.example', [address])
    const access = new TrackerAccess(world.ports, { allowPrivate: false })
    const asked = ask(access, 'udp://t.example:6969')
    await world.advance(0)
    expect(asked.outcome).toMatchObject({ problem: { code: 'not-allowed' } })
    expect(world.datagrams).toEqual([])
  })

  test.each(['169.254.169.254', '0.0.0.0', '255.255.255.255', '239.1.1.1', 'ff02::1'])(
    'with all leave no datagram goes to %s',
    async (address) => {
      const world = new FakeWorld()
      world.names.set('t.example', [address])
      const asked = ask(new TrackerAccess(world.ports, { allowPrivate: true }), 'udp://t.example:1')
      await world.advance(0)
      expect(asked.outcome).toMatchObject({ problem: { code: 'not-allowed' } })
      expect(world.datagrams).toEqual([])
    },
  )

  test('closing answers whoever waits, and frees sockets and timers', async () => {
    const world = new FakeWorld()
    const access = new TrackerAccess(world.ports)
    const asked = [ask(access, 'udp://192.0.2.1:1'), ask(access, 'udp://192.0.2.1:1')]
    await world.advance(1000)
    access.close()
    await world.advance(0)
    for (const { outcome } of asked) expect(outcome).toMatchObject({ problem: { code: 'closed' } })
    expect(world.timerCount).toBe(0)
    const late = ask(access, 'udp://192.0.2.1:1')
    await world.advance(0)
    expect(late.outcome).toMatchObject({ problem: { code: 'closed' } })
  })
})

describe('how many are asked at once', () => {
  test('a host is asked one thing at a time', async () => {
    const world = new FakeWorld()
    const access = new TrackerAccess(world.ports)
    for (let i = 0; i < 5; i++) ask(access, `http://t.example:${8000 + i}/announce`)
    await world.advance(0)
    expect(world.gets.length).toBe(1)
  })

  test('fifty hosts are asked at once, the next when one has answered', async () => {
    const world = new FakeWorld()
    const access = new TrackerAccess(world.ports)
    for (let i = 0; i < 51; i++) ask(access, `http://t${i}.example/announce`)
    await world.advance(0)
    expect(world.gets.length).toBe(TRACKER_LIMITS.asksAtOnce)
    await world.advance(TRACKER_LIMITS.answerMs)
    expect(world.gets.length).toBe(51)
  })

  test('ten thousand torrents that name one victim ask it at most once in 5 s', async () => {
    const world = new FakeWorld()
    world.onGet = () => ioProblem('refused', 'Nothing listens there.', '')
    const access = new TrackerAccess(world.ports)
    const asked = Array.from({ length: 10_000 }, () =>
      ask(access, 'http://victim.example/announce'),
    )
    await world.advance(0)
    expect(world.gets.length).toBe(1)
    expect(asked.every(({ outcome }) => outcome?.kind === 'problem')).toBe(true)
    for (let second = 0; second < 20; second++) {
      ask(access, 'http://victim.example/announce')
      await world.advance(1000)
    }
    const times = world.gets.map(({ atMs }) => atMs)
    const gaps = times.slice(1).map((at, i) => at - (times[i] ?? 0))
    expect(times.length).toBeGreaterThan(2)
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(TRACKER_LIMITS.hostPauseMs)
  })

  test('torrents that share a tracker which answers are told apart without a pause', async () => {
    const world = new FakeWorld()
    world.onGet = () => answerOf({ interval: 60, peers: '', complete: 1 })
    const access = new TrackerAccess(world.ports)
    const asked = Array.from({ length: 100 }, () => ask(access, 'http://t.example/announce'))
    await world.advance(0)
    expect(asked.every(({ outcome }) => outcome?.kind === 'peers')).toBe(true)
  })

  test('`stopped` does not wait behind an announce that hangs, eight a host at most', async () => {
    const world = new FakeWorld()
    const access = new TrackerAccess(world.ports)
    ask(access, 'http://t.example/announce')
    await world.advance(0)
    for (let i = 0; i < 10; i++) ask(access, 'http://t.example/announce', true)
    await world.advance(0)
    expect(world.gets.length).toBe(TRACKER_LIMITS.urgentAsksPerHost)
  })

  test('an announce that nobody wants any more is not made', async () => {
    const world = new FakeWorld()
    const access = new TrackerAccess(world.ports)
    ask(access, 'http://t.example/announce')
    const second = ask(access, 'http://t.example/announce')
    second.isWanted = false
    world.onGet = () => answerOf({ interval: 60, peers: '' })
    const third = ask(access, 'http://u.example/announce')
    await world.advance(TRACKER_LIMITS.answerMs)
    expect(third.outcome?.kind).toBe('peers')
    expect(world.gets.filter(({ url }) => url.includes('t.example')).length).toBeLessThanOrEqual(1)
  })

  test('no more than the limit wait for their turn', async () => {
    const world = new FakeWorld()
    const access = new TrackerAccess(world.ports)
    const asked = Array.from({ length: TRACKER_LIMITS.waitingAsks + 2 }, () =>
      ask(access, 'http://t.example/announce'),
    )
    await world.advance(0)
    expect(asked.at(-2)?.outcome).toBe(null)
    expect(asked.at(-1)?.outcome).toMatchObject({ problem: { code: 'not-allowed' } })
  })

  test('HTTP answers are bounded in size and time, and private servers are the settings’ choice', async () => {
    const world = new FakeWorld()
    ask(new TrackerAccess(world.ports, { allowPrivate: false }), 'http://t.example/announce')
    await world.advance(0)
    expect(world.gets[0]?.options).toEqual({
      limitBytes: 1_048_576,
      timeoutMs: 30_000,
      allowPrivate: false,
    })
  })
})
