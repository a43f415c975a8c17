import { FakeControl } from '@pigeon/control/testing/fake-control'
import { describe, expect, it } from 'vitest'
import { COMPLETION_LIMIT, completeLine, completeWords } from './complete.ts'
import { pictureOf } from './node-commands/around.ts'
import { isProblem } from '@pigeon/control/problems'

const control = new FakeControl({ torrentCount: 12 })
const picture = await pictureOf(control)
if (isProblem(picture)) throw new Error(picture.message)
const context = { ...picture, commands: [{ word: 'quit', about: 'leave' }] }

function words(line: string): readonly string[] {
  return completeLine(line, context).candidates.map(({ word }) => word)
}

describe('completion offers', () => {
  it.each([
    ['pa', ['pause']],
    ['qu', ['queue', 'quit']],
    ['category s', ['save', 'set']],
    ['queue ', ['top', 'up', 'down', 'bottom']],
    ['priority s', ['skip']],
    ['remove --d', ['--data']],
    ['list --sort na', ['name']],
    ['list --sort -ratio,na', ['-ratio,name']],
    ['list --columns name,st', ['name,state']],
    ['category set ', ['films', 'linux']],
    ['add x --category f', ['films']],
    ['list prog', ['progress:']],
    ['help rema', []],
    ['help remo', ['remove']],
    ['session --alternative o', ['on', 'off']],
    ['pause debian-12.7', ['debian-12.7.0-amd64-netinst.iso']],
    ['pause x debian-12.7', ['debian-12.7.0-amd64-netinst.iso']],
    ['session x y z', []],
  ])('after %j: %j', (line, expected) => {
    expect(words(line)).toEqual(expected)
  })

  it('ids where names would not say which torrent', () => {
    const torrents = context.torrents.slice(0, 2).map((torrent) => ({ ...torrent, name: 'twin' }))
    const [id = ''] = torrents.map((torrent) => torrent.id)
    expect(completeWords(['pause', id.slice(0, 4)], { torrents, session: null })).toEqual([
      { word: id, about: expect.stringMatching(/^twin /) },
    ])
  })

  it('nothing that is typed already', () => {
    expect(words('pause')).toEqual([])
  })

  it('where the word begins that it replaces', () => {
    expect(completeLine('pause deb', context).from).toBe(6)
  })

  it('no more than fits on a screen', () => {
    const [torrent] = context.torrents
    if (torrent === undefined) throw new Error('There is no torrent.')
    const torrents = Array.from({ length: COMPLETION_LIMIT + 1 }, (_, index) => ({
      ...torrent,
      name: `torrent ${index}`,
    }))
    for (const count of [COMPLETION_LIMIT, COMPLETION_LIMIT + 1]) {
      const found = completeWords(['pause', ''], {
        session: null,
        torrents: torrents.slice(0, count),
      })
      expect(found).toHaveLength(COMPLETION_LIMIT)
    }
  })
})
