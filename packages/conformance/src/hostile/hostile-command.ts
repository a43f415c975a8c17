/** `pigeon-conform hostile`: every case against every judged client. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { KNOWN_DIR, loadRoster } from '../driver/roster.ts'
import type { Driver } from '../driver/driver.ts'
import { expectedOf, readKnown } from '../matrix/known.ts'
import { ClientFailure, Stage } from '../matrix/stage.ts'
import {
  type Outcome,
  type Verdict,
  countVerdicts,
  exitCode,
  judge,
  reasonOf,
} from '../matrix/verdict.ts'
import { AddressPool, TRACKER_HOST } from '../net/address-pool.ts'
import { totalsLine } from '../report/terminal.ts'
import { HttpTracker } from '../tracker/http-tracker.ts'
import type { HostileCase } from './hostile-cases.ts'

export interface HostileOptions {
  readonly clients: readonly string[] | undefined
  readonly driverDirs: readonly string[]
  readonly cases: readonly HostileCase[]
  readonly jobs: number
  readonly outDir: string
  readonly seed: string
}

interface HostileResult {
  readonly id: string
  readonly client: string
  readonly case: string
  readonly verdict: Verdict
  readonly reason: string
  readonly seconds: number
  readonly outcome: Outcome
}

export async function hostileCommand(options: HostileOptions): Promise<number> {
  const outDir = resolve(options.outDir)
  mkdirSync(outDir, { recursive: true })
  rmSync(join(outDir, 'hostile'), { recursive: true, force: true })
  const roster = loadRoster(options.clients, options.driverDirs)
  // Without a choice only the judged ones: what others do under fire is not ours to prove.
  const entries = roster.entries.filter((entry) => entry.isJudged || options.clients !== undefined)
  for (const { name, reason } of roster.unavailable) say(`unavailable  ${name}: ${reason}`)
  for (const { driver, version } of entries) say(`client       ${driver.name}: ${version}`)
  const http = new HttpTracker()
  await http.listen(TRACKER_HOST)
  const pool = new AddressPool()
  const known = readKnown(KNOWN_DIR)
  const versions = new Map(entries.map((entry) => [entry.driver.name, entry.version]))
  const queue = options.cases.flatMap((item) => entries.map(({ driver }) => ({ item, driver })))
  const results: HostileResult[] = []
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const id = `hostile/${next.item.id}/${next.driver.name}`
      const startMs = Date.now()
      const outcome = await observe(
        next.item,
        next.driver,
        new Stage(join(outDir, id), id, http, pool),
        pool,
        options.seed,
      )
      const verdict = judge(outcome, expectedOf(known, id, versions))
      const seconds = (Date.now() - startMs) / 1000
      const result = {
        id,
        client: next.driver.name,
        case: next.item.id,
        verdict,
        reason: reasonOf(outcome),
        seconds,
        outcome,
      }
      results.push(result)
      say(
        `${verdict.padEnd(11)} ${`${seconds.toFixed(1)}s`.padStart(7)}  ${id}${result.reason === '' ? '' : `  ${result.reason}`}`,
      )
    }
  }
  await Promise.all(Array.from({ length: options.jobs }, worker))
  await http.close()
  const totals = countVerdicts(results.map((result) => result.verdict))
  const report = {
    suite: 'pigeon-conform hostile',
    seed: options.seed,
    unavailable: roster.unavailable,
    totals: Object.fromEntries(totals.byVerdict),
    passed: totals.passed,
    failed: totals.failed + totals.errors,
    cases: results.sort((a, b) => (a.id < b.id ? -1 : 1)),
  }
  writeFileSync(join(outDir, 'hostile.json'), `${JSON.stringify(report, null, 2)}\n`)
  say(totalsLine(totals))
  const code = exitCode(totals)
  const hasGap = roster.unavailable.length > 0 && process.env['CI'] === 'true'
  return code === 0 && hasGap ? 1 : code
}

async function observe(
  item: HostileCase,
  driver: Driver,
  stage: Stage,
  pool: AddressPool,
  seed: string,
): Promise<Outcome> {
  try {
    return { kind: 'observed', observation: await item.run({ stage, pool, driver, seed }) }
  } catch (error) {
    if (error instanceof ClientFailure)
      return {
        kind: 'observed',
        observation: {
          checks: [{ what: 'the client starts', isMet: false, seen: error.message }],
          payloadBytes: 0,
        },
      }
    return { kind: 'error', why: String(error) }
  } finally {
    await stage.clear(false)
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
