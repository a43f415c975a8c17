/** What a control itself has to say, apart from what the session answers. */
import type { CommandResult, Problem } from './contract.ts'

export function problem(code: string, message: string, help: string): Problem {
  return { code, message, help }
}

export function failed(reason: Problem, ids: readonly string[] = []): CommandResult {
  return { ok: false, problem: reason, ids }
}

export const UNKNOWN_TORRENT: Problem = problem(
  'unknown-torrent',
  'There is no such torrent here.',
  'It may have been removed: look at the list again.',
)

export const CLOSED: Problem = problem(
  'closed',
  'The client is shutting down.',
  'Start it again, then repeat this.',
)

export const DHT_OFF: Problem = problem(
  'dht-off',
  'The DHT is off on this node.',
  'Switch it on in the settings ("dht = true"), unless a proxy is used: then it stays off.',
)

export const FAILED: Problem = problem(
  'failed',
  'Something went wrong inside the client.',
  'Look into its log; if it says "Bug in Pigeon", please report that.',
)

/** Whether an answer that may be a problem is one. */
export function isProblem(value: object): value is Problem {
  return 'code' in value && 'message' in value && 'help' in value
}
