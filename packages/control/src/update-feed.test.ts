import { describe, expect, it } from 'vitest'
import type { SessionSummary, TorrentSummary, Update } from './contract.ts'
import { ShownList } from './shown-list.ts'
import { FakeControl } from './testing/fake-control.ts'
import { UpdateFeed } from './update-feed.ts'

async function begin(count: number): Promise<{
  session: SessionSummary
  torrents: readonly TorrentSummary[]
  reads: () => number
}> {
  const control = new FakeControl({ torrentCount: 1 })
  const [made] = control.torrents
  const first = await new Promise<Update>((resolve) => control.watch(resolve))
  if (made === undefined || first.kind !== 'snapshot') throw new Error('The fake has a torrent.')
  let reads = 0
  const torrents = Array.from({ length: count }, (_, index) => {
    const torrent = { ...made, id: index.toString(16).padStart(40, '0') }
    return new Proxy(torrent, {
      get: (target, key) => {
        reads += 1
        return Reflect.get(target, key)
      },
    })
  })
  return { session: first.session, torrents, reads: () => reads }
}

describe('a feed of 10,000 torrents', () => {
  it('looks into none that is the same object, in the same list or in another', async () => {
    const { session, torrents, reads } = await begin(10_000)
    const feed = new UpdateFeed(session, torrents)
    const before = reads()
    expect(feed.publish(session, torrents)).toBe(false)
    expect(feed.publish({ ...session }, [...torrents])).toBe(false)
    expect(reads()).toBe(before)
  })

  it('looks into the one that is another object, and no other', async () => {
    const { session, torrents, reads } = await begin(10_000)
    const feed = new UpdateFeed(session, torrents)
    const [one] = torrents
    if (one === undefined) throw new Error('There are torrents.')
    const before = reads()
    expect(feed.publish(session, torrents.with(0, { ...one, downRate: 1 }))).toBe(true)
    expect(reads() - before).toBeLessThan(4 * Object.keys(one).length)
    expect(feed.snapshot().torrents[0]).toMatchObject({ downRate: 1 })
  })

  it('follows torrents that come, go and change places', async () => {
    const { session, torrents } = await begin(5)
    const [a, b, c, d, e] = torrents
    if (!a || !b || !c || !d || !e) throw new Error('There are torrents.')
    const feed = new UpdateFeed(session, [a, b, c])
    const updates: Update[] = []
    feed.watch((update) => updates.push(update))
    await Promise.resolve()
    feed.publish(session, [c, d, a])
    expect(updates[1]).toMatchObject({ removed: [b.id] })
    expect(updates[1]?.kind === 'diff' && updates[1].changed).toEqual([d])
    expect(feed.snapshot().torrents.map(({ id }) => id)).toEqual([c.id, d.id, a.id])
    feed.publish(session, [e])
    expect(updates[2]).toMatchObject({ removed: [a.id, c.id, d.id] })
    feed.publish(session, [])
    expect(feed.snapshot().torrents).toEqual([])
    expect(updates.map((update) => update.kind !== 'offline' && update.number)).toEqual([
      1, 2, 3, 4,
    ])
  })
})

describe('a list that is made fit to show', () => {
  it('is the same list while every torrent is the same object', async () => {
    const { torrents, reads } = await begin(10_000)
    const list = new ShownList(torrents)
    const before = reads()
    const shown = list.torrents
    expect(list.update([...torrents])).toBe(shown)
    expect(reads()).toBe(before)
    const [one] = torrents
    if (one === undefined) throw new Error('There are torrents.')
    const next = list.update(torrents.with(0, { ...one, downRate: 9 }))
    expect(next[0]).not.toBe(shown[0])
    expect(next[9_999]).toBe(shown[9_999])
  })

  it('keeps the object of a torrent whose fields are all the same', async () => {
    const { torrents } = await begin(2)
    const list = new ShownList(torrents)
    const shown = list.torrents
    expect(list.update(torrents.map((torrent) => ({ ...torrent })))[1]).toBe(shown[1])
  })
})
