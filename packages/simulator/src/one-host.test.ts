import { describe, expect, it } from 'vitest'
import { seedingPair } from './scenario/pair.ts'
import { PuppetPeer } from './scenario/puppet-peer.ts'
import { sampleTorrent } from './scenario/sample-torrent.ts'
import { SimClient } from './scenario/sim-client.ts'
import { World } from './world.ts'

const MINUTE = 60_000
const LOOPBACK = '127.0.0.1'

describe('programs on one computer', () => {
  it('share a torrent over loopback, all with all', async () => {
    const world = new World(1)
    const torrent = sampleTorrent(world.chance.fork('torrent'))
    const clients = [0, 1, 2, 3].map(
      (at) => new SimClient(world, `client ${at}`, { address: LOOPBACK, port: 6881 + at }),
    )
    const peers = clients.map((client) => client.peer)
    for (const [at, client] of clients.entries()) {
      await client.start()
      await client.seedPart(torrent, (piece) => piece % 4 === at, { peers })
    }
    const areAllDone = (): boolean => clients.every((client) => client.isDone)
    expect(await world.runUntil(areAllDone, 5 * MINUTE)).toBe(true)
    for (const client of clients) expect(client.hasAll(torrent)).toBe(true)
  })

  it('are not banned for another program there that lies', async () => {
    const world = new World(1)
    const torrent = sampleTorrent(world.chance.fork('torrent'))
    const liar = new PuppetPeer(world, 'liar', torrent, {
      address: LOOPBACK,
      port: 7000,
      on: (effect, puppet) => {
        if (effect.kind === 'peer-id') puppet.sayAll()
        if (effect.kind !== 'request') return
        const { pieceIndex, begin, lengthBytes } = effect
        const bytes = new Uint8Array(lengthBytes)
        puppet.say({ kind: 'send-blocks', blocks: [{ pieceIndex, begin, bytes }] })
      },
    })
    await liar.listen()
    const link = { upRate: 300_000 }
    const seeder = new SimClient(world, 'seeder', { link, address: LOOPBACK, port: 7001 })
    await seeder.start()
    await seeder.seed(torrent)
    const leecher = new SimClient(world, 'leecher', { address: LOOPBACK, port: 7002 })
    await leecher.start()
    await leecher.add(torrent, { peers: [liar.peer, seeder.peer] })
    expect(await world.runUntil(() => leecher.isDone, 5 * MINUTE)).toBe(true)
    expect(leecher.hasAll(torrent)).toBe(true)
    expect(liar.asked.length).toBeGreaterThan(0)
    expect(liar.connections).toBe(1)
  })
})

describe('peers behind one address elsewhere', () => {
  it('get one connection between them, and are all banned for one that lies', async () => {
    const world = new World(1)
    const torrent = sampleTorrent(world.chance.fork('torrent'))
    const address = '10.9.9.9'
    const liars = [7000, 7001, 7002].map(
      (port) =>
        new PuppetPeer(world, `liar ${port}`, torrent, {
          address,
          port,
          on: (effect, puppet) => {
            if (effect.kind === 'peer-id') puppet.sayAll()
            if (effect.kind !== 'request') return
            const { pieceIndex, begin, lengthBytes } = effect
            const bytes = new Uint8Array(lengthBytes)
            puppet.say({ kind: 'send-blocks', blocks: [{ pieceIndex, begin, bytes }] })
          },
        }),
    )
    for (const liar of liars) await liar.listen()
    const leecher = new SimClient(world, 'leecher')
    await leecher.start()
    await leecher.add(torrent, { peers: liars.map((liar) => liar.peer) })
    let mostConnected = 0
    await world.runUntil(() => {
      mostConnected = Math.max(mostConnected, leecher.summary.peersConnected)
      return false
    }, 5 * MINUTE)
    expect(mostConnected).toBe(1)
    expect(liars.reduce((sum, liar) => sum + liar.connections, 0)).toBe(1)
  })
})

describe('a seed', () => {
  it('dials a leecher that cannot dial, and another seed only once', async () => {
    const { world, torrent, seeder, leecher } = await seedingPair()
    await leecher.add(torrent)
    await seeder.addPeer(torrent, leecher.peer)
    expect(await world.runUntil(() => leecher.isDone, 5 * MINUTE)).toBe(true)
    const done = seeder.summary.uploadedBytes
    await world.run(30 * MINUTE)
    expect(seeder.summary).toMatchObject({ peersConnected: 0, uploadedBytes: done })
  })
})
