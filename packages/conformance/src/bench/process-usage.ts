/** What a client costs: processor time and peak memory of its whole process group, read from /proc. */
import { readFileSync, readdirSync } from 'node:fs'

export interface Usage {
  readonly cpuSeconds: number
  readonly peakRssBytes: number
}

/** USER_HZ, which is 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100

/**
 * Sums a process group. Time counts threads, and children that have ended and were waited for; peaks are added up,
 * since the processes live at the same time.
 */
export function groupUsage(group: number): Usage {
  let cpuSeconds = 0
  let peakRssBytes = 0
  for (const entry of readdirSync('/proc')) {
    if (!/^[0-9]+$/.test(entry)) continue
    const stat = readProc(entry, 'stat')
    const fields = stat === undefined ? undefined : parseStat(stat)
    if (fields?.group !== group) continue
    cpuSeconds += fields.cpuSeconds
    const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readProc(entry, 'status') ?? '')
    peakRssBytes += Number(peak?.[1] ?? 0) * 1024
  }
  return { cpuSeconds, peakRssBytes }
}

/** The fields of `/proc/PID/stat` that count; the name before them may contain anything but is in brackets. */
export function parseStat(stat: string): { readonly group: number; readonly cpuSeconds: number } {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
  return { group: Number(fields[2]), cpuSeconds: ticks / TICKS_PER_SECOND }
}

function readProc(pid: string, name: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8')
  } catch {
    // It ended between the listing and the reading.
    return undefined
  }
}
