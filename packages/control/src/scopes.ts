/** What a caller may do, by the scope of its token. */
import {
  type Caller,
  type Command,
  type CommandResult,
  type Problem,
  type Scope,
  SCOPES,
} from './contract.ts'
import type { DhtQuery } from './network.ts'
import { failed, problem } from './problems.ts'

/** The least scope for every command. */
export const COMMAND_SCOPES: { readonly [D in Command['do']]: Scope } = {
  add: 'add',
  share: 'full',
  'cancel-job': 'full',
  pause: 'full',
  resume: 'full',
  remove: 'full',
  recheck: 'full',
  reannounce: 'full',
  move: 'full',
  rename: 'full',
  'set-trackers': 'full',
  'set-category': 'full',
  tag: 'full',
  'save-category': 'full',
  'remove-category': 'full',
  'set-files': 'full',
  'set-sequential': 'full',
  'set-limits': 'full',
  queue: 'full',
  'add-peer': 'full',
  'set-session': 'full',
  'shut-down': 'full',
}

/** A caller of the API itself: what lies inside the house is for its owner alone to ask for. */
export function callerOf(scope: Scope): Caller {
  return { scope, reachesPrivate: scope === 'full' }
}

/** Whether a scope holds all that another one does. */
export function includesScope(scope: Scope, needed: Scope): boolean {
  return SCOPES.indexOf(scope) >= SCOPES.indexOf(needed)
}

/**
 * The least scope for every question to the DHT: asking costs others, storing speaks for the owner, and a ping goes to
 * whatever address the caller names, also inside the house.
 */
export const DHT_SCOPES: { readonly [D in DhtQuery['do']]: Scope } = {
  ping: 'full',
  peers: 'add',
  get: 'add',
  'get-mutable': 'add',
  put: 'full',
  'put-mutable': 'full',
}

/** Why a caller may not run a command, or `null`. */
export function refuseCommand(scope: Scope, command: Command): CommandResult | null {
  const needed = COMMAND_SCOPES[command.do]
  return includesScope(scope, needed) ? null : failed(notAllowed(needed))
}

export function notAllowed(needed: Scope): Problem {
  return problem(
    'not-allowed',
    `This needs a token with the scope "${needed}"; that of this request may do less.`,
    'Ask the owner of the node for one: "pigeond token create" makes it.',
  )
}
