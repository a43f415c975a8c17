/** What bounds a call, at the bound and one past it. */
import { beforeEach, describe, expect, it } from 'vitest'
import { LiveList } from '../compat/live-list.ts'
import { FakeControl } from '../testing/fake-control.ts'
import { ADDED_AT_ONCE } from './add.ts'
import { type Reply, TORRENTS_AT_ONCE, type World } from './call.ts'
import { CALLS } from './calls.ts'
import { MainData, STATES } from './main-data.ts'
import { Params } from './params.ts'
import { infoOf, stateOf } from './torrent-info.ts'
import { SPARE_TAGS } from './label-writes.ts'

let control: FakeControl
let world: World

beforeEach(() => {
  control = new FakeControl()
  world = {
    list: new LiveList(control),
    mainData: new MainData(),
    nowMs: () => 0,
    node: 'fake 0.1.0',
    reachesPrivate: false,
    refuseUrl: () => Promise.resolve(null),
    spareTags: new Set(),
  }
})

async function call(path: string, fields: Readonly<Record<string, string>> = {}): Promise<Reply> {
  const session = await world.list.session()
  const handler = CALLS.get(path)
  if (session === null || handler === undefined) throw new Error('There is no such call.')
  const params = new Params(new Map(Object.entries(fields)), [])
  return handler.run({ params, world, session, scope: 'full' })
}

async function answerOf(path: string, fields?: Readonly<Record<string, string>>): Promise<unknown> {
  const { content } = await call(path, fields)
  return 'json' in content ? content.json : content.text
}

it('adds 64 torrents in one form, and none of more', async () => {
  const magnets = (count: number): string =>
    Array.from(
      { length: count },
      (_, index) => `magnet:?xt=urn:btih:${String(index).padStart(40, '0')}`,
    ).join('\n')
  expect(await answerOf('torrents/add', { urls: magnets(ADDED_AT_ONCE) })).toBe('Ok.')
  expect(control.commands).toHaveLength(ADDED_AT_ONCE)
  expect((await call('torrents/add', { urls: magnets(ADDED_AT_ONCE + 1) })).status).toBe(409)
  expect(control.commands).toHaveLength(ADDED_AT_ONCE)
})

it('comes back to the last 32 answers, and tells everything to those before', async () => {
  const sync = async (rid: number): Promise<Readonly<Record<string, unknown>>> =>
    Object(await answerOf('sync/maindata', { rid: String(rid) }))
  const first = Number((await sync(0))['rid'])
  for (let state = 1; state < STATES; state += 1) await sync(0)
  expect(await sync(first)).not.toHaveProperty('full_update')
  const second = Number((await sync(0))['rid'])
  for (let state = 0; state < STATES; state += 1) await sync(0)
  expect(await sync(second)).toHaveProperty('full_update')
})

it('keeps a thousand tags without a torrent, until they are deleted', async () => {
  const tags = (count: number): string =>
    Array.from({ length: count }, (_, index) => `t${index}`).join(',')
  await call('torrents/createTags', { tags: tags(SPARE_TAGS) })
  await call('torrents/createTags', { tags: 'one more' })
  expect(await answerOf('torrents/tags')).toHaveLength(SPARE_TAGS + 2)
  expect(await answerOf('torrents/tags')).not.toContain('one more')
  await call('torrents/deleteTags', { tags: `${tags(SPARE_TAGS)},iso` })
  expect(await answerOf('torrents/tags')).toEqual(['family'])
})

it('takes as many commands as all torrents need', async () => {
  control = new FakeControl({ torrentCount: TORRENTS_AT_ONCE + 1 })
  world = { ...world, list: new LiveList(control) }
  expect((await call('torrents/pause', { hashes: 'all' })).status).toBe(200)
  const counts = control.commands.map((command) => ('ids' in command ? command.ids.length : 0))
  expect(counts).toEqual([TORRENTS_AT_ONCE, 1])
})

describe('a torrent', () => {
  const stateIn = (fields: object): string => {
    const [torrent] = control.torrents
    if (torrent === undefined) throw new Error('There is none.')
    return stateOf({ ...torrent, state: 'downloading', ...fields })
  }

  it('has the state that programs act upon', () => {
    const done = { wantedBytes: 5, doneBytes: 5, hasMetadata: true }
    expect(stateIn({ downRate: 1 })).toBe('downloading')
    expect(stateIn({ downRate: 0 })).toBe('stalledDL')
    expect(stateIn({ isForced: true })).toBe('forcedDL')
    expect(stateIn({ state: 'metadata' })).toBe('metaDL')
    expect(stateIn({ state: 'queued' })).toBe('queuedDL')
    expect(stateIn({ state: 'paused' })).toBe('pausedDL')
    expect(stateIn({ state: 'checking', finishedAtMs: null })).toBe('checkingDL')
    expect(stateIn({ state: 'checking', finishedAtMs: 1 })).toBe('checkingUP')
    expect(stateIn({ ...done, state: 'seeding', upRate: 1 })).toBe('uploading')
    expect(stateIn({ ...done, state: 'seeding', upRate: 0 })).toBe('stalledUP')
    expect(stateIn({ ...done, state: 'seeding', isForced: true })).toBe('forcedUP')
    expect(stateIn({ ...done, state: 'queued' })).toBe('queuedUP')
    expect(stateIn({ ...done, state: 'paused' })).toBe('pausedUP')
    expect(stateIn({ state: 'moving' })).toBe('moving')
    expect(stateIn({ state: 'error' })).toBe('error')
  })

  it('says what it, its category and the session say of its end', async () => {
    const session = await world.list.session()
    const [torrent] = control.torrents
    if (session === null || torrent === undefined) throw new Error('There is none.')
    const info = (limits: object, category: string | null, ratioGoal: number | null) =>
      infoOf(
        { ...torrent, category, limits: { ...torrent.limits, ...limits } },
        { ...session, ratioGoal },
        0,
      )
    expect(info({}, null, null)).toMatchObject({ ratio_limit: -2, max_ratio: -1 })
    expect(info({}, null, 3)).toMatchObject({ ratio_limit: -2, max_ratio: 3 })
    expect(info({}, 'films', 3)).toMatchObject({ ratio_limit: -2, max_ratio: 2 })
    expect(info({}, 'linux', 3)).toMatchObject({ ratio_limit: -2, max_ratio: -1 })
    expect(info({ ratio: 'never' }, 'films', 3)).toMatchObject({ ratio_limit: -1, max_ratio: -1 })
    expect(info({ ratio: 1, seedMs: 7_200_000, idleMs: 60_000 }, 'films', 3)).toMatchObject({
      ...{ ratio_limit: 1, max_ratio: 1, seeding_time_limit: 120, max_seeding_time: 120 },
      ...{ inactive_seeding_time_limit: 1, max_inactive_seeding_time: 1 },
    })
  })
})
