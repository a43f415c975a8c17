/** How fast everything went in the last minutes, with the limits that hold. */
import type { SessionSummary } from '@pigeon/control/contract'
import { formatRate } from '@pigeon/control/units'
import { lazy, Suspense, useMemo, useState } from 'react'
import { Icon } from './icons.tsx'
import { type RateColumns, type RateHistory, summaryOf } from './rate-history.ts'
import type { RateLimit } from './rate-plot.tsx'
import { useStore } from './store.ts'
import { strings } from './strings.ts'
import { SESSION_RATES, useEverySecond, useSessionRates } from './use-rates.ts'
import { useIsNarrow } from './use-media.ts'

const RatePlot = lazy(() => import('./rate-plot.tsx').then((part) => ({ default: part.RatePlot })))

const SPANS = { minutes: 10 * 60_000, hour: 60 * 60_000 } as const
type Span = keyof typeof SPANS

const PLOT_PX = 132
const OPEN_NAME = 'pigeon-speed-panel'

/** A panel for the frame: closed it is one line, and costs no script. Remembers whether it was open. */
export function SpeedPanel() {
  useSessionRates()
  const isNarrow = useIsNarrow()
  const [isOpen, setOpen] = useState(() => localStorage.getItem(OPEN_NAME) === 'open')
  const words = strings.speedPlot
  const toggle = (): void => {
    localStorage.setItem(OPEN_NAME, isOpen ? 'closed' : 'open')
    setOpen(!isOpen)
  }
  if (isNarrow) return null
  return (
    <section className="speed-panel" data-open={isOpen} aria-label={words.title}>
      <button
        type="button"
        className="speed-toggle"
        aria-expanded={isOpen}
        title={isOpen ? words.hide : words.show}
        onClick={toggle}
      >
        <Icon name={isOpen ? 'down' : 'up'} />
        {words.title}
      </button>
      {isOpen && <SpeedOverTime history={SESSION_RATES} heightPx={PLOT_PX} />}
    </section>
  )
}

interface SpeedOverTimeProps {
  readonly history: RateHistory
  readonly heightPx: number
  /** Those of the session when absent. */
  readonly limits?: readonly RateLimit[]
}

/** The plot with its choice of time, its legend, and the same in words. */
export function SpeedOverTime({ history, heightPx, limits }: SpeedOverTimeProps) {
  const [span, setSpan] = useState<Span>('minutes')
  const session = useStore((state) => state.feed.session)
  const turn = useEverySecond()
  const words = strings.speedPlot
  const spanMs = SPANS[span]
  // What is new shows once a second.
  const columns = useMemo(() => history.since(Date.now() - spanMs), [history, spanMs, turn])
  const lines = useMemo(() => limits ?? limitsOf(session), [limits, session])
  const text = textOf(columns, lines)
  return (
    <div className="speed-plot">
      <div className="speed-head">
        <ul className="speed-legend" aria-hidden="true">
          <li className="legend-line legend-line-down">{words.down}</li>
          <li className="legend-line legend-line-up">{words.up}</li>
          {lines.map((limit) => (
            <li
              key={`${limit.kind} ${limit.isIdle} ${limit.rate}`}
              className={`legend-line legend-limit legend-limit-${limit.kind}`}
              data-idle={limit.isIdle}
            >
              {nameOf(limit)} {formatRate(limit.rate)}
            </li>
          ))}
        </ul>
        <div className="segments" role="group" aria-label={words.span}>
          {(['minutes', 'hour'] as const).map((each) => (
            <button
              key={each}
              type="button"
              className="segment"
              aria-pressed={span === each}
              onClick={() => setSpan(each)}
            >
              {words[each]}
            </button>
          ))}
        </div>
      </div>
      <Suspense fallback={<div className="plot" style={{ height: heightPx }} />}>
        <RatePlot
          columns={columns}
          spanMs={spanMs}
          limits={lines}
          heightPx={heightPx}
          label={words.label(words[span])}
        />
      </Suspense>
      <p className="hidden-label">{text}</p>
    </div>
  )
}

function textOf(columns: RateColumns, limits: readonly RateLimit[]): string {
  const words = strings.speedPlot
  const [times, down, up] = columns
  if (times.length === 0) return words.nothing
  const told = ([name, rates]: readonly [string, readonly number[]]): string => {
    const { now, mean, most } = summaryOf(rates)
    return words.text(name, formatRate(now), formatRate(Math.round(mean)), formatRate(most))
  }
  const ofLimits = limits.map((limit) => words.limit(nameOf(limit), formatRate(limit.rate)))
  return [told([words.down, down]), told([words.up, up]), ...ofLimits].join(' ')
}

function nameOf({ kind, isIdle }: RateLimit): string {
  const words = strings.speedPlot
  if (isIdle) return kind === 'down' ? words.altDown : words.altUp
  return kind === 'down' ? words.downLimit : words.upLimit
}

/** Those that hold now, and fainter the alternative ones while they are off. */
export function limitsOf(session: SessionSummary | null): readonly RateLimit[] {
  if (session === null) return []
  const { alternative, downLimit, upLimit } = session
  const held = alternative.isOn ? [alternative.down, alternative.up] : [downLimit, upLimit]
  const idle = alternative.isOn ? [] : [alternative.down, alternative.up]
  return [
    ...limitPair(held, false),
    // Without a schedule nothing will switch them on but the user.
    ...(alternative.schedule === null ? [] : limitPair(idle, true)),
  ]
}

function limitPair(rates: readonly (number | null)[], isIdle: boolean): readonly RateLimit[] {
  const [down = null, up = null] = rates
  return [
    ...(down === null ? [] : [{ kind: 'down' as const, rate: down, isIdle }]),
    ...(up === null ? [] : [{ kind: 'up' as const, rate: up, isIdle }]),
  ]
}
