import { describe, expect, it } from 'vitest'
import { pair, seedingPair } from './scenario/pair.ts'
import { sampleTorrent } from './scenario/sample-torrent.ts'
import { SimClient } from './scenario/sim-client.ts'
import { World } from './world.ts'

const MINUTE = 60_000
const WALL_START_MS = 1_900_000_000_000

describe('what is shown of a torrent', () => {
  it('counts the copies of its rarest wanted piece among peers', async () => {
    const { world, torrent, seeder, leecher } = await seedingPair({ link: { upRate: 100_000 } })
    expect(leecher.session.list()).toEqual([])
    await leecher.add(torrent)
    await world.run(1_000)
    expect(leecher.summary.availability).toBe(0)
    await leecher.addPeer(torrent, seeder.peer)
    await world.run(3_000)
    expect(leecher.summary.availability).toBe(1)
    const pieces = leecher.session.detail(torrent.layout.id)?.pieces
    expect([...(pieces?.availability ?? [])]).toEqual(Array(torrent.layout.pieceCount).fill(1))
    expect(pieces?.active.length).toBeGreaterThan(0)
    await world.finish(leecher.session.pause(torrent.layout.id))
    await world.run(1_000)
    expect(leecher.summary.availability).toBeNull()
  })

  it('tells when a byte last came or went, also after a restart', async () => {
    const { world, torrent, seeder, leecher } = await seedingPair()
    await leecher.add(torrent)
    expect(leecher.summary.activeAtMs).toBeNull()
    await leecher.addPeer(torrent, seeder.peer)
    await world.runUntil(() => leecher.isDone, MINUTE)
    const doneAtMs = WALL_START_MS + world.nowMs
    await world.run(5 * MINUTE)
    const { activeAtMs } = leecher.summary
    expect(activeAtMs).toBeGreaterThan(doneAtMs - 5_000)
    expect(activeAtMs).toBeLessThanOrEqual(doneAtMs)
    expect(seeder.summary.activeAtMs).toBeGreaterThan(doneAtMs - 5_000)
    await world.finish(leecher.session.stop())
    leecher.kill()
    await leecher.start()
    expect(leecher.summary.activeAtMs).toBe(activeAtMs)
  })

  it('names each peer’s share and how long it has been there', async () => {
    const { world, torrent, seeder, leecher } = await seedingPair({ link: { upRate: 100_000 } })
    await leecher.add(torrent, { peers: [seeder.peer] })
    await world.run(10_000)
    const [peer] = leecher.session.detail(torrent.layout.id)?.peers ?? []
    expect(peer?.downloadedBytes).toBe(leecher.summary.downloadedBytes)
    expect(peer?.uploadedBytes).toBe(0)
    expect(peer?.connectedMs).toBeGreaterThan(9_000)
    expect(peer?.connectedMs).toBeLessThanOrEqual(10_000)
    expect(leecher.session.summary().peersConnected).toBe(1)
    await world.finish(leecher.session.pause(torrent.layout.id))
    await world.run(1_000)
    expect(leecher.session.summary().peersConnected).toBe(0)
  })

  it('is complete while nothing of it is open', async () => {
    const { world, torrent, seeder, leecher } = await seedingPair({ link: { upRate: 300_000 } })
    await leecher.add(torrent, { peers: [seeder.peer] })
    await world.runUntil(() => leecher.summary.progress > 0.5, MINUTE)
    await world.finish(leecher.session.pause(torrent.layout.id))
    await world.run(1_000)
    const { doneBytes, wantedBytes, progress } = leecher.summary
    const files = leecher.session.detail(torrent.layout.id)?.files
    await world.finish(leecher.session.stop())
    leecher.kill()
    await leecher.start()
    expect(leecher.summary).toMatchObject({ doneBytes, wantedBytes, progress, state: 'paused' })
    expect(leecher.session.detail(torrent.layout.id)?.files).toEqual(files)
    const wish = [{ index: 3, priority: 'skip' }] as const
    await world.finish(leecher.session.setFiles(torrent.layout.id, wish))
    expect(leecher.summary.wantedBytes).toBe(torrent.content.length - 1_500_000)
  })

  it('counts what came in vain', async () => {
    const world = new World(3)
    const torrent = sampleTorrent(world.chance.fork('torrent'))
    const seeder = new SimClient(world, 'seeder')
    const leecher = new SimClient(world, 'leecher')
    await seeder.start()
    await leecher.start()
    await seeder.seed(torrent)
    await world.runUntil(() => seeder.summary.state === 'seeding', MINUTE)
    // What is on the seeder's disk is another thing now than what was checked.
    const [path] = seeder.host.disk.paths().filter((each) => each.endsWith('file 3'))
    seeder.host.disk.put(path ?? '', new Uint8Array(200_000))
    await leecher.add(torrent, { peers: [seeder.peer] })
    await world.run(5_000)
    const wasted = leecher.session.detail(torrent.layout.id)?.wastedBytes ?? 0
    expect(wasted).toBeGreaterThanOrEqual(torrent.layout.pieceLength)
    expect(wasted % 16_384).toBe(0)
  })
})

describe('the list', () => {
  it('hands out the same object as long as nothing about a torrent changes', async () => {
    const { world, torrent, seeder, leecher } = await pair()
    await leecher.add(torrent)
    await world.run(10_000)
    const before = leecher.session.list()[0]
    await world.run(10_000)
    expect(leecher.session.list()[0]).toBe(before)
    await world.finish(leecher.session.tag(torrent.layout.id, { add: ['x'], remove: [] }))
    const tagged = leecher.session.list()[0]
    expect(tagged).not.toBe(before)
    await leecher.addPeer(torrent, seeder.peer)
    await world.runUntil(() => leecher.isDone, MINUTE)
    await world.run(30_000)
    const seeding = leecher.session.list()[0]
    expect(seeding).toMatchObject({ state: 'seeding', downRate: 0 })
    await world.run(5_000)
    expect(leecher.session.list()[0]).toBe(seeding)
    await world.run(MINUTE)
    expect(leecher.session.list()[0]?.seededMs).toBeGreaterThan((seeding?.seededMs ?? 0) + 50_000)
  })
})

describe('bandwidth that is short', () => {
  /** What two torrents got in ten seconds, of which one is more important. */
  async function shares(
    limits: Parameters<SimClient['session']['setLimits']>[1],
  ): Promise<readonly number[]> {
    const world = new World(4)
    const seeder = new SimClient(world, 'seeder')
    const leecher = new SimClient(world, 'leecher', { settings: { downLimit: 100_000 } })
    await seeder.start()
    await leecher.start()
    const ids: string[] = []
    for (const name of ['one', 'other']) {
      const torrent = sampleTorrent(world.chance.fork(name), { fileSizes: [3_000_000] })
      await seeder.seed(torrent)
      await leecher.add(torrent, { peers: [seeder.peer] })
      ids.push(torrent.layout.id)
    }
    await world.finish(leecher.session.setLimits(ids[1] ?? '', limits))
    await world.run(5_000)
    const before = leecher.session.list().map(({ downloadedBytes }) => downloadedBytes)
    await world.run(10_000)
    return leecher.session
      .list()
      .map(({ downloadedBytes }, at) => downloadedBytes - (before[at] ?? 0))
  }

  it('is shared by equals', async () => {
    const [one = 0, other = 0] = await shares({})
    expect(one + other).toBeLessThan(100_000 * 10 * 1.2)
    expect(Math.min(one, other)).toBeGreaterThan((one + other) / 5)
  })

  it('goes to the more important first', async () => {
    const [one = 0, other = 0] = await shares({ priority: 'high' })
    expect(other).toBeGreaterThan(100_000 * 10 * 0.7)
    expect(one).toBeLessThan(other / 4)
  })

  it('is left by a less important one to the other', async () => {
    const [one = 0, other = 0] = await shares({ priority: 'low' })
    expect(one).toBeGreaterThan(100_000 * 10 * 0.7)
    expect(other).toBeLessThan(one / 4)
  })

  it('that the first does not use goes to the next', async () => {
    const [one = 0, other = 0] = await shares({ priority: 'high', down: 30_000 })
    expect(other).toBeLessThan(30_000 * 10 * 1.4)
    expect(one + other).toBeGreaterThan(100_000 * 10 * 0.6)
  })

  it('does not bound a torrent that ignores the session’s limits', async () => {
    const [one = 0, other = 0] = await shares({ ignoresSession: true, down: 150_000 })
    expect(other).toBeGreaterThan(120_000 * 10)
    expect(one).toBeLessThan(100_000 * 10 * 1.2)
  })
})
