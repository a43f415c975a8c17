import { expect, it } from 'vitest'
import { belowBase, readBasePath } from './base-path.ts'

it.each([
  ['', '/'],
  ['/', '/'],
  ['pigeon', '/pigeon/'],
  ['/pigeon', '/pigeon/'],
  [' /a/b.c/ ', '/a/b.c/'],
])('takes %j for %s', (given, path) => {
  expect(readBasePath(given)).toBe(path)
})

it.each([
  '/a b/',
  '/../',
  '/./x',
  '/a//b',
  '/"/',
  '/<x>/',
  '/a?b',
  '/a#b',
  '/%2e/',
  `/${'x/'.repeat(9)}`,
])('refuses %s', (given) => {
  expect(readBasePath(given)).toBeUndefined()
})

it('finds what lies below it, and nothing beside it', () => {
  expect(belowBase('/', '/api')).toBe('/api')
  expect(belowBase('/pigeon/', '/pigeon/api?x')).toBe('/api?x')
  expect(belowBase('/pigeon/', '/pigeons/api')).toBeNull()
  expect(belowBase('/pigeon/', '/pigeon')).toBeNull()
})
