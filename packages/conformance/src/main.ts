#!/usr/bin/env node
/** `pigeon-conform`: the command line of the suite. */
import { Command, InvalidArgumentError } from 'commander'
import { FEATURES, type Feature, findFeature } from './matrix/features.ts'
import { DEFAULT_JOBS, freshSeed, matrixCommand } from './matrix/matrix-command.ts'
import { enterNamespace } from './net/enter-namespace.ts'

const EXIT_USAGE = 2

interface MatrixFlags {
  readonly clients?: string[]
  readonly features?: Feature[]
  readonly driver: string[]
  readonly quick?: true
  readonly jobs: number
  readonly out: string
  readonly seed?: string
  readonly keep?: true
  readonly seeder?: string
  readonly leecher?: string
}

function list(text: string): string[] {
  return text.split(',').filter((part) => part !== '')
}

function features(text: string): Feature[] {
  return list(text).map((name) => {
    const feature = findFeature(name)
    if (feature !== undefined) return feature
    throw new InvalidArgumentError(`There is: ${FEATURES.map((item) => item.name).join(', ')}.`)
  })
}

function count(text: string): number {
  const number = Number(text)
  if (Number.isInteger(number) && number >= 1 && number <= 32) return number
  throw new InvalidArgumentError('A whole number from 1 to 32.')
}

async function matrix(flags: MatrixFlags): Promise<void> {
  if (await enterNamespace(import.meta.filename)) return
  process.exitCode = await matrixCommand({
    clients: flags.clients,
    features: flags.features ?? FEATURES,
    driverDirs: flags.driver,
    isQuick: flags.quick === true,
    jobs: flags.jobs,
    outDir: flags.out,
    seed: flags.seed ?? freshSeed(),
    keepsPayload: flags.keep === true,
    seeder: flags.seeder,
    leecher: flags.leecher,
    isVerbose: false,
  })
}

function withMatrixOptions(command: Command): Command {
  return command
    .option('--features <names>', 'only these, separated by commas', features)
    .option('--driver <dir>', 'a driver of your own, judged; may be repeated', collect, [])
    .option('--jobs <n>', 'cells at once', count, DEFAULT_JOBS)
    .option('--out <dir>', 'folder for reports, transcripts and logs', 'reports')
    .option('--seed <text>', 'repeat a run: payloads follow from it')
    .option('--keep', 'keep payloads and state of the clients for a look')
    .option('--seeder <name>', 'only cells with this seeder')
    .option('--leecher <name>', 'only cells with this leecher')
}

function collect(dir: string, before: string[]): string[] {
  return [...before, dir]
}

const program = new Command('pigeon-conform')
  .description('Proves over real sockets that BitTorrent clients understand each other.')
  .configureOutput({ outputError: (text, write) => write(text) })
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : EXIT_USAGE))

withMatrixOptions(program.command('matrix').description('every client with every client'))
  .option('--clients <names>', 'only these, separated by commas', list)
  .option('--quick', 'a smaller set: all pairs over TCP, one ring of pairs for the rest')
  .action(matrix)

await program.parseAsync()
