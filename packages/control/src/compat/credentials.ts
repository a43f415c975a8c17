/** Names and passwords of clients that know no tokens, and what guessing costs. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { Scope } from '../contract.ts'
import { hostKeyOf } from '../failure-backoff.ts'

export interface RemoteAccess {
  /** What the holder of a token of the node may do; `null` when it is none. Must not tell by its time. */
  readonly scopeOf: (token: string) => Scope | null | Promise<Scope | null>
  /** A name and a password besides the tokens, which may do everything. */
  readonly login?: { readonly username: string; readonly password: string }
}

export type Entry =
  | { readonly kind: 'welcome'; readonly scope: Scope; readonly by: 'token' | 'password' }
  | { readonly kind: 'refused' }
  /** Too many failures from this address. */
  | { readonly kind: 'wait'; readonly waitMs: number }

/** Failures of an address that cost nothing. */
export const FREE_FAILURES = 5
export const FIRST_BACK_OFF_MS = 1_000
export const LONGEST_BACK_OFF_MS = 600_000
/** Addresses whose failures are remembered; the oldest is forgotten first. */
export const REMEMBERED_ADDRESSES = 1_000
/** Longer ones are wrong without being looked at. */
const SECRET_CHARACTERS = 512

interface Failures {
  readonly count: number
  readonly untilMs: number
  /** What was wrong lately: saying it again guesses nothing. */
  readonly wrong: readonly string[]
}

/**
 * A token may stand for the password, with any name. It works even while its address has to wait: 256 bits cannot be
 * guessed, so nobody locks the owner out. All wrong secrets take the same time.
 */
export class Credentials {
  readonly #access: RemoteAccess
  readonly #nowMs: () => number
  readonly #failures = new Map<string, Failures>()

  constructor(access: RemoteAccess, nowMs: () => number = () => performance.now()) {
    this.#access = access
    this.#nowMs = nowMs
  }

  async check(username: string, password: string, address: string): Promise<Entry> {
    if (password.length <= SECRET_CHARACTERS && username.length <= SECRET_CHARACTERS) {
      const scope = password === '' ? null : await this.#access.scopeOf(password)
      if (scope !== null) return { kind: 'welcome', scope, by: 'token' }
    }
    const host = hostKeyOf(address)
    const nowMs = this.#nowMs()
    const before = this.#lately(host, nowMs)
    if (before !== undefined && nowMs < before.untilMs) {
      return { kind: 'wait', waitMs: before.untilMs - nowMs }
    }
    if (this.#isLogin(username, password)) {
      this.#failures.delete(host)
      return { kind: 'welcome', scope: 'full', by: 'password' }
    }
    this.#fail(host, before, digestOf(`${username}\0${password}`).toString('base64'))
    return { kind: 'refused' }
  }

  /** After ten quiet minutes beyond its wait, a host begins anew. */
  #lately(host: string, nowMs: number): Failures | undefined {
    const failures = this.#failures.get(host)
    if (failures === undefined || nowMs - failures.untilMs <= LONGEST_BACK_OFF_MS) return failures
    this.#failures.delete(host)
    return undefined
  }

  #isLogin(username: string, password: string): boolean {
    const { login } = this.#access
    if (login === undefined || login.password === '') return false
    const isName = isSame(username, login.username)
    return isSame(password, login.password) && isName
  }

  #fail(host: string, before: Failures | undefined, guess: string): void {
    const wrong = before?.wrong ?? []
    // A program that holds to an old password must not lock out its owner, who shares its address.
    if (wrong.includes(guess)) return
    const count = (before?.count ?? 0) + 1
    const over = count - FREE_FAILURES
    const waitMs = over < 0 ? 0 : Math.min(FIRST_BACK_OFF_MS * 2 ** over, LONGEST_BACK_OFF_MS)
    this.#failures.delete(host)
    if (this.#failures.size >= REMEMBERED_ADDRESSES) {
      const oldest = this.#failures.keys().next()
      if (!oldest.done) this.#failures.delete(oldest.value)
    }
    this.#failures.set(host, {
      count,
      untilMs: this.#nowMs() + waitMs,
      wrong: [guess, ...wrong].slice(0, FREE_FAILURES),
    })
  }
}

/** Name and password of an `Authorization: Basic` header; `null` when it is none. */
export function readBasic(header: string | undefined): {
  readonly username: string
  readonly password: string
} | null {
  const base64 = /^Basic +([A-Za-z0-9+/]+={0,2})$/i.exec(header ?? '')?.[1]
  if (base64 === undefined) return null
  const text = Buffer.from(base64, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  if (colon < 0) return null
  return { username: text.slice(0, colon), password: text.slice(colon + 1) }
}

export function allows(scope: Scope, needed: Scope): boolean {
  return RANK[scope] >= RANK[needed]
}

const RANK: { readonly [S in Scope]: number } = { read: 0, add: 1, full: 2 }

function isSame(given: string, expected: string): boolean {
  return timingSafeEqual(digestOf(given), digestOf(expected))
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
