#!/usr/bin/env node
/** `pigeon-conform`: the command line of the suite. */
import { Command, InvalidArgumentError } from 'commander'
import { HOSTILE_CASES, type HostileCase } from './hostile/hostile-cases.ts'
import { hostileCommand } from './hostile/hostile-command.ts'
import { FEATURES, type Feature, findFeature } from './matrix/features.ts'
import { DEFAULT_JOBS, freshSeed, matrixCommand } from './matrix/matrix-command.ts'
import { enterNamespace } from './net/enter-namespace.ts'

const EXIT_USAGE = 2

interface MatrixFlags {
  readonly clients?: string[]
  readonly features?: Feature[]
  readonly driver: string[]
  readonly quick?: true
  readonly sample?: true
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

interface HostileFlags {
  readonly clients?: string[]
  readonly driver: string[]
  readonly cases?: HostileCase[]
  readonly jobs: number
  readonly out: string
  readonly seed?: string
}

function hostileCases(text: string): HostileCase[] {
  return list(text).map((name) => {
    const found = HOSTILE_CASES.find((item) => item.id === name)
    if (found !== undefined) return found
    throw new InvalidArgumentError(`There is: ${HOSTILE_CASES.map((item) => item.id).join(', ')}.`)
  })
}

interface Topic {
  readonly name: string
  readonly title: string
  readonly demands: string
}

function topicOfFeature(feature: Feature): Topic {
  const needs =
    feature.kind === 'swarm'
      ? `Needs of everyone: ${feature.needs.join(', ')}.`
      : `Needs of the seeder: ${feature.needsOfSeeder.join(', ')}; of the leecher: ${feature.needsOfLeecher.join(', ')}.`
  return { name: feature.name, title: feature.title, demands: `${feature.demands}\n${needs}` }
}

function topicOfCase(item: HostileCase): Topic {
  return { name: `hostile/${item.id}`, title: item.title, demands: item.demands }
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
    breadth: flags.quick === true ? 'quick' : flags.sample === true ? 'sample' : 'all',
    jobs: flags.jobs,
    outDir: flags.out,
    seed: flags.seed ?? freshSeed(),
    keepsPayload: flags.keep === true,
    seeder: flags.seeder,
    leecher: flags.leecher,
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
  .option('--sample', 'in each feature each client seeds and leeches, with another of ours in turn')
  .option('--quick', 'the smallest set: all pairs over TCP, one ring of pairs for the rest')
  .action(matrix)

withMatrixOptions(program.command('run'))
  .description('one driver, yours for instance, against itself and everyone who is here')
  .action(async (flags: MatrixFlags) => {
    if (flags.driver.length === 0) program.error('run needs --driver DIR')
    await matrix(flags)
  })

program
  .command('hostile')
  .description(
    'corrupting, stalling, flooding peers and lying trackers, against each judged client',
  )
  .option('--clients <names>', 'only these, separated by commas', list)
  .option('--driver <dir>', 'a driver of your own; may be repeated', collect, [])
  .option('--cases <names>', 'only these, separated by commas', hostileCases)
  .option('--jobs <n>', 'cases at once', count, DEFAULT_JOBS)
  .option('--out <dir>', 'folder for reports, transcripts and logs', 'reports')
  .option('--seed <text>', 'repeat a run')
  .action(async (flags: HostileFlags) => {
    if (await enterNamespace(import.meta.filename)) return
    process.exitCode = await hostileCommand({
      clients: flags.clients ?? (flags.driver.length > 0 ? [] : undefined),
      driverDirs: flags.driver,
      cases: flags.cases ?? HOSTILE_CASES,
      jobs: flags.jobs,
      outDir: flags.out,
      seed: flags.seed ?? freshSeed(),
    })
  })

program
  .command('list')
  .description('features of the matrix and hostile cases, with what each is about')
  .action(() => {
    for (const item of [...FEATURES.map(topicOfFeature), ...HOSTILE_CASES.map(topicOfCase)])
      process.stdout.write(`${item.name.padEnd(28)} ${item.title}\n`)
  })

program
  .command('explain')
  .argument('<name>')
  .description('what one of them demands')
  .action((name: string) => {
    const topics = [...FEATURES.map(topicOfFeature), ...HOSTILE_CASES.map(topicOfCase)]
    const topic = topics.find((item) => item.name === name)
    if (topic === undefined) program.error(`there is no ${name}; see: pigeon-conform list`)
    else process.stdout.write(`${topic.name}: ${topic.title}\n\n${topic.demands}\n`)
  })

await program.parseAsync()
