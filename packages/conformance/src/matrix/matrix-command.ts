/** `pigeon-conform matrix`: plan, run, report, and the exit code that says how it went. */
import { randomBytes } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join, resolve } from 'node:path'
import { probeDriver } from '../driver/probes.ts'
import { KNOWN_DIR, type Roster, type RosterEntry, loadRoster } from '../driver/roster.ts'
import { AddressPool, TRACKER_HOST } from '../net/address-pool.ts'
import { matrixHtml } from '../report/html.ts'
import { junitXml } from '../report/junit.ts'
import { type MatrixReport, totalsOf } from '../report/matrix-json.ts'
import { cellLine, featureTable, summaryLines } from '../report/terminal.ts'
import { HttpTracker } from '../tracker/http-tracker.ts'
import { FEATURES, type Feature } from './features.ts'
import { readKnown } from './known.ts'
import { type Breadth, type Cell, planCells } from './plan.ts'
import { type CellResult, type MatrixRun, runCells } from './run-matrix.ts'
import { countVerdicts, exitCode } from './verdict.ts'

export interface MatrixOptions {
  readonly clients: readonly string[] | undefined
  readonly features: readonly Feature[]
  readonly driverDirs: readonly string[]
  readonly breadth: Breadth
  readonly jobs: number
  readonly outDir: string
  readonly seed: string
  readonly keepsPayload: boolean
  /** Only pairs with this one in the named place, when given. */
  readonly seeder: string | undefined
  readonly leecher: string | undefined
}

export const DEFAULT_JOBS: number = Math.max(2, Math.min(8, cpus().length * 3))

export function freshSeed(): string {
  return randomBytes(4).toString('hex')
}

export async function matrixCommand(options: MatrixOptions): Promise<number> {
  const startMs = Date.now()
  const outDir = resolve(options.outDir)
  mkdirSync(outDir, { recursive: true })
  rmSync(join(outDir, 'cells'), { recursive: true, force: true })
  const roster = loadRoster(options.clients, options.driverDirs)
  for (const { name, reason } of roster.unavailable) say(`unavailable  ${name}: ${reason}`)
  for (const { driver, version } of roster.entries) say(`client       ${driver.name}: ${version}`)
  say(`seed         ${options.seed}`)

  const http = new HttpTracker()
  await http.listen(TRACKER_HOST)
  const pool = new AddressPool()
  const dishonest: { name: string; reason: string }[] = []
  const honest = await keepHonest(roster, { http, pool, outDir, seed: options.seed }, dishonest)
  const cells = chooseCells(honest, options)
  const run: MatrixRun = {
    seed: options.seed,
    outDir,
    jobs: options.jobs,
    keepsPayload: options.keepsPayload,
    http,
    pool,
    known: readKnown(KNOWN_DIR),
    versions: new Map(honest.map((entry) => [entry.driver.name, entry.version])),
    onCell: (result) => say(cellLine(result)),
  }
  const results = await runCells(cells, run)
  await http.close()
  const all = [...dishonest.map(probeResult), ...results]
  const report = makeReport(all, honest, roster, options, startMs)
  writeReports(report, outDir)
  printTables(report, options.features, outDir)
  const code = exitCode(countVerdicts(all.map((result) => result.verdict)))
  // Where everything is meant to be installed, a missing peer is a gap in the proof.
  if (code === 0 && roster.unavailable.length > 0 && process.env['CI'] === 'true') return 1
  return code
}

interface ProbeStage {
  readonly http: HttpTracker
  readonly pool: AddressPool
  readonly outDir: string
  readonly seed: string
}

/** Who fails an honesty probe is not run: its results would mean nothing. */
async function keepHonest(
  roster: Roster,
  stage: ProbeStage,
  dishonest: { name: string; reason: string }[],
): Promise<RosterEntry[]> {
  const verdicts = await Promise.all(
    roster.entries.map(async (entry) => ({
      entry,
      problem: await probeDriver(entry.driver, stage),
    })),
  )
  return verdicts.flatMap(({ entry, problem }) => {
    if (problem === undefined) return [entry]
    say(`DISHONEST    ${entry.driver.name}: ${problem}`)
    dishonest.push({ name: entry.driver.name, reason: problem })
    return []
  })
}

function probeResult(failure: { readonly name: string; readonly reason: string }): CellResult {
  return {
    id: `probe/${failure.name}`,
    feature: 'probe',
    seeder: failure.name,
    leecher: failure.name,
    verdict: 'ERROR',
    reason: `honesty probe failed, the client is not run: ${failure.reason}`,
    payloadBytes: 0,
    seconds: 0,
    evidence: [],
    folder: join('cells', 'probe', failure.name),
  }
}

function chooseCells(entries: readonly RosterEntry[], options: MatrixOptions): Cell[] {
  const judged = new Set(entries.filter((entry) => entry.isJudged).map((entry) => entry.driver))
  const cells = planCells({
    features: options.features,
    drivers: entries.map((entry) => entry.driver),
    isJudged: (driver) => judged.has(driver),
    breadth: options.breadth,
  })
  if (options.seeder === undefined && options.leecher === undefined) return cells
  return cells.filter(
    (cell) =>
      cell.kind === 'pair' &&
      (options.seeder ?? cell.seeder.name) === cell.seeder.name &&
      (options.leecher ?? cell.leecher.name) === cell.leecher.name,
  )
}

function makeReport(
  cells: readonly CellResult[],
  honest: readonly RosterEntry[],
  roster: Roster,
  options: MatrixOptions,
  startMs: number,
): MatrixReport {
  const names = new Set(cells.map((cell) => cell.feature))
  const features = FEATURES.filter((feature) => names.has(feature.name)).map(
    ({ name, title, demands }) => ({
      name,
      title,
      demands,
    }),
  )
  const probe = {
    name: 'probe',
    title: 'Honesty probes',
    demands: 'A driver that fails one is not run.',
  }
  return {
    suite: 'pigeon-conform',
    format: 1,
    seed: options.seed,
    startedAt: new Date(startMs).toISOString(),
    seconds: (Date.now() - startMs) / 1000,
    host: {
      platform: `${process.platform}-${process.arch}`,
      node: process.version,
      cpus: cpus().length,
    },
    clients: honest.map(({ driver, version }) => ({
      name: driver.name,
      version,
      features: [...driver.features],
    })),
    unavailable: roster.unavailable,
    features: names.has('probe') ? [probe, ...features] : features,
    ...totalsOf(cells),
    cells,
  }
}

function writeReports(report: MatrixReport, outDir: string): void {
  writeFileSync(join(outDir, 'matrix.json'), `${JSON.stringify(report, null, 2)}\n`)
  writeFileSync(join(outDir, 'matrix.xml'), junitXml(report))
  writeFileSync(join(outDir, 'matrix.html'), matrixHtml(report))
}

function printTables(report: MatrixReport, features: readonly Feature[], outDir: string): void {
  say('')
  for (const { name } of features)
    if (report.cells.some((cell) => cell.feature === name))
      say(`${featureTable(name, report.cells)}\n`)
  say(`reports in ${outDir}: matrix.html, matrix.json, matrix.xml; ${report.seconds.toFixed(0)} s`)
  const unavailable = report.unavailable.map((client) => client.name)
  for (const line of summaryLines(report.cells, unavailable)) say(line)
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
