import type { TorrentSummary } from '@pigeon/control/contract'
import { FakeControl } from '@pigeon/control/testing/fake-control'
import { toDisplay } from '@pigeon/protocol/display'
import fc from 'fast-check'
import stringWidth from 'string-width'
import { describe, expect, it } from 'vitest'
import { columnsFor, headerRow, torrentRow } from './columns.ts'

const [example] = new FakeControl({ torrentCount: 1 }).torrents
if (example === undefined) throw new Error('the fake has no torrent')
const torrent: TorrentSummary = example

const titles = (width: number): readonly string[] => columnsFor(width).map(({ title }) => title)

describe('the columns', () => {
  it('are state and progress in the narrowest terminal, and more the wider it is', () => {
    expect(titles(20)).toEqual(['State', 'Done'])
    expect(titles(60)).toEqual(['State', 'Done', 'Down', 'Up'])
    expect(titles(80)).toEqual(['State', 'Done', 'Size', 'Down', 'Up', 'Peers'])
    for (let width = 1; width < 200; width += 1)
      expect(titles(width + 1)).toEqual(expect.arrayContaining([...titles(width)]))
  })

  it('leave the name at least a fifth of the row', () => {
    for (let width = 40; width <= 250; width += 1) {
      const taken = columnsFor(width).reduce((sum, { cells }) => sum + cells + 1, 0)
      expect(width - taken).toBeGreaterThanOrEqual(12)
    }
  })

  it('make rows exactly as wide as the terminal, whatever the numbers and the name are', () => {
    const bytes = fc.nat({ max: Number.MAX_SAFE_INTEGER })
    const fields = fc.record({
      name: fc.string({ unit: 'grapheme' }).map((name) => toDisplay(name)),
      progress: fc.float({ min: 0, max: 1, noNaN: true }),
      wantedBytes: bytes,
      downRate: bytes,
      upRate: bytes,
      peersConnected: fc.nat({ max: 1_000_000 }),
      etaMs: fc.option(bytes),
      ratio: fc.option(fc.nat()),
    })
    fc.assert(
      fc.property(fields, fc.integer({ min: 1, max: 200 }), (some, width) => {
        expect(stringWidth(torrentRow({ ...torrent, ...some }, width))).toBe(width)
        expect(stringWidth(headerRow(width))).toBe(width)
      }),
    )
  })

  it('show the id of a torrent without a name', () => {
    expect(torrentRow({ ...torrent, name: '' }, 120)).toContain(torrent.id)
  })

  it('show nothing instead of zeros', () => {
    const idle = { ...torrent, downRate: 0, upRate: 0, peersConnected: 0, etaMs: null }
    expect(torrentRow(idle, 100)).not.toMatch(/ 0 B\/s| 0 /)
  })
})
