/** The control's gate with our login before it: requests carry cookie and key, sockets a ticket and the cookie. */
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { Gate, hostNames, loopbackHosts } from '@pigeon/control/serve'
import type { LoginDesk } from './login-desk.ts'
import { cookieName, readCookie } from './session-cookie.ts'

/** Carries the half of the session that the page keeps. */
export const KEY_HEADER = 'x-pigeon-session'

type Turned = Awaited<ReturnType<Gate['checkCaller']>>

export interface SessionGateOptions {
  readonly desk: LoginDesk
  readonly nowMs: () => number
  /** Where the server listens. */
  readonly host: string
  readonly port: number
  /** Further origins under which the page is opened, such as `https://pigeon.example`. */
  readonly origins: readonly string[]
}

export class SessionGate extends Gate {
  readonly #desk: LoginDesk
  readonly #nowMs: () => number
  readonly #cookieName: string
  /** Open WebSockets, with the cookie of their session. */
  readonly #sockets = new Map<Socket, string>()

  constructor(options: SessionGateOptions) {
    const hosts = allowedHosts(options)
    super({
      allowedHosts: hosts,
      allowedOrigins: [...hosts.map((host) => `http://${host}`), ...options.origins],
      authorise: (request) => (this.isLoggedIn(request) ? 'full' : null),
    })
    this.#desk = options.desk
    this.#nowMs = options.nowMs
    this.#cookieName = cookieName(options.port)
  }

  isLoggedIn(request: IncomingMessage): boolean {
    return this.#desk.isLoggedIn(this.cookieOf(request), keyOf(request))
  }

  cookieOf(request: IncomingMessage): string | null {
    return readCookie(request, this.#cookieName)
  }

  /** Browsers cannot send the key with a WebSocket: cookie, Origin and a ticket that the key bought stand for it. */
  override async checkSocketCaller(
    request: IncomingMessage,
    ticket: string | null,
  ): Promise<Turned> {
    if (request.headers.origin === undefined) return { status: 403, problem: NO_ORIGIN }
    const cookie = this.cookieOf(request)
    const endsAtMs = this.#desk.endsAtMs(cookie)
    if (ticket === null || cookie === null || endsAtMs === null)
      return { status: 401, problem: NOT_LOGGED_IN }
    const turned = await super.checkSocketCaller(request, ticket)
    if (turned === null) this.#follow(request.socket, cookie, endsAtMs)
    return turned
  }

  /** Ends the session of a request, where it has one, with all its WebSockets. */
  logout(request: IncomingMessage): void {
    const cookie = this.cookieOf(request)
    if (!this.isLoggedIn(request)) return
    this.#desk.logout(cookie, keyOf(request))
    for (const [socket, of] of this.#sockets) if (of === cookie) socket.destroy()
  }

  /** A socket lives no longer than its session. */
  #follow(socket: Socket, cookie: string, endsAtMs: number): void {
    this.#sockets.set(socket, cookie)
    const timer = setTimeout(() => socket.destroy(), endsAtMs - this.#nowMs())
    timer.unref()
    socket.once('close', () => {
      clearTimeout(timer)
      this.#sockets.delete(socket)
    })
  }
}

export const NOT_LOGGED_IN = {
  code: 'not-logged-in',
  message: 'You are not logged in, or your session has ended.',
  help: 'Open a new login link: press l and Enter in the terminal where pigeon-web runs.',
}

const NO_ORIGIN = {
  code: 'wrong-origin',
  message: 'A WebSocket needs the Origin of this page.',
  help: 'Programs use pigeond, which takes a token.',
}

function keyOf(request: IncomingMessage): string | null {
  const key = request.headers[KEY_HEADER]
  return typeof key === 'string' ? key : null
}

function allowedHosts({ host, port, origins }: SessionGateOptions): readonly string[] {
  const isWildcard = host === '0.0.0.0' || host === '::'
  const own = isWildcard ? [] : hostNames([host.includes(':') ? `[${host}]` : host], port)
  const named = origins.map((origin) => new URL(origin).host)
  return [...new Set([...loopbackHosts(port), ...own, ...named])]
}
