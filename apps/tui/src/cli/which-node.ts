/**
 * Which node a command acts on: the one named on the command line, a saved profile, or the pigeond of this user on this
 * machine.
 */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Control, Problem } from '@pigeon/control/contract'
import { isProblem, problem } from '@pigeon/control/problems'
import { type Environment, userFolders } from '@pigeon/node/xdg'
import { toDisplay } from '@pigeon/protocol/display'

type Flags = Readonly<Record<string, unknown>>

export interface NodeAddress {
  /** An http(s) address, or the path of a unix socket. */
  readonly address: string
  readonly token: string | undefined
  readonly tokenFile: string | undefined
}

/** The line to the node that is meant, or why there is none. */
export async function connectNode(
  flags: Flags,
  env: Environment = process.env,
): Promise<Control | Problem> {
  const node = (await namedNode(flags, env)) ?? (await localNode(env))
  return isProblem(node) ? node : connectTo(node, env)
}

/** The line to this node, or why it cannot be had. */
export async function connectTo(
  node: NodeAddress,
  env: Environment = process.env,
): Promise<Control | Problem> {
  const [{ chooseToken }, { connectControl }] = await Promise.all([
    import('@pigeon/control/bearer-token'),
    import('@pigeon/control/connect'),
  ])
  // A file that was named wins over a variable, which may be meant for another node.
  const environment = node.tokenFile === undefined ? env : {}
  const token = await chooseToken({ token: node.token, environment, file: node.tokenFile })
  // A unix socket that its user may open needs no token.
  if (typeof token !== 'string' && !isSocketPath(node.address)) return token
  return connectControl(node.address, { token: typeof token === 'string' ? token : '' })
}

/** What flags, variables and profiles name; `null` when they name no node. */
export async function namedNode(
  flags: Flags,
  env: Environment = process.env,
): Promise<NodeAddress | Problem | null> {
  const token = textOf(flags['token'])
  const tokenFile = textOf(flags['tokenFile'])
  const address = textOf(flags['connect'])
  if (address !== undefined) return { address, token, tokenFile }
  const profileName = textOf(flags['profile']) ?? textOf(env['PIGEON_PROFILE'])
  const fromEnvironment = textOf(env['PIGEON_CONNECT'])
  if (profileName === undefined && fromEnvironment !== undefined) {
    return { address: fromEnvironment, token, tokenFile }
  }
  const profile = await profileNamed(profileName, env)
  if (profile === null || isProblem(profile)) return profile
  const hasOwn = token !== undefined || tokenFile !== undefined
  return hasOwn ? { address: profile.address, token, tokenFile } : profile
}

async function profileNamed(
  name: string | undefined,
  env: Environment,
): Promise<NodeAddress | Problem | null> {
  const path = join(userFolders('pigeon', env).config, 'profiles.toml')
  // Reading it takes a library; most users have none.
  if (!(await exists(path)))
    return name === undefined || name === 'none' ? null : noSuchProfile(name, [])
  const { NO_PROFILE, readProfiles } = await import('@pigeon/node/profiles')
  if (name === NO_PROFILE) return null
  const saved = await readProfiles(path)
  if (isProblem(saved)) return saved
  const wanted = name ?? saved.default
  if (wanted === null) return null
  const profile = saved.profiles.find((each) => each.name === wanted)
  if (profile !== undefined) return { token: undefined, tokenFile: undefined, ...profile }
  return noSuchProfile(
    wanted,
    saved.profiles.map((each) => each.name),
  )
}

const LOCAL_ADDRESS = 'http://127.0.0.1:9191'

/** The pigeond of this user: by its socket, or by the token in its state folder. */
async function localNode(env: Environment): Promise<NodeAddress | Problem> {
  const runtime = textOf(env['XDG_RUNTIME_DIR'])
  const socket = runtime === undefined ? null : join(runtime, 'pigeon', 'pigeond.sock')
  const ownFile = join(userFolders('pigeond', env).state, 'token')
  const hasVariable = textOf(env['PIGEON_TOKEN']) !== undefined
  const tokenFile = hasVariable ? undefined : ownFile
  if (socket !== null && (await exists(socket))) {
    return { address: socket, token: undefined, tokenFile }
  }
  if (hasVariable || (await exists(ownFile))) {
    return { address: LOCAL_ADDRESS, token: undefined, tokenFile }
  }
  return problem(
    'no-node',
    'No node is named, and no pigeond of yours runs on this machine.',
    'Start pigeond, say --connect URL with --token-file FILE, or save a node once with "pigeon profile add".',
  )
}

/** A path, where an address would begin with its scheme. */
export function isSocketPath(address: string): boolean {
  return address.startsWith('/') || address.startsWith('unix:')
}

function noSuchProfile(name: string, known: readonly string[]): Problem {
  return problem(
    'bad-value',
    `There is no profile called ${toDisplay(name, 80)}.`,
    known.length === 0
      ? 'None is saved yet: "pigeon profile add NAME URL" saves one.'
      : `There are ${known.join(', ')}.`,
  )
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null
}
