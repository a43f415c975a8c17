import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Update } from './contract.ts'
import { METAINFO_BYTES, SessionControl, UPDATE_MS } from './session-control.ts'
import { type CreateTorrent, SHARES_AT_ONCE } from './share-jobs.ts'
import { FakeSession } from './testing/fake-session.ts'

const created: CreateTorrent = () =>
  Promise.resolve({ kind: 'created', bytes: Uint8Array.of(1, 2), folder: '/data' })

function idOf(session: FakeSession, index: number): string {
  return session.list()[index]?.id ?? ''
}

describe('updates', () => {
  let session: FakeSession
  let control: SessionControl
  let updates: Update[]

  beforeEach(async () => {
    vi.useFakeTimers()
    session = new FakeSession(3)
    control = new SessionControl(session, { node: 'test 0.1.0', createTorrent: created })
    updates = []
    control.watch((update) => updates.push(update))
    await vi.advanceTimersByTimeAsync(0)
  })

  afterEach(async () => {
    await control.close()
    vi.useRealTimers()
  })

  it('come at most twice a second, however often the session changes', async () => {
    for (let step = 0; step < 1000; step += 1) {
      session.change(idOf(session, 0), { downRate: step })
      await vi.advanceTimersByTimeAsync(5)
    }
    const diffs = updates.length - 1
    expect(diffs).toBeGreaterThanOrEqual(9)
    expect(diffs).toBeLessThanOrEqual(5000 / UPDATE_MS)
  })

  it('hold only the torrents that changed, and nothing when none did', async () => {
    session.change(idOf(session, 1), { upRate: 5 })
    session.change(idOf(session, 2), { upRate: 10 })
    await vi.advanceTimersByTimeAsync(UPDATE_MS)
    const diff = updates[1]
    expect(diff?.kind === 'diff' && diff.changed.map(({ id }) => id)).toEqual([idOf(session, 1)])
    await vi.advanceTimersByTimeAsync(60_000)
    expect(updates).toHaveLength(2)
  })

  it('stop when nobody watches, and begin anew with the state of then', async () => {
    const stops = [control.watch(() => {})]
    for (const stop of stops) stop()
    await control.close()
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('what happens without a word of the session', () => {
  it('is found all the same, within two seconds', async () => {
    vi.useFakeTimers()
    const session = new FakeSession(1)
    session.onChange = () => () => {}
    const control = new SessionControl(session, { node: 'test 0.1.0', createTorrent: created })
    const kinds: string[] = []
    control.watch((update) => kinds.push(update.kind))
    await vi.advanceTimersByTimeAsync(UPDATE_MS)
    session.change(idOf(session, 0), { downRate: 0 })
    await vi.advanceTimersByTimeAsync(2000)
    expect(kinds).toEqual(['snapshot', 'diff'])
    await control.close()
    vi.useRealTimers()
  })
})

describe('commands', () => {
  it('reach the session, each torrent once', async () => {
    const session = new FakeSession(2)
    const control = new SessionControl(session, { node: 'test 0.1.0', createTorrent: created })
    const [one, two] = [idOf(session, 0), idOf(session, 1)]
    const ids = [one, two, one]
    await control.run({ do: 'pause', ids })
    await control.run({ do: 'remove', ids: [two], deleteData: true })
    await control.run({ do: 'queue', ids: [one, two], to: 'top' })
    await control.run({ do: 'add-peer', id: one, peer: '10.0.0.1:6881' })
    await control.run({ do: 'set-sequential', ids: [one], isSequential: true })
    await control.run({ do: 'set-limits', ids: [one], limits: { up: 5 } })
    await control.run({ do: 'reannounce', ids: [one] })
    await control.run({ do: 'move', ids: [one], folder: '/elsewhere' })
    expect(session.calls).toEqual([
      `pause ${one}`,
      `pause ${two}`,
      `delete ${two}`,
      'queue top 1',
      `addPeer 10.0.0.1:6881 ${one}`,
      `setSequential ${one}`,
      `setLimits ${one}`,
      `reannounce ${one}`,
      `move ${one}`,
    ])
    await control.close()
  })

  it.each(['relative', './here', '~/Downloads', '/data/\0x'])(
    'refuse the path %j',
    async (path) => {
      const session = new FakeSession(1)
      const control = new SessionControl(session, { node: 'test 0.1.0', createTorrent: created })
      const source = { kind: 'magnet', uri: 'magnet:?' } as const
      const results = [
        await control.run({ do: 'add', source, folder: path }),
        await control.run({ do: 'move', ids: [idOf(session, 0)], folder: path }),
        await control.run({ do: 'share', path }),
      ]
      for (const result of results) {
        expect(result).toMatchObject({ ok: false, problem: { code: 'bad-path' } })
      }
      expect(session.calls).toEqual([])
      await control.close()
    },
  )

  it('ask whether a path may be used', async () => {
    const session = new FakeSession(1)
    const refused = { code: 'not-allowed', message: 'Outside.', help: 'Stay inside.' }
    const asked: string[] = []
    const control = new SessionControl(session, {
      node: 'test 0.1.0',
      createTorrent: created,
      checkPath: (path, use) => {
        asked.push(`${use} ${path}`)
        return Promise.resolve(refused)
      },
    })
    const moved = await control.run({ do: 'move', ids: [idOf(session, 0)], folder: '/etc' })
    expect(moved).toEqual({ ok: false, problem: refused, ids: [] })
    await control.run({ do: 'share', path: '/etc/shadow' })
    expect(asked).toEqual(['store /etc', 'share /etc/shadow'])
    expect(session.calls).toEqual([])
    await control.close()
  })

  it('refuse a .torrent file past the limit, and take one of the limit', async () => {
    const session = new FakeSession(1)
    const control = new SessionControl(session, { node: 'test 0.1.0', createTorrent: created })
    const add = (lengthBytes: number) => {
      const base64 = Buffer.alloc(lengthBytes).toString('base64')
      return control.run({ do: 'add', source: { kind: 'metainfo', base64 } })
    }
    expect(await add(METAINFO_BYTES)).toMatchObject({ ok: true })
    expect(await add(METAINFO_BYTES + 1)).toMatchObject({ problem: { code: 'bad-torrent' } })
    await control.close()
  })

  it('hash so many folders at once and no more, and stop hashing at the end', async () => {
    const signals: AbortSignal[] = []
    const control = new SessionControl(new FakeSession(1), {
      node: 'test 0.1.0',
      createTorrent: (_, __, ___, signal) =>
        new Promise((resolve) => {
          signals.push(signal)
          signal.addEventListener('abort', () => {
            resolve({ kind: 'stopped' })
          })
        }),
    })
    const shares = Array.from({ length: SHARES_AT_ONCE }, (_, index) =>
      control.run({ do: 'share', path: `/data/${index}` }),
    )
    const refused = await control.run({ do: 'share', path: '/data/more' })
    expect(refused).toMatchObject({ problem: { code: 'busy' } })
    await control.close()
    expect(signals).toHaveLength(SHARES_AT_ONCE)
    for (const result of await Promise.all(shares)) {
      expect(result).toMatchObject({ problem: { code: 'closed' } })
    }
  })

  it('stop the node once, however often it is closed', async () => {
    const stop = vi.fn(() => Promise.resolve())
    const options = { node: 'test 0.1.0', createTorrent: created, stop }
    const control = new SessionControl(new FakeSession(1), options)
    await Promise.all([control.close(), control.close()])
    await control.close()
    expect(stop).toHaveBeenCalledTimes(1)
  })
})
