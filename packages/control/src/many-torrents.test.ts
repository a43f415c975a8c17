/** What ten thousand torrents cost, counted rather than timed. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Update } from './contract.ts'
import type { Done, RawTorrentSummary } from './controlled-session.ts'
import { SessionControl, TOGETHER, UPDATE_MS } from './session-control.ts'
import { FakeSession } from './testing/fake-session.ts'

const COUNT = 10_000

/** A session whose summaries count how often a field of them is looked at. */
class CountedSession extends FakeSession {
  reads = 0
  running = 0
  mostRunning = 0
  #list: RawTorrentSummary[]

  constructor() {
    super(1)
    const [made] = super.list()
    if (made === undefined) throw new Error('The fake has a torrent.')
    this.#list = Array.from({ length: COUNT }, (_, index) =>
      this.#counted({ ...made, id: index.toString(16).padStart(40, '0') }),
    )
  }

  override list(): readonly RawTorrentSummary[] {
    return [...this.#list]
  }

  put(index: number, fields: Partial<RawTorrentSummary>): void {
    const before = this.#list[index]
    if (before !== undefined) this.#list[index] = this.#counted({ ...before, ...fields })
    this.reads = 0
  }

  drop(index: number): void {
    this.#list.splice(index, 1)
  }

  override async pause(id: string): Promise<Done> {
    this.calls.push(id)
    this.running += 1
    this.mostRunning = Math.max(this.mostRunning, this.running)
    await Promise.resolve()
    this.running -= 1
    return null
  }

  #counted(summary: RawTorrentSummary): RawTorrentSummary {
    return new Proxy(summary, {
      get: (target, key) => {
        this.reads += 1
        return Reflect.get(target, key)
      },
    })
  }
}

describe('10,000 torrents', () => {
  let session: CountedSession
  let control: SessionControl
  let updates: Update[]

  beforeEach(async () => {
    vi.useFakeTimers()
    session = new CountedSession()
    control = new SessionControl(session, {
      node: 'test 0.1.0',
      createTorrent: () => Promise.resolve({ kind: 'stopped' }),
    })
    updates = []
    control.watch((update) => updates.push(update))
    await vi.advanceTimersByTimeAsync(0)
    session.reads = 0
  })

  afterEach(async () => {
    await control.close()
    vi.useRealTimers()
  })

  it('cost no look at any field while nothing changes', async () => {
    await vi.advanceTimersByTimeAsync(60_000)
    expect(session.reads).toBe(0)
    expect(updates).toHaveLength(1)
  })

  it('cost the looks at one when one changes', async () => {
    session.put(5_000, { downRate: 123_456 })
    await vi.advanceTimersByTimeAsync(2_000)
    const diff = updates[1]
    expect(diff?.kind === 'diff' && diff.changed.map(({ downRate }) => downRate)).toEqual([123_456])
    const fieldCount = Object.keys(diff?.kind === 'diff' ? (diff.changed[0] ?? {}) : {}).length
    // Compared with what was there before, copied, and its texts made fit to show.
    expect(session.reads).toBeLessThan(fieldCount * 4)
  })

  it('lose one, and only that is told', async () => {
    session.drop(17)
    await vi.advanceTimersByTimeAsync(2_000)
    expect(updates[1]).toMatchObject({
      changed: [],
      removed: [(17).toString(16).padStart(40, '0')],
    })
  })

  it('give every listener of the same number the same snapshot', async () => {
    const snapshots: Update[] = []
    for (let listener = 0; listener < 3; listener += 1) {
      control.watch((update) => {
        if (update.kind === 'snapshot') snapshots.push(update)
      })
    }
    await vi.advanceTimersByTimeAsync(0)
    expect(new Set([updates[0], ...snapshots]).size).toBe(1)
    session.put(1, { upRate: 9 })
    await vi.advanceTimersByTimeAsync(2_000)
    control.watch((update) => snapshots.push(update))
    await vi.advanceTimersByTimeAsync(UPDATE_MS)
    expect(snapshots.at(-1)).toMatchObject({ kind: 'snapshot', number: 2 })
  })

  it('are paused many at a time, each once, in their order', async () => {
    const ids = session.list().map(({ id }) => id)
    expect(await control.run({ do: 'pause', ids })).toEqual({ ok: true, ids })
    expect(session.calls).toEqual(ids)
    expect(session.mostRunning).toBe(TOGETHER)
    expect(TOGETHER).toBeGreaterThan(1)
  })

  it('are queued by one call', async () => {
    const ids = session.list().map(({ id }) => id)
    expect(await control.run({ do: 'queue', ids, to: 'top' })).toEqual({ ok: true, ids })
    expect(session.calls).toEqual([`queue top ${COUNT}`])
  })
})
