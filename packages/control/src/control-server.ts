/** A whole HTTP server for one control: the API, its WebSocket, and nothing else. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express, { type RequestHandler } from 'express'
import { attachControlSocket, type ControlSocket } from './control-socket.ts'
import type { Control, Problem } from './contract.ts'
import { Gate, type GateOptions, hostNames } from './gate.ts'
import { HARD_SERVER_OPTIONS, hardenServer, isLoopback } from './harden-server.ts'
import { bracketed, isClosedToOthers, listen, type Listen, pathOfSocket } from './listen.ts'
import { answerErrors, answerUnknownRoute, controlRoutes, guardHost } from './serve.ts'

export interface ControlServerOptions {
  /** Not asked on a unix socket that is closed to other users: who may open its file may do everything. */
  readonly authorise: GateOptions['authorise']
  readonly listen: Listen
  /** Names besides those of loopback by which clients may call it: with a port, or for its own port without. */
  readonly extraHosts?: readonly string[]
  /** Other APIs that this server speaks too; asked before the control's own, after the Host header was checked. */
  readonly routes?: readonly RequestHandler[]
  /** Told of what should never happen. */
  readonly onError?: (error: unknown) => void
}

export interface ControlServer {
  /** Such as `http://127.0.0.1:9191` or `unix:/run/pigeon/control.sock`. */
  readonly url: string
  /** 0 on a unix socket. */
  readonly port: number
  readonly sockets: ControlSocket
  /** Ends all connections. */
  close(): Promise<void>
}

/** Serves the control, or says why it cannot listen there. */
export async function openControlServer(
  control: Control,
  options: ControlServerOptions,
): Promise<ControlServer | Problem> {
  const onError = options.onError ?? (() => {})
  let hosts: readonly string[] | 'any' = []
  let isOwnersAlone = false
  const gate = new Gate({
    authorise: (request) => (isOwnersAlone ? 'full' : options.authorise(request)),
    allowedHosts: () => hosts,
  })
  const app = express().disable('x-powered-by').disable('etag')
  app.use(guardHost(gate), ...(options.routes ?? []), controlRoutes(control, gate, onError))
  app.use(answerUnknownRoute, answerErrors(onError))
  const server = createServer(HARD_SERVER_OPTIONS, app)
  hardenServer(server)
  const refused = await listen(server, options.listen)
  if (refused !== null) return refused
  server.on('error', onError)
  const sockets = attachControlSocket(server, control, gate, { onError })
  const address = server.address()
  // Node does not know the path of a unix socket that came as a descriptor.
  const path = typeof address === 'string' ? address : await inheritedPath(options.listen)
  const isUnix = typeof address === 'string' || address === null
  isOwnersAlone = isUnix && path !== null && (await isClosedToOthers(path))
  hosts = isUnix ? 'any' : hostsOf(options, address)
  return {
    url: isUnix
      ? `unix:${path ?? ''}`
      : `http://${bracketed(hostOf(options, address))}:${address.port}`,
    port: isUnix ? 0 : address.port,
    sockets,
    close: async () => {
      sockets.close()
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}

function hostsOf(options: ControlServerOptions, address: AddressInfo): readonly string[] {
  const host = hostOf(options, address)
  const names = ['localhost', '127.0.0.1', '[::1]']
  if (!isLoopback(host) && !isWildcard(host)) names.push(bracketed(host))
  const extra = (options.extraHosts ?? []).map((name) => name.toLowerCase())
  const withPort = extra.filter((name) => /:\d+$/.test(name) && !name.endsWith(']'))
  const withoutPort = extra.filter((name) => !withPort.includes(name))
  return [...hostNames([...names, ...withoutPort], address.port), ...withPort]
}

function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::'
}

function inheritedPath(where: Listen): Promise<string | null> {
  return 'fd' in where ? pathOfSocket(where.fd) : Promise.resolve(null)
}

/** As it was given, or as it was found out of what systemd opened. */
function hostOf({ listen: where }: ControlServerOptions, address: AddressInfo): string {
  return 'host' in where ? where.host : address.address
}
