import { formatMagnet } from '@pigeon/protocol/magnet'
import { encodeMetainfo } from '@pigeon/protocol/metainfo'
import { describe, expect, it, vi } from 'vitest'
import { sampleTorrent } from './scenario/sample-torrent.ts'
import { SimClient } from './scenario/sim-client.ts'
import { World } from './world.ts'

const MINUTE = 60_000

// Virtual minutes take real seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

describe('with nothing but a magnet and one node of the DHT', () => {
  it('a client finds the swarm and finishes', async () => {
    const world = new World(3)
    const torrent = sampleTorrent(world.chance.fork('torrent'))
    const node = new SimClient(world, 'node', { settings: { isDhtOn: true } })
    const settings = { isDhtOn: true, bootstrapNodes: [node.peer] }
    const seeder = new SimClient(world, 'seeder', { settings })
    const leecher = new SimClient(world, 'leecher', { settings })
    for (const client of [node, seeder, leecher]) await client.start()
    await seeder.seed(torrent)
    await world.run(MINUTE)
    await leecher.addMagnet(formatMagnet({ infoHashes: torrent.metainfo.infoHashes }))
    expect(await world.runUntil(() => leecher.isDone, 10 * MINUTE)).toBe(true)
    expect(leecher.hasAll(torrent)).toBe(true)
    expect(leecher.session.network().dht).toMatchObject([{ family: 4, state: 'ready' }])
    const [peer] = leecher.session.detail(torrent.layout.id)?.peers ?? []
    expect(peer === undefined || ['dht', 'incoming'].includes(peer.source)).toBe(true)
  })

  it('named in a torrent file, a client does so too', async () => {
    const world = new World(4)
    const torrent = sampleTorrent(world.chance.fork('torrent'))
    const node = new SimClient(world, 'node', { settings: { isDhtOn: true } })
    const seeder = new SimClient(world, 'seeder', {
      settings: { isDhtOn: true, bootstrapNodes: [node.peer] },
    })
    const leecher = new SimClient(world, 'leecher')
    for (const client of [node, seeder, leecher]) await client.start()
    await seeder.seed(torrent)
    await world.run(MINUTE)
    const { infoBytes } = torrent.metainfo
    const dhtNodes = [{ host: node.host.address, port: 6881 }]
    const bytes = encodeMetainfo({ infoBytes, dhtNodes })
    await leecher.add({ ...torrent, bytes })
    // The node is remembered for when there is use for it.
    await world.finish(leecher.session.setSession({ isDhtOn: true }))
    expect(await world.runUntil(() => leecher.isDone, 10 * MINUTE)).toBe(true)
  })
})

describe('the switches of a session', () => {
  it('begin and end the DHT while it runs', async () => {
    const world = new World(1)
    const node = new SimClient(world, 'node', { settings: { isDhtOn: true } })
    const client = new SimClient(world, 'client', { settings: { bootstrapNodes: [node.peer] } })
    await node.start()
    await client.start()
    expect([client.session.dht, client.session.network().dht]).toEqual([null, []])
    await world.finish(client.session.setSession({ isDhtOn: true }))
    const isReady = (): boolean => client.session.network().dht[0]?.state === 'ready'
    expect(await world.runUntil(isReady, MINUTE)).toBe(true)
    expect(client.session.dht).not.toBeNull()
    await world.finish(client.session.setSession({ isDhtOn: false }))
    await world.run(1_000)
    expect([client.session.dht, client.session.network().dht]).toEqual([null, []])
  })

  it('keep a proxied session from everything but dials also when they come late', async () => {
    const world = new World(1)
    const client = new SimClient(world, 'client', { settings: { isDhtOn: true, isUtpOn: true } })
    await client.start()
    await world.run(1_000)
    expect(client.session.network().listening).toEqual(['0.0.0.0:6881'])
    client.session.applySettings({ isProxied: true })
    await world.run(1_000)
    expect(client.session.network()).toMatchObject({ listening: [], dht: [] })
    client.session.applySettings({ isProxied: false })
    await world.run(1_000)
    expect(client.session.network().listening).toEqual(['0.0.0.0:6881'])
    expect(client.session.network().dht.length).toBe(1)
  })
})

describe('the summary of the network', () => {
  it('says who came in, and how others see us', async () => {
    const world = new World(1)
    const torrent = sampleTorrent(world.chance.fork('torrent'))
    const seeder = new SimClient(world, 'seeder', { port: 0 })
    const leecher = new SimClient(world, 'leecher', { settings: { encryption: 'prefer' } })
    await seeder.start()
    await leecher.start()
    await seeder.seed(torrent)
    const listening = seeder.session.summary().listening ?? ''
    expect(listening).toMatch(/^0\.0\.0\.0:[1-9]/)
    expect(seeder.session.network()).toMatchObject({
      listening: [listening],
      reachability: 'unknown',
      lastIncomingAtMs: null,
    })
    const peers = [listening.replace('0.0.0.0', seeder.host.address)]
    await leecher.add(torrent, { peers, limits: { down: 50_000 } })
    const hasPeer = (): boolean => seeder.session.network().peersByTransport.tcp === 1
    expect(await world.runUntil(hasPeer, MINUTE)).toBe(true)
    await world.run(1_000)
    expect(leecher.session.network()).toMatchObject({
      external: [{ address: leecher.host.address, saidBy: 'peers' }],
      reachability: 'unknown',
      peersBySource: { user: 1 },
      encryption: 'prefer',
    })
    expect(seeder.session.network().reachability).toBe('reachable')
    expect(seeder.session.network().lastIncomingAtMs).not.toBeNull()
  })
})
