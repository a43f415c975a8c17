/** The dashboard's HTTP server: bound, hardened, and given its routes once its port is known. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { HARD_SERVER_OPTIONS, hardenServer } from '@pigeon/control/serve'
import { LoginDesk } from './login-desk.ts'
import { attachNodeSockets } from './node-sockets.ts'
import type { Asset } from './page-assets.ts'
import type { ServedNode } from './served-node.ts'
import { SessionGate } from './session-gate.ts'
import { webApp } from './web-app.ts'

export interface WebServerOptions {
  /** The first one is shown where no other is named. */
  readonly nodes: readonly [ServedNode, ...ServedNode[]]
  readonly assets: ReadonlyMap<string, Asset>
  readonly host: string
  /** 0: any that is free. */
  readonly port: number
  /** Further origins under which the page is opened. */
  readonly origins: readonly string[]
  /** Everything lies below it; `/` when absent. With a slash at both ends. */
  readonly basePath?: string
  readonly onError: (error: unknown) => void
  /** For tests; the wall clock when absent. */
  readonly nowMs?: () => number
}

export interface WebServer {
  readonly host: string
  readonly port: number
  /** Only to be watched. */
  readonly http: Server
  /** A login link that works once; the one before it does not any more. */
  newLink(): string
  /** Stops listening and closes every connection. */
  close(): Promise<void>
}

/** Listens. Throws what `listen` reports, such as `EADDRINUSE`. */
export async function openWebServer(options: WebServerOptions): Promise<WebServer> {
  const { host, nodes, assets, origins, onError, nowMs = Date.now, basePath = '/' } = options
  const server = createServer(HARD_SERVER_OPTIONS)
  hardenServer(server)
  server.listen({ host, port: options.port })
  await once(server, 'listening')
  const port = portOf(server)
  const desk = new LoginDesk({ nowMs })
  const gate = new SessionGate({ desk, nowMs, host, port, origins })
  const sockets = attachNodeSockets(server, { nodes, gate, basePath, onError })
  server.on('request', webApp({ nodes, gate, desk, assets, port, basePath, onError }))
  return {
    host,
    port,
    http: server,
    newLink: () => `${baseOf(host, port, origins)}${basePath}login#${desk.newLink()}`,
    close: async () => {
      sockets.close()
      server.close()
      server.closeAllConnections()
      if (server.listening) await once(server, 'close')
    },
  }
}

/** Where the page is opened from this machine, or as the operator named it. */
function baseOf(host: string, port: number, origins: readonly string[]): string {
  const [named] = origins
  if (named !== undefined) return named
  const isWildcard = host === '0.0.0.0' || host === '::'
  const name = isWildcard ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host
  return `http://${name}:${port}`
}

function portOf(server: Server): number {
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('The server has no port.')
  return address.port
}
