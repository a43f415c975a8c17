/** `pigeond config`: looks at the settings. */
import { toDisplay } from '@pigeon/protocol/display'
import type { OptionRow } from '@pigeon/node/setting-sources'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { type Flags, loadOrSay, optionTable, say, type Surroundings } from './context.ts'

export function checkConfig(around: Surroundings, flags: Flags): Promise<ExitCode> {
  const loaded = loadOrSay(around, flags)
  if (typeof loaded === 'number') return Promise.resolve(loaded)
  say(
    around,
    `Everything is right${loaded.file === null ? '; there is no configuration file' : ''}.`,
  )
  return Promise.resolve(EXIT.ok)
}

const VALUE_CHARACTERS = 65_536

/** In the form of a configuration file. */
export function showConfig(around: Surroundings, flags: Flags): Promise<ExitCode> {
  const loaded = loadOrSay(around, flags)
  if (typeof loaded === 'number') return Promise.resolve(loaded)
  if (loaded.file !== null) say(around, `# ${toDisplay(loaded.file)}`)
  const values: Readonly<Record<string, unknown>> = { ...loaded.settings }
  // Each row's type is that of its own key; together they are read as rows of anything.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const rows = Object.entries(optionTable(around)) as [string, OptionRow<unknown>][]
  for (const [key, row] of rows) {
    const source = loaded.sources[key] ?? 'default'
    const comment = row.isFileOnly ? `${source} (set in the file only)` : source
    say(around, `${row.name} = ${shown(row, values[key])} # ${comment}`)
  }
  return Promise.resolve(EXIT.ok)
}

/** What only a file can set is in its own form already, but for plain values. */
function shown({ kind, fallback, isFileOnly }: OptionRow<unknown>, value: unknown): string {
  const text = toDisplay(kind.show(value), VALUE_CHARACTERS)
  return isFileOnly && typeof fallback !== 'number' ? text : JSON.stringify(text)
}
