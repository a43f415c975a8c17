import { formatMagnet } from '@pigeon/protocol/magnet'
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
})
