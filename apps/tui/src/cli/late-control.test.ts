import type { Update } from '@pigeon/control/contract'
import { FakeControl } from '@pigeon/control/testing/fake-control'
import { describe, expect, it } from 'vitest'
import { LateControl } from './late-control.ts'

describe('a control that is given away before its node is open', () => {
  it('does what was asked meanwhile once it is', async () => {
    const late = new LateControl()
    const updates: Update[] = []
    const first = new Promise<void>((resolve) => {
      late.watch((update) => {
        updates.push(update)
        resolve()
      })
    })
    const control = new FakeControl({ torrentCount: 2 })
    const ids = control.torrents.map(({ id }) => id)
    const paused = late.run({ do: 'pause', ids })
    expect(updates).toEqual([])
    await late.use(control)
    expect(await paused).toEqual({ ok: true, ids })
    await first
    expect(updates[0]).toMatchObject({ kind: 'snapshot', torrents: { length: 2 } })
    expect(await late.detail(ids[0] ?? '')).not.toBeNull()
    await late.close()
    expect(control.isClosed).toBe(true)
  })

  it('tells nothing to whoever stopped watching before', async () => {
    const late = new LateControl()
    let told = 0
    late.watch(() => (told += 1))()
    const control = new FakeControl()
    await late.use(control)
    control.step()
    expect(told).toBe(0)
    await late.close()
  })

  it('refuses what waited when it is closed before, and closes the node that comes too late', async () => {
    const late = new LateControl()
    const paused = late.run({ do: 'pause', ids: ['0'.repeat(40)] })
    const detail = late.detail('0'.repeat(40))
    await late.close()
    expect(await paused).toMatchObject({ ok: false, problem: { code: 'closed' } })
    expect(await detail).toBeNull()
    const control = new FakeControl()
    await late.use(control)
    expect(control.isClosed).toBe(true)
  })
})
