/**
 * What a command that acts on a node gets to work with, whether it came from a shell, from the screen's command line or
 * from line mode.
 */
import type { Control, Problem, SessionSummary, TorrentSummary } from '@pigeon/control/contract'
import type { WireTarget } from '@pigeon/control/network'

export interface Around {
  readonly control: Control
  /** A line of the answer, fit to show. */
  print(line: string): void
  /** Bytes as they are; a problem where they would not stay what they are. */
  printBytes(bytes: Uint8Array): Problem | null
  /** A line about the answer, such as how far it is; fit to show. */
  note(line: string): void
  /** Asks a question that a yes answers; `null` where there is nobody to ask. */
  ask(question: string): Promise<boolean | null>
  /** What stands on stdin; a problem where that is not ours to read. */
  readInput(): Promise<Uint8Array | Problem>
  /** Ids of the torrents that are meant where none is named; `null` where one must be named. */
  readonly selected: readonly string[] | null
  /** Cells that a line of a table may take; `null` where nobody counts them. */
  readonly columns: number | null
  /** Tables are read aloud: a sentence for each row, nothing drawn. */
  readonly isSpoken: boolean
  /** Where there is a better place for it than lines that are printed. */
  readonly showWire?: (target: WireTarget, title: string) => void
  readonly signal: AbortSignal
}

/** What was typed behind the name of a command. */
export interface Given {
  readonly args: readonly string[]
  readonly flags: Readonly<Record<string, unknown>>
}

/** Answers why it failed, or `null`. */
export type NodeAction = (around: Around, given: Given) => Promise<Problem | null>

export interface Picture {
  readonly session: SessionSummary
  readonly torrents: readonly TorrentSummary[]
}

/** How long a node may take to say what it has. */
const PICTURE_MS = 30_000

/** The node and its torrents as they are now. */
export function pictureOf(control: Control): Promise<Picture | Problem> {
  return new Promise((resolve) => {
    const end = (answer: Picture | Problem): void => {
      clearTimeout(timer)
      // The first update may come before `watch` has answered how to stop it.
      queueMicrotask(() => stop())
      resolve(answer)
    }
    const timer = setTimeout(() => end(SILENT), PICTURE_MS)
    const stop = control.watch((update) => {
      if (update.kind === 'snapshot') end(update)
      else if (update.kind === 'offline') end(update.problem)
    })
  })
}

const SILENT: Problem = {
  code: 'timed-out',
  message: 'The node does not say which torrents it has.',
  help: 'Look whether it is busy, and try again.',
}

/** A text among the flags. */
export function textFlag(given: Given, name: string): string | undefined {
  const value = given.flags[name]
  return typeof value === 'string' ? value : undefined
}

/** The texts of a flag that may be repeated. */
export function textFlags(given: Given, name: string): readonly string[] | undefined {
  const value = given.flags[name]
  if (!Array.isArray(value)) return undefined
  return value.filter((each) => typeof each === 'string')
}

export function hasFlag(given: Given, name: string): boolean {
  return given.flags[name] === true
}
