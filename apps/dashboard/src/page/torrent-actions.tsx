/** The ways to the actions: the buttons of a row and of the details, and the menu of a right click or a long touch. */
import type { TorrentSummary } from '@pigeon/control/contract'
import { ContextMenu, DropdownMenu } from 'radix-ui'
import { ActionItems } from './action-items.tsx'
import { isStopped, togglePause } from './actions.ts'
import { IconButton } from './icon-button.tsx'
import { Icon } from './icons.tsx'
import { overlayPlace } from './overlay-place.ts'
import { useStore } from './store.ts'
import { strings } from './strings.ts'

interface TorrentButtonProps {
  readonly torrent: TorrentSummary
  /** Whether the Tab key reaches it; true when absent. */
  readonly isTabStop?: boolean
}

export function PauseButton({ torrent, isTabStop = true }: TorrentButtonProps) {
  const { pauseNamed, resumeNamed } = strings.list
  const { pause, resume } = strings.actions
  const stopped = isStopped(torrent)
  return (
    <IconButton
      icon={stopped ? 'play' : 'pause'}
      label={stopped ? resumeNamed(torrent.name) : pauseNamed(torrent.name)}
      hint={stopped ? resume : pause}
      tabIndex={isTabStop ? 0 : -1}
      onClick={(event) => {
        event.stopPropagation()
        togglePause(torrent)
      }}
    />
  )
}

export function TorrentMenu({ torrent, isTabStop = true }: TorrentButtonProps) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>
        <button
          type="button"
          className="icon-button"
          aria-label={strings.list.actionsFor(torrent.name)}
          tabIndex={isTabStop ? 0 : -1}
          onClick={(event) => event.stopPropagation()}
        >
          <Icon name="more" />
        </button>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal container={overlayPlace()}>
        <DropdownMenu.Content
          className="menu"
          align="end"
          sideOffset={4}
          collisionPadding={8}
          // In React's tree the menu is within the row: what happens in it is no business of the row.
          onClick={(event) => event.stopPropagation()}
          onKeyDown={(event) => event.stopPropagation()}
          onContextMenu={(event) => event.preventDefault()}
        >
          <ActionItems parts={DropdownMenu} ids={[torrent.id]} />
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}

/** Acts on the selection; a right click beside it has moved it first. */
export function ListContextMenu() {
  return (
    <ContextMenu.Portal container={overlayPlace()}>
      <ContextMenu.Content className="menu" collisionPadding={8}>
        <SelectionItems />
      </ContextMenu.Content>
    </ContextMenu.Portal>
  )
}

function SelectionItems() {
  const selected = useStore((state) => state.selection.ids)
  return <ActionItems parts={ContextMenu} ids={[...selected]} />
}
