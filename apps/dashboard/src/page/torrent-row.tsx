/** One torrent in the list: a row of cells, laid out as a card where the page is narrow. */
import type { TorrentSummary } from '@pigeon/control/contract'
import {
  formatBytes,
  formatDuration,
  formatEta,
  formatPercent,
  formatRate,
  formatRatio,
} from '@pigeon/control/units'
import { memo, type KeyboardEvent, useEffect, useRef } from 'react'
import { PauseButton, TorrentMenu, togglePause } from './torrent-actions.tsx'
import { TorrentProgress } from './torrent-progress.tsx'
import { openDialog, useStore } from './store.ts'
import { strings } from './strings.ts'

interface TorrentRowProps {
  readonly id: string
  readonly rowIndex: number
  readonly topPx: number
  readonly isSelected: boolean
  /** The one row that the Tab key reaches. */
  readonly isTabStop: boolean
  /** Counts up whenever this row shall take the focus. */
  readonly focusTurn: number
  readonly onOpen: (id: string) => void
  readonly onFocus: (id: string) => void
}

export const TorrentRow = memo(function TorrentRow(props: TorrentRowProps) {
  const torrent = useStore((state) => state.feed.torrents.get(props.id))
  const row = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (props.focusTurn > 0) row.current?.focus({ preventScroll: true })
  }, [props.focusTurn])
  if (torrent === undefined) return null
  return (
    <div
      ref={row}
      className="row"
      role="row"
      aria-rowindex={props.rowIndex}
      aria-selected={props.isSelected}
      data-tone={torrent.state}
      data-eta={torrent.state === 'downloading' && torrent.etaMs !== null}
      tabIndex={props.isTabStop ? 0 : -1}
      style={{ transform: `translateY(${props.topPx}px)` }}
      onClick={() => props.onOpen(torrent.id)}
      onFocus={() => props.onFocus(torrent.id)}
      onKeyDown={(event) => onRowKey(event, torrent, props.onOpen)}
    >
      <RowCells torrent={torrent} />
    </div>
  )
})

function RowCells({ torrent }: { torrent: TorrentSummary }) {
  const rate = (value: number): string => (value === 0 ? strings.none : formatRate(value))
  return (
    <>
      <div className="cell cell-name" role="rowheader">
        <span className="name" dir="auto" title={torrent.name}>
          {torrent.name}
        </span>
        <StateLine torrent={torrent} />
      </div>
      <div className="cell cell-progress" role="gridcell">
        <TorrentProgress torrent={torrent} />
        <span className="percent">
          {torrent.state === 'metadata' ? strings.none : formatPercent(torrent.progress)}
        </span>
      </div>
      <div className="cell cell-size" role="gridcell">
        {torrent.wantedBytes === 0 ? strings.none : formatBytes(torrent.wantedBytes)}
      </div>
      <div className="cell cell-down" role="gridcell" data-active={torrent.downRate > 0}>
        {rate(torrent.downRate)}
      </div>
      <div className="cell cell-up" role="gridcell" data-active={torrent.upRate > 0}>
        {rate(torrent.upRate)}
      </div>
      <div className="cell cell-peers" role="gridcell">
        <span className="table-only">{peersText(torrent)}</span>
        <span className="card-only">{strings.list.peers(torrent.peersConnected)}</span>
      </div>
      <div className="cell cell-ratio" role="gridcell">
        {formatRatio(torrent.ratio)}
      </div>
      <div className="cell cell-eta" role="gridcell">
        {torrent.state === 'downloading' ? formatEta(torrent.etaMs) : strings.none}
      </div>
      <div className="cell cell-actions" role="gridcell">
        <PauseButton torrent={torrent} />
        <TorrentMenu torrent={torrent} />
      </div>
    </>
  )
}

/** What it does now, or what is wrong and what to do about it. */
export function StateLine({ torrent }: { torrent: TorrentSummary }) {
  if (torrent.problem !== null)
    return (
      <span className="state-line" data-tone="error">
        <span className="state-dot" />
        {torrent.problem.message} {torrent.problem.help}
      </span>
    )
  const isBusy = torrent.state === 'downloading' && torrent.etaMs !== null
  return (
    <span className="state-line" data-tone={torrent.state}>
      <span className="state-dot" />
      {strings.states[torrent.state]}
      {torrent.wantedBytes > 0 && torrent.progress < 1 && (
        <span className="state-more">
          {strings.of(formatBytes(torrent.doneBytes), formatBytes(torrent.wantedBytes))}
        </span>
      )}
      {torrent.wantedBytes > 0 && torrent.progress === 1 && (
        <span className="state-more card-only">{formatBytes(torrent.wantedBytes)}</span>
      )}
      {isBusy && (
        <span className="state-more state-eta">{strings.left(formatDuration(torrent.etaMs))}</span>
      )}
    </span>
  )
}

function peersText(torrent: TorrentSummary): string {
  const { swarmSeeds, swarmLeechers, peersConnected } = torrent
  if (swarmSeeds === null && swarmLeechers === null) return String(peersConnected)
  return strings.list.peersOf(peersConnected, (swarmSeeds ?? 0) + (swarmLeechers ?? 0))
}

function onRowKey(
  event: KeyboardEvent<HTMLDivElement>,
  torrent: TorrentSummary,
  onOpen: (id: string) => void,
): void {
  if (event.target !== event.currentTarget) return
  if (event.key === 'Enter') onOpen(torrent.id)
  else if (event.key === ' ') togglePause(torrent)
  else if (event.key === 'Delete') openDialog({ kind: 'remove', ids: [torrent.id] })
  else return
  event.preventDefault()
}
