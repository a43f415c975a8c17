/**
 * The command line of `pigeon`. Each command's code is loaded only when it runs, so that none waits for the others.
 */
import { Command, InvalidArgumentError } from 'commander'
import { EXIT } from './exit-codes.ts'
import type { ExitCode } from './exit-codes.ts'
import { addNodeFlags, VERSION } from './node-flags.ts'

const EXIT_CODES = `
Exit codes:
  0  done                          4  the port is in use
  1  failed                        5  another pigeon uses the same state folder
  2  wrong usage or refused input  6  the disk is full, read-only or forbidden
  3  wrong configuration           7  ended before the download was whole`

/** `finish` gets the exit code of whatever command ran. */
export function buildProgram(signal: AbortSignal, finish: (exitCode: ExitCode) => void): Command {
  const program = new Command('pigeon')
    .description('Share files and folders between your own computers, over BitTorrent.')
    .version(`pigeon ${VERSION}`)
    .addHelpText('after', EXIT_CODES)
    .showHelpAfterError('(see pigeon --help)')
    .enablePositionalOptions()
    .exitOverride()
  addScreen(program, signal, finish)
  addInspect(program, finish)
  addCreate(program, signal, finish)
  addVerify(program, signal, finish)
  addGet(program, signal, finish)
  addSeed(program, signal, finish)
  return program
}

type Finish = (exitCode: ExitCode) => void

function addScreen(program: Command, signal: AbortSignal, finish: Finish): void {
  addNodeFlags(program)
    .option('--connect <url>', "drive another client's node instead of an own one")
    .option('--token <token>', 'its token (PIGEON_TOKEN)')
    .option('--token-file <file>', 'a file that holds its token')
    .action(async (flags: Record<string, unknown>) => {
      const { runScreen } = await import('../screen/run-screen.ts')
      finish(await runScreen(flags, signal))
    })
}

function addInspect(program: Command, finish: Finish): void {
  program
    .command('inspect')
    .description('say what torrent files or magnets hold, and what is wrong with them')
    .argument('<file|magnet...>')
    .option('--json', 'one JSON object a line', false)
    .action(async (inputs: string[], flags: { json: boolean }) => {
      const { inspect } = await import('./inspect.ts')
      finish(await inspect(inputs, flags))
    })
}

function addCreate(program: Command, signal: AbortSignal, finish: Finish): void {
  program
    .command('create')
    .description('make a .torrent file of a file or folder')
    .argument('<path>')
    .requiredOption('-o, --output <file>', 'the .torrent file to write')
    .option('--tracker <url>', 'announce there (may be repeated)', collect, [])
    .option('--web-seed <url>', 'also to be had there over HTTP (may be repeated)', collect, [])
    .option(
      '--piece-length <bytes>',
      'a power of two from 16384 on; chosen by size when absent',
      wholeNumber,
    )
    .option('--private', 'peers come from the trackers only (BEP 27)', false)
    .option('--comment <text>', 'a comment for whoever gets it')
    .option('--force', 'replace the file if it is there', false)
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
    .argument('<file|magnet>')
    .requiredOption('-d, --dir <folder>', 'where to put it')
    .option('--seed', 'go on seeding when it is whole')
    .option('--select <indexes>', 'only these files, such as 0,2,5 (see pigeon inspect)', indexes)
    .option(
      '--peer <address>',
      'try this peer at once, such as 192.0.2.7:6881 (may be repeated)',
      collect,
      [],
    )
    .option('--sequential', 'fetch the pieces in order')
  addNodeFlags(command).action(async (input: string, flags) => {
    const { get } = await import('./transfer.ts')
    finish(await get(input, flags, signal))
  })
}

function addSeed(program: Command, signal: AbortSignal, finish: Finish): void {
  const command = program
    .command('seed')
    .description('check data that is here and serve it until interrupted')
    .argument('<file>', 'the .torrent file')
    .argument('<data>', 'its file or folder, or the folder that holds it')
    .option('--peer <address>', 'try this peer at once (may be repeated)', collect, [])
  addNodeFlags(command).action(async (file: string, dataPath: string, flags) => {
    const { seed } = await import('./transfer.ts')
    finish(await seed(file, dataPath, flags, signal))
  })
}

function collect(value: string, before: readonly string[]): string[] {
  return [...before, value]
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
