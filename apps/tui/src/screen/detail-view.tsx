/** One torrent, whole: overview, files, peers, trackers, log; asked for again each second while it is open. */
import type { Control, TorrentDetail, TorrentSummary } from '@pigeon/control/contract'
import {
  formatBytes,
  formatDateTime,
  formatDuration,
  formatEta,
  formatPercent,
  formatRate,
  formatRatio,
  formatTimeOfDay,
} from '@pigeon/control/units'
import { Box, Text } from 'ink'
import type { ReactElement } from 'react'
import { useEffect, useState } from 'react'
import { fitToCells } from './cells.ts'
import { STATE_WORDS } from './columns.ts'
import { pieceBar } from './piece-bar.ts'

export const TABS = ['Overview', 'Files', 'Peers', 'Trackers', 'Log'] as const
export type Tab = (typeof TABS)[number]

const POLL_MS = 1_000

export interface DetailViewProps {
  readonly control: Control
  readonly torrent: TorrentSummary
  readonly tab: Tab
  /** First line shown, for long tabs. */
  readonly scroll: number
  readonly width: number
  readonly height: number
}

export function DetailView(props: DetailViewProps): ReactElement {
  const { control, torrent, tab, scroll, width, height } = props
  const detail = useDetail(control, torrent.id)
  const lines = detail === null ? ['...'] : linesOf(detail, torrent, tab, width)
  const room = Math.max(1, height - 2)
  const first = Math.max(0, Math.min(scroll, lines.length - room))
  return (
    <Box flexDirection="column" height={height}>
      <Text bold>{fitToCells(torrent.name === '' ? torrent.id : torrent.name, width)}</Text>
      <Text>
        {TABS.map((name, index) => (
          <Text key={name} inverse={name === tab}>{` ${index + 1} ${name} `}</Text>
        ))}
      </Text>
      {lines.slice(first, first + room).map((line, index) => (
        <Text key={`${first + index}`} wrap="truncate">
          {fitToCells(line, width)}
        </Text>
      ))}
    </Box>
  )
}

function useDetail(control: Control, id: string): TorrentDetail | null {
  const [detail, setDetail] = useState<TorrentDetail | null>(null)
  useEffect(() => {
    let isCurrent = true
    const ask = (): void => {
      void control.detail(id).then((found) => {
        if (isCurrent) setDetail(found)
      })
    }
    ask()
    const timer = setInterval(ask, POLL_MS)
    return () => {
      isCurrent = false
      clearInterval(timer)
    }
  }, [control, id])
  return detail
}

/** The text of a tab, line by line. */
export function linesOf(
  detail: TorrentDetail,
  torrent: TorrentSummary,
  tab: Tab,
  width: number,
): readonly string[] {
  switch (tab) {
    case 'Overview':
      return overview(detail, torrent, width)
    case 'Files':
      return detail.files.map(
        (file) =>
          `${fitToCells(formatPercent(file.lengthBytes === 0 ? 1 : file.doneBytes / file.lengthBytes), 7, 'right')} ${fitToCells(formatBytes(file.lengthBytes), 10, 'right')} ${fitToCells(file.priority, 6)} ${file.path}`,
      )
    case 'Peers':
      return detail.peers.length === 0 ? ['No peers are connected.'] : detail.peers.map(peerLine)
    case 'Trackers':
      return detail.trackers.length === 0
        ? ['It has no trackers.']
        : detail.trackers.map(trackerLine)
    case 'Log':
      return detail.log.map((line) => `${formatTimeOfDay(line.atMs)} ${line.level} ${line.text}`)
    default:
      return tab satisfies never
  }
}

function overview(
  detail: TorrentDetail,
  torrent: TorrentSummary,
  width: number,
): readonly string[] {
  const line = (label: string, text: string): string => `${fitToCells(label, 14)}${text}`
  const lines = [
    line('State', STATE_WORDS[torrent.state]),
    line(
      'Done',
      `${formatPercent(torrent.progress)} (${formatBytes(torrent.doneBytes)} of ${formatBytes(torrent.wantedBytes)})`,
    ),
    line('Rates', `down ${formatRate(torrent.downRate)}, up ${formatRate(torrent.upRate)}`),
    line('Time left', formatEta(torrent.etaMs)),
    line(
      'Ratio',
      `${formatRatio(torrent.ratio)} (${formatBytes(torrent.uploadedBytes)} up, ${formatBytes(torrent.downloadedBytes)} down)`,
    ),
    line('Peers', `${torrent.peersConnected} connected, ${torrent.seedsConnected} of them seeds`),
    line('Folder', torrent.folder),
    line('Info-hash', torrent.infoHashV1 ?? torrent.infoHashV2 ?? ''),
    line('Pieces', `${detail.pieces.count} of ${formatBytes(detail.pieces.lengthBytes)}`),
    line('', pieceBar(detail.pieces.verified, detail.pieces.count, Math.max(10, width - 16))),
    line('Added', formatDateTime(torrent.addedAtMs)),
    line('Finished', formatDateTime(torrent.finishedAtMs)),
  ]
  if (detail.comment !== null) lines.push(line('Comment', detail.comment))
  if (torrent.problem !== null) lines.push('', torrent.problem.message, torrent.problem.help)
  return lines
}

function peerLine(peer: TorrentDetail['peers'][number]): string {
  const flags = [
    peer.isChokingUs ? '-' : 'd',
    peer.isChokedByUs ? '-' : 'u',
    peer.isSnubbed ? 'S' : ' ',
  ].join('')
  return [
    fitToCells(peer.address, 24),
    flags,
    fitToCells(formatPercent(peer.progress), 7, 'right'),
    fitToCells(formatRate(peer.downRate), 12, 'right'),
    fitToCells(formatRate(peer.upRate), 12, 'right'),
    peer.client,
  ].join(' ')
}

function trackerLine(tracker: TorrentDetail['trackers'][number]): string {
  const next =
    tracker.nextAnnounceInMs === null ? '' : `, next in ${formatDuration(tracker.nextAnnounceInMs)}`
  const message = tracker.message === '' ? '' : `: ${tracker.message}`
  return `${fitToCells(tracker.state, 10)} ${tracker.url}${message}${next}`
}
