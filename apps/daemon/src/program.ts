/** The command line of pigeond. */
import { readTokenFile } from '@pigeon/control/bearer-token'
import type { Problem } from '@pigeon/control/contract'
import { isProblem } from '@pigeon/control/problems'
import { toDisplay } from '@pigeon/protocol/display'
import { describeOptions, type OptionRow, showSettingProblem } from '@pigeon/node/setting-sources'
import { loadSettings, nodeOptions } from '@pigeon/node/settings'
import { type Environment, userFolders } from '@pigeon/node/xdg'
import { Command, CommanderError } from 'commander'
import { type DaemonSettings, startDaemon, tokenFileOf } from './daemon.ts'
import { EXIT, type ExitCode, exitCodeOf } from './exit-codes.ts'
import { DAEMON_OPTIONS, refuseSettings } from './setting-table.ts'
import { catchStopSignals } from './stop-signals.ts'
import { CLIENT, CLIENT_NAME } from './version.ts'

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

/** Runs what the arguments ask for; fulfilled with the exit code when it is done. */
export async function runProgram(args: readonly string[], around: Surroundings): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.ok
  const run =
    (work: (around: Surroundings, flags: Flags) => Promise<ExitCode>) =>
    async (_: unknown, command: Command) => {
      exitCode = await work(around, command.optsWithGlobals())
    }
  const program = new Command(CLIENT)
    .description('Pigeon without a screen: shares files by BitTorrent, controlled over HTTP.')
    .version(CLIENT_NAME)
    .option('--config <file>', 'the configuration file (PIGEON_CONFIG)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => around.say(text),
      writeErr: (text) => around.complain(text),
    })
    .action(run(serve))
    .addHelpText('after', EXIT_HELP)
  for (const { flag, description, env, fallback } of options(around)) {
    program.option(flag, `${description} (${env}, default: ${fallback === '' ? 'none' : fallback})`)
  }
  program
    .command('token')
    .description('say where the token is that controls this daemon')
    .option('--show', 'print the token itself')
    .action(run(token))
  const config = program.command('config').description('look at the settings')
  config
    .command('check')
    .description('say what is wrong with the settings, if anything is')
    .action(run(checkConfig))
  config
    .command('show')
    .description('print every setting and where it comes from')
    .action(run(showConfig))
  try {
    await program.parseAsync([...args], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage
  }
  return exitCode
}

type Flags = Readonly<Record<string, unknown>>
type Loaded = Extract<ReturnType<typeof load>, { ok: true }>

function load({ env }: Surroundings, flags: Flags) {
  const { config, show: _, ...settings } = flags
  const file = typeof config === 'string' ? config : undefined
  return loadSettings({ client: CLIENT, flags: settings, env, file, extra: DAEMON_OPTIONS })
}

/** The settings, or the exit code after all that is wrong with them was said. */
function loadOrSay(around: Surroundings, flags: Flags): Loaded | ExitCode {
  const loaded = load(around, flags)
  if (!loaded.ok) {
    for (const each of loaded.problems) complain(around, showSettingProblem(each))
    return EXIT.config
  }
  for (const warning of loaded.warnings) complain(around, `warning: ${toDisplay(warning)}`)
  const refused = refuseSettings(loaded.settings)
  if (refused === null) return loaded
  complain(around, refused)
  return EXIT.config
}

async function serve(around: Surroundings, flags: Flags): Promise<ExitCode> {
  const loaded = loadOrSay(around, flags)
  return typeof loaded === 'number' ? loaded : serveSettings(around, loaded.settings)
}

/** Runs the daemon in the foreground until a signal ends it. */
async function serveSettings(around: Surroundings, settings: DaemonSettings): Promise<ExitCode> {
  const signals = catchStopSignals()
  const daemon = await startDaemon(settings)
  if (isProblem(daemon)) {
    signals.release()
    complainOf(around, daemon)
    return exitCodeOf(daemon)
  }
  process.on('uncaughtException', (error) => {
    daemon.log.bug('crashed', error)
    process.exit(EXIT.failure)
  })
  for (const notice of daemon.notices) complainOf(around, notice)
  if (around.isWatched) {
    const peers = daemon.listening ?? 'nowhere'
    complain(
      around,
      `${CLIENT_NAME} runs. Control: ${daemon.url} (token in ${toDisplay(daemon.tokenFile)}); peers: ${peers}. Ctrl-C stops it.`,
    )
  }
  const isDone = await daemon.stop(await signals.first)
  return isDone ? EXIT.ok : EXIT.failure
}

async function token(around: Surroundings, flags: Flags): Promise<ExitCode> {
  const loaded = loadOrSay(around, flags)
  if (typeof loaded === 'number') return loaded
  const path = tokenFileOf(loaded.settings)
  if (flags['show'] !== true) {
    say(around, path)
    return EXIT.ok
  }
  const text = await readTokenFile(path)
  if (typeof text !== 'string') {
    complainOf(around, text)
    return EXIT.failure
  }
  say(around, text)
  return EXIT.ok
}

function checkConfig(around: Surroundings, flags: Flags): Promise<ExitCode> {
  const loaded = loadOrSay(around, flags)
  if (typeof loaded === 'number') return Promise.resolve(loaded)
  say(
    around,
    `Everything is right${loaded.file === null ? '; there is no configuration file' : ''}.`,
  )
  return Promise.resolve(EXIT.ok)
}

/** In the form of a configuration file. */
function showConfig(around: Surroundings, flags: Flags): Promise<ExitCode> {
  const loaded = loadOrSay(around, flags)
  if (typeof loaded === 'number') return Promise.resolve(loaded)
  if (loaded.file !== null) say(around, `# ${toDisplay(loaded.file)}`)
  const values: Readonly<Record<string, unknown>> = { ...loaded.settings }
  // Each row's type is that of its own key; together they are read as rows of anything.
  const rows = Object.entries(optionTable(around)) as [string, OptionRow<unknown>][]
  for (const [key, row] of rows) {
    const shown = toDisplay(row.kind.show(values[key]), 4096)
    say(around, `${row.name} = ${JSON.stringify(shown)} # ${loaded.sources[key] ?? 'default'}`)
  }
  return Promise.resolve(EXIT.ok)
}

function optionTable({ env }: Surroundings) {
  return { ...nodeOptions(userFolders(CLIENT, env)), ...DAEMON_OPTIONS }
}

function options(around: Surroundings) {
  return describeOptions(optionTable(around))
}

function say(around: Surroundings, line: string): void {
  around.say(`${line}\n`)
}

function complain(around: Surroundings, line: string): void {
  around.complain(`${line}\n`)
}

function complainOf(around: Surroundings, { message, help }: Problem): void {
  complain(around, `${CLIENT}: ${toDisplay(message)}\n${toDisplay(help)}`)
}

const EXIT_HELP = `
Every option can also stand in the configuration file or in a PIGEON_ variable;
a flag wins over a variable, that over the file.

Exit codes: 0 ended as asked, 1 failure, 2 wrong command line, 3 wrong setting,
4 address in use, 5 already running, 6 disk.`
