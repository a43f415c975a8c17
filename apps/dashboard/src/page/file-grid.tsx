/** The tree of files on the screen: only what is in sight is drawn, and every key of a tree works. */
import type { FilePriority } from '@pigeon/control/contract'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react'
import { FileRow } from './file-row.tsx'
import { type FileTree, type NodeSum, type TreeNode, visibleNodes } from './file-tree.ts'
import { strings } from './strings.ts'
import { useIsNarrow } from './use-media.ts'

const ROW_PX = 40
const TOUCH_ROW_PX = 52
const OVERSCAN = 10
/** Rows that Page Up and Page Down go. */
const PAGE_ROWS = 10
const PRIORITIES: readonly FilePriority[] = ['skip', 'low', 'normal', 'high']

interface FileGridProps {
  readonly tree: FileTree
  readonly sums: readonly NodeSum[]
  readonly open: ReadonlySet<string>
  readonly onOpen: (path: string, isOpen: boolean) => void
  readonly onPriority: (node: TreeNode, priority: FilePriority) => void
  readonly onRename: (node: TreeNode, name: string) => Promise<boolean>
}

export function FileGrid({ tree, sums, open, onOpen, onPriority, onRename }: FileGridProps) {
  const scroller = useRef<HTMLDivElement>(null)
  const rows = useMemo(() => visibleNodes(tree, open), [tree, open])
  const [at, setAt] = useState(0)
  const [isMoving, setMoving] = useState(false)
  const [renaming, setRenaming] = useState<number | null>(null)
  const current = Math.min(at, rows.length - 1)
  const rowPx = useIsNarrow() ? TOUCH_ROW_PX : ROW_PX
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    overscan: OVERSCAN,
  })
  useEffect(() => virtualizer.measure(), [virtualizer, rowPx])
  useEffect(() => {
    if (!isMoving) return
    scroller.current?.querySelector<HTMLElement>(`[aria-rowindex="${current + 2}"]`)?.focus()
    setMoving(false)
  }, [isMoving, current])
  const go = (index: number): void => {
    const next = Math.max(0, Math.min(index, rows.length - 1))
    virtualizer.scrollToIndex(next)
    setAt(next)
    setMoving(true)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const node = rows[current]
    // Keys within a field of a row are its own.
    const isRow = event.target instanceof Element && event.target.getAttribute('role') === 'row'
    if (node === undefined || !isRow || event.ctrlKey || event.metaKey || event.altKey) return
    const act = actionOf(event.key, { node, rows, current, open, sum: sums[node.number] })
    if (act === null) return
    event.preventDefault()
    event.stopPropagation()
    if (act.kind === 'go') go(act.index)
    else if (act.kind === 'open') onOpen(node.path, act.isOpen)
    else if (act.kind === 'priority') onPriority(node, act.priority)
    else setRenaming(node.number)
  }
  const words = strings.files
  return (
    <div
      ref={scroller}
      className="file-rows"
      role="treegrid"
      aria-label={words.label}
      aria-rowcount={rows.length + 1}
      aria-describedby="files-hint"
      onKeyDown={onKeyDown}
    >
      <p id="files-hint" hidden>
        {words.hint}
      </p>
      <div role="row" aria-rowindex={1} className="file-row file-row-head">
        <span role="columnheader" className="file-cell-name">
          {words.columns.name}
        </span>
        <span role="columnheader" className="file-size">
          {words.columns.size}
        </span>
        <span role="columnheader" className="file-done">
          {words.columns.done}
        </span>
        <span role="columnheader" className="file-priority">
          {words.columns.priority}
        </span>
      </div>
      <div
        role="presentation"
        className="rows-inner"
        style={{ height: virtualizer.getTotalSize() }}
      >
        {virtualizer.getVirtualItems().map((item) => {
          const node = rows[item.index]
          const sum = node === undefined ? undefined : sums[node.number]
          if (node === undefined || sum === undefined) return null
          return (
            <FileRow
              key={node.number}
              node={node}
              sum={sum}
              siblingCount={siblingsOf(tree, node)}
              rowIndex={item.index + 2}
              topPx={item.start}
              isCurrent={item.index === current}
              isOpen={node.children === null ? null : open.has(node.path)}
              isRenaming={renaming === node.number}
              onFocus={() => setAt(item.index)}
              onOpen={(isOpen) => onOpen(node.path, isOpen)}
              onPriority={(priority) => onPriority(node, priority)}
              onRename={() => setRenaming(node.number)}
              onRenamed={async (name) => {
                const isDone = name === null || (await onRename(node, name))
                if (!isDone) return
                setRenaming(null)
                go(item.index)
              }}
            />
          )
        })}
      </div>
    </div>
  )
}

interface Place {
  readonly node: TreeNode
  readonly rows: readonly TreeNode[]
  readonly current: number
  readonly open: ReadonlySet<string>
  readonly sum: NodeSum | undefined
}

type Act =
  | { readonly kind: 'go'; readonly index: number }
  | { readonly kind: 'open'; readonly isOpen: boolean }
  | { readonly kind: 'priority'; readonly priority: FilePriority }
  | { readonly kind: 'rename' }

/** What a key means on a row, as trees have it everywhere. */
function actionOf(key: string, { node, rows, current, open, sum }: Place): Act | null {
  const go = (index: number): Act => ({ kind: 'go', index })
  const isFolder = node.children !== null
  const isOpen = open.has(node.path)
  switch (key) {
    case 'ArrowDown':
      return go(current + 1)
    case 'ArrowUp':
      return go(current - 1)
    case 'Home':
      return go(0)
    case 'End':
      return go(rows.length - 1)
    case 'PageDown':
      return go(current + PAGE_ROWS)
    case 'PageUp':
      return go(current - PAGE_ROWS)
    case 'ArrowRight':
      if (!isFolder) return null
      return isOpen ? go(current + 1) : { kind: 'open', isOpen: true }
    case 'ArrowLeft':
      if (isFolder && isOpen) return { kind: 'open', isOpen: false }
      return go(rows.findIndex(({ number }) => number === node.parent))
    case 'Enter':
      return isFolder ? { kind: 'open', isOpen: !isOpen } : null
    case ' ':
      return { kind: 'priority', priority: sum?.wantedCount === 0 ? 'normal' : 'skip' }
    case '+':
    case '-':
      return { kind: 'priority', priority: stepped(sum, key === '+' ? 1 : -1) }
    case 'F2':
      return { kind: 'rename' }
    default:
      return null
  }
}

function stepped(sum: NodeSum | undefined, by: 1 | -1): FilePriority {
  const before = sum === undefined || sum.priority === 'mixed' ? 'normal' : sum.priority
  const next = PRIORITIES.indexOf(before) + by
  return PRIORITIES[Math.max(0, Math.min(next, PRIORITIES.length - 1))] ?? before
}

function siblingsOf(tree: FileTree, { parent }: TreeNode): number {
  const siblings = parent === null ? tree.tops : tree.nodes[parent]?.children
  return siblings?.length ?? 1
}
