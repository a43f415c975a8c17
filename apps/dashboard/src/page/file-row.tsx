import type { FilePriority } from '@pigeon/control/contract'
import { formatBytes, formatPercent } from '@pigeon/control/units'
import { useEffect, useRef } from 'react'
import type { NodeSum, TreeNode } from './file-tree.ts'
import { IconButton } from './icon-button.tsx'
import { Icon } from './icons.tsx'
import { strings } from './strings.ts'

const WANTED: readonly Exclude<FilePriority, 'skip'>[] = ['high', 'normal', 'low']
/** Deeper folders are not drawn further in: their names would have no room. */
const DEEPEST = 12

interface FileRowProps {
  readonly node: TreeNode
  readonly sum: NodeSum
  readonly siblingCount: number
  readonly rowIndex: number
  readonly topPx: number
  readonly isCurrent: boolean
  /** `null` for a file. */
  readonly isOpen: boolean | null
  readonly isRenaming: boolean
  readonly onFocus: () => void
  readonly onOpen: (isOpen: boolean) => void
  readonly onPriority: (priority: FilePriority) => void
  readonly onRename: () => void
  /** `null`: the name stays. */
  readonly onRenamed: (name: string | null) => Promise<void>
}

export function FileRow(props: FileRowProps) {
  const { node, sum, isOpen, isRenaming, onOpen } = props
  const words = strings.files
  const share = sum.lengthBytes === 0 ? 1 : sum.doneBytes / sum.lengthBytes
  return (
    <div
      className="file-row"
      role="row"
      aria-rowindex={props.rowIndex}
      aria-level={node.level}
      aria-posinset={node.place}
      aria-setsize={props.siblingCount}
      aria-expanded={isOpen ?? undefined}
      tabIndex={props.isCurrent ? 0 : -1}
      data-wanted={sum.wantedCount > 0}
      data-kind={isOpen === null ? 'file' : 'folder'}
      style={{ transform: `translateY(${props.topPx}px)` }}
      onFocus={props.onFocus}
      onDoubleClick={() => isOpen !== null && onOpen(!isOpen)}
    >
      <span
        role="gridcell"
        className="file-cell-name"
        style={{ paddingInlineStart: (Math.min(node.level, DEEPEST) - 1) * 18 }}
      >
        {isOpen === null ? (
          <span className="file-no-fold" />
        ) : (
          <button
            type="button"
            className="file-fold"
            tabIndex={-1}
            aria-label={isOpen ? words.shut(node.name) : words.open(node.name)}
            onClick={() => onOpen(!isOpen)}
          >
            <Icon name="right" />
          </button>
        )}
        <Tick {...props} />
        <Icon name={isOpen === null ? 'file' : 'folder'} className="file-icon" />
        {isRenaming ? (
          <NameField node={node} onRenamed={props.onRenamed} />
        ) : (
          <>
            <span className="file-name" dir="auto" title={node.path}>
              {node.name}
            </span>
            {isOpen !== null && <span className="file-count">{words.inFolder(sum.fileCount)}</span>}
            <IconButton
              className="file-rename"
              icon="pencil"
              tabIndex={props.isCurrent ? 0 : -1}
              label={words.rename(node.path)}
              onClick={props.onRename}
            />
          </>
        )}
      </span>
      <span role="gridcell" className="file-size">
        {formatBytes(sum.lengthBytes)}
      </span>
      <span role="gridcell" className="file-done">
        {formatPercent(share)}
      </span>
      <span role="gridcell" className="file-priority">
        <PrioritySelect {...props} />
      </span>
    </div>
  )
}

function Tick({ node, sum, isCurrent, onPriority }: FileRowProps) {
  const box = useRef<HTMLInputElement>(null)
  const isPartly = sum.wantedCount > 0 && sum.wantedCount < sum.fileCount
  useEffect(() => {
    if (box.current !== null) box.current.indeterminate = isPartly
  }, [isPartly])
  return (
    <input
      ref={box}
      type="checkbox"
      className="file-tick"
      tabIndex={isCurrent ? 0 : -1}
      checked={sum.wantedCount === sum.fileCount}
      aria-label={strings.files.want(node.path)}
      onChange={(event) => onPriority(event.target.checked ? 'normal' : 'skip')}
    />
  )
}

function PrioritySelect({ node, sum, isCurrent, onPriority }: FileRowProps) {
  const words = strings.files
  return (
    <select
      className="select"
      tabIndex={isCurrent ? 0 : -1}
      value={sum.priority}
      data-priority={sum.priority}
      aria-label={words.priorityOf(node.path)}
      onChange={(event) => {
        const priority = (['skip', ...WANTED] as const).find((each) => each === event.target.value)
        if (priority !== undefined) onPriority(priority)
      }}
    >
      {sum.priority === 'mixed' && (
        <option value="mixed" disabled>
          {words.mixed}
        </option>
      )}
      {WANTED.map((priority) => (
        <option key={priority} value={priority}>
          {words.priority[priority]}
        </option>
      ))}
      <option value="skip">{words.skip}</option>
    </select>
  )
}

interface NameFieldProps {
  readonly node: TreeNode
  readonly onRenamed: (name: string | null) => Promise<void>
}

/** Enter takes the name, Escape leaves it; so does leaving the field. */
function NameField({ node, onRenamed }: NameFieldProps) {
  const field = useRef<HTMLInputElement>(null)
  const isOver = useRef(false)
  useEffect(() => {
    const dot = node.fileIndex === null ? -1 : node.name.lastIndexOf('.')
    field.current?.focus()
    // Endings are rarely what one wants to change.
    field.current?.setSelectionRange(0, dot > 0 ? dot : node.name.length)
  }, [node])
  const end = (name: string | null): void => {
    if (isOver.current) return
    isOver.current = true
    void onRenamed(name === node.name ? null : name).then(() => {
      isOver.current = false
    })
  }
  return (
    <input
      ref={field}
      className="input file-rename-field"
      defaultValue={node.name}
      aria-label={strings.files.newName(node.path)}
      spellCheck={false}
      autoComplete="off"
      onKeyDown={(event) => {
        event.stopPropagation()
        if (event.key === 'Enter') end(event.currentTarget.value)
        else if (event.key === 'Escape') {
          event.preventDefault()
          end(null)
        }
      }}
      onBlur={() => end(null)}
    />
  )
}
