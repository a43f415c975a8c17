import { describe, expect, it } from 'vitest'
import { pair, seedingPair } from './scenario/pair.ts'
import { hasAllFiles, sampleTorrent } from './scenario/sample-torrent.ts'
import { SimClient } from './scenario/sim-client.ts'
import { World } from './world.ts'

const MINUTE = 60_000
const NO_LIMITS = { down: null, up: null, ratio: null, seedMs: null } as const

/** A leecher with a category, and two seeders' torrents of 3 MB. */
async function twoTorrents(limits: { readonly down: number | null }): Promise<{
  readonly world: World
  readonly leecher: SimClient
  readonly ids: readonly string[]
}> {
  const world = new World(5)
  const seeder = new SimClient(world, 'seeder')
  const leecher = new SimClient(world, 'leecher')
  await seeder.start()
  await leecher.start()
  const save = { name: 'films', folder: '/films', limits }
  expect(await world.finish(leecher.session.saveCategory(save))).toBeNull()
  const ids: string[] = []
  for (const name of ['one', 'other']) {
    const torrent = sampleTorrent(world.chance.fork(name), { fileSizes: [3_000_000] })
    await seeder.seed(torrent)
    await leecher.add(torrent, { category: 'films', peers: [seeder.peer] })
    ids.push(torrent.layout.id)
  }
  return { world, leecher, ids }
}

describe('a category', () => {
  it('bounds all its torrents together, and no longer those that left it', async () => {
    const { world, leecher, ids } = await twoTorrents({ down: 50_000 })
    await world.run(5_000)
    const before = leecher.session.summary().downloadedBytes
    await world.run(20_000)
    const bytes = leecher.session.summary().downloadedBytes - before
    expect(bytes).toBeLessThan(50_000 * 20 * 1.15)
    expect(bytes).toBeGreaterThan(50_000 * 20 * 0.7)
    await world.finish(leecher.session.setCategory(ids[0] ?? '', null))
    const isDone = (): boolean => leecher.session.list()[0]?.state === 'seeding'
    expect(await world.runUntil(isDone, 10_000)).toBe(true)
    expect(leecher.session.list()[1]?.state).toBe('downloading')
  })

  it('takes a changed limit up at once', async () => {
    const { world, leecher } = await twoTorrents({ down: 20_000 })
    await world.run(10_000)
    await world.finish(leecher.session.saveCategory({ name: 'films', limits: { down: null } }))
    const isDone = (): boolean => leecher.session.list().every(({ state }) => state === 'seeding')
    expect(await world.runUntil(isDone, 10_000)).toBe(true)
    expect(leecher.session.summary().categories).toEqual([
      { name: 'films', folder: '/films', limits: NO_LIMITS },
    ])
  })

  it('says where its torrents go, and that is still so after a restart', async () => {
    const { world, torrent, leecher, seeder } = await seedingPair()
    await world.finish(leecher.session.saveCategory({ name: 'films', folder: '/films' }))
    await leecher.add(torrent, { category: 'films', tags: ['b', 'a', 'b'] })
    leecher.kill()
    await leecher.start()
    expect(leecher.summary).toMatchObject({
      category: 'films',
      folder: '/films',
      tags: ['a', 'b'],
    })
    await leecher.addPeer(torrent, seeder.peer)
    expect(await world.runUntil(() => leecher.isDone, MINUTE)).toBe(true)
    expect(hasAllFiles(leecher.host.disk, '/films', torrent)).toBe(true)
  })

  it('gives way to a folder that is named', async () => {
    const { world, torrent, leecher } = await pair()
    await world.finish(leecher.session.saveCategory({ name: 'films', folder: '/films' }))
    await leecher.add(torrent, { category: 'films', folder: '/here' })
    expect(leecher.summary.folder).toBe('/here')
  })

  it('that does not exist is refused by its name', async () => {
    const { world, torrent, leecher } = await pair()
    const source = { kind: 'metainfo', bytes: torrent.bytes } as const
    const refused = { kind: 'refusal', code: 'unknown-category' }
    const added = await world.finish(leecher.session.add(source, { category: 'films' }))
    expect(added).toMatchObject(refused)
    expect('message' in added ? added.message : '').toContain('films')
    expect(leecher.session.list()).toEqual([])
    await leecher.add(torrent)
    const { id } = torrent.layout
    expect(await world.finish(leecher.session.setCategory(id, 'films'))).toMatchObject(refused)
    expect(await world.finish(leecher.session.removeCategory('films'))).toMatchObject(refused)
  })

  it('that is removed leaves its torrents, for good', async () => {
    const { world, torrent, leecher } = await pair()
    await world.finish(leecher.session.saveCategory({ name: 'films', folder: '/films' }))
    await leecher.add(torrent, { category: 'films' })
    expect(await world.finish(leecher.session.removeCategory('films'))).toBeNull()
    leecher.kill()
    await leecher.start()
    expect(leecher.summary).toMatchObject({ category: null, folder: '/films' })
    expect(leecher.session.summary().categories).toEqual([])
  })

  it('is one of a thousand at most', async () => {
    const { world, leecher } = await pair()
    const saved = []
    for (let at = 0; at < 1_001; at += 1)
      saved.push(leecher.session.saveCategory({ name: `category ${at}` }))
    const answers = await world.finish(Promise.all(saved))
    expect(answers.slice(0, 1_000).every((answer) => answer === null)).toBe(true)
    expect(answers.at(-1)).toMatchObject({ kind: 'refusal', code: 'too-many' })
    expect(await world.finish(leecher.session.saveCategory({ name: 'category 7' }))).toBeNull()
  })
})

describe('seeding goals', () => {
  /** After two minutes of seeding. */
  async function stateAfter(
    session: number | null,
    category: number | 'never' | null,
    own: number | 'never' | null,
  ): Promise<string> {
    const { world, torrent, seeder } = await seedingPair({ settings: { seedMsGoal: session } })
    const { id } = torrent.layout
    await world.finish(seeder.session.saveCategory({ name: 'c', limits: { seedMs: category } }))
    await world.finish(seeder.session.setCategory(id, 'c'))
    await world.finish(seeder.session.setLimits(id, { seedMs: own }))
    await world.run(2 * MINUTE)
    return seeder.summary.state
  }

  it.each([
    [MINUTE, null, null, 'paused'],
    [MINUTE, 'never', null, 'seeding'],
    [MINUTE, 5 * MINUTE, null, 'seeding'],
    [null, MINUTE, null, 'paused'],
    [5 * MINUTE, 'never', MINUTE, 'paused'],
    [MINUTE, MINUTE, 'never', 'seeding'],
  ] as const)(
    'of the session %s, the category %s, the torrent %s: %s',
    async (session, category, own, state) => {
      expect(await stateAfter(session, category, own)).toBe(state)
    },
  )

  it('of idleness count from the last byte that anybody took', async () => {
    const { world, torrent, seeder, leecher } = await seedingPair({
      settings: { idleMsGoal: 2 * MINUTE },
    })
    await world.run(90_000)
    expect(seeder.summary.state).toBe('seeding')
    await leecher.add(torrent, { peers: [seeder.peer] })
    expect(await world.runUntil(() => leecher.isDone, 20_000)).toBe(true)
    await world.run(100_000)
    expect(seeder.summary.state).toBe('seeding')
    await world.run(30_000)
    expect(seeder.summary.state).toBe('paused')
  })
})

describe('tags', () => {
  it('are added and removed, up to their number and no further', async () => {
    const { world, torrent, leecher } = await pair()
    await leecher.add(torrent)
    const { id } = torrent.layout
    const many = Array.from({ length: 64 }, (_, at) => `tag ${String(at).padStart(2, '0')}`)
    const tag = (add: readonly string[], remove: readonly string[] = []) =>
      world.finish(Promise.resolve(leecher.session.tag(id, { add, remove })))
    expect(await tag(many)).toBeNull()
    expect(await tag(['one more'])).toMatchObject({ kind: 'refusal', code: 'too-many' })
    expect(await tag(['one more'], ['tag 00'])).toBeNull()
    expect(leecher.summary.tags).toHaveLength(64)
    expect(leecher.summary.tags[0]).toBe('one more')
  })
})
