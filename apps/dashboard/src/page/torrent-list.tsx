/** The list, of which only the rows in sight exist. A grid of one Tab stop, moved by the arrow keys. */
import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, useCallback, useMemo, useRef, useState } from 'react'
import { EmptyList, NoMatch } from './empty-list.tsx'
import { Icon } from './icons.tsx'
import { SORT_KEYS, shownIds, type SortKey } from './list-view.ts'
import { navigate, setView, useStore } from './store.ts'
import { strings } from './strings.ts'
import { TorrentRow } from './torrent-row.tsx'
import { useIsNarrow } from './use-media.ts'

const ROW_PX = 56
const CARD_PX = 116
/** Rows drawn above and below what is in sight. */
const OVERSCAN = 8

export function TorrentList() {
  const torrents = useStore((state) => state.feed.torrents)
  const isLoading = useStore((state) => state.feed.number === null)
  const view = useStore((state) => state.view)
  const ids = useMemo(() => shownIds(torrents.values(), view), [torrents, view])
  if (isLoading) return <Loading />
  if (torrents.size === 0) return <EmptyList />
  return (
    <div
      className="list"
      role="grid"
      aria-label={strings.list.label}
      aria-rowcount={ids.length + 1}
    >
      <ListHead />
      {ids.length === 0 ? <NoMatch /> : <Rows ids={ids} />}
    </div>
  )
}

function Rows({ ids }: { ids: readonly string[] }) {
  const scroller = useRef<HTMLDivElement>(null)
  const isNarrow = useIsNarrow()
  const rowPx = isNarrow ? CARD_PX : ROW_PX
  const selectedId = useStore((state) => (state.route.view === 'detail' ? state.route.id : null))
  const [active, setActive] = useState<{ id: string; turn: number } | null>(null)
  const virtualizer = useVirtualizer({
    count: ids.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    overscan: OVERSCAN,
    getItemKey: (index) => ids[index] ?? index,
  })
  const tabStop = [active?.id, selectedId, ids[0]].find(
    (id): id is string => typeof id === 'string' && ids.includes(id),
  )
  const open = useCallback((id: string) => {
    const { route } = useStore.getState()
    navigate(
      { view: 'detail', id, tab: route.view === 'detail' ? route.tab : 'overview' },
      // Going from one torrent to the next is one step back to the list.
      { replace: route.view === 'detail' },
    )
  }, [])
  const focus = useCallback(
    (id: string) => setActive((now) => (now?.id === id ? now : { id, turn: 0 })),
    [],
  )
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = stepOf(event.key, Math.floor((scroller.current?.clientHeight ?? 0) / rowPx))
    if (step === null || event.altKey || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    const from = tabStop === undefined ? 0 : ids.indexOf(tabStop)
    const index = Math.max(0, Math.min(ids.length - 1, from + step))
    const id = ids[index]
    if (id === undefined) return
    virtualizer.scrollToIndex(index)
    setActive((now) => ({ id, turn: (now?.turn ?? 0) + 1 }))
    if (selectedId !== null && !isNarrow) open(id)
  }
  return (
    <div ref={scroller} className="rows" role="rowgroup" onKeyDown={onKeyDown}>
      <div
        className="rows-inner"
        role="presentation"
        style={{ height: virtualizer.getTotalSize() }}
      >
        {virtualizer.getVirtualItems().map((item) => {
          const id = ids[item.index]
          if (id === undefined) return null
          return (
            <TorrentRow
              key={id}
              id={id}
              rowIndex={item.index + 2}
              topPx={item.start}
              isSelected={id === selectedId}
              isTabStop={id === tabStop}
              focusTurn={active?.id === id ? active.turn : 0}
              onOpen={open}
              onFocus={focus}
            />
          )
        })}
      </div>
    </div>
  )
}

function stepOf(key: string, pageRows: number): number | null {
  switch (key) {
    case 'ArrowDown':
      return 1
    case 'ArrowUp':
      return -1
    case 'PageDown':
      return Math.max(1, pageRows)
    case 'PageUp':
      return -Math.max(1, pageRows)
    case 'Home':
      return Number.NEGATIVE_INFINITY
    case 'End':
      return Number.POSITIVE_INFINITY
    default:
      return null
  }
}

function ListHead() {
  return (
    <div className="list-head" role="rowgroup">
      <div className="head-row" role="row" aria-rowindex={1}>
        {SORT_KEYS.filter((key) => key !== 'added').map((key) => (
          <HeadCell key={key} sortKey={key} />
        ))}
        <div className="head-cell cell-actions" role="columnheader">
          <span className="hidden-label">{strings.list.actions}</span>
        </div>
      </div>
    </div>
  )
}

function HeadCell({ sortKey }: { sortKey: SortKey }) {
  const { sort, isDescending } = useStore((state) => state.view)
  const isSorted = sort === sortKey
  const label = strings.columns[sortKey]
  const toggle = (): void => {
    // Names begin with A, numbers with the largest; a third press goes back to the newest first.
    const startsDescending = sortKey !== 'name' && sortKey !== 'eta'
    if (!isSorted) setView({ sort: sortKey, isDescending: startsDescending })
    else if (isDescending === startsDescending) setView({ isDescending: !isDescending })
    else setView({ sort: 'added', isDescending: true })
  }
  return (
    <div
      className={`head-cell cell-${sortKey}`}
      role="columnheader"
      aria-sort={isSorted ? (isDescending ? 'descending' : 'ascending') : 'none'}
    >
      <button
        type="button"
        className="head-button"
        title={strings.list.sortBy(label)}
        onClick={toggle}
      >
        {label}
        {isSorted && <Icon name={isDescending ? 'down' : 'up'} className="sort-icon" />}
      </button>
    </div>
  )
}

function Loading() {
  return (
    <div className="list-loading" role="status">
      <span className="hidden-label">{strings.loadingList}</span>
      {[72, 54, 63, 40, 58].map((width) => (
        <div key={width} className="ghost-row" aria-hidden="true">
          <span className="ghost" style={{ width: `${width}%` }} />
        </div>
      ))}
    </div>
  )
}
