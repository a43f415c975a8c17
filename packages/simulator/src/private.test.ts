import { formatMagnet } from '@pigeon/protocol/magnet'
import { encodeLsd, LSD_GROUPS, LSD_PORT } from '@pigeon/protocol/bep/0014-lsd'
import { PEX } from '@pigeon/protocol/bep/0011-pex'
import { HOLEPUNCH } from '@pigeon/protocol/bep/0055-holepunch'
import { describe, expect, it, vi } from 'vitest'
import { Gossiper } from './scenario/gossiper.ts'
import { type SampleTorrent, sampleTorrent } from './scenario/sample-torrent.ts'
import { SimClient } from './scenario/sim-client.ts'
import { World } from './world.ts'

const MINUTE = 60_000

// Virtual minutes take real seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

/** All that finds peers without a tracker, but for encryption, so that the trace can be read. */
const EVERYTHING = {
  isDhtOn: true,
  isPexOn: true,
  isLsdOn: true,
  isUtpOn: true,
  isTcpOn: true,
  encryption: 'off',
} as const

interface Case {
  readonly world: World
  readonly torrent: SampleTorrent
  readonly seeder: SimClient
  readonly leecher: SimClient
  /** Datagrams of the DHT or of local discovery that carry the torrent's name, as they were sent. */
  readonly leaks: { readonly atMs: number; readonly from: string; readonly bytes: string }[]
}

/** A seeder and a client that runs, each with a DHT node that knows the other's, and the trace of all datagrams. */
async function pairWithAll(isPrivate: boolean): Promise<Case> {
  const world = new World(1)
  const torrent = sampleTorrent(world.chance.fork('torrent'), { isPrivate })
  const settings = { ...EVERYTHING, bootstrapNodes: ['10.0.0.1:6881', '10.0.0.2:6881'] }
  const seeder = new SimClient(world, 'seeder', { settings, link: { upRate: 100_000 } })
  const leecher = new SimClient(world, 'leecher', { settings })
  const leaks: Case['leaks'] = []
  const name = Buffer.from(torrent.layout.id, 'hex').toString('latin1')
  world.network.onDatagram = (bytes, from) => {
    const text = Buffer.from(bytes).toString('latin1')
    const isDhtOrLsd = text.startsWith('d') || text.startsWith('BT-SEARCH')
    const carries = text.includes(name) || text.toLowerCase().includes(torrent.layout.id)
    if (isDhtOrLsd && carries) leaks.push({ atMs: world.nowMs, from: from.host, bytes: text })
  }
  for (const client of [seeder, leecher]) await client.start()
  await seeder.seed(torrent)
  return { world, torrent, seeder, leecher, leaks }
}

describe('a private torrent', () => {
  it('is never named over the DHT or to neighbours, and its peers hear of nobody', async () => {
    const { world, torrent, seeder, leecher, leaks } = await pairWithAll(true)
    await leecher.add(torrent, { peers: [seeder.peer] })
    const gossiper = new Gossiper(world, 'gossiper', torrent)
    gossiper.puppet.dial(leecher.host.address)
    const dialled = new Set<string>()
    world.network.onDial = (_, to) => dialled.add(to.host)
    await world.run(1_000)
    gossiper.tell([{ host: '10.9.9.9', port: 6881 }])
    gossiper.punch({ kind: 'connect', address: { host: '10.9.9.10', port: 6881 } })
    gossiper.punch({ kind: 'rendezvous', address: { host: seeder.host.address, port: 6881 } })
    await world.run(30 * MINUTE)
    expect(leecher.hasAll(torrent)).toBe(true)
    expect(leaks).toEqual([])
    expect([...gossiper.offered.keys()]).not.toContain(PEX)
    expect([...gossiper.offered.keys()]).not.toContain(HOLEPUNCH)
    expect([gossiper.heard, gossiper.punched, gossiper.dhtPorts]).toEqual([[], [], []])
    expect(dialled).not.toContain('10.9.9.9')
    expect(dialled).not.toContain('10.9.9.10')
  })

  it('is named no more once a magnet turns out to be one', async () => {
    const { world, torrent, seeder, leecher, leaks } = await pairWithAll(true)
    const uri = formatMagnet({ infoHashes: torrent.metainfo.infoHashes })
    await leecher.addMagnet(uri, { peers: [seeder.peer] })
    const isKnown = (): boolean =>
      leecher.session.detail(torrent.layout.id)?.summary.isPrivate === true
    expect(await world.runUntil(isKnown, MINUTE)).toBe(true)
    const knownMs = world.nowMs
    await world.run(30 * MINUTE)
    expect(leecher.hasAll(torrent)).toBe(true)
    expect(
      leaks.filter(({ atMs, from }) => atMs > knownMs && from === leecher.host.address),
    ).toEqual([])
    expect(leaks.filter(({ from }) => from === seeder.host.address)).toEqual([])
  })

  it('lets nobody in whom others named, also not if the dial began before it was known to be private', async () => {
    const { world, torrent, seeder, leecher } = await pairWithAll(true)
    // So far away that the metadata comes first.
    const far = world.host('far', { delayMs: 2_000 }).start()
    const heard: number[] = []
    let dials = 0
    await far.network.listen({ host: '0.0.0.0', port: 7_000 }, (socket) => {
      dials += 1
      socket.onBytes = (bytes) => heard.push(bytes.length)
    })
    const uri = formatMagnet({ infoHashes: torrent.metainfo.infoHashes })
    await leecher.addMagnet(uri)
    await world.run(5_000)
    const infoHashes = [Buffer.from(torrent.layout.id, 'hex')]
    const bound = await far.datagrams.bind({ host: '0.0.0.0', port: LSD_PORT }, () => {})
    if (!('send' in bound)) throw new Error(bound.message)
    const [{ group, host }] = LSD_GROUPS
    const bytes = encodeLsd({ host, port: 7_000, infoHashes, cookie: 'x' })
    bound.send(bytes, { host: group, port: LSD_PORT })
    await world.run(2_500)
    await leecher.addPeer(torrent, seeder.peer)
    await world.run(MINUTE)
    expect(leecher.session.detail(torrent.layout.id)?.summary.isPrivate).toBe(true)
    expect([dials, heard]).toEqual([1, []])
  })

  it('would be named, were it public: the trace sees it', async () => {
    const { world, torrent, seeder, leecher, leaks } = await pairWithAll(false)
    await leecher.add(torrent)
    const gossiper = new Gossiper(world, 'gossiper', torrent)
    gossiper.puppet.dial(leecher.host.address)
    await world.run(10 * MINUTE)
    expect(leecher.hasAll(torrent)).toBe(true)
    const kinds = new Set(leaks.map(({ bytes }) => (bytes.startsWith('d') ? 'dht' : 'lsd')))
    expect([...kinds].toSorted()).toEqual(['dht', 'lsd'])
    expect(gossiper.offered.has(PEX)).toBe(true)
    expect(seeder.isDone).toBe(true)
  })
})
