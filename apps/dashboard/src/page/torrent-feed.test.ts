import { FakeControl } from '@pigeon/control/testing/fake-control'
import type { Update } from '@pigeon/control/contract'
import { describe, expect, it } from 'vitest'
import { EMPTY_FEED, type Feed, FeedBuffer } from './torrent-feed.ts'

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

function take(updates: readonly Update[], buffer = new FeedBuffer()): Feed | 'gap' {
  return updates.every((update) => buffer.take(update)) ? buffer.read() : 'gap'
}

describe('the feed of updates', () => {
  it('is the same object as long as nothing came, and keeps what was read before', async () => {
    const updates = await updatesWhile((control) => control.step())
    const buffer = new FeedBuffer()
    expect(buffer.read()).toBe(EMPTY_FEED)
    const first = take(updates.slice(0, 1), buffer)
    expect(buffer.read()).toBe(first)
    const before = first === 'gap' ? [] : [...first.torrents.values()]
    const second = take(updates.slice(1), buffer)
    expect(second === 'gap' || first === 'gap' ? null : second.torrents).not.toBe(null)
    expect(first === 'gap' ? [] : [...first.torrents.values()]).toEqual(before)
  })

  it('equals the node after a snapshot and every diff', async () => {
    let torrents: FakeControl['torrents'] = []
    const updates = await updatesWhile((control) => {
      control.step()
      control.step()
      torrents = control.torrents
    })
    const feed = take(updates)
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
    expect(take([snapshot, second])).toBe('gap')
    expect(take([first])).toBe('gap')
  })

  it('passes over a diff that the snapshot already contains', async () => {
    const updates = await updatesWhile((control) => control.step())
    const buffer = new FeedBuffer()
    const feed = take(updates, buffer)
    expect(take(updates.slice(1), buffer)).toBe(feed)
  })

  it('forgets what was removed, and what a new snapshot does not name', async () => {
    const updates = await updatesWhile((control) => {
      const id = control.torrents[0]?.id ?? ''
      void control.run({ do: 'remove', ids: [id], deleteData: false })
    })
    const buffer = new FeedBuffer()
    const feed = take(updates, buffer)
    expect(feed === 'gap' ? 0 : feed.torrents.size).toBe(2)
    const [snapshot] = updates
    if (snapshot?.kind !== 'snapshot') throw new Error()
    const empty = take([{ ...snapshot, number: 1, torrents: [] }], buffer)
    expect(empty === 'gap' ? null : empty.torrents.size).toBe(0)
  })

  it('keeps the list while the node is away, and the trouble until the next snapshot', async () => {
    const problem = { code: 'refused', message: 'Nobody answers.', help: 'Start it.' }
    const updates = await updatesWhile((control) => {
      control.goOffline(problem)
      control.goOnline()
    })
    const away = take(updates.slice(0, 2))
    expect(away).toMatchObject({ nodeProblem: problem })
    expect(away === 'gap' ? 0 : away.torrents.size).toBe(3)
    expect(take(updates)).toMatchObject({ nodeProblem: null })
  })
})
