/** The commands that need no other node: they work on torrent files, or transfer one torrent by themselves. */
import { type Command, InvalidArgumentError } from 'commander'
import type { ExitCode } from './exit-codes.ts'

export interface OfflineHost {
  readonly signal: AbortSignal
  readonly finish: (exitCode: ExitCode) => void
  /** Adds the options of a node of one's own. */
  readonly addNodeFlags: (command: Command) => void
}

export function addOfflineCommands(program: Command, host: OfflineHost): void {
  addInspect(program, host)
  addCreate(program, host)
  addVerify(program, host)
  addGet(program, host)
  addSeed(program, host)
}

function addInspect(program: Command, { finish }: OfflineHost): void {
  program
    .command('inspect')
    .description('say what torrent files or magnets hold, and what is wrong with them')
    .argument('<file|magnet...>', '.torrent files or magnet links; - for stdin')
    .option('--json', 'Print one JSON object a line.')
    .addHelpText('after', '\nWhat peers say on the wire shows: pigeon wire PEER TORRENT')
    .action(async (inputs: string[], flags: { json?: boolean }) => {
      const { inspect } = await import('./inspect.ts')
      finish(await inspect(inputs, flags))
    })
}

function addCreate(program: Command, { signal, finish }: OfflineHost): void {
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

function addVerify(program: Command, { signal, finish }: OfflineHost): void {
  program
    .command('verify')
    .description('check the data of a torrent piece by piece')
    .argument('<file>', 'the .torrent file; - for stdin')
    .argument('<data>', 'its file or folder, or the folder that holds it')
    .action(async (file: string, dataPath: string) => {
      const { verify } = await import('./verify.ts')
      finish(await verify(file, dataPath, signal))
    })
}

function addGet(program: Command, { signal, finish, addNodeFlags }: OfflineHost): void {
  const command = program
    .command('get')
    .description('download one torrent; run it again to go on after a break')
    .argument('<file|magnet>', 'a .torrent file or a magnet link; - for stdin')
    .requiredOption('-d, --dir <folder>', 'Where to put it.')
    .option('--seed', 'Go on seeding when it is whole.')
    .option('--select <indexes>', 'Only these files, such as 0,2,5 (see pigeon inspect).', indexes)
    .option('--peer <address>', 'Try 192.0.2.7:6881, say, at once. May be repeated.', collect)
    .option('--sequential', 'Fetch the pieces in order.')
    .action(async (input: string, flags) => {
      const { get } = await import('./transfer.ts')
      finish(await get(input, flags, signal))
    })
  addNodeFlags(command)
}

function addSeed(program: Command, { signal, finish, addNodeFlags }: OfflineHost): void {
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
  addNodeFlags(command)
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
