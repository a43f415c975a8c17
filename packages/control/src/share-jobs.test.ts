import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { CommandResult, Job, Update } from './contract.ts'
import { SessionControl, UPDATE_MS } from './session-control.ts'
import { type CreateTorrent, SHARES_AT_ONCE } from './share-jobs.ts'
import { FakeSession } from './testing/fake-session.ts'

type Created = Awaited<ReturnType<CreateTorrent>>

/** A hashing that goes on as the test says. */
interface Hashing {
  readonly path: string
  readonly onProgress: Parameters<CreateTorrent>[2]
  readonly finish: (created: Created) => void
}

let session: FakeSession
let control: SessionControl
let hashings: Hashing[]
let jobs: readonly Job[]

beforeEach(async () => {
  vi.useFakeTimers()
  session = new FakeSession(1)
  hashings = []
  control = new SessionControl(session, {
    node: 'test 0.1.0',
    createTorrent: (path, _, onProgress, signal) =>
      new Promise((resolve) => {
        hashings.push({ path, onProgress, finish: resolve })
        signal.addEventListener('abort', () => resolve({ kind: 'stopped' }))
      }),
  })
  jobs = []
  control.watch((update: Update) => {
    if (update.kind !== 'offline') jobs = update.session?.jobs ?? jobs
  })
  await vi.advanceTimersByTimeAsync(UPDATE_MS)
})

afterEach(async () => {
  await control.close()
  vi.useRealTimers()
})

async function begin(path: string): Promise<{ readonly result: Promise<CommandResult> }> {
  const result = control.run({ do: 'share', path, category: 'films', tags: ['own'] })
  await vi.advanceTimersByTimeAsync(UPDATE_MS)
  return { result }
}

describe('hashing a folder that is to be shared', () => {
  it('shows how far it is, from the counting of files to the torrent', async () => {
    const { result } = await begin('/data/\u001bfolder')
    expect(jobs).toMatchObject([{ kind: 'share', doneBytes: 0, totalBytes: null }])
    expect(jobs[0]?.path).not.toContain('\u001b')
    hashings[0]?.onProgress({ hashedBytes: 300, totalBytes: 1_000 })
    await vi.advanceTimersByTimeAsync(UPDATE_MS)
    expect(jobs).toMatchObject([{ doneBytes: 300, totalBytes: 1_000 }])
    hashings[0]?.finish({ kind: 'created', bytes: Uint8Array.of(1), folder: '/data' })
    expect(await result).toMatchObject({ ok: true })
    await vi.advanceTimersByTimeAsync(UPDATE_MS)
    expect(jobs).toEqual([])
    expect(session.calls).toEqual(['add metainfo'])
  })

  it('can be broken off, which says so and adds nothing', async () => {
    const { result } = await begin('/data/one')
    expect(await control.run({ do: 'cancel-job', job: jobs[0]?.id ?? '' })).toEqual({
      ok: true,
      ids: [],
    })
    expect(await result).toMatchObject({ ok: false, problem: { code: 'cancelled' } })
    await vi.advanceTimersByTimeAsync(UPDATE_MS)
    expect(jobs).toEqual([])
    expect(session.calls).toEqual([])
  })

  it('breaks off only the one that is named', async () => {
    const one = await begin('/data/one')
    const two = await begin('/data/two')
    const named = jobs.find(({ path }) => path === '/data/two')?.id ?? ''
    await control.run({ do: 'cancel-job', job: named })
    expect(await two.result).toMatchObject({ problem: { code: 'cancelled' } })
    hashings[0]?.finish({ kind: 'created', bytes: Uint8Array.of(1), folder: '/data' })
    expect(await one.result).toMatchObject({ ok: true })
    const again = await control.run({ do: 'cancel-job', job: named })
    expect(again).toMatchObject({ problem: { code: 'unknown-job' } })
  })

  it(`goes on for ${SHARES_AT_ONCE} folders at a time, and for another when one is done`, async () => {
    for (let index = 0; index < SHARES_AT_ONCE; index += 1) await begin(`/data/${index}`)
    const refused = await control.run({ do: 'share', path: '/data/more' })
    expect(refused).toMatchObject({ problem: { code: 'busy' } })
    hashings[0]?.finish({ kind: 'stopped' })
    await vi.advanceTimersByTimeAsync(UPDATE_MS)
    await begin('/data/more')
    expect(hashings.map(({ path }) => path)).toContain('/data/more')
  })

  it('says what went wrong, and is over', async () => {
    const { result } = await begin('/data/one')
    hashings[0]?.finish({ kind: 'io-problem', code: 'not-found', message: 'Gone.', help: 'Look.' })
    expect(await result).toMatchObject({ problem: { code: 'not-found', message: 'Gone.' } })
    await vi.advanceTimersByTimeAsync(UPDATE_MS)
    expect(jobs).toEqual([])
  })

  it('ends with the node', async () => {
    const { result } = await begin('/data/one')
    await control.close()
    expect(await result).toMatchObject({ problem: { code: 'closed' } })
  })
})
