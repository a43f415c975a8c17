import type { TorrentSummary } from '@pigeon/control/contract'
import { FakeControl } from '@pigeon/control/testing/fake-control'
import { beforeEach, expect, it } from 'vitest'
import { addNews, clearNews, MAX_NEWS, newsBetween, readNews, useNews } from './news.ts'

const [one] = new FakeControl({ torrentCount: 1 }).torrents
if (one === undefined) throw new Error('The fake has no torrent.')
const listOf = (...torrents: readonly TorrentSummary[]) =>
  new Map(torrents.map((torrent) => [torrent.id, torrent]))

beforeEach(clearNews)

it('tells what finished and what needs help, with what to do', () => {
  const problem = { code: 'disk-full', message: 'The disk is full.', help: 'Free some space.' }
  const finished = { ...one, finishedAtMs: 5 }
  const failed = { ...one, state: 'error', problem } as const
  expect(newsBetween(listOf(one), listOf(finished), 7)).toMatchObject([
    { kind: 'finished', atMs: 7 },
  ])
  expect(newsBetween(listOf(one), listOf(failed), 7)).toMatchObject([
    { kind: 'failed', text: 'The disk is full. Free some space.' },
  ])
})

it('tells nothing of what was so before, and of torrents that are new in the list', () => {
  const finished = { ...one, finishedAtMs: 5 }
  expect(newsBetween(listOf(finished), listOf({ ...finished, upRate: 1 }), 7)).toEqual([])
  expect(newsBetween(listOf(), listOf(finished), 7)).toEqual([])
})

it('holds so many entries, the newest first, and forgets the oldest after that', () => {
  const entry = { kind: 'finished', torrentId: one.id, text: '', atMs: 0 } as const
  for (let index = 0; index < MAX_NEWS; index += 1) addNews([{ ...entry, name: `${index}` }])
  expect(useNews.getState().entries.at(-1)?.name).toBe('0')
  addNews([{ ...entry, name: 'newest' }])
  const { entries, unread } = useNews.getState()
  expect([entries.length, entries[0]?.name, entries.at(-1)?.name]).toEqual([
    MAX_NEWS,
    'newest',
    '1',
  ])
  expect(unread).toBe(MAX_NEWS + 1)
  readNews()
  expect(useNews.getState().unread).toBe(0)
})
