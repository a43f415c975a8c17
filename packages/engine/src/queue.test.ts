import { describe, expect, it } from 'vitest'
import { chooseActive, isGoalReached, moveInQueue, type QueuedTorrent } from './queue.ts'

function torrent(id: string, position: number, over: Partial<QueuedTorrent> = {}): QueuedTorrent {
  return { id, position, wantsTurn: true, isFinished: false, ...over }
}

describe('turns', () => {
  it('go to downloads in their order, then to seeds', () => {
    const torrents = [
      torrent('seed', 0, { isFinished: true }),
      torrent('third', 3),
      torrent('first', 1),
      torrent('second', 2),
    ]
    expect([...chooseActive(torrents, 3)]).toEqual(['first', 'second', 'third'])
    expect([...chooseActive(torrents, 4)]).toContain('seed')
  })

  it('are not kept by what is paused', () => {
    const torrents = [torrent('paused', 0, { wantsTurn: false }), torrent('waits', 1)]
    expect([...chooseActive(torrents, 1)]).toEqual(['waits'])
  })

  it('are none at all with a limit of 0', () => {
    expect(chooseActive([torrent('a', 0)], 0).size).toBe(0)
  })
})

describe('moving in the queue', () => {
  const order = ['a', 'b', 'c', 'd', 'e']
  it.each([
    [['d', 'b'], 'top', 'bdace'],
    [['d', 'b'], 'bottom', 'acebd'],
    [['c', 'd'], 'up', 'acdbe'],
    [['a', 'b'], 'up', 'abcde'],
    [['a', 'c'], 'up', 'acbde'],
    [['b', 'c'], 'down', 'adbce'],
    [['d', 'e'], 'down', 'abcde'],
    [['x'], 'top', 'abcde'],
  ] as const)('%j to the %s gives %s', (ids, to, wanted) => {
    expect(moveInQueue(order, ids, to).join('')).toBe(wanted)
  })
})

describe('seeding goals', () => {
  const done = { uploadedBytes: 200, downloadedBytes: 100, wantedBytes: 1000, seededMs: 5000 }
  it('are reached by ratio or by time, whichever comes first', () => {
    expect(isGoalReached(done, { ratio: 2, seedMs: null })).toBe(true)
    expect(isGoalReached(done, { ratio: 2.1, seedMs: null })).toBe(false)
    expect(isGoalReached(done, { ratio: 9, seedMs: 5000 })).toBe(true)
    expect(isGoalReached(done, { ratio: 9, seedMs: 5001 })).toBe(false)
  })

  it('never end a torrent that has none', () => {
    expect(isGoalReached({ ...done, uploadedBytes: 1e15 }, { ratio: null, seedMs: null })).toBe(
      false,
    )
  })

  it('count the size where nothing was downloaded', () => {
    const shared = { ...done, downloadedBytes: 0, uploadedBytes: 999 }
    expect(isGoalReached(shared, { ratio: 1, seedMs: null })).toBe(false)
    expect(isGoalReached({ ...shared, uploadedBytes: 1000 }, { ratio: 1, seedMs: null })).toBe(true)
  })
})
