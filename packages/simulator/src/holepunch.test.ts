import { describe, expect, it, vi } from 'vitest'
import { HOLEPUNCH_ERRORS } from '@pigeon/protocol/bep/0055-holepunch'
import { Gossiper, type GossiperOptions } from './scenario/gossiper.ts'
import { PuppetPeer } from './scenario/puppet-peer.ts'
import { type SampleTorrent, sampleTorrent } from './scenario/sample-torrent.ts'
import { SimClient } from './scenario/sim-client.ts'
import { World } from './world.ts'

const MINUTE = 60_000
const HOLEPUNCH_PER_MINUTE = 10

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

const { noSuchPeer, notConnected, noSupport, noSelf } = HOLEPUNCH_ERRORS

/** A client that others use as a relay, and that asks nobody by itself. */
async function relayAlone(): Promise<{
  readonly world: World
  readonly torrent: SampleTorrent
  readonly client: SimClient
  readonly join: (name: string, options?: GossiperOptions) => Promise<Gossiper>
}> {
  const world = new World(1)
  const torrent = sampleTorrent(world.chance.fork('torrent'))
  const client = new SimClient(world, 'client', { settings: SETTINGS })
  await client.start()
  await client.add(torrent)
  await world.run(1_000)
  const join = async (name: string, options: GossiperOptions = {}): Promise<Gossiper> => {
    const gossiper = new Gossiper(world, name, torrent, options)
    gossiper.puppet.dial(client.host.address)
    await world.run(500)
    return gossiper
  }
  return { world, torrent, client, join }
}

function addressOf({ puppet }: Gossiper): { readonly host: string; readonly port: number } {
  return { host: puppet.host.address, port: 6881 }
}

describe('a relay', () => {
  it('tells both sides of each other', async () => {
    const { world, join } = await relayAlone()
    const initiator = await join('initiator')
    const target = await join('target')
    initiator.punch({ kind: 'rendezvous', address: addressOf(target) })
    await world.run(500)
    expect(initiator.punched).toEqual([{ kind: 'connect', address: addressOf(target) }])
    expect(target.punched).toEqual([{ kind: 'connect', address: addressOf(initiator) }])
  })

  it('says why it cannot, with the address that was asked for', async () => {
    const { world, client, join } = await relayAlone()
    const initiator = await join('initiator')
    const mute = await join('mute', { offers: [] })
    const others = [0, 1, 2].map((at) => ({ host: `10.0.7.${at + 1}`, port: 6881 }))
    // What others say of our address is believed.
    await join('teller', { seesUsAt: client.host.address })
    await world.run(500)
    const asked = [
      [{ host: '224.0.0.1', port: 6881 }, noSuchPeer],
      [{ host: '10.0.7.1', port: 0 }, noSuchPeer],
      [others[0], notConnected],
      [addressOf(initiator), notConnected],
      [addressOf(mute), noSupport],
      [{ host: client.host.address, port: 6881 }, noSelf],
    ] as const
    for (const [address] of asked)
      if (address !== undefined) initiator.punch({ kind: 'rendezvous', address })
    await world.run(500)
    expect(initiator.punched).toEqual(
      asked.map(([address, code]) => ({ kind: 'error', address, code })),
    )
    expect(mute.punched).toEqual([])
  })

  it('says nothing to who does not offer the extension', async () => {
    const { world, join } = await relayAlone()
    const target = await join('target')
    const mute = await join('mute', { offers: [] })
    mute.punch({ kind: 'rendezvous', address: addressOf(target) })
    await world.run(500)
    expect([mute.punched, target.punched]).toEqual([[], []])
  })

  it(`hears ${HOLEPUNCH_PER_MINUTE} messages of a peer in a minute`, async () => {
    const { world, join } = await relayAlone()
    const initiator = await join('initiator')
    const target = await join('target')
    for (let count = 0; count < 100; count += 1)
      initiator.punch({ kind: 'rendezvous', address: addressOf(target) })
    await world.run(500)
    expect(target.punched).toHaveLength(HOLEPUNCH_PER_MINUTE)
    await world.run(MINUTE)
    initiator.punch({ kind: 'rendezvous', address: addressOf(target) })
    await world.run(500)
    expect(target.punched).toHaveLength(HOLEPUNCH_PER_MINUTE + 1)
    expect(initiator.puppet.isConnected).toBe(true)
  })
})

describe('who is told to dial', () => {
  it('does so over uTP alone, silently, and not whom it has or what is no peer', async () => {
    const { world, client, join } = await relayAlone()
    const relay = await join('relay')
    const known = await join('known')
    const [dialled, sent] = [new Set<string>(), new Set<string>()]
    world.network.onDial = (_, to) => dialled.add(to.host)
    world.network.onDatagram = (_, from, to) => {
      if (from.host === client.host.address) sent.add(to.host)
    }
    const fresh = { host: '10.0.8.1', port: 6881 }
    const low = { host: '10.0.8.2', port: 80 }
    const local = { host: '127.0.0.1', port: 6881 }
    for (const address of [addressOf(known), fresh, low, local])
      relay.punch({ kind: 'connect', address })
    await world.run(2_000)
    expect([...sent]).toEqual([fresh.host])
    expect([...dialled]).toEqual([])
    await world.run(2 * MINUTE)
    expect(relay.punched.filter(({ kind }) => kind === 'error')).toEqual([])
  })

  it('leaves a victim alone after three times, however often it is told', async () => {
    const { world, join } = await relayAlone()
    const relays = [await join('one'), await join('two'), await join('three')]
    const dials = new Set<string>()
    // A uTP connection begins with a SYN: type 4, version 1; its connection id tells attempts apart.
    world.network.onDatagram = (bytes, _, to) => {
      if (to.host === '10.0.8.1' && bytes[0] === 0x41) dials.add(`${bytes[2]} ${bytes[3]}`)
    }
    for (let round = 0; round < 20; round += 1) {
      const address = { host: '10.0.8.1', port: 2_000 + round }
      for (const relay of relays) relay.punch({ kind: 'connect', address })
      await world.run(2 * MINUTE)
    }
    expect(dials.size).toBeGreaterThan(0)
    expect(dials.size).toBeLessThanOrEqual(3)
  })
})
