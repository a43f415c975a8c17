import { FakeControl } from '@pigeon/control/testing/fake-control'
import type { Update } from '@pigeon/control/contract'
import { describe, expect, it } from 'vitest'
import { applyUpdate, EMPTY_FEED, type Feed } from './torrent-feed.ts'

/** All updates that a control tells while something happens. */
async function updatesWhile(act: (control: FakeControl) => void): Promise<Update[]> {
  const control = new FakeControl({ torrentCount: 3 })
  const updates: Update[] = []
  control.watch((update) => updates.push(update))
  await Promise.resolve()
  act(control)
  await control.close()
  return updates
}

function take(feed: Feed, updates: readonly Update[]): Feed | 'gap' {
  let now = feed
  for (const update of updates) {
    const next = applyUpdate(now, update)
    if (next === 'gap') return 'gap'
    now = next
  }
  return now
}

describe('the feed of updates', () => {
  it('equals the node after a snapshot and every diff', async () => {
    let torrents: FakeControl['torrents'] = []
    const updates = await updatesWhile((control) => {
      control.step()
      control.step()
      torrents = control.torrents
    })
    const feed = take(EMPTY_FEED, updates)
    expect(updates.map((update) => update.kind)).toEqual(['snapshot', 'diff', 'diff'])
    expect(feed).not.toBe('gap')
    expect(feed === 'gap' ? [] : [...feed.torrents.values()]).toEqual(torrents)
  })

  it('says that there is a gap when a diff is missing, before the first snapshot too', async () => {
    const [snapshot, first, second] = await updatesWhile((control) => {
      control.step()
      control.step()
    })
    if (snapshot === undefined || first === undefined || second === undefined) throw new Error()
    expect(take(EMPTY_FEED, [snapshot, second])).toBe('gap')
    expect(take(EMPTY_FEED, [first])).toBe('gap')
  })

  it('passes over a diff that the snapshot already contains', async () => {
    const updates = await updatesWhile((control) => control.step())
    const feed = take(EMPTY_FEED, updates)
    if (feed === 'gap') throw new Error()
    expect(take(feed, updates.slice(1))).toEqual(feed)
  })

  it('forgets what was removed, and what a new snapshot does not name', async () => {
    const updates = await updatesWhile((control) => {
      const id = control.torrents[0]?.id ?? ''
      void control.run({ do: 'remove', ids: [id], deleteData: false })
    })
    const feed = take(EMPTY_FEED, updates)
    expect(feed === 'gap' ? 0 : feed.torrents.size).toBe(2)
    const [snapshot] = updates
    if (feed === 'gap' || snapshot?.kind !== 'snapshot') throw new Error()
    const empty = applyUpdate(feed, { ...snapshot, number: 1, torrents: [] })
    expect(empty === 'gap' ? null : empty.torrents.size).toBe(0)
  })

  it('keeps the list while the node is away, and the trouble until the next snapshot', async () => {
    const problem = { code: 'refused', message: 'Nobody answers.', help: 'Start it.' }
    const updates = await updatesWhile((control) => {
      control.goOffline(problem)
      control.goOnline()
    })
    const away = take(EMPTY_FEED, updates.slice(0, 2))
    expect(away).toMatchObject({ nodeProblem: problem })
    expect(away === 'gap' ? 0 : away.torrents.size).toBe(3)
    expect(take(EMPTY_FEED, updates)).toMatchObject({ nodeProblem: null })
  })
})
