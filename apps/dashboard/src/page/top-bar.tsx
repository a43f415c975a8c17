import { DropdownMenu } from 'radix-ui'
import { logout } from './api.ts'
import { FilterBox } from './filter-box.tsx'
import { Icon, type IconName, Mark } from './icons.tsx'
import { navigate } from './navigation.ts'
import { NodeSwitch } from './node-switch.tsx'
import { NewsButton } from './news-button.tsx'
import { overlayPlace } from './overlay-place.ts'
import { endSession, offerToAdd, openDialog } from './store.ts'
import { strings } from './strings.ts'

export function TopBar() {
  const { bar } = strings
  return (
    <header className="top-bar">
      <h1 className="brand">
        <Mark />
        <span className="brand-name">{strings.product}</span>
      </h1>
      <NodeSwitch />
      <FilterBox />
      <div className="bar-actions">
        <button
          type="button"
          className="button button-primary"
          title={bar.addHint}
          aria-keyshortcuts="a"
          onClick={() => offerToAdd('', [])}
        >
          <Icon name="plus" />
          {bar.add}
        </button>
        <button
          type="button"
          className="button"
          title={bar.shareHint}
          aria-keyshortcuts="s"
          onClick={() => openDialog({ kind: 'share' })}
        >
          <Icon name="share" />
          <span className="share-words">{bar.share}</span>
        </button>
        <NewsButton />
        <MoreMenu />
      </div>
    </header>
  )
}

function MoreMenu() {
  const { bar } = strings
  const leave = async (): Promise<void> => {
    await logout()
    endSession('out')
  }
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>
        <button type="button" className="icon-button" aria-label={bar.more}>
          <Icon name="more" />
        </button>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal container={overlayPlace()}>
        <DropdownMenu.Content className="menu" align="end" sideOffset={4} collisionPadding={8}>
          <Item icon="settings" onSelect={() => navigate({ view: 'settings' })}>
            {bar.settings}
          </Item>
          <Item icon="network" onSelect={() => navigate({ view: 'network' })}>
            {strings.network.open}
          </Item>
          <Item icon="keyboard" onSelect={() => openDialog({ kind: 'shortcuts' })}>
            {bar.shortcuts}
          </Item>
          <Item icon="help" onSelect={() => navigate({ view: 'about' })}>
            {bar.about}
          </Item>
          <DropdownMenu.Separator className="menu-line" />
          <Item icon="exit" onSelect={() => void leave()}>
            {bar.logout}
          </Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}

interface ItemProps {
  readonly icon: IconName
  readonly onSelect: () => void
  readonly children: string
}

function Item({ icon, onSelect, children }: ItemProps) {
  return (
    <DropdownMenu.Item className="menu-item" onSelect={onSelect}>
      <span className="menu-icon">
        <Icon name={icon} />
      </span>
      {children}
    </DropdownMenu.Item>
  )
}
