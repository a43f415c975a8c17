#!/usr/bin/env node
/** `npm run bench`: what moving a big file and showing a long list cost, beside other clients in the same run. */
import { Command, InvalidArgumentError } from 'commander'
import { loadRoster } from '../driver/roster.ts'
import { AddressPool, TRACKER_HOST } from '../net/address-pool.ts'
import { enterNamespace } from '../net/enter-namespace.ts'
import { workDir } from '../net/work-dir.ts'
import { HttpTracker } from '../tracker/http-tracker.ts'
import { benchTable, comparisonLines, summarise } from './bench-report.ts'
import { addMagnetCommand } from './reach/magnet-bench.ts'
import { addScriptBenches } from './reach/script-bench.ts'
import { addUiCommand } from './ui/ui-command.ts'
import { BenchFile, type BenchSetting, type TransferRun, benchTransfer } from './transfer-bench.ts'

const EXIT_USAGE = 2
const EXIT_NOTHING_RAN = 4
const RUN_LIMIT_MS = 180_000
const UNITS: { readonly [unit: string]: number } = { KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 }

interface TransferFlags {
  readonly size: number
  readonly pairs: string[]
  readonly runs: number
  readonly driver: string[]
  readonly dir?: string
  readonly json?: true
}

function size(text: string): number {
  const match = /^(\d+)(KiB|MiB|GiB)$/.exec(text)
  const bytes = Number(match?.[1] ?? 0) * (UNITS[match?.[2] ?? ''] ?? 0)
  if (bytes > 0 && bytes <= 64 * 2 ** 30) return bytes
  throw new InvalidArgumentError('A number and KiB, MiB or GiB, at most 64GiB.')
}

function runCount(text: string): number {
  const number = Number(text)
  if (Number.isInteger(number) && number >= 1 && number <= 100) return number
  throw new InvalidArgumentError('A whole number from 1 to 100.')
}

/** `a` is a client with itself, `a:b` a seeder and a leecher. */
function splitPair(text: string): readonly [string, string] {
  const [seeder = '', leecher = seeder] = text.split(':')
  return [seeder, leecher]
}

async function transfer(flags: TransferFlags): Promise<void> {
  if (await enterNamespace(import.meta.filename)) return
  const pairs = flags.pairs.map(splitPair)
  const roster = loadRoster([...new Set(pairs.flat())], flags.driver)
  for (const { name, reason } of roster.unavailable)
    process.stderr.write(`unavailable  ${name}: ${reason}\n`)
  const drivers = new Map(roster.entries.map((entry) => [entry.driver.name, entry.driver]))
  const http = new HttpTracker()
  await http.listen(TRACKER_HOST)
  const file = BenchFile.create(flags.dir ?? workDir(), flags.size)
  process.once('exit', () => file.remove())
  const setting: BenchSetting = { http, pool: new AddressPool(), file, limitMs: RUN_LIMIT_MS }
  const runs = pairs.map((): TransferRun[] => [])
  const failures = pairs.map((): string[] => [])
  // Round by round, so that a busy minute of the machine does not fall upon one pair alone.
  for (let round = 0; round < flags.runs; round += 1)
    for (const [at, [seeder, leecher]] of pairs.entries()) {
      const [from, to] = [drivers.get(seeder), drivers.get(leecher)]
      if (from === undefined || to === undefined) continue
      const result = await benchTransfer(from, to, setting)
      if ('why' in result) {
        failures[at]?.push(result.why)
        process.stderr.write(`failed  ${seeder} to ${leecher}: ${result.why}\n`)
      } else runs[at]?.push(result)
    }
  await http.close()
  const summaries = pairs.flatMap(([seeder, leecher], at) =>
    drivers.has(seeder) && drivers.has(leecher)
      ? [summarise(seeder, leecher, runs[at] ?? [], failures[at] ?? [])]
      : [],
  )
  report(flags, roster, summaries)
  if (summaries.every((pair) => pair.runs === 0)) process.exitCode = EXIT_NOTHING_RAN
  else if (summaries.some((pair) => pair.failures.length > 0)) process.exitCode = 1
}

function report(
  flags: TransferFlags,
  roster: ReturnType<typeof loadRoster>,
  summaries: readonly ReturnType<typeof summarise>[],
): void {
  if (flags.json === true) {
    const clients = roster.entries.map(({ driver, version }) => ({ name: driver.name, version }))
    const { unavailable } = roster
    process.stdout.write(
      `${JSON.stringify({ bench: 'transfer', sizeBytes: flags.size, clients, unavailable, pairs: summaries }, null, 2)}\n`,
    )
    return
  }
  const what = `${(flags.size / 2 ** 20).toFixed(0)} MiB of random data, pieces of 1 MiB, through ${flags.dir ?? 'tmpfs'}; medians of ${flags.runs}`
  process.stdout.write(
    `${[what, '', benchTable(summaries), '', ...comparisonLines(summaries)].join('\n')}\n`,
  )
}

const program = new Command('pigeon-bench')
  .description('Measures; never judges by the clock.')
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : EXIT_USAGE))

program
  .command('transfer')
  .description('one file from one process to another, through tmpfs')
  .option('--size <size>', 'how much to move', size, UNITS['GiB'])
  .option(
    '--pairs <names>',
    'clients to pair with themselves, or seeder:leecher, separated by commas',
    (text: string) => text.split(',').filter((part) => part !== ''),
    ['pigeond', 'webtorrent', 'aria2'],
  )
  .option('--runs <n>', 'runs of each pair', runCount, 3)
  .option(
    '--driver <dir>',
    'a driver of your own; may be repeated',
    (dir: string, before: string[]) => [...before, dir],
    [],
  )
  .option('--dir <dir>', 'work in this folder instead of the tmpfs')
  .option('--json', 'one JSON document instead of the table')
  .action(transfer)

addUiCommand(program, import.meta.filename)
addMagnetCommand(program, import.meta.filename)
addScriptBenches(program)

await program.parseAsync()
