/** All actions as the items of a menu: the same for the menu of a row, of the details, of the selection and the right click. */
import type { TorrentSummary } from '@pigeon/control/contract'
import type { DropdownMenu } from 'radix-ui'
import { type ReactNode, useState } from 'react'
import {
  askToRename,
  copyMagnets,
  copyNames,
  isStopped,
  moveInQueue,
  resume,
  runFor,
  saveTorrentFiles,
  setCategory,
  setSequential,
  torrentsOf,
} from './actions.ts'
import { Icon, type IconName } from './icons.tsx'
import { overlayPlace } from './overlay-place.ts'
import { openDialog, useStore } from './store.ts'
import { strings } from './strings.ts'

/** Both kinds of menu of Radix are made of the same parts. */
export type MenuParts = Pick<
  typeof DropdownMenu,
  | 'Item'
  | 'CheckboxItem'
  | 'RadioGroup'
  | 'RadioItem'
  | 'ItemIndicator'
  | 'Portal'
  | 'Separator'
  | 'Sub'
  | 'SubTrigger'
  | 'SubContent'
>

interface ActionItemsProps {
  readonly parts: MenuParts
  readonly ids: readonly string[]
}

export function ActionItems({ parts, ids }: ActionItemsProps) {
  // As they were when the menu opened: items that change under the pointer are pressed by mistake.
  const [torrents] = useState(() => torrentsOf(ids))
  const { actions } = strings
  const item = (icon: IconName, words: string, onSelect: () => void, tone?: 'danger') => (
    <parts.Item className="menu-item" data-tone={tone} onSelect={onSelect}>
      <MenuIcon name={icon} />
      {words}
    </parts.Item>
  )
  const line = <parts.Separator className="menu-line" />
  return (
    <>
      {torrents.some(isStopped) && item('play', actions.resume, () => resume(ids))}
      {!torrents.every(isStopped) && item('pause', actions.pause, () => runFor('pause', ids))}
      {torrents.some((each) => !each.isForced) &&
        item('force', actions.force, () => resume(ids, true))}
      {torrents.some((each) => each.isForced) &&
        item('list', actions.unforce, () => resume(ids, false))}
      <QueueItems parts={parts} ids={ids} />
      {line}
      <CategoryItems parts={parts} ids={ids} torrents={torrents} />
      {item('tag', actions.tags, () => openDialog({ kind: 'tags', ids }))}
      {item('gauge', actions.limits, () => openDialog({ kind: 'limits', ids }))}
      <parts.CheckboxItem
        className="menu-item"
        checked={torrents.every((each) => each.isSequential)}
        onCheckedChange={(isOn) => setSequential(ids, isOn)}
      >
        <span className="menu-icon">
          <parts.ItemIndicator>
            <Icon name="check" />
          </parts.ItemIndicator>
        </span>
        {actions.sequential}
      </parts.CheckboxItem>
      {line}
      {item('folder', actions.move, () => openDialog({ kind: 'move', ids }))}
      {item('pen', actions.rename, () => askToRename(ids))}
      {item('scan', actions.recheck, () => runFor('recheck', ids))}
      {item('clock', actions.reannounce, () => runFor('reannounce', ids))}
      {line}
      {item(
        'magnet',
        ids.length > 1 ? actions.copyMagnets : actions.copyMagnet,
        () => void copyMagnets(ids),
      )}
      {item('copy', actions.copyName, () => void copyNames(ids))}
      {item('file', actions.saveTorrent, () => void saveTorrentFiles(ids))}
      {line}
      {item(
        'trash',
        actions.remove,
        () => openDialog({ kind: 'remove', ids, deleteData: false }),
        'danger',
      )}
    </>
  )
}

function QueueItems({ parts, ids }: ActionItemsProps) {
  const { actions } = strings
  const steps = [
    ['top', 'first', actions.queueTop],
    ['up', 'up', actions.queueUp],
    ['down', 'down', actions.queueDown],
    ['bottom', 'last', actions.queueBottom],
  ] as const
  return (
    <SubMenu parts={parts} icon="queue" words={actions.queue}>
      {steps.map(([to, icon, words]) => (
        <parts.Item key={to} className="menu-item" onSelect={() => moveInQueue(ids, to)}>
          <MenuIcon name={icon} />
          {words}
        </parts.Item>
      ))}
    </SubMenu>
  )
}

interface CategoryItemsProps extends ActionItemsProps {
  readonly torrents: readonly TorrentSummary[]
}

function CategoryItems({ parts, ids, torrents }: CategoryItemsProps) {
  const categories = useStore((state) => state.feed.session?.categories) ?? []
  const { actions } = strings
  const [first] = torrents
  const isSame = torrents.every((each) => each.category === first?.category)
  const row = (value: string, words: string) => (
    <parts.RadioItem key={value} className="menu-item" value={value}>
      <span className="menu-icon">
        <parts.ItemIndicator>
          <Icon name="check" />
        </parts.ItemIndicator>
      </span>
      <span className="menu-words" dir="auto">
        {words}
      </span>
    </parts.RadioItem>
  )
  return (
    <SubMenu parts={parts} icon="category" words={actions.category}>
      <parts.RadioGroup
        {...(isSame ? { value: first?.category ?? '' } : {})}
        onValueChange={(name) => setCategory(ids, name === '' ? null : name)}
      >
        {row('', actions.noCategory)}
        {categories.map(({ name }) => row(name, name))}
      </parts.RadioGroup>
      <parts.Separator className="menu-line" />
      <parts.Item className="menu-item" onSelect={() => openDialog({ kind: 'category', ids })}>
        <MenuIcon name="plus" />
        {actions.newCategory}
      </parts.Item>
    </SubMenu>
  )
}

interface SubMenuProps {
  readonly parts: MenuParts
  readonly icon: IconName
  readonly words: string
  readonly children: ReactNode
}

function SubMenu({ parts, icon, words, children }: SubMenuProps) {
  return (
    <parts.Sub>
      <parts.SubTrigger className="menu-item">
        <MenuIcon name={icon} />
        {words}
        <Icon name="forward" className="menu-more" />
      </parts.SubTrigger>
      <parts.Portal container={overlayPlace()}>
        <parts.SubContent className="menu" collisionPadding={8} sideOffset={2}>
          {children}
        </parts.SubContent>
      </parts.Portal>
    </parts.Sub>
  )
}

function MenuIcon({ name }: { name: IconName }) {
  return (
    <span className="menu-icon">
      <Icon name={name} />
    </span>
  )
}
