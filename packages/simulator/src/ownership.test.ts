import { ioProblem } from '@pigeon/engine/problem'
import { Session } from '@pigeon/engine/session'
import { DEFAULT_SETTINGS } from '@pigeon/engine/settings'
import { describe, expect, it } from 'vitest'
import { type Pair, pair, seedingPair } from './scenario/pair.ts'
import { hasAllFiles, type SampleTorrent } from './scenario/sample-torrent.ts'
import type { SimClient } from './scenario/sim-client.ts'
import type { World } from './world.ts'

const MINUTE = 60_000

/** Pauses, ends the program in order, and starts it again: nothing of the torrent is open then. */
async function pauseAndRestart(
  world: World,
  client: SimClient,
  torrent: SampleTorrent,
): Promise<void> {
  await world.finish(client.session.pause(torrent.layout.id))
  await world.run(1000)
  await world.finish(client.session.stop())
  client.kill()
  await client.start()
  await world.run(1000)
  expect(client.summary.state).toBe('paused')
}

describe('a torrent that is paused since a restart', () => {
  it('is moved with its files when the user moves it, and seeds from there', async () => {
    const { world, torrent, seeder, leecher } = await seedingPair()
    await pauseAndRestart(world, seeder, torrent)
    expect(await world.finish(seeder.session.move(torrent.layout.id, '/other'))).toBeNull()
    await world.run(3000)
    expect(seeder.summary.folder).toBe('/other')
    expect(hasAllFiles(seeder.host.disk, '/other', torrent)).toBe(true)
    expect(seeder.host.disk.paths().filter((path) => path.startsWith('/downloads'))).toEqual([])
    await world.finish(seeder.session.resume(torrent.layout.id))
    await leecher.add(torrent, { peers: [seeder.peer] })
    expect(await world.runUntil(() => leecher.isDone, MINUTE)).toBe(true)
    expect(leecher.hasAll(torrent)).toBe(true)
  })

  it('leaves no files when it is removed with its data', async () => {
    const { world, torrent, seeder } = await seedingPair()
    await pauseAndRestart(world, seeder, torrent)
    const removed = seeder.session.remove(torrent.layout.id, { deleteData: true })
    expect(await world.finish(removed)).toBeNull()
    await world.run(3000)
    expect(seeder.host.disk.paths()).toEqual([])
  })

  it('keeps its files when it is removed without its data', async () => {
    const { world, torrent, seeder } = await seedingPair()
    await pauseAndRestart(world, seeder, torrent)
    await world.finish(seeder.session.remove(torrent.layout.id, { deleteData: false }))
    await world.run(3000)
    expect(seeder.hasAll(torrent)).toBe(true)
  })
})

describe('a file of the user’s under a name of the torrent', () => {
  const THEIRS = Uint8Array.from({ length: 5000 }, (_, at) => (at * 7) & 0xff)

  /** A torrent that could not begin because its fourth file is somebody else's. */
  async function besideForeign(): Promise<{
    readonly world: World
    readonly torrent: SampleTorrent
    readonly leecher: SimClient
    readonly path: string
  }> {
    const { world, torrent, seeder, leecher } = await pair()
    const path = `/downloads/${torrent.layout.files[3]?.path}`
    leecher.host.disk.put(path, THEIRS)
    await leecher.add(torrent, { peers: [seeder.peer] })
    expect(await world.runUntil(() => leecher.summary.problem !== null, MINUTE)).toBe(true)
    expect(leecher.summary.problem?.code).toBe('would-overwrite')
    await pauseAndRestart(world, leecher, torrent)
    return { world, torrent, leecher, path }
  }

  it('is not deleted with the torrent, also after a restart', async () => {
    const { world, torrent, leecher, path } = await besideForeign()
    await world.finish(leecher.session.remove(torrent.layout.id, { deleteData: true }))
    await world.run(3000)
    expect(leecher.host.disk.paths()).toEqual([path])
    expect(leecher.host.disk.contentOf(path)).toEqual(THEIRS)
  })

  it('is not moved with the torrent, also after a restart', async () => {
    const { world, torrent, leecher, path } = await besideForeign()
    await world.finish(leecher.session.move(torrent.layout.id, '/other'))
    await world.run(3000)
    expect(leecher.host.disk.contentOf(path)).toEqual(THEIRS)
    const moved = leecher.host.disk.paths().filter((each) => each.startsWith('/other'))
    expect(moved).not.toContain(`/other/${torrent.layout.files[3]?.path}`)
    expect(moved.length).toBeGreaterThan(0)
  })
})

describe('removing', () => {
  it('with data says so when the files cannot be looked at', async () => {
    const { world, torrent } = await pair()
    const ports = world.host('other').start()
    const settings = { ...DEFAULT_SETTINGS, listen: null, defaultFolder: '/downloads' }
    const session = new Session(ports, settings)
    await world.finish(session.start())
    const source = { kind: 'metainfo', bytes: torrent.bytes } as const
    await world.finish(session.add(source, { isPaused: true }))
    const gone = ioProblem('disk-error', 'the disk does not answer', 'Look at it.')
    ports.storage.open = () => Promise.resolve(gone)
    const { id } = torrent.layout
    expect(await world.finish(session.remove(id, { deleteData: true }))).toEqual(gone)
    expect(session.list()).toEqual([])
  })

  it('while the same torrent is added again loses neither the new one nor its files', async () => {
    const { world, torrent, seeder, leecher } = await pair({ link: { upRate: 200_000 } })
    const { id } = torrent.layout
    await leecher.add(torrent, { peers: [seeder.peer] })
    await world.run(4000)
    const removing = leecher.session.remove(id, { deleteData: true })
    const source = { kind: 'metainfo', bytes: torrent.bytes } as const
    const first = await world.finish(leecher.session.add(source, { peers: [seeder.peer] }))
    expect(await world.finish(removing)).toBeNull()
    // To be told to wait is fair; then it works once the old one is gone.
    if (first.kind !== 'added') await leecher.add(torrent, { peers: [seeder.peer] })
    await world.run(4000)
    leecher.kill()
    await leecher.start()
    expect(leecher.session.list()).toHaveLength(1)
    await leecher.addPeer(torrent, seeder.peer)
    expect(await world.runUntil(() => leecher.isDone, 5 * MINUTE)).toBe(true)
    expect(leecher.hasAll(torrent)).toBe(true)
  })
})

describe('another name or folder, where files of others lie', () => {
  const THEIRS = Uint8Array.from({ length: 5000 }, (_, at) => (at * 7) & 0xff)

  /** Two ways to the same files. */
  const WAYS = [
    ['a rename', '/downloads', 'Other'],
    ['a move', '/other', null],
  ] as const

  async function go(made: Pair, folder: string, name: string | null): Promise<unknown> {
    const { world, torrent, leecher } = made
    const { id } = torrent.layout
    const done =
      name === null ? leecher.session.move(id, folder) : leecher.session.rename(id, null, name)
    const answer = await world.finish(done)
    await world.run(1000)
    return answer ?? leecher.summary.problem
  }

  function pathOf({ torrent }: Pair, index: number, folder: string, name: string | null): string {
    const path = torrent.layout.files[index]?.path ?? ''
    return `${folder}/${name === null ? path : path.replace(torrent.layout.rootName, name)}`
  }

  it.each(WAYS)('%s of a torrent of which nothing is here leaves them alone', async (...way) => {
    const [, folder, name] = way
    const made = await seedingPair()
    const { world, torrent, seeder, leecher } = made
    await leecher.add(torrent, { peers: [seeder.peer], isPaused: true })
    const path = pathOf(made, 3, folder, name)
    leecher.host.disk.put(path, THEIRS)
    expect(await go(made, folder, name)).toBeNull()
    await world.finish(leecher.session.resume(torrent.layout.id))
    expect(await world.runUntil(() => leecher.summary.problem !== null, MINUTE)).toBe(true)
    expect(leecher.summary.problem?.code).toBe('would-overwrite')
    await world.finish(leecher.session.remove(torrent.layout.id, { deleteData: true }))
    await world.run(1000)
    expect(leecher.host.disk.contentOf(path)).toEqual(THEIRS)
  })

  it.each(WAYS)('%s takes up what is there of the torrent itself', async (...way) => {
    const [, folder, name] = way
    const made = await seedingPair()
    const { world, torrent, leecher } = made
    await leecher.add(torrent, { isPaused: true })
    for (const [index, file] of torrent.layout.files.entries()) {
      const content = torrent.content.slice(file.offset, file.offset + file.lengthBytes)
      leecher.host.disk.put(pathOf(made, index, folder, name), content)
    }
    expect(await go(made, folder, name)).toBeNull()
    await world.finish(leecher.session.resume(torrent.layout.id))
    expect(await world.runUntil(() => leecher.isDone, MINUTE)).toBe(true)
    expect(leecher.summary.downloadedBytes).toBe(0)
  })

  it.each(WAYS)('%s is refused where one lies under the name of a file to come', async (...way) => {
    const [, folder, name] = way
    const made = await seedingPair()
    const { world, torrent, seeder, leecher } = made
    const { id } = torrent.layout
    await leecher.add(torrent, { peers: [seeder.peer], wantedFiles: [0] })
    expect(await world.runUntil(() => leecher.summary.state === 'seeding', MINUTE)).toBe(true)
    const path = pathOf(made, 3, folder, name)
    leecher.host.disk.put(path, THEIRS)
    expect(await go(made, folder, name)).toMatchObject({ code: 'would-overwrite' })
    await world.finish(leecher.session.resume(id))
    await world.finish(leecher.session.setFiles(id, [{ index: 3, priority: 'normal' }]))
    await world.run(MINUTE)
    expect(leecher.host.disk.contentOf(path)).toEqual(THEIRS)
    await world.finish(leecher.session.remove(id, { deleteData: true }))
    await world.run(1000)
    expect(leecher.host.disk.paths()).toEqual([path])
  })
})
