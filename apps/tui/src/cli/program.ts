/**
 * The command line of `pigeon`. Each command's code is loaded only when it runs, so that none waits for the others.
 */
import { Command, type CommanderError } from 'commander'
import type { ExitCode } from './exit-codes.ts'
import { EXIT } from './exit-codes.ts'
import { addLocalCommands } from './local-commands.ts'
import { addNodeCommands } from './node-commands/tree.ts'
import { addOfflineCommands } from './offline-commands.ts'
import { showLines } from './output.ts'
import { addWhichFlags, shellHost } from './shell-host.ts'
import { VERSION } from './version.ts'

const AFTER_HELP = `
A torrent is named by the beginning of its id, its exact name, #3 for its place
in the queue, all, or a filter such as 'progress<100 & tag:iso'.

Exit codes:
  0  done                          4  the port is in use
  1  failed                        5  another pigeon uses the same state folder
  2  wrong usage or refused input  6  the disk is full, read-only or forbidden
  3  wrong configuration           7  ended before the download was whole
  130, 143  broken off by Ctrl-C or by a signal`

/** Words that begin no command of another node: they need the options of a node of one's own. */
const WITH_NODE_OPTIONS = new Set(['get', 'seed', 'help', 'completion', 'man'])

/** `finish` gets the exit code of whatever command ran. `words` are those that it will parse. */
export async function buildProgram(
  words: readonly string[],
  signal: AbortSignal,
  finish: (exitCode: ExitCode) => void,
): Promise<Command> {
  const program = new Command('pigeon')
    .usage('[options]\n       pigeon <command> [options]')
    .description(
      'Share files and folders between your own computers, over BitTorrent.\nWithout a command it opens the full screen.',
    )
    .version(`pigeon ${VERSION}`, '-V, --version', 'Print the version.')
    .helpCommand('help [command]', 'say more about a command')
    .enablePositionalOptions()
  quietly(program)
  addScreen(program, signal, finish)
  program.addHelpText('after', AFTER_HELP)
  program.commandsGroup('Commands for a running node:')
  addNodeCommands(program, shellHost(program, signal, finish))
  program.commandsGroup('Commands without one:')
  // What the options of a node are takes longer to load than most commands take to run.
  const nodeFlags = needsNodeOptions(program, words) ? await import('./node-flags.ts') : null
  addOfflineCommands(program, {
    signal,
    finish,
    addNodeFlags: (command) => nodeFlags?.addNodeFlags(command, nodeFlags.TRANSFER_FLAGS),
  })
  addLocalCommands(program, finish)
  nodeFlags?.addNodeFlags(program)
  for (const command of program.commands) pointToHelp(command, 'pigeon')
  return program
}

/** Ends by throwing, never by `process.exit`; and what it quotes of the command line is made fit to show. */
function quietly(program: Command): void {
  program
    .helpOption('-h, --help', 'Show this help.')
    .configureHelp({ subcommandTerm: nameOf })
    .showHelpAfterError('(see pigeon --help)')
    .configureOutput({ outputError: (text, write) => write(showLines(text)) })
    .exitOverride()
}

/** Who used it wrongly is sent to what it takes, not to the list of all. */
function pointToHelp(command: Command, parent: string): void {
  const name = `${parent} ${command.name()}`
  command.showHelpAfterError(`(see ${name} --help)`)
  for (const each of command.commands) pointToHelp(each, name)
}

/** Without its arguments, which `pigeon help COMMAND` explains: they leave no room for what it does. */
function nameOf(command: Command): string {
  const [alias] = command.aliases()
  return alias === undefined ? command.name() : `${command.name()}, ${alias}`
}

/** The first word that is no flag says which command it is; without one, the screen opens. */
function needsNodeOptions(program: Command, words: readonly string[]): boolean {
  if (words.length === 0 || words[0] === '--version' || words[0] === '-V') return false
  const first = words.find((word) => !word.startsWith('-'))
  if (first === undefined || WITH_NODE_OPTIONS.has(first)) return true
  const isKnown = program.commands.some(
    (command) => command.name() === first || command.aliases().includes(first),
  )
  return !isKnown && !OWN_NAMES.has(first)
}

/** Names of commands that are added later. */
const OWN_NAMES = new Set(['inspect', 'create', 'verify', 'profile', 'install-handler'])

function addScreen(
  program: Command,
  signal: AbortSignal,
  finish: (exitCode: ExitCode) => void,
): void {
  program
    .option('--line', 'Read commands line by line instead: for screen readers and scripts.')
    .allowExcessArguments()
    .action(async (flags: Record<string, unknown>) => {
      const [unknown] = program.args
      if (unknown !== undefined) refuseCommand(program, unknown)
      if (flags['line'] === true || isReadAloud()) {
        const { runLineMode } = await import('./line-mode.ts')
        return finish(await runLineMode(flags, signal))
      }
      const { openScreen } = await import('./open-screen.ts')
      finish(await openScreen(flags, signal))
    })
  addWhichFlags(program)
}

/** As Ink's own screens ask it; or somebody types, but what is printed goes elsewhere. */
function isReadAloud(): boolean {
  if (process.env['INK_SCREEN_READER'] === 'true') return true
  return process.stdin.isTTY && !process.stdout.isTTY
}

/** Commander says it, and what may have been meant, only of a program that does nothing without a command. */
function refuseCommand(program: Command, name: string): void {
  const commands = new Command('pigeon')
  quietly(commands)
  for (const command of program.commands) commands.command(command.name())
  commands.parse([name], { from: 'user' })
}

/** What commander's own way of ending means to our caller. */
export function exitCodeOfCommander({ exitCode }: CommanderError): ExitCode {
  return exitCode === 0 ? EXIT.ok : EXIT.usage
}
