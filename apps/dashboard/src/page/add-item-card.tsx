/** One thing that will be added, with what is known of it, and its files to choose from. */
import type { TorrentPreview } from '@pigeon/control/contract'
import { Collapsible } from 'radix-ui'
import { useState } from 'react'
import type { AddItem } from './add-items.ts'
import { IconButton } from './icon-button.tsx'
import { Icon } from './icons.tsx'
import { strings } from './strings.ts'
import type { PreviewState } from './use-previews.ts'
import { WantTree, wantedOf } from './want-tree.tsx'

interface AddItemCardProps {
  readonly item: AddItem
  readonly state: PreviewState | undefined
  readonly unwanted: ReadonlySet<number>
  /** The only one: its files are shown at once. */
  readonly isAlone: boolean
  readonly onUnwanted: (unwanted: ReadonlySet<number>) => void
  readonly onDrop: () => void
}

export function AddItemCard(props: AddItemCardProps) {
  const { item, state, isAlone, onDrop } = props
  const preview = state?.kind === 'known' ? state.preview : null
  const name = preview?.name ?? item.label
  const hasChoice = preview !== null && preview.files.length > 1
  const [isOpen, setOpen] = useState<boolean | null>(null)
  return (
    <li className="add-item">
      <Collapsible.Root open={hasChoice && (isOpen ?? isAlone)} onOpenChange={setOpen}>
        <div className="add-item-head">
          <Icon name={item.kind === 'magnet' ? 'magnet' : 'file'} />
          <div className="add-item-words">
            <span className="add-item-name" dir="auto" title={name}>
              {name}
            </span>
            <AddItemFacts {...props} />
          </div>
          {hasChoice && (
            <Collapsible.Trigger className="button button-small">
              {strings.add.tree}
            </Collapsible.Trigger>
          )}
          <IconButton icon="close" label={strings.add.removeFile(name)} onClick={onDrop} />
        </div>
        {preview !== null && (
          <Collapsible.Content>
            <Files preview={preview} {...props} />
          </Collapsible.Content>
        )}
      </Collapsible.Root>
    </li>
  )
}

function Files({ preview, unwanted, onUnwanted }: AddItemCardProps & { preview: TorrentPreview }) {
  return <WantTree files={preview.files} unwanted={unwanted} onChange={onUnwanted} isToldAbove />
}

function AddItemFacts({ item, state, unwanted }: AddItemCardProps) {
  const { add } = strings
  if (state?.kind === 'problem')
    return (
      <span className="add-item-problem" role="alert">
        {state.problem.message} {state.problem.help}
      </span>
    )
  if (state?.kind === 'known') {
    const { files, isKnown, isPrivate } = state.preview
    return (
      <span className="add-item-facts">
        <span role="status">{wantedOf(files, unwanted)}</span>
        {isPrivate && <span className="badge">{add.private}</span>}
        {isKnown && <span className="badge badge-warn">{add.known}</span>}
      </span>
    )
  }
  const words = item.kind === 'magnet' ? add.magnet : item.kind === 'url' ? add.address : null
  return <span className="add-item-facts">{words ?? add.reading}</span>
}
