/**
 * Who may talk to the control at all: exact hosts against DNS rebinding, origins against foreign pages, then the
 * application's own authorisation, and one-time tickets for sockets that cannot send a header.
 */
import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Problem, Scope } from './contract.ts'
import { FailureBackoff } from './failure-backoff.ts'
import { problem } from './problems.ts'
import { includesScope } from './scopes.ts'

export const TICKET_MS = 30_000
/** More than this and the oldest are void. */
export const TICKETS_AT_ONCE = 64

export interface GateOptions {
  /** What the sender of this request may do; `null` for nothing. */
  readonly authorise: (request: IncomingMessage) => Scope | null | Promise<Scope | null>
  /**
   * Exact values of the Host header, with port, in lower case; a function when the port is known later. `any` where no
   * page of a browser can reach the server, as on a unix socket.
   */
  readonly allowedHosts: readonly string[] | (() => readonly string[] | 'any')
  /** Exact values of the Origin header; `http://` before each allowed host when absent. */
  readonly allowedOrigins?: readonly string[]
  /** Monotonic; the process's own clock when absent. */
  readonly nowMs?: () => number
}

/** What is judged about a request. */
type Headers = Pick<IncomingMessage, 'headers'>

/** An answer instead of the one that was asked for. */
export interface Turned {
  readonly status: number
  readonly problem: Problem
  /** When it makes sense to ask again. */
  readonly retryAfterMs?: number
}

interface Ticket {
  /** The request that was answered with it. */
  readonly buyer: IncomingMessage
  readonly voidAtMs: number
}

export class Gate {
  readonly #options: GateOptions
  readonly #nowMs: () => number
  readonly #tickets = new Map<string, Ticket>()
  readonly #failures = new FailureBackoff()
  /** Of requests that were let in. */
  readonly #scopes = new WeakMap<IncomingMessage, Scope>()
  /** Of requests that came with a ticket: those that bought it. */
  readonly #buyers = new WeakMap<IncomingMessage, IncomingMessage>()

  constructor(options: GateOptions) {
    this.#options = options
    this.#nowMs = options.nowMs ?? (() => performance.now())
  }

  /** Whether the request was meant for this server. To be asked before anything else. */
  checkHost(request: Headers): Turned | null {
    const hosts = this.#hosts()
    const host = request.headers.host?.toLowerCase()
    if (hosts === 'any' || (host !== undefined && hosts.includes(host))) return null
    return { status: 421, problem: WRONG_HOST }
  }

  /** Whether a browser sent the request for a page of ours, or no browser at all did. */
  checkOrigin(request: Headers): Turned | null {
    const { origin } = request.headers
    const site = request.headers['sec-fetch-site']
    const isOurOrigin = origin === undefined || this.#origins().includes(origin)
    const isOurSite = site === undefined || site === 'same-origin' || site === 'none'
    return isOurOrigin && isOurSite ? null : { status: 403, problem: WRONG_ORIGIN }
  }

  /** Whether the sender may do anything at all; what, `allows` and `scopeOf` say afterwards. */
  async checkCaller(request: IncomingMessage): Promise<Turned | null> {
    const scope = await this.#options.authorise(request)
    if (scope === null) {
      // Who sends no token guesses nothing.
      const isGuess = request.headers.authorization !== undefined
      return isGuess ? this.#turnGuess(request, NOT_AUTHORISED) : NO_TOKEN_SENT
    }
    this.#scopes.set(request, scope)
    return null
  }

  /** As `checkCaller`, where a ticket in the address will do instead. It is used up by this. */
  async checkSocketCaller(request: IncomingMessage, ticket: string | null): Promise<Turned | null> {
    if (ticket === null) return this.checkCaller(request)
    const known = this.#tickets.get(ticket)
    this.#tickets.delete(ticket)
    if (known === undefined || this.#nowMs() >= known.voidAtMs) {
      return this.#turnGuess(request, BAD_TICKET)
    }
    this.#scopes.set(request, this.scopeOf(known.buyer))
    this.#buyers.set(request, known.buyer)
    return null
  }

  /** Whether somebody who was let in may still do what that was for: tokens are revoked while sockets are open. */
  async stillAllows(request: IncomingMessage): Promise<boolean> {
    const scope = await this.#options.authorise(this.#buyers.get(request) ?? request)
    return scope !== null && includesScope(scope, this.scopeOf(request))
  }

  /** What the sender of a request may do that was let in; nothing but look when it was not asked about. */
  scopeOf(request: IncomingMessage): Scope {
    return this.#scopes.get(request) ?? 'read'
  }

  allows(request: IncomingMessage, needed: Scope): boolean {
    return includesScope(this.scopeOf(request), needed)
  }

  /** A ticket for one socket, for a caller who was checked. The socket may do no more than that caller. */
  issueTicket(buyer: IncomingMessage): string {
    for (const [ticket, { voidAtMs }] of this.#tickets) {
      if (this.#tickets.size < TICKETS_AT_ONCE && this.#nowMs() < voidAtMs) break
      this.#tickets.delete(ticket)
    }
    const ticket = randomBytes(32).toString('base64url')
    this.#tickets.set(ticket, { buyer, voidAtMs: this.#nowMs() + TICKET_MS })
    return ticket
  }

  #turnGuess(request: IncomingMessage, reason: Problem): Turned {
    const { remoteAddress } = request.socket
    const retryAfterMs = this.#failures.waitMs(remoteAddress, this.#nowMs())
    if (retryAfterMs > 0) return { status: 429, problem: TOO_MANY_FAILURES, retryAfterMs }
    this.#failures.failed(remoteAddress, this.#nowMs())
    return { status: 401, problem: reason }
  }

  #hosts(): readonly string[] | 'any' {
    const { allowedHosts } = this.#options
    return typeof allowedHosts === 'function' ? allowedHosts() : allowedHosts
  }

  #origins(): readonly string[] {
    const hosts = this.#hosts()
    return (
      this.#options.allowedOrigins ?? (hosts === 'any' ? [] : hosts.map((host) => `http://${host}`))
    )
  }
}

/** The names by which a server on this machine may be called. */
export function loopbackHosts(port: number): readonly string[] {
  return hostNames(['localhost', '127.0.0.1', '[::1]'], port)
}

/** Host headers for these names (an IPv6 address in brackets); without the port too where it is HTTP's own. */
export function hostNames(names: readonly string[], port: number): readonly string[] {
  const lower = names.map((name) => name.toLowerCase())
  const withPort = lower.map((name) => `${name}:${port}`)
  return port === 80 ? [...withPort, ...lower] : withPort
}

const WRONG_HOST = problem(
  'wrong-host',
  'This server is not known by the name in the request (its Host header).',
  'Use the address that the server prints when it starts, or allow the name in its settings.',
)

const WRONG_ORIGIN = problem(
  'wrong-origin',
  'The request comes from a page of another site.',
  'Open the address of this server itself.',
)

const NOT_AUTHORISED = problem(
  'not-authorised',
  'The token is missing or wrong.',
  'Send the token of this node as "Authorization: Bearer TOKEN"; "pigeond token" says where it is.',
)

const NO_TOKEN_SENT: Turned = { status: 401, problem: NOT_AUTHORISED }

const TOO_MANY_FAILURES = problem(
  'too-many-failures',
  'Too many wrong tokens came from this address.',
  'Wait for as long as Retry-After says, or send the right token: it is taken at any time.',
)

const BAD_TICKET = problem(
  'not-authorised',
  'The ticket for this socket is unknown, used or too old.',
  'Ask for a new one with POST /api/v1/ticket and use it within 30 seconds.',
)
