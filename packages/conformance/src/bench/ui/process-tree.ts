/** What a process and all that it started cost right now, read from /proc. */
import { readFileSync, readdirSync } from 'node:fs'

export interface TreeUsage {
  /** Of those that are alive, and of ended children that were waited for. */
  readonly cpuSeconds: number
  readonly rssBytes: number
}

const TICKS_PER_SECOND = 100

interface Process {
  readonly pid: number
  readonly parent: number
  readonly cpuSeconds: number
}

export function treeUsage(root: number): TreeUsage {
  const processes = readdirSync('/proc').flatMap(readProcess)
  const members = new Set([root])
  for (let before = 0; before !== members.size; ) {
    before = members.size
    for (const { pid, parent } of processes) if (members.has(parent)) members.add(pid)
  }
  const own = processes.filter(({ pid }) => members.has(pid))
  return {
    cpuSeconds: own.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
    rssBytes: own.reduce((sum, { pid }) => sum + rssOf(pid), 0),
  }
}

function readProcess(entry: string): readonly Process[] {
  if (!/^[0-9]+$/.test(entry)) return []
  const stat = readProc(`/proc/${entry}/stat`)
  if (stat === null) return []
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
  return [{ pid: Number(entry), parent: Number(fields[1]), cpuSeconds: ticks / TICKS_PER_SECOND }]
}

function rssOf(pid: number): number {
  const found = /^VmRSS:\s+(\d+) kB$/m.exec(readProc(`/proc/${pid}/status`) ?? '')
  return Number(found?.[1] ?? 0) * 1024
}

function readProc(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // It ended between the listing and the reading.
    return null
  }
}
