import type { Control, Problem, Update } from '@pigeon/control/contract'
import { FakeControl } from '@pigeon/control/testing/fake-control'
import { expect, it } from 'vitest'
import { FIRST_TRY_AGAIN_MS, LAST_TRY_AGAIN_MS, LateControl } from './late-control.ts'

const AWAY: Problem = { code: 'refused', message: 'nas:9191 does not answer.', help: 'Start it.' }

/** A node that is away for a while; `next` is the waiting that the control asked for. */
function openLate(answers: (Control | Problem)[]) {
  const delays: number[] = []
  let next: (() => void) | null = null
  const control = new LateControl({
    open: () => Promise.resolve(answers.shift() ?? AWAY),
    later: (delayMs, callback) => {
      delays.push(delayMs)
      next = callback
      return () => {
        next = null
      }
    },
  })
  return { control, delays, again: () => next?.(), isWaiting: () => next !== null }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

it('says why the node is away, refuses commands with that, and knows nothing', async () => {
  const { control } = openLate([])
  await control.start()
  expect(control.problem).toEqual(AWAY)
  expect(await control.run({ do: 'shut-down' })).toEqual({ ok: false, problem: AWAY, ids: [] })
  expect(await control.detail('x')).toBeNull()
  expect(await control.browse(null)).toEqual(AWAY)
  const updates: Update[] = []
  control.watch((update) => updates.push(update))
  await turn()
  expect(updates).toEqual([{ kind: 'offline', problem: AWAY }])
})

it('gives who waited a snapshot when the node has come, and hands commands on', async () => {
  const fake = new FakeControl({ torrentCount: 2 })
  const { control, again } = openLate([AWAY, fake])
  await control.start()
  const kinds: string[] = []
  const stop = control.watch((update) => kinds.push(update.kind))
  await turn()
  again()
  await turn()
  expect(kinds).toEqual(['offline', 'snapshot'])
  expect(control.problem).toBeNull()
  const ids = [fake.torrents[0]?.id ?? '']
  expect(await control.run({ do: 'pause', ids })).toEqual({ ok: true, ids })
  stop()
  fake.step()
  await turn()
  expect(kinds.slice(2)).toEqual(['diff'])
})

it('tells when a line that was open breaks, and when it is back', async () => {
  const fake = new FakeControl({ torrentCount: 1 })
  const { control } = openLate([fake])
  await control.start()
  await turn()
  fake.goOffline(AWAY)
  expect(control.problem).toEqual(AWAY)
  fake.goOnline()
  expect(control.problem).toBeNull()
})

it('waits longer from try to try, up to a bound, and not at all once it is closed', async () => {
  const { control, delays, again, isWaiting } = openLate([])
  await control.start()
  for (let count = 0; count < 8; count += 1) {
    again()
    await turn()
  }
  expect(delays[0]).toBe(FIRST_TRY_AGAIN_MS)
  expect(delays[1]).toBe(2 * FIRST_TRY_AGAIN_MS)
  expect(delays.at(-1)).toBe(LAST_TRY_AGAIN_MS)
  await control.close()
  expect(isWaiting()).toBe(false)
  expect(await control.run({ do: 'shut-down' })).toMatchObject({ problem: { code: 'closed' } })
})

it('closes a node that comes after it was closed itself', async () => {
  const fake = new FakeControl()
  const { control } = openLate([fake])
  const starting = control.start()
  await control.close()
  await starting
  expect(fake.isClosed).toBe(true)
})
