import { isProblem } from '@pigeon/control/problems'
import { FakeControl } from '@pigeon/control/testing/fake-control'
import {
  ADD_TOKEN,
  READ_TOKEN,
  type ServedControl,
  serveControl,
  TOKEN,
} from '@pigeon/control/testing/served-control'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { remoteNodes } from './remote-nodes.ts'

let served: ServedControl
beforeAll(async () => {
  served = await serveControl(new FakeControl({ torrentCount: 1 }))
})
afterAll(() => served.close())

it.each([
  [TOKEN, 'full'],
  [ADD_TOKEN, 'add'],
  [READ_TOKEN, 'read'],
] as const)('learns of a node what the token %s may do there: %s', async (token, scope) => {
  const nodes = await remoteNodes({
    connect: [`http://127.0.0.1:${served.port}/`],
    nodes: [],
    token,
    tokenFile: [],
    ownNode: false,
  })
  if (isProblem(nodes)) throw new Error(nodes.message)
  expect(nodes.map((node) => node.scope?.())).toEqual([scope])
  await Promise.all(nodes.map(({ control }) => control.close()))
  expect(served.errors).toEqual([])
})
