/**
 * How the screen looks and what its keys do, from `screen.toml` and `keymap.toml` in the configuration folder and from
 * the environment. What is wrong there is told; the screen opens all the same.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Environment, UserFolders } from '@pigeon/node/xdg'
import { toDisplay } from '@pigeon/protocol/display'
import { type Action, isAction, Keymap } from './keymap.ts'
import { isKeyName } from './keys.ts'
import { STRINGS } from './strings.ts'
import { THEME_NAMES, type ThemeName } from './theme.ts'
import { readTomlLines, type TomlEntry } from './toml-lines.ts'

export interface ScreenSettings {
  readonly theme: ThemeName
  readonly isAscii: boolean
  readonly hasMouse: boolean
  readonly notify: 'none' | 'bell' | 'desktop'
  readonly keymap: Keymap
  /** Fit to show. */
  readonly warnings: readonly string[]
}

const WORDS = STRINGS.settings
const NOTIFY = ['none', 'bell', 'desktop'] as const

export function readScreenSettings(
  folders: Pick<UserFolders, 'config'>,
  env: Environment,
): ScreenSettings {
  const warnings: string[] = []
  const file = readEntries(join(folders.config, 'screen.toml'), warnings)
  const said = new Map(file.map((entry) => [entry.key, entry]))
  for (const { key, line, path } of file)
    if (!SETTING_NAMES.has(key)) warnings.push(WORDS.at(path, line, WORDS.unknownSetting(key)))
  const choose = <T extends string>(
    key: string,
    variable: string,
    values: readonly T[],
  ): T | null => chosen(env[variable], said.get(key), values, warnings)
  const isOn = (key: string, variable: string): boolean | null => {
    const value = choose(key, variable, ['true', 'false', '1', '0'])
    return value === null ? null : value === 'true' || value === '1'
  }
  const hasNoColour = (env['NO_COLOR'] ?? '') !== ''
  const theme = choose('theme', 'PIGEON_THEME', THEME_NAMES) ?? 'dark'
  return {
    theme: hasNoColour ? 'mono' : theme,
    isAscii: isOn('ascii', 'PIGEON_ASCII') ?? !isUtf8(env),
    hasMouse: isOn('mouse', 'PIGEON_MOUSE') ?? false,
    notify: choose('notify', 'PIGEON_NOTIFY', NOTIFY) ?? 'none',
    keymap: readKeymap(join(folders.config, 'keymap.toml'), warnings),
    warnings: warnings.map((warning) => toDisplay(warning)),
  }
}

const SETTING_NAMES = new Set(['theme', 'ascii', 'mouse', 'notify'])

/** The environment goes before the file. */
function chosen<T extends string>(
  variable: string | undefined,
  entry: FileEntry | undefined,
  values: readonly T[],
  warnings: string[],
): T | null {
  const fromVariable = values.find((value) => value === variable)
  if (fromVariable !== undefined) return fromVariable
  if (entry === undefined) return null
  const [text = ''] = entry.values
  const fromFile = values.find((value) => value === text)
  if (fromFile !== undefined && entry.values.length === 1) return fromFile
  warnings.push(WORDS.at(entry.path, entry.line, WORDS.badValue(entry.key, values.join(', '))))
  return null
}

/** As the C library asks: the first that is set decides. */
export function isUtf8(env: Environment): boolean {
  const names = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']]
  const locale = names.find((name) => name !== undefined && name !== '')
  return locale === undefined ? false : /utf-?8/i.test(locale)
}

function readKeymap(path: string, warnings: string[]): Keymap {
  const changed = new Map<Action, readonly string[]>()
  for (const { key, values, line } of readEntries(path, warnings)) {
    const bad = values.find((value) => !isKeyName(value))
    if (!isAction(key)) warnings.push(WORDS.at(path, line, WORDS.unknownAction(key)))
    else if (bad !== undefined) warnings.push(WORDS.at(path, line, WORDS.unknownKey(bad)))
    else changed.set(key, values)
  }
  // Whatever else is changed, there is a way out.
  return new Keymap(
    changed.get('quit')?.length === 0 ? new Map([...changed, ['quit', ['C-c']]]) : changed,
  )
}

interface FileEntry extends TomlEntry {
  readonly path: string
}

function readEntries(path: string, warnings: string[]): readonly FileEntry[] {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    if (code !== 'ENOENT') warnings.push(WORDS.unreadable(path, code))
    return []
  }
  const { entries, faults } = readTomlLines(text)
  for (const { line, message } of faults) warnings.push(WORDS.at(path, line, message))
  return entries.map((entry) => ({ ...entry, path }))
}
