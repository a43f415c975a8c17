/** `pigeon profile`: the nodes that are saved under names. */
import { homedir } from 'node:os'
import { resolve } from 'node:path'
import type { Problem } from '@pigeon/control/contract'
import { isProblem, problem } from '@pigeon/control/problems'
import {
  isProfileName,
  NO_PROFILE,
  type Profile,
  PROFILES_LIMIT,
  profilesPath,
  readProfiles,
  saveProfiles,
} from '@pigeon/node/profiles'
import { userFolders } from '@pigeon/node/xdg'
import { toDisplay } from '@pigeon/protocol/display'
import type { ExitCode } from './exit-codes.ts'
import { EXIT } from './exit-codes.ts'
import type { ProfileFlags } from './local-commands.ts'
import { tableLines } from './node-commands/table.ts'
import { exitCodeOf, jsonLine, printLine, printNote, printProblem } from './output.ts'
import { readInput } from './read-input.ts'
import { isSocketPath } from './which-node.ts'
import { CLIENT } from './version.ts'

const path = (): string => profilesPath(userFolders(CLIENT).config)

export async function addProfile(
  name: string,
  address: string,
  flags: ProfileFlags,
): Promise<ExitCode> {
  const profile = await profileOf(name, address, flags)
  if (isProblem(profile)) return fail(profile)
  const saved = await readProfiles(path())
  if (isProblem(saved)) return fail(saved)
  const others = saved.profiles.filter((each) => each.name !== name)
  if (others.length >= PROFILES_LIMIT) return fail(TOO_MANY)
  const failed = await saveProfiles(path(), {
    default: flags.default === true ? name : saved.default,
    profiles: [...others, profile],
  })
  if (failed !== null) return fail(failed)
  printNote(`Saved ${name} in ${toDisplay(path())}.`)
  return EXIT.ok
}

async function profileOf(
  name: string,
  address: string,
  flags: ProfileFlags,
): Promise<Profile | Problem> {
  if (!isProfileName(name)) return BAD_NAME
  if (!isSocketPath(address) && !/^https?:\/\/[^/]/i.test(address)) return BAD_ADDRESS
  if (flags.token !== undefined && flags.tokenFile !== undefined) return TWO_TOKENS
  const token = flags.token === '-' ? await pipedToken() : flags.token
  if (token !== undefined && typeof token !== 'string') return token
  const tokenFile = flags.tokenFile?.replace(/^~(?=\/|$)/, homedir())
  return {
    name,
    address,
    ...(token === undefined ? {} : { token }),
    ...(tokenFile === undefined ? {} : { tokenFile: resolve(tokenFile) }),
  }
}

async function pipedToken(): Promise<string | Problem> {
  const bytes = await readInput()
  if (!(bytes instanceof Uint8Array)) return bytes
  const token = Buffer.from(bytes.subarray(0, 1024)).toString('latin1').trim()
  return /^[\x21-\x7e]{16,512}$/.test(token) ? token : NO_TOKEN
}

export async function listProfiles(isJson: boolean): Promise<ExitCode> {
  const saved = await readProfiles(path())
  if (isProblem(saved)) return fail(saved)
  const rows = saved.profiles.map((each) => ({
    name: each.name,
    address: each.address,
    isDefault: each.name === saved.default,
    // Never the token itself: what is printed is seen and copied.
    token: each.token === undefined ? (each.tokenFile ?? null) : 'saved',
  }))
  if (isJson) for (const row of rows) printLine(jsonLine(row))
  else if (rows.length === 0) printNote('No node is saved.')
  else {
    const cells = rows.map((row) => [
      `${row.isDefault ? '*' : ' '} ${row.name}`,
      toDisplay(row.address),
      toDisplay(row.token ?? 'none'),
    ])
    for (const line of tableLines(['  name', 'address', 'token'], cells, null)) printLine(line)
  }
  return EXIT.ok
}

export async function removeProfile(name: string): Promise<ExitCode> {
  const saved = await readProfiles(path())
  if (isProblem(saved)) return fail(saved)
  if (!saved.profiles.some((each) => each.name === name)) return fail(unknownName(name))
  const failed = await saveProfiles(path(), {
    default: saved.default === name ? null : saved.default,
    profiles: saved.profiles.filter((each) => each.name !== name),
  })
  if (failed !== null) return fail(failed)
  printNote(`Forgot ${name}.`)
  return EXIT.ok
}

export async function defaultProfile(name: string): Promise<ExitCode> {
  const saved = await readProfiles(path())
  if (isProblem(saved)) return fail(saved)
  const isNone = name === NO_PROFILE
  if (!isNone && !saved.profiles.some((each) => each.name === name)) return fail(unknownName(name))
  const failed = await saveProfiles(path(), { ...saved, default: isNone ? null : name })
  if (failed !== null) return fail(failed)
  printNote(isNone ? 'No node is the default now.' : `${name} is the default now.`)
  return EXIT.ok
}

function fail(reason: Pick<Problem, 'code' | 'message' | 'help'>): ExitCode {
  printProblem(reason)
  return exitCodeOf(reason)
}

function unknownName(name: string): Problem {
  return problem(
    'bad-value',
    `There is no profile called ${toDisplay(name, 80)}.`,
    '"pigeon profile list" says which there are.',
  )
}

const BAD_NAME = problem(
  'bad-value',
  'That is no name for a profile.',
  'Use letters, digits, ".", "_" and "-", 64 at most; "none" means no profile.',
)
const BAD_ADDRESS = problem(
  'bad-url',
  'The address of the node is not one.',
  'Write it like http://127.0.0.1:9191, or give the path of its unix socket.',
)
const TWO_TOKENS = problem(
  'usage',
  'A token and a file of one were given.',
  'Give --token or --token-file, not both.',
)
const NO_TOKEN = problem(
  'bad-value',
  'What is piped in is no token.',
  'Pipe in what "pigeond token --show" prints.',
)
const TOO_MANY = problem(
  'bad-value',
  `There are ${PROFILES_LIMIT} profiles already.`,
  'Remove one: pigeon profile remove NAME.',
)
