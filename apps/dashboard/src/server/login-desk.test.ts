import { describe, expect, it } from 'vitest'
import {
  FIRST_BACK_OFF_MS,
  FREE_FAILURES,
  LINK_LIFE_MS,
  LoginDesk,
  LONGEST_BACK_OFF_MS,
  MAX_ADDRESSES,
  MAX_SESSIONS,
  SESSION_LIFE_MS,
} from './login-desk.ts'

const HOME = '127.0.0.1'

function setUp() {
  let nowMs = 1_000_000
  const desk = new LoginDesk({ nowMs: () => nowMs })
  const logIn = () => {
    const answer = desk.login(desk.newLink(), HOME)
    if (answer.kind !== 'welcome') throw new Error(answer.kind)
    return answer
  }
  return {
    desk,
    logIn,
    pass: (durationMs: number) => {
      nowMs += durationMs
    },
  }
}

describe('login links', () => {
  it('hold 256 bits that are never the same', () => {
    const { desk } = setUp()
    const links = Array.from({ length: 50 }, () => desk.newLink())
    expect(new Set(links).size).toBe(50)
    for (const link of links) expect(Buffer.from(link, 'base64url')).toHaveLength(32)
  })

  it('work once', () => {
    const { desk } = setUp()
    const token = desk.newLink()
    expect(desk.login(token, HOME).kind).toBe('welcome')
    expect(desk.login(token, HOME).kind).toBe('refused')
  })

  it('work until the last millisecond of their life and not after it', () => {
    const { desk, pass } = setUp()
    const token = desk.newLink()
    pass(LINK_LIFE_MS - 1)
    expect(desk.login(token, HOME).kind).toBe('welcome')
    const late = desk.newLink()
    pass(LINK_LIFE_MS)
    expect(desk.login(late, HOME).kind).toBe('refused')
  })

  it('are void as soon as a newer one is made', () => {
    const { desk } = setUp()
    const first = desk.newLink()
    const second = desk.newLink()
    expect(desk.login(first, HOME).kind).toBe('refused')
    expect(desk.login(second, HOME).kind).toBe('welcome')
  })
})

describe('sessions', () => {
  it('need both halves, and both of the same session', () => {
    const { desk, logIn } = setUp()
    const one = logIn()
    const other = logIn()
    expect(desk.isLoggedIn(one.cookie, one.key)).toBe(true)
    expect(desk.isLoggedIn(one.cookie, other.key)).toBe(false)
    expect(desk.isLoggedIn(one.cookie, null)).toBe(false)
    expect(desk.isLoggedIn(null, one.key)).toBe(false)
    expect(desk.isLoggedIn(one.key, one.cookie)).toBe(false)
  })

  it('end after twelve hours', () => {
    const { desk, logIn, pass } = setUp()
    const { cookie, key } = logIn()
    pass(SESSION_LIFE_MS - 1)
    expect(desk.isLoggedIn(cookie, key)).toBe(true)
    pass(1)
    expect(desk.isLoggedIn(cookie, key)).toBe(false)
    expect(desk.endsAtMs(cookie)).toBeNull()
  })

  it('end with a logout, and only that one', () => {
    const { desk, logIn } = setUp()
    const one = logIn()
    const other = logIn()
    desk.logout(one.cookie, one.key)
    expect(desk.isLoggedIn(one.cookie, one.key)).toBe(false)
    expect(desk.isLoggedIn(other.cookie, other.key)).toBe(true)
  })

  it('are as many as the limit says; one more ends the oldest', () => {
    const { desk, logIn } = setUp()
    const first = logIn()
    for (let count = 1; count < MAX_SESSIONS; count += 1) logIn()
    expect(desk.isLoggedIn(first.cookie, first.key)).toBe(true)
    const last = logIn()
    expect(desk.isLoggedIn(first.cookie, first.key)).toBe(false)
    expect(desk.isLoggedIn(last.cookie, last.key)).toBe(true)
  })
})

describe('wrong links', () => {
  const fail = (desk: LoginDesk, times: number, address = HOME): string[] =>
    Array.from({ length: times }, () => desk.login('wrong', address).kind)

  it('are answered five times, then the address waits, twice as long after each further one', () => {
    const { desk, pass } = setUp()
    expect(fail(desk, FREE_FAILURES)).toEqual(Array(FREE_FAILURES).fill('refused'))
    expect(desk.login('wrong', HOME)).toEqual({ kind: 'wait', waitMs: FIRST_BACK_OFF_MS })
    pass(FIRST_BACK_OFF_MS)
    expect(fail(desk, 1)).toEqual(['refused'])
    expect(desk.login('wrong', HOME)).toEqual({ kind: 'wait', waitMs: 2 * FIRST_BACK_OFF_MS })
  })

  it('never make anybody wait longer than ten minutes', () => {
    const { desk, pass } = setUp()
    for (let turn = 0; turn < 40; turn += 1) {
      fail(desk, 1)
      pass(LONGEST_BACK_OFF_MS)
    }
    fail(desk, 1)
    expect(desk.login('wrong', HOME)).toEqual({ kind: 'wait', waitMs: LONGEST_BACK_OFF_MS })
  })

  it('of ten thousand guesses do not lock the owner out', () => {
    const { desk } = setUp()
    fail(desk, 10_000)
    expect(desk.login(desk.newLink(), HOME).kind).toBe('welcome')
    expect(fail(desk, 1)).toEqual(['refused'])
  })

  it('are counted for each address, and the oldest forgotten past the limit', () => {
    const { desk } = setUp()
    fail(desk, FREE_FAILURES, 'first')
    for (let index = 1; index < MAX_ADDRESSES; index += 1) fail(desk, 1, `other ${index}`)
    expect(fail(desk, 1, 'first')).toEqual(['wait'])
    fail(desk, 1, 'one more')
    expect(fail(desk, 1, 'first')).toEqual(['refused'])
  })
})
