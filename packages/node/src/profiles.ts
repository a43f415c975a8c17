/**
 * The nodes that a user has given names, with the way to their tokens: `profiles.toml` in the folder of the
 * configuration. Programs write it, so comments in it do not last.
 */
import { randomBytes } from 'node:crypto'
import { chmod, mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { toDisplay } from '@pigeon/protocol/display'
import { TomlError, parse, stringify } from 'smol-toml'
import { z } from 'zod'

/** A node by name. At most one of `token` and `tokenFile` is there. */
export interface Profile {
  readonly name: string
  /** Where it listens: an http(s) address, or the path of a unix socket. */
  readonly address: string
  readonly token?: string | undefined
  readonly tokenFile?: string | undefined
}

export interface Profiles {
  /** The one that is meant where none is named. */
  readonly default: string | null
  readonly profiles: readonly Profile[]
}

export interface ProfilesProblem {
  readonly code: 'bad-profiles' | 'profiles-unreadable' | 'profiles-unwritable'
  /** Fit to show, like `help`. */
  readonly message: string
  readonly help: string
}

export const PROFILES_LIMIT = 100

const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/)

/** Letters, digits, `.`, `_` and `-`, 64 at most; not one of the words that mean something else. */
export function isProfileName(text: string): boolean {
  return name.safeParse(text).success && text !== NO_PROFILE
}

/** In the place of a name: no profile, whatever is the default. */
export const NO_PROFILE = 'none'

const File = z.object({
  default: z.string().optional(),
  profile: z
    .record(
      name,
      z.object({
        address: z.string().min(1).max(4096),
        token: z.string().max(512).optional(),
        'token-file': z.string().max(4096).optional(),
      }),
    )
    .refine((profiles) => Object.keys(profiles).length <= PROFILES_LIMIT)
    .optional(),
})

/** Where they are kept, below the folder of the configuration. */
export function profilesPath(configFolder: string): string {
  return join(configFolder, 'profiles.toml')
}

/** What the file says; no profiles where there is no file. */
export async function readProfiles(path: string): Promise<Profiles | ProfilesProblem> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    const code = codeOf(error)
    return code === 'ENOENT' ? { default: null, profiles: [] } : unreadable(path, code)
  }
  try {
    const file = File.safeParse(parse(text))
    if (!file.success) return badFile(path, file.error.issues[0]?.path.join('.') ?? '')
    const profiles = Object.entries(file.data.profile ?? {}).map(([key, entry]) => ({
      name: key,
      address: entry.address,
      token: entry.token,
      tokenFile: entry['token-file'],
    }))
    return { default: file.data.default ?? null, profiles }
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    return badFile(path, `line ${error.line}`)
  }
}

/** Writes the file in place, all at once or not at all, for its owner alone. */
export async function saveProfiles(
  path: string,
  { default: standard, profiles }: Profiles,
): Promise<ProfilesProblem | null> {
  const text = stringify({
    ...(standard === null ? {} : { default: standard }),
    profile: Object.fromEntries(profiles.map((each) => [each.name, entryOf(each)])),
  })
  const draft = `${path}.${randomBytes(6).toString('hex')}`
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    const file = await open(draft, 'wx', 0o600)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    // Whatever the mask of the process says.
    await chmod(draft, 0o600)
    await rename(draft, path)
    return null
  } catch (error) {
    await rm(draft, { force: true }).catch(() => {})
    return {
      code: 'profiles-unwritable',
      message: `${toDisplay(path)} cannot be written (${codeOf(error)}).`,
      help: 'Look at the rights of the folder, and whether the disk is full.',
    }
  }
}

function entryOf({ address, token, tokenFile }: Profile): Record<string, string> {
  return {
    address,
    ...(token === undefined ? {} : { token }),
    ...(tokenFile === undefined ? {} : { 'token-file': tokenFile }),
  }
}

function unreadable(path: string, code: string): ProfilesProblem {
  return {
    code: 'profiles-unreadable',
    message: `${toDisplay(path)} cannot be read (${code}).`,
    help: 'Look at the rights of the file.',
  }
}

function badFile(path: string, where: string): ProfilesProblem {
  return {
    code: 'bad-profiles',
    message: `${toDisplay(path)} is not as it should be${where === '' ? '' : ` (${toDisplay(where)})`}.`,
    help: 'It holds default = "name" and, for each node, a table [profile.name] with address and token-file.',
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
}
