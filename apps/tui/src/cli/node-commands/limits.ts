/** `pigeon limits`: what bounds torrents, and when they stop seeding. */
import type { TorrentLimits, TorrentSummary } from '@pigeon/control/contract'
import { isProblem } from '@pigeon/control/problems'
import { formatDuration, formatLimit, formatRatio } from '@pigeon/control/units'
import { jsonLine } from '../output.ts'
import { hasFlag, type NodeAction } from './around.ts'
import { changeAll, torrentsGiven } from './perform.ts'
import { printTable } from './table.ts'
import { readLimits } from './values.ts'

export const limits: NodeAction = async (around, given) => {
  const wanted = readLimits(given)
  if (isProblem(wanted)) return wanted
  if (Object.keys(wanted.value).length > 0) {
    return changeAll(around, given, given.args, 'Limits changed:', (ids) => ({
      do: 'set-limits',
      ids,
      limits: wanted.value,
    }))
  }
  const torrents = await torrentsGiven(around, given.args)
  if (isProblem(torrents)) return torrents
  if (hasFlag(given, 'json')) {
    for (const torrent of torrents)
      around.print(jsonLine({ id: torrent.id, limits: torrent.limits }))
    return null
  }
  printTable(around, TITLES, torrents.map(rowOf))
  return null
}

const TITLES = [
  'name',
  'down',
  'up',
  'ratio',
  'seed time',
  'idle time',
  'peers',
  'bandwidth',
  'own limits',
]

function rowOf({ name, limits: of }: TorrentSummary): readonly string[] {
  return [
    name,
    formatLimit(of.down),
    formatLimit(of.up),
    showGoal(of.ratio, formatRatio),
    showGoal(of.seedMs, formatDuration),
    showGoal(of.idleMs, formatDuration),
    of.maxPeers === null ? 'default' : String(of.maxPeers),
    of.priority,
    of.ignoresSession ? 'on' : 'off',
  ]
}

/** A goal in the words that set it. */
export function showGoal(goal: TorrentLimits['ratio'], format: (value: number) => string): string {
  if (goal === null) return 'default'
  return goal === 'never' ? 'never' : format(goal)
}
