import type { RawTorrentSummary } from '@pigeon/control/controlled-session'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { torrentSummary } from '../testing/torrent-summary.ts'
import { watchCompletions } from './completions.ts'

let torrents: RawTorrentSummary[]
let change: () => void
let told: string[]
let stop: () => void

const session = {
  list: () => torrents,
  onChange: (callback: () => void) => {
    change = callback
    return () => {
      change = () => {}
    }
  },
}

beforeEach(() => {
  vi.useFakeTimers()
  torrents = [
    torrentSummary({ id: 'seeded before' }),
    torrentSummary({ id: 'a', finishedAtMs: null }),
  ]
  told = []
  stop = watchCompletions(session, ({ id }) => told.push(id))
})

afterEach(() => {
  stop()
  vi.useRealTimers()
})

function become(...next: RawTorrentSummary[]): void {
  torrents = next
  change()
  change()
  vi.runAllTimers()
}

it('tells once of what was not complete and now is', () => {
  become(torrentSummary({ id: 'a' }))
  become(torrentSummary({ id: 'a', upRate: 5 }))
  expect(told).toEqual(['a'])
})

it('tells of what came and was fetched between two looks, not of what was shared', () => {
  become(
    ...torrents,
    torrentSummary({ id: 'fetched', downloadedBytes: 1 }),
    torrentSummary({ id: 'shared', downloadedBytes: 0 }),
  )
  expect(told).toEqual(['fetched'])
})

it('tells again when it is fetched again after it was removed', () => {
  become(torrentSummary({ id: 'a' }))
  become()
  become(torrentSummary({ id: 'a', finishedAtMs: null }))
  become(torrentSummary({ id: 'a' }))
  expect(told).toEqual(['a', 'a'])
})
