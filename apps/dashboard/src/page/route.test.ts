import { describe, expect, it } from 'vitest'
import { parseRoute, pathOf } from './route.ts'

const ID = 'c12fe1c06bba254a9dc9f519b335aa7c1367a88a'

describe('addresses of the page', () => {
  it.each([
    '/',
    '/login',
    '/add',
    '/settings',
    '/network',
    '/about',
    `/t/${ID}`,
    `/t/${ID}/files`,
    `/t/${ID}/log`,
    `/t/${ID}/peers/12`,
  ])('%s comes back', (path) => {
    expect(pathOf(parseRoute(path))).toBe(path)
  })

  it.each([
    '/t/x',
    `/t/${ID}/files/more`,
    `/t/${ID}/files/12`,
    `/t/${ID}/peers/x`,
    `/t/${ID.toUpperCase()}`,
    '/../etc',
    '/constructor',
  ])('%s is the list', (path) => {
    expect(parseRoute(path)).toEqual({ view: 'list' })
  })

  it('shows the overview where the part is unknown', () => {
    expect(parseRoute(`/t/${ID}/nonsense`)).toEqual({ view: 'detail', id: ID, tab: 'overview' })
  })
})
