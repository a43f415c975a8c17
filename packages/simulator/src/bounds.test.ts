import { describe, expect, it } from 'vitest'
import { type Pair, pair, seedingPair } from './scenario/pair.ts'
import { PuppetPeer } from './scenario/puppet-peer.ts'

/** Dials the seeder from each address and says nothing; answers how many connections stand. */
async function silentDials({ world, seeder }: Pair, addresses: readonly string[]): Promise<number> {
  let standing = 0
  for (const [at, address] of addresses.entries()) {
    const ports = world.host(`silent ${at}`, {}, address).start()
    ports.network.dial(
      { host: seeder.host.address, port: 6881 },
      {
        opened: (socket) => {
          standing += 1
          socket.onClosed = () => {
            standing -= 1
          }
        },
        failed: () => {},
      },
    )
  }
  await world.run(1_000)
  return standing
}

/** Peers that shake hands and want nothing, from these addresses; answers how many the seeder keeps. */
async function keptPeers(made: Pair, addresses: readonly string[]): Promise<number> {
  const { world, torrent, seeder } = made
  const puppets = addresses.map(
    (address, at) => new PuppetPeer(world, `puppet ${at}`, torrent, { address, on: () => {} }),
  )
  for (const puppet of puppets) {
    puppet.dial(seeder.host.address)
    await world.run(200)
  }
  await world.run(1_000)
  return puppets.filter((puppet) => puppet.isConnected).length
}

describe('incoming connections that have not said what they want', () => {
  const strangers = (count: number): readonly string[] =>
    Array.from({ length: count }, (_, at) => `10.9.${at}.1`)

  it.each([
    [63, 63],
    [64, 64],
    [65, 64],
  ])('of %i, %i may wait', async (count, kept) => {
    const made = await seedingPair({ settings: { maxPeers: 500 } })
    expect(await silentDials(made, strangers(count))).toBe(kept)
  })

  it.each([
    [4, 4],
    [5, 4],
  ])('of %i from one neighbourhood, %i may wait', async (count, kept) => {
    const made = await seedingPair()
    const neighbours = Array.from({ length: count }, (_, at) => `10.9.9.${at + 1}`)
    expect(await silentDials(made, neighbours)).toBe(kept)
  })
})

describe('of a torrent’s connections', () => {
  it.each([
    [5, 5],
    [6, 6],
    [7, 6],
  ])('with room for eight, of %i that came by themselves %i stay', async (count, kept) => {
    const made = await seedingPair({ settings: { maxPeersPerTorrent: 8 } })
    const addresses = Array.from({ length: count }, (_, at) => `10.9.${at}.1`)
    expect(await keptPeers(made, addresses)).toBe(kept)
  })

  it.each([
    [3, 3],
    [4, 3],
  ])('of %i from one household with IPv6 %i stay', async (count, kept) => {
    const made = await seedingPair()
    const household = Array.from({ length: count }, (_, at) => `2001:db8:0:7::${at + 1}`)
    expect(await keptPeers(made, household)).toBe(kept)
  })

  it('those from different households with IPv6 all stay', async () => {
    const made = await seedingPair()
    const households = Array.from({ length: 4 }, (_, at) => `2001:db8:0:${at + 1}::1`)
    expect(await keptPeers(made, households)).toBe(4)
  })
})

describe('peers that the user named', () => {
  it.each([
    [50, 50],
    [51, 50],
  ])('of %i, the latest %i are remembered', async (count, kept) => {
    const { world, torrent, leecher } = await pair()
    await leecher.add(torrent)
    for (let at = 0; at < count; at += 1) await leecher.addPeer(torrent, `10.9.${at}.1:6881`)
    await world.run(1_000)
    const record = leecher.host.records.torrents.get(torrent.layout.id)
    const options: unknown = JSON.parse(record?.optionsJson ?? '{}')
    expect(options).toMatchObject({ peers: expect.objectContaining({ length: kept }) })
    expect(record?.optionsJson).toContain(`"10.9.${count - 1}.1"`)
    expect(record?.optionsJson.includes('"10.9.0.1"')).toBe(count === kept)
  })
})
