import { describe, expect, it, vi } from 'vitest'
import { PuppetPeer } from './scenario/puppet-peer.ts'
import { type SampleTorrent, sampleTorrent } from './scenario/sample-torrent.ts'
import { SimClient } from './scenario/sim-client.ts'
import { World } from './world.ts'

const MINUTE = 60_000

// Virtual minutes take real seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const SETTINGS = { isPexOn: true, isUtpOn: true }

interface Trio {
  readonly world: World
  readonly torrent: SampleTorrent
  readonly relay: SimClient
  readonly seeder: SimClient
  readonly leecher: SimClient
}

/**
 * A slow relay that everyone reaches, and two that nobody can dial: each knows only the relay. The seeder was just told
 * of somebody else, so that it hears of the leecher only after that one has knocked in vain.
 */
async function trio(relaySettings = SETTINGS): Promise<Trio> {
  const world = new World(1)
  const torrent = sampleTorrent(world.chance.fork('torrent'))
  const relay = new SimClient(world, 'relay', { settings: relaySettings, link: { upRate: 5_000 } })
  const closed = { settings: SETTINGS, link: { isClosed: true, upRate: 20_000 } }
  const seeder = new SimClient(world, 'seeder', closed)
  const leecher = new SimClient(world, 'leecher', closed)
  for (const client of [relay, seeder, leecher]) await client.start()
  await relay.add(torrent)
  await seeder.seed(torrent, { peers: [relay.peer] })
  const other = new PuppetPeer(world, 'other', torrent, { on: () => {} })
  await other.listen()
  await relay.addPeer(torrent, other.peer)
  await world.run(10_000)
  await leecher.add(torrent, { peers: [relay.peer] })
  return { world, torrent, relay, seeder, leecher }
}

function areConnected({ torrent, seeder, leecher }: Trio): boolean {
  const peers = leecher.session.detail(torrent.layout.id)?.peers ?? []
  return peers.some(
    ({ address, transport }) => address.startsWith(seeder.host.address) && transport === 'utp',
  )
}

/** All are connected to the relay, and to nobody else. */
function joined({ world, relay, torrent }: Trio): Promise<boolean> {
  const areHere = (): boolean => relay.session.detail(torrent.layout.id)?.peers.length === 3
  return world.runUntil(areHere, MINUTE)
}

/** What passes through the relay's wires of that kind from now on: direction, address of the peer there, type. */
function punchesOf({ relay, torrent }: Trio): string[] {
  const seen: string[] = []
  const { id } = torrent.layout
  for (const { number, address } of relay.session.detail(id)?.peers ?? []) {
    const host = address.slice(0, address.lastIndexOf(':'))
    relay.session.inspect(id, number, (event) => {
      if (event.kind === 'ended') return
      for (const { name, direction, fields } of event.messages) {
        const type = Object.fromEntries(fields)['type']
        if (name === 'ut_holepunch') seen.push(`${direction} ${host} ${type}`)
      }
    })
  }
  return seen
}

describe('holepunching', () => {
  it('brings two behind NATs together over uTP, through a peer that both reach', async () => {
    const made = await trio()
    await joined(made)
    const seen = punchesOf(made)
    expect(await made.world.runUntil(() => areConnected(made), MINUTE)).toBe(true)
    await made.world.run(1_000)
    const leecher = made.leecher.host.address
    const seeder = made.seeder.host.address
    expect(seen).toContain(`in ${leecher} rendezvous`)
    expect(seen).toContain(`out ${leecher} connect`)
    expect(seen).toContain(`out ${seeder} connect`)
    expect(await made.world.runUntil(() => made.leecher.isDone, 10 * MINUTE)).toBe(true)
    expect(made.leecher.hasAll(made.torrent)).toBe(true)
  })

  it('asks nobody who does not offer to help', async () => {
    const made = await trio({ ...SETTINGS, isUtpOn: false })
    await joined(made)
    const seen = punchesOf(made)
    await made.world.run(3 * MINUTE)
    expect(seen).toEqual([])
  })
})
