import type { TorrentSummary, Update } from '@pigeon/control/contract'
import { FakeControl } from '@pigeon/control/testing/fake-control'
import { beforeEach, describe, expect, it } from 'vitest'
import { Announcer, SENTENCES_LIMIT } from './announcer.ts'

const TORRENTS = new FakeControl({ torrentCount: SENTENCES_LIMIT + 1 }).torrents.map((torrent) => ({
  ...torrent,
  state: 'downloading' as const,
  problem: null,
}))
const PROBLEM = { code: 'disk-full', message: 'The disk is full.', help: 'Free some space.' }

let said: string[] = []
let announcer = new Announcer(() => {})

beforeEach(() => {
  said = []
  announcer = new Announcer((sentence) => said.push(sentence))
  announcer.hear(diff(TORRENTS))
})

function diff(changed: readonly TorrentSummary[], removed: readonly string[] = []): Update {
  return { kind: 'diff', number: 1, session: null, changed, removed }
}

function change(fields: Partial<TorrentSummary>, count = 1): readonly TorrentSummary[] {
  return TORRENTS.slice(0, count).map((torrent) => ({ ...torrent, ...fields, name: 'x' }))
}

describe('line mode says', () => {
  it.each<[string, Partial<TorrentSummary>, readonly string[]]>([
    ['that a download ended', { state: 'seeding' }, ['Finished: x.']],
    [
      'what went wrong, and what to do',
      { state: 'error', problem: PROBLEM },
      ['Problem with x: The disk is full. Free some space.'],
    ],
    ['nothing about what only went on', { progress: 0.5 }, []],
    ['nothing about a pause', { state: 'paused' }, []],
  ])('%s', (_, fields, sentences) => {
    announcer.hear(diff(change(fields)))
    expect(said).toEqual(sentences)
  })

  it('the same once', () => {
    announcer.hear(diff(change({ state: 'error', problem: PROBLEM })))
    announcer.hear(diff(change({ state: 'error', problem: PROBLEM, progress: 0.1 })))
    expect(said).toHaveLength(1)
  })

  it('that the node went, and came back, once each', () => {
    const offline: Update = {
      kind: 'offline',
      problem: { ...PROBLEM, message: 'Nothing listens.' },
    }
    announcer.hear(offline)
    announcer.hear(offline)
    const { session } = announcer
    expect(session).toBeNull()
    expect(said).toEqual(['The node is out of reach: Nothing listens.'])
  })

  it.each([
    [SENTENCES_LIMIT, SENTENCES_LIMIT, 'Finished: x.'],
    [SENTENCES_LIMIT + 1, SENTENCES_LIMIT + 1, 'And 1 more torrents changed.'],
  ])('of %i changes at once %i sentences', (count, sentences, last) => {
    announcer.hear(diff(change({ state: 'seeding' }, count)))
    expect(said).toHaveLength(sentences)
    expect(said.at(-1)).toBe(last)
  })
})
