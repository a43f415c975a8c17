/** All routes of the dashboard: the page from memory, the login, and the control's API behind it. */
import { controlRoutes, guardHost } from '@pigeon/control/serve'
import express, {
  type Express,
  type Request,
  type RequestHandler,
  type Response,
  type Router,
} from 'express'
import { type LoginDesk, SESSION_LIFE_MS } from './login-desk.ts'
import type { Asset } from './page-assets.ts'
import { RESPONSE_HEADERS } from './response-headers.ts'
import { type ServedNode, stateOf } from './served-node.ts'
import { cookieName, setCookie } from './session-cookie.ts'
import { NOT_LOGGED_IN, type SessionGate } from './session-gate.ts'

/** A login is one token of 43 characters. */
export const LOGIN_BYTES = 1024

/** Paths that the page's own script reads; all show the same document. */
const PAGE_PATHS = [
  '/',
  '/add',
  '/settings',
  '/network',
  '/about',
  '/t/:id',
  '/t/:id/:tab',
  '/t/:id/peers/:peer',
]

export interface WebAppOptions {
  /** The first one is shown where no other is named. */
  readonly nodes: readonly [ServedNode, ...ServedNode[]]
  readonly gate: SessionGate
  readonly desk: LoginDesk
  readonly assets: ReadonlyMap<string, Asset>
  readonly port: number
  /** Everything lies below it. */
  readonly basePath: string
  /** Told of what should never happen. */
  readonly onError: (error: unknown) => void
}

export function webApp(options: WebAppOptions): Express {
  const { gate, basePath, onError } = options
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('query parser', 'simple')
  app.use((_, response, next) => {
    response.set(RESPONSE_HEADERS)
    next()
  })
  app.use(guardHost(gate))
  const router = express.Router({ caseSensitive: true, strict: true })
  addLogin(router, options)
  addPage(router, options)
  addNodes(router, options)
  app.use(basePath, router)
  if (basePath !== '/')
    app.get(['/', basePath.slice(0, -1)], (_, response) => response.redirect(302, basePath))
  app.use((_, response) => void response.status(404).type('text').send('There is nothing here.\n'))
  app.use(
    (error: unknown, _request: Request, response: Response, next: (error: unknown) => void) => {
      if (response.headersSent) return next(error)
      const status = statusOf(error)
      if (status >= 500) onError(error)
      response.status(status).type('text').send('This request cannot be answered.\n')
    },
  )
  return app
}

function addPage(router: Router, { assets, nodes }: WebAppOptions): void {
  const document = assets.get('/index.html')
  const ofNodes = nodes.flatMap(({ key }) => PAGE_PATHS.map((path) => `/n/${key}${path}`))
  if (document !== undefined)
    router.get([...PAGE_PATHS, '/login', ...ofNodes], (request, response) =>
      sendAsset(request, response, document),
    )
  router.use((request, response, next) => {
    // Looked up as it came, not decoded: a path is a key in a map and never a name of a file.
    const asset = isReading(request) ? assets.get(request.path) : undefined
    if (asset === undefined) next()
    else sendAsset(request, response, asset)
  })
}

/** Each node's control below a path of its own; that of the first one also below the base path itself. */
function addNodes(router: Router, { nodes, gate, onError }: WebAppOptions): void {
  router.get('/nodes', (request, response) => {
    const turned = gate.checkOrigin(request)
    if (turned !== null) response.status(turned.status).json({ problem: turned.problem })
    else if (!gate.isLoggedIn(request)) response.status(401).json({ problem: NOT_LOGGED_IN })
    else response.json({ nodes: nodes.map(stateOf) })
  })
  for (const [index, node] of nodes.entries()) {
    const routes = [answerAbsence(node, gate), controlRoutes(node.control, gate, onError)]
    router.use(`/n/${node.key}`, routes)
    if (index === 0) router.use(routes)
  }
}

/** Who may ask is told at once that the node is away, and why. Its WebSocket opens all the same, and tells when it is back. */
function answerAbsence(node: ServedNode, gate: SessionGate): RequestHandler {
  return (request, response, next) => {
    const isApi = request.path.startsWith('/api/') && request.path !== '/api/v1/ticket'
    const { problem } = isApi ? stateOf(node) : { problem: null }
    if (problem === null || gate.checkOrigin(request) !== null || !gate.isLoggedIn(request)) next()
    else response.status(503).json({ problem })
  }
}

function addLogin(router: Router, { gate, desk, port, basePath }: WebAppOptions): void {
  const cookie = { name: cookieName(port), path: basePath }
  const guard = (request: Request, response: Response, next: () => void): void => {
    const turned = gate.checkOrigin(request)
    const isJson = request.headers['content-type']?.startsWith('application/json') === true
    if (turned !== null) response.status(turned.status).json({ problem: turned.problem })
    else if (!isJson) response.status(415).json({ problem: NOT_JSON })
    else next()
  }
  const readJson = express.json({ limit: LOGIN_BYTES, inflate: false })

  router.post('/login', guard, readJson, (request, response) => {
    const answer = desk.login(tokenOf(request.body), request.socket.remoteAddress ?? '')
    if (answer.kind === 'welcome') {
      // A browser has one session at a time: the new one takes the place of the old.
      gate.logout(request)
      const isSecure = request.headers.origin?.startsWith('https:') === true
      response.set('Set-Cookie', setCookie(cookie, answer.cookie, SESSION_LIFE_MS, isSecure))
      response.json({ key: answer.key })
    } else if (answer.kind === 'wait') {
      response.set('Retry-After', String(Math.ceil(answer.waitMs / 1000)))
      response.status(429).json({ problem: TOO_MANY_LOGINS })
    } else response.status(401).json({ problem: BAD_LINK })
  })
  router.post('/logout', guard, readJson, (request, response) => {
    if (!gate.isLoggedIn(request)) {
      response.status(401).json({ problem: NOT_LOGGED_IN })
      return
    }
    gate.logout(request)
    response.set('Set-Cookie', setCookie(cookie, '', 0, false))
    response.json({})
  })
}

function sendAsset(request: Request, response: Response, asset: Asset): void {
  response.set('Content-Type', asset.contentType)
  response.set('ETag', asset.etag)
  response.set('Vary', 'Accept-Encoding')
  // The document names its script and style by hash: it must always be asked for, they never.
  response.set('Cache-Control', asset.isImmutable ? 'max-age=31536000, immutable' : 'no-cache')
  if (request.headers['if-none-match'] === asset.etag) {
    response.status(304).end()
    return
  }
  const [encoding, body] = packedFor(request, asset)
  if (encoding !== null) response.set('Content-Encoding', encoding)
  response.end(body)
}

function packedFor(request: Request, asset: Asset): readonly ['br' | 'gzip' | null, Buffer] {
  const { brotli, gzip, body } = asset
  if (brotli !== null && request.acceptsEncodings('br') === 'br') return ['br', brotli]
  if (gzip !== null && request.acceptsEncodings('gzip') === 'gzip') return ['gzip', gzip]
  return [null, body]
}

function isReading(request: Request): boolean {
  return request.method === 'GET' || request.method === 'HEAD'
}

function tokenOf(body: unknown): string {
  const isRecord = typeof body === 'object' && body !== null && 'token' in body
  return isRecord && typeof body.token === 'string' ? body.token : ''
}

function statusOf(error: unknown): number {
  const status =
    typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500
}

const NOT_JSON = {
  code: 'wrong-type',
  message: 'The body must be application/json.',
  help: 'Use the page that this server shows.',
}

const BAD_LINK = {
  code: 'bad-link',
  message: 'This login link was used already, has expired or is wrong.',
  help: 'Press l and Enter in the terminal where pigeon-web runs, and open the new link.',
}

const TOO_MANY_LOGINS = {
  code: 'too-many-logins',
  message: 'Too many wrong links came from this address.',
  help: 'Wait a little before the next try.',
}
