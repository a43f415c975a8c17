/** The command line of pigeond. */
import { homedir } from 'node:os'
import { SCOPES } from '@pigeon/control/contract'
import { SHELLS } from '@pigeon/node/command-pages'
import { describeOptions } from '@pigeon/node/setting-sources'
import { Argument, Command, CommanderError, Option } from 'commander'
import { checkConfig, showConfig } from './commands/config.ts'
import { type Flags, optionTable, type Surroundings } from './commands/context.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { CLIENT, CLIENT_NAME } from './version.ts'

export type { Surroundings } from './commands/context.ts'

/** Runs what the arguments ask for; fulfilled with the exit code when it is done. */
export async function runProgram(args: readonly string[], around: Surroundings): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.ok
  const program = buildProgram(around, (code) => {
    exitCode = code
  })
  try {
    await program.parseAsync([...args], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage
  }
  return exitCode
}

/** What a command does; what it needs is loaded when it runs, so that others start fast. */
type Work = (around: Surroundings, flags: Flags) => Promise<ExitCode>
type Run = (work: Work) => (_: unknown, command: Command) => Promise<void>

/** The tree of all commands. `onExit` is told what came of the one that ran. */
export function buildProgram(around: Surroundings, onExit: (code: ExitCode) => void): Command {
  const run: Run = (work) => async (_, command) => {
    onExit(await work(around, command.optsWithGlobals()))
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
    .action(run(async (...given) => (await import('./commands/serve.ts')).serve(...given)))
    .addHelpText('after', EXIT_HELP)
  for (const option of describeOptions(optionTable(around))) {
    const { flag, description, env, fallback, isFileOnly } = option
    if (isFileOnly) continue
    program.option(flag, `${description} (${env}, default: ${shownDefault(fallback)})`)
  }
  addTokenCommands(program, run)
  const config = program.command('config').description('look at the settings')
  config
    .command('check')
    .description('say what is wrong with the settings, if anything is')
    .action(run(checkConfig))
  config
    .command('show')
    .description('print every setting and where it comes from')
    .action(run(showConfig))
  program
    .command('feeds')
    .description('look at the feeds')
    .command('check')
    .description('print what the rules would take now, and add nothing')
    .action(run(async (...given) => (await import('./commands/feeds.ts')).checkFeeds(...given)))
  addPageCommands(program, around, onExit)
  return program
}

/** The same in everybody's manual. */
function shownDefault(fallback: string): string {
  const home = homedir()
  if (fallback.startsWith(`${home}/`)) return `~${fallback.slice(home.length)}`
  return fallback === '' ? 'none' : fallback
}

function addTokenCommands(program: Command, run: Run): void {
  const loadTokenCommands = () => import('./commands/token.ts')
  const token = program
    .command('token')
    .description('say where the token is that controls this daemon')
    .option('--show', 'print the token itself')
    .option('--url', 'print the address of the control')
    .action(run(async (...given) => (await loadTokenCommands()).token(...given)))
  token
    .command('create')
    .description('make a token for a program or a person, and print it this once')
    .requiredOption('--name <name>', 'what it is called in the list')
    .addOption(
      new Option('--scope <scope>', 'read: look; add: also add torrents; full: everything')
        .choices(SCOPES)
        .makeOptionMandatory(),
    )
    .action(run(async (...given) => (await loadTokenCommands()).addToken(...given)))
  token
    .command('list')
    .description('print names and scopes of the tokens that were created')
    .action(run(async (...given) => (await loadTokenCommands()).printTokens(...given)))
  token
    .command('revoke')
    .description('let a token open nothing from the next request on')
    .argument('<name>', 'as the list has it')
    .action((name: string, _: unknown, command: Command) =>
      run(async (around, flags) => (await loadTokenCommands()).dropToken(around, flags, name))(
        _,
        command,
      ),
    )
}

function addPageCommands(
  program: Command,
  around: Surroundings,
  onExit: (code: ExitCode) => void,
): void {
  program
    .command('completion')
    .description('print a script that completes the commands in a shell')
    .addArgument(new Argument('<shell>', 'which').choices(SHELLS))
    .action(async (shell: unknown) => {
      const { printCompletion } = await import('./commands/pages.ts')
      onExit(printCompletion(around, program, shell))
    })
  program
    .command('man')
    .description('print the manual page')
    .action(async () => {
      const { printManual } = await import('./commands/pages.ts')
      onExit(printManual(around, program))
    })
}

const EXIT_HELP = `
Every option can also stand in the configuration file or in a PIGEON_ variable;
a flag wins over a variable, that over the file. Only the file sets what pigeond
does by itself: on-complete-run, on-complete-webhook, watch and feeds.

Signals: TERM and INT end it, a second one at once; HUP has the file read again;
USR1 writes numbers into the log.

Exit codes: 0 ended as asked, 1 failure, 2 wrong command line, 3 wrong setting,
4 address in use, 5 already running, 6 disk.`
