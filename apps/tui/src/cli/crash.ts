/**
 * The end of a process that met a bug of ours.
 */
import { inspect } from 'node:util'
import { toDisplay } from '@pigeon/protocol/display'
import { EXIT } from './exit-codes.ts'

const MAX_STACK_LINES = 20

/** Says what happened and ends the process with code 1. Whoever drew on the terminal has left it by then. */
export function endWithCrash(error: unknown): never {
  process.stderr.write(`${crashReport(error).join('\n')}\n`)
  process.exit(EXIT.failure)
}

/** The error and where it came from, fit to show: its text may quote what a peer sent. */
export function crashReport(error: unknown): readonly string[] {
  const text = error instanceof Error ? (error.stack ?? error.message) : inspect(error)
  return [
    'pigeon: Bug in Pigeon. What was verified and saved is safe; please report this:',
    ...text
      .split('\n')
      .slice(0, MAX_STACK_LINES)
      .map((line) => `  ${toDisplay(line)}`),
  ]
}
