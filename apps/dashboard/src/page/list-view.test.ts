import { FakeControl } from '@pigeon/control/testing/fake-control'
import { describe, expect, it } from 'vitest'
import { countList } from './list-counts.ts'
import { ListOrder } from './list-order.ts'
import {
  countChoices,
  DEFAULT_VIEW,
  type ListView,
  parseView,
  searchOf,
  STATUS_FILTERS,
} from './list-view.ts'

const { torrents } = new FakeControl({ torrentCount: 14 })
const byId = new Map(torrents.map((torrent) => [torrent.id, torrent]))

function shown(fields: Partial<ListView>): readonly string[] {
  return new ListOrder().shown(byId, { ...DEFAULT_VIEW, ...fields })
}

describe('the view in the address', () => {
  const view: ListView = {
    text: 'ratio>1 & tag:"a b"',
    status: 'seeding',
    category: '',
    tag: 'iso',
    tracker: 'tracker.example',
    sort: '-ratio,name',
  }

  it('comes back as it was, those without a label included', () => {
    expect(parseView(searchOf(view))).toEqual(view)
    expect(countChoices(view)).toBe(4)
  })

  it('is nothing at first', () => {
    expect(searchOf(DEFAULT_VIEW)).toBe('')
    expect(parseView('')).toEqual(DEFAULT_VIEW)
  })

  it('takes what nobody knows for what it is at first', () => {
    expect(parseView('?sort=constructor&status=__proto__')).toEqual(DEFAULT_VIEW)
  })
})

describe('the shown list', () => {
  it('begins with the newest', () => {
    const added = shown({}).map((id) => byId.get(id)?.addedAtMs ?? 0)
    expect(added).toEqual(added.toSorted((one, other) => other - one))
  })

  it('shows those whose names hold every word, in any case', () => {
    const ids = shown({ text: 'NETINST debian' })
    expect(ids.map((id) => byId.get(id)?.name)).toEqual(['debian-12.7.0-amd64-netinst.iso'])
  })

  it('counts for each choice what choosing it shows', () => {
    const counts = countList(torrents, ['films', 'empty'])
    for (const status of STATUS_FILTERS)
      expect(shown({ status })).toHaveLength(counts.statuses.get(status) ?? -1)
    for (const { label, count } of counts.categories)
      expect(shown({ category: label })).toHaveLength(count)
    for (const { label, count } of counts.tags) expect(shown({ tag: label })).toHaveLength(count)
    for (const { label, count } of counts.trackers)
      expect(shown({ tracker: label })).toHaveLength(count)
    expect(counts.categories).toContainEqual({ label: 'empty', count: 0 })
    expect(counts.categories.at(-1)?.label).toBe('')
  })

  it('puts an unknown time left after every known one, in both orders', () => {
    const some = torrents
      .slice(0, 3)
      .map((torrent, index) => ({ ...torrent, etaMs: [null, 5000, 10][index] ?? null }))
    const map = new Map(some.map((torrent) => [torrent.id, torrent]))
    const order = (sort: string): readonly string[] =>
      new ListOrder().shown(map, { ...DEFAULT_VIEW, sort })
    expect(order('eta')).toEqual([some[2]?.id, some[1]?.id, some[0]?.id])
    expect(order('-eta')).toEqual([some[1]?.id, some[2]?.id, some[0]?.id])
  })

  it('goes on showing what it did while a mistake is being typed', () => {
    const order = new ListOrder()
    const before = order.shown(byId, { ...DEFAULT_VIEW, text: 'debian' })
    expect(order.shown(byId, { ...DEFAULT_VIEW, text: 'debian ratio>' })).toBe(before)
  })

  it('is the same array while nothing of it changes, and a new one when something does', () => {
    const order = new ListOrder()
    const before = order.shown(byId, DEFAULT_VIEW)
    const busy = new Map([...byId].map(([id, torrent]) => [id, { ...torrent, downRate: 7 }]))
    expect(order.shown(busy, DEFAULT_VIEW)).toBe(before)
    const [first = ''] = before
    busy.delete(first)
    const fewer = new Map(busy)
    expect(order.shown(fewer, DEFAULT_VIEW)).toEqual(before.slice(1))
  })

  it('asks again about what changed: a filter on the rate follows the rate', () => {
    const order = new ListOrder()
    const view = { ...DEFAULT_VIEW, text: 'down>1k' }
    expect(order.shown(byId, view)).toEqual([])
    const [[id, torrent] = ['', undefined]] = [...byId]
    if (torrent === undefined) throw new Error('no torrent')
    expect(order.shown(new Map(byId).set(id, { ...torrent, downRate: 9_999 }), view)).toEqual([id])
  })
})
