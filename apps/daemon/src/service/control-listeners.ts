/** Every place where the control of a daemon is served. */
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import {
  type ControlServer,
  type ControlServerOptions,
  openControlServer,
} from '@pigeon/control/control-server'
import type { Control, Problem } from '@pigeon/control/contract'
import { isProblem, problem } from '@pigeon/control/problems'
import type { Environment } from '@pigeon/node/xdg'
import { toDisplay } from '@pigeon/protocol/display'
import type { DaemonOptions } from '../setting-table.ts'

export interface ControlPlaces {
  readonly settings: Pick<DaemonOptions, 'controlListen' | 'controlHosts' | 'controlSocket'> & {
    readonly state: string
  }
  readonly env: Environment
  /** What a service manager opened for us takes the place of `control-listen`. */
  readonly descriptor: number | null
  readonly authorise: ControlServerOptions['authorise']
  readonly onError: (error: unknown) => void
  /** `isTrusted`: at a unix socket, where nobody needs a token. */
  readonly routes: (isTrusted: boolean) => NonNullable<ControlServerOptions['routes']>
}

export interface ControlListeners {
  readonly url: string
  /** `null` without one. */
  readonly socketPath: string | null
  close(): Promise<void>
}

/** Where the address is noted that `token --url` prints when the system chose the port. */
export function controlUrlFile(settings: { readonly state: string }): string {
  return join(settings.state, 'control-url')
}

/** Opens all places or none. */
export async function openControlListeners(
  control: Control,
  places: ControlPlaces,
): Promise<ControlListeners | Problem> {
  const { settings, env, descriptor, authorise, onError, routes } = places
  const socketPath = socketPathOf(settings.controlSocket, env)
  if (isProblem(socketPath)) return socketPath
  const common = { authorise, onError, extraHosts: settings.controlHosts }
  const main = await openControlServer(control, {
    ...common,
    listen: descriptor === null ? settings.controlListen : { fd: descriptor },
    routes: routes(false),
  })
  if (isProblem(main)) return main
  const unix = socketPath.path === null ? null : await openSocket(socketPath.path)
  if (unix !== null && isProblem(unix)) {
    await main.close()
    return unix
  }
  const urlFile = controlUrlFile(settings)
  await writeFile(urlFile, `${main.url}\n`, { mode: 0o600 }).catch(onError)
  return {
    url: main.url,
    socketPath: socketPath.path,
    close: async () => {
      await Promise.all([main.close(), unix?.close(), rm(urlFile, { force: true }).catch(onError)])
    },
  }

  async function openSocket(path: string): Promise<ControlServer | Problem> {
    try {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      return problem(
        'no-permission',
        `The folder of the control socket cannot be made: ${toDisplay(reason)}.`,
        'Choose another path with --control-socket.',
      )
    }
    return openControlServer(control, { ...common, listen: { path }, routes: routes(true) })
  }
}

function socketPathOf(
  setting: string,
  env: Environment,
): { readonly path: string | null } | Problem {
  if (setting === 'none') return { path: null }
  if (setting !== 'auto') return { path: setting }
  const runtime = env['XDG_RUNTIME_DIR']
  if (runtime?.startsWith('/')) return { path: join(runtime, 'pigeon/pigeond.sock') }
  return problem(
    'not-found',
    'There is no runtime folder for the control socket: XDG_RUNTIME_DIR is not set.',
    'Give --control-socket a path instead of "auto".',
  )
}
