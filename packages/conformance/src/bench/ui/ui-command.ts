/** `npm run bench -- ui`: what it costs to show a list of 0, 1,000 and 10,000 torrents, beside other clients. */
import { InvalidArgumentError, type Command } from 'commander'
import { enterNamespace } from '../../net/enter-namespace.ts'
import { workDir } from '../../net/work-dir.ts'
import { forgetStates, PIGEON, PIGEON_CONNECTED, PIGEON_WEB, PIGEOND } from './pigeon-subjects.ts'
import { QBITTORRENT, TRANSMISSION } from './other-subjects.ts'
import type { Subject } from './subject.ts'
import { benchUi, torrentLists, type UiRun } from './ui-bench.ts'
import { uiTable } from './ui-table.ts'

const SUBJECTS: readonly Subject[] = [
  PIGEOND,
  PIGEON,
  PIGEON_CONNECTED,
  PIGEON_WEB,
  TRANSMISSION,
  QBITTORRENT,
]
const EXIT_NOTHING_RAN = 4
const MOST_TORRENTS = 100_000

interface UiFlags {
  readonly torrents: readonly number[]
  readonly clients?: readonly string[]
  readonly seconds: number
  readonly json?: true
}

export function addUiCommand(program: Command, mainFile: string): void {
  program
    .command('ui')
    .description('lists of many torrents: first screen, memory, CPU, bytes to the watcher')
    .option('--torrents <counts>', 'lengths of the list, with commas', counts, [0, 1_000, 10_000])
    .option('--clients <names>', 'only these, with commas', names)
    .option('--seconds <n>', 'how long to watch idle and busy', seconds, 15)
    .option('--json', 'one JSON document instead of the table')
    .action((flags: UiFlags) => ui(flags, mainFile))
}

async function ui(flags: UiFlags, mainFile: string): Promise<void> {
  if (await enterNamespace(mainFile)) return
  const root = workDir()
  const runs: UiRun[] = []
  let failures = 0
  const subjects = SUBJECTS.filter(({ name }) => flags.clients?.includes(name) ?? true)
  for (const [count, torrents] of torrentLists(flags.torrents)) {
    for (const subject of subjects) {
      const missing = subject.missing()
      if (missing !== null) {
        process.stderr.write(`unavailable  ${subject.name}: ${missing}\n`)
        continue
      }
      try {
        runs.push(await benchUi(subject, torrents, { root, windowMs: flags.seconds * 1000 }))
      } catch (error) {
        failures += 1
        const why = error instanceof Error ? error.message : String(error)
        process.stderr.write(`failed  ${subject.name} with ${count}: ${why}\n`)
      }
    }
  }
  forgetStates(root, flags.torrents)
  if (flags.json === true)
    process.stdout.write(`${JSON.stringify({ bench: 'ui', runs }, null, 2)}\n`)
  else process.stdout.write(`${uiTable(runs, subjects)}\n`)
  if (runs.length === 0) process.exitCode = EXIT_NOTHING_RAN
  else if (failures > 0) process.exitCode = 1
}

function names(text: string): readonly string[] {
  const wanted = text.split(',').filter((part) => part !== '')
  const unknown = wanted.find((name) => !SUBJECTS.some((subject) => subject.name === name))
  if (unknown === undefined) return wanted
  throw new InvalidArgumentError(`Known are: ${SUBJECTS.map(({ name }) => name).join(', ')}.`)
}

function counts(text: string): readonly number[] {
  const numbers = text.split(',').map(Number)
  if (numbers.every((count) => Number.isInteger(count) && count >= 0 && count <= MOST_TORRENTS))
    return numbers
  throw new InvalidArgumentError(`Whole numbers up to ${MOST_TORRENTS}, with commas.`)
}

function seconds(text: string): number {
  const number = Number(text)
  if (number >= 1 && number <= 600) return number
  throw new InvalidArgumentError('A number from 1 to 600.')
}
