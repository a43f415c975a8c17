/** What can be done with the selected torrents; the most common beside each other, the rest in a menu. */
import { DropdownMenu, Toolbar } from 'radix-ui'
import { ActionItems } from './action-items.tsx'
import { isStopped, resume, runFor, torrentsOf } from './actions.ts'
import { IconButton } from './icon-button.tsx'
import { Icon } from './icons.tsx'
import { overlayPlace } from './overlay-place.ts'
import { clearSelection, openDialog, useStore } from './store.ts'
import { strings } from './strings.ts'

export function SelectionBar({ ids }: { ids: readonly string[] }) {
  const { actions, list } = strings
  // Asked for anew with every update, but drawn anew only when the answer is another.
  const isAllStopped = useStore(() => torrentsOf(ids).every(isStopped))
  return (
    <Toolbar.Root className="selection-bar" aria-label={list.selection}>
      <Toolbar.Button asChild>
        <IconButton icon="close" label={list.unselect} onClick={clearSelection} />
      </Toolbar.Button>
      <span className="selection-count" role="status">
        {list.selected(ids.length)}
      </span>
      <Toolbar.Separator className="bar-line" />
      <Toolbar.Button asChild>
        {isAllStopped ? (
          <IconButton icon="play" label={actions.resume} onClick={() => resume(ids)} />
        ) : (
          <IconButton icon="pause" label={actions.pause} onClick={() => runFor('pause', ids)} />
        )}
      </Toolbar.Button>
      <Toolbar.Button asChild>
        <IconButton
          icon="tag"
          label={actions.tags}
          onClick={() => openDialog({ kind: 'tags', ids })}
        />
      </Toolbar.Button>
      <Toolbar.Button asChild>
        <IconButton
          className="wide-only"
          icon="gauge"
          label={actions.limits}
          onClick={() => openDialog({ kind: 'limits', ids })}
        />
      </Toolbar.Button>
      <Toolbar.Button asChild>
        <IconButton
          className="wide-only"
          icon="folder"
          label={actions.move}
          onClick={() => openDialog({ kind: 'move', ids })}
        />
      </Toolbar.Button>
      <Toolbar.Button asChild>
        <IconButton
          icon="trash"
          label={actions.remove}
          onClick={() => openDialog({ kind: 'remove', ids, deleteData: false })}
        />
      </Toolbar.Button>
      <DropdownMenu.Root modal={false}>
        <Toolbar.Button asChild>
          <DropdownMenu.Trigger className="icon-button" aria-label={actions.more}>
            <Icon name="more" />
          </DropdownMenu.Trigger>
        </Toolbar.Button>
        <DropdownMenu.Portal container={overlayPlace()}>
          <DropdownMenu.Content className="menu" align="start" sideOffset={4} collisionPadding={8}>
            <ActionItems parts={DropdownMenu} ids={ids} />
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
    </Toolbar.Root>
  )
}
