/** A control behind a real server on loopback, for tests. */
import { bearerTokenOf } from '../bearer-token.ts'
import { type ControlServer, openControlServer } from '../control-server.ts'
import type { Control, Scope } from '../contract.ts'
import { isProblem } from '../problems.ts'

export const TOKEN = 'a-token-of-the-tests-0123456789'
/** Tokens that may do less. */
export const ADD_TOKEN = 'an-adding-token-of-the-tests-01'
export const READ_TOKEN = 'a-reading-token-of-the-tests-01'

export interface ServedControl extends ControlServer {
  /** What went wrong inside while serving; a good test ends with none. */
  readonly errors: readonly unknown[]
}

const SCOPES_BY_TOKEN: ReadonlyMap<string, Scope> = new Map([
  [TOKEN, 'full'],
  [ADD_TOKEN, 'add'],
  [READ_TOKEN, 'read'],
])

/** Port 0 takes any that is free. */
export async function serveControl(control: Control, port = 0): Promise<ServedControl> {
  const errors: unknown[] = []
  const server = await openControlServer(control, {
    authorise: (request) => SCOPES_BY_TOKEN.get(bearerTokenOf(request) ?? '') ?? null,
    listen: { host: '127.0.0.1', port },
    extraHosts: ['nas.example', 'proxy.example:443'],
    onError: (error) => void errors.push(error),
  })
  if (isProblem(server)) throw new Error(server.message)
  return { ...server, errors }
}
