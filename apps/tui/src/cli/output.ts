/**
 * What the one-shot commands print. Results go to stdout, everything else to stderr; foreign text passes `toDisplay`
 * before it gets here, or is escaped JSON.
 */
import type { Problem } from '@pigeon/control/contract'
import { toDisplay } from '@pigeon/protocol/display'
import type { ExitCode } from './exit-codes.ts'
import { EXIT } from './exit-codes.ts'

export function printLine(text: string): void {
  process.stdout.write(`${text}\n`)
}

export function printNote(text: string): void {
  process.stderr.write(`${text}\n`)
}

/** Takes lines that are no result, fit to show. */
export type Note = (text: string) => void

/** `pigeon: what was wrong` and, on the next line, what to do about it. */
export function printProblem(problem: Pick<Problem, 'message' | 'help'>): void {
  tellProblem(problem, printNote)
}

/** As `printProblem`, to whom it may concern. */
export function tellProblem(problem: Pick<Problem, 'message' | 'help'>, note: Note): void {
  note(`pigeon: ${toDisplay(problem.message, PROBLEM_CHARACTERS)}`)
  if (problem.help !== '') note(`  ${toDisplay(problem.help, PROBLEM_CHARACTERS)}`)
}

/** Room for a path, or for several torrents of which one may be meant. */
const PROBLEM_CHARACTERS = 2_048

/** Text of several lines, each made fit to show. */
export function showLines(text: string): string {
  return text
    .split('\n')
    .map((line) => toDisplay(line))
    .join('\n')
}

/** One line of JSON, exact for programs and harmless to a terminal: control and bidi characters are escaped. */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value).replace(UNSAFE_IN_TERMINALS, (unsafe) =>
    Array.from({ length: unsafe.length }, (_, at) => escaped(unsafe.charCodeAt(at))).join(''),
  )
}

function escaped(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`
}

/** A line of any length, made fit to show once more: whoever made it may have forgotten. */
export function fitLine(line: string): string {
  return toDisplay(line, line.length)
}

/** All that `toDisplay` takes out, but for C0, which JSON escapes by itself. */
const UNSAFE_IN_TERMINALS =
  /[\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\udb40[\udc00-\udc7f]/g

/** The exit code that suits a problem of the node. */
export function exitCodeOf(problem: { readonly code: string }): ExitCode {
  switch (problem.code) {
    case 'address-in-use':
    case 'address-unavailable':
      return EXIT.addressInUse
    case 'disk-full':
    case 'disk-error':
    case 'read-only':
    case 'no-permission':
    case 'not-a-folder':
    case 'too-many-files':
    case 'profiles-unwritable':
      return EXIT.disk
    case 'bad-torrent':
    case 'bad-magnet':
    case 'bad-url':
    case 'bad-path':
    case 'bad-value':
    case 'bad-filter':
    case 'bad-sort':
    case 'bad-command':
    case 'bad-token':
    case 'no-token':
    case 'ambiguous':
    case 'usage':
    case 'not-found':
    case 'unreadable':
    case 'too-large':
    case 'nothing':
      return EXIT.usage
    case 'bad-profiles':
    case 'profiles-unreadable':
      return EXIT.config
    default:
      return EXIT.failure
  }
}
