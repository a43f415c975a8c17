import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { FEEDS_REMEMBERED, FeedMemory, TAKEN_PER_FEED } from './feed-memory.ts'

let folder: string
let path: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pigeond-memory-'))
  path = join(folder, 'feeds.json')
})

afterEach(() => rm(folder, { recursive: true, force: true }))

const FEED = 'https://feeds.test/rss?passkey=secret'

it('knows what was taken, also after a restart, and keeps no address', async () => {
  const memory = await FeedMemory.load(path)
  memory.take(FEED, ['a', 'b'])
  memory.setValidators(FEED, { etag: '"1"', lastModified: null, rules: 'r' })
  await memory.save()
  const again = await FeedMemory.load(path)
  expect([again.hasTaken(FEED, 'a'), again.hasTaken(FEED, 'c')]).toEqual([true, false])
  expect(again.hasTaken('https://other.test/', 'a')).toBe(false)
  expect(again.get(FEED)).toMatchObject({ etag: '"1"', lastModified: null, rules: 'r' })
  expect(await readFile(path, 'utf8')).not.toContain('secret')
})

it('forgets the oldest of a feed past its limit', async () => {
  const memory = await FeedMemory.load(path)
  const keys = Array.from({ length: TAKEN_PER_FEED }, (_, number) => String(number))
  memory.take(FEED, keys)
  expect(memory.hasTaken(FEED, '0')).toBe(true)
  memory.take(FEED, ['new'])
  expect([memory.hasTaken(FEED, '0'), memory.hasTaken(FEED, '1')]).toEqual([false, true])
  expect(memory.hasTaken(FEED, 'new')).toBe(true)
})

it('forgets the feed that was used longest ago past its limit', async () => {
  const memory = await FeedMemory.load(path)
  for (let number = 0; number < FEEDS_REMEMBERED; number += 1) memory.take(`feed ${number}`, ['a'])
  memory.take('feed 0', ['b'])
  memory.take('one more', ['a'])
  expect(memory.hasTaken('feed 0', 'a')).toBe(true)
  expect(memory.hasTaken('feed 1', 'a')).toBe(false)
})

it.each(['', '{', '[]', '{"x":1}', '{"x":{"taken":[1]}}'])(
  'begins anew with a file like %j',
  async (text) => {
    await writeFile(path, text)
    const memory = await FeedMemory.load(path)
    memory.take(FEED, ['a'])
    await memory.save()
    expect((await FeedMemory.load(path)).hasTaken(FEED, 'a')).toBe(true)
  },
)
