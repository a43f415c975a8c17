/** Speeds over time as a picture. It is loaded when somebody looks: the plotting library is a script of its own. */
import { formatDuration, formatRate } from '@pigeon/control/units'
import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { RateColumns } from './rate-history.ts'
import { strings } from './strings.ts'
import { useTheme } from './use-theme.ts'

export interface RateLimit {
  readonly kind: 'down' | 'up'
  readonly rate: number
  /** Drawn fainter: these are not the limits that hold now. */
  readonly isIdle: boolean
}

interface RatePlotProps {
  readonly columns: RateColumns
  readonly spanMs: number
  readonly limits: readonly RateLimit[]
  readonly heightPx: number
  readonly label: string
}

export function RatePlot({ columns, spanMs, limits, heightPx, label }: RatePlotProps) {
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const shown = useRef({ limits, spanMs })
  shown.current = { limits, spanMs }
  const theme = useTheme()
  useEffect(() => {
    const element = place.current
    if (element === null) return undefined
    const drawn = new uPlot(optionsOf(element, heightPx, shown), [[], [], []], element)
    plot.current = drawn
    const observer = new ResizeObserver(() =>
      drawn.setSize({ width: element.clientWidth, height: heightPx }),
    )
    observer.observe(element)
    return () => {
      observer.disconnect()
      drawn.destroy()
      plot.current = null
    }
  }, [heightPx, theme])
  useEffect(() => {
    plot.current?.setData([[...columns[0]], [...columns[1]], [...columns[2]]])
  }, [columns, heightPx, theme, limits])
  return (
    <div ref={place} className="plot" role="img" aria-label={label} style={{ height: heightPx }} />
  )
}

/** What may change without a new plot is read from `shown` while drawing. */
function optionsOf(
  element: HTMLElement,
  height: number,
  shown: { readonly current: Pick<RatePlotProps, 'limits' | 'spanMs'> },
): uPlot.Options {
  const style = getComputedStyle(element)
  const colour = (name: string): string => style.getPropertyValue(name).trim()
  const font = `12px ${style.fontFamily}`
  const axis = { stroke: colour('--text-soft'), font, ticks: { show: false } }
  const line = { stroke: colour('--line'), width: 1 }
  return {
    width: element.clientWidth,
    height,
    padding: [8, 16, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: {
        time: false,
        range: () => [(Date.now() - shown.current.spanMs) / 1000, Date.now() / 1000],
      },
      y: { range: (_, __, most) => [0, topOf(most, shown.current.limits)] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 26,
        splits: () => timesOf(shown.current.spanMs, element.clientWidth < 480 ? 2 : 5),
        values: (_, times) => times.map((time) => agoOf(time)),
      },
      {
        ...axis,
        grid: line,
        size: 84,
        splits: (_, __, ___, most) => [0, most / 4, most / 2, (most * 3) / 4, most],
        values: (_, rates) =>
          rates.map((rate) => (rate === 0 ? '0' : formatRate(Math.round(rate)))),
      },
    ],
    series: [
      {},
      {
        stroke: colour('--down'),
        width: 2,
        fill: `color-mix(in srgb, ${colour('--down')} 14%, transparent)`,
        points: { show: false },
      },
      // Told apart without colour too.
      { stroke: colour('--up'), width: 2, dash: [6, 3], points: { show: false } },
    ],
    hooks: {
      draw: [
        (drawn) => {
          for (const limit of shown.current.limits)
            drawLimit(drawn, limit, colour(`--${limit.kind}`))
        },
      ],
    },
  }
}

function drawLimit(drawn: uPlot, { rate, isIdle }: RateLimit, colour: string): void {
  const { ctx, bbox } = drawn
  const y = Math.round(drawn.valToPos(rate, 'y', true)) + 0.5
  if (y < bbox.top || y > bbox.top + bbox.height) return
  ctx.save()
  ctx.strokeStyle = colour
  ctx.globalAlpha = isIdle ? 0.45 : 0.9
  ctx.lineWidth = devicePixelRatio
  ctx.setLineDash([2 * devicePixelRatio, 4 * devicePixelRatio])
  ctx.beginPath()
  ctx.moveTo(bbox.left, y)
  ctx.lineTo(bbox.left + bbox.width, y)
  ctx.stroke()
  ctx.restore()
}

/** The next round number above all speeds; limits are shown where that does not flatten everything else. */
function topOf(most: number | null, limits: readonly RateLimit[]): number {
  const seen = Math.max(most ?? 0, 16 * 1024)
  const near = limits.map(({ rate }) => rate).filter((rate) => rate <= seen * 3)
  return roundUp(Math.max(seen, ...near) * 1.05)
}

/** 1, 2, 4, 8 … of a unit, so that a quarter of it is a number that is easy to read. */
export function roundUp(rate: number): number {
  const unit = 1024 ** Math.floor(Math.log2(rate) / 10)
  let top = unit
  while (top < rate) top *= 2
  return top * 0.75 >= rate && top >= 4 * unit ? top * 0.75 : top
}

/** From the oldest to now, with that many equal parts between. */
function timesOf(spanMs: number, parts: number): number[] {
  const now = Date.now() / 1000
  return Array.from({ length: parts + 1 }, (_, part) => now - (1 - part / parts) * (spanMs / 1000))
}

function agoOf(time: number): string {
  const agoMs = Date.now() - time * 1000
  if (agoMs < 1_000) return strings.speedPlot.now
  // Whole minutes are all that stands on the axis.
  return formatDuration(Math.round(agoMs / 1000) * 1000).replace(/ 00 s$/, '')
}
