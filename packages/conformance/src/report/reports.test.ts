import { describe, expect, it } from 'vitest'
import type { CellResult } from '../matrix/run-matrix.ts'
import type { Verdict } from '../matrix/verdict.ts'
import { matrixHtml } from './html.ts'
import { junitXml } from './junit.ts'
import { type MatrixReport, totalsOf } from './matrix-json.ts'
import { featureTable, summaryLines } from './terminal.ts'

const HOSTILE_TEXT = '<script>alert("x")</script>\u001b[31m'

function cell(seeder: string, leecher: string, verdict: Verdict, reason = ''): CellResult {
  return {
    id: `tcp/${seeder}/${leecher}`,
    feature: 'tcp',
    seeder,
    leecher,
    verdict,
    reason,
    payloadBytes: 1,
    seconds: 1.5,
    evidence: [{ what: 'bytes', isMet: verdict === 'PASS', seen: reason }],
    folder: `cells/tcp/${seeder}/${leecher}`,
  }
}

const cells = [
  cell('a', 'b', 'PASS'),
  cell('b', 'a', 'FAIL', HOSTILE_TEXT),
  cell('a', 'a', 'UNSUPPORTED', 'a declares no tcp'),
  cell('b', 'b', 'XFAIL', 'known'),
]
const report: MatrixReport = {
  suite: 'pigeon-conform',
  format: 1,
  seed: 's',
  startedAt: '2026-01-01T00:00:00.000Z',
  seconds: 3,
  host: { platform: 'linux-x64', node: 'v24', cpus: 2 },
  clients: [{ name: 'a', version: HOSTILE_TEXT, features: ['tcp'] }],
  unavailable: [{ name: 'c', reason: 'not installed' }],
  features: [{ name: 'tcp', title: 'TCP', demands: 'bytes' }],
  ...totalsOf(cells),
  cells,
}

describe('reports', () => {
  it('end on the terminal with the totals, after what is neither passed nor failed', () => {
    const lines = summaryLines(cells, ['c'])
    expect(lines.at(-1)).toBe('1 passed, 1 failed')
    expect(lines.at(-2)).toBe('1 unsupported, 1 xfail, unavailable: c')
  })

  it('show seeders as rows and leechers as columns', () => {
    expect(
      featureTable('tcp', cells)
        .split('\n')
        .map((line) => line.trim().split(/\s+/)),
    ).toEqual([
      ['tcp', 'b', 'a'],
      ['a', '+', '-'],
      ['b', 'x', 'FAIL'],
    ])
  })

  it('count in JUnit what failed and what was skipped', () => {
    expect(junitXml(report)).toContain('tests="4" failures="1" errors="0" skipped="2"')
  })

  it('let no markup and no control character of a client through', () => {
    for (const text of [junitXml(report), matrixHtml(report)]) {
      expect(text).not.toContain('<script')
      expect(text).not.toContain('\u001b')
    }
  })

  it('link each cell of the page to its transcript, and load nothing from elsewhere', () => {
    const html = matrixHtml(report)
    expect(html).toContain('href="cells/tcp/a/b/transcript.txt"')
    expect(html).not.toMatch(/(src|href)="https?:/)
    expect(html).toContain('unavailable: not installed')
  })
})
