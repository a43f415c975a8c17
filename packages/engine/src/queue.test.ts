import { describe, expect, it } from 'vitest'
import { chooseActive, isGoalReached, moveInQueue, type QueuedTorrent } from './queue.ts'

type Named = QueuedTorrent & { readonly id: string }

function torrent(id: string, over: Partial<QueuedTorrent> = {}): Named {
  return { id, wantsTurn: true, isFinished: false, isForced: false, ...over }
}

function active(torrents: readonly Named[], maxActive: number): readonly string[] {
  return [...chooseActive(torrents, maxActive)].map(({ id }) => id)
}

describe('turns', () => {
  it('go to downloads in their order, then to seeds', () => {
    const torrents = [
      torrent('seed', { isFinished: true }),
      torrent('first'),
      torrent('second'),
      torrent('third'),
    ]
    expect(active(torrents, 3)).toEqual(['first', 'second', 'third'])
    expect(active(torrents, 2)).toEqual(['first', 'second'])
    expect(active(torrents, 4)).toContain('seed')
  })

  it('are not kept by what is paused', () => {
    const torrents = [torrent('paused', { wantsTurn: false }), torrent('waits')]
    expect(active(torrents, 1)).toEqual(['waits'])
  })

  it('are none at all with a limit of 0', () => {
    expect(active([torrent('a')], 0)).toEqual([])
  })

  it('are given out with one look at each of ten thousand', () => {
    let looks = 0
    const torrents = Array.from({ length: 10_000 }, () => ({
      isFinished: false,
      isForced: false,
      get wantsTurn() {
        looks += 1
        return true
      },
    }))
    expect(chooseActive(torrents, 20).size).toBe(20)
    expect(looks).toBe(10_000)
  })

  it('are there for a forced torrent always, and it takes nobody’s', () => {
    const torrents = [torrent('first'), torrent('second'), torrent('forced', { isForced: true })]
    expect(active(torrents, 1)).toEqual(['forced', 'first'])
    const paused = torrent('paused', { isForced: true, wantsTurn: false })
    expect(active([paused], 1)).toEqual([])
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
  const done = {
    uploadedBytes: 200,
    downloadedBytes: 100,
    wantedBytes: 1000,
    seededMs: 5000,
    idleMs: 70,
  }
  const none = { ratio: null, seedMs: null, idleMs: null }
  it('are reached by ratio or by time, whichever comes first', () => {
    expect(isGoalReached(done, { ...none, ratio: 2 })).toBe(true)
    expect(isGoalReached(done, { ...none, ratio: 2.1 })).toBe(false)
    expect(isGoalReached(done, { ...none, ratio: 9, seedMs: 5000 })).toBe(true)
    expect(isGoalReached(done, { ...none, ratio: 9, seedMs: 5001 })).toBe(false)
  })

  it('are reached when nobody took anything for so long', () => {
    expect(isGoalReached(done, { ...none, idleMs: 70 })).toBe(true)
    expect(isGoalReached(done, { ...none, idleMs: 71 })).toBe(false)
  })

  it('never end a torrent that has none', () => {
    expect(isGoalReached({ ...done, uploadedBytes: 1e15 }, none)).toBe(false)
  })

  it('count the size where nothing was downloaded', () => {
    const shared = { ...done, downloadedBytes: 0, uploadedBytes: 999 }
    expect(isGoalReached(shared, { ...none, ratio: 1 })).toBe(false)
    expect(isGoalReached({ ...shared, uploadedBytes: 1000 }, { ...none, ratio: 1 })).toBe(true)
  })
})
