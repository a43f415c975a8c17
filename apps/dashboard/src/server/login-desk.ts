/**
 * Who may come in. A link printed in the terminal is exchanged once for a session; a session is two secrets: an
 * HttpOnly cookie, and a key that the page keeps for its own origin and sends in a header. Cookies are shared by all
 * ports of a host, storage is not: whoever reads the cookie from another port still lacks the key.
 *
 * Secrets are kept as SHA-256 only, and compared in constant time.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** A link works this long. */
export const LINK_LIFE_MS = 10 * 60_000
/** A session works this long after its login. */
export const SESSION_LIFE_MS = 12 * 3_600_000
/** The oldest session ends when one more begins. */
export const MAX_SESSIONS = 32
/** This many wrong links are answered at once; then each one waits longer. */
export const FREE_FAILURES = 5
export const FIRST_BACK_OFF_MS = 2_000
export const LONGEST_BACK_OFF_MS = 10 * 60_000
/** Addresses whose failures are remembered; the oldest is forgotten first. */
export const MAX_ADDRESSES = 1_000

export interface SessionSecrets {
  readonly cookie: string
  readonly key: string
}

export type LoginAnswer =
  | ({ readonly kind: 'welcome' } & SessionSecrets)
  /** Wrong, used or expired: it is not told which. */
  | { readonly kind: 'refused' }
  | { readonly kind: 'wait'; readonly waitMs: number }

interface Failures {
  readonly count: number
  readonly untilMs: number
}

interface Session {
  readonly cookieHash: Buffer
  readonly keyHash: Buffer
  readonly endsAtMs: number
}

export interface LoginDeskOptions {
  readonly nowMs: () => number
  /** 256 bits, as text fit for a URL. */
  readonly secret?: () => string
}

/** Hands out links, which work once, and sessions, which end. */
export class LoginDesk {
  readonly #nowMs: () => number
  readonly #secret: () => string
  #link: { readonly hash: Buffer; readonly endsAtMs: number } | null = null
  readonly #sessions: Session[] = []
  readonly #failures = new Map<string, Failures>()

  constructor(options: LoginDeskOptions) {
    this.#nowMs = options.nowMs
    this.#secret = options.secret ?? (() => randomBytes(32).toString('base64url'))
  }

  /** Makes the token of a new link; an earlier link that nobody used is void from now on. */
  newLink(): string {
    const token = this.#secret()
    this.#link = { hash: hashOf(token), endsAtMs: this.#nowMs() + LINK_LIFE_MS }
    return token
  }

  /**
   * Exchanges a link's token for a session. A right token always works, even while its address is made to wait:
   * nobody can lock the owner out by guessing, and 256 bits cannot be guessed.
   */
  login(token: string, address: string): LoginAnswer {
    const link = this.#link
    if (link !== null && isSecret(token, link.hash) && this.#nowMs() < link.endsAtMs) {
      this.#link = null
      this.#failures.delete(address)
      return { kind: 'welcome', ...this.#newSession() }
    }
    return this.#fail(address)
  }

  /** Whether both secrets belong to one session that still runs. */
  isLoggedIn(cookie: string | null, key: string | null): boolean {
    return this.#find(cookie, key) !== null
  }

  logout(cookie: string | null, key: string | null): void {
    const session = this.#find(cookie, key)
    if (session === null) return
    this.#sessions.splice(this.#sessions.indexOf(session), 1)
  }

  /** When the session of a cookie ends, for where no key can be sent; `null` when none runs. */
  endsAtMs(cookie: string | null): number | null {
    if (cookie === null) return null
    const session = this.#sessions.find((each) => isSecret(cookie, each.cookieHash))
    return session !== undefined && this.#nowMs() < session.endsAtMs ? session.endsAtMs : null
  }

  #newSession(): SessionSecrets {
    const secrets = { cookie: this.#secret(), key: this.#secret() }
    if (this.#sessions.length >= MAX_SESSIONS) this.#sessions.shift()
    this.#sessions.push({
      cookieHash: hashOf(secrets.cookie),
      keyHash: hashOf(secrets.key),
      endsAtMs: this.#nowMs() + SESSION_LIFE_MS,
    })
    return secrets
  }

  #find(cookie: string | null, key: string | null): Session | null {
    if (cookie === null || key === null) return null
    const session = this.#sessions.find(
      (each) => isSecret(cookie, each.cookieHash) && isSecret(key, each.keyHash),
    )
    return session !== undefined && this.#nowMs() < session.endsAtMs ? session : null
  }

  #fail(address: string): LoginAnswer {
    const nowMs = this.#nowMs()
    const before = this.#failures.get(address)
    if (before !== undefined && nowMs < before.untilMs)
      return { kind: 'wait', waitMs: before.untilMs - nowMs }
    const count = (before?.count ?? 0) + 1
    const waitMs =
      count < FREE_FAILURES
        ? 0
        : Math.min(FIRST_BACK_OFF_MS * 2 ** (count - FREE_FAILURES), LONGEST_BACK_OFF_MS)
    this.#failures.delete(address)
    if (this.#failures.size >= MAX_ADDRESSES) {
      const oldest = this.#failures.keys().next()
      if (!oldest.done) this.#failures.delete(oldest.value)
    }
    this.#failures.set(address, { count, untilMs: nowMs + waitMs })
    return { kind: 'refused' }
  }
}

function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}

function isSecret(given: string, hash: Buffer): boolean {
  return timingSafeEqual(hashOf(given), hash)
}
