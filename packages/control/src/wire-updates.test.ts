import { describe, expect, it } from 'vitest'
import type { TorrentSummary, Update } from './contract.ts'
import { FakeControl } from './testing/fake-control.ts'
import { toWire, UpdateReader, type WireUpdate } from './wire-updates.ts'

type Diff = Extract<Update, { kind: 'diff' }>

/** All that a control tells, and the same as it would come out of a wire. */
async function listen(control: FakeControl): Promise<{ told: Update[]; wired: WireUpdate[] }> {
  const told: Update[] = []
  const wired: WireUpdate[] = []
  control.watch((update) => {
    told.push(update)
    // As the wire has it: text.
    wired.push(JSON.parse(JSON.stringify(toWire(update))))
  })
  await Promise.resolve()
  return { told, wired }
}

function torrentOf(control: FakeControl): TorrentSummary {
  const [torrent] = control.torrents
  if (torrent === undefined) throw new Error('The fake has a torrent.')
  return torrent
}

function diffIn(updates: readonly Update[], index: number): Diff {
  const update = updates[index]
  if (update?.kind !== 'diff') throw new Error('That is no diff.')
  return update
}

function ids(control: FakeControl): readonly string[] {
  return control.torrents.map(({ id }) => id)
}

describe('a diff on the wire', () => {
  it('holds the id and what changed, and of the session what changed', async () => {
    const control = new FakeControl({ torrentCount: 3 })
    const { wired } = await listen(control)
    const [id = ''] = ids(control)
    control.change(id, { downRate: 77 })
    expect(wired[1]).toEqual({
      kind: 'diff',
      number: 2,
      session: { downRate: 77 },
      changed: [{ id, downRate: 77 }],
      removed: [],
    })
    control.changeSession({ freeBytes: 1 })
    expect(wired[2]).toMatchObject({ session: { freeBytes: 1 }, changed: [] })
  })

  it('holds lists and records that changed, whole', async () => {
    const control = new FakeControl({ torrentCount: 2 })
    const { wired } = await listen(control)
    const [id = ''] = ids(control)
    const limits = { ...torrentOf(control).limits, up: 5 }
    control.change(id, { limits, tags: [...torrentOf(control).tags] })
    expect(wired[1]).toMatchObject({ session: null, changed: [{ id, limits }] })
    control.change(id, { tags: ['new'] })
    expect(wired[2]).toMatchObject({ changed: [{ id, tags: ['new'] }] })
  })

  it('holds all of a torrent that is new', async () => {
    const control = new FakeControl({ torrentCount: 1 })
    const { told, wired } = await listen(control)
    await control.run({ do: 'add', source: { kind: 'magnet', uri: 'magnet:?' } })
    expect(wired[1]).toMatchObject({ changed: diffIn(told, 1).changed })
  })

  it('is whole where nobody knows what there was before', () => {
    const torrent = torrentOf(new FakeControl({ torrentCount: 1 }))
    const diff: Diff = { kind: 'diff', number: 2, session: null, changed: [torrent], removed: [] }
    expect(toWire(diff)).toBe(diff)
  })

  it('takes a fifth of the bytes at most where rates and progress change', async () => {
    const control = new FakeControl({ torrentCount: 1_000 })
    const { told, wired } = await listen(control)
    for (let step = 0; step < 5; step += 1) control.step()
    // The first step fills in what a torrent that moves has; after that it is as it goes on.
    const whole = JSON.stringify(told.slice(2)).length
    const sent = JSON.stringify(wired.slice(2)).length
    expect(diffIn(told, 3).changed.length).toBeGreaterThan(400)
    expect(sent).toBeLessThan(whole / 5)
  })
})

describe('a reader of the wire', () => {
  it('ends up with what was told, whatever happens', async () => {
    const control = new FakeControl({ torrentCount: 40, seed: 3 })
    const { told, wired } = await listen(control)
    for (let round = 0; round < 30; round += 1) {
      control.step()
      const [first = '', second = ''] = ids(control)
      if (round % 5 === 0) await control.run({ do: 'tag', ids: [second], add: [`round-${round}`] })
      if (round % 7 === 0) await control.run({ do: 'remove', ids: [first], deleteData: false })
      if (round % 3 === 0) await control.run({ do: 'share', path: '/data' })
    }
    const reader = new UpdateReader()
    expect(wired.map((update) => reader.read(update))).toEqual(told)
  })

  it('asks for a snapshot after a gap, and for what it cannot put together', async () => {
    const control = new FakeControl({ torrentCount: 2 })
    const { told, wired } = await listen(control)
    for (let step = 0; step < 3; step += 1) control.step()
    const [snapshot, first, second, third] = wired
    if (!snapshot || !first || !second || !third) throw new Error('The fake steps.')
    expect(new UpdateReader().read(first)).toBeNull()
    const reader = new UpdateReader()
    reader.read(snapshot)
    expect(reader.read(second)).toBeNull()
    expect(reader.read(first)).toEqual(told[1])
    const change = { id: 'f'.repeat(40), downRate: 1 }
    expect(
      reader.read({
        kind: 'diff',
        number: second.kind === 'diff' ? second.number : 0,
        session: null,
        changed: [change],
        removed: [],
      }),
    ).toBeNull()
    expect(reader.read(second)).toEqual(told[2])
    expect(reader.read(third)).toEqual(told[3])
  })
})
