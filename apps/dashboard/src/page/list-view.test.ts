import { FakeControl } from '@pigeon/control/testing/fake-control'
import { describe, expect, it } from 'vitest'
import { countStates, DEFAULT_VIEW, shownIds } from './list-view.ts'

const torrents = new FakeControl({ torrentCount: 14 }).torrents
const byId = new Map(torrents.map((torrent) => [torrent.id, torrent]))

describe('the shown list', () => {
  it('begins with the newest', () => {
    const added = shownIds(torrents, DEFAULT_VIEW).map((id) => byId.get(id)?.addedAtMs ?? 0)
    expect(added).toEqual(added.toSorted((one, other) => other - one))
  })

  it('shows those whose names hold every word, in any case', () => {
    const ids = shownIds(torrents, { ...DEFAULT_VIEW, text: 'NETINST debian' })
    expect(ids.map((id) => byId.get(id)?.name)).toEqual(['debian-12.7.0-amd64-netinst.iso'])
  })

  it('counts for each state what choosing it shows', () => {
    const counts = countStates(torrents)
    for (const state of ['all', 'downloading', 'seeding', 'paused', 'error'] as const)
      expect(shownIds(torrents, { ...DEFAULT_VIEW, state })).toHaveLength(counts[state])
    expect(counts.downloading + counts.seeding + counts.paused + counts.error).toBe(counts.all)
  })

  it('puts an unknown time left after every known one', () => {
    const some = torrents.slice(0, 3).map((torrent, index) => ({
      ...torrent,
      etaMs: [null, 5000, 10][index] ?? null,
    }))
    const ids = shownIds(some, { ...DEFAULT_VIEW, sort: 'eta', isDescending: false })
    expect(ids).toEqual([some[2]?.id, some[1]?.id, some[0]?.id])
  })
})
