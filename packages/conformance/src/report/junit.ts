/** JUnit XML: a suite a feature, a case a cell, for the tools that read such files. */
import type { CellResult } from '../matrix/run-matrix.ts'
import type { Verdict } from '../matrix/verdict.ts'
import { escapeMarkup } from './escape.ts'
import type { MatrixReport } from './matrix-json.ts'

const FAILURES: ReadonlySet<Verdict> = new Set(['FAIL', 'XPASS'])
const SKIPS: ReadonlySet<Verdict> = new Set(['UNSUPPORTED', 'SKIPPED', 'XFAIL'])

export function junitXml(report: MatrixReport): string {
  const suites = report.features.map((feature) => {
    const cells = report.cells.filter((cell) => cell.feature === feature.name)
    const count = (...verdicts: string[]): number =>
      cells.filter((cell) => verdicts.includes(cell.verdict)).length
    const attributes = [
      `name="${escapeMarkup(feature.name)}"`,
      `tests="${cells.length}"`,
      `failures="${count('FAIL', 'XPASS')}"`,
      `errors="${count('ERROR')}"`,
      `skipped="${count('UNSUPPORTED', 'SKIPPED', 'XFAIL')}"`,
      `time="${cells.reduce((sum, cell) => sum + cell.seconds, 0).toFixed(3)}"`,
    ].join(' ')
    return `  <testsuite ${attributes}>\n${properties(report)}${cells.map(testCase).join('')}  </testsuite>\n`
  })
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="pigeon-conform matrix">\n${suites.join('')}</testsuites>\n`
}

function properties(report: MatrixReport): string {
  const entries = [
    ['seed', report.seed],
    ...report.clients.map((client) => [client.name, client.version]),
  ]
  const lines = entries.map(
    ([name = '', value = '']) =>
      `      <property name="${escapeMarkup(name)}" value="${escapeMarkup(value)}"/>\n`,
  )
  return `    <properties>\n${lines.join('')}    </properties>\n`
}

function testCase(cell: CellResult): string {
  const head = `    <testcase classname="${escapeMarkup(cell.feature)}" name="${escapeMarkup(cell.id)}" time="${cell.seconds.toFixed(3)}"`
  const body = verdictElement(cell)
  return body === '' ? `${head}/>\n` : `${head}>${body}</testcase>\n`
}

function verdictElement(cell: CellResult): string {
  const message = escapeMarkup(`${cell.verdict}: ${cell.reason}`)
  const details = escapeMarkup(
    cell.evidence
      .map((check) => `${check.isMet ? 'met' : 'NOT MET'}: ${check.what}: ${check.seen}`)
      .join('\n'),
  )
  if (cell.verdict === 'ERROR') return `<error message="${message}">${details}</error>`
  if (FAILURES.has(cell.verdict)) return `<failure message="${message}">${details}</failure>`
  return SKIPS.has(cell.verdict) ? `<skipped message="${message}"/>` : ''
}
