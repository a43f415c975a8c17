import { PEX, PEX_CONTACTS_LIMIT, PEX_FLAGS } from '@pigeon/protocol/bep/0011-pex'
import { describe, expect, it, vi } from 'vitest'
import { Gossiper } from './scenario/gossiper.ts'
import { type SampleTorrent, sampleTorrent } from './scenario/sample-torrent.ts'
import { SimClient } from './scenario/sim-client.ts'
import { World } from './world.ts'

const MINUTE = 60_000
const PEX_RECENT_LIMIT = 25

// Virtual minutes take real seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const WITH_PEX = { settings: { isPexOn: true }, link: { upRate: 20_000 } }

type PeerShown = NonNullable<ReturnType<SimClient['session']['detail']>>['peers'][number]

function peersOf(client: SimClient, torrent: SampleTorrent): readonly PeerShown[] {
  return client.session.detail(torrent.layout.id)?.peers ?? []
}

/** A client with a torrent and room for many, and nobody there yet. */
async function alone(): Promise<{ world: World; torrent: SampleTorrent; client: SimClient }> {
  const world = new World(1)
  const torrent = sampleTorrent(world.chance.fork('torrent'))
  const settings = { ...WITH_PEX.settings, isUtpOn: true, maxPeers: 500, maxPeersPerTorrent: 400 }
  const client = new SimClient(world, 'client', { settings })
  await client.start()
  await client.add(torrent)
  await world.run(1_000)
  return { world, torrent, client }
}

function toldBy({ heard }: Gossiper, field: 'added' | 'dropped'): string[] {
  return heard.flatMap(({ message }) => message[field].map(({ host, port }) => `${host} ${port}`))
}

/** Dials to that host from now on, over whatever. */
function knocksAt(world: World, host: string): { knocks: number } {
  const counted = { knocks: 0 }
  world.network.onDial = (_, to) => {
    if (to.host === host) counted.knocks += 1
  }
  return counted
}

describe('peer exchange', () => {
  it('brings two together that know only a third', async () => {
    const world = new World(1)
    const torrent = sampleTorrent(world.chance.fork('torrent'))
    const middle = new SimClient(world, 'middle', WITH_PEX)
    const seeder = new SimClient(world, 'seeder', WITH_PEX)
    const leecher = new SimClient(world, 'leecher', WITH_PEX)
    for (const client of [middle, seeder, leecher]) await client.start()
    await middle.add(torrent)
    await seeder.seed(torrent, { peers: [middle.peer] })
    await leecher.add(torrent, { peers: [middle.peer] })
    const haveMet = (): boolean =>
      [...peersOf(leecher, torrent), ...peersOf(seeder, torrent)].some(
        ({ source }) => source === 'pex',
      )
    expect(await world.runUntil(haveMet, 5 * MINUTE)).toBe(true)
    expect(await world.runUntil(() => leecher.isDone, 5 * MINUTE)).toBe(true)
    expect(leecher.hasAll(torrent)).toBe(true)
  })

  it('tells each peer of at most 50 who came and 50 who left, well over a minute apart', async () => {
    const { world, torrent, client } = await alone()
    const watcher = new Gossiper(world, 'watcher', torrent)
    watcher.puppet.dial(client.host.address)
    const others = Array.from(
      { length: 120 },
      (_, at) => new Gossiper(world, `peer ${at}`, torrent),
    )
    for (const other of others) {
      other.puppet.dial(client.host.address)
      await world.run(100)
    }
    await world.run(6 * MINUTE)
    const keys = others.map(({ key }) => key)
    expect(toldBy(watcher, 'added').toSorted()).toEqual(keys.toSorted())
    expect(toldBy(watcher, 'dropped')).toEqual([])
    for (const other of others) other.puppet.host.kill()
    await world.run(8 * MINUTE)
    expect(toldBy(watcher, 'dropped').toSorted()).toEqual(keys.toSorted())
    const [first] = watcher.heard
    expect(first?.atMs).toBeLessThan(10_000)
    const gaps = watcher.heard.slice(1).map(({ atMs }, at) => atMs - (watcher.heard[at]?.atMs ?? 0))
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(65_000)
    for (const { message } of watcher.heard) {
      expect(message.added.length).toBeLessThanOrEqual(PEX_CONTACTS_LIMIT)
      expect(message.dropped.length).toBeLessThanOrEqual(PEX_CONTACTS_LIMIT)
      const dropped = new Set(message.dropped.map(({ host }) => host))
      expect(message.added.filter(({ host }) => dropped.has(host))).toEqual([])
    }
  })

  it('tells leechers of the other seeds, though seeds have nothing for each other', async () => {
    const world = new World(1)
    const torrent = sampleTorrent(world.chance.fork('torrent'))
    const seeds = ['one', 'two'].map((name) => new SimClient(world, name, WITH_PEX))
    const [one, two] = seeds
    if (one === undefined || two === undefined) throw new Error('there are two')
    for (const seed of seeds) {
      await seed.start()
      await seed.seed(torrent)
    }
    await world.run(10_000)
    await one.addPeer(torrent, two.peer)
    await world.run(10_000)
    expect([peersOf(one, torrent), peersOf(two, torrent)]).toEqual([[], []])
    const leecher = new Gossiper(world, 'leecher', torrent)
    leecher.puppet.dial(one.host.address)
    await world.run(MINUTE)
    const other = `${two.host.address} 6881`
    expect(toldBy(leecher, 'added')).toEqual([other])
    expect(leecher.heard[0]?.message.added[0]?.flags).toBe(0x12)
    // It was told though there is no connection: the next message says so.
    await world.run(2 * MINUTE)
    expect(toldBy(leecher, 'dropped')).toEqual([other])
    await world.run(5 * MINUTE)
    expect(leecher.heard).toHaveLength(2)
  })

  it(`remembers the last ${PEX_RECENT_LIMIT} that it let go`, async () => {
    const world = new World(1)
    const torrent = sampleTorrent(world.chance.fork('torrent'))
    const client = new SimClient(world, 'client', WITH_PEX)
    await client.start()
    await client.seed(torrent)
    await world.run(10_000)
    const keys: string[] = []
    for (let at = 0; at <= PEX_RECENT_LIMIT; at += 1) {
      const seed = new Gossiper(world, `seed ${at}`, torrent, { isSeed: true })
      seed.puppet.dial(client.host.address)
      keys.push(seed.key)
      await world.run(500)
    }
    const leecher = new Gossiper(world, 'leecher', torrent)
    leecher.puppet.dial(client.host.address)
    await world.run(MINUTE)
    expect(toldBy(leecher, 'added').toSorted()).toEqual(keys.slice(1).toSorted())
  })

  it('does not lead one seed to another', async () => {
    const world = new World(1)
    const torrent = sampleTorrent(world.chance.fork('torrent'))
    const client = new SimClient(world, 'client', WITH_PEX)
    await client.start()
    await client.seed(torrent)
    const dialled = new Set<string>()
    world.network.onDial = (_, to) => dialled.add(to.host)
    const leecher = new Gossiper(world, 'leecher', torrent)
    leecher.puppet.dial(client.host.address)
    await world.run(1_000)
    leecher.tell([{ host: '10.9.9.1', port: 6881 }], PEX_FLAGS.isSeed)
    leecher.tell([{ host: '10.9.9.2', port: 6881 }])
    await world.run(1_000)
    expect([...dialled]).toEqual([client.host.address, '10.9.9.2'])
  })

  it('says of who was reached that it can be, and of who came that it can punch holes', async () => {
    const { world, torrent, client } = await alone()
    const [watcher, reached, came] = ['watcher', 'reached', 'came'].map(
      (name) => new Gossiper(world, name, torrent),
    )
    if (watcher === undefined || reached === undefined || came === undefined) return
    watcher.puppet.dial(client.host.address)
    await reached.puppet.listen()
    await client.addPeer(torrent, reached.puppet.peer)
    came.puppet.dial(client.host.address)
    await world.run(2 * MINUTE)
    const added = watcher.heard.flatMap(({ message }) => message.added)
    const flags = new Map(added.map((peer) => [`${peer.host} ${peer.port}`, peer.flags]))
    expect([flags.get(reached.key), flags.get(came.key)]).toEqual([0x18, 0x08])
  })

  it('counts as soon as it is switched on or off', async () => {
    const { world, torrent, client } = await alone()
    const watcher = new Gossiper(world, 'watcher', torrent)
    watcher.puppet.dial(client.host.address)
    await world.run(1_000)
    expect(watcher.offered.get(PEX)).toBeDefined()
    client.session.applySettings({ isPexOn: false })
    await world.run(2_000)
    expect(watcher.offered.get(PEX)).toBeUndefined()
    const other = new Gossiper(world, 'other', torrent)
    other.puppet.dial(client.host.address)
    await world.run(3 * MINUTE)
    expect(watcher.heard).toEqual([])
    client.session.applySettings({ isPexOn: true })
    await world.run(MINUTE)
    expect(toldBy(watcher, 'added')).toEqual([other.key])
  })

  it('leads nobody to a victim more than three times, however many entries name him', async () => {
    const { world, torrent, client } = await alone()
    const victim = world.host('victim')
    const liars = Array.from({ length: 5 }, (_, at) => new Gossiper(world, `liar ${at}`, torrent))
    for (const liar of liars) {
      liar.puppet.dial(client.host.address)
      await world.run(100)
    }
    const counted = knocksAt(world, victim.address)
    for (let round = 0; round < 25; round += 1) {
      await world.run(2 * MINUTE)
      const added = Array.from({ length: 1_500 }, (_, at) => ({
        host: victim.address,
        port: 2_000 + ((round * 1_500 + at) % 60_000),
      }))
      for (const liar of liars) liar.tell(added)
    }
    await world.run(2 * MINUTE)
    expect(counted.knocks).toBeGreaterThan(0)
    expect(counted.knocks).toBeLessThanOrEqual(3)
    expect(liars.every(({ puppet }) => puppet.isConnected)).toBe(true)
  })

  it('is not heard more often than it may be told, and a flood of it disturbs nobody', async () => {
    const { world, torrent, client } = await alone()
    const seeder = new SimClient(world, 'seeder', WITH_PEX)
    await seeder.start()
    await seeder.seed(torrent, { peers: [client.peer] })
    const liar = new Gossiper(world, 'liar', torrent)
    liar.puppet.dial(client.host.address)
    await world.run(1_000)
    const dialled = new Set<string>()
    world.network.onDial = (_, to) => dialled.add(to.host)
    for (let message = 0; message < 300; message += 1) {
      const added = Array.from({ length: 50 }, (_, at) => ({
        host: `10.9.${message % 256}.${at + 1}`,
        port: 6881,
      }))
      liar.tell(added)
      await world.run(100)
    }
    // Two messages at once, and one more within these thirty seconds at most.
    expect(dialled.size).toBeLessThanOrEqual(3 * PEX_CONTACTS_LIMIT)
    expect(liar.puppet.isConnected).toBe(true)
    expect(await world.runUntil(() => client.isDone, 10 * MINUTE)).toBe(true)
  })
})
