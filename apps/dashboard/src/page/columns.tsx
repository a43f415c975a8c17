/** What each column of the list shows, how wide it is, and what a press on its head sorts by. */
import type { TorrentSummary } from '@pigeon/control/contract'
import {
  formatBytes,
  formatDateTime,
  formatDuration,
  formatEta,
  formatPercent,
  formatRate,
  formatRatio,
} from '@pigeon/control/units'
import type { ReactNode } from 'react'
import type { ColumnKey } from './column-keys.ts'
import { StateLine, StateName } from './state-line.tsx'
import { strings } from './strings.ts'
import { TorrentProgress } from './torrent-progress.tsx'

export interface Column {
  /** At least this many pixels; the name takes what is left over. */
  readonly widthPx: number
  readonly isNumber: boolean
  /** A key of `@pigeon/control/sort`. */
  readonly sort: string
  /** Names begin with A, numbers with the largest. */
  readonly startsDescending: boolean
  readonly show: (torrent: TorrentSummary, isCompact: boolean) => ReactNode
}

export const NAME_PX = 200

export const COLUMNS: { readonly [K in ColumnKey]: Column } = {
  name: {
    ...text('name', NAME_PX, () => null),
    show: (torrent, isCompact) => (
      <>
        {isCompact && <span className="state-dot" />}
        <span className="name" dir="auto" title={torrent.name}>
          {torrent.name}
        </span>
        {!isCompact && <StateLine torrent={torrent} />}
      </>
    ),
  },
  state: text('state', 124, (torrent) => <StateName torrent={torrent} />),
  progress: {
    ...text('progress', 128, () => null),
    startsDescending: true,
    show: (torrent) => (
      <span className="cell-progress">
        <TorrentProgress torrent={torrent} />
        <span className="percent">
          {torrent.state === 'metadata' ? strings.none : formatPercent(torrent.progress)}
        </span>
      </span>
    ),
  },
  size: number('size', 78, ({ wantedBytes }) => sizeOf(wantedBytes)),
  done: number('done', 78, ({ doneBytes }) => sizeOf(doneBytes)),
  down: number('down', 88, ({ downRate }) => <Rate rate={downRate} direction="down" />),
  up: number('up', 88, ({ upRate }) => <Rate rate={upRate} direction="up" />),
  eta: {
    ...number('eta', 84, (torrent) =>
      torrent.state === 'downloading' ? formatEta(torrent.etaMs) : strings.none,
    ),
    startsDescending: false,
  },
  peers: number('peers', 84, peersText),
  seeds: number('seeds', 66, ({ seedsConnected, swarmSeeds }) =>
    swarmSeeds === null
      ? strings.count(seedsConnected)
      : strings.list.peersOf(seedsConnected, swarmSeeds),
  ),
  ratio: number('ratio', 58, ({ ratio }) => formatRatio(ratio)),
  availability: number('availability', 66, ({ availability }) => formatRatio(availability)),
  category: text('category', 96, ({ category }) => category ?? strings.none),
  tags: text('tag', 120, ({ tags }) => (tags.length === 0 ? strings.none : tags.join(', '))),
  tracker: text('tracker', 140, ({ tracker }) => tracker ?? strings.none),
  queue: {
    ...number('queue', 60, ({ queuePosition }) =>
      queuePosition === null ? strings.none : strings.count(queuePosition + 1),
    ),
    startsDescending: false,
  },
  downloaded: number('downloaded', 92, ({ downloadedBytes }) => formatBytes(downloadedBytes)),
  uploaded: number('uploaded', 88, ({ uploadedBytes }) => formatBytes(uploadedBytes)),
  seeded: number('seeded', 92, ({ seededMs }) =>
    seededMs === 0 ? strings.none : formatDuration(seededMs),
  ),
  added: number('added', 126, ({ addedAtMs }) => formatDateTime(addedAtMs)),
  finished: number('finished', 126, ({ finishedAtMs }) => formatDateTime(finishedAtMs)),
  active: number('activity', 126, ({ activeAtMs }) => formatDateTime(activeAtMs)),
  folder: text('folder', 180, ({ folder }) => folder),
}

type Show = (torrent: TorrentSummary) => ReactNode

function text(sort: string, widthPx: number, show: Show): Column {
  return { widthPx, isNumber: false, sort, startsDescending: false, show }
}

function number(sort: string, widthPx: number, show: Show): Column {
  return { widthPx, isNumber: true, sort, startsDescending: true, show }
}

function sizeOf(bytes: number): string {
  return bytes === 0 ? strings.none : formatBytes(bytes)
}

function Rate({ rate, direction }: { rate: number; direction: 'down' | 'up' }) {
  return (
    <span className={`rate-${direction}`} data-active={rate > 0}>
      {rate === 0 ? strings.none : formatRate(rate)}
    </span>
  )
}

function peersText(torrent: TorrentSummary): string {
  const { swarmSeeds, swarmLeechers, peersConnected } = torrent
  if (swarmSeeds === null && swarmLeechers === null) return strings.count(peersConnected)
  return strings.list.peersOf(peersConnected, (swarmSeeds ?? 0) + (swarmLeechers ?? 0))
}
