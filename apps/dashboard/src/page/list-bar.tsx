/** Over the list: what is shown or selected, how fast everything goes, and how the list looks. */
import { formatLimit, formatRate } from '@pigeon/control/units'
import { Popover } from 'radix-ui'
import { lazy, Suspense } from 'react'
import { IconButton } from './icon-button.tsx'
import { Icon } from './icons.tsx'
import { countChoices } from './list-view.ts'
import { useView } from './navigation.ts'
import { overlayPlace } from './overlay-place.ts'
import { SelectionBar } from './selection-bar.tsx'
import { openDialog, runAndTell, useStore } from './store.ts'
import { strings } from './strings.ts'
import { useIsNarrow, useIsRoomy } from './use-media.ts'
import { useShown } from './use-shown.ts'

const ListLook = lazy(() => import('./list-look.tsx').then((part) => ({ default: part.ListLook })))

export function ListBar() {
  const selected = useStore((state) => state.selection.ids)
  return (
    <div className="list-bar">
      {selected.size > 0 ? <SelectionBar ids={[...selected]} /> : <Shown />}
      <Rates />
    </div>
  )
}

function Shown() {
  const shown = useShown()
  const all = useStore((state) => state.feed.torrents.size)
  const isRoomy = useIsRoomy()
  const isNarrow = useIsNarrow()
  return (
    <div className="list-shown">
      {!isRoomy && <FilterButton />}
      {!isNarrow && <LookButton />}
      <span className="shown-count" role="status">
        {strings.list.shown(shown.length, all)}
      </span>
    </div>
  )
}

function FilterButton() {
  const active = countChoices(useView())
  const { filter } = strings
  return (
    <button
      type="button"
      className="button"
      data-on={active > 0}
      aria-label={active > 0 ? filter.openCount(active) : filter.open}
      onClick={() => openDialog({ kind: 'filters' })}
    >
      <Icon name="filter" />
      {filter.open}
      {active > 0 && <span className="button-count">{active}</span>}
    </button>
  )
}

function LookButton() {
  return (
    <Popover.Root>
      <Popover.Trigger asChild>
        <IconButton icon="columns" label={strings.list.view} />
      </Popover.Trigger>
      <Popover.Portal container={overlayPlace()}>
        <Popover.Content
          className="popover"
          align="start"
          sideOffset={4}
          collisionPadding={8}
          aria-label={strings.list.view}
        >
          <Suspense fallback={<p>{strings.loading}</p>}>
            <ListLook />
          </Suspense>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}

function Rates() {
  const down = useStore((state) => state.feed.session?.downRate ?? 0)
  const up = useStore((state) => state.feed.session?.upRate ?? 0)
  const session = useStore((state) => state.feed.session)
  const alternative = session?.alternative
  const isSlow = alternative?.isOn === true
  return (
    <dl className="rates">
      <SlowSwitch />
      <Rate
        direction="down"
        words={strings.bar.down}
        rate={down}
        limit={isSlow ? alternative.down : (session?.downLimit ?? null)}
      />
      <Rate
        direction="up"
        words={strings.bar.up}
        rate={up}
        limit={isSlow ? alternative.up : (session?.upLimit ?? null)}
      />
    </dl>
  )
}

interface RateProps {
  readonly direction: 'down' | 'up'
  readonly words: string
  readonly rate: number
  readonly limit: number | null
}

function Rate({ direction, words, rate, limit }: RateProps) {
  return (
    <div className={`rate rate-${direction}`}>
      <dt>
        <Icon name={direction} />
        <span className="hidden-label">{words}</span>
      </dt>
      <dd>
        {formatRate(rate)}
        {limit !== null && (
          <span className="rate-limit">{strings.bar.limitedTo(formatLimit(limit))}</span>
        )}
      </dd>
    </div>
  )
}

function SlowSwitch() {
  const alternative = useStore((state) => state.feed.session?.alternative)
  if (alternative === undefined) return null
  const words = [alternative.down, alternative.up].map((limit) =>
    limit === null ? strings.unlimited : formatRate(limit),
  )
  const [down = '', up = ''] = words
  const { slow, slowOn, slowOff } = strings.bar
  return (
    <div className="slow">
      <dt className="hidden-label">{slow}</dt>
      <dd>
        <IconButton
          icon="gauge"
          label={slow}
          hint={alternative.isOn ? slowOn(down, up) : slowOff(down, up)}
          aria-pressed={alternative.isOn}
          onClick={() => void runAndTell({ do: 'set-session', isAlternativeOn: !alternative.isOn })}
        />
      </dd>
    </div>
  )
}
