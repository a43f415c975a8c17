import { formatMagnet } from '@pigeon/protocol/magnet'
import { describe, expect, it } from 'vitest'
import { type Pair, pair, seedingPair } from './scenario/pair.ts'

const MINUTE = 60_000

function rename(made: Pair, path: string | null, name: string): Promise<unknown> {
  const { world, torrent, leecher } = made
  return world.finish(leecher.session.rename(torrent.layout.id, path, name))
}

function paths({ leecher }: Pair): readonly string[] {
  return leecher.host.disk.paths().filter((path) => !path.startsWith('.parts'))
}

/** The topmost folders that its files lie in. */
function rootsOf(made: Pair): ReadonlySet<string | undefined> {
  return new Set(paths(made).map((path) => path.split('/')[2]))
}

function shownPaths({ leecher, torrent }: Pair): readonly string[] {
  return leecher.session.detail(torrent.layout.id)?.files.map(({ path }) => path) ?? []
}

/** A leecher in the middle of its download. */
async function downloading(seed = 1): Promise<Pair> {
  const made = await seedingPair({ seed, link: { upRate: 300_000 } })
  const { world, torrent, seeder, leecher } = made
  await leecher.add(torrent, { peers: [seeder.peer] })
  const isHalf = (): boolean => leecher.summary.progress > 0.4
  if (!(await world.runUntil(isHalf, MINUTE))) throw new Error('The download does not begin')
  return made
}

/** Whether all is there under other names than the torrent's own. */
function hasAllAs({ torrent, leecher }: Pair, renamed: (path: string) => string): boolean {
  return torrent.layout.files.every((file) => {
    const found = leecher.host.disk.contentOf(`/downloads/${renamed(file.path)}`)
    const wanted = torrent.content.subarray(file.offset, file.offset + file.lengthBytes)
    return file.lengthBytes === 0 || (found !== null && Buffer.compare(found, wanted) === 0)
  })
}

describe('a rename during a download', () => {
  it('of the topmost folder, then of a file: the download goes on and ends there', async () => {
    const made = await downloading()
    const { world, torrent, leecher } = made
    expect(await rename(made, null, 'Other')).toBeNull()
    expect(await rename(made, 'Other/file 3', 'big.bin')).toBeNull()
    expect(leecher.summary.name).toBe('Other')
    expect(paths(made).every((path) => path.startsWith('/downloads/Other/'))).toBe(true)
    expect(await world.runUntil(() => leecher.isDone, 2 * MINUTE)).toBe(true)
    const root = torrent.layout.rootName
    const as = (path: string): string => path.replace(root, 'Other').replace('file 3', 'big.bin')
    expect(hasAllAs(made, as)).toBe(true)
    expect(shownPaths(made)).toEqual(torrent.layout.files.map(({ path }) => as(path)))
  })

  it('is with its peers again at once', async () => {
    const made = await downloading()
    await rename(made, null, 'Other')
    await made.world.run(500)
    expect(made.leecher.summary.peersConnected).toBe(1)
    expect(made.leecher.session.detail(made.torrent.layout.id)?.summary.queuePosition).toBe(0)
  })

  it('fetches nothing twice', async () => {
    const made = await downloading()
    const { world, torrent, leecher } = made
    await rename(made, null, 'Other')
    expect(await world.runUntil(() => leecher.isDone, 2 * MINUTE)).toBe(true)
    const pieces = torrent.layout.pieceLength * 8
    expect(leecher.summary.downloadedBytes).toBeLessThan(torrent.content.length + pieces)
  })

  it('is there after a restart', async () => {
    const made = await downloading()
    const { world, torrent, leecher, seeder } = made
    await rename(made, null, 'Other')
    leecher.kill()
    await leecher.start()
    expect(leecher.summary.name).toBe('Other')
    await leecher.addPeer(torrent, seeder.peer)
    expect(await world.runUntil(() => leecher.isDone, 2 * MINUTE)).toBe(true)
    expect(leecher.summary.problem).toBeNull()
    expect(hasAllAs(made, (path) => path.replace(torrent.layout.rootName, 'Other'))).toBe(true)
  })

  /** Power is cut; nothing is lost, and the download ends under one name. */
  async function surviveCut(made: Pair): Promise<void> {
    const { world, torrent, leecher, seeder } = made
    const before = leecher.recordedPieces(torrent).length
    leecher.host.disk.faults.crashLoss = 1
    leecher.cutPower()
    await leecher.start()
    await world.run(2_000)
    expect(leecher.summary.problem).toBeNull()
    expect(leecher.recordedPieces(torrent).length).toBeGreaterThanOrEqual(before)
    expect(rootsOf(made).size).toBe(1)
    await leecher.addPeer(torrent, seeder.peer)
    expect(await world.runUntil(() => leecher.isDone, 2 * MINUTE)).toBe(true)
    const root = leecher.summary.name
    expect(rootsOf(made)).toEqual(new Set([root]))
    expect(hasAllAs(made, (path) => path.replace(torrent.layout.rootName, root))).toBe(true)
  }

  // It takes about 17 ms: the last pieces, the intent, the files one by one, their sync, the result.
  it.each([0, 4, 7, 8, 10, 11, 12, 14, 16, 17, 20])(
    'loses nothing to a power cut %d ms after it began',
    async (afterMs) => {
      const made = await downloading(7)
      void made.leecher.session.rename(made.torrent.layout.id, null, 'Other')
      await made.world.run(afterMs)
      await surviveCut(made)
    },
  )

  it('loses nothing to a power cut when half of the files have their new name', async () => {
    const made = await downloading(7)
    void made.leecher.session.rename(made.torrent.layout.id, null, 'Other')
    expect(await made.world.runUntil(() => rootsOf(made).size === 2, 1_000)).toBe(true)
    await surviveCut(made)
    expect(made.leecher.summary.name).toBe('Other')
  })
})

describe('a rename', () => {
  it('never writes over what is there, and undoes nothing then', async () => {
    const made = await downloading()
    const { world, leecher, torrent } = made
    const strange = Uint8Array.of(1, 2, 3)
    leecher.host.disk.put('/downloads/Other/file 0', strange)
    const refused = await rename(made, null, 'Other')
    expect(refused).toMatchObject({ kind: 'io-problem', code: 'would-overwrite' })
    expect(leecher.host.disk.contentOf('/downloads/Other/file 0')).toEqual(strange)
    expect(leecher.summary.name).toBe(torrent.metainfo.name)
    expect(await world.runUntil(() => leecher.isDone, 2 * MINUTE)).toBe(true)
    expect(leecher.hasAll(torrent)).toBe(true)
  })

  it('is refused in words where it cannot be, and disturbs nobody', async () => {
    const made = await downloading()
    const connections = made.leecher.host.connectionCount
    const root = made.torrent.layout.rootName
    expect(await rename(made, `${root}/file 0`, 'FILE 3')).toMatchObject({ code: 'name-taken' })
    expect(await rename(made, `${root}/file 9`, 'x')).toMatchObject({ code: 'bad-path' })
    expect(await rename(made, `${root}/file 0`, '../x')).toMatchObject({ code: 'bad-value' })
    expect(made.leecher.host.connectionCount).toBe(connections)
  })

  it('of a paused torrent that nobody has opened since the start', async () => {
    const made = await downloading()
    const { world, torrent, leecher, seeder } = made
    expect(await world.runUntil(() => leecher.isDone, 2 * MINUTE)).toBe(true)
    await world.finish(leecher.session.pause(torrent.layout.id))
    await world.run(1_000)
    leecher.kill()
    await leecher.start()
    expect(leecher.summary.progress).toBe(1)
    expect(await rename(made, null, 'Other')).toBeNull()
    expect(leecher.summary.state).toBe('paused')
    expect(hasAllAs(made, (path) => path.replace(torrent.layout.rootName, 'Other'))).toBe(true)
    await world.finish(leecher.session.resume(torrent.layout.id))
    await world.run(1_000)
    expect(leecher.summary.state).toBe('seeding')
    expect(seeder.summary.state).toBe('seeding')
  })

  it('looks first whose the files are that lie there unchecked', async () => {
    const made = await pair()
    const { world, torrent, seeder } = made
    await world.finish(seeder.session.pause(torrent.layout.id))
    await world.run(1_000)
    expect(await world.finish(seeder.session.rename(torrent.layout.id, null, 'Other'))).toBeNull()
    const found = seeder.host.disk.paths()
    expect(found.filter((path) => path.startsWith('/downloads/Other/'))).toHaveLength(5)
    expect(seeder.summary).toMatchObject({ state: 'paused', progress: 1 })
  })

  it('of a torrent without metadata is of its name alone', async () => {
    const made = await seedingPair()
    const { world, torrent, seeder, leecher } = made
    const { infoHashes } = torrent.metainfo
    await leecher.addMagnet(formatMagnet({ infoHashes }))
    expect(await rename(made, null, 'Mine')).toBeNull()
    expect(await rename(made, 'a', 'Mine')).toMatchObject({ code: 'bad-path' })
    await leecher.addPeer(torrent, seeder.peer)
    const isDone = (): boolean => leecher.summary.state === 'seeding'
    expect(await world.runUntil(isDone, MINUTE)).toBe(true)
    expect(leecher.summary.name).toBe('Mine')
    expect(leecher.hasAll(torrent)).toBe(true)
  })

  it('is followed by a removal that takes the renamed files, and only these', async () => {
    const made = await downloading()
    const { world, torrent, leecher } = made
    leecher.host.disk.put('/downloads/Other/mine', Uint8Array.of(1))
    expect(await rename(made, null, 'Other')).toBeNull()
    await world.finish(leecher.session.remove(torrent.layout.id, { deleteData: true }))
    expect(paths(made)).toEqual(['/downloads/Other/mine'])
  })
})
