/**
 * Renames of what is in a torrent, as steps on its layout. Pure: the same steps give the same paths on every system.
 */
import { NAME_LIMITS, nameKey, safeComponent, utf8Bytes } from './file-names.ts'
import type { LayoutFile, StorageLayout } from './layout.ts'
import type { Rename } from './torrent/options.ts'

export type RenameFault = 'no-such-path' | 'bad-name' | 'name-taken' | 'path-too-long' | 'too-many'

/** The step that gives a file or folder of the layout another name, or why there can be none. */
export function planRename(
  layout: StorageLayout,
  path: string,
  name: string,
): { readonly rename: Rename } | { readonly fault: RenameFault } {
  const within = filesWithin(layout, path)
  if (within.length === 0) return { fault: 'no-such-path' }
  if (name.includes('/') || /^\.{0,2}$/.test(name.trim())) return { fault: 'bad-name' }
  const rename = { path, name: safeComponent(name) }
  if (siblingKeys(layout, path).has(nameKey(rename.name))) return { fault: 'name-taken' }
  const isTooLong = within.some(
    (file) => utf8Bytes(renamedPath(file.path, rename)) > NAME_LIMITS.pathBytes,
  )
  return isTooLong ? { fault: 'path-too-long' } : { rename }
}

/** The layout after the step. One that names nothing changes nothing. */
export function applyRename(layout: StorageLayout, rename: Rename): StorageLayout {
  const files = layout.files.map(
    (file): LayoutFile => ({ ...file, path: renamedPath(file.path, rename) }),
  )
  const rootName = rename.path === layout.rootName ? rename.name : layout.rootName
  return { ...layout, files, rootName }
}

/** Adds a step; one that renames again what the last one renamed takes its place. */
export function addRename(renames: readonly Rename[], next: Rename): readonly Rename[] {
  const last = renames.at(-1)
  if (last === undefined || renamedPath(last.path, last) !== next.path) return [...renames, next]
  const merged = { path: last.path, name: next.name }
  const isBack = renamedPath(merged.path, merged) === merged.path
  return isBack ? renames.slice(0, -1) : [...renames.slice(0, -1), merged]
}

function filesWithin(layout: StorageLayout, path: string): readonly LayoutFile[] {
  return layout.files.filter((file) => !file.isPad && isWithin(file.path, path))
}

function isWithin(filePath: string, path: string): boolean {
  return filePath === path || filePath.startsWith(`${path}/`)
}

function renamedPath(filePath: string, { path, name }: Rename): string {
  if (!isWithin(filePath, path)) return filePath
  return parentOf(path) + name + filePath.slice(path.length)
}

/** With its `/`; empty for what is topmost. */
function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1)
}

/** Of the other files and folders beside it. */
function siblingKeys(layout: StorageLayout, path: string): ReadonlySet<string> {
  const parent = parentOf(path)
  const keys = new Set<string>()
  for (const file of layout.files) {
    if (file.isPad || !file.path.startsWith(parent) || isWithin(file.path, path)) continue
    const rest = file.path.slice(parent.length)
    const slash = rest.indexOf('/')
    keys.add(nameKey(slash < 0 ? rest : rest.slice(0, slash)))
  }
  return keys
}
