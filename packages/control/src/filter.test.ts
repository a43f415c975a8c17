import { describe, expect, it } from 'vitest'
import type { TorrentSummary } from './contract.ts'
import {
  FILTER_CHARACTERS,
  FILTER_FIELDS,
  FILTER_NESTING,
  FILTER_TERMS,
  parseFilter,
  quoteFilterValue,
} from './filter.ts'
import { FakeControl } from './testing/fake-control.ts'

const NOW_MS = Date.UTC(2026, 5, 1)
const DAY_MS = 86_400_000

/** Finished, seeded, big; fields that a test is about are put over it. */
function torrent(fields: Partial<TorrentSummary> = {}): TorrentSummary {
  const [made] = new FakeControl({ torrentCount: 1 }).torrents
  if (made === undefined) throw new Error('The fake has a torrent.')
  return { ...made, name: 'Big Buck Bunny', category: 'films', tags: ['hd', 'iso'], ...fields }
}

function matches(filter: string, fields: Partial<TorrentSummary> = {}): boolean {
  const parsed = parseFilter(filter)
  if (!parsed.ok) throw new Error(`${parsed.problem.message} ${parsed.problem.help}`)
  return parsed.filter.matches(torrent(fields), NOW_MS)
}

function failure(filter: string): { at: number; said: string } {
  const parsed = parseFilter(filter)
  if (parsed.ok) throw new Error(`It was read: ${filter}`)
  return { at: parsed.at, said: `${parsed.problem.message} ${parsed.problem.help}` }
}

describe('terms', () => {
  it.each<[string, Partial<TorrentSummary>, boolean]>([
    ['', {}, true],
    ['buck', {}, true],
    ['BUCK bunny', {}, true],
    ['istanbul', { name: 'İSTANBUL' }, true],
    ['İstanbul', { name: 'istanbul' }, true],
    ['οδοσ', { name: 'Η ΟΔΟΣ' }, true],
    ['ΟΔΟΣ', { name: 'οδοστρωτήρας' }, true],
    ['"k b"', {}, true],
    ['"bunny buck"', {}, false],
    ['name="big buck bunny"', {}, true],
    ['name=bunny', {}, false],
    ['name:bunny', {}, true],
    ['name!~bunny', {}, false],
    ['caf\u00e9', { name: 'cafe\u0301' }, true],
    ['downloading', { state: 'downloading' }, true],
    ['"downloading"', { state: 'downloading' }, false],
    ['state:seeding', { state: 'seeding' }, true],
    ['state!=seeding', { state: 'seeding' }, false],
    ['complete', { hasMetadata: false, doneBytes: 0, wantedBytes: 0 }, false],
    ['complete', { hasMetadata: true, doneBytes: 5, wantedBytes: 5, progress: 0.1 }, true],
    ['active', { downRate: 0, upRate: 1 }, true],
    ['stalled', { state: 'downloading', downRate: 0, upRate: 0 }, true],
    ['stalled', { state: 'paused', downRate: 0, upRate: 0 }, false],
    ['tag:iso', {}, true],
    ['tag:is', {}, false],
    ['tag~is', {}, true],
    ['tag!=iso', {}, false],
    ['tag:""', { tags: [] }, true],
    ['category:Films', {}, true],
    ['category:""', { category: null }, true],
    ['category!=films', { category: null }, true],
    ['tracker:example.org', { tracker: 'bt.example.org' }, true],
    ['tracker:ample.org', { tracker: 'bt.example.org' }, false],
    ['tracker:""', { tracker: null }, true],
    ['hash:ABCDEF', { infoHashV1: 'abcdef0123' }, true],
    ['size>1.5GiB', { wantedBytes: 1.5 * 2 ** 30 }, false],
    ['size>=1.5GiB', { wantedBytes: 1.5 * 2 ** 30 }, true],
    ['size > 1.5 GiB bunny', { wantedBytes: 2 ** 31 }, true],
    ['size<1kB', { wantedBytes: 1000 }, false],
    ['size=1k', { wantedBytes: 1024 }, true],
    ['down>100k', { downRate: 102_401 }, true],
    ['down>100kB/s', { downRate: 100_000 }, false],
    ['down-limit<1M', { limits: { ...torrent().limits, down: null } }, false],
    ['progress<100', { progress: 0.9999 }, true],
    ['progress>=29%', { progress: 0.29 }, true],
    ['ratio>=2', { ratio: 2 }, true],
    ['ratio<2', { ratio: null }, false],
    ['ratio>2', { ratio: null }, false],
    ['ratio!=2', { ratio: null }, true],
    ['eta<1h', { etaMs: 3_599_999 }, true],
    ['eta<1h30m', { etaMs: 5_399_999 }, true],
    ['added<2d', { addedAtMs: NOW_MS - DAY_MS }, true],
    ['added<2d', { addedAtMs: NOW_MS - 3 * DAY_MS }, false],
    ['finished>1w', { finishedAtMs: null }, false],
    ['queue=1', { queuePosition: 0 }, true],
    ['SIZE>0', { wantedBytes: 1 }, true],
    ['priority:high', { limits: { ...torrent().limits, priority: 'high' } }, true],
  ])('%s', (filter, fields, expected) => {
    expect(matches(filter, fields)).toBe(expected)
  })
})

describe('how terms are put together', () => {
  it.each<[string, boolean]>([
    ['big & bunny', true],
    ['big nothing', false],
    ['nothing | big', true],
    ['nothing big | bunny', true],
    ['bunny | nothing big', true],
    ['(bunny | nothing) nothing', false],
    ['!nothing', true],
    ['! big', false],
    ['!!big', true],
    ['!(nothing | other) big', true],
    ['!tag:iso', false],
    ['big&&bunny', true],
    ['nothing||bunny', true],
    ['(big)(bunny)', true],
    ['"big""bunny"', true],
    ['  big  ', true],
  ])('%s', (filter, expected) => {
    expect(matches(filter)).toBe(expected)
  })

  it('knows when nothing was asked for', () => {
    for (const [text, isEmpty] of [
      [' \t', true],
      ['a', false],
    ] as const) {
      const parsed = parseFilter(text)
      expect(parsed.ok && parsed.filter.isEmpty).toBe(isEmpty)
    }
  })
})

describe('what it cannot read', () => {
  it.each<[string, number, RegExp]>([
    ['siz>5', 0, /no field "siz".*character 1.*size/],
    ['big & progess<5', 6, /no field "progess".*progress/],
    ['downloading>5', 0, /no field "downloading"/],
    ['size>', 5, /ends too early.*a size such as 1.5GiB/],
    ['size>big', 5, /"big" is out of place.*character 6.*a size/],
    ['size>5x', 5, /a size such as/],
    ['eta<5', 4, /a time such as 90s/],
    ['ratio>=1.2.3', 7, /a number such as/],
    ['size~5', 4, /one of < <= >.* after "size"/],
    ['state:sleeping', 6, /one of error, downloading/],
    ['(big', 4, /ends too early.*"\)"/],
    ['big)', 3, /"\)" is out of place.*"&", "\|" or the end/],
    ['big |', 5, /ends too early.*a word/],
    ['| big', 0, /out of place/],
    ['!', 1, /ends too early/],
    ['name:"big', 5, /quotes are not closed/],
    ['=5', 0, /a word, a field/],
  ])('%s', (filter, at, said) => {
    const failed = failure(filter)
    expect(failed.at).toBe(at)
    expect(failed.said).toMatch(said)
  })

  it('repeats no text that could harm a screen', () => {
    expect(failure('\u001b[2J\u202e:x').said).not.toMatch(/[\p{Cc}\u202e]/u)
  })

  it('never throws, whatever is typed', () => {
    const pieces = ['a', '"', '(', ')', '!', '&', '|', '<', '=', '~', ':', ' ', 'size', '5', '\\']
    let seed = 7
    for (let round = 0; round < 5_000; round += 1) {
      let text = ''
      for (let length = 0; length < 12; length += 1) {
        seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
        text += pieces[Math.floor((seed / 2 ** 32) * pieces.length)]
      }
      const parsed = parseFilter(text)
      if (!parsed.ok) expect(parsed.at).toBeLessThanOrEqual(text.length)
    }
  })
})

describe('its limits', () => {
  it(`reads ${FILTER_CHARACTERS} characters and not one more`, () => {
    expect(parseFilter('a'.repeat(FILTER_CHARACTERS)).ok).toBe(true)
    expect(failure('a'.repeat(FILTER_CHARACTERS + 1)).at).toBe(FILTER_CHARACTERS)
  })

  it(`reads ${FILTER_TERMS} terms and not one more`, () => {
    expect(parseFilter('a '.repeat(FILTER_TERMS)).ok).toBe(true)
    expect(failure('a '.repeat(FILTER_TERMS + 1)).said).toContain('too many terms')
  })

  it.each(['(', '!'])(`reads ${FILTER_NESTING} of %j in each other and not one more`, (opening) => {
    const closing = opening === '(' ? ')' : ''
    const nested = (levels: number): string => `${opening.repeat(levels)}a${closing.repeat(levels)}`
    expect(parseFilter(nested(FILTER_NESTING)).ok).toBe(true)
    expect(failure(nested(FILTER_NESTING + 1)).said).toContain('nested too deeply')
  })
})

describe('for help and completion', () => {
  it('describes every field, each once', () => {
    const names = FILTER_FIELDS.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    for (const { description } of FILTER_FIELDS) expect(description).not.toBe('')
  })

  it('reads every field that it lists, with every operator that it lists', () => {
    for (const { name, kind, operators, values } of FILTER_FIELDS) {
      if (kind === 'flag') expect(parseFilter(name).ok).toBe(true)
      const value = values[0] ?? (kind === 'duration' || kind === 'age' ? '1d' : '1')
      for (const operator of operators) {
        expect(parseFilter(`${name}${operator}${value}`).ok, `${name}${operator}`).toBe(true)
      }
    }
  })

  it.each(['films', 'my films', 'a"b\\c', '(x)', '', 'a&b', '!x', 'a:b'])(
    'puts %j into quotes where a filter needs them',
    (category) => {
      const filter = `category:${quoteFilterValue(category)}`
      expect(matches(filter, { category: category === '' ? null : category })).toBe(true)
    },
  )
})
