import { expect, it } from 'vitest'
import type { Scope } from '../contract.ts'
import { SESSION_LIFE_MS, sessionIdIn, Sessions, SESSIONS } from './sessions.ts'

function open(scopeOf: () => Scope | null = () => 'full'): {
  sessions: Sessions
  pass: (ms: number) => void
} {
  let nowMs = 0
  return {
    sessions: new Sessions(scopeOf, () => nowMs),
    pass: (ms) => {
      nowMs += ms
    },
  }
}

it('keeps a login for an hour after its last use', async () => {
  const { sessions, pass } = open()
  const id = sessions.open('full', null)
  pass(SESSION_LIFE_MS - 1)
  expect(await sessions.scope(id)).toBe('full')
  pass(SESSION_LIFE_MS - 1)
  expect(await sessions.scope(id)).toBe('full')
  pass(SESSION_LIFE_MS)
  expect(await sessions.scope(id)).toBeNull()
})

it('knows no id that it did not give, and none after the logout', async () => {
  const { sessions } = open()
  const id = sessions.open('full', null)
  expect(await sessions.scope(null)).toBeNull()
  expect(await sessions.scope(`${id}x`)).toBeNull()
  sessions.close(id)
  expect(await sessions.scope(id)).toBeNull()
})

it('ends with the token that opened it', async () => {
  let scope: Scope | null = 'add'
  const { sessions } = open(() => scope)
  const id = sessions.open('add', 'token')
  expect(await Promise.all([sessions.scope(id), sessions.scope(id)])).toContain('add')
  scope = null
  expect(await sessions.scope(id)).toBeNull()
})

it('answers two requests at once with the same login', async () => {
  const { sessions } = open()
  const id = sessions.open('full', 'token')
  expect(await Promise.all([sessions.scope(id), sessions.scope(id)])).toEqual(['full', 'full'])
})

it('keeps 64 logins, and of more the last used', async () => {
  const { sessions } = open()
  const ids = Array.from({ length: SESSIONS }, () => sessions.open('full', null))
  expect(await sessions.scope(ids[0] ?? '')).toBe('full')
  sessions.open('full', null)
  expect(await sessions.scope(ids[1] ?? '')).toBeNull()
  expect(await sessions.scope(ids[0] ?? '')).toBe('full')
})

it('finds its id among other cookies, and no id in garbage', () => {
  expect(sessionIdIn('a=b; SID=abc_-1; c=d')).toBe('abc_-1')
  for (const header of [undefined, '', 'XSID=abc', 'SID=', 'SID=a b', `SID=${'x'.repeat(65)}`]) {
    expect(sessionIdIn(header)).toBeNull()
  }
})
