/**
 * Transmission's RPC on a control: one address, both dialects. Existing programs take it for Transmission.
 *
 * To be mounted behind the check of the Host header. Nothing is answered without a name and password or a token, and
 * no page of another site can call it: it takes a header that no form can send, and there is no CORS.
 */
import { randomBytes } from 'node:crypto'
import express, { type Request, type RequestHandler, type Response, Router } from 'express'
import { bearerTokenOf } from '../bearer-token.ts'
import type { Control, Problem, Scope } from '../contract.ts'
import { Credentials, readBasic, type RemoteAccess } from '../compat/credentials.ts'
import { LiveList } from '../compat/live-list.ts'
import { lookupFor, refuseUrl } from '../compat/public-url.ts'
import type { World } from './outcome.ts'
import { Remembered } from './remembered.ts'
import { answerRpc } from './rpc.ts'
import { RPC_SEMVER } from './session-get.ts'

export interface TransmissionOptions {
  readonly access: RemoteAccess
  /** Such as `pigeond 0.1.0`: behind the version that clients look for. */
  readonly node: string
  /** Loads the blocklist anew, for `blocklist-update`; refused when absent. */
  readonly updateBlocklist?: () => Promise<Problem | null>
  /** Addresses inside the house may be fetched for `torrent-add` too; refused when absent. */
  readonly allowPrivateUrls?: boolean
  /** Told of what should never happen. */
  readonly onError?: (error: unknown) => void
  /** Wall time; the machine's own when absent. */
  readonly nowMs?: () => number
}

/** A .torrent file of 32 MiB in base64, and what stands around it. */
export const RPC_BODY_BYTES: number = 48 * 1024 * 1024
export const SESSION_ID_HEADER = 'X-Transmission-Session-Id'

/** With a slash behind it or without. */
const PATH = '/transmission/rpc'

export function transmissionRoutes(control: Control, options: TransmissionOptions): Router {
  const credentials = new Credentials(options.access)
  const allowsPrivate = options.allowPrivateUrls === true
  const world: World = {
    list: new LiveList(control),
    remembered: new Remembered(),
    nowMs: options.nowMs ?? Date.now,
    sessionId: randomBytes(36).toString('base64url'),
    node: options.node,
    ...(options.updateBlocklist === undefined ? {} : { updateBlocklist: options.updateBlocklist }),
    reachesPrivate: allowsPrivate,
    refuseUrl: async (url) => (allowsPrivate ? null : refuseUrl(url, await lookupFor(world.list))),
  }
  const router = Router({ caseSensitive: true })
  router.use(PATH, setHeaders, guardCaller(credentials), guardSession(world.sessionId))
  // JSON whatever the type says: transmission-remote itself calls it a form.
  const readBody = express.raw({ type: () => true, limit: RPC_BODY_BYTES, inflate: false })
  router.post(PATH, readBody, (request, response) => answer(request, response, world, options))
  router.all(PATH, (_, response) => {
    response.set('Allow', 'POST')
    turn(response, 405, 'Method Not Allowed')
  })
  return router
}

async function answer(
  request: Request,
  response: Response,
  world: World,
  { onError }: TransmissionOptions,
): Promise<void> {
  const body: unknown = request.body
  const text = Buffer.isBuffer(body) ? body.toString('utf8') : ''
  try {
    const answered = await answerRpc(text, world, scopeIn(response))
    if (answered === null) response.status(204).end()
    else response.type('application/json; charset=UTF-8').send(answered)
  } catch (error) {
    onError?.(error)
    response.json({ arguments: {}, result: 'something went wrong inside the node: see its log' })
  }
}

/** Who calls, before anything of the request is read. */
function guardCaller(credentials: Credentials): RequestHandler {
  return async (request, response, next) => {
    const { authorization } = request.headers
    const token = bearerTokenOf(request)
    const basic = token === null ? readBasic(authorization) : { username: '', password: token }
    if (basic === null) return demandLogin(response)
    const address = request.socket.remoteAddress ?? ''
    const entry = await credentials.check(basic.username, basic.password, address)
    if (entry.kind === 'refused') return demandLogin(response)
    if (entry.kind === 'wait') {
      response.set('Retry-After', String(Math.ceil(entry.waitMs / 1000)))
      return turn(
        response,
        403,
        'Too many wrong passwords from this address: wait, or use a token.',
      )
    }
    response.locals['scope'] = entry.scope
    next()
  }
}

function scopeIn(response: Response): Scope {
  const scope: unknown = response.locals['scope']
  return scope === 'full' || scope === 'add' ? scope : 'read'
}

function demandLogin(response: Response): void {
  response.set('WWW-Authenticate', 'Basic realm="Transmission", charset="UTF-8"')
  turn(
    response,
    401,
    'The name or password is wrong. A token of this node may stand for the password.',
  )
}

/** Whoever calls for the first time is told the id, whatever the method: some programs ask with GET. */
function guardSession(sessionId: string): RequestHandler {
  return (request, response, next) => {
    if (request.get(SESSION_ID_HEADER) === sessionId) return next()
    response.set({ [SESSION_ID_HEADER]: sessionId, 'X-Transmission-Rpc-Version': RPC_SEMVER })
    turn(response, 409, `Repeat the request with the header ${SESSION_ID_HEADER} of this answer.`)
  }
}

const setHeaders: RequestHandler = (_, response, next) => {
  response.set({
    Server: 'Transmission',
    'Cache-Control': 'no-store',
    'Content-Security-Policy': "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
  })
  next()
}

function turn(response: Response, status: number, words: string): void {
  response.status(status).type('text/plain').send(`${words}\n`)
}
