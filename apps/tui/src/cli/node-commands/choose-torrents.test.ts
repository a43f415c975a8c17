import type { TorrentSummary } from '@pigeon/control/contract'
import { isProblem } from '@pigeon/control/problems'
import { FakeControl } from '@pigeon/control/testing/fake-control'
import { describe, expect, it } from 'vitest'
import { chooseTorrent, chooseTorrents } from './choose-torrents.ts'

const SAMPLE = new FakeControl({ torrentCount: 1 }).torrents[0]

function torrent(
  index: number,
  name: string,
  fields: Partial<TorrentSummary> = {},
): TorrentSummary {
  if (SAMPLE === undefined) throw new Error('There is no sample.')
  const id = `${index}`.repeat(4) + 'ab'.repeat(18)
  return { ...SAMPLE, id, infoHashV1: id, name, queuePosition: index, ...fields }
}

const TORRENTS = [
  torrent(0, 'debian-12.iso', { progress: 0.5, tags: ['iso'], state: 'downloading' }),
  torrent(1, 'debian-11.iso', { progress: 1, tags: ['iso'], state: 'seeding' }),
  torrent(2, 'film', { state: 'paused', progress: 0.1 }),
  torrent(3, 'film: the sequel', { state: 'paused', progress: 0.2 }),
  torrent(4, 'twin'),
  torrent(5, 'twin'),
]

function names(...words: readonly string[]): readonly string[] | string {
  const chosen = chooseTorrents(words, TORRENTS)
  return isProblem(chosen) ? chosen.code : chosen.map(({ name }) => name)
}

describe('a torrent is named', () => {
  it('by the beginning of its id', () => {
    expect(names('2222ab')).toEqual(['film'])
    expect(names('2222AB')).toEqual(['film'])
  })

  it('by its exact name, even where another begins like it', () => {
    expect(names('film')).toEqual(['film'])
  })

  it('by its exact name, even where that looks like a filter', () => {
    expect(names('film: the sequel')).toEqual(['film: the sequel'])
  })

  it('by its place in the queue, counted from 1', () => {
    expect(names('#1')).toEqual(['debian-12.iso'])
    expect(names('#99')).toBe('not-found')
  })

  it('by part of its name, where that is in no other', () => {
    expect(names('sequel')).toEqual(['film: the sequel'])
  })

  it('several times, and still is meant once, in the order of the list', () => {
    expect(names('film', '#1', '2222')).toEqual(['debian-12.iso', 'film'])
  })
})

describe('many torrents are named', () => {
  it.each([
    ['tag:iso', ['debian-12.iso', 'debian-11.iso']],
    ['progress<100 & tag:iso', ['debian-12.iso']],
    ['name~debian', ['debian-12.iso', 'debian-11.iso']],
    ['paused', ['film', 'film: the sequel']],
    ['progress>1000', []],
  ])('by the filter %s', (filter, expected) => {
    expect(names(filter)).toEqual(expected)
  })

  it('by a filter that came apart at its spaces', () => {
    expect(names('progress<100', '&', 'tag:iso')).toEqual(['debian-12.iso'])
  })

  it('by all', () => {
    expect(names('all')).toHaveLength(TORRENTS.length)
  })
})

describe('nothing is done', () => {
  it('when a word may mean several: the message names them', () => {
    const chosen = chooseTorrents(['debian'], TORRENTS)
    expect(chosen).toMatchObject({
      code: 'ambiguous',
      message: expect.stringMatching(
        /2 torrents: 0000\w+ debian-12\.iso, 1111\w+ debian-11\.iso\./,
      ),
    })
    expect(names('twin')).toBe('ambiguous')
  })

  it('when a word means none, or a filter is wrong', () => {
    expect(names('nothing')).toBe('not-found')
    expect(names('tag:iso', 'nothing')).toBe('not-found')
    expect(names('progress<')).toBe('bad-filter')
  })

  it('with a message that grows with the number of candidates only so far', () => {
    const many = Array.from({ length: 5_000 }, (_, index) =>
      torrent(0, `same ${'x'.repeat(400)}`, { id: index.toString(16).padStart(40, '0') }),
    )
    const chosen = chooseTorrents(['same'], many)
    if (!isProblem(chosen)) throw new Error('It chose.')
    expect(chosen.message).toContain('and 4994 more')
    expect(chosen.message.length).toBeLessThan(512)
  })

  it('when one is needed and a filter matches none or several', () => {
    expect(chooseTorrent('tag:iso', TORRENTS)).toMatchObject({ code: 'ambiguous' })
    expect(chooseTorrent('progress>1000', TORRENTS)).toMatchObject({ code: 'not-found' })
  })
})
