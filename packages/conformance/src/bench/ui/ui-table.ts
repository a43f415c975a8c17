/** The table of `bench ui`. */
import type { Subject } from './subject.ts'
import type { Activity, UiRun } from './ui-bench.ts'

const MIB = 2 ** 20
const KIB = 2 ** 10
const COLUMNS = [
  'client',
  'torrents',
  'first screen ms',
  'RSS MiB',
  'CPU s/min idle',
  'KiB/s idle',
  'CPU s/min busy',
  'KiB/s busy',
]

export function uiTable(runs: readonly UiRun[], subjects: readonly Subject[]): string {
  const rows = runs.map((run) => [
    run.subject,
    String(run.torrents),
    run.firstScreenMs.toFixed(0),
    (run.rssBytes / MIB).toFixed(0),
    ...activity(run.idle),
    ...activity(run.busy),
  ])
  const widths = COLUMNS.map((column, at) =>
    Math.max(column.length, ...rows.map((row) => row[at]?.length ?? 0)),
  )
  const line = (fields: readonly string[]): string =>
    fields
      .map((text, at) => (at === 0 ? text.padEnd(widths[at] ?? 0) : text.padStart(widths[at] ?? 0)))
      .join('  ')
  return [
    'Busy: 1,000 torrents changed a second. Bytes are what the watcher received.',
    '',
    line(COLUMNS),
    line(widths.map((width) => '-'.repeat(width))),
    ...rows.map(line),
    '',
    ...subjects.map(({ name, watchedBy }) => `${name}: watched by ${watchedBy}`),
  ].join('\n')
}

function activity(measured: Activity | null): readonly string[] {
  if (measured === null) return ['-', '-']
  const { cpuPerMinute, bytesPerSecond } = measured
  return [
    cpuPerMinute.toFixed(1),
    bytesPerSecond === null ? '-' : (bytesPerSecond / KIB).toFixed(1),
  ]
}
