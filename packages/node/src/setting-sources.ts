import { TomlError, parse } from 'smol-toml'
import type { Kind } from './setting-kinds.ts'
import type { Environment } from './xdg.ts'

/** One option: its name in files and flags (`listen-port`), from which the variable's name follows. */
export interface OptionRow<T> {
  readonly name: string
  readonly kind: Kind<T>
  readonly fallback: T
  readonly description: string
  /** Only the configuration file sets it: it executes something, or it is no single value. */
  readonly isFileOnly?: true
  /** Its value may hold a password: no message repeats it. */
  readonly isSecret?: true
}

/** Options by the key that they have in the settings. */
export type OptionTable<Settings> = { readonly [K in keyof Settings]: OptionRow<Settings[K]> }

export type SettingSource = 'flag' | 'environment' | 'file' | 'default'

export interface SettingProblem {
  /** `<file>:<line>:<column>`, the variable, or the flag. */
  readonly where: string
  readonly message: string
  /** The offending line of the file with a mark below it. */
  readonly excerpt: string | null
}

export interface SettingInput {
  readonly flags: Readonly<Record<string, unknown>>
  readonly env: Environment
  readonly file: { readonly path: string; readonly text: string } | null
}

export type Resolved<Settings> =
  | {
      readonly ok: true
      readonly settings: Settings
      readonly sources: Readonly<Record<string, SettingSource>>
      readonly warnings: readonly string[]
    }
  | { readonly ok: false; readonly problems: readonly SettingProblem[] }

/** Pure: a flag wins over a variable, that over the file, that over the default. Reports all that is wrong at once. */
export function resolveSettings<Settings extends object>(
  table: OptionTable<Settings>,
  input: SettingInput,
): Resolved<Settings> {
  const rows = Object.entries<OptionRow<unknown>>(table)
  const file = readFileValues(rows, input.file)
  const problems = [...file.problems]
  const settings: Record<string, unknown> = {}
  const sources: Record<string, SettingSource> = {}
  for (const [key, row] of rows) {
    const found = pick(key, row, input, file.values)
    sources[key] = found.source
    if (found.source === 'default') {
      settings[key] = row.fallback
      continue
    }
    const result = row.kind.schema.safeParse(found.raw)
    if (result.success) {
      settings[key] = result.data
      continue
    }
    const problem = found.problem(describeRefusal(row, found.raw, result.error.issues[0]))
    problems.push(row.isSecret ? { ...problem, excerpt: null } : problem)
  }
  if (problems.length > 0) return { ok: false, problems }
  const warnings = unknownVariables(rows, input.env)
  // Every key of the table was set above, from its own kind or its fallback.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return { ok: true, settings: settings as Settings, sources, warnings }
}

/** What a program's help, its flags and its manual say about an option. */
export interface OptionDescription {
  /** In the settings: `listenPort`. */
  readonly key: string
  /** In the configuration file: `listen-port`. */
  readonly name: string
  /** Such as `--listen-port <port>`. */
  readonly flag: string
  /** Such as `PIGEON_LISTEN_PORT`. */
  readonly env: string
  readonly expected: string
  readonly fallback: string
  readonly description: string
  /** Neither the flag nor the variable exists. */
  readonly isFileOnly: boolean
}

export function describeOptions<Settings extends object>(
  table: OptionTable<Settings>,
): readonly OptionDescription[] {
  const rows = Object.entries<OptionRow<unknown>>(table)
  return rows.map(([key, row]) => ({
    key,
    name: row.name,
    flag: `--${row.name} <${row.kind.placeholder}>`,
    env: variableOf(row.name),
    expected: row.kind.expected,
    fallback: row.kind.show(row.fallback),
    description: row.description,
    isFileOnly: row.isFileOnly ?? false,
  }))
}

/** One problem as it is shown: place, message, and the line where there is one. */
export function showSettingProblem(problem: SettingProblem): string {
  const head = `${problem.where}: ${problem.message}`
  return problem.excerpt === null ? head : `${head}\n${problem.excerpt}`
}

type Issue = { readonly path: readonly PropertyKey[]; readonly message: string }

function describeRefusal(row: OptionRow<unknown>, raw: unknown, issue: Issue | undefined): string {
  if (row.isFileOnly) return describeIssue(row.name, issue)
  const expected = `${row.name}: expected ${row.kind.expected}`
  return row.isSecret ? expected : `${expected}, not ${JSON.stringify(raw)}`
}

/** What is wrong within a value of several parts, such as `feeds[0].url: expected an address`. */
function describeIssue(name: string, issue: Issue | undefined): string {
  const steps = (issue?.path ?? []).map((key) =>
    typeof key === 'number' ? `[${key}]` : `.${String(key)}`,
  )
  return `${name}${steps.join('')}: ${issue?.message ?? 'wrong'}`
}

function variableOf(name: string): string {
  return `PIGEON_${name.toUpperCase().replaceAll('-', '_')}`
}

interface FileValue {
  readonly raw: unknown
  readonly at: (message: string) => SettingProblem
}

interface Found {
  readonly source: SettingSource
  readonly raw: unknown
  readonly problem: (message: string) => SettingProblem
}

function pick(
  key: string,
  row: OptionRow<unknown>,
  input: SettingInput,
  file: ReadonlyMap<string, FileValue>,
): Found {
  const at = (where: string) => (message: string) => ({ where, message, excerpt: null })
  const flag = row.isFileOnly ? undefined : input.flags[key]
  if (flag !== undefined) return { source: 'flag', raw: flag, problem: at(`--${row.name}`) }
  const variable = variableOf(row.name)
  const text = row.isFileOnly ? undefined : input.env[variable]
  if (text !== undefined && text !== '') {
    return { source: 'environment', raw: text, problem: at(variable) }
  }
  const value = file.get(row.name)
  if (value !== undefined) return { source: 'file', raw: value.raw, problem: value.at }
  return { source: 'default', raw: row.fallback, problem: at(row.name) }
}

function readFileValues(
  rows: readonly (readonly [string, OptionRow<unknown>])[],
  file: SettingInput['file'],
): { values: ReadonlyMap<string, FileValue>; problems: readonly SettingProblem[] } {
  const values = new Map<string, FileValue>()
  if (file === null) return { values, problems: [] }
  const lines = file.text.split(/\r?\n/)
  let entries: [string, unknown][]
  try {
    entries = Object.entries(parse(file.text))
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    const message = error.message.split('\n')[0] ?? 'not TOML'
    const problem = problemAt(file.path, lines, error.line, error.column, message)
    return { values, problems: [problem] }
  }
  const names = rows.map(([, row]) => row.name)
  const problems: SettingProblem[] = []
  for (const [name, raw] of entries) {
    const { line, column } = placeOf(lines, name)
    const at = (message: string) => problemAt(file.path, lines, line, column, message)
    if (names.includes(name)) values.set(name, { raw, at })
    else problems.push(at(unknownOption(name, names)))
  }
  return { values, problems }
}

function unknownOption(name: string, names: readonly string[]): string {
  const near = nearest(name.replaceAll('_', '-').toLowerCase(), names)
  const hint = near === null ? '' : `; did you mean ${JSON.stringify(near)}?`
  return `unknown option ${JSON.stringify(name)}${hint}`
}

/** Where the file is, and what clients of a node read: no options, and no mistakes. */
const OTHER_VARIABLES = [
  'PIGEON_CONFIG',
  'PIGEON_TOKEN',
  'PIGEON_CONNECT',
  'PIGEON_PROFILE',
  'PIGEON_THEME',
  'PIGEON_ASCII',
  'PIGEON_MOUSE',
  'PIGEON_NOTIFY',
] as const

function unknownVariables(
  rows: readonly (readonly [string, OptionRow<unknown>])[],
  env: Environment,
): string[] {
  const settable = rows.filter(([, row]) => !row.isFileOnly)
  const known = new Set(settable.map(([, row]) => variableOf(row.name)))
  for (const name of OTHER_VARIABLES) known.add(name)
  const names = [...known]
  return Object.keys(env)
    .filter((name) => name.startsWith('PIGEON_') && !known.has(name))
    .map((name) => {
      const near = nearest(name, names)
      const hint = near === null ? '' : `; did you mean ${near}?`
      return `the variable ${name} sets no option${hint}`
    })
}

/** The first line that sets the key or opens the table of that name. The file has no nested options. */
function placeOf(lines: readonly string[], name: string): { line: number; column: number } {
  const escaped = name.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
  const pattern = new RegExp(`^\\s*(?:\\[{1,2}\\s*)?["']?${escaped}["']?\\s*[=.\\]]`)
  const index = lines.findIndex((line) => pattern.test(line))
  if (index < 0) return { line: 1, column: 1 }
  return { line: index + 1, column: (lines[index] ?? '').search(/\S/) + 1 }
}

function problemAt(
  path: string,
  lines: readonly string[],
  line: number,
  column: number,
  message: string,
): SettingProblem {
  const text = lines[line - 1] ?? ''
  const gutter = `${line} | `
  const mark = `${' '.repeat(gutter.length + Math.max(0, column - 1))}^`
  return { where: `${path}:${line}:${column}`, message, excerpt: `${gutter}${text}\n${mark}` }
}

/** The name that differs the least, if it does not differ much. */
function nearest(name: string, names: readonly string[]): string | null {
  let best: string | null = null
  let bestDistance = Math.max(2, Math.floor(name.length / 3)) + 1
  for (const candidate of names) {
    const distance = editDistance(name, candidate)
    if (distance < bestDistance) {
      bestDistance = distance
      best = candidate
    }
  }
  return best
}

/** Letters to add, drop or change to make one word the other. */
function editDistance(a: string, b: string): number {
  let before = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = (before[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      row.push(Math.min(change, (before[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1))
    }
    before = row
  }
  return before[b.length] ?? 0
}
