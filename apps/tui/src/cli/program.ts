/**
 * The command line of `pigeon`. Each command's code is loaded only when it runs, so that none waits for the others.
 */
import { Command, InvalidArgumentError } from 'commander'
import { EXIT } from './exit-codes.ts'
import type { ExitCode } from './exit-codes.ts'
import { addNodeFlags, TRANSFER_FLAGS, VERSION } from './node-flags.ts'
import { showLines } from './output.ts'

const EXIT_CODES = `
Exit codes:
  0  done                          4  the port is in use
  1  failed                        5  another pigeon uses the same state folder
  2  wrong usage or refused input  6  the disk is full, read-only or forbidden
  3  wrong configuration           7  ended before the download was whole
  130, 143  broken off by Ctrl-C or by a signal`

/** `finish` gets the exit code of whatever command ran. */
export function buildProgram(signal: AbortSignal, finish: (exitCode: ExitCode) => void): Command {
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
  program.addHelpText('after', EXIT_CODES)
  addInspect(program, finish)
  addCreate(program, signal, finish)
  addVerify(program, signal, finish)
  addGet(program, signal, finish)
  addSeed(program, signal, finish)
  return program
}

type Finish = (exitCode: ExitCode) => void

/** Ends by throwing, never by `process.exit`; and what it quotes of the command line is made fit to show. */
function quietly(program: Command): void {
  program
    .helpOption('-h, --help', 'Show this help.')
    .showHelpAfterError('(see pigeon --help)')
    .configureOutput({ outputError: (text, write) => write(showLines(text)) })
    .exitOverride()
}

function addScreen(program: Command, signal: AbortSignal, finish: Finish): void {
  program
    .option('--connect <url>', "Drive another client's node instead of an own one.")
    .option(
      '--token <token>',
      'Its token; better in PIGEON_TOKEN, where other users cannot see it.',
    )
    .option('--token-file <file>', 'A file that holds its token.')
    .allowExcessArguments()
    .action(async (flags: Record<string, unknown>) => {
      const [unknown] = program.args
      if (unknown !== undefined) refuseCommand(program, unknown)
      const { runScreen } = await import('../screen/run-screen.ts')
      finish(await runScreen(flags, signal))
    })
  addNodeFlags(program)
}

/** Commander says it, and what may have been meant, only of a program that does nothing without a command. */
function refuseCommand(program: Command, name: string): void {
  const commands = new Command('pigeon')
  quietly(commands)
  for (const command of program.commands) commands.command(command.name())
  commands.parse([name], { from: 'user' })
}

function addInspect(program: Command, finish: Finish): void {
  program
    .command('inspect')
    .description('say what torrent files or magnets hold, and what is wrong with them')
    .argument('<file|magnet...>', '.torrent files or magnet links')
    .option('--json', 'Print one JSON object a line.')
    .action(async (inputs: string[], flags: { json?: boolean }) => {
      const { inspect } = await import('./inspect.ts')
      finish(await inspect(inputs, flags))
    })
}

function addCreate(program: Command, signal: AbortSignal, finish: Finish): void {
  program
    .command('create')
    .description('make a .torrent file of a file or folder')
    .argument('<path>', 'the file or folder')
    .requiredOption('-o, --output <file>', 'The .torrent file to write.')
    .option('--tracker <url>', 'Announce there. May be repeated.', collect)
    .option('--web-seed <url>', 'It can be had there over HTTP too. May be repeated.', collect)
    .option(
      '--piece-length <bytes>',
      'A power of two from 16384 on; chosen by size when absent.',
      wholeNumber,
    )
    .option('--private', 'Peers come from the trackers only (BEP 27).')
    .option('--comment <text>', 'A comment for whoever gets it.')
    .option('--force', 'Replace the .torrent file if it is there.')
    .action(async (path: string, flags) => {
      const { create } = await import('./create.ts')
      finish(await create(path, flags, signal))
    })
}

function addVerify(program: Command, signal: AbortSignal, finish: Finish): void {
  program
    .command('verify')
    .description('check the data of a torrent piece by piece')
    .argument('<file>', 'the .torrent file')
    .argument('<data>', 'its file or folder, or the folder that holds it')
    .action(async (file: string, dataPath: string) => {
      const { verify } = await import('./verify.ts')
      finish(await verify(file, dataPath, signal))
    })
}

function addGet(program: Command, signal: AbortSignal, finish: Finish): void {
  const command = program
    .command('get')
    .description('download one torrent; run it again to go on after a break')
    .argument('<file|magnet>', 'a .torrent file or a magnet link')
    .requiredOption('-d, --dir <folder>', 'Where to put it.')
    .option('--seed', 'Go on seeding when it is whole.')
    .option('--select <indexes>', 'Only these files, such as 0,2,5 (see pigeon inspect).', indexes)
    .option('--peer <address>', 'Try 192.0.2.7:6881, say, at once. May be repeated.', collect)
    .option('--sequential', 'Fetch the pieces in order.')
    .action(async (input: string, flags) => {
      const { get } = await import('./transfer.ts')
      finish(await get(input, flags, signal))
    })
  addNodeFlags(command, TRANSFER_FLAGS)
}

function addSeed(program: Command, signal: AbortSignal, finish: Finish): void {
  const command = program
    .command('seed')
    .description('check data that is here and serve it until interrupted')
    .argument('<file>', 'the .torrent file')
    .argument('<data>', 'its file or folder, or the folder that holds it')
    .option('--peer <address>', 'Try 192.0.2.7:6881, say, at once. May be repeated.', collect)
    .action(async (file: string, dataPath: string, flags) => {
      const { seed } = await import('./transfer.ts')
      finish(await seed(file, dataPath, flags, signal))
    })
  addNodeFlags(command, TRANSFER_FLAGS)
}

function collect(value: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), value]
}

function wholeNumber(value: string): number {
  if (!/^[0-9]{1,10}$/.test(value)) throw new InvalidArgumentError('Give a whole number.')
  return Number(value)
}

function indexes(value: string): number[] {
  return value.split(',').map((part) => {
    if (!/^[0-9]{1,6}$/.test(part))
      throw new InvalidArgumentError('Give file numbers from 0 on, with commas between.')
    return Number(part)
  })
}

/** What commander's own way of ending means to our caller. */
export function exitCodeOfCommander(code: string): ExitCode {
  return code === 'commander.help' ||
    code === 'commander.helpDisplayed' ||
    code === 'commander.version'
    ? EXIT.ok
    : EXIT.usage
}
