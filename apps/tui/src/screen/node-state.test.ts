import type { Update } from '@pigeon/control/contract'
import { FakeControl } from '@pigeon/control/testing/fake-control'
import { describe, expect, it } from 'vitest'
import type { NodeState } from './node-state.ts'
import { EMPTY_STATE, reduceUpdate } from './node-state.ts'

const PROBLEM = { code: 'offline', message: 'The node is gone.', help: '' }

/** All that a control tells while something is done with it. */
function record(control: FakeControl): { readonly state: () => NodeState } {
  let state = EMPTY_STATE
  control.watch((update: Update) => {
    state = reduceUpdate(state, update)
  })
  return { state: () => state }
}
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('the picture of the node', () => {
  it('is what the node says, after any number of changes', async () => {
    const control = new FakeControl({ torrentCount: 9 })
    const { state } = record(control)
    await settled()
    for (let step = 0; step < 20; step += 1) control.step(1_000)
    const [first, second] = control.torrents
    await control.run({ do: 'remove', ids: [first?.id ?? ''], deleteData: false })
    await control.run({ do: 'pause', ids: [second?.id ?? ''] })
    await control.run({ do: 'share', path: '/srv/x' })
    await settled()
    const byId = (torrents: NodeState['torrents']) =>
      torrents.toSorted((one, other) => one.id.localeCompare(other.id))
    expect(byId(state().torrents)).toEqual(byId(control.torrents))
    expect(state().torrents).toHaveLength(9)
  })

  it('is in the order in which torrents were added', () => {
    const control = new FakeControl({ torrentCount: 12 })
    const state = reduceUpdate(EMPTY_STATE, {
      kind: 'diff',
      number: 1,
      session: null,
      changed: control.torrents,
      removed: [],
    })
    const times = state.torrents.map(({ addedAtMs }) => addedAtMs)
    expect(times).toEqual(times.toSorted((one, other) => one - other))
  })

  it('keeps the last list while the line is down, and forgets the trouble when it is up', async () => {
    const control = new FakeControl({ torrentCount: 3 })
    const { state } = record(control)
    await settled()
    control.goOffline(PROBLEM)
    expect(state()).toMatchObject({ offline: PROBLEM })
    expect(state().torrents).toHaveLength(3)
    control.goOnline()
    expect(state()).toMatchObject({ offline: null })
    expect(state().torrents).toHaveLength(3)
  })
})
