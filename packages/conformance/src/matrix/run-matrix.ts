/** Runs the planned cells, several at once, since most of them wait on other people's timers. */
import { join } from 'node:path'
import type { Driver } from '../driver/driver.ts'
import { type AddressPool } from '../net/address-pool.ts'
import type { HttpTracker } from '../tracker/http-tracker.ts'
import { type KnownDeviation, expectedOf } from './known.ts'
import type { Cell } from './plan.ts'
import { ClientFailure, Stage } from './stage.ts'
import { runSwarm } from './swarm-cell.ts'
import { type Check, type Outcome, type Verdict, judge, reasonOf } from './verdict.ts'

export interface CellResult {
  readonly id: string
  readonly feature: string
  /** Of a swarm all clients, joined by a plus sign, in both places. */
  readonly seeder: string
  readonly leecher: string
  readonly verdict: Verdict
  /** Why it is not a pass, or why a deviation was expected. */
  readonly reason: string
  readonly payloadBytes: number
  readonly seconds: number
  readonly evidence: readonly Check[]
  /** Folder with transcript and logs, relative to the report. */
  readonly folder: string
}

export interface MatrixRun {
  readonly seed: string
  readonly outDir: string
  readonly jobs: number
  readonly keepsPayload: boolean
  readonly http: HttpTracker
  readonly pool: AddressPool
  readonly known: readonly KnownDeviation[]
  /** Version lines by client. */
  readonly versions: ReadonlyMap<string, string>
  readonly onCell: (result: CellResult) => void
}

export async function runCells(cells: readonly Cell[], run: MatrixRun): Promise<CellResult[]> {
  const results: CellResult[] = []
  const queue = [...cells.entries()]
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [at, cell] = next
      const result = await runCell(cell, run)
      results[at] = result
      run.onCell(result)
    }
  }
  await Promise.all(Array.from({ length: run.jobs }, worker))
  return results
}

async function runCell(cell: Cell, run: MatrixRun): Promise<CellResult> {
  const startMs = Date.now()
  const folder = join('cells', cell.id)
  const outcome = await observe(cell, run, join(run.outDir, folder))
  const expected = expectedOf(run.known, cell.id, run.versions)
  const verdict = judge(outcome, expected)
  const names =
    cell.kind === 'swarm' ? cell.drivers.map((driver) => driver.name).join('+') : undefined
  return {
    id: cell.id,
    feature: cell.feature.name,
    seeder: names ?? (cell.kind === 'pair' ? cell.seeder.name : ''),
    leecher: names ?? (cell.kind === 'pair' ? cell.leecher.name : ''),
    verdict,
    reason: explain(verdict, outcome, expected),
    payloadBytes: outcome.kind === 'observed' ? outcome.observation.payloadBytes : 0,
    seconds: (Date.now() - startMs) / 1000,
    evidence: outcome.kind === 'observed' ? outcome.observation.checks : [],
    folder,
  }
}

function explain(verdict: Verdict, outcome: Outcome, expected: readonly KnownDeviation[]): string {
  const known = expected.map((entry) => `known of ${entry.client}: ${entry.reason}`).join('; ')
  if (verdict === 'XPASS') return `no longer deviates, strike it off: ${known}`
  const reason = reasonOf(outcome)
  return verdict === 'XFAIL' ? `${reason} (${known})` : reason
}

async function observe(cell: Cell, run: MatrixRun, dir: string): Promise<Outcome> {
  const missing = undeclared(cell)
  if (missing !== undefined) return { kind: 'unsupported', why: missing }
  const stage = new Stage(dir, cell.id, run.http, run.pool)
  let isKept = run.keepsPayload
  try {
    const observation =
      cell.kind === 'swarm'
        ? await runSwarm(stage, cell.drivers, run.seed)
        : await cell.feature.run(stage, cell, run.seed)
    return { kind: 'observed', observation }
  } catch (error) {
    if (error instanceof ClientFailure)
      return {
        kind: 'observed',
        observation: {
          checks: [{ what: 'the clients start', isMet: false, seen: error.message }],
          payloadBytes: 0,
        },
      }
    isKept = false
    return {
      kind: 'error',
      why: error instanceof Error ? (error.stack ?? error.message) : String(error),
    }
  } finally {
    await stage.clear(isKept)
  }
}

function undeclared(cell: Cell): string | undefined {
  if (cell.kind === 'swarm')
    return cell.drivers
      .map((driver) => lacks(driver, cell.feature.needs))
      .find((why) => why !== undefined)
  return (
    lacks(cell.seeder, cell.feature.needsOfSeeder) ??
    lacks(cell.leecher, cell.feature.needsOfLeecher)
  )
}

function lacks(driver: Driver, needs: readonly string[]): string | undefined {
  const missing = needs.filter((need) => !driver.features.has(need))
  return missing.length === 0 ? undefined : `${driver.name} declares no ${missing.join(', ')}`
}
