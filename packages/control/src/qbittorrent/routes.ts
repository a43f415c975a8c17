/**
 * A part of qBittorrent's Web API on a control: what programs that fetch films and music, phones and other pages ask.
 *
 * To be mounted behind the check of the Host header. Nothing is answered without a login; pages of other sites are
 * turned away by their origin, and there is no CORS.
 */
import express, { type Request, type RequestHandler, type Response, Router } from 'express'
import { bearerTokenOf } from '../bearer-token.ts'
import type { Control, Scope } from '../contract.ts'
import { allows, Credentials, readBasic, type RemoteAccess } from '../compat/credentials.ts'
import { LiveList } from '../compat/live-list.ts'
import { lookupFor, refuseUrl } from '../compat/public-url.ts'
import { BAD_REQUEST, type Handler, NOT_FOUND, type Reply, text, type World } from './call.ts'
import { CALLS } from './calls.ts'
import { MainData } from './main-data.ts'
import { BODY_BYTES, type Params, readParams } from './params.ts'
import { sessionIdIn, Sessions } from './sessions.ts'

export interface QBittorrentOptions {
  readonly access: RemoteAccess
  /** Such as `pigeond 0.1.0`. */
  readonly node: string
  /** Addresses inside the house may be fetched for `torrents/add` too; refused when absent. */
  readonly allowPrivateUrls?: boolean
  /** Told of what should never happen. */
  readonly onError?: (error: unknown) => void
  /** Wall time; the machine's own when absent. */
  readonly nowMs?: () => number
}

const PATH = '/api/v2'
/** Of a login's form, which anybody may send. */
const LOGIN_BYTES = 8 * 1024

export function qbittorrentRoutes(control: Control, options: QBittorrentOptions): Router {
  const allowsPrivate = options.allowPrivateUrls === true
  const world: World = {
    list: new LiveList(control),
    mainData: new MainData(),
    nowMs: options.nowMs ?? Date.now,
    node: options.node,
    reachesPrivate: allowsPrivate,
    refuseUrl: async (url) => (allowsPrivate ? null : refuseUrl(url, await lookupFor(world.list))),
    spareTags: new Set(),
  }
  const credentials = new Credentials(options.access)
  const sessions = new Sessions(options.access.scopeOf)
  const router = Router({ caseSensitive: true })
  router.use(PATH, setHeaders, guardOrigin)
  const readLogin = express.raw({ type: () => true, limit: LOGIN_BYTES, inflate: false })
  router.post(`${PATH}/auth/login`, readLogin, (request, response) =>
    login(request, response, credentials, sessions),
  )
  router.use(PATH, guardCaller(credentials, sessions))
  router.post(`${PATH}/auth/logout`, (request, response) => {
    sessions.close(sessionIdIn(request.headers.cookie))
    response.set('Set-Cookie', `${cookie('')}; Max-Age=0`)
    send(response, text(''))
  })
  const readBody = express.raw({ type: () => true, limit: BODY_BYTES, inflate: false })
  router.all(`${PATH}/:group/:name`, readBody, (request, response) =>
    answerOrReport(request, response, world, options),
  )
  router.use(PATH, (_, response) => send(response, NOT_FOUND))
  return router
}

async function answerOrReport(
  request: Request,
  response: Response,
  world: World,
  { onError }: QBittorrentOptions,
): Promise<void> {
  try {
    send(response, await answer(request, response, world))
  } catch (error) {
    onError?.(error)
    send(response, text('Something went wrong inside the node: see its log', 409))
  }
}

async function answer(request: Request, response: Response, world: World): Promise<Reply> {
  const { group, name } = request.params
  const handler = CALLS.get(`${String(group)}/${String(name)}`)
  if (handler === undefined) return NOT_FOUND
  const refused = refuse(handler, request, response)
  if (refused !== null) return refused
  const params = await paramsOf(request)
  if (params === null) return BAD_REQUEST
  const session = await world.list.session()
  if (session === null) return text('The node does not answer', 409)
  return handler.run({ params, world, session, scope: scopeIn(response) })
}

function refuse(handler: Handler, request: Request, response: Response): Reply | null {
  const { method } = request
  const isReading = method === 'GET' || method === 'HEAD'
  if (method !== 'POST' && (handler.writes || !isReading)) {
    response.set('Allow', handler.writes ? 'POST' : 'GET, HEAD, POST')
    return text('Method Not Allowed', 405)
  }
  return allows(scopeIn(response), handler.scope) ? null : FORBIDDEN
}

async function login(
  request: Request,
  response: Response,
  credentials: Credentials,
  sessions: Sessions,
): Promise<void> {
  const params = await paramsOf(request)
  const password = params?.text('password') ?? ''
  const address = request.socket.remoteAddress ?? ''
  const entry = await credentials.check(params?.text('username') ?? '', password, address)
  if (entry.kind === 'wait') {
    response.set('Retry-After', String(Math.ceil(entry.waitMs / 1000)))
    return send(response, text('Too many failures from this address: wait, or use a token', 403))
  }
  if (entry.kind === 'refused') return send(response, text('Fails.'))
  const id = sessions.open(entry.scope, entry.by === 'token' ? password : null)
  response.set('Set-Cookie', cookie(id))
  send(response, text('Ok.'))
}

function cookie(id: string): string {
  return `SID=${id}; HttpOnly; Path=/; SameSite=Strict`
}

/** By cookie, token or password; all who may not come in are answered 403, for clients log in on that. */
function guardCaller(credentials: Credentials, sessions: Sessions): RequestHandler {
  return async (request, response, next) => {
    const { authorization, cookie: cookies } = request.headers
    let scope = await sessions.scope(sessionIdIn(cookies))
    const token = bearerTokenOf(request)
    const basic = token === null ? readBasic(authorization) : { username: '', password: token }
    if (scope === null && basic !== null) {
      const address = request.socket.remoteAddress ?? ''
      const entry = await credentials.check(basic.username, basic.password, address)
      if (entry.kind === 'welcome') scope = entry.scope
    }
    if (scope === null) return send(response, FORBIDDEN)
    response.locals['scope'] = scope
    next()
  }
}

const FORBIDDEN = text('Forbidden', 403)

function scopeIn(response: Response): Scope {
  const scope: unknown = response.locals['scope']
  return scope === 'full' || scope === 'add' ? scope : 'read'
}

/** A page's own origin has the name under which it called us; that name was checked already. */
const guardOrigin: RequestHandler = (request, response, next) => {
  const { host = '', origin, referer } = request.headers
  const site = request.headers['sec-fetch-site']
  const from = origin ?? referer
  const isOurs =
    from === undefined || (URL.canParse(from) && new URL(from).host === host.toLowerCase())
  const isOurSite = site === undefined || site === 'same-origin' || site === 'none'
  if (isOurs && isOurSite) next()
  else send(response, text('Unauthorized', 401))
}

function paramsOf(request: Request): Promise<Params | null> {
  const body: unknown = request.body
  const bytes = Buffer.isBuffer(body) ? body : new Uint8Array(0)
  const query = new URL(request.originalUrl, 'http://localhost').searchParams
  return readParams(query, request.headers['content-type'], bytes)
}

const setHeaders: RequestHandler = (_, response, next) => {
  response.set({
    'Cache-Control': 'no-store',
    'Content-Security-Policy': "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
  })
  next()
}

function send(response: Response, reply: Reply): void {
  response.status(reply.status)
  const { content } = reply
  if ('text' in content) response.type('text/plain').send(content.text)
  else response.json(content.json)
}
