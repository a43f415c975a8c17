import type { WireMessage } from '@pigeon/control/network'
import { describe, expect, it } from 'vitest'
import { wireFilter } from './wire-filter.ts'

const message = (name: string, direction: 'in' | 'out', bep: number | null): WireMessage => ({
  ...{ number: 0, atMs: 0, lengthBytes: 5, fields: [] },
  ...{ name, direction, bep },
})
const ALL = [
  message('piece', 'in', 3),
  message('have', 'in', 3),
  message('have-all', 'in', 6),
  message('ut_pex', 'out', 11),
  message('strange', 'out', null),
]

describe('a filter of messages', () => {
  it.each([
    ['', ['piece', 'have', 'have-all', 'ut_pex', 'strange']],
    ['  ! ', ['piece', 'have', 'have-all', 'ut_pex', 'strange']],
    ['have', ['have', 'have-all']],
    ['HAVE', ['have', 'have-all']],
    ['!have', ['piece', 'ut_pex', 'strange']],
    ['out', ['ut_pex', 'strange']],
    ['in !piece', ['have', 'have-all']],
    ['bep3', ['piece', 'have']],
    ['!bep3 out', ['ut_pex', 'strange']],
    ['bep1', []],
    ['nothing-like-it', []],
  ])('%j shows %j', (text, names) => {
    const fits = wireFilter(text)
    expect(ALL.filter(fits).map(({ name }) => name)).toEqual(names)
  })
})
