/** How a cell is judged: checks in, one of eight verdicts out. */

export type Verdict =
  | 'PASS'
  | 'FAIL'
  | 'NONSTRICT'
  | 'INFO'
  | 'UNSUPPORTED'
  | 'SKIPPED'
  | 'ERROR'
  | 'XFAIL'
  | 'XPASS'

/** One thing that the cell demands, and what was seen of it. */
export interface Check {
  readonly what: string
  readonly isMet: boolean
  readonly seen: string
}

/** What a cell saw: checks in the order of the evidence. */
export interface Observation {
  readonly checks: readonly Check[]
  /** Payload that crossed the relays, in bytes. */
  readonly payloadBytes: number
}

export type Outcome =
  | { readonly kind: 'observed'; readonly observation: Observation }
  | { readonly kind: 'unsupported'; readonly why: string }
  | { readonly kind: 'skipped'; readonly why: string }
  | { readonly kind: 'error'; readonly why: string }

/** A check that a named client is known not to meet, and why. */
export interface Expected {
  readonly check: string
  readonly reason: string
  /** It depends on who is quicker: a run without it proves nothing, so only runs with it are told apart. */
  readonly isIntermittent: boolean
}

/** The verdict on an outcome; `expected` is what `known/` says about this cell. */
export function judge(outcome: Outcome, expected: readonly Expected[]): Verdict {
  if (outcome.kind === 'unsupported') return 'UNSUPPORTED'
  if (outcome.kind === 'skipped') return 'SKIPPED'
  if (outcome.kind === 'error') return 'ERROR'
  const { checks } = outcome.observation
  const unmet = checks.filter((check) => !check.isMet)
  const isExpected = unmet.every((check) => expected.some((entry) => entry.check === check.what))
  // A cell without evidence is a failure, so no checks at all cannot pass.
  if (checks.length === 0 || !isExpected) return 'FAIL'
  // Every deviation on file must still be there: one that went away is to be struck off.
  const hasGone = expected.some(
    (entry) => !entry.isIntermittent && unmet.every((check) => check.what !== entry.check),
  )
  if (hasGone) return 'XPASS'
  return unmet.length > 0 ? 'XFAIL' : 'PASS'
}

/** A line that says why, from the first check that was not met. */
export function reasonOf(outcome: Outcome): string {
  if (outcome.kind !== 'observed') return outcome.why
  const failed = outcome.observation.checks.find((check) => !check.isMet)
  return failed === undefined ? '' : `${failed.what}: ${failed.seen}`
}

export interface Totals {
  readonly passed: number
  readonly failed: number
  readonly errors: number
  readonly byVerdict: ReadonlyMap<Verdict, number>
}

export function countVerdicts(verdicts: Iterable<Verdict>): Totals {
  const byVerdict = new Map<Verdict, number>()
  for (const verdict of verdicts) byVerdict.set(verdict, (byVerdict.get(verdict) ?? 0) + 1)
  const count = (verdict: Verdict): number => byVerdict.get(verdict) ?? 0
  return {
    passed: count('PASS'),
    failed: count('FAIL') + count('XPASS'),
    errors: count('ERROR'),
    byVerdict,
  }
}

/** 0 all passed; 1 failures or unexpected passes; 3 the run itself is not valid; 4 nothing was really run. */
export function exitCode(totals: Totals): 0 | 1 | 3 | 4 {
  if (totals.failed > 0) return 1
  if (totals.errors > 0) return 3
  return totals.passed === 0 ? 4 : 0
}
