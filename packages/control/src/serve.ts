/**
 * The control over HTTP. `docs/api.md` is its description; what it answers are the contract's own types as JSON.
 * Errors are `{problem: {code, message, help}}` with a fitting status.
 */
import express, { type ErrorRequestHandler, type RequestHandler, type Router } from 'express'
import {
  API_ROUTES,
  type ApiRoute,
  JSON_TYPE,
  type RouteName,
  TORRENT_FILE_BYTES,
  TORRENT_TYPE,
} from './api-routes.ts'
import type { Control } from './contract.ts'
import type { Gate, Turned } from './gate.ts'
import { FAILED } from './problems.ts'
import { ROUTE_HANDLERS } from './route-handlers.ts'
import { notAllowed } from './scopes.ts'
import {
  API_HEADERS,
  BAD_REQUEST,
  NO_SUCH_ROUTE,
  TOO_LONG,
  turn,
  WRONG_METHOD,
  wrongType,
} from './turn.ts'

export { ADD_COMMAND_BYTES, COMMAND_BYTES, TORRENT_FILE_BYTES } from './api-routes.ts'
export { attachControlSocket } from './control-socket.ts'
export { Gate, hostNames, loopbackHosts } from './gate.ts'
export { HARD_SERVER_OPTIONS, hardenServer, isLoopback } from './harden-server.ts'
export { API_HEADERS } from './turn.ts'

/** Where everything of this router lies; other paths are left to whoever comes after it. */
const OURS = ['/api', '/healthz']

/** All of `API_ROUTES`. Only callers that the gate lets through reach the control. */
export function controlRoutes(
  control: Control,
  gate: Gate,
  onError: (error: unknown) => void = () => {},
): Router {
  const router = express.Router({ caseSensitive: true, strict: true })
  router.use(OURS, guardHost(gate), setHeaders, guardOrigin(gate))
  router.use('/api', guardCaller(gate))
  for (const [name, route] of routeEntries()) mount(router, control, gate, name, route)
  for (const [path, methods] of methodsByPath()) {
    router.all(path, (_, response) => {
      response.set('Allow', methods.join(', '))
      turn(response, { status: 405, problem: WRONG_METHOD })
    })
  }
  router.use('/api', answerUnknownRoute)
  router.use(OURS, answerErrors(onError))
  return router
}

function mount(
  router: Router,
  control: Control,
  gate: Gate,
  name: RouteName,
  route: ApiRoute,
): void {
  const handle = ROUTE_HANDLERS[name]
  router[route.method](
    expressPath(route),
    guardScope(gate, route),
    ...bodyReaders(route),
    (request, response) => handle({ control, gate, request, response }),
  )
}

function bodyReaders({ body }: ApiRoute): readonly RequestHandler[] {
  if (body === undefined) return []
  const readJson = express.json({ limit: body.jsonBytes, inflate: false })
  if (!body.takesFile) return [demandType(JSON_TYPE), readJson]
  const readFile = express.raw({ type: TORRENT_TYPE, limit: TORRENT_FILE_BYTES, inflate: false })
  return [demandType(JSON_TYPE, TORRENT_TYPE), readFile, readJson]
}

function routeEntries(): readonly (readonly [RouteName, ApiRoute])[] {
  // The names of a record are those that its type says.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return Object.entries(API_ROUTES) as [RouteName, ApiRoute][]
}

function methodsByPath(): ReadonlyMap<string, readonly string[]> {
  const methods = new Map<string, readonly string[]>()
  for (const [, route] of routeEntries()) {
    const path = expressPath(route)
    const own = route.method === 'get' ? ['GET', 'HEAD'] : ['POST']
    methods.set(path, [...(methods.get(path) ?? []), ...own])
  }
  return methods
}

function expressPath({ path }: ApiRoute): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1')
}

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

function guardScope(gate: Gate, { scope }: ApiRoute): RequestHandler {
  return (request, response, next) => {
    if (scope === null || gate.allows(request, scope)) next()
    else turn(response, { status: 403, problem: notAllowed(scope) })
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
  if (status === 415) return { status, problem: wrongType([JSON_TYPE]) }
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
