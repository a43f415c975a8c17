/** The APIs of other programs before a control, on a server of loopback, for tests. */
import type { Router } from 'express'
import { bearerAuthoriser } from '../../bearer-token.ts'
import { type ControlServer, openControlServer } from '../../control-server.ts'
import type { Control } from '../../contract.ts'
import { isProblem } from '../../problems.ts'
import type { RemoteAccess } from '../credentials.ts'

export const TOKEN = 'a-token-of-the-tests-0123456789'
export const READ_TOKEN = 'a-token-that-only-reads-01234567'
export const USERNAME = 'ana'
export const PASSWORD = 'correct horse: battery'

export const ACCESS: RemoteAccess = {
  scopeOf: (token) => (token === TOKEN ? 'full' : token === READ_TOKEN ? 'read' : null),
  login: { username: USERNAME, password: PASSWORD },
}

export interface RemoteServer extends ControlServer {
  /** What went wrong inside while serving; a good test ends with none. */
  readonly errors: unknown[]
}

export async function serveRemote(
  control: Control,
  routesOf: (onError: (error: unknown) => void) => Router,
): Promise<RemoteServer> {
  const errors: unknown[] = []
  const onError = (error: unknown): void => void errors.push(error)
  const server = await openControlServer(control, {
    authorise: bearerAuthoriser(TOKEN),
    listen: { host: '127.0.0.1', port: 0 },
    routes: [routesOf(onError)],
    onError,
  })
  if (isProblem(server)) throw new Error(server.message)
  return { ...server, errors }
}

export function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}
