/** The files of a torrent as a tree of folders, for 200,000 of them and more. Pure. */
import type { FileDetail, FilePriority } from '@pigeon/control/contract'

export interface TreeNode {
  /** In `FileTree.nodes`. */
  readonly number: number
  /** Last component of the path. */
  readonly name: string
  /** As the node knows it, for renaming. */
  readonly path: string
  /** 1 at the top. */
  readonly level: number
  /** `null` at the top. */
  readonly parent: number | null
  /** `null` for a file. */
  readonly children: readonly number[] | null
  /** `FileDetail.index`; `null` for a folder. */
  readonly fileIndex: number | null
  /** Its place among its siblings, from 1. */
  readonly place: number
}

export interface FileTree {
  /** Each folder before what it holds. */
  readonly nodes: readonly TreeNode[]
  readonly tops: readonly number[]
}

interface Building extends TreeNode {
  children: number[] | null
}

/** Builds the tree; files and folders stand in the torrent's own order. */
export function buildTree(files: readonly Pick<FileDetail, 'index' | 'path'>[]): FileTree {
  const nodes: Building[] = []
  const tops: number[] = []
  const folders = new Map<string, number>()
  const put = (
    path: string,
    parent: number | null,
    children: number[] | null,
    fileIndex: number | null,
  ): number => {
    const above = parent === null ? undefined : nodes[parent]
    const siblings = above?.children ?? tops
    const number = nodes.length
    nodes.push({
      number,
      name: path.slice(path.lastIndexOf('/') + 1),
      path,
      level: (above?.level ?? 0) + 1,
      parent,
      children,
      fileIndex,
      place: siblings.length + 1,
    })
    siblings.push(number)
    return number
  }
  const folderOf = (path: string): number | null => {
    if (path === '') return null
    const known = folders.get(path)
    if (known !== undefined) return known
    const cut = path.lastIndexOf('/')
    const number = put(path, folderOf(cut < 0 ? '' : path.slice(0, cut)), [], null)
    folders.set(path, number)
    return number
  }
  for (const { path, index } of files) {
    const cut = path.lastIndexOf('/')
    put(path, folderOf(cut < 0 ? '' : path.slice(0, cut)), null, index)
  }
  return { nodes, tops }
}

/** What is in sight when these folders are open, from the top down. */
export function visibleNodes(tree: FileTree, open: ReadonlySet<string>): readonly TreeNode[] {
  const seen: TreeNode[] = []
  // A stack, for a folder may be as deep as its author liked.
  const waiting = tree.tops.toReversed()
  for (let number = waiting.pop(); number !== undefined; number = waiting.pop()) {
    const node = tree.nodes[number]
    if (node === undefined) continue
    seen.push(node)
    if (node.children === null || !open.has(node.path)) continue
    for (const child of node.children.toReversed()) waiting.push(child)
  }
  return seen
}

/** The files in a folder, however deep; or the file itself. */
export function filesBelow(tree: FileTree, node: TreeNode): readonly number[] {
  const found: number[] = []
  const waiting = [node.number]
  for (let number = waiting.pop(); number !== undefined; number = waiting.pop()) {
    const each = tree.nodes[number]
    if (each?.fileIndex !== null && each?.fileIndex !== undefined) found.push(each.fileIndex)
    for (const child of each?.children?.toReversed() ?? []) waiting.push(child)
  }
  return found
}

export interface NodeSum {
  readonly fileCount: number
  readonly lengthBytes: number
  readonly doneBytes: number
  readonly wantedCount: number
  /** `mixed` where its files differ. */
  readonly priority: FilePriority | 'mixed'
}

/** Sizes, progress and priorities of all files and folders, by `TreeNode.number`. */
export function sumTree(tree: FileTree, files: readonly FileDetail[]): readonly NodeSum[] {
  const byIndex = new Map(files.map((file) => [file.index, file]))
  const sums: NodeSum[] = tree.nodes.map(({ fileIndex }) => {
    const file = fileIndex === null ? undefined : byIndex.get(fileIndex)
    return file === undefined ? NOTHING : sumOf(file)
  })
  // Each folder comes before what it holds: from the end, all that it holds is summed up already.
  for (const { number, parent } of tree.nodes.toReversed()) {
    const [own, above] = [sums[number], parent === null ? undefined : sums[parent]]
    if (parent !== null && own !== undefined && above !== undefined)
      sums[parent] = added(above, own)
  }
  return sums
}

const NOTHING: NodeSum = {
  fileCount: 0,
  lengthBytes: 0,
  doneBytes: 0,
  wantedCount: 0,
  priority: 'normal',
}

function sumOf({ lengthBytes, doneBytes, priority }: FileDetail): NodeSum {
  const wantedCount = priority === 'skip' ? 0 : 1
  return { fileCount: 1, lengthBytes, doneBytes, wantedCount, priority }
}

function added(one: NodeSum, other: NodeSum): NodeSum {
  const isFirst = one.fileCount === 0
  return {
    fileCount: one.fileCount + other.fileCount,
    lengthBytes: one.lengthBytes + other.lengthBytes,
    doneBytes: one.doneBytes + other.doneBytes,
    wantedCount: one.wantedCount + other.wantedCount,
    priority: isFirst || one.priority === other.priority ? other.priority : 'mixed',
  }
}
