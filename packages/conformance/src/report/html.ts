/** One static page, built from the JSON report alone: tables by feature, each cell with its evidence and transcript. */
import type { CellResult } from '../matrix/run-matrix.ts'
import { escapeMarkup } from './escape.ts'
import type { MatrixReport } from './matrix-json.ts'

const STYLE = `
:root { color-scheme: light dark; --line: #8884; --pass: #1a7f37; --fail: #cf222e; --other: #7d6608; --soft: #8882; }
@media (prefers-color-scheme: dark) { :root { --pass: #4ac26b; --fail: #ff7b72; --other: #d4a72c; } }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; margin: .75rem 0; } .wide { overflow-x: auto; }
th, td { border: 1px solid var(--line); padding: .3rem .7rem; text-align: left; vertical-align: top; }
td.cell { text-align: center; } td.cell a { text-decoration: none; font-weight: 600; display: block; }
.PASS { color: var(--pass); } .FAIL, .XPASS, .ERROR { color: var(--fail); }
.UNSUPPORTED, .SKIPPED, .XFAIL, .NONSTRICT, .INFO { color: var(--other); }
details { border: 1px solid var(--line); border-radius: 6px; padding: .4rem .8rem; margin: .4rem 0; }
details:target { outline: 2px solid currentColor; } summary { cursor: pointer; }
code { background: var(--soft); padding: 0 .25em; border-radius: 3px; overflow-wrap: anywhere; }
small { opacity: .75; }
`

export function matrixHtml(report: MatrixReport): string {
  const totals = Object.entries(report.totals).map(([verdict, count]) => `${count} ${verdict}`)
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Interop matrix: ${report.passed} passed, ${report.failed} failed</title><style>${STYLE}</style></head><body>
<h1>BitTorrent interop matrix</h1>
<p><strong>${report.passed} passed, ${report.failed} failed</strong> (${escapeMarkup(totals.join(', '))}) in ${report.seconds.toFixed(0)} s,
${escapeMarkup(report.startedAt)}, seed <code>${escapeMarkup(report.seed)}</code>. Rows seed, columns leech. A cell passes only with every byte right <em>and</em> the evidence from the wire.</p>
${clientTable(report)}
${report.features.map((feature) => featureSection(feature, report)).join('\n')}
<h2>Evidence</h2>
${report.cells.map(cellDetails).join('\n')}
</body></html>
`
}

function clientTable(report: MatrixReport): string {
  const rows = report.clients.map(
    (client) =>
      `<tr><th>${escapeMarkup(client.name)}</th><td>${escapeMarkup(client.version)}</td><td><small>${escapeMarkup(client.features.join(' '))}</small></td></tr>`,
  )
  const missing = report.unavailable.map(
    (client) =>
      `<tr><th>${escapeMarkup(client.name)}</th><td colspan="2" class="SKIPPED">unavailable: ${escapeMarkup(client.reason)}</td></tr>`,
  )
  return `<div class="wide"><table><tr><th>client</th><th>version</th><th>declares</th></tr>${rows.join('')}${missing.join('')}</table></div>`
}

function featureSection(feature: MatrixReport['features'][number], report: MatrixReport): string {
  const cells = report.cells.filter((cell) => cell.feature === feature.name)
  const isSwarm = cells.some((cell) => cell.seeder.includes('+'))
  const table = isSwarm ? swarmTable(cells) : pairTable(cells)
  return `<h2 id="${escapeMarkup(feature.name)}">${escapeMarkup(feature.name)}: ${escapeMarkup(feature.title)}</h2>
<p><small>${escapeMarkup(feature.demands)}</small></p><div class="wide">${table}</div>`
}

function pairTable(cells: readonly CellResult[]): string {
  const seeders = [...new Set(cells.map((cell) => cell.seeder))]
  const leechers = [...new Set(cells.map((cell) => cell.leecher))]
  const head = leechers.map((name) => `<th>${escapeMarkup(name)}</th>`).join('')
  const rows = seeders.map((seeder) => {
    const columns = leechers.map((leecher) =>
      cellField(cells.find((cell) => cell.seeder === seeder && cell.leecher === leecher)),
    )
    return `<tr><th>${escapeMarkup(seeder)}</th>${columns.join('')}</tr>`
  })
  return `<table><tr><th>seeder \\ leecher</th>${head}</tr>${rows.join('')}</table>`
}

function swarmTable(cells: readonly CellResult[]): string {
  const rows = cells.map(
    (cell) => `<tr><th>${escapeMarkup(cell.seeder)}</th>${cellField(cell)}</tr>`,
  )
  return `<table><tr><th>members</th><th>verdict</th></tr>${rows.join('')}</table>`
}

function cellField(cell: CellResult | undefined): string {
  if (cell === undefined) return '<td></td>'
  return `<td class="cell"><a class="${cell.verdict}" href="#${anchor(cell)}" title="${escapeMarkup(cell.reason)}">${cell.verdict}</a><small>${cell.seconds.toFixed(1)} s</small></td>`
}

function cellDetails(cell: CellResult): string {
  const rows = cell.evidence.map(
    (check) =>
      `<tr><td class="${check.isMet ? 'PASS' : 'FAIL'}">${check.isMet ? 'met' : 'not met'}</td><td>${escapeMarkup(check.what)}</td><td><code>${escapeMarkup(check.seen)}</code></td></tr>`,
  )
  const reason = cell.reason === '' ? '' : `<p>${escapeMarkup(cell.reason)}</p>`
  const link = cell.folder.split('/').map(encodeURIComponent).join('/')
  const transcript =
    cell.evidence.length === 0
      ? ''
      : `<p><a href="${link}/transcript.txt">transcript</a> · <a href="${link}/">logs</a></p>`
  return `<details id="${anchor(cell)}"${cell.verdict === 'PASS' ? '' : ' open'}><summary><span class="${cell.verdict}">${cell.verdict}</span> ${escapeMarkup(cell.id)}</summary>${reason}<div class="wide"><table>${rows.join('')}</table></div>${transcript}</details>`
}

function anchor(cell: CellResult): string {
  return encodeURIComponent(cell.id.replaceAll('/', '.'))
}
