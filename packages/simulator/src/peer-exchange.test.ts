import { describe, expect, it, vi } from 'vitest'
import { type SampleTorrent, sampleTorrent } from './scenario/sample-torrent.ts'
import { SimClient } from './scenario/sim-client.ts'
import { World } from './world.ts'

const MINUTE = 60_000

// Virtual minutes take real seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const WITH_PEX = { settings: { isPexOn: true }, link: { upRate: 20_000 } }

type PeerShown = NonNullable<ReturnType<SimClient['session']['detail']>>['peers'][number]

function peersOf(client: SimClient, torrent: SampleTorrent): readonly PeerShown[] {
  return client.session.detail(torrent.layout.id)?.peers ?? []
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
})
