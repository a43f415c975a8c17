import { describe, expect, it } from 'vitest'
import { benchTable, comparisonLines, spread, summarise } from './bench-report.ts'
import { groupUsage, parseStat } from './process-usage.ts'
import type { TransferRun } from './transfer-bench.ts'

function run(seconds: number, cpuSeconds: number): TransferRun {
  const usage = { cpuSeconds, peakRssBytes: 64 << 20 }
  return {
    seeder: 'a',
    leecher: 'a',
    sizeBytes: 512 << 20,
    seconds,
    secondsFromFirstData: seconds / 2,
    seederUsage: usage,
    leecherUsage: usage,
  }
}

describe('the transfer bench', () => {
  it('takes medians, of an even count the middle between two', () => {
    expect(spread([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 })
    expect(spread([1, 2]).median).toBe(1.5)
    expect(spread([]).median).toBeNaN()
  })

  it('counts per GiB, whatever was moved', () => {
    const summary = summarise('a', 'a', [run(2, 1)], [])
    expect(summary.rateFromAdd.median).toBe(256)
    expect(summary.rateFromFirstData.median).toBe(512)
    expect(summary.seederCpu.median).toBe(2)
    expect(summary.leecherPeakRssMiB.median).toBe(64)
  })

  it('sets the first pair against each other one', () => {
    const pairs = [summarise('a', 'a', [run(1, 1)], []), summarise('b', 'b', [run(4, 2)], ['x'])]
    expect(comparisonLines(pairs)).toEqual([
      'a against b: 4.00 x the rate, 0.50 x the CPU, 1.00 x the memory',
    ])
    expect(benchTable(pairs)).toContain('1 (1 failed)')
  })

  it('reads times of a process whose name has blanks and brackets', () => {
    const stat = `42 (a) b (c)) S 1 77 77 0 -1 0 0 0 0 0 150 50 20 30 20 0 1 0 0 0 0`
    expect(parseStat(stat)).toEqual({ group: 77, cpuSeconds: 2.5 })
  })

  it('finds nothing of a group that does not exist', () => {
    expect(groupUsage(2 ** 30)).toEqual({ cpuSeconds: 0, peakRssBytes: 0 })
  })
})
