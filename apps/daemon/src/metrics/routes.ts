/** `/metrics`, on the control's port for whoever may read, or at an address of its own for everybody who reaches it. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { isIP } from 'node:net'
import { HARD_SERVER_OPTIONS, hardenServer } from '@pigeon/control/serve'
import type { Metric, Tally } from './metric.ts'
import type { MetricsPage } from './page.ts'

/** Prints the metrics; what prints them is loaded when they are asked for the first time. */
export class MetricsPrinter {
  readonly #metrics: () => readonly Metric[]
  #page: Promise<MetricsPage> | null = null

  constructor(metrics: () => readonly Metric[]) {
    this.#metrics = metrics
  }

  /** From now on other metrics are printed. */
  forget(): void {
    this.#page = null
  }

  async answer(response: ServerResponse): Promise<void> {
    this.#page ??= import('./page.ts').then(({ openMetricsPage }) =>
      openMetricsPage(this.#metrics()),
    )
    const page = await this.#page
    const text = await page.print()
    response.writeHead(200, { 'Content-Type': page.contentType, ...HEADERS })
    response.end(text)
  }
}

const HEADERS = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
} as const

/** A handler of node:http that leaves to others what is not its own; express takes it too. */
export type Route = (request: IncomingMessage, response: ServerResponse, next: () => void) => void

/** Counts each request by method and class of its status. */
export function countRequests(tally: Tally): Route {
  return ({ method = '' }, response, next) => {
    response.once('finish', () => {
      const status = `${Math.floor(response.statusCode / 100)}xx`
      tally.add({ method: METHODS.has(method) ? method : 'other', status })
    })
    next()
  }
}

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS'])

/** For the control's own port. */
export function metricsRoute(
  printer: MetricsPrinter,
  mayRead: (request: IncomingMessage) => Promise<boolean>,
  onError: (error: unknown) => void,
): Route {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method !== 'GET' && request.method !== 'HEAD') refuse(response, 405, WRONG_METHOD)
    else if (await mayRead(request)) await printer.answer(response)
    else refuse(response, 401, NOT_AUTHORISED)
  }
  return (request, response, next) => {
    if (request.url !== '/metrics') return next()
    answer(request, response).catch((error: unknown) => {
      onError(error)
      response.destroy()
    })
  }
}

function refuse(response: ServerResponse, status: number, problem: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json', ...HEADERS })
  response.end(JSON.stringify({ problem }))
}

const WRONG_METHOD = {
  code: 'wrong-method',
  message: 'The metrics can only be read.',
  help: 'Use GET.',
} as const

const NOT_AUTHORISED = {
  code: 'not-authorised',
  message: 'The token is missing or wrong.',
  help: 'Send a token as "Authorization: Bearer TOKEN" ("pigeond token create --scope read"), or set metrics-listen.',
} as const

export interface MetricsServer {
  /** Such as `http://127.0.0.1:9192/metrics`. */
  readonly url: string
  close(): Promise<void>
}

/** Serves nothing but the metrics and `/healthz`, without a token. Answers why it cannot listen, as an errno code. */
export async function openMetricsServer(
  printer: MetricsPrinter,
  listen: { readonly host: string; readonly port: number },
  onError: (error: unknown) => void,
): Promise<MetricsServer | string> {
  const server = createServer(HARD_SERVER_OPTIONS, (request, response) => {
    answerPublic(printer, request, response).catch((error: unknown) => {
      onError(error)
      response.destroy()
    })
  })
  hardenServer(server)
  const failed = await listenAt(server, listen)
  if (failed !== null) return failed
  server.on('error', onError)
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : listen.port
  const host = listen.host.includes(':') ? `[${listen.host}]` : listen.host
  return {
    url: `http://${host}:${port}/metrics`,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}

async function answerPublic(
  printer: MetricsPrinter,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method, url, headers } = request
  if (!isDirectHost(headers.host)) refuse(response, 421, WRONG_HOST)
  else if (method !== 'GET' && method !== 'HEAD') refuse(response, 405, WRONG_METHOD)
  else if (url === '/metrics') await printer.answer(response)
  else if (url === '/healthz') response.end('{"status":"ok"}')
  else refuse(response, 404, NOT_FOUND)
}

/** A page of a browser that made its own name lead here sends that name; an address or `localhost` it cannot send. */
function isDirectHost(host: string | undefined): boolean {
  const name = (host ?? '').replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1')
  return name.toLowerCase() === 'localhost' || isIP(name) !== 0
}

const WRONG_HOST = {
  code: 'wrong-host',
  message: 'The metrics are only served under a numeric address or localhost.',
  help: 'Name the address itself in the scraper, or read /metrics at the control address with a token.',
} as const

const NOT_FOUND = {
  code: 'unknown-route',
  message: 'There is nothing at this path.',
  help: 'The metrics are at /metrics.',
} as const

function listenAt(
  server: Server,
  listen: { readonly host: string; readonly port: number },
): Promise<string | null> {
  return new Promise((resolve) => {
    const onError = (error: NodeJS.ErrnoException): void => resolve(error.code ?? 'failed')
    server.once('error', onError)
    server.listen(listen, () => {
      server.off('error', onError)
      resolve(null)
    })
  })
}
