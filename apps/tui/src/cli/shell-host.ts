/** Runs the commands of a node for a shell: connects, prints, asks, and ends with an exit code. */
import { createInterface } from 'node:readline/promises'
import type { Control, Problem } from '@pigeon/control/contract'
import { isProblem } from '@pigeon/control/problems'
import { toDisplay } from '@pigeon/protocol/display'
import type { Command } from 'commander'
import type { ExitCode } from './exit-codes.ts'
import { EXIT } from './exit-codes.ts'
import type { Around } from './node-commands/around.ts'
import type { NodeNeed, TreeHost } from './node-commands/tree.ts'
import { exitCodeOf, fitLine, jsonLine, printLine, printNote, printProblem } from './output.ts'
import { readInput } from './read-input.ts'

/** What an action may still do once it was interrupted, such as calling off what it began. */
const LAST_WORDS_MS = 3_000

/** `program` is where flags may stand before the command: `pigeon --profile home list`. */
export function shellHost(
  program: Command,
  signal: AbortSignal,
  finish: (exitCode: ExitCode) => void,
): TreeHost {
  return {
    hasSelection: false,
    addFlags: (command, node) => {
      if (node === 'running-or-own') addBootstrapFlag(command)
      if (node !== 'none') addWhichFlags(command)
    },
    perform: async (given, load, need) => {
      const [action, control] = await Promise.all([
        load(),
        controlFor(need, { ...program.opts(), ...given.flags }),
      ])
      const isJson = given.flags['json'] === true
      if (typeof control === 'number') return finish(control)
      if (isProblem(control)) {
        sayProblem(control, isJson)
        return finish(exitCodeOf(control))
      }
      try {
        const outcome = await endingWith(signal, action(aroundOf(control, signal), given))
        if (outcome !== null && outcome !== 'interrupted') sayProblem(outcome, isJson)
        finish(exitCode(outcome, signal))
      } finally {
        await control.close()
      }
    },
  }
}

async function controlFor(
  need: NodeNeed,
  flags: Readonly<Record<string, unknown>>,
): Promise<Control | Problem | ExitCode> {
  switch (need) {
    case 'running': {
      const { connectNode } = await import('./which-node.ts')
      return connectNode(flags)
    }
    case 'running-or-own': {
      const { connectOrOpen } = await import('./own-dht-node.ts')
      return connectOrOpen(flags)
    }
    case 'none': {
      // Nobody asks it for anything.
      const { LateControl } = await import('./late-control.ts')
      return new LateControl()
    }
    default:
      return need satisfies never
  }
}

function addBootstrapFlag(command: Command): void {
  command.option(
    '--bootstrap <node>',
    'Ask through a node of our own that begins at this host:port. May be repeated.',
    (value: string, before: readonly string[] | undefined) => [...(before ?? []), value],
  )
}

/** The flags that say which node is meant. */
export function addWhichFlags(command: Command): void {
  command
    .optionsGroup('Which node:')
    .option('--connect <url>', 'The one at this address, or unix socket. [$PIGEON_CONNECT]')
    .option('--profile <name>', 'The one saved under this name (see pigeon profile).')
    .option('--token-file <file>', 'A file that holds its token.')
    .option('--token <token>', 'Its token; better in PIGEON_TOKEN, where others cannot see it.')
}

function exitCode(outcome: Problem | 'interrupted' | null, signal: AbortSignal): ExitCode {
  if (outcome === null) return EXIT.ok
  return outcome === 'interrupted' || signal.aborted ? EXIT.interrupted : exitCodeOf(outcome)
}

/** People get a sentence, programs an object; both on stderr. */
function sayProblem(problem: Problem, isJson: boolean): void {
  if (isJson) printNote(jsonLine({ problem }))
  else printProblem(problem)
}

function endingWith<T>(signal: AbortSignal, action: Promise<T>): Promise<T | 'interrupted'> {
  const interrupted = new Promise<'interrupted'>((resolve) => {
    const end = (): void => {
      setTimeout(() => resolve('interrupted'), LAST_WORDS_MS).unref()
    }
    if (signal.aborted) end()
    else signal.addEventListener('abort', end, { once: true })
  })
  return Promise.race([action, interrupted])
}

function aroundOf(control: Control, signal: AbortSignal): Around {
  return {
    control,
    print: (line) => printLine(fitLine(line)),
    printBytes: (bytes) => {
      process.stdout.write(bytes)
      return null
    },
    note: (line) => printNote(fitLine(line)),
    ask: (question) => ask(question, signal),
    readInput: () => readInput(),
    selected: null,
    columns: process.stdout.isTTY ? process.stdout.columns : null,
    isSpoken: false,
    signal,
  }
}

async function ask(question: string, signal: AbortSignal): Promise<boolean | null> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return null
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await lines.question(`${toDisplay(question)} [y/N] `, { signal })
    return /^y(es)?$/i.test(answer.trim())
  } catch {
    // Interrupted, or the terminal went away: that is no yes.
    return false
  } finally {
    lines.close()
  }
}
