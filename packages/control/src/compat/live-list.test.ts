import { describe, expect, it } from 'vitest'
import { FakeControl } from '../testing/fake-control.ts'
import { LiveList, REFRESHED_TORRENTS, REMOVALS, REMOVED_MS } from './live-list.ts'

async function open(
  torrentCount = 12,
): Promise<{ control: FakeControl; list: LiveList; pass: (ms: number) => void }> {
  let nowMs = 0
  const control = new FakeControl({ torrentCount })
  const list = new LiveList(control, () => nowMs)
  await list.session()
  return {
    control,
    list,
    pass: (ms) => {
      nowMs += ms
    },
  }
}

describe('the live list', () => {
  it('numbers torrents from 1 on by their age, and gives no number twice', async () => {
    const { control, list } = await open()
    const ages = list.rows().map(({ summary }) => summary.addedAtMs)
    expect(ages).toEqual(ages.toSorted((one, other) => one - other))
    expect(list.rows().map(({ number }) => number)).toEqual(
      Array.from({ length: 12 }, (_, index) => index + 1),
    )
    const ids = [list.rowOfNumber(12)?.summary.id ?? '']
    await list.run({ do: 'remove', ids, deleteData: false })
    expect(list.rowOfNumber(12)).toBeNull()
    await control.run({
      do: 'add',
      source: { kind: 'magnet', uri: `magnet:?xt=urn:btih:${'a'.repeat(40)}` },
    })
    expect(list.rows().at(-1)?.number).toBe(13)
  })

  it('keeps numbers when a snapshot comes anew, and drops what is not in it', async () => {
    const { control, list } = await open()
    const before = list.rows().map(({ number, summary }) => [number, summary.id])
    control.goOnline()
    expect(list.rows().map(({ number, summary }) => [number, summary.id])).toEqual(before)
  })

  it('knows at once what a command of its own changed', async () => {
    const { list } = await open()
    const id = list.rowOfNumber(1)?.summary.id ?? ''
    await list.run({ do: 'tag', ids: [id], add: ['new'] })
    expect(list.row(id)?.summary.tags).toContain('new')
    await list.run({ do: 'set-session', isAlternativeOn: true })
    expect((await list.session())?.alternative.isOn).toBe(true)
    await list.run({ do: 'remove', ids: [id], deleteData: false })
    expect(list.row(id)).toBeNull()
  })

  it('looks into no torrent after a command of more than a few', async () => {
    const { control, list } = await open(REFRESHED_TORRENTS + 1)
    let lookCount = 0
    const detail = control.detail.bind(control)
    control.detail = (id) => {
      lookCount += 1
      return detail(id)
    }
    const ids = control.torrents.map(({ id }) => id)
    await list.run({ do: 'pause', ids: ids.slice(1) })
    expect(lookCount).toBe(REFRESHED_TORRENTS)
    await list.run({ do: 'pause', ids })
    expect(lookCount).toBe(REFRESHED_TORRENTS)
  })

  it('tells for a minute what changed and what went', async () => {
    const { control, list, pass } = await open()
    pass(REMOVED_MS + 1)
    expect(list.recent()).toEqual({ rows: [], removed: [] })
    const [one, two] = list.rows().map(({ summary }) => summary.id)
    control.change(one ?? '', { name: 'changed' })
    await control.run({ do: 'remove', ids: [two ?? ''], deleteData: false })
    expect(list.recent().rows.map(({ number }) => number)).toEqual([1])
    expect(list.recent().removed).toEqual([2])
    pass(REMOVED_MS + 1)
    expect(list.recent()).toEqual({ rows: [], removed: [] })
  })

  it('remembers ten thousand removals, and of more the last ones', async () => {
    const { control, list } = await open(REMOVALS + 1)
    const ids = list.rows().map(({ summary }) => summary.id)
    await control.run({ do: 'remove', ids: ids.slice(0, REMOVALS), deleteData: false })
    expect(list.recent().removed).toHaveLength(REMOVALS)
    const [first = 0] = list.recent().removed
    await control.run({ do: 'remove', ids: ids.slice(REMOVALS), deleteData: false })
    expect(list.recent().removed).toHaveLength(REMOVALS)
    expect(list.recent().removed).not.toContain(first)
    expect(list.recent().removed).toContain(REMOVALS + 1)
  })
})
