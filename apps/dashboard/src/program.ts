/** The command line of pigeon-web. */
import { createInterface } from 'node:readline'
import type { Problem } from '@pigeon/control/contract'
import { isProblem } from '@pigeon/control/problems'
import type { LogFields, LogLevel } from '@pigeon/node/log'
import {
  describeOptions,
  type SettingSource,
  showSettingProblem,
} from '@pigeon/node/setting-sources'
import { loadSettings, nodeOptions, type NodeSettings } from '@pigeon/node/settings'
import { userFolders } from '@pigeon/node/xdg'
import { toDisplay } from '@pigeon/protocol/display'
import { Command, CommanderError } from 'commander'
import { type Dashboard, startDashboard } from './dashboard.ts'
import { EXIT, type ExitCode, exitCodeOf } from './exit-codes.ts'
import { OWN_KEY } from './remote-nodes.ts'
import { refuseSettings, WEB_OPTIONS, type WebOptions } from './setting-table.ts'
import { firstStopSignal } from './stop-signals.ts'
import { CLIENT, CLIENT_NAME } from './version.ts'

type Flags = Readonly<Record<string, unknown>>

/** Runs what the arguments ask for; fulfilled with the exit code when it is done. */
export async function runProgram(args: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.ok
  const program = new Command(CLIENT)
    .description('Pigeon in the browser: shares files by BitTorrent, shown on a page of its own.')
    .version(CLIENT_NAME)
    .option('--config <file>', 'the configuration file (PIGEON_CONFIG)')
    .exitOverride()
    .addHelpText('after', MORE_HELP)
    .action(async (flags: Flags) => {
      exitCode = await serve(flags)
    })
  for (const { flag, name, description, env, fallback } of options()) {
    const text = `${description} (${env}, default: ${fallback === '' ? 'none' : fallback})`
    if (REPEATABLE.includes(name)) program.option(flag, text, collect)
    else program.option(flag, text)
  }
  try {
    await program.parseAsync([...args], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage
  }
  return exitCode
}

const REPEATABLE = ['connect', 'token-file']

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}

interface Loaded {
  readonly settings: NodeSettings & WebOptions
  readonly sources: Readonly<Record<string, SettingSource>>
}

async function serve(flags: Flags): Promise<ExitCode> {
  const loaded = loadOrSay(flags)
  if (loaded === null) return EXIT.config
  const signal = firstStopSignal()
  const { settings, sources } = loaded
  const dashboard = await startDashboard({
    // Who watches a page does not read a log: only what is grave is worth a line in the terminal.
    settings: sources['logLevel'] === 'default' ? { ...settings, logLevel: 'warn' } : settings,
    sources,
    onLog: (level, event, fields) => complain(logLine(level, event, fields)),
    onError: sayBug,
  })
  if (isProblem(dashboard)) {
    complainOf(dashboard)
    return exitCodeOf(dashboard)
  }
  process.on('uncaughtException', (error) => {
    sayBug(error)
    process.exit(EXIT.failure)
  })
  greet(dashboard, loaded.settings)
  await signal
  say('Stopping…')
  return (await dashboard.stop()) ? EXIT.ok : EXIT.failure
}

function loadOrSay(flags: Flags): Loaded | null {
  const { config, ...given } = flags
  const file = typeof config === 'string' ? config : undefined
  const loaded = loadSettings({ client: CLIENT, flags: given, file, extra: WEB_OPTIONS })
  if (!loaded.ok) {
    for (const each of loaded.problems) complain(showSettingProblem(each))
    return null
  }
  for (const warning of loaded.warnings) complain(`warning: ${toDisplay(warning)}`)
  const refused = refuseSettings(loaded.settings)
  if (refused !== null) {
    complain(refused)
    return null
  }
  return { settings: loaded.settings, sources: loaded.sources }
}

/** Says where the page is and how to get in, now and whenever it is asked for. */
function greet(dashboard: Dashboard, settings: NodeSettings & WebOptions): void {
  const { server, nodes, notices, listening } = dashboard
  const others = nodes.filter(({ key }) => key !== OWN_KEY)
  for (const notice of notices) complainOf(notice)
  for (const { name } of others) say(`${CLIENT_NAME} shows the node at ${name}.`)
  if (others.length < nodes.length) {
    say(`${CLIENT_NAME} is running. Downloads go to ${toDisplay(settings.downloads)}.`)
    say(listening === null ? 'Peers cannot reach it.' : `Peers reach it at ${listening}.`)
  }
  say('')
  sayLink(server.newLink())
  say(
    `Another link: press l, then Enter${process.stdin.isTTY ? '' : ` (or: kill -USR2 ${process.pid})`}. Stop: Ctrl-C.`,
  )
  process.on('SIGUSR2', () => sayLink(server.newLink()))
  const lines = createInterface({ input: process.stdin, terminal: false })
  lines.on('line', (line) => {
    if (line.trim().toLowerCase() === 'l') sayLink(server.newLink())
  })
  // A terminal that went away is no reason to stop.
  process.stdin.on('error', () => lines.close())
}

function sayLink(link: string): void {
  say('Open this link in your browser. It works once, for ten minutes:')
  say('')
  say(`    ${link}`)
  say('')
}

function options() {
  return describeOptions({ ...nodeOptions(userFolders(CLIENT)), ...WEB_OPTIONS })
}

function logLine(level: LogLevel, event: string, fields: LogFields): string {
  return toDisplay(`${new Date().toISOString()} ${level} ${event} ${JSON.stringify(fields)}`, 2048)
}

function sayBug(error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  complain(`Bug in Pigeon: ${text}`)
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

function complain(line: string): void {
  process.stderr.write(`${line}\n`)
}

function complainOf({ message, help }: Problem): void {
  complain(`${CLIENT}: ${toDisplay(message)} ${toDisplay(help)}`)
}

const MORE_HELP = `
On start it prints a login link, which works once. Press l, then Enter, for another one;
without a terminal: kill -USR2 <its process id>.

Every option can also stand in the configuration file or in a PIGEON_ variable;
a flag wins over a variable, that over the file.

Exit codes: 0 ended as asked, 1 failure, 2 wrong command line, 3 wrong setting,
4 address in use, 5 already running, 6 disk.`
