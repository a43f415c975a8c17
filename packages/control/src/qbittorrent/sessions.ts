/** Logins by cookie: the way in for clients that know nothing better. */
import { randomBytes } from 'node:crypto'
import type { Scope } from '../contract.ts'
import { allows } from '../compat/credentials.ts'

export const SESSIONS = 64
/** Since it was last used. */
export const SESSION_LIFE_MS = 3_600_000

interface Login {
  readonly scope: Scope
  /** Looked at again each time, for tokens can be revoked; `null` when a password opened it. */
  readonly token: string | null
  readonly endsAtMs: number
}

export class Sessions {
  readonly #scopeOf: (token: string) => Scope | null | Promise<Scope | null>
  readonly #nowMs: () => number
  readonly #logins = new Map<string, Login>()

  constructor(
    scopeOf: (token: string) => Scope | null | Promise<Scope | null>,
    nowMs: () => number = () => performance.now(),
  ) {
    this.#scopeOf = scopeOf
    this.#nowMs = nowMs
  }

  /** Answers the id for the cookie. Of too many the one that was used longest ago ends. */
  open(scope: Scope, token: string | null): string {
    if (this.#logins.size >= SESSIONS) {
      const oldest = this.#logins.keys().next()
      if (!oldest.done) this.#logins.delete(oldest.value)
    }
    const id = randomBytes(32).toString('base64url')
    this.#logins.set(id, { scope, token, endsAtMs: this.#nowMs() + SESSION_LIFE_MS })
    return id
  }

  async scope(id: string | null): Promise<Scope | null> {
    const login = id === null ? undefined : this.#logins.get(id)
    if (id === null || login === undefined) return null
    const isOver = this.#nowMs() >= login.endsAtMs
    const scope = isOver ? null : await this.#scopeNow(login)
    const isOpen = this.#logins.delete(id)
    if (scope === null || !isOpen) return null
    this.#logins.set(id, { ...login, endsAtMs: this.#nowMs() + SESSION_LIFE_MS })
    return allows(scope, login.scope) ? login.scope : scope
  }

  #scopeNow(login: Login): Scope | null | Promise<Scope | null> {
    return login.token === null ? login.scope : this.#scopeOf(login.token)
  }

  close(id: string | null): void {
    if (id !== null) this.#logins.delete(id)
  }
}

/** The session's id in a `Cookie` header. */
export function sessionIdIn(header: string | undefined): string | null {
  return /(?:^|;\s*)SID=([A-Za-z0-9_-]{1,64})(?:;|$)/.exec(header ?? '')?.[1] ?? null
}
