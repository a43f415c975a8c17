/** The files of a torrent as a tree whose folders can be folded. Pure. */
import type { FilePriority } from '@pigeon/control/contract'

export interface TreeFile {
  readonly index: number
  /** `/` between components. */
  readonly path: string
  readonly lengthBytes: number
  readonly doneBytes: number
  readonly priority: FilePriority
}

export interface TreeRow {
  /** From the top, `/` between components. */
  readonly path: string
  readonly name: string
  readonly depth: number
  readonly kind: 'folder' | 'file'
  readonly isOpen: boolean
  readonly lengthBytes: number
  readonly doneBytes: number
  /** Of all files below; `mixed` where they differ. */
  readonly priority: FilePriority | 'mixed'
  /** Indexes of the files below, or of the file itself. */
  readonly files: readonly number[]
}

interface Folder {
  readonly path: string
  readonly name: string
  readonly folders: Map<string, Folder>
  readonly files: TreeFile[]
}

/** Folders below this depth nest no deeper on the screen. */
export const DEEPEST = 64

/** Rows from the top, those in folded folders left out. */
export function treeRows(
  files: readonly TreeFile[],
  folded: ReadonlySet<string>,
): readonly TreeRow[] {
  const root: Folder = { path: '', name: '', folders: new Map(), files: [] }
  for (const file of files) put(root, file)
  return rowsOf(root, folded, 0)
}

function put(root: Folder, file: TreeFile): void {
  const parts = file.path.split('/')
  let folder = root
  for (const name of parts.slice(0, Math.min(parts.length - 1, DEEPEST))) {
    const path = folder.path === '' ? name : `${folder.path}/${name}`
    const next = folder.folders.get(name) ?? { path, name, folders: new Map(), files: [] }
    folder.folders.set(name, next)
    folder = next
  }
  folder.files.push(file)
}

function rowsOf(folder: Folder, folded: ReadonlySet<string>, depth: number): readonly TreeRow[] {
  return [
    ...[...folder.folders.values()].map(joined).flatMap((each) => {
      const isOpen = !folded.has(each.path)
      const below = isOpen ? rowsOf(each, folded, depth + 1) : []
      return [folderRow(each, depth, isOpen), ...below]
    }),
    ...folder.files.map((file) => fileRow(file, folder.path, depth)),
  ]
}

/** Folders with nothing but one folder in them, as one row: `deep/nested`. */
function joined(folder: Folder): Folder {
  let last = folder
  let { name } = folder
  for (;;) {
    const [only, ...others] = last.folders.values()
    if (only === undefined || others.length > 0 || last.files.length > 0) break
    name = `${name}/${only.name}`
    last = only
  }
  return { ...last, name }
}

function fileRow(file: TreeFile, parent: string, depth: number): TreeRow {
  const name = parent === '' ? file.path : file.path.slice(parent.length + 1)
  const { path, lengthBytes, doneBytes, priority, index } = file
  return {
    ...{ path, name, depth, kind: 'file', isOpen: false },
    ...{ lengthBytes, doneBytes, priority, files: [index] },
  }
}

function folderRow(folder: Folder, depth: number, isOpen: boolean): TreeRow {
  const files = filesBelow(folder)
  const [first] = files
  const isSame = files.every(({ priority }) => priority === first?.priority)
  return {
    path: folder.path,
    name: folder.name,
    depth,
    kind: 'folder',
    isOpen,
    lengthBytes: files.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0),
    doneBytes: files.reduce((sum, { doneBytes }) => sum + doneBytes, 0),
    priority: isSame ? (first?.priority ?? 'normal') : 'mixed',
    files: files.map(({ index }) => index),
  }
}

function filesBelow(folder: Folder): readonly TreeFile[] {
  return [...[...folder.folders.values()].flatMap(filesBelow), ...folder.files]
}
