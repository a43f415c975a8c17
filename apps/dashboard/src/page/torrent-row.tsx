/** One torrent in the list: a row of cells, or a card where the page is narrow. */
import type { TorrentSummary } from '@pigeon/control/contract'
import { formatBytes, formatPercent, formatRate } from '@pigeon/control/units'
import { memo, type MouseEvent, useEffect, useRef } from 'react'
import type { ColumnKey } from './column-keys.ts'
import { COLUMNS } from './columns.tsx'
import { StateLine } from './state-line.tsx'
import { useStore } from './store.ts'
import { strings } from './strings.ts'
import { PauseButton, TorrentMenu } from './torrent-actions.tsx'
import { TorrentProgress } from './torrent-progress.tsx'

export type ListLayout = 'roomy' | 'compact' | 'cards'

export interface TorrentRowProps {
  readonly id: string
  readonly rowIndex: number
  readonly topPx: number
  readonly layout: ListLayout
  readonly columns: readonly ColumnKey[]
  /** Its details are shown. */
  readonly isOpen: boolean
  /** The one row that the Tab key reaches, with its buttons. */
  readonly isTabStop: boolean
  /** Counts up whenever this row shall take the focus. */
  readonly focusTurn: number
  readonly onClick: (id: string, event: MouseEvent) => void
  readonly onTick: (id: string, isRange: boolean) => void
  readonly onFocus: (id: string) => void
}

export const TorrentRow = memo(function TorrentRow(props: TorrentRowProps) {
  const { id, layout } = props
  const torrent = useStore((state) => state.feed.torrents.get(id))
  const isSelected = useStore((state) => state.selection.ids.has(id))
  const row = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (props.focusTurn > 0) row.current?.focus({ preventScroll: true })
  }, [props.focusTurn])
  if (torrent === undefined) return null
  return (
    <div
      ref={row}
      className={layout === 'cards' ? 'card' : 'row'}
      role="row"
      data-id={id}
      aria-rowindex={props.rowIndex}
      aria-selected={isSelected}
      data-tone={torrent.state}
      data-open={props.isOpen}
      tabIndex={props.isTabStop ? 0 : -1}
      style={{ transform: `translateY(${props.topPx}px)` }}
      onClick={(event) => props.onClick(id, event)}
      onFocus={() => props.onFocus(id)}
    >
      <div className="cell cell-tick" role="gridcell">
        {/* The whole cell is the target, and a click in it opens nothing. */}
        <label className="tick-box" onClick={(event) => event.stopPropagation()}>
          <input
            type="checkbox"
            tabIndex={-1}
            checked={isSelected}
            aria-label={strings.list.select(torrent.name)}
            onChange={(event) => {
              const { nativeEvent } = event
              props.onTick(id, nativeEvent instanceof globalThis.MouseEvent && nativeEvent.shiftKey)
            }}
          />
        </label>
      </div>
      {layout === 'cards' ? (
        <CardCells torrent={torrent} />
      ) : (
        <RowCells torrent={torrent} columns={props.columns} isCompact={layout === 'compact'} />
      )}
      <div className="cell cell-actions" role="gridcell">
        <PauseButton torrent={torrent} isTabStop={props.isTabStop} />
        <TorrentMenu torrent={torrent} isTabStop={props.isTabStop} />
      </div>
    </div>
  )
})

interface RowCellsProps {
  readonly torrent: TorrentSummary
  readonly columns: readonly ColumnKey[]
  readonly isCompact: boolean
}

function RowCells({ torrent, columns, isCompact }: RowCellsProps) {
  return columns.map((key) => {
    const column = COLUMNS[key]
    return (
      <div
        key={key}
        className={`cell cell-${key}`}
        data-number={column.isNumber}
        role={key === 'name' ? 'rowheader' : 'gridcell'}
      >
        {column.show(torrent, isCompact)}
      </div>
    )
  })
}

/** The most important of it, in three lines. */
function CardCells({ torrent }: { torrent: TorrentSummary }) {
  return (
    <>
      <div className="cell card-name" role="rowheader">
        <span className="name" dir="auto">
          {torrent.name}
        </span>
        <StateLine torrent={torrent} />
      </div>
      <div className="cell card-progress" role="gridcell">
        <TorrentProgress torrent={torrent} />
        <span className="percent">
          {torrent.state === 'metadata' ? strings.none : formatPercent(torrent.progress)}
        </span>
      </div>
      <div className="cell card-facts" role="gridcell">
        {torrent.downRate > 0 && (
          <span className="rate-down" data-active>
            ↓ {formatRate(torrent.downRate)}
          </span>
        )}
        {torrent.upRate > 0 && (
          <span className="rate-up" data-active>
            ↑ {formatRate(torrent.upRate)}
          </span>
        )}
        {torrent.downRate === 0 && torrent.upRate === 0 && torrent.wantedBytes > 0 && (
          <span>{formatBytes(torrent.wantedBytes)}</span>
        )}
        <span className="card-peers">{strings.list.peers(torrent.peersConnected)}</span>
      </div>
    </>
  )
}

export { StateLine } from './state-line.tsx'
