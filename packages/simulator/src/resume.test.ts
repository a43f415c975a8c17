import { formatMagnet } from '@pigeon/protocol/magnet'
import { describe, expect, it } from 'vitest'
import { pair, type Pair, seedingPair } from './scenario/pair.ts'
import { placeFiles } from './scenario/sample-torrent.ts'

const MINUTE = 60_000

describe('after a failed sync', () => {
  /** A leecher that stopped because a sync failed; pieces that it had written are not safe. */
  async function stoppedByDisk(seed: number): Promise<Pair> {
    const made = await seedingPair({ seed, link: { upRate: 200_000 }, fileSizes: [1_500_000] })
    const { world, torrent, seeder, leecher } = made
    await leecher.add(torrent, { peers: [seeder.peer] })
    await world.run(3000)
    leecher.host.disk.faults.syncFailure = 1
    expect(await world.runUntil(() => leecher.summary.state === 'error', MINUTE)).toBe(true)
    leecher.host.disk.faults.syncFailure = 0
    expect(leecher.summary.problem?.code).toBe('disk-error')
    await world.run(1000)
    return made
  }

  it('what is recorded next is there also after a power cut', async () => {
    const { world, torrent, seeder, leecher } = await stoppedByDisk(3)
    const unsafe = [...leecher.goodPieces(torrent)].filter(
      (piece) => !leecher.recordedPieces(torrent).includes(piece),
    )
    expect(unsafe.length).toBeGreaterThan(0)
    // What is read back now comes from memory: it proves nothing about the disk.
    seeder.kill()
    await world.finish(leecher.session.resume(torrent.layout.id))
    await world.run(5000)
    leecher.host.disk.faults.crashLoss = 1
    leecher.cutPower()
    const good = leecher.goodPieces(torrent)
    expect(leecher.recordedPieces(torrent).filter((piece) => !good.has(piece))).toEqual([])
    await seeder.start()
    await leecher.start()
    await world.finish(leecher.session.resume(torrent.layout.id))
    await leecher.addPeer(torrent, seeder.peer)
    expect(await world.runUntil(() => leecher.isDone, 5 * MINUTE)).toBe(true)
    expect(leecher.hasAll(torrent)).toBe(true)
  })

  it('the torrent finishes once it is resumed, whatever became of what was not safe', async () => {
    const { world, torrent, leecher } = await stoppedByDisk(3)
    const { disk } = leecher.host
    const recorded = leecher.recordedPieces(torrent)
    const [path] = disk.paths()
    for (const piece of leecher.goodPieces(torrent)) {
      if (recorded.includes(piece) || path === undefined) continue
      disk.write(path, piece * torrent.layout.pieceLength, new Uint8Array(1000))
    }
    await world.finish(leecher.session.resume(torrent.layout.id))
    expect(await world.runUntil(() => leecher.isDone, 5 * MINUTE)).toBe(true)
    expect(leecher.hasAll(torrent)).toBe(true)
  })
})

it('records every piece before it says that it has stopped, however slow the disk', async () => {
  const { world, torrent, seeder, leecher } = await seedingPair({ link: { upRate: 400_000 } })
  await leecher.add(torrent, { peers: [seeder.peer] })
  await world.run(2500)
  // One sync is under way while the last pieces come, the next waits for it, and the stop wants a third.
  leecher.host.disk.faults.syncMs = 8000
  expect(await world.runUntil(() => leecher.isDone, MINUTE)).toBe(true)
  await world.finish(leecher.session.stop())
  leecher.kill()
  expect(leecher.recordedPieces(torrent)).toHaveLength(torrent.layout.pieceCount)
})

describe('pause', () => {
  it('while the only seed is being dialled does not lose it', async () => {
    const slow = { delayMs: 600 }
    const { world, torrent, seeder, leecher } = await seedingPair({ link: slow, leecherLink: slow })
    await leecher.add(torrent, { peers: [seeder.peer] })
    await world.run(500)
    await world.finish(leecher.session.pause(torrent.layout.id))
    await world.run(5000)
    expect(leecher.host.connectionCount).toBe(0)
    await world.finish(leecher.session.resume(torrent.layout.id))
    expect(await world.runUntil(() => leecher.isDone, 5 * MINUTE)).toBe(true)
    expect(leecher.hasAll(torrent)).toBe(true)
  })
})

describe('during the check that follows a magnet’s metadata', () => {
  const TRACKER = 'http://tracker.example'

  /** A leecher that has some files already and has just learned what the magnet names. */
  async function checking(): Promise<Pair & { readonly announces: () => number }> {
    const made = await seedingPair({ fileSizes: [6_000_000] })
    const { world, torrent, seeder, leecher } = made
    let announces = 0
    world.serve(TRACKER, () => {
      announces += 1
      return { status: 200, body: new TextEncoder().encode('d8:intervali300e5:peers0:e') }
    })
    placeFiles(leecher.host.disk, '/downloads', torrent, (piece) => piece % 3 === 0)
    const { infoHashes } = torrent.metainfo
    await leecher.addMagnet(formatMagnet({ infoHashes, trackers: [`${TRACKER}/announce`] }), {
      peers: [seeder.peer],
    })
    const isChecking = (): boolean => leecher.summary.state === 'checking'
    expect(await world.runUntil(isChecking, MINUTE)).toBe(true)
    await world.run(2)
    expect(isChecking()).toBe(true)
    return { ...made, announces: () => announces }
  }

  it.each(['pause', 'remove'] as const)('%s ends all traffic', async (command) => {
    const { world, torrent, leecher, announces } = await checking()
    const { id } = torrent.layout
    await world.finish(
      command === 'pause'
        ? leecher.session.pause(id)
        : leecher.session.remove(id, { deleteData: false }),
    )
    await world.run(5000)
    expect(leecher.host.connectionCount).toBe(0)
    const before = announces()
    await world.run(15 * MINUTE)
    expect(announces()).toBe(before)
    expect(leecher.host.connectionCount).toBe(0)
  })

  it.each([0, 2000, MINUTE])(
    'pause and, after %i ms, resume lets the download go on',
    async (pausedMs) => {
      const { world, torrent, leecher } = await checking()
      await world.finish(leecher.session.pause(torrent.layout.id))
      await world.run(pausedMs)
      await world.finish(leecher.session.resume(torrent.layout.id))
      expect(await world.runUntil(() => leecher.isDone, 3 * MINUTE)).toBe(true)
      expect(leecher.hasAll(torrent)).toBe(true)
    },
  )
})

describe('peers that the user named', () => {
  it('are still known after a restart', async () => {
    const { world, torrent, seeder, leecher } = await seedingPair()
    await leecher.add(torrent)
    await leecher.addPeer(torrent, seeder.peer)
    await world.run(50)
    leecher.kill()
    await leecher.start()
    expect(await world.runUntil(() => leecher.isDone, 3 * MINUTE)).toBe(true)
  })

  it('with the torrent are still known after a restart', async () => {
    const { world, torrent, seeder, leecher } = await seedingPair()
    await leecher.add(torrent, { peers: [seeder.peer] })
    leecher.kill()
    await leecher.start()
    expect(await world.runUntil(() => leecher.isDone, 3 * MINUTE)).toBe(true)
  })

  it('in a magnet (x.pe) are still known after a restart before the metadata came', async () => {
    const { world, torrent, seeder, leecher } = await seedingPair()
    const { infoHashes } = torrent.metainfo
    const peers = [{ host: seeder.host.address, port: 6881 }]
    await leecher.addMagnet(formatMagnet({ infoHashes, peers }))
    leecher.kill()
    await leecher.start()
    expect(leecher.summary.state).toBe('metadata')
    const isDone = (): boolean => leecher.summary.state === 'seeding'
    expect(await world.runUntil(isDone, 3 * MINUTE)).toBe(true)
    expect(leecher.hasAll(torrent)).toBe(true)
  })
})

it('asks the peers that another magnet of a torrent names', async () => {
  const { world, torrent, seeder, leecher } = await seedingPair()
  const { infoHashes } = torrent.metainfo
  await leecher.addMagnet(formatMagnet({ infoHashes }))
  const peers = [{ host: seeder.host.address, port: 6881 }]
  const uri = formatMagnet({ infoHashes, peers })
  const again = await world.finish(leecher.session.add({ kind: 'magnet', uri }, {}))
  expect(again).toMatchObject({ kind: 'refusal', code: 'already-added' })
  const isDone = (): boolean => leecher.summary.state === 'seeding'
  expect(await world.runUntil(isDone, 3 * MINUTE)).toBe(true)
})

it('seeds on after a seeding goal was reached and the user resumed the torrent', async () => {
  const { world, torrent, seeder, leecher } = await pair({ settings: { seedMsGoal: MINUTE } })
  expect(await world.runUntil(() => seeder.summary.state === 'paused', 2 * MINUTE)).toBe(true)
  await world.finish(seeder.session.resume(torrent.layout.id))
  await world.run(2 * MINUTE)
  expect(seeder.summary.state).toBe('seeding')
  await leecher.add(torrent, { peers: [seeder.peer] })
  expect(await world.runUntil(() => leecher.isDone, MINUTE)).toBe(true)
})

it('knows after restarts too that the user resumed a torrent beyond its seeding goal', async () => {
  const { world, torrent, seeder } = await pair({ settings: { seedMsGoal: MINUTE } })
  expect(await world.runUntil(() => seeder.summary.state === 'paused', 2 * MINUTE)).toBe(true)
  await world.run(1000)
  seeder.kill()
  await seeder.start()
  await world.finish(seeder.session.resume(torrent.layout.id))
  await world.run(MINUTE)
  expect(seeder.summary.state).toBe('seeding')
  seeder.kill()
  await seeder.start()
  await world.run(MINUTE)
  expect(seeder.summary.state).toBe('seeding')
})

it('checks a paused torrent as often as the user asks', async () => {
  const { world, torrent, seeder } = await seedingPair({ fileSizes: [6_000_000] })
  const { id } = torrent.layout
  await world.finish(seeder.session.pause(id))
  await world.run(1000)
  await world.finish(seeder.session.recheck(id))
  expect(await world.runUntil(() => seeder.summary.state === 'checking', 1000)).toBe(true)
  await world.run(3)
  expect(seeder.summary.state).toBe('checking')
  // The first check has seen this piece already; the second must find it broken.
  const [path] = seeder.host.disk.paths()
  if (path !== undefined) seeder.host.disk.put(path, new Uint8Array(100))
  await world.finish(seeder.session.recheck(id))
  await world.run(2000)
  expect(seeder.summary.state).toBe('paused')
  expect(seeder.summary.doneBytes).toBe(torrent.content.length - torrent.layout.pieceLength)
})

it('fetches a private torrent by magnet, and lets no copy of it add trackers', async () => {
  const { world, torrent, seeder, leecher } = await seedingPair({ isPrivate: true })
  const { infoHashes } = torrent.metainfo
  const { id } = torrent.layout
  const own = formatMagnet({ infoHashes, trackers: ['http://own.example/announce'] })
  const other = formatMagnet({ infoHashes, trackers: ['http://other.example/announce'] })
  let strangerAnnounces = 0
  world.serve('http://other.example', () => {
    strangerAnnounces += 1
    return { status: 404, body: new Uint8Array(0) }
  })
  await leecher.addMagnet(own, { peers: [seeder.peer] })
  const isDone = (): boolean => leecher.summary.state === 'seeding'
  expect(await world.runUntil(isDone, MINUTE)).toBe(true)
  expect(leecher.summary.isPrivate).toBe(true)
  expect(leecher.hasAll(torrent)).toBe(true)
  const again = await world.finish(leecher.session.add({ kind: 'magnet', uri: other }, {}))
  expect(again).toMatchObject({ kind: 'refusal', code: 'already-added' })
  await world.run(MINUTE)
  const trackers = leecher.session.detail(id)?.trackers.map(({ url }) => url)
  expect(trackers).toEqual(['http://own.example/announce'])
  expect(strangerAnnounces).toBe(0)
})
