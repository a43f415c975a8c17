/** `matrix.json`: everything that the other reports are built from, and what a run needs to be repeated. */
import type { CellResult } from '../matrix/run-matrix.ts'
import { countVerdicts } from '../matrix/verdict.ts'

export interface MatrixReport {
  readonly suite: 'pigeon-conform'
  readonly format: 1
  readonly seed: string
  readonly startedAt: string
  readonly seconds: number
  readonly host: { readonly platform: string; readonly node: string; readonly cpus: number }
  readonly clients: readonly {
    readonly name: string
    readonly version: string
    readonly features: readonly string[]
  }[]
  /** Clients that were asked for and cannot run here, with the reason. */
  readonly unavailable: readonly { readonly name: string; readonly reason: string }[]
  readonly features: readonly {
    readonly name: string
    readonly title: string
    readonly demands: string
  }[]
  readonly totals: { readonly [verdict: string]: number }
  readonly passed: number
  readonly failed: number
  readonly cells: readonly CellResult[]
}

export function totalsOf(
  cells: readonly CellResult[],
): Pick<MatrixReport, 'totals' | 'passed' | 'failed'> {
  const totals = countVerdicts(cells.map((cell) => cell.verdict))
  return {
    totals: Object.fromEntries(totals.byVerdict),
    passed: totals.passed,
    failed: totals.failed + totals.errors,
  }
}
