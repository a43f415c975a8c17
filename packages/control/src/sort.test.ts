import { describe, expect, it } from 'vitest'
import type { TorrentSummary } from './contract.ts'
import { parseSort, SORT_KEYS, SORT_LIMIT, type Sort, sortText, sortTorrents } from './sort.ts'
import { FakeControl } from './testing/fake-control.ts'

function torrents(all: readonly Partial<TorrentSummary>[]): readonly TorrentSummary[] {
  const [made] = new FakeControl({ torrentCount: 1 }).torrents
  if (made === undefined) throw new Error('The fake has a torrent.')
  return all.map((fields) => ({ ...made, ...fields }))
}

function parsed(text: string): Sort {
  const result = parseSort(text)
  if (!result.ok) throw new Error(result.problem.message)
  return result.sort
}

function namesBy(sort: string, all: readonly Partial<TorrentSummary>[]): readonly string[] {
  return sortTorrents(torrents(all), parsed(sort)).map(({ name }) => name)
}

describe('an order', () => {
  it('is by name as people count', () => {
    const all = [{ name: 'part 10' }, { name: 'Part 2' }, { name: 'ähnlich' }, { name: 'zoo' }]
    expect(namesBy('name', all)).toEqual(['ähnlich', 'Part 2', 'part 10', 'zoo'])
    expect(namesBy('-name', all)).toEqual(['zoo', 'part 10', 'Part 2', 'ähnlich'])
  })

  it('puts what is not known last in both directions', () => {
    const all = [
      { name: 'none', ratio: null },
      { name: 'high', ratio: 3 },
      { name: 'low', ratio: 1 },
    ]
    expect(namesBy('ratio', all)).toEqual(['low', 'high', 'none'])
    expect(namesBy('-ratio', all)).toEqual(['high', 'low', 'none'])
    const labelled = [
      { name: 'none', category: null },
      { name: 'b', category: 'b' },
      { name: 'a', category: 'a' },
    ]
    expect(namesBy('category', labelled)).toEqual(['a', 'b', 'none'])
    expect(namesBy('-category', labelled)).toEqual(['b', 'a', 'none'])
  })

  it('leaves equals as they were, in both directions', () => {
    const all = ['c', 'a', 'b'].map((name) => ({ name, ratio: 1 }))
    expect(namesBy('ratio', all)).toEqual(['c', 'a', 'b'])
    expect(namesBy('-ratio', all)).toEqual(['c', 'a', 'b'])
  })

  it('asks the next key where the first is equal', () => {
    const all = [
      { name: 'b', ratio: 1 },
      { name: 'c', ratio: 2 },
      { name: 'a', ratio: 1 },
    ]
    expect(namesBy('-ratio,name', all)).toEqual(['c', 'a', 'b'])
  })

  it('has the newest first by -added, and begins with trouble by state', () => {
    const all = [
      { name: 'paused', state: 'paused', addedAtMs: 1 },
      { name: 'error', state: 'error', addedAtMs: 2 },
    ] as const
    expect(namesBy('-added', all)).toEqual(['error', 'paused'])
    expect(namesBy('state', all)).toEqual(['error', 'paused'])
  })

  it('reads each value of 10,000 rows once', () => {
    const rows = torrents(Array.from({ length: 10_000 }, (_, index) => ({ ratio: index % 97 })))
    let reads = 0
    const counted = rows.map((row) => ({
      ...row,
      get ratio() {
        reads += 1
        return row.ratio
      },
    }))
    const sorted = sortTorrents(counted, parsed('-ratio,name'))
    expect(sorted).toHaveLength(10_000)
    expect(reads).toBe(10_000)
  })
})

describe('the text of an order', () => {
  it('is read and written alike', () => {
    expect(parsed('-ratio,name')).toEqual([
      { key: 'ratio', isDescending: true },
      { key: 'name', isDescending: false },
    ])
    expect(sortText(parsed('-ratio,name'))).toBe('-ratio,name')
    expect(parsed('')).toEqual([])
  })

  it('may name every key there is', () => {
    for (const key of SORT_KEYS) expect(parseSort(`-${key}`).ok, key).toBe(true)
  })

  it.each([
    ['ratio,size2', 6],
    ['downloading', 0],
    ['name,', 5],
    ['--name', 0],
    ['\u001b', 0],
  ])('%j is wrong at %i', (text, at) => {
    const result = parseSort(text)
    expect(result).toMatchObject({ ok: false, at, problem: { code: 'bad-sort' } })
    expect(JSON.stringify(result)).not.toContain('\\u001b')
  })

  it(`has ${SORT_LIMIT} keys and not one more`, () => {
    const keys = (count: number): string => Array(count).fill('name').join(',')
    expect(parseSort(keys(SORT_LIMIT)).ok).toBe(true)
    expect(parseSort(keys(SORT_LIMIT + 1)).ok).toBe(false)
  })
})
