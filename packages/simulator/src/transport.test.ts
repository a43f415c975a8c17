import type { EncryptionPolicy, EngineSettings } from '@pigeon/engine/settings'
import { describe, expect, it, vi } from 'vitest'
import { type Pair, seedingPair } from './scenario/pair.ts'
import { PortCalls } from './scenario/port-calls.ts'
import { sampleTorrent } from './scenario/sample-torrent.ts'
import { SimClient } from './scenario/sim-client.ts'
import { World } from './world.ts'

const MINUTE = 60_000
const POLICIES: readonly EncryptionPolicy[] = ['off', 'prefer', 'require']
const PLAIN_BEGINNING = Buffer.from('BitTorrent protocol')

// Virtual minutes take real seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

async function meet(
  settings: Partial<EngineSettings>,
  leecherSettings: Partial<EngineSettings> = settings,
  calls: PortCalls = new PortCalls(),
): Promise<Pair> {
  const made = await seedingPair({ settings, leecherSettings, wrapPorts: calls.wrap })
  await made.leecher.add(made.torrent, { peers: [made.seeder.peer] })
  return made
}

const firstPeer = (pair: Pair) => {
  const detail = pair.leecher.session.detail(pair.torrent.layout.id)
  return detail?.peers[0] ?? null
}

describe('encryption', () => {
  const CASES = POLICIES.flatMap((ours) => POLICIES.map((theirs) => [ours, theirs] as const))

  it.each(CASES)('of a dialler that says %s and a listener that says %s', async (ours, theirs) => {
    const calls = new PortCalls()
    const made = await meet({ encryption: theirs }, { encryption: ours }, calls)
    const mayMeet =
      !(ours === 'off' && theirs === 'require') && !(ours === 'require' && theirs === 'off')
    let seen: { isEncrypted: boolean } | null = null
    const isDone = await made.world.runUntil(() => {
      seen ??= firstPeer(made)
      return made.leecher.isDone
    }, MINUTE)
    expect(isDone).toBe(mayMeet)
    const isEncrypted = ours !== 'off' && theirs !== 'off'
    if (mayMeet) expect(seen).toMatchObject({ isEncrypted })
    // A dialler that insists says nothing in the clear; of two that meet encrypted neither does.
    const mayBePlain = ours !== 'require' && !isEncrypted
    expect(calls.hasWritten(PLAIN_BEGINNING)).toBe(mayBePlain)
  })

  it('that failed is left out on a new connection, and is not tried at once again', async () => {
    const calls = new PortCalls()
    const made = await meet({ encryption: 'off' }, { encryption: 'prefer' }, calls)
    expect(await made.world.runUntil(() => made.leecher.isDone, MINUTE)).toBe(true)
    const dials = (): number => calls.calls.filter((call) => call.startsWith('dial')).length
    expect(dials()).toBe(2)
    const streams = calls.written.map((chunks) => Buffer.concat(chunks))
    const diallers = streams.filter((bytes) => bytes.length > 0)
    expect(diallers[0]?.includes(PLAIN_BEGINNING)).toBe(false)
    expect(diallers[1]?.subarray(1, 20)).toEqual(PLAIN_BEGINNING)
  })

  it('that is required from now on ends what is spoken in the clear', async () => {
    const made = await meet({ encryption: 'prefer' }, { encryption: 'off', downLimit: 20_000 })
    expect(await made.world.runUntil(() => made.leecher.summary.progress > 0.1, MINUTE)).toBe(true)
    expect(firstPeer(made)).toMatchObject({ isEncrypted: false })
    await made.world.finish(made.leecher.session.setSession({ encryption: 'require' }))
    await made.world.finish(made.leecher.session.setSession({ downLimit: null }))
    const isBack = (): boolean => firstPeer(made)?.isEncrypted === true
    expect(await made.world.runUntil(isBack, MINUTE)).toBe(true)
    expect(await made.world.runUntil(() => made.leecher.isDone, 5 * MINUTE)).toBe(true)
  })
})

describe('uTP', () => {
  it('carries a torrent where nobody speaks TCP', async () => {
    const made = await meet({ isUtpOn: true, isTcpOn: false })
    let seen: { transport: string } | null = null
    const isDone = await made.world.runUntil(() => {
      seen ??= firstPeer(made)
      return made.leecher.isDone
    }, 5 * MINUTE)
    expect(isDone).toBe(true)
    expect(seen).toMatchObject({ transport: 'utp' })
  })

  it('goes encrypted where that is required', async () => {
    const made = await meet({ isUtpOn: true, isTcpOn: false, encryption: 'require' })
    let seen: object | null = null
    const isDone = await made.world.runUntil(() => {
      seen ??= firstPeer(made)
      return made.leecher.isDone
    }, 5 * MINUTE)
    expect(isDone).toBe(true)
    expect(seen).toMatchObject({ transport: 'utp', isEncrypted: true })
  })

  it('wins where TCP is refused', async () => {
    const made = await meet({ isUtpOn: true, isTcpOn: false }, { isUtpOn: true })
    let seen: object | null = null
    const isDone = await made.world.runUntil(() => {
      seen ??= firstPeer(made)
      return made.leecher.isDone
    }, 5 * MINUTE)
    expect(isDone).toBe(true)
    expect(seen).toMatchObject({ transport: 'utp' })
  })

  it('loses to TCP on our own network', async () => {
    const made = await meet({ isUtpOn: true })
    expect(await made.world.runUntil(() => firstPeer(made) !== null, MINUTE)).toBe(true)
    expect(firstPeer(made)).toMatchObject({ transport: 'tcp' })
  })

  it('takes nobody in after it was switched off, and does again when it is on', async () => {
    const made = await meet({ isUtpOn: true, isTcpOn: false })
    await made.world.finish(made.seeder.session.setSession({ isUtpOn: false }))
    const late = new SimClient(made.world, 'late', { settings: { isUtpOn: true, isTcpOn: false } })
    await late.start()
    await late.add(made.torrent, { peers: [made.seeder.peer] })
    expect(await made.world.runUntil(() => late.isDone, MINUTE)).toBe(false)
    await made.world.finish(made.seeder.session.setSession({ isUtpOn: true }))
    expect(await made.world.runUntil(() => late.isDone, 10 * MINUTE)).toBe(true)
  })
})

describe('the listening port', () => {
  it('that is taken gives way to the next, for TCP and UDP, and the summary says which', async () => {
    const world = new World(1)
    const address = '10.0.9.9'
    const first = new SimClient(world, 'first', { address, settings: { isUtpOn: true } })
    const second = new SimClient(world, 'second', { address, settings: { isUtpOn: true } })
    await first.start()
    await second.start()
    expect(first.session.summary().listening).toBe('0.0.0.0:6881')
    expect(second.session.summary().listening).toBe('0.0.0.0:6882')
    expect(second.session.network().listening).toEqual(['0.0.0.0:6882'])
  })

  it('is skipped where only one of TCP and UDP has it', async () => {
    const world = new World(1)
    const client = new SimClient(world, 'client', { address: '10.0.9.9' })
    const other = world.host('other', {}, '10.0.9.9').start()
    await other.datagrams.bind({ host: '0.0.0.0', port: 6881 }, () => {})
    await client.start()
    expect(client.session.summary().listening).toBe('0.0.0.0:6882')
  })

  it('that no try finds is a problem, and the session does not run', async () => {
    const world = new World(1)
    const settings = { listenPortTries: 1 }
    const client = new SimClient(world, 'client', { address: '10.0.9.9', settings })
    const other = world.host('other', {}, '10.0.9.9').start()
    for (const port of [6881, 6882]) await other.network.listen({ host: '0.0.0.0', port }, () => {})
    await expect(client.start()).rejects.toThrow('in use')
  })
})

describe('a blocklist', () => {
  it('ends connections, and lets none begin in either direction', async () => {
    const made = await meet({ downLimit: 20_000 })
    const { world, seeder, leecher, torrent } = made
    expect(await world.runUntil(() => leecher.summary.progress > 0.1, MINUTE)).toBe(true)
    const text = `Others:10.0.0.200-10.0.0.255\n${seeder.host.address}/32`
    expect(leecher.session.setBlocklist({ source: 'a file', text })).toBeNull()
    await world.run(1_000)
    expect(leecher.session.detail(torrent.layout.id)?.peers).toEqual([])
    await world.finish(leecher.session.setSession({ downLimit: null }))
    await leecher.addPeer(torrent, seeder.peer)
    await seeder.addPeer(torrent, leecher.peer)
    expect(await world.runUntil(() => leecher.isDone, 5 * MINUTE)).toBe(false)
    const summary = leecher.session.network().blocklist
    expect(summary).toMatchObject({ source: 'a file', ranges: 2, problem: null })
    expect(summary?.blocked).toBeGreaterThan(2)
    expect(leecher.session.setBlocklist(null)).toBeNull()
    expect(leecher.session.network().blocklist).toBeNull()
    await leecher.addPeer(torrent, seeder.peer)
    expect(await world.runUntil(() => leecher.isDone, 30 * MINUTE)).toBe(true)
  })

  it('of which nothing can be read changes nothing', async () => {
    const { leecher } = await meet({})
    leecher.session.setBlocklist({ source: 'good', text: '10.9.9.9' })
    const problem = leecher.session.setBlocklist({ source: 'bad', text: '<html></html>' })
    expect(problem).toMatchObject({ kind: 'io-problem', code: 'bad-answer' })
    expect(leecher.session.network().blocklist).toMatchObject({ source: 'good', ranges: 1 })
  })
})

describe('behind a proxy', () => {
  it('nothing is opened but dials, whatever else is switched on', async () => {
    const calls = new PortCalls()
    const world = new World(1)
    const torrent = sampleTorrent(world.chance.fork('torrent'))
    const seeder = new SimClient(world, 'seeder')
    const leecher = new SimClient(world, 'leecher', {
      wrapPorts: calls.wrap,
      settings: {
        isProxied: true,
        isDhtOn: true,
        isPexOn: true,
        isLsdOn: true,
        isUtpOn: true,
        isPortMappingOn: true,
        isWebRtcOn: true,
        bootstrapNodes: ['router.example:6881', seeder.peer],
      },
    })
    await seeder.start()
    await seeder.seed(torrent)
    await leecher.start()
    await leecher.add(torrent, { peers: [seeder.peer] })
    const id = torrent.layout.id
    const tiers = [['udp://10.0.0.77:6969/announce']]
    await world.finish(leecher.session.setTrackers(id, tiers))
    expect(await world.runUntil(() => leecher.isDone, MINUTE)).toBe(true)
    expect(calls.calls.filter((call) => !call.startsWith('dial '))).toEqual([])
    const [tracker] = leecher.session.detail(id)?.trackers ?? []
    expect(tracker?.message).toContain('proxy')
    const network = leecher.session.network()
    expect(network).toMatchObject({ listening: [], dht: [], reachability: 'unreachable' })
    expect(network).toMatchObject({ utp: { isOn: false }, lsd: { isOn: false } })
    expect(network.webRtc.state).toBe('off')
    expect(leecher.session.dht).toBeNull()
  })
})

describe('an anonymous client', () => {
  it('says neither who nor where it is, and is another to each torrent', async () => {
    const calls = new PortCalls()
    const world = new World(1)
    const seeder = new SimClient(world, 'seeder')
    const settings = { isAnonymous: true, isPexOn: true, isLsdOn: true }
    const leecher = new SimClient(world, 'leecher', { settings, wrapPorts: calls.wrap })
    await seeder.start()
    await leecher.start()
    const torrents = ['one', 'two'].map((name) => sampleTorrent(world.chance.fork(name)))
    for (const torrent of torrents) await seeder.seed(torrent)
    await world.run(10_000)
    for (const torrent of torrents) await leecher.add(torrent, { peers: [seeder.peer] })
    const areDone = (): boolean => leecher.session.list().every(({ progress }) => progress === 1)
    expect(await world.runUntil(areDone, 5 * MINUTE)).toBe(true)
    const streams = calls.written.map((chunks) => Buffer.concat(chunks))
    const ids = streams.map((bytes) => bytes.subarray(48, 68).toString('latin1'))
    expect(new Set(ids).size).toBe(torrents.length)
    for (const id of ids) expect(id).not.toContain('-PG')
    for (const key of ['1:v', '1:p', '6:yourip', '4:ipv4', '4:ipv6', 'Pigeon'])
      expect([key, calls.hasWritten(Buffer.from(key))]).toEqual([key, false])
    expect(calls.calls.filter((call) => call.startsWith('bind') && call.endsWith(':6771'))).toEqual(
      [],
    )
  })

  it('is another to the tracker of each torrent too, and says so only from then on', async () => {
    const world = new World(1)
    const asked: URL[] = []
    world.serve('http://tracker.example', ({ url }) => {
      if (url.includes('/announce')) asked.push(new URL(url))
      return { status: 200, body: Buffer.from('d8:intervali1800e5:peers0:e') }
    })
    const client = new SimClient(world, 'client')
    await client.start()
    const trackers = [['http://tracker.example/announce']]
    const add = async (name: string): Promise<void> => {
      const torrent = sampleTorrent(world.chance.fork(name))
      await client.add(torrent)
      await world.finish(client.session.setTrackers(torrent.layout.id, trackers))
      await world.run(10_000)
    }
    await add('named')
    await world.finish(client.session.setSession({ isAnonymous: true }))
    await add('one')
    await add('two')
    const told = asked.map(({ searchParams }) => ({
      isNamed: searchParams.get('peer_id')?.startsWith('-PG') === true,
      who: `${searchParams.get('peer_id')} ${searchParams.get('key')}`,
    }))
    expect(told.map(({ isNamed }) => isNamed)).toEqual([true, false, false])
    expect(new Set(told.map(({ who }) => who)).size).toBe(3)
    for (const { searchParams } of asked)
      for (const key of ['ip', 'ipv4', 'ipv6']) expect(searchParams.has(key)).toBe(false)
  })
})
