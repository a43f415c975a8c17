import type { LogLine } from '@pigeon/control/contract'
import { formatDateTime, formatTimeOfDay } from '@pigeon/control/units'
import { strings } from './strings.ts'

/** What happened to one torrent. The newest first: that is what one looks for. */
export function DetailLog({ lines }: { lines: readonly LogLine[] }) {
  if (lines.length === 0) return <p className="detail-note">{strings.log.none}</p>
  const newest = lines.map((line, index) => ({ line, index })).toReversed()
  return (
    <ol className="log" aria-label={strings.log.label}>
      {newest.map(({ line, index }) => (
        <li key={index} className="log-line" data-level={line.level}>
          <time dateTime={new Date(line.atMs).toISOString()} title={formatDateTime(line.atMs)}>
            {isToday(line.atMs) ? formatTimeOfDay(line.atMs) : formatDateTime(line.atMs)}
          </time>
          <span dir="auto">
            {line.level !== 'info' && <strong>{strings.log.levels[line.level]}: </strong>}
            {line.text}
          </span>
        </li>
      ))}
    </ol>
  )
}

function isToday(atMs: number): boolean {
  return new Date(atMs).toDateString() === new Date().toDateString()
}
