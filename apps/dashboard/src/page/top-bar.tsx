import { formatRate } from '@pigeon/control/units'
import { DropdownMenu } from 'radix-ui'
import { useMemo } from 'react'
import { logout } from './api.ts'
import { IconButton } from './icon-button.tsx'
import { Icon, Mark } from './icons.tsx'
import { countStates, STATUS_FILTERS } from './list-view.ts'
import { overlayPlace } from './overlay-place.ts'
import { endSession, offerToAdd, openDialog, setView, useStore } from './store.ts'
import { strings } from './strings.ts'

export function TopBar() {
  const { bar } = strings
  return (
    <header className="top-bar">
      <h1 className="brand">
        <Mark />
        <span className="brand-name">{strings.product}</span>
      </h1>
      <Search />
      <div className="bar-actions">
        <button
          type="button"
          className="button button-primary"
          title={bar.addHint}
          onClick={() => offerToAdd('', [])}
        >
          <Icon name="plus" />
          {bar.add}
        </button>
        <button
          type="button"
          className="button"
          title={bar.shareHint}
          onClick={() => openDialog({ kind: 'share' })}
        >
          <Icon name="share" />
          {bar.share}
        </button>
        <MoreMenu />
      </div>
    </header>
  )
}

function Search() {
  const text = useStore((state) => state.view.text)
  const { placeholder: search, clear: clearSearch } = strings.filter
  return (
    <div className="search">
      <Icon name="search" />
      <input
        type="search"
        className="search-input"
        aria-label={search}
        placeholder={search}
        value={text}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => setView({ text: event.target.value })}
        onKeyDown={(event) => event.key === 'Escape' && setView({ text: '' })}
      />
      {text !== '' && (
        <IconButton icon="close" label={clearSearch} onClick={() => setView({ text: '' })} />
      )}
    </div>
  )
}

function MoreMenu() {
  const leave = async (): Promise<void> => {
    await logout()
    endSession('out')
  }
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>
        <button type="button" className="icon-button" aria-label={strings.bar.more}>
          <Icon name="more" />
        </button>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal container={overlayPlace()}>
        <DropdownMenu.Content className="menu" align="end" sideOffset={4} collisionPadding={8}>
          <DropdownMenu.Item className="menu-item" onSelect={() => void leave()}>
            <span className="menu-icon">
              <Icon name="exit" />
            </span>
            {strings.bar.logout}
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}

/** Which states are shown, how many there are of each, and how fast everything goes. */
export function StateBar() {
  const torrents = useStore((state) => state.feed.torrents)
  const shown = useStore((state) => state.view.state)
  const counts = useMemo(() => countStates(torrents.values()), [torrents])
  return (
    <div className="state-bar">
      <div className="chips" role="group" aria-label={strings.filter.status}>
        {STATUS_FILTERS.filter((state) => state !== 'error' || counts.error > 0).map((state) => (
          <button
            key={state}
            type="button"
            className="chip"
            data-tone={state}
            aria-pressed={shown === state}
            onClick={() => setView({ state })}
          >
            {strings.statuses[state]}
            <span className="chip-count">{counts[state]}</span>
          </button>
        ))}
      </div>
      <Rates />
    </div>
  )
}

function Rates() {
  const down = useStore((state) => state.feed.session?.downRate ?? 0)
  const up = useStore((state) => state.feed.session?.upRate ?? 0)
  return (
    <dl className="rates">
      <div className="rate rate-down">
        <dt>
          <Icon name="down" />
          <span className="hidden-label">{strings.bar.down}</span>
        </dt>
        <dd>{formatRate(down)}</dd>
      </div>
      <div className="rate rate-up">
        <dt>
          <Icon name="up" />
          <span className="hidden-label">{strings.bar.up}</span>
        </dt>
        <dd>{formatRate(up)}</dd>
      </div>
    </dl>
  )
}
