/** What a method comes to, before it is told in either dialect. */
import type { z } from 'zod'
import type { Caller, CommandResult, Problem, Scope } from '../contract.ts'
import type { LiveList } from '../compat/live-list.ts'
import type { JsonObject } from './keys.ts'
import type { Remembered } from './remembered.ts'
import { check } from './arguments.ts'

export type Outcome = Done | Refused

export interface Done {
  readonly ok: true
  readonly value: JsonObject
  /** Its keys are already as the caller asked for them. */
  readonly isSpelled?: boolean
}

export interface Refused {
  readonly ok: false
  /** One of `ERROR`. */
  readonly code: number
  readonly words: string
  readonly value?: JsonObject
}

/** What methods work with. */
export interface World {
  readonly list: LiveList
  readonly remembered: Remembered
  /** Wall time. */
  readonly nowMs: () => number
  /** As `X-Transmission-Session-Id` has it. */
  readonly sessionId: string
  /** Such as `pigeond 0.1.0`. */
  readonly node: string
  /** Loads the blocklist anew; there is none to load when absent. */
  readonly updateBlocklist?: () => Promise<Problem | null>
  /** Whether .torrent files may be fetched from inside the house. */
  readonly reachesPrivate: boolean
  readonly refuseUrl: (url: string) => Promise<string | null>
}

export interface Call {
  readonly world: World
  /** What the caller may do. */
  readonly scope: Scope
  readonly dialect: Dialect
}

/** For whom the node does what a call asks for. */
export function callerOf({ world, scope }: Call): Caller {
  return { scope, reachesPrivate: world.reachesPrivate }
}

export type Dialect = 'legacy' | 'json-rpc'

export interface Method {
  readonly scope: Scope
  run(args: Readonly<Record<string, unknown>>, call: Call): Promise<Outcome>
}

/** A method whose arguments were checked before it runs. */
export function method<T>(
  scope: Scope,
  schema: z.ZodType<T>,
  run: (args: T, call: Call) => Promise<Outcome>,
): Method {
  return {
    scope,
    run: async (unchecked, call) => {
      const checked = check(schema, unchecked)
      return checked.ok ? run(checked.args, call) : refuse(checked.words, ERROR.badArguments)
    },
  }
}

export const DONE: Outcome = { ok: true, value: {} }

/** Error codes of the JSON-RPC dialect: those of JSON-RPC itself, and one for what the node refuses. */
export const ERROR = {
  notJson: -32_700,
  notRequest: -32_600,
  noSuchMethod: -32_601,
  badArguments: -32_602,
  refused: 4,
} as const

export function refuse(words: string, code: number = ERROR.refused, value?: JsonObject): Refused {
  return value === undefined ? { ok: false, code, words } : { ok: false, code, words, value }
}

/** A command's problem in one line: most clients show nothing else. */
export function outcomeOf(result: CommandResult): Outcome {
  if (result.ok) return DONE
  return refuse(`${result.problem.message} ${result.problem.help}`)
}
