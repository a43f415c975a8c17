/** What all commands of pigeond share: where they write, and how they come by the settings. */
import type { Problem } from '@pigeon/control/contract'
import { toDisplay } from '@pigeon/protocol/display'
import { type OptionTable, showSettingProblem } from '@pigeon/node/setting-sources'
import { loadSettings, nodeOptions, type SettingsResult } from '@pigeon/node/settings'
import { type Environment, userFolders } from '@pigeon/node/xdg'
import { refuseWritable, warnReadable } from '../config-exposure.ts'
import type { DaemonSettings } from '../daemon.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { DAEMON_OPTIONS, refuseSettings } from '../setting-table.ts'
import { CLIENT } from '../version.ts'

/** What surrounds the program. */
export interface Surroundings {
  readonly env: Environment
  /** Writes to standard output. */
  say(text: string): void
  /** Writes to standard error. */
  complain(text: string): void
  /** Whether a person reads what is complained. */
  readonly isWatched: boolean
}

/** By the option's key, as the command line gave them. */
export type Flags = Readonly<Record<string, unknown>>

export type Loaded = Extract<SettingsResult<DaemonSettings>, { ok: true }>

export function optionTable({ env }: Surroundings): OptionTable<DaemonSettings> {
  return { ...nodeOptions(userFolders(CLIENT, env)), ...DAEMON_OPTIONS }
}

/** The settings, or all that is wrong with them in lines for people. */
export function loadAll({ env }: Surroundings, flags: Flags): Loaded | readonly string[] {
  const { config } = flags
  const file = typeof config === 'string' ? config : undefined
  const loaded = loadSettings({ client: CLIENT, flags, env, file, extra: DAEMON_OPTIONS })
  if (!loaded.ok) return loaded.problems.map(showSettingProblem)
  const { settings, file: found } = loaded
  const refused = refuseSettings(settings) ?? refuseWritable(found, settings)
  if (refused !== null) return [refused]
  const warning = warnReadable(found, settings)
  return warning === null ? loaded : { ...loaded, warnings: [...loaded.warnings, warning] }
}

/** The settings, or the exit code after all that is wrong with them was said. */
export function loadOrSay(around: Surroundings, flags: Flags): Loaded | ExitCode {
  const loaded = loadAll(around, flags)
  if (!('settings' in loaded)) {
    for (const line of loaded) complain(around, line)
    return EXIT.config
  }
  for (const warning of loaded.warnings) complain(around, `warning: ${toDisplay(warning)}`)
  return loaded
}

export function say(around: Surroundings, line: string): void {
  around.say(`${line}\n`)
}

export function complain(around: Surroundings, line: string): void {
  around.complain(`${line}\n`)
}

export function complainOf(around: Surroundings, { message, help }: Problem): void {
  complain(around, `${CLIENT}: ${toDisplay(message)}\n${toDisplay(help)}`)
}
