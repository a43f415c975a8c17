/** The terminal's view: a line a cell as it ends, then one table a feature, then the totals. */
import type { CellResult } from '../matrix/run-matrix.ts'
import { type Totals, type Verdict, countVerdicts } from '../matrix/verdict.ts'

const LETTERS: { readonly [V in Verdict]: string } = {
  PASS: '+',
  FAIL: 'FAIL',
  NONSTRICT: 'n',
  INFO: 'i',
  UNSUPPORTED: '-',
  SKIPPED: 's',
  ERROR: 'ERR',
  XFAIL: 'x',
  XPASS: 'XPASS',
}

export function cellLine(result: CellResult): string {
  const seconds = `${result.seconds.toFixed(1)}s`.padStart(7)
  const reason = result.reason === '' ? '' : `  ${result.reason.split('\n')[0] ?? ''}`
  return `${result.verdict.padEnd(11)} ${seconds}  ${result.id}${reason}`
}

/** Rows seeders, columns leechers; `.` is a cell that the plan does not have. */
export function featureTable(feature: string, results: readonly CellResult[]): string {
  const cells = results.filter((result) => result.feature === feature)
  if (cells.some((cell) => cell.seeder.includes('+')))
    return [
      feature,
      ...cells.map((cell) => `  ${LETTERS[cell.verdict].padEnd(5)} ${cell.seeder}`),
    ].join('\n')
  const rows = [...new Set(cells.map((cell) => cell.seeder))]
  const columns = [...new Set(cells.map((cell) => cell.leecher))]
  const width = Math.max(...rows.map((name) => name.length), feature.length)
  const line = (head: string, fields: readonly string[]): string =>
    `${head.padEnd(width)}  ${fields.map((field, at) => field.padEnd(Math.max(5, columns[at]?.length ?? 0))).join('  ')}`.trimEnd()
  return [
    line(feature, columns),
    ...rows.map((row) =>
      line(
        row,
        columns.map((column) => {
          const cell = cells.find((item) => item.seeder === row && item.leecher === column)
          return cell === undefined ? '.' : LETTERS[cell.verdict]
        }),
      ),
    ),
  ].join('\n')
}

/** The last two lines: first what neither passed nor failed, then the totals that count. */
export function summaryLines(
  results: readonly CellResult[],
  unavailable: readonly string[],
): string[] {
  const totals = countVerdicts(results.map((result) => result.verdict))
  const others = [...totals.byVerdict].filter(
    ([verdict]) => !['PASS', 'FAIL', 'XPASS'].includes(verdict),
  )
  return [
    [
      ...others.map(([verdict, count]) => `${count} ${verdict.toLowerCase()}`),
      ...(unavailable.length === 0 ? [] : [`unavailable: ${unavailable.join(', ')}`]),
    ].join(', ') || 'nothing unsupported, nothing unavailable',
    totalsLine(totals),
  ]
}

export function totalsLine(totals: Totals): string {
  return `${totals.passed} passed, ${totals.failed + totals.errors} failed`
}
