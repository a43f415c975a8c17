/** A control behind a real server on loopback, for tests. */
import { createServer, type Server } from 'node:http'
import express from 'express'
import { bearerAuthoriser } from '../bearer-token.ts'
import { attachControlSocket, type ControlSocket } from '../control-socket.ts'
import type { Control } from '../contract.ts'
import { Gate, loopbackHosts } from '../gate.ts'
import { HARD_SERVER_OPTIONS, hardenServer } from '../harden-server.ts'
import { controlRoutes } from '../serve.ts'

export const TOKEN = 'a-token-of-the-tests-0123456789'

export interface ServedControl {
  readonly url: string
  readonly port: number
  readonly server: Server
  readonly sockets: ControlSocket
  /** What went wrong inside while serving; a good test ends with none. */
  readonly errors: unknown[]
  close(): Promise<void>
}

/** Port 0 takes any that is free. */
export async function serveControl(control: Control, port = 0): Promise<ServedControl> {
  const errors: unknown[] = []
  const onError = (error: unknown): void => void errors.push(error)
  let hosts: readonly string[] = []
  const gate = new Gate({ authorise: bearerAuthoriser(TOKEN), allowedHosts: () => hosts })
  const app = express().use(controlRoutes(control, gate, onError))
  const server = createServer(HARD_SERVER_OPTIONS, app)
  hardenServer(server)
  const sockets = attachControlSocket(server, control, gate, { onError })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const address = server.address()
  const boundPort = typeof address === 'object' && address !== null ? address.port : 0
  hosts = loopbackHosts(boundPort)
  return {
    url: `http://127.0.0.1:${boundPort}`,
    port: boundPort,
    server,
    sockets,
    errors,
    close: () => closeServed(server, sockets),
  }
}

async function closeServed(server: Server, sockets: ControlSocket): Promise<void> {
  sockets.close()
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeAllConnections()
  await closed
}
