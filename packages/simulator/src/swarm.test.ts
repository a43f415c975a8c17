import { describe, expect, it } from 'vitest'
import { sampleTorrent } from './scenario/sample-torrent.ts'
import { SimClient } from './scenario/sim-client.ts'
import { World } from './world.ts'

const MINUTE = 60_000

describe('a swarm', () => {
  it('of two moves every byte', async () => {
    const world = new World(1)
    const torrent = sampleTorrent(world.chance.fork('torrent'))
    const seeder = new SimClient(world, 'seeder')
    const leecher = new SimClient(world, 'leecher')
    await seeder.start()
    await leecher.start()
    await seeder.seed(torrent)
    await leecher.add(torrent, { peers: [seeder.peer] })
    expect(await world.runUntil(() => leecher.isDone, 5 * MINUTE)).toBe(true)
    expect(leecher.hasAll(torrent)).toBe(true)
    expect(leecher.summary.downloadedBytes).toBe(torrent.content.length)
  })
})
