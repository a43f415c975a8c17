/**
 * The commands of `pigeon` inside a program that runs already: the screen's `:` line and line mode. Words mean what they
 * mean in a shell, but for torrents: where none is named, those that are selected are meant.
 */
import { CommanderError } from 'commander'
import type { Control, Problem } from '@pigeon/control/contract'
import { problem } from '@pigeon/control/problems'
import { toDisplay } from '@pigeon/protocol/display'
import { lineProgram } from './line-program.ts'
import type { Around } from './node-commands/around.ts'
import { fitLine, showLines } from './output.ts'

export { completeLine, completeWords, type Completion, type CompletionContext } from './complete.ts'
export { joinWords, splitWords } from './words.ts'

export interface LineContext {
  /** Ids of the torrents that are meant where none is named. */
  readonly selected: readonly string[]
  /** Asks before something is removed or ended; where absent such commands want `--yes`. */
  readonly ask?: (question: string) => Promise<boolean>
  /** Told of each line as it comes, such as how far a share is; the answer holds them too, but for notes. */
  readonly onLine?: (line: string) => void
  /** Tables are read aloud: a sentence for each row. */
  readonly isSpoken?: boolean
  /** Cells that tables may take; 80 when absent. */
  readonly columns?: number
  /** Where there is a better place for a wire than lines. */
  readonly showWire?: Around['showWire']
  readonly signal?: AbortSignal
}

export interface LineAnswer {
  /** Fit to show. */
  readonly lines: readonly string[]
  readonly problem: Problem | null
}

/** Lines of one answer that are kept: a list of more would not be read. */
export const ANSWER_LINES = 20_000

/** Runs one command. Never throws; what is wrong with the words is a problem too. */
export async function runCommandLine(
  control: Control,
  words: readonly string[],
  context: LineContext,
): Promise<LineAnswer> {
  const lines: string[] = []
  const around = aroundOf(control, context, lines)
  let failed: Problem | null = null
  const program = lineProgram(
    async (given, load) => {
      failed = await (await load())(around, given)
    },
    (text) => lines.push(...showLines(text.trimEnd()).split('\n')),
  )
  try {
    await program.parseAsync(words, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode !== 0) failed = usageProblem(error, words)
  }
  return { lines, problem: failed }
}

function aroundOf(control: Control, context: LineContext, lines: string[]): Around {
  const { ask, onLine, showWire, signal, columns } = context
  return {
    control,
    print: (text) => {
      const line = fitLine(text)
      if (lines.length < ANSWER_LINES) lines.push(line)
      onLine?.(line)
    },
    printBytes: () => NO_BYTES,
    note: (text) => (onLine === undefined ? lines.push(fitLine(text)) : onLine(fitLine(text))),
    ask: (question) => (ask === undefined ? Promise.resolve(null) : ask(question)),
    readInput: () => Promise.resolve(NO_INPUT),
    selected: context.selected,
    columns: columns ?? 80,
    isSpoken: context.isSpoken === true,
    ...(showWire === undefined ? {} : { showWire }),
    signal: signal ?? new AbortController().signal,
  }
}

const NO_INPUT = problem(
  'usage',
  'There is no file on stdin: the keyboard is in use.',
  'Give the path of the file.',
)
const NO_BYTES = problem('usage', 'A file cannot be printed here.', 'Give -o FILE.')

function usageProblem(error: CommanderError, words: readonly string[]): Problem {
  if (error.code === 'commander.help') {
    return problem('usage', 'A command is missing.', 'Type help for all of them.')
  }
  const message = toDisplay(error.message.replace(/^error: /, '').replaceAll('\n', ' '))
  const sentence = `${message.charAt(0).toUpperCase()}${message.slice(1)}.`
  return problem('usage', sentence.replace(/([.?)])\.$/, '$1'), helpFor(error, words))
}

function helpFor(error: CommanderError, [command = '']: readonly string[]): string {
  if (error.code === 'commander.unknownCommand') return 'Type help for all of them.'
  return `Type help ${toDisplay(command, 40)} for what it takes.`
}
