/** Runs of a pair folded into medians, and the table that shows them. */
import type { TransferRun } from './transfer-bench.ts'

export interface PairSummary {
  readonly seeder: string
  readonly leecher: string
  readonly runs: number
  /** What went wrong in runs that do not count. */
  readonly failures: readonly string[]
  /** MiB/s; median, least and most. */
  readonly rateFromAdd: Spread
  readonly rateFromFirstData: Spread
  /** CPU seconds per GiB. */
  readonly seederCpu: Spread
  readonly leecherCpu: Spread
  readonly seederPeakRssMiB: Spread
  readonly leecherPeakRssMiB: Spread
}

export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

const MIB = 1 << 20
const GIB = 1 << 30

export function summarise(
  seeder: string,
  leecher: string,
  runs: readonly TransferRun[],
  failures: readonly string[],
): PairSummary {
  const of = (value: (run: TransferRun) => number): Spread => spread(runs.map(value))
  const perGib = (run: TransferRun): number => run.sizeBytes / GIB
  return {
    seeder,
    leecher,
    runs: runs.length,
    failures,
    rateFromAdd: of((run) => run.sizeBytes / MIB / run.seconds),
    rateFromFirstData: of((run) => run.sizeBytes / MIB / Math.max(0.001, run.secondsFromFirstData)),
    seederCpu: of((run) => run.seederUsage.cpuSeconds / perGib(run)),
    leecherCpu: of((run) => run.leecherUsage.cpuSeconds / perGib(run)),
    seederPeakRssMiB: of((run) => run.seederUsage.peakRssBytes / MIB),
    leecherPeakRssMiB: of((run) => run.leecherUsage.peakRssBytes / MIB),
  }
}

/** Of nothing all three are NaN, which JSON shows as null. */
export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (index: number): number => sorted[index] ?? Number.NaN
  const middle = (sorted.length - 1) / 2
  return {
    median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    min: at(0),
    max: at(sorted.length - 1),
  }
}

const COLUMNS = [
  'seeder to leecher',
  'MiB/s from add',
  'from first data',
  'CPU s/GiB seeder',
  'leecher',
  'peak RSS MiB seeder',
  'leecher',
  'runs',
]

export function benchTable(summaries: readonly PairSummary[]): string {
  const rows = summaries.map((pair) => [
    `${pair.seeder} to ${pair.leecher}`,
    withRange(pair.rateFromAdd),
    fixed(pair.rateFromFirstData.median, 0),
    fixed(pair.seederCpu.median, 2),
    fixed(pair.leecherCpu.median, 2),
    fixed(pair.seederPeakRssMiB.median, 0),
    fixed(pair.leecherPeakRssMiB.median, 0),
    pair.failures.length === 0
      ? String(pair.runs)
      : `${pair.runs} (${pair.failures.length} failed)`,
  ])
  const widths = COLUMNS.map((column, at) =>
    Math.max(column.length, ...rows.map((row) => row[at]?.length ?? 0)),
  )
  const line = (fields: readonly string[]): string =>
    fields
      .map((field, at) =>
        at === 0 ? field.padEnd(widths[at] ?? 0) : field.padStart(widths[at] ?? 0),
      )
      .join('  ')
  return [line(COLUMNS), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join(
    '\n',
  )
}

/** How the first pair stands to each other one: rate, CPU of both sides, memory of both sides. */
export function comparisonLines(summaries: readonly PairSummary[]): string[] {
  const [first, ...others] = summaries
  if (first === undefined) return []
  return others.map((other) => {
    const rate = first.rateFromAdd.median / other.rateFromAdd.median
    const cpu = sum(first.seederCpu, first.leecherCpu) / sum(other.seederCpu, other.leecherCpu)
    const memory =
      sum(first.seederPeakRssMiB, first.leecherPeakRssMiB) /
      sum(other.seederPeakRssMiB, other.leecherPeakRssMiB)
    return `${first.seeder} against ${other.seeder}: ${fixed(rate, 2)} x the rate, ${fixed(cpu, 2)} x the CPU, ${fixed(memory, 2)} x the memory`
  })
}

function sum(a: Spread, b: Spread): number {
  return a.median + b.median
}

function withRange(rate: Spread): string {
  return `${fixed(rate.median, 0)} (${fixed(rate.min, 0)}-${fixed(rate.max, 0)})`
}

function fixed(value: number, digits: number): string {
  return Number.isFinite(value) ? value.toFixed(digits) : '-'
}
