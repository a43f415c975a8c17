/** The files of one torrent as a tree: which to fetch, which of these first, and what they are called. */
import type { FileDetail, FilePriority, TorrentDetail } from '@pigeon/control/contract'
import { formatBytes } from '@pigeon/control/units'
import { useMemo, useRef, useState } from 'react'
import { buildTree, type FileTree, filesBelow, sumTree, type TreeNode } from './file-tree.ts'
import { FileGrid } from './file-grid.tsx'
import { FormProblem } from './modal.tsx'
import { run } from './store.ts'
import { strings } from './strings.ts'
import { useFileWishes } from './use-file-wishes.ts'

interface DetailFilesProps {
  readonly detail: TorrentDetail
  readonly onChanged: () => void
}

export function DetailFiles({ detail, onChanged }: DetailFilesProps) {
  const { id } = detail.summary
  const { files, expect, settle } = useFileWishes(detail.files)
  const [failure, setFailure] = useState<{ message: string; help?: string } | null>(null)
  const tree = useTree(files)
  const sums = useMemo(() => sumTree(tree, files), [tree, files])
  const [open, setOpen] = useState<ReadonlySet<string>>(() => openAtFirst(tree))
  const words = strings.files
  if (files.length === 0) return <p className="detail-note">{strings.detail.unknownYet}</p>

  const save = async (indexes: readonly number[], priority: FilePriority): Promise<void> => {
    if (indexes.length === 0) return
    const wishes = indexes.map((index) => ({ index, priority }))
    expect(wishes)
    const result = await run({ do: 'set-files', id, files: wishes })
    settle(result.ok)
    setFailure(result.ok ? null : result.problem)
    onChanged()
  }
  const rename = async (node: TreeNode, name: string): Promise<boolean> => {
    if (name.length > 240 || name.includes('/') || name.trim() === '') {
      setFailure({ message: words.nameWrong })
      return false
    }
    const result = await run({ do: 'rename', id, path: node.path, name })
    setFailure(result.ok ? null : result.problem)
    if (result.ok) setOpen((before) => renamedIn(before, node.path, name))
    onChanged()
    return result.ok
  }
  const wanted = files.filter(({ priority }) => priority !== 'skip')
  const wantedBytes = wanted.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0)
  const folders = tree.nodes.filter(({ children }) => children !== null)
  const skipped = files.filter(({ priority }) => priority === 'skip')
  return (
    <div className="files">
      <div className="files-head">
        <span>{words.wanted(wanted.length, files.length, formatBytes(wantedBytes))}</span>
        {folders.length > 1 && (
          <button
            type="button"
            className="button button-small"
            onClick={() =>
              setOpen(
                open.size < folders.length ? new Set(folders.map(({ path }) => path)) : new Set(),
              )
            }
          >
            {open.size < folders.length ? words.openAll : words.shutAll}
          </button>
        )}
        <button
          type="button"
          className="button button-small"
          onClick={() =>
            void save(
              skipped.map(({ index }) => index),
              'normal',
            )
          }
          disabled={skipped.length === 0}
        >
          {words.all}
        </button>
        <button
          type="button"
          className="button button-small"
          onClick={() =>
            void save(
              wanted.map(({ index }) => index),
              'skip',
            )
          }
          disabled={wanted.length === 0}
        >
          {words.none}
        </button>
      </div>
      {failure !== null && <FormProblem {...failure} />}
      <FileGrid
        tree={tree}
        sums={sums}
        open={open}
        onOpen={(path, isOpen) => setOpen((before) => toggled(before, path, isOpen))}
        onPriority={(node, priority) => void save(filesBelow(tree, node), priority)}
        onRename={rename}
      />
    </div>
  )
}

/** The same tree as long as the paths stay the same, which are told anew every second. */
function useTree(files: readonly FileDetail[]): FileTree {
  const kept = useRef<{ readonly files: readonly FileDetail[]; readonly tree: FileTree } | null>(
    null,
  )
  return useMemo(() => {
    const before = kept.current
    const isSame =
      before?.files.length === files.length &&
      files.every(({ path }, index) => path === before.files[index]?.path)
    const tree = isSame ? before.tree : buildTree(files)
    kept.current = { files, tree }
    return tree
  }, [files])
}

/** The folder that holds everything is open, and where there are few files, all are. */
function openAtFirst({ nodes, tops }: FileTree): ReadonlySet<string> {
  const folders = nodes.filter(({ children }) => children !== null)
  const isSmall = nodes.length <= 60
  return new Set(
    folders
      .filter(({ level }) => isSmall || (level === 1 && tops.length === 1))
      .map(({ path }) => path),
  )
}

function toggled(open: ReadonlySet<string>, path: string, isOpen: boolean): ReadonlySet<string> {
  const after = new Set(open)
  if (isOpen) after.add(path)
  else after.delete(path)
  return after
}

/** A renamed folder stays as open as it was. */
function renamedIn(open: ReadonlySet<string>, path: string, name: string): ReadonlySet<string> {
  const renamed = `${path.slice(0, path.lastIndexOf('/') + 1)}${name}`
  const isBelow = (each: string): boolean => each === path || each.startsWith(`${path}/`)
  return new Set(
    [...open].map((each) => (isBelow(each) ? `${renamed}${each.slice(path.length)}` : each)),
  )
}
