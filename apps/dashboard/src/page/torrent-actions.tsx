/** What can be done with one torrent: the menu of a row and of the details. */
import type { TorrentSummary } from '@pigeon/control/contract'
import { DropdownMenu } from 'radix-ui'
import { getDetail, getMetainfo } from './api.ts'
import { copyText, saveBlob } from './hand-over.ts'
import { IconButton } from './icon-button.tsx'
import { Icon, type IconName } from './icons.tsx'
import { magnetOf } from './magnet-of.ts'
import { overlayPlace } from './overlay-place.ts'
import { endSession, openDialog, runAndTell, tell } from './store.ts'
import { strings } from './strings.ts'

export function isStopped(torrent: TorrentSummary): boolean {
  return torrent.state === 'paused' || torrent.state === 'error'
}

export function togglePause(torrent: TorrentSummary): void {
  void runAndTell({ do: isStopped(torrent) ? 'resume' : 'pause', ids: [torrent.id] })
}

export async function saveTorrentFile(torrent: TorrentSummary): Promise<void> {
  const answer = await getMetainfo(torrent.id)
  if (answer.kind === 'logged-out') endSession('ended')
  else if (answer.kind === 'problem') tell('bad', answer.problem.message, answer.problem.help)
  else if (answer.value === null)
    tell('bad', strings.failed.noMetainfo, strings.failed.noMetainfoHelp)
  else saveBlob(answer.value, `${torrent.name.slice(0, 100)}.torrent`)
}

/** The node's own link has the trackers in it; when it cannot be had, the short one does too. */
async function copyMagnet(torrent: TorrentSummary): Promise<void> {
  const answer = await getDetail(torrent.id)
  const magnet = answer.kind === 'ok' ? answer.value?.magnet : undefined
  await copyText(magnet ?? magnetOf(torrent))
}

export function PauseButton({ torrent }: { torrent: TorrentSummary }) {
  const { pauseNamed, resumeNamed } = strings.list
  const { pause, resume } = strings.actions
  const stopped = isStopped(torrent)
  return (
    <IconButton
      icon={stopped ? 'play' : 'pause'}
      label={stopped ? resumeNamed(torrent.name) : pauseNamed(torrent.name)}
      hint={stopped ? resume : pause}
      onClick={(event) => {
        event.stopPropagation()
        togglePause(torrent)
      }}
    />
  )
}

export function TorrentMenu({ torrent }: { torrent: TorrentSummary }) {
  const { actions: list } = strings
  const ids = [torrent.id]
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>
        <button
          type="button"
          className="icon-button"
          aria-label={strings.list.actionsFor(torrent.name)}
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
          onClick={(event) => event.stopPropagation()}
        >
          <Item icon={isStopped(torrent) ? 'play' : 'pause'} onSelect={() => togglePause(torrent)}>
            {isStopped(torrent) ? list.resume : list.pause}
          </Item>
          <Item icon="scan" onSelect={() => void runAndTell({ do: 'recheck', ids })}>
            {list.recheck}
          </Item>
          <Item icon="clock" onSelect={() => void runAndTell({ do: 'reannounce', ids })}>
            {list.reannounce}
          </Item>
          <DropdownMenu.CheckboxItem
            className="menu-item"
            checked={torrent.isSequential}
            onCheckedChange={(isSequential) =>
              void runAndTell({ do: 'set-sequential', ids, isSequential })
            }
          >
            <span className="menu-icon">
              <DropdownMenu.ItemIndicator>
                <Icon name="check" />
              </DropdownMenu.ItemIndicator>
            </span>
            {list.sequential}
          </DropdownMenu.CheckboxItem>
          <DropdownMenu.Separator className="menu-line" />
          <Item icon="magnet" onSelect={() => void copyMagnet(torrent)}>
            {list.copyMagnet}
          </Item>
          <Item icon="file" onSelect={() => void saveTorrentFile(torrent)}>
            {list.saveTorrent}
          </Item>
          <DropdownMenu.Separator className="menu-line" />
          <Item icon="trash" tone="danger" onSelect={() => openDialog({ kind: 'remove', ids })}>
            {list.remove}
          </Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}

interface ItemProps {
  readonly icon: IconName
  readonly tone?: 'danger'
  readonly onSelect: () => void
  readonly children: string
}

function Item({ icon, tone, onSelect, children }: ItemProps) {
  return (
    <DropdownMenu.Item className="menu-item" data-tone={tone} onSelect={onSelect}>
      <span className="menu-icon">
        <Icon name={icon} />
      </span>
      {children}
    </DropdownMenu.Item>
  )
}
