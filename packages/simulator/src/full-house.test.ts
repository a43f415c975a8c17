import { peerPriority } from '@pigeon/protocol/bep/0040-peer-priority'
import { describe, expect, it, vi } from 'vitest'
import { Gossiper } from './scenario/gossiper.ts'
import { type SampleTorrent, sampleTorrent } from './scenario/sample-torrent.ts'
import { SimClient } from './scenario/sim-client.ts'
import { World } from './world.ts'

const MINUTE = 60_000
const OWN = '203.0.113.5'

// Virtual minutes take real seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

interface Full {
  readonly world: World
  readonly torrent: SampleTorrent
  readonly client: SimClient
  readonly guests: readonly Gossiper[]
}

/** Strangers by how much both they and the client prefer each other, the least first. */
function byPriority(count: number): readonly string[] {
  const hosts = Array.from({ length: count }, (_, at) => `198.51.${100 + at}.${at * 37 + 1}`)
  const priorityOf = (host: string): number =>
    peerPriority({ host: OWN, port: 6881 }, { host, port: 6881 }) ?? 0
  return hosts.toSorted((a, b) => priorityOf(a) - priorityOf(b))
}

/** A client with places for three who come by themselves, all of them taken by these, who tell it its address. */
async function fullHouse(hosts: readonly string[]): Promise<Full> {
  const world = new World(1)
  const torrent = sampleTorrent(world.chance.fork('torrent'))
  const client = new SimClient(world, 'client', {
    address: OWN,
    settings: { isPexOn: true, maxPeersPerTorrent: 4 },
  })
  await client.start()
  await client.add(torrent)
  await world.run(1_000)
  const guests: Gossiper[] = []
  for (const address of hosts) {
    const guest = new Gossiper(world, address, torrent, { address, seesUsAt: OWN })
    guest.puppet.dial(OWN)
    guests.push(guest)
    await world.run(1_000)
  }
  return { world, torrent, client, guests }
}

async function visit({ world, torrent }: Full, address: string): Promise<Gossiper> {
  const newcomer = new Gossiper(world, address, torrent, { address })
  newcomer.puppet.dial(OWN)
  await world.run(2_000)
  return newcomer
}

describe('a torrent whose places are all taken', () => {
  it('lets in who has a greater priority, in place of the one who has the least', async () => {
    const [least = '', second = '', third = '', greatest = ''] = byPriority(4)
    const full = await fullHouse([second, least, third])
    await full.world.run(2 * MINUTE)
    const newcomer = await visit(full, greatest)
    expect(newcomer.offered.size).toBeGreaterThan(0)
    expect(full.guests.map(({ puppet }) => puppet.isConnected)).toEqual([true, false, true])
  })

  it('lets nobody in who has the least priority, and keeps the young', async () => {
    const [least = '', second = '', third = '', greatest = ''] = byPriority(4)
    const full = await fullHouse([second, third, greatest])
    await full.world.run(2 * MINUTE)
    expect((await visit(full, least)).offered.size).toBe(0)
    const young = await fullHouse([second, least, third])
    expect((await visit(young, greatest)).offered.size).toBe(0)
    for (const { guests } of [full, young])
      expect(guests.every(({ puppet }) => puppet.isConnected)).toBe(true)
  })
})
