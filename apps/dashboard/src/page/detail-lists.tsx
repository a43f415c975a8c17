/** The peers, the trackers and the log of one torrent. */
import type { LogLine, PeerDetail, TrackerDetail } from '@pigeon/control/contract'
import {
  formatDateTime,
  formatDuration,
  formatPercent,
  formatRate,
  formatTimeOfDay,
} from '@pigeon/control/units'
import { strings } from './strings.ts'

export function DetailPeers({ peers }: { peers: readonly PeerDetail[] }) {
  const words = strings.peers
  if (peers.length === 0) return <p className="detail-note">{words.none}</p>
  return (
    <table className="table peers" aria-label={words.label}>
      <thead>
        <tr>
          <th scope="col">{words.columns.address}</th>
          <th scope="col" className="peer-client">
            {words.columns.client}
          </th>
          <th scope="col" className="number">
            {words.columns.progress}
          </th>
          <th scope="col" className="number">
            {words.columns.down}
          </th>
          <th scope="col" className="number">
            {words.columns.up}
          </th>
          <th scope="col" className="peer-status">
            {words.columns.status}
          </th>
        </tr>
      </thead>
      <tbody>
        {peers.map((peer) => (
          <tr key={peer.address}>
            <th scope="row" className="peer-address">
              {peer.address}
              <span className="card-only" dir="auto">
                {peer.client}
              </span>
            </th>
            <td className="peer-client" dir="auto">
              {peer.client === '' ? strings.none : peer.client}
            </td>
            <td className="number">{formatPercent(peer.progress)}</td>
            <td className="number">
              {peer.downRate === 0 ? strings.none : formatRate(peer.downRate)}
            </td>
            <td className="number">{peer.upRate === 0 ? strings.none : formatRate(peer.upRate)}</td>
            <td className="peer-status">{peerStatus(peer)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** In words, what the flags mean for us and for them. */
function peerStatus(peer: PeerDetail): string {
  const words = strings.peers
  const parts = [
    peer.areWeInterested && (peer.isChokingUs ? words.chokesUs : words.sendsToUs),
    peer.isInterestedInUs && (peer.isChokedByUs ? words.chokedByUs : words.weSend),
    !peer.areWeInterested && !peer.isInterestedInUs && words.idle,
    peer.isSnubbed && words.snubbed,
    peer.direction === 'incoming' ? words.incoming : words.from(peer.source),
    peer.transport,
  ]
  return parts.filter((part) => part !== false).join(', ')
}

export function DetailTrackers({ trackers }: { trackers: readonly TrackerDetail[] }) {
  const words = strings.trackers
  if (trackers.length === 0) return <p className="detail-note">{words.none}</p>
  return (
    <ul className="trackers" aria-label={words.label}>
      {trackers.map((tracker) => (
        <li key={`${tracker.tier} ${tracker.url}`} className="tracker" data-state={tracker.state}>
          <span className="tracker-url">{tracker.url}</span>
          <span className="tracker-state">
            <span className="state-dot" />
            {trackerText(tracker)}
          </span>
          {tracker.message !== '' && (
            <span className="tracker-message" dir="auto">
              {tracker.message}
            </span>
          )}
        </li>
      ))}
    </ul>
  )
}

function trackerText(tracker: TrackerDetail): string {
  const words = strings.trackers
  const next =
    tracker.nextAnnounceInMs === null ? '' : words.next(formatDuration(tracker.nextAnnounceInMs))
  return [
    words.states[tracker.state],
    words.counts(tracker.seeds, tracker.leechers),
    next,
    words.tier(tracker.tier),
  ]
    .filter(Boolean)
    .join(' · ')
}

export function DetailLog({ lines }: { lines: readonly LogLine[] }) {
  if (lines.length === 0) return <p className="detail-note">{strings.log.none}</p>
  // The newest first: that is what one looks for.
  const newest = lines.map((line, index) => ({ line, index })).toReversed()
  return (
    <ol className="log" aria-label={strings.log.label}>
      {newest.map(({ line, index }) => (
        <li key={index} className="log-line" data-level={line.level}>
          <time dateTime={new Date(line.atMs).toISOString()} title={formatDateTime(line.atMs)}>
            {formatTimeOfDay(line.atMs)}
          </time>
          <span dir="auto">{line.text}</span>
        </li>
      ))}
    </ol>
  )
}
