/** `pigeond token`: what lets programs control this daemon. */
import { readFile } from 'node:fs/promises'
import { readTokenFile } from '@pigeon/control/bearer-token'
import { type Scope, SCOPES } from '@pigeon/control/contract'
import { isProblem } from '@pigeon/control/problems'
import { createToken, listTokens, revokeToken } from '@pigeon/control/token-book'
import { formatDateTime } from '@pigeon/control/units'
import type { DaemonSettings } from '../daemon.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { tokenBookOf, tokenFileOf } from '../service/access.ts'
import { controlUrlFile } from '../service/control-listeners.ts'
import { complainOf, type Flags, loadOrSay, say, type Surroundings } from './context.ts'

export async function token(around: Surroundings, flags: Flags): Promise<ExitCode> {
  const loaded = loadOrSay(around, flags)
  if (typeof loaded === 'number') return loaded
  const { settings } = loaded
  if (flags['url'] === true) return printUrl(around, settings)
  const path = tokenFileOf(settings)
  if (flags['show'] !== true) {
    say(around, path)
    return EXIT.ok
  }
  const text = await readTokenFile(path)
  if (typeof text !== 'string') {
    complainOf(around, text)
    return EXIT.failure
  }
  say(around, text)
  return EXIT.ok
}

/** As the settings say; where the system chooses the port, as the running daemon noted it. */
async function printUrl(
  around: Surroundings,
  { controlListen: { host, port }, ...settings }: DaemonSettings,
): Promise<ExitCode> {
  if (port !== 0) {
    say(around, `http://${host.includes(':') ? `[${host}]` : host}:${port}`)
    return EXIT.ok
  }
  const noted = await readFile(controlUrlFile(settings), 'utf8').catch(() => null)
  if (noted === null) {
    complainOf(around, {
      code: 'not-found',
      message: 'The control has no fixed port, and pigeond does not run.',
      help: 'Start it, or choose a port with --control-listen.',
    })
    return EXIT.failure
  }
  say(around, noted.trim())
  return EXIT.ok
}

/** Prints the new token and nothing else: it cannot be read again. */
export async function addToken(around: Surroundings, flags: Flags): Promise<ExitCode> {
  const loaded = loadOrSay(around, flags)
  if (typeof loaded === 'number') return loaded
  const scope = SCOPES.find((each): each is Scope => each === flags['scope'])
  const { name } = flags
  // The command line was checked by then.
  if (scope === undefined || typeof name !== 'string') return EXIT.usage
  const made = await createToken(tokenBookOf(loaded.settings), { name, scope })
  if (isProblem(made)) {
    complainOf(around, made)
    return EXIT.failure
  }
  say(around, made.token)
  return EXIT.ok
}

export async function printTokens(around: Surroundings, flags: Flags): Promise<ExitCode> {
  const loaded = loadOrSay(around, flags)
  if (typeof loaded === 'number') return loaded
  const tokens = await listTokens(tokenBookOf(loaded.settings))
  if (isProblem(tokens)) {
    complainOf(around, tokens)
    return EXIT.failure
  }
  const width = Math.max(...tokens.map(({ name }) => name.length))
  for (const { name, scope, createdAtMs } of tokens) {
    say(around, `${name.padEnd(width)}  ${scope.padEnd(4)}  ${formatDateTime(createdAtMs)}`)
  }
  return EXIT.ok
}

export async function dropToken(
  around: Surroundings,
  flags: Flags,
  name: string,
): Promise<ExitCode> {
  const loaded = loadOrSay(around, flags)
  if (typeof loaded === 'number') return loaded
  const refused = await revokeToken(tokenBookOf(loaded.settings), name)
  if (refused === null) return EXIT.ok
  complainOf(around, refused)
  return EXIT.failure
}
