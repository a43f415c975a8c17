/** The list, of which only the rows in sight exist. A grid of one Tab stop, moved by the arrow keys. */
import { useVirtualizer } from '@tanstack/react-virtual'
import { ContextMenu } from 'radix-ui'
import {
  type KeyboardEvent,
  type MouseEvent,
  type RefObject,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react'
import { EmptyList, NoMatch } from './empty-list.tsx'
import { columnsThatFit, gridOf } from './list-columns.ts'
import { ListHead } from './list-head.tsx'
import { listKeyOf } from './list-keys.ts'
import { currentRoute, navigate, useRoute } from './navigation.ts'
import { clearSelection, openDialog, selectAll, selectTorrent, useStore } from './store.ts'
import { strings } from './strings.ts'
import { toggleAll } from './actions.ts'
import { ListContextMenu } from './torrent-actions.tsx'
import { type ListLayout, TorrentRow } from './torrent-row.tsx'
import { useIsNarrow } from './use-media.ts'
import { useShown } from './use-shown.ts'

const ROW_PX: { readonly [L in ListLayout]: number } = { roomy: 56, compact: 36, cards: 124 }
const HEAD_PX = 38
/** Rows drawn above and below what is in sight. */
const OVERSCAN = 8

export function TorrentList() {
  const isLoading = useStore((state) => state.feed.number === null)
  const isEmpty = useStore((state) => state.feed.torrents.size === 0)
  if (isLoading) return <Loading />
  return isEmpty ? <EmptyList /> : <Grid />
}

function Grid() {
  const ids = useShown()
  const scroller = useRef<HTMLDivElement>(null)
  const layout = useLayout()
  const columns = useColumns(scroller)
  const grid = useMemo(() => gridOf(columns), [columns])
  return (
    <ContextMenu.Root modal={false}>
      <ContextMenu.Trigger asChild>
        <div
          ref={scroller}
          className="list"
          role="grid"
          data-layout={layout}
          aria-label={strings.list.label}
          aria-rowcount={ids.length + 1}
          aria-multiselectable
          style={{ '--grid': grid.tracks, '--list-width': `${grid.widthPx}px` }}
          onContextMenu={(event) => {
            const row = event.target instanceof Element && event.target.closest('[data-id]')
            const id = row instanceof HTMLElement ? row.dataset['id'] : undefined
            // Beside the rows there is nothing to act on.
            if (id === undefined) event.preventDefault()
            else if (!useStore.getState().selection.ids.has(id)) selectTorrent(ids, id, 'only')
          }}
        >
          <ListHead columns={columns} ids={ids} />
          {ids.length === 0 ? (
            <NoMatch />
          ) : (
            <Rows ids={ids} scroller={scroller} layout={layout} columns={columns} />
          )}
        </div>
      </ContextMenu.Trigger>
      <ListContextMenu />
    </ContextMenu.Root>
  )
}

interface RowsProps {
  readonly ids: readonly string[]
  readonly scroller: RefObject<HTMLDivElement | null>
  readonly layout: ListLayout
  readonly columns: ReturnType<typeof columnsThatFit>
}

function Rows({ ids, scroller, layout, columns }: RowsProps) {
  const rowPx = ROW_PX[layout]
  const route = useRoute()
  const openId = route.view === 'detail' ? route.id : null
  const cursor = useStore((state) => state.selection.cursor)
  const [focus, setFocus] = useState<{ readonly id: string; readonly turn: number } | null>(null)
  const virtualizer = useVirtualizer({
    count: ids.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    overscan: OVERSCAN,
    scrollPaddingStart: layout === 'cards' ? 0 : HEAD_PX,
    getItemKey: (index) => ids[index] ?? index,
  })
  useEffect(() => virtualizer.measure(), [virtualizer, rowPx])
  const placeOf = useMemo(() => new Map(ids.map((id, index) => [id, index])), [ids])
  const items = virtualizer.getVirtualItems()
  const drawn = new Set(items.map(({ index }) => ids[index]))
  // The Tab key must find a row, also when the one that it left was scrolled away and is not drawn.
  const tabStop = [cursor, openId, ids[virtualizer.range?.startIndex ?? 0], ids[0]].find(
    (id): id is string => typeof id === 'string' && drawn.has(id),
  )
  const now = useRef(ids)
  now.current = ids

  const onClick = useCallback((id: string, event: MouseEvent) => {
    if (event.shiftKey) selectTorrent(now.current, id, 'range')
    else if (event.ctrlKey || event.metaKey) selectTorrent(now.current, id, 'toggle')
    else {
      selectTorrent(now.current, id, 'only')
      open(id)
    }
  }, [])
  const onTick = useCallback(
    (id: string, isRange: boolean) => selectTorrent(now.current, id, isRange ? 'range' : 'toggle'),
    [],
  )
  const onFocus = useCallback((id: string) => {
    if (useStore.getState().selection.cursor !== id) selectTorrent(now.current, id, 'cursor')
  }, [])

  const move = (by: number, isRange: boolean): void => {
    const from = tabStop === undefined ? 0 : (placeOf.get(tabStop) ?? 0)
    const index = Math.max(0, Math.min(ids.length - 1, from + by))
    const id = ids[index]
    if (id === undefined) return
    virtualizer.scrollToIndex(index)
    setFocus((before) => ({ id, turn: (before?.turn ?? 0) + 1 }))
    if (isRange) selectTorrent(ids, id, 'range')
    else if (openId !== null && layout !== 'cards') {
      selectTorrent(ids, id, 'only')
      open(id)
    } else selectTorrent(ids, id, 'cursor')
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const isOnRow = event.target instanceof HTMLElement && event.target.dataset['id'] !== undefined
    const pageRows = Math.floor((scroller.current?.clientHeight ?? 0) / rowPx) - 1
    const pressed = listKeyOf(event, pageRows)
    if (!isOnRow || pressed === null || event.defaultPrevented) return
    event.preventDefault()
    if (pressed.kind === 'move') move(pressed.by, pressed.isRange)
    else if (tabStop !== undefined) act(pressed, tabStop, ids)
  }
  return (
    <div
      className="rows-inner"
      role="rowgroup"
      style={{ height: virtualizer.getTotalSize() }}
      onKeyDown={onKeyDown}
    >
      {items.map((item) => {
        const id = ids[item.index]
        if (id === undefined) return null
        return (
          <TorrentRow
            key={id}
            id={id}
            rowIndex={item.index + 2}
            topPx={item.start}
            layout={layout}
            columns={columns}
            isOpen={id === openId}
            isTabStop={id === tabStop}
            focusTurn={focus?.id === id ? focus.turn : 0}
            onClick={onClick}
            onTick={onTick}
            onFocus={onFocus}
          />
        )
      })}
    </div>
  )
}

function open(id: string): void {
  const route = currentRoute()
  navigate(
    { view: 'detail', id, tab: route.view === 'detail' ? route.tab : 'overview' },
    // Going from one torrent to the next is one step back to the list.
    { replace: route.view === 'detail' },
  )
}

type Act = Exclude<NonNullable<ReturnType<typeof listKeyOf>>, { kind: 'move' }>

function act(pressed: Act, id: string, shown: readonly string[]): void {
  const { selection } = useStore.getState()
  const ids = selection.ids.size > 0 ? [...selection.ids] : [id]
  switch (pressed.kind) {
    case 'open':
      return open(id)
    case 'tick':
      return selectTorrent(shown, id, 'toggle')
    case 'pause':
      return toggleAll(ids)
    case 'all':
      return selectAll(shown)
    case 'remove':
      return openDialog({ kind: 'remove', ids, deleteData: pressed.deleteData })
    case 'leave':
      return leave()
    default:
      pressed satisfies never
  }
}

/** One step out: of the details, then of the selection. */
function leave(): void {
  if (currentRoute().view === 'detail') navigate({ view: 'list' })
  else clearSelection()
}

function useLayout(): ListLayout {
  const isNarrow = useIsNarrow()
  const density = useStore((state) => state.preferences.density)
  return isNarrow ? 'cards' : density
}

/** The chosen columns, or as many as fit. */
function useColumns(scroller: RefObject<HTMLDivElement | null>) {
  const chosen = useStore((state) => state.preferences.columns)
  const [widthPx, setWidthPx] = useState(1_000)
  useEffect(() => {
    const { current } = scroller
    if (current === null) return undefined
    const observer = new ResizeObserver(() => setWidthPx(current.clientWidth))
    observer.observe(current)
    return () => observer.disconnect()
  }, [scroller])
  return useMemo(() => chosen ?? columnsThatFit(widthPx), [chosen, widthPx])
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
