/** What a torrent does now, in words, or what is wrong with it and what to do. */
import type { TorrentSummary } from '@pigeon/control/contract'
import { formatBytes, formatDuration } from '@pigeon/control/units'
import { strings } from './strings.ts'

export function StateName({ torrent }: { torrent: TorrentSummary }) {
  return (
    <span className="state-line" data-tone={torrent.state}>
      <span className="state-dot" />
      {strings.states[torrent.state]}
    </span>
  )
}

export function StateLine({ torrent }: { torrent: TorrentSummary }) {
  const { problem } = torrent
  if (problem !== null)
    return (
      <span
        className="state-line"
        data-tone="error"
        title={`${problem.message} ${problem.help}`.trim()}
      >
        <span className="state-dot" />
        {problem.message} {problem.help}
      </span>
    )
  return (
    <span className="state-line" data-tone={torrent.state}>
      <span className="state-dot" />
      {strings.states[torrent.state]}
      {torrent.isForced && <span className="state-more">{strings.list.forced}</span>}
      {torrent.wantedBytes > 0 && torrent.progress < 1 && (
        <span className="state-more">
          {strings.of(formatBytes(torrent.doneBytes), formatBytes(torrent.wantedBytes))}
        </span>
      )}
      {torrent.state === 'downloading' && torrent.etaMs !== null && (
        <span className="state-more state-eta">{strings.left(formatDuration(torrent.etaMs))}</span>
      )}
      {torrent.tags.map((tag) => (
        <span key={tag} className="tag" dir="auto">
          {tag}
        </span>
      ))}
    </span>
  )
}
