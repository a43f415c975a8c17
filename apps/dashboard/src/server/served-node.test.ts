import { expect, it } from 'vitest'
import { keysOf } from './served-node.ts'

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
