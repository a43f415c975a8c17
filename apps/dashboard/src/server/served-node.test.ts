import { expect, it } from 'vitest'
import { FakeControl } from '@pigeon/control/testing/fake-control'
import { keysOf, stateOf } from './served-node.ts'

it('gives each node a key that fits into an address, and no two the same', () => {
  expect(keysOf(['own', 'nas:9191', 'NAS 9191', '../..', '', 'Büro'])).toEqual([
    'own',
    'nas-9191',
    'nas-9191-2',
    'node',
    'node-2',
    'b-ro',
  ])
})

it('tells what our token may do with a node, so that the page offers no more', () => {
  const control = new FakeControl({ torrentCount: 0 })
  const node = { key: 'nas', name: 'NAS', control, problem: () => null }
  expect(stateOf(node).scope).toBe('full')
  expect(stateOf({ ...node, scope: () => 'read' as const }).scope).toBe('read')
})
