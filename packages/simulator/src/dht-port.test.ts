import { describe, expect, it, vi } from 'vitest'
import { pair, type Pair } from './scenario/pair.ts'
import { PuppetPeer } from './scenario/puppet-peer.ts'

const MINUTE = 60_000

// Virtual minutes take real seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

/** Two that know each other as peers, and no node of the DHT. */
async function peersWithDht(leecherHasDht: boolean, isPrivate = false): Promise<Pair> {
  const settings = { isDhtOn: true, bootstrapNodes: [] }
  const leecherSettings = { ...settings, isDhtOn: leecherHasDht }
  const made = await pair({ settings, leecherSettings, isPrivate, link: { upRate: 20_000 } })
  await made.leecher.add(made.torrent, { peers: [made.seeder.peer] })
  return made
}

function nodesOf({ seeder }: Pair): number {
  return seeder.session.network().dht.reduce((sum, { nodes }) => sum + nodes, 0)
}

describe('a peer with a DHT node', () => {
  it('becomes a node of our DHT, through the port that it tells', async () => {
    const made = await peersWithDht(true)
    expect(await made.world.runUntil(() => nodesOf(made) === 1, MINUTE)).toBe(true)
  })

  it('is none without one, and of a private torrent nobody is asked', async () => {
    for (const made of [await peersWithDht(false), await peersWithDht(true, true)]) {
      await made.world.run(MINUTE)
      expect(made.leecher.summary.downloadedBytes).toBeGreaterThan(0)
      expect(nodesOf(made)).toBe(0)
    }
  })

  it('is told of ours right after what we have', async () => {
    const { world, torrent, seeder } = await pair({
      settings: { isDhtOn: true, bootstrapNodes: [] },
    })
    await world.run(10_000)
    const order: string[] = []
    const puppet = new PuppetPeer(world, 'puppet', torrent, { on: ({ kind }) => order.push(kind) })
    puppet.dial(seeder.host.address)
    await world.run(1_000)
    const has = order.indexOf('has-pieces')
    expect(order[has + 1]).toBe('port')
    expect(order.filter((kind) => kind === 'port')).toHaveLength(1)
  })
})
