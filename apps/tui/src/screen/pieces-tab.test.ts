import { FakeControl } from '@pigeon/control/testing/fake-control'
import { describe, expect, it } from 'vitest'
import { plainText } from './lines.ts'
import { PiecesTab } from './pieces-tab.ts'

const control = new FakeControl({ torrentCount: 1 })
const id = control.torrents[0]?.id ?? ''
const found = await control.detail(id)
if (found === null) throw new Error('the made-up torrent is there')
const detail = found

/** The map of so many pieces, of which every third is missing. */
function mapOf(count: number, width: number, height: number): readonly string[] {
  const bytes = new Uint8Array(Math.ceil(count / 8))
  for (let piece = 0; piece < count; piece += 1)
    if (piece % 3 !== 2) bytes[piece >> 3] = (bytes[piece >> 3] ?? 0) | (0x80 >> (piece & 7))
  const pieces = { ...detail.pieces, count, verified: Buffer.from(bytes).toString('base64') }
  const shown = { detail: { ...detail, pieces }, torrent: detail.summary, rates: [] }
  return new PiecesTab().lines(shown, { width, height }).map(plainText)
}

describe('the map of pieces', () => {
  it('has a cell for each where they fit', () => {
    expect(mapOf(7, 40, 20)[1]).toBe('██·██·█')
  })

  it('has two in a cell where that is enough', () => {
    // Pieces 0 and 1, 2 and 3, 4 and 5, then again.
    expect(mapOf(30, 10, 8)[1]).toMatch(/^(█▄▀){3}█/)
  })

  it('has eight in a cell where there are more, and no more rows however many there are', () => {
    expect(mapOf(1_000, 20, 14)[1]).toMatch(/^[\u2800-\u28ff]{20}$/)
    expect(mapOf(1_000_000, 20, 14)).toHaveLength(13)
  })

  it('says it in numbers too', () => {
    expect(mapOf(9, 60, 10)[0]).toMatch(/^6 of 9 pieces of 1\.00 MiB/)
  })
})
