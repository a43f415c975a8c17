/**
 * The options of a node as flags of a command, from the one table that all three clients share.
 */
import { isIoProblem } from '@pigeon/engine/problem'
import type { RunningNode } from '@pigeon/node/open-node'
import type { NodeSettings } from '@pigeon/node/settings'
import { loadSettings, nodeOptions } from '@pigeon/node/settings'
import type { SettingSource } from '@pigeon/node/setting-sources'
import { describeOptions, showSettingProblem } from '@pigeon/node/setting-sources'
import { userFolders } from '@pigeon/node/xdg'
import { toDisplay } from '@pigeon/protocol/display'
import type { Command } from 'commander'
import type { ExitCode } from './exit-codes.ts'
import { EXIT } from './exit-codes.ts'
import { exitCodeOf, type Note, printNote, showLines, tellProblem } from './output.ts'
import { CLIENT, VERSION } from './version.ts'

/** What of the node's options has no meaning for a single transfer. */
export const TRANSFER_FLAGS = { without: ['downloads', 'maxActive'] } as const

/** Adds the options of the node to a command, below its own. */
export function addNodeFlags(
  command: Command,
  { without }: { readonly without: readonly string[] } = { without: [] },
): Command {
  const options = describeOptions(nodeOptions(userFolders(CLIENT)))
  command.optionsGroup('Options of the node:')
  for (const option of options) {
    if (without.includes(option.key)) continue
    // A list without spaces would be a line that no page is wide enough for.
    command.option(option.flag, `${option.description} [${option.fallback.replaceAll(',', ', ')}]`)
  }
  return command
    .option('--config <file>', `The file to read options from. [${CLIENT}.toml]`)
    .addHelpText('after', NODE_FLAGS_HELP)
}

const NODE_FLAGS_HELP = `
In [] is what holds when nothing else is said. Each option of the node can also
stand in the configuration file (listen-port = 6881) or in a variable
(PIGEON_LISTEN_PORT=6881); a flag wins over a variable, that over the file.`

export interface OwnSettings {
  readonly settings: NodeSettings
  /** What comes from nowhere may be changed at run time, and such changes are kept. */
  readonly sources: Readonly<Record<string, SettingSource>>
}

/** Settings from flags, environment and file; or the exit code after saying what is wrong with them. */
export function readSettings(
  flags: Readonly<Record<string, unknown>>,
  note: Note = printNote,
): OwnSettings | ExitCode {
  const known = new Set(describeOptions(nodeOptions(userFolders(CLIENT))).map(({ key }) => key))
  const given = Object.entries(flags).filter(([key]) => known.has(key))
  const { config } = flags
  const loaded = loadSettings({
    client: CLIENT,
    flags: Object.fromEntries(given),
    file: typeof config === 'string' ? config : undefined,
  })
  if (!loaded.ok) {
    for (const problem of loaded.problems) note(`pigeon: ${showLines(showSettingProblem(problem))}`)
    return EXIT.config
  }
  for (const warning of loaded.warnings) note(`pigeon: warning: ${toDisplay(warning)}`)
  return { settings: loaded.settings, sources: loaded.sources }
}

/** Opens the node of this process; or the exit code after saying why not. */
export async function startNode(
  own: OwnSettings,
  note: Note = printNote,
): Promise<RunningNode | ExitCode> {
  // The engine takes longer to load than most commands that do without it take to run.
  const { openNode } = await import('@pigeon/node/open-node')
  const node = await openNode({ client: CLIENT, clientName: `Pigeon ${VERSION}`, ...own })
  if (isIoProblem(node)) {
    tellProblem(node, note)
    // Of all that keeps a node from opening, only the lock is not allowed.
    return node.code === 'not-allowed' ? EXIT.alreadyRunning : exitCodeOf(node)
  }
  for (const notice of node.notices) tellProblem(notice, note)
  return node
}
