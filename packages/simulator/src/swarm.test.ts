import { formatMagnet } from '@pigeon/protocol/magnet'
import { describe, expect, it, vi } from 'vitest'
import { sampleTorrent, type SampleTorrent } from './scenario/sample-torrent.ts'
import { ScriptedPeer, type Serve } from './scenario/scripted-peer.ts'
import { SimClient } from './scenario/sim-client.ts'
import { World } from './world.ts'

const MINUTE = 60_000

// Virtual minutes take real seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })
const lie: Serve = (_, good) => good.map((byte) => byte ^ 0x55)

interface Pair {
  readonly world: World
  readonly torrent: SampleTorrent
  readonly seeder: SimClient
  readonly leecher: SimClient
}

/** A seeder with the files, and a leecher that runs but has nothing yet. */
async function pair(seed: number, seederUpRate: number | null = null): Promise<Pair> {
  const world = new World(seed)
  const torrent = sampleTorrent(world.chance.fork('torrent'))
  const seeder = new SimClient(world, 'seeder', { link: { upRate: seederUpRate } })
  const leecher = new SimClient(world, 'leecher')
  await seeder.start()
  await leecher.start()
  await seeder.seed(torrent)
  return { world, torrent, seeder, leecher }
}

describe('a swarm', () => {
  it('of two moves every byte once', async () => {
    const { world, torrent, seeder, leecher } = await pair(1)
    await leecher.add(torrent, { peers: [seeder.peer] })
    expect(await world.runUntil(() => leecher.isDone, 5 * MINUTE)).toBe(true)
    expect(leecher.hasAll(torrent)).toBe(true)
    expect(leecher.summary.downloadedBytes).toBe(torrent.content.length)
    expect(seeder.summary.uploadedBytes).toBe(torrent.content.length)
  })

  it.each([1, 2, 3])(
    'of five where no one has everything completes all (seed %i)',
    async (seed) => {
      const world = new World(seed)
      const torrent = sampleTorrent(world.chance.fork('torrent'))
      const link = { delayMs: 20, upRate: 400_000 }
      const clients = [0, 1, 2, 3, 4].map((at) => new SimClient(world, `client ${at}`, { link }))
      const peers = clients.map((client) => client.peer)
      for (const [at, client] of clients.entries()) {
        await client.start()
        await client.seedPart(torrent, (piece) => piece % 5 === at, { peers })
      }
      const areAllDone = (): boolean => clients.every((client) => client.isDone)
      expect(await world.runUntil(areAllDone, 30 * MINUTE)).toBe(true)
      for (const client of clients) expect(client.hasAll(torrent)).toBe(true)
      for (const client of clients) expect(client.summary.uploadedBytes).toBeGreaterThan(0)
    },
  )

  it('gives the metadata to who has a bare magnet', async () => {
    const { world, torrent, seeder, leecher } = await pair(4)
    await world.run(2000)
    const { infoHashes } = torrent.metainfo
    const uri = formatMagnet({ infoHashes })
    await leecher.addMagnet(uri, { peers: [seeder.peer] })
    expect(await world.runUntil(() => leecher.isDone && leecher.hasAll(torrent), 5 * MINUTE)).toBe(
      true,
    )
  })

  it('fetches only the files that are wanted', async () => {
    const { world, torrent, seeder, leecher } = await pair(5)
    await leecher.add(torrent, { peers: [seeder.peer], wantedFiles: [0] })
    expect(await world.runUntil(() => leecher.isDone, 5 * MINUTE)).toBe(true)
    const first = `/downloads/${torrent.layout.files[0]?.path}`
    expect(leecher.host.disk.contentOf(first)).toEqual(torrent.content.slice(0, 300_000))
    expect(leecher.summary.downloadedBytes).toBeLessThan(300_000 + 2 * 65_536)
  })

  it('plays the same in every detail for the same seed', async () => {
    const play = async (): Promise<readonly number[]> => {
      const { world, torrent, seeder, leecher } = await pair(6, 500_000)
      await leecher.add(torrent, { peers: [seeder.peer] })
      await world.runUntil(() => leecher.isDone, 5 * MINUTE)
      return [world.nowMs, world.eventCount, leecher.summary.downloadedBytes]
    }
    expect(await play()).toEqual(await play())
  })
})

describe('trouble on the line', () => {
  it('of broken connections is got over', async () => {
    const { world, torrent, seeder, leecher } = await pair(7, 100_000)
    await leecher.add(torrent, { peers: [seeder.peer] })
    for (let count = 0; count < 5; count += 1) {
      await world.run(4000)
      seeder.host.resetConnections()
    }
    expect(await world.runUntil(() => leecher.isDone, 30 * MINUTE)).toBe(true)
    expect(leecher.hasAll(torrent)).toBe(true)
  })

  it('of a cut network is got over', async () => {
    const { world, torrent, seeder, leecher } = await pair(8, 100_000)
    await leecher.add(torrent, { peers: [seeder.peer] })
    await world.run(5000)
    world.network.cut(seeder.host.address, leecher.host.address)
    await world.run(10 * MINUTE)
    expect(leecher.isDone).toBe(false)
    world.network.join(seeder.host.address, leecher.host.address)
    expect(await world.runUntil(() => leecher.isDone, 45 * MINUTE)).toBe(true)
    expect(leecher.hasAll(torrent)).toBe(true)
  })
})

describe('a hostile peer', () => {
  it.each([1, 2, 3, 4, 5])(
    'that lies costs at most one piece and is banned (seed %i)',
    async (seed) => {
      const { world, torrent, seeder, leecher } = await pair(seed * 100, 300_000)
      const liar = new ScriptedPeer(world, 'liar', torrent, lie)
      await liar.listen()
      await leecher.add(torrent, { peers: [liar.peer, seeder.peer] })
      expect(await world.runUntil(() => leecher.isDone, 30 * MINUTE)).toBe(true)
      expect(leecher.hasAll(torrent)).toBe(true)
      expect(liar.servedBytes).toBeGreaterThan(0)
      expect(liar.servedBytes).toBeLessThanOrEqual(torrent.layout.pieceLength)
      const wastedBytes = leecher.summary.downloadedBytes - torrent.content.length
      expect(wastedBytes).toBeLessThanOrEqual(torrent.layout.pieceLength)
      expect(liar.connections).toBe(1)
    },
  )

  it('that lies in one block of five is found out, and no honest peer is banned', async () => {
    const { world, torrent, seeder, leecher } = await pair(11, 200_000)
    let count = 0
    const liar = new ScriptedPeer(world, 'liar', torrent, (block, good) => {
      count += 1
      return count % 5 === 0 ? lie(block, good) : good
    })
    await liar.listen()
    await leecher.add(torrent, { peers: [liar.peer, seeder.peer] })
    expect(await world.runUntil(() => leecher.isDone, 30 * MINUTE)).toBe(true)
    expect(leecher.hasAll(torrent)).toBe(true)
    expect(seeder.summary.uploadedBytes).toBeGreaterThan(torrent.content.length / 3)
  })

  it('nine of them among ten do not stop an honest one', async () => {
    const { world, torrent, seeder, leecher } = await pair(12, 300_000)
    const liars = Array.from(
      { length: 9 },
      (_, at) => new ScriptedPeer(world, `liar ${at}`, torrent, lie),
    )
    for (const liar of liars) await liar.listen()
    await leecher.add(torrent, { peers: [...liars.map((liar) => liar.peer), seeder.peer] })
    expect(await world.runUntil(() => leecher.isDone, 60 * MINUTE)).toBe(true)
    expect(leecher.hasAll(torrent)).toBe(true)
    for (const liar of liars)
      expect(liar.servedBytes).toBeLessThanOrEqual(torrent.layout.pieceLength)
  })

  it('that promises and never sends holds nothing up for long', async () => {
    const { world, torrent, seeder, leecher } = await pair(13, 300_000)
    const staller = new ScriptedPeer(world, 'staller', torrent, () => null)
    await staller.listen()
    await leecher.add(torrent, { peers: [staller.peer, seeder.peer] })
    expect(await world.runUntil(() => leecher.isDone, 2 * MINUTE)).toBe(true)
    expect(leecher.hasAll(torrent)).toBe(true)
  })

  it('that floods us with requests costs bounded memory and does not keep others out', async () => {
    const { world, torrent, seeder, leecher } = await pair(14, 300_000)
    const flooders = [0, 1, 2].map(
      (at) => new ScriptedPeer(world, `flooder ${at}`, torrent, () => null),
    )
    await world.run(2000)
    for (const flooder of flooders) flooder.flood(seeder.host.address, 2000)
    let mostQueuedBytes = 0
    await leecher.add(torrent, { peers: [seeder.peer] })
    const isDone = await world.runUntil(() => {
      mostQueuedBytes = Math.max(mostQueuedBytes, seeder.host.mostQueuedBytes)
      return leecher.isDone
    }, 10 * MINUTE)
    expect(isDone).toBe(true)
    expect(mostQueuedBytes).toBeLessThan(1024 * 1024)
  })
})

describe('a crash', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'with loss of power loses nothing that was recorded and claims nothing that is not there (seed %i)',
    async (seed) => {
      const { world, torrent, seeder, leecher } = await pair(seed * 1000, 400_000)
      await leecher.add(torrent, { peers: [seeder.peer] })
      let recorded: readonly number[] = []
      for (let crash = 0; crash < 4; crash += 1) {
        await world.run(500 + world.chance.int(2000))
        leecher.cutPower()
        const good = leecher.goodPieces(torrent)
        const claimed = leecher.recordedPieces(torrent)
        expect(claimed.filter((piece) => !good.has(piece))).toEqual([])
        expect(recorded.filter((piece) => !claimed.includes(piece))).toEqual([])
        recorded = claimed
        await leecher.start()
        await leecher.addPeer(torrent, seeder.peer)
      }
      expect(await world.runUntil(() => leecher.isDone, 10 * MINUTE)).toBe(true)
      expect(leecher.hasAll(torrent)).toBe(true)
    },
  )

  it('of the seeder mid-way only delays', async () => {
    const { world, torrent, seeder, leecher } = await pair(21, 100_000)
    await leecher.add(torrent, { peers: [seeder.peer] })
    await world.run(5000)
    seeder.kill()
    await world.run(10_000)
    await seeder.start()
    expect(await world.runUntil(() => leecher.isDone, 10 * MINUTE)).toBe(true)
    expect(leecher.hasAll(torrent)).toBe(true)
  })

  it('fetches again little of what was there', async () => {
    const { world, torrent, seeder, leecher } = await pair(22, 200_000)
    await leecher.add(torrent, { peers: [seeder.peer] })
    await world.run(6000)
    leecher.cutPower()
    const kept = leecher.recordedBytes(torrent)
    expect(kept).toBeGreaterThan(0)
    const before = seeder.summary.uploadedBytes
    await leecher.start()
    await leecher.addPeer(torrent, seeder.peer)
    expect(await world.runUntil(() => leecher.isDone, 10 * MINUTE)).toBe(true)
    expect(seeder.summary.uploadedBytes - before).toBe(torrent.content.length - kept)
  })
})

describe('a disk', () => {
  it('that is full stops the download with a clear problem, which goes on when there is room', async () => {
    const { world, torrent, seeder, leecher } = await pair(31, 400_000)
    leecher.host.disk.faults.capacityBytes = 900_000
    await leecher.add(torrent, { peers: [seeder.peer] })
    const isStopped = await world.runUntil(() => leecher.summary.problem !== null, 5 * MINUTE)
    expect(isStopped).toBe(true)
    expect([leecher.summary.state, leecher.summary.problem?.code]).toEqual(['error', 'disk-full'])
    await world.run(2 * MINUTE)
    const verified = leecher.recordedPieces(torrent)
    const good = leecher.goodPieces(torrent)
    expect(verified.length).toBeGreaterThan(5)
    expect(verified.filter((piece) => !good.has(piece))).toEqual([])
    const kept = leecher.recordedBytes(torrent)
    const before = seeder.summary.uploadedBytes
    leecher.host.disk.faults.capacityBytes = Number.POSITIVE_INFINITY
    expect(await world.runUntil(() => leecher.isDone, 5 * MINUTE)).toBe(true)
    expect(leecher.hasAll(torrent)).toBe(true)
    expect(seeder.summary.uploadedBytes - before).toBe(torrent.content.length - kept)
  })

  it('whose sync failed is not believed: what was not safe is hashed or fetched again', async () => {
    const { world, torrent, seeder, leecher } = await pair(32, 400_000)
    await leecher.add(torrent, { peers: [seeder.peer] })
    await world.run(2500)
    leecher.host.disk.faults.syncFailure = 1
    await world.run(3000)
    leecher.host.disk.faults.syncFailure = 0
    leecher.cutPower()
    const good = leecher.goodPieces(torrent)
    expect(leecher.recordedPieces(torrent).filter((piece) => !good.has(piece))).toEqual([])
    await leecher.start()
    await world.finish(leecher.session.resume(torrent.layout.id))
    await leecher.addPeer(torrent, seeder.peer)
    expect(await world.runUntil(() => leecher.isDone, 10 * MINUTE)).toBe(true)
    expect(leecher.hasAll(torrent)).toBe(true)
  })

  it('holds buffers within their bound however slow it is', async () => {
    const { world, torrent, seeder, leecher } = await pair(33)
    leecher.host.dirtyLimitBytes = 4 * 65_536
    await leecher.start()
    await leecher.add(torrent, { peers: [seeder.peer] })
    expect(await world.runUntil(() => leecher.isDone, 10 * MINUTE)).toBe(true)
    expect(leecher.host.storage?.mostDirtyBytes).toBeLessThanOrEqual(4 * 65_536)
    expect(leecher.host.storage?.dirtyBytes).toBe(0)
  })
})

describe('pause', () => {
  it('stops all traffic, and resume goes on from there', async () => {
    const { world, torrent, seeder, leecher } = await pair(41, 200_000)
    await leecher.add(torrent, { peers: [seeder.peer] })
    await world.run(4000)
    await world.finish(leecher.session.pause(torrent.layout.id))
    await world.run(1000)
    const { downloadedBytes, state } = leecher.summary
    expect(state).toBe('paused')
    expect(leecher.host.connectionCount).toBe(0)
    await world.run(10 * MINUTE)
    expect(leecher.summary.downloadedBytes).toBe(downloadedBytes)
    expect(leecher.host.connectionCount).toBe(0)
    expect(leecher.host.storage?.dirtyBytes).toBe(0)
    await world.finish(leecher.session.resume(torrent.layout.id))
    expect(await world.runUntil(() => leecher.isDone, 10 * MINUTE)).toBe(true)
    expect(leecher.hasAll(torrent)).toBe(true)
  })
})

describe('limits', () => {
  it('on upload hold, to a tenth, over a minute', async () => {
    const { world, torrent, seeder, leecher } = await pair(51)
    await world.finish(seeder.session.setSession({ upLimit: 50_000 }))
    await leecher.add(torrent, { peers: [seeder.peer] })
    await world.run(3000)
    const before = seeder.summary.uploadedBytes
    await world.run(20_000)
    const rate = (seeder.summary.uploadedBytes - before) / 20
    expect(rate).toBeGreaterThan(45_000)
    expect(rate).toBeLessThan(55_000)
  })

  it('on download hold, to a tenth', async () => {
    const { world, torrent, seeder, leecher } = await pair(52)
    await world.finish(leecher.session.setSession({ downLimit: 50_000 }))
    await leecher.add(torrent, { peers: [seeder.peer] })
    await world.run(8000)
    const before = leecher.summary.downloadedBytes
    await world.run(20_000)
    const rate = (leecher.summary.downloadedBytes - before) / 20
    expect(rate).toBeGreaterThan(45_000)
    expect(rate).toBeLessThan(55_000)
  })
})
