/** A whole HTTP server for one control: the API, its WebSocket, and nothing else. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express, { type RequestHandler } from 'express'
import { attachControlSocket, type ControlSocket } from './control-socket.ts'
import type { Control, Problem } from './contract.ts'
import { Gate, type GateOptions, hostNames } from './gate.ts'
import { HARD_SERVER_OPTIONS, hardenServer, isLoopback } from './harden-server.ts'
import { problem } from './problems.ts'
import { answerErrors, answerUnknownRoute, controlRoutes, guardHost } from './serve.ts'

export interface ControlServerOptions {
  readonly authorise: GateOptions['authorise']
  /** A numeric address; port 0 takes any that is free. */
  readonly listen: { readonly host: string; readonly port: number }
  /** Names besides those of loopback by which clients may call it: with a port, or for its own port without. */
  readonly extraHosts?: readonly string[]
  /** Other APIs that this server speaks too; asked before the control's own, after the Host header was checked. */
  readonly routes?: readonly RequestHandler[]
  /** Told of what should never happen. */
  readonly onError?: (error: unknown) => void
}

export interface ControlServer {
  /** Such as `http://127.0.0.1:9191`. */
  readonly url: string
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
  let hosts: readonly string[] = []
  const gate = new Gate({ authorise: options.authorise, allowedHosts: () => hosts })
  const app = express().disable('x-powered-by').disable('etag')
  app.use(guardHost(gate), ...(options.routes ?? []), controlRoutes(control, gate, onError))
  app.use(answerUnknownRoute, answerErrors(onError))
  const server = createServer(HARD_SERVER_OPTIONS, app)
  hardenServer(server)
  const refused = await listen(server, options.listen)
  if (refused !== null) return refused
  server.on('error', onError)
  const sockets = attachControlSocket(server, control, gate, { onError })
  const port = portOf(server.address())
  hosts = hostsOf(options, port)
  return {
    url: `http://${bracketed(options.listen.host)}:${port}`,
    port,
    sockets,
    close: async () => {
      sockets.close()
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}

function listen(
  server: Server,
  { host, port }: ControlServerOptions['listen'],
): Promise<Problem | null> {
  return new Promise((resolve) => {
    const onError = (error: NodeJS.ErrnoException): void =>
      resolve(listenProblem(`${bracketed(host)}:${port}`, error.code ?? 'failed'))
    server.once('error', onError)
    server.listen({ host, port }, () => {
      server.off('error', onError)
      resolve(null)
    })
  })
}

function listenProblem(address: string, code: string): Problem {
  if (code === 'EADDRINUSE') {
    return problem(
      'address-in-use',
      `Another program listens at ${address} already.`,
      'Stop it, or choose another port with --control-listen (0 takes any that is free).',
    )
  }
  if (code === 'EACCES') {
    return problem(
      'no-permission',
      `This user may not listen at ${address}.`,
      'Choose a port from 1024 on with --control-listen.',
    )
  }
  return problem(
    'address-unavailable',
    `It is not possible to listen at ${address} (${code}).`,
    'Choose an address of this machine with --control-listen.',
  )
}

function hostsOf(options: ControlServerOptions, port: number): readonly string[] {
  const { host } = options.listen
  const names = ['localhost', '127.0.0.1', '[::1]']
  if (!isLoopback(host) && !isWildcard(host)) names.push(bracketed(host))
  const extra = (options.extraHosts ?? []).map((name) => name.toLowerCase())
  const withPort = extra.filter((name) => /:\d+$/.test(name) && !name.endsWith(']'))
  const withoutPort = extra.filter((name) => !withPort.includes(name))
  return [...hostNames([...names, ...withoutPort], port), ...withPort]
}

function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::'
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

function portOf(address: string | AddressInfo | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0
}
