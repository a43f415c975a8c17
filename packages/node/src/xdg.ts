import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'

/**
 * Where a client's files go, after the XDG base directory specification. Nothing is created here; a variable that is
 * not an absolute path counts as not set, as the specification demands.
 */
export interface UserFolders {
  /** `$XDG_CONFIG_HOME/pigeon` */
  readonly config: string
  /** `$XDG_STATE_HOME/pigeon/<client>` */
  readonly state: string
  /** The user's download folder, as the desktop knows it; `~/Downloads` where it says nothing. */
  readonly downloads: string
}

export type Environment = Readonly<Record<string, string | undefined>>

export function userFolders(
  client: string,
  env: Environment = process.env,
  home: string = homedir(),
): UserFolders {
  const configHome = absolute(env['XDG_CONFIG_HOME']) ?? join(home, '.config')
  const stateHome = absolute(env['XDG_STATE_HOME']) ?? join(home, '.local', 'state')
  return {
    config: join(configHome, 'pigeon'),
    state: join(stateHome, 'pigeon', client),
    downloads: downloadFolder(env, configHome, home),
  }
}

function downloadFolder(env: Environment, configHome: string, home: string): string {
  return (
    absolute(env['XDG_DOWNLOAD_DIR']) ??
    absolute(downloadEntry(readText(join(configHome, 'user-dirs.dirs')), home)) ??
    join(home, 'Downloads')
  )
}

/** The entry of a `user-dirs.dirs` file: shell syntax, of which only `$HOME` at the beginning is allowed. */
export function downloadEntry(text: string, home: string): string | undefined {
  const entry = /^\s*XDG_DOWNLOAD_DIR="((?:[^"\\]|\\.)*)"\s*$/m.exec(text)?.[1]
  return entry?.replace(/^\$HOME(?=\/|$)/, home).replaceAll(/\\(.)/g, '$1')
}

function absolute(path: string | undefined): string | undefined {
  return path !== undefined && isAbsolute(path) ? path : undefined
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
