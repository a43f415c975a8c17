/** A tree of files to tick, of which only what is in sight exists. */
import { formatBytes } from '@pigeon/control/units'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useMemo, useRef, useState } from 'react'
import {
  buildTree,
  filesBelow,
  type NodeSum,
  sumTree,
  type TreeNode,
  visibleNodes,
} from './file-tree.ts'
import { Icon } from './icons.tsx'
import { strings } from './strings.ts'

export interface WantFile {
  readonly index: number
  readonly path: string
  readonly lengthBytes: number
}

const ROW_PX = 36
const TOUCH_ROW_PX = 44
/** Folders are open at first where there are no more files than this. */
const OPEN_BELOW = 30

interface WantTreeProps {
  readonly files: readonly WantFile[]
  readonly unwanted: ReadonlySet<number>
  readonly onChange: (unwanted: ReadonlySet<number>) => void
  /** How much is chosen stands above the tree already. */
  readonly isToldAbove?: boolean
}

/** How many of these files are chosen, and how large they are together. */
export function wantedOf(files: readonly WantFile[], unwanted: ReadonlySet<number>): string {
  const wanted = files.filter(({ index }) => !unwanted.has(index))
  const sumBytes = wanted.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0)
  return strings.add.filesOf(wanted.length, files.length, formatBytes(sumBytes))
}

export function WantTree({ files, unwanted, onChange, isToldAbove = false }: WantTreeProps) {
  const scroller = useRef<HTMLDivElement>(null)
  const tree = useMemo(() => buildTree(files), [files])
  const sums = useMemo(() => sumTree(tree, asDetails(files, unwanted)), [tree, files, unwanted])
  const [open, setOpen] = useState<ReadonlySet<string>>(() => firstOpen(tree.nodes, files.length))
  const rows = useMemo(() => visibleNodes(tree, open), [tree, open])
  const rowPx = matchMedia('(max-width: 639.98px)').matches ? TOUCH_ROW_PX : ROW_PX
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    overscan: 8,
  })
  const toggle = (node: TreeNode): void => {
    const below = filesBelow(tree, node)
    const next = new Set(unwanted)
    const isWanted = (sums[node.number]?.wantedCount ?? 0) > 0
    for (const index of below) {
      if (isWanted) next.add(index)
      else next.delete(index)
    }
    onChange(next)
  }
  const { add } = strings
  return (
    <div className="want">
      <div className="want-head">
        {!isToldAbove && <span role="status">{wantedOf(files, unwanted)}</span>}
        <button type="button" className="button button-small" onClick={() => onChange(new Set())}>
          {add.wantAll}
        </button>
        <button
          type="button"
          className="button button-small"
          onClick={() => onChange(new Set(files.map(({ index }) => index)))}
        >
          {add.wantNone}
        </button>
      </div>
      <div ref={scroller} className="want-rows" role="group" aria-label={add.tree} tabIndex={0}>
        <div
          className="rows-inner"
          role="presentation"
          style={{ height: virtualizer.getTotalSize() }}
        >
          {virtualizer.getVirtualItems().map((item) => {
            const node = rows[item.index]
            const sum = node === undefined ? undefined : sums[node.number]
            if (node === undefined || sum === undefined) return null
            return (
              <WantRow
                key={node.number}
                node={node}
                sum={sum}
                topPx={item.start}
                heightPx={rowPx}
                isOpen={open.has(node.path)}
                onToggle={() => toggle(node)}
                onOpen={() => setOpen(flipped(open, node.path))}
              />
            )
          })}
        </div>
      </div>
    </div>
  )
}

interface WantRowProps {
  readonly node: TreeNode
  readonly sum: NodeSum
  readonly topPx: number
  readonly heightPx: number
  readonly isOpen: boolean
  readonly onToggle: () => void
  readonly onOpen: () => void
}

/** Deeper folders are not moved further in: there would be no room for their names. */
const MAX_INDENT = 8

function WantRow({ node, sum, topPx, heightPx, isOpen, onToggle, onOpen }: WantRowProps) {
  const { add } = strings
  const isFolder = node.children !== null
  const indentPx = 18 * Math.min(node.level - 1, MAX_INDENT)
  return (
    <div
      className="want-row"
      style={{
        transform: `translateY(${topPx}px)`,
        height: heightPx,
        paddingInlineStart: indentPx,
      }}
    >
      {isFolder ? (
        <button
          type="button"
          className="want-open"
          aria-expanded={isOpen}
          aria-label={add.folderOf(node.path)}
          onClick={onOpen}
        >
          <Icon name="forward" />
        </button>
      ) : (
        <span className="want-open" />
      )}
      <label className="want-label">
        <input
          ref={(box) => {
            if (box !== null)
              box.indeterminate = sum.wantedCount > 0 && sum.wantedCount < sum.fileCount
          }}
          type="checkbox"
          checked={sum.wantedCount === sum.fileCount}
          aria-label={isFolder ? add.folderOf(node.path) : add.want(node.path)}
          onChange={onToggle}
        />
        <span className="want-name" dir="auto" title={node.path}>
          {node.name}
        </span>
        <span className="want-size">{formatBytes(sum.lengthBytes)}</span>
      </label>
    </div>
  )
}

function asDetails(files: readonly WantFile[], unwanted: ReadonlySet<number>) {
  return files.map((file) => ({
    ...file,
    doneBytes: 0,
    priority: unwanted.has(file.index) ? ('skip' as const) : ('normal' as const),
  }))
}

function firstOpen(nodes: readonly TreeNode[], fileCount: number): ReadonlySet<string> {
  const folders = nodes.filter(({ children }) => children !== null)
  const shown = fileCount <= OPEN_BELOW ? folders : folders.filter(({ level }) => level === 1)
  return new Set(shown.map(({ path }) => path))
}

function flipped(open: ReadonlySet<string>, path: string): ReadonlySet<string> {
  const next = new Set(open)
  if (!next.delete(path)) next.add(path)
  return next
}
