import type { TorrentSummary, Update } from '@pigeon/control/contract'
import { FakeControl } from '@pigeon/control/testing/fake-control'
import { describe, expect, it } from 'vitest'
import { settled } from '../testing/drive-screen.ts'
import { HISTORY_POINTS, NodeStore, TELL_MS } from './node-store.ts'

/** Time that passes when it is told to. */
function clock() {
  let nowMs = 0
  let waiting: { atMs: number; run: () => void } | null = null
  return {
    now: () => nowMs,
    after: (delayMs: number, run: () => void) => {
      waiting = { atMs: nowMs + delayMs, run }
      return () => {
        waiting = null
      }
    },
    pass: (ms: number) => {
      nowMs += ms
      if (waiting === null || waiting.atMs > nowMs) return
      const { run } = waiting
      waiting = null
      run()
    },
  }
}

const control = new FakeControl({ torrentCount: 3 })
const [first] = control.torrents
if (first === undefined) throw new Error('there are three')
let number = 1
const diff = (changed: readonly TorrentSummary[], removed: readonly string[] = []): Update => ({
  kind: 'diff',
  number: (number += 1),
  session: null,
  changed,
  removed,
})

describe('the picture of the node', () => {
  it('follows snapshots and diffs', async () => {
    const store = new NodeStore(() => {})
    const stop = store.watch(control)
    await settled()
    expect([...store.torrents.keys()]).toEqual(control.torrents.map(({ id }) => id))
    store.take(diff([{ ...first, name: 'other' }], [control.torrents[1]?.id ?? '']))
    expect(store.torrents.get(first.id)?.name).toBe('other')
    expect(store.torrents.size).toBe(2)
    stop()
  })

  it('keeps what it knew while the line is down', async () => {
    const store = new NodeStore(() => {})
    const stop = store.watch(control)
    await settled()
    store.take({ kind: 'offline', problem: { code: 'x', message: 'm', help: 'h' } })
    expect(store.offline?.message).toBe('m')
    expect(store.torrents.size).toBe(3)
    store.take(diff([]))
    expect(store.offline).toBeNull()
    stop()
  })

  it('tells at once, then no more often than its limit, and always of the last change', () => {
    const time = clock()
    let told = 0
    const store = new NodeStore(() => {
      told += 1
    }, time)
    store.take(diff([first]))
    expect(told).toBe(1)
    for (let update = 0; update < 1_000; update += 1) {
      time.pass(1)
      store.take(diff([{ ...first, downRate: update }]))
    }
    expect(told).toBe(1 + 1_000 / TELL_MS)
    time.pass(TELL_MS)
    expect(told).toBeLessThanOrEqual(2 + 1_000 / TELL_MS)
    expect(store.torrents.get(first.id)?.downRate).toBe(999)
  })

  it('remembers rates a second apart, as many as its limit', async () => {
    const time = clock()
    const store = new NodeStore(() => {}, time)
    const stop = store.watch(control)
    await settled()
    for (let second = 0; second < HISTORY_POINTS + 5; second += 1) {
      store.take(diff([]))
      store.take(diff([]))
      if (second === HISTORY_POINTS - 1) expect(store.rates).toHaveLength(HISTORY_POINTS)
      time.pass(1_000)
    }
    expect(store.rates).toHaveLength(HISTORY_POINTS)
    stop()
  })

  it('tells of downloads that end, not of those that had ended before', () => {
    const store = new NodeStore(() => {})
    const ended: string[] = []
    store.onFinished = ({ name }) => ended.push(name)
    store.take(diff([{ ...first, name: 'new here', finishedAtMs: 1 }]))
    expect(ended).toEqual([])
    store.take(diff([{ ...first, finishedAtMs: null }]))
    store.take(diff([{ ...first, name: 'done', finishedAtMs: 1 }]))
    expect(ended).toEqual(['done'])
  })
})
