/** A control behind a real server on loopback, for tests. */
import { bearerAuthoriser } from '../bearer-token.ts'
import { type ControlServer, openControlServer } from '../control-server.ts'
import type { Control } from '../contract.ts'
import { isProblem } from '../problems.ts'

export const TOKEN = 'a-token-of-the-tests-0123456789'

export interface ServedControl extends ControlServer {
  /** What went wrong inside while serving; a good test ends with none. */
  readonly errors: readonly unknown[]
}

/** Port 0 takes any that is free. */
export async function serveControl(control: Control, port = 0): Promise<ServedControl> {
  const errors: unknown[] = []
  const server = await openControlServer(control, {
    authorise: bearerAuthoriser(TOKEN),
    listen: { host: '127.0.0.1', port },
    extraHosts: ['nas.example', 'proxy.example:443'],
    onError: (error) => void errors.push(error),
  })
  if (isProblem(server)) throw new Error(server.message)
  return { ...server, errors }
}
