/**
 * The options of a node as flags of a command, from the one table that all three clients share.
 */
import { isIoProblem } from '@pigeon/engine/problem'
import type { RunningNode } from '@pigeon/node/open-node'
import { openNode } from '@pigeon/node/open-node'
import type { NodeSettings } from '@pigeon/node/settings'
import { loadSettings, nodeOptions } from '@pigeon/node/settings'
import { describeOptions, showSettingProblem } from '@pigeon/node/setting-sources'
import { userFolders } from '@pigeon/node/xdg'
import type { Command } from 'commander'
import type { ExitCode } from './exit-codes.ts'
import { EXIT } from './exit-codes.ts'
import { exitCodeOf, printNote, printProblem } from './output.ts'

export const CLIENT = 'pigeon'
export const VERSION = '0.1.0'

/** Adds every option of the node to a command, below its own. */
export function addNodeFlags(command: Command): Command {
  command.option('--config <file>', 'configuration file (PIGEON_CONFIG)')
  for (const option of describeOptions(nodeOptions(userFolders(CLIENT)))) {
    command.option(option.flag, `${option.description} (${option.env}; default ${option.fallback})`)
  }
  return command
}

/** Settings from flags, environment and file; or the exit code after saying what is wrong with them. */
export function readSettings(
  flags: Readonly<Record<string, unknown>>,
  overrides: Readonly<Record<string, unknown>> = {},
): NodeSettings | ExitCode {
  const known = new Set(describeOptions(nodeOptions(userFolders(CLIENT))).map(({ key }) => key))
  const given = Object.entries({ ...overrides, ...flags }).filter(([key]) => known.has(key))
  const { config } = flags
  const loaded = loadSettings({
    client: CLIENT,
    flags: Object.fromEntries(given),
    file: typeof config === 'string' ? config : undefined,
  })
  if (!loaded.ok) {
    for (const problem of loaded.problems) printNote(`pigeon: ${showSettingProblem(problem)}`)
    return EXIT.config
  }
  for (const warning of loaded.warnings) printNote(`pigeon: warning: ${warning}`)
  return loaded.settings
}

/** Opens the node of this process; or the exit code after saying why not. */
export async function startNode(settings: NodeSettings): Promise<RunningNode | ExitCode> {
  const node = await openNode({ client: CLIENT, clientName: `Pigeon ${VERSION}`, settings })
  if (isIoProblem(node)) {
    printProblem(node)
    return exitCodeOf(node)
  }
  for (const notice of node.notices) printProblem(notice)
  return node
}
