/**
 * The control over HTTP. `docs/api.md` is its description; what it answers are the contract's own types as JSON.
 * Errors are `{problem: {code, message, help}}` with a fitting status.
 */
import express, {
  type ErrorRequestHandler,
  type Request,
  type RequestHandler,
  type Response,
  type Router,
} from 'express'
import { checkCommand } from './check-command.ts'
import type { CommandResult, Control, Problem, Update } from './contract.ts'
import { type Gate, TICKET_MS, type Turned } from './gate.ts'
import { FAILED, isProblem, problem, UNKNOWN_TORRENT } from './problems.ts'
import { addOptionsFromQuery } from './upload-query.ts'

export { attachControlSocket } from './control-socket.ts'
export { Gate, hostNames, loopbackHosts } from './gate.ts'
export { HARD_SERVER_OPTIONS, hardenServer, isLoopback } from './harden-server.ts'

/** Room for 10,000 torrent ids. */
export const COMMAND_BYTES: number = 1024 * 1024
/** A .torrent file as it is. */
export const TORRENT_FILE_BYTES: number = 32 * 1024 * 1024
/** An `add` command with the file in base64 and 200,000 indexes. */
export const ADD_COMMAND_BYTES: number = 48 * 1024 * 1024

const TORRENT_TYPE = 'application/x-bittorrent'

/** Where everything of this router lies; other paths are left to whoever comes after it. */
const OURS = ['/api', '/healthz']

/** Routes below `/api/v1/` and `/healthz`. Only callers that the gate lets through reach the control. */
export function controlRoutes(
  control: Control,
  gate: Gate,
  onError: (error: unknown) => void = () => {},
): Router {
  const router = express.Router({ caseSensitive: true, strict: true })
  router.use(OURS, guardHost(gate), setHeaders, guardOrigin(gate))
  router.get('/healthz', (_, response) => void response.json({ status: 'ok' }))
  router.use('/api', guardCaller(gate))
  addReadingRoutes(router, control)
  addWritingRoutes(router, control, gate)
  router.use('/api', answerUnknownRoute)
  router.use(OURS, answerErrors(onError))
  return router
}

function addReadingRoutes(router: Router, control: Control): void {
  router.get('/api/v1/torrents', (_, response) => answerList(control, response))
  router.get('/api/v1/session', (_, response) => answerSession(control, response))
  router.get('/api/v1/torrents/:id', (request, response) =>
    answerDetail(control, request.params.id, response),
  )
  router.get('/api/v1/torrents/:id/metainfo', (request, response) =>
    answerMetainfo(control, request.params.id, response),
  )
}

async function answerList(control: Control, response: Response): Promise<void> {
  const { number, torrents } = await snapshotOf(control)
  response.json({ number, torrents })
}

async function answerSession(control: Control, response: Response): Promise<void> {
  const { session } = await snapshotOf(control)
  response.json({ session })
}

async function answerDetail(control: Control, id: string, response: Response): Promise<void> {
  const detail = await control.detail(id)
  if (detail === null) turn(response, { status: 404, problem: UNKNOWN_TORRENT })
  else response.json({ detail })
}

async function answerMetainfo(control: Control, id: string, response: Response): Promise<void> {
  const bytes = await control.metainfo(id)
  if (bytes === null) return turn(response, await missingMetainfo(control, id))
  response.type(TORRENT_TYPE)
  response.set('Content-Disposition', `attachment; filename="${id}.torrent"`)
  response.send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))
}

function addWritingRoutes(router: Router, control: Control, gate: Gate): void {
  const readJson = (limit: number): RequestHandler => express.json({ limit, inflate: false })
  const readFile = express.raw({ type: TORRENT_TYPE, limit: TORRENT_FILE_BYTES, inflate: false })

  router.post('/api/v1/ticket', (_, response) => {
    response.json({ ticket: gate.issueTicket(), expiresInMs: TICKET_MS })
  })
  router.post(
    '/api/v1/commands',
    demandType('application/json'),
    readJson(COMMAND_BYTES),
    (request, response) => runCommand(control, request.body, response),
  )
  router.post(
    '/api/v1/torrents',
    demandType('application/json', TORRENT_TYPE),
    readFile,
    readJson(ADD_COMMAND_BYTES),
    (request, response) => runCommand(control, addCommandOf(request), response),
  )
  for (const path of ['/api/v1/ticket', '/api/v1/commands']) {
    router.all(path, (_, response) => wrongMethod(response, 'POST'))
  }
  router.all('/api/v1/torrents', (_, response) => wrongMethod(response, 'GET, HEAD, POST'))
  router.all(
    ['/healthz', '/api/v1/session', '/api/v1/torrents/:id', '/api/v1/torrents/:id/metainfo'],
    (_, response) => wrongMethod(response, 'GET, HEAD'),
  )
}

/** A raw file with its options in the query, or a whole `add` command. */
function addCommandOf(request: Request): unknown {
  if (!Buffer.isBuffer(request.body)) return request.body
  return {
    ...addOptionsFromQuery(new URL(request.url, 'http://localhost').searchParams),
    do: 'add',
    source: { kind: 'metainfo', base64: request.body.toString('base64') },
  }
}

async function runCommand(control: Control, body: unknown, response: Response): Promise<void> {
  const command = checkCommand(body)
  if (isProblem(command)) return turn(response, { status: 400, problem: command })
  const result = await control.run(command)
  response.status(statusOf(result)).json(result)
}

/** What came of a command, as a status: 400 for what is wrong in itself, 404 and 409 for what the node refuses. */
function statusOf(result: CommandResult): number {
  if (result.ok) return 200
  return STATUS_BY_CODE.get(result.problem.code) ?? 409
}

const STATUS_BY_CODE: ReadonlyMap<string, number> = new Map([
  ['bad-command', 400],
  ['bad-torrent', 400],
  ['bad-magnet', 400],
  ['bad-url', 400],
  ['bad-path', 400],
  ['bad-value', 400],
  ['not-allowed', 403],
  ['unknown-torrent', 404],
])

async function missingMetainfo(control: Control, id: string): Promise<Turned> {
  if ((await control.detail(id)) === null) return { status: 404, problem: UNKNOWN_TORRENT }
  return { status: 409, problem: METADATA_UNKNOWN }
}

/** What a listener would be told first. */
function snapshotOf(control: Control): Promise<Extract<Update, { kind: 'snapshot' }>> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      stop()
      reject(new Error('The control gives no snapshot.'))
    }, SNAPSHOT_MS)
    const stop = control.watch((update) => {
      if (update.kind !== 'snapshot') return
      clearTimeout(timer)
      stop()
      resolve(update)
    })
  })
}

const SNAPSHOT_MS = 10_000

/** Answers 421 to requests that name another host. For the whole application, before anything else. */
export function guardHost(gate: Gate): RequestHandler {
  return (request, response, next) => {
    const turned = gate.checkHost(request)
    if (turned === null) next()
    else turn(response, turned)
  }
}

function guardOrigin(gate: Gate): RequestHandler {
  return (request, response, next) => {
    const turned = gate.checkOrigin(request)
    if (turned === null) next()
    else turn(response, turned)
  }
}

function guardCaller(gate: Gate): RequestHandler {
  return async (request, response, next) => {
    const turned = await gate.checkCaller(request)
    if (turned === null) return next()
    response.set('WWW-Authenticate', 'Bearer realm="pigeon"')
    turn(response, turned)
  }
}

function demandType(...types: readonly string[]): RequestHandler {
  return (request, response, next) => {
    if (request.is([...types]) !== false && request.headers['content-type'] !== undefined) next()
    else turn(response, { status: 415, problem: wrongType(types) })
  }
}

const setHeaders: RequestHandler = (_, response, next) => {
  response.set(API_HEADERS)
  next()
}

/** `Pigeon-Api` tells a client that it speaks to the right kind of server, errors included. */
export const API_HEADERS = {
  'Pigeon-Api': '1',
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
} as const

/** Whatever a request made go wrong, in the form of all other problems. For the end of an application. */
export function answerErrors(onError: (error: unknown) => void): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    const turned = turnedBy(error)
    if (turned.status >= 500) onError(error)
    if (response.headersSent) next(error)
    else turn(response, turned)
  }
}

function turnedBy(error: unknown): Turned {
  const status = statusIn(error)
  if (status === 413) return { status, problem: TOO_LONG }
  if (status === 415) return { status, problem: wrongType(['application/json']) }
  if (status !== null) return { status: 400, problem: BAD_REQUEST }
  return { status: 500, problem: FAILED }
}

/** Express and its readers of bodies put the status into errors that are the request's fault. */
function statusIn(error: unknown): number | null {
  if (typeof error !== 'object' || error === null || !('status' in error)) return null
  const { status } = error
  return typeof status === 'number' && status >= 400 && status < 500 ? status : null
}

/** For the end of an application: nothing lies at this address. */
export const answerUnknownRoute: RequestHandler = (_, response) => {
  turn(response, { status: 404, problem: NO_SUCH_ROUTE })
}

function wrongMethod(response: Response, allowed: string): void {
  response.set('Allow', allowed)
  turn(response, { status: 405, problem: WRONG_METHOD })
}

function turn(response: Response, turned: Turned): void {
  response.status(turned.status).set(API_HEADERS).json({ problem: turned.problem })
}

const SEE_API = 'See docs/api.md for what this server understands.'
const NO_SUCH_ROUTE = problem('no-such-route', 'There is nothing at this address.', SEE_API)
const WRONG_METHOD = problem('wrong-method', 'This address takes other methods.', SEE_API)
const BAD_REQUEST = problem('bad-request', 'The request cannot be read.', SEE_API)
const TOO_LONG = problem('too-long', 'The body of the request is too long.', SEE_API)
const METADATA_UNKNOWN = problem(
  'metadata-unknown',
  'The torrent was added by a magnet and its files are not known yet.',
  'Wait until a peer has sent its metadata.',
)

function wrongType(types: readonly string[]): Problem {
  return problem('wrong-type', `The body must be ${types.join(' or ')}, not compressed.`, SEE_API)
}
