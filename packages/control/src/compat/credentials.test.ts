import { describe, expect, it } from 'vitest'
import {
  allows,
  Credentials,
  FIRST_BACK_OFF_MS,
  FREE_FAILURES,
  LONGEST_BACK_OFF_MS,
  readBasic,
  REMEMBERED_ADDRESSES,
} from './credentials.ts'
import { ACCESS, basic, PASSWORD, READ_TOKEN, TOKEN, USERNAME } from './testing/serve-remote.ts'

const HERE = '192.0.2.1'
const ELSEWHERE = '192.0.2.2'

function open(): { credentials: Credentials; pass: (ms: number) => void } {
  let nowMs = 0
  return {
    credentials: new Credentials(ACCESS, () => nowMs),
    pass: (ms) => {
      nowMs += ms
    },
  }
}

async function failTimes(credentials: Credentials, count: number, address = HERE): Promise<void> {
  for (let failure = 0; failure < count; failure += 1) {
    guesses += 1
    await credentials.check(USERNAME, `wrong ${guesses}`, address)
  }
}

/** No two guesses are the same. */
let guesses = 0

describe('credentials', () => {
  it('let in by name and password, and by a token under any name for what it allows', async () => {
    const { credentials } = open()
    expect(await credentials.check(USERNAME, PASSWORD, HERE)).toMatchObject({
      kind: 'welcome',
      scope: 'full',
      by: 'password',
    })
    expect(await credentials.check('', TOKEN, HERE)).toMatchObject({
      kind: 'welcome',
      scope: 'full',
      by: 'token',
    })
    expect(await credentials.check('x', READ_TOKEN, HERE)).toMatchObject({
      kind: 'welcome',
      scope: 'read',
    })
  })

  it('refuse everything else, nothing and too much among it', async () => {
    for (const [name, password] of [
      [USERNAME, ''],
      ['', ''],
      ['x', PASSWORD],
      [USERNAME, `${PASSWORD} `],
      [USERNAME, 'x'.repeat(10_000)],
    ] as const) {
      expect(await open().credentials.check(name, password, HERE)).toEqual({ kind: 'refused' })
    }
    const none = new Credentials({ scopeOf: () => null })
    expect(await none.check('', '', HERE)).toEqual({ kind: 'refused' })
    const empty = new Credentials({ scopeOf: () => null, login: { username: 'a', password: '' } })
    expect(await empty.check('a', '', HERE)).toEqual({ kind: 'refused' })
  })

  it('let a program that holds to an old password lock nobody out', async () => {
    const { credentials } = open()
    const old = () => credentials.check(USERNAME, 'of last year', HERE)
    for (let time = 0; time < 10 * FREE_FAILURES; time += 1)
      expect(await old()).toEqual({ kind: 'refused' })
    expect(await credentials.check(USERNAME, PASSWORD, HERE)).toMatchObject({ kind: 'welcome' })
  })

  it('take all addresses of one network of IPv6 for one', async () => {
    const { credentials } = open()
    for (let host = 1; host <= FREE_FAILURES; host += 1)
      await failTimes(credentials, 1, `2001:db8:0:7::${host}`)
    expect(await credentials.check(USERNAME, PASSWORD, '2001:db8:0:7:1:2:3:4')).toMatchObject({
      kind: 'wait',
    })
    expect(await credentials.check(USERNAME, PASSWORD, '2001:db8:0:8::1')).toMatchObject({
      kind: 'welcome',
    })
  })

  it('begin anew after ten quiet minutes', async () => {
    const { credentials, pass } = open()
    await failTimes(credentials, FREE_FAILURES)
    pass(FIRST_BACK_OFF_MS + LONGEST_BACK_OFF_MS + 1)
    await failTimes(credentials, FREE_FAILURES - 1)
    expect(await credentials.check(USERNAME, PASSWORD, HERE)).toMatchObject({ kind: 'welcome' })
  })

  it('make an address wait after five failures, twice as long each time, ten minutes at most', async () => {
    const { credentials, pass } = open()
    await failTimes(credentials, FREE_FAILURES - 1)
    expect(await credentials.check(USERNAME, 'wrong', HERE)).toEqual({ kind: 'refused' })
    expect(await credentials.check(USERNAME, PASSWORD, HERE)).toEqual({
      kind: 'wait',
      waitMs: FIRST_BACK_OFF_MS,
    })
    pass(FIRST_BACK_OFF_MS)
    await failTimes(credentials, 1)
    expect(await credentials.check(USERNAME, PASSWORD, HERE)).toEqual({
      kind: 'wait',
      waitMs: 2 * FIRST_BACK_OFF_MS,
    })
    for (let round = 0; round < 20; round += 1) {
      pass(LONGEST_BACK_OFF_MS)
      await failTimes(credentials, 1)
    }
    expect(await credentials.check(USERNAME, PASSWORD, HERE)).toEqual({
      kind: 'wait',
      waitMs: LONGEST_BACK_OFF_MS,
    })
  })

  it('lock out neither other addresses nor the owner of a token', async () => {
    const { credentials } = open()
    await failTimes(credentials, FREE_FAILURES)
    expect(await credentials.check(USERNAME, PASSWORD, ELSEWHERE)).toMatchObject({
      kind: 'welcome',
    })
    expect(await credentials.check('', TOKEN, HERE)).toMatchObject({ kind: 'welcome' })
  })

  it('forget failures after a success', async () => {
    const { credentials } = open()
    await failTimes(credentials, FREE_FAILURES - 1)
    await credentials.check(USERNAME, PASSWORD, HERE)
    await failTimes(credentials, FREE_FAILURES - 1)
    expect(await credentials.check(USERNAME, PASSWORD, HERE)).toMatchObject({ kind: 'welcome' })
  })

  it('remember a thousand addresses, and forget the oldest beyond', async () => {
    const { credentials } = open()
    await failTimes(credentials, FREE_FAILURES)
    for (let index = 1; index < REMEMBERED_ADDRESSES; index += 1)
      await failTimes(credentials, 1, `a${index}`)
    expect(await credentials.check(USERNAME, PASSWORD, HERE)).toMatchObject({ kind: 'wait' })
    await failTimes(credentials, 1, 'one more')
    expect(await credentials.check(USERNAME, PASSWORD, HERE)).toMatchObject({ kind: 'welcome' })
  })
})

describe('a Basic header', () => {
  it('gives name and password, colons within the password too', () => {
    expect(readBasic(basic('ana', 'a:b:'))).toEqual({ username: 'ana', password: 'a:b:' })
    expect(readBasic(basic('', ''))).toEqual({ username: '', password: '' })
    expect(readBasic(basic('añá', '密'))).toEqual({ username: 'añá', password: '密' })
  })

  it('is nothing when it is something else', () => {
    for (const header of [
      undefined,
      '',
      'Basic',
      'Basic ',
      'Basic ???',
      'Bearer x',
      `Basic ${btoa('no colon')}`,
    ]) {
      expect(readBasic(header)).toBeNull()
    }
  })
})

it('a scope allows itself and what is less', () => {
  expect(allows('full', 'read')).toBe(true)
  expect(allows('add', 'add')).toBe(true)
  expect(allows('read', 'add')).toBe(false)
  expect(allows('add', 'full')).toBe(false)
})
