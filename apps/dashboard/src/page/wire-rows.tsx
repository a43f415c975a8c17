/** The messages of a wire: only those in sight are drawn, the newest stays in sight until somebody scrolls away. */
import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { Icon } from './icons.tsx'
import { strings } from './strings.ts'
import { useIsNarrow } from './use-media.ts'
import type { WireLine } from './wire-log.ts'
import { WireRow } from './wire-row.tsx'

const ROW_PX = 34
const TOUCH_ROW_PX = 60
const OVERSCAN = 12
/** Rows that Page Up and Page Down go. */
const PAGE_ROWS = 10
/** So near to its end a list counts as scrolled to it. */
const END_PX = 24

interface WireRowsProps {
  readonly lines: readonly WireLine[]
  /** Said where there are none. */
  readonly none: string
}

export function WireRows({ lines, none }: WireRowsProps) {
  const scroller = useRef<HTMLDivElement>(null)
  const lastTop = useRef(0)
  const rowPx = useIsNarrow() ? TOUCH_ROW_PX : ROW_PX
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set())
  /** The row that the Tab key reaches; the newest where none was chosen. */
  const [at, setAt] = useState<number | null>(null)
  const [isFollowing, setFollowing] = useState(true)
  const [isMoving, setMoving] = useState(false)
  const virtualizer = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    getItemKey: (index) => lines[index]?.key ?? index,
    overscan: OVERSCAN,
  })
  useEffect(() => virtualizer.measure(), [virtualizer, rowPx])
  const newest = lines.at(-1)?.key
  const total = virtualizer.getTotalSize()
  useLayoutEffect(() => {
    if (isFollowing && lines.length > 0)
      virtualizer.scrollToIndex(lines.length - 1, { align: 'end' })
  }, [virtualizer, isFollowing, newest, lines.length, total])
  useKeptPlace(scroller, lines, virtualizer.measurementsCache, isFollowing)

  const found = lines.findIndex(({ key }) => key === at)
  const current = found === -1 ? lines.length - 1 : found
  useEffect(() => {
    if (!isMoving) return
    scroller.current?.querySelector<HTMLElement>(`[aria-rowindex="${current + 2}"]`)?.focus()
    setMoving(false)
  }, [isMoving, current])
  const go = (index: number): void => {
    const next = Math.max(0, Math.min(index, lines.length - 1))
    setFollowing(next === lines.length - 1)
    virtualizer.scrollToIndex(next)
    setAt(lines[next]?.key ?? null)
    setMoving(true)
  }
  const toggle = (key: number): void => {
    setOpen((before) => {
      const next = new Set(before)
      if (!next.delete(key)) next.add(key)
      // Of lines that are gone nothing is kept.
      const first = lines[0]?.key ?? 0
      return new Set([...next].filter((each) => each >= first))
    })
    setAt(key)
    setFollowing(false)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const line = lines[current]
    const isRow = event.target instanceof Element && event.target.getAttribute('role') === 'row'
    if (line === undefined || !isRow || event.ctrlKey || event.metaKey || event.altKey) return
    const next = STEPS[event.key]?.(current, lines.length)
    const isToggle =
      event.key === 'Enter' ||
      event.key === ' ' ||
      (event.key === 'ArrowRight' && !open.has(line.key)) ||
      (event.key === 'ArrowLeft' && open.has(line.key))
    if (next === undefined && !isToggle) return
    event.preventDefault()
    event.stopPropagation()
    if (next !== undefined) go(next)
    else toggle(line.key)
  }
  const isAllInSight = total + rowPx <= (scroller.current?.clientHeight ?? 0)
  const words = strings.wire
  return (
    <div className="wire-frame">
      <div
        ref={scroller}
        className="wire-rows"
        role="treegrid"
        aria-label={words.label}
        aria-describedby="wire-hint"
        aria-rowcount={lines.length + 1}
        tabIndex={lines.length === 0 ? 0 : -1}
        onKeyDown={onKeyDown}
        onScroll={(event) => {
          const { scrollTop, clientHeight, scrollHeight } = event.currentTarget
          // Only who scrolls back wants to stay: the list's own way to its end may be overtaken by newer messages.
          if (scrollHeight - clientHeight - scrollTop < END_PX) setFollowing(true)
          else if (scrollTop < lastTop.current) setFollowing(false)
          lastTop.current = scrollTop
        }}
      >
        <p id="wire-hint" hidden>
          {words.hint}
        </p>
        <WireHead />
        <div role="presentation" className="rows-inner" style={{ height: total }}>
          {virtualizer.getVirtualItems().map((item) => {
            const line = lines[item.index]
            if (line === undefined) return null
            return (
              <WireRow
                key={line.key}
                line={line}
                ref={virtualizer.measureElement}
                index={item.index}
                topPx={item.start}
                isCurrent={item.index === current}
                isOpen={open.has(line.key)}
                onFocus={() => setAt(line.key)}
                onToggle={() => toggle(line.key)}
              />
            )
          })}
        </div>
        {lines.length === 0 && <p className="detail-note">{none}</p>}
      </div>
      {!isFollowing && !isAllInSight && (
        <button
          type="button"
          className="button wire-newest"
          onClick={() => {
            setAt(null)
            setFollowing(true)
          }}
        >
          <Icon name="down" />
          {words.newest}
        </button>
      )}
    </div>
  )
}

const STEPS: Readonly<Record<string, (current: number, count: number) => number>> = {
  ArrowDown: (current) => current + 1,
  ArrowUp: (current) => current - 1,
  PageDown: (current) => current + PAGE_ROWS,
  PageUp: (current) => current - PAGE_ROWS,
  Home: () => 0,
  End: (_, count) => count - 1,
}

function WireHead() {
  const { columns } = strings.wire
  return (
    <div role="row" aria-rowindex={1} className="wire-row wire-head">
      {(['time', 'direction', 'name', 'bep', 'length', 'fields'] as const).map((column) => (
        <span key={column} role="columnheader" className={`wire-${column}`}>
          {/* An arrow says it; its column has no room for a word. */}
          <span className={column === 'direction' ? 'hidden-label' : ''}>{columns[column]}</span>
        </span>
      ))}
    </div>
  )
}

interface Measured {
  readonly key: number | string | bigint
  readonly start: number
}

/** What somebody reads stays where it is when the oldest lines above it go. */
function useKeptPlace(
  scroller: { readonly current: HTMLElement | null },
  lines: readonly WireLine[],
  measured: readonly Measured[],
  isFollowing: boolean,
): void {
  const before = useRef<readonly Measured[]>([])
  const first = lines[0]?.key
  useLayoutEffect(() => {
    const was = before.current.find(({ key }) => key === first)
    if (was !== undefined && was.start > 0 && !isFollowing && scroller.current !== null)
      scroller.current.scrollTop -= was.start
    before.current = [...measured]
  }, [first, measured, isFollowing, scroller])
}
