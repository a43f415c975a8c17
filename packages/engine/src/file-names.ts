/**
 * Turns the names that a torrent's author chose into paths that are safe, portable and unique. The same torrent gives the
 * same paths on every system, whatever order its files are listed in. The rule in words: docs/file-names.md.
 */

/** The limits of a path below the download folder. Longer ones are shortened, never refused. */
export const NAME_LIMITS = {
  /** Of one component, in UTF-8. */
  componentBytes: 240,
  /** Of the whole path with its `/`, in UTF-8. */
  pathBytes: 1024,
  /** Components, the file's own name included. */
  depth: 64,
} as const

/** One component as it may stand on any disk. Never empty, `.` or `..`; at most 240 bytes. */
export function safeComponent(name: string): string {
  const cleaned = trimEnd(name.replace(LONE_SURROGATE, '\uFFFD').replace(FORBIDDEN, ''))
  if (cleaned === '') return '_'
  return cutName(cleaned.replace(RESERVED, '$1_'), NAME_LIMITS.componentBytes)
}

/** Two names with one key would be one file on some file system: NFC, then case folded without regard to language. */
export function nameKey(name: string): string {
  if (isAscii(name)) return name.toLowerCase()
  // Down, up and down again: ẞ and ß both become ss, ı becomes i; what is left is the dot of İ, and final sigma.
  const folded = name.normalize('NFC').toLowerCase().toUpperCase().toLowerCase()
  return folded.replaceAll('i\u0307', 'i').replaceAll('ς', 'σ').normalize('NFC')
}

/** One file to be named, as the torrent spells it: components below the torrent's own folder. */
export interface NameWish {
  readonly path: readonly string[]
}

/**
 * Names for all files of a folder, by the index of the wish, each `/`-joined with `rootName` first. Files that would fall
 * together are numbered: `name (2).ext`. A name that is a folder is never a file too.
 */
export function assignPaths(rootName: string, wishes: readonly NameWish[]): readonly string[] {
  const tree = new NameTree(rootName)
  const drafts = wishes.map((wish, index) => draftOf(tree.root, wish.path, index))
  // Sorted, so that the order of the files in the torrent does not matter; names that need no change keep theirs.
  const sorted = drafts.toSorted(
    (a, b) =>
      Number(a.isChanged) - Number(b.isChanged) || compare(a.raw, b.raw) || a.index - b.index,
  )
  for (const draft of sorted) draft.folder = tree.folder(draft.folders)
  const paths: string[] = Array.from({ length: wishes.length }, () => '')
  const clashing = sorted.filter((draft) => {
    if (isTaken(draft.folder, nameKey(draft.fileName))) return true
    paths[draft.index] = place(draft.folder, draft.fileName)
    return false
  })
  for (const draft of clashing) {
    paths[draft.index] = place(draft.folder, numberedName(draft.folder, draft.fileName))
  }
  return paths
}

/** UTF-8 length; a lone surrogate counts as the three bytes of its replacement. */
export function utf8Bytes(text: string): number {
  if (isAscii(text)) return text.length
  let bytes = 0
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x1_0000 ? 3 : 4
  }
  return bytes
}

const LONE_SURROGATE = /\p{Surrogate}/gu
/** Separators, what Windows forbids, controls, line separators, and characters that hide or turn text round. */
const FORBIDDEN =
  // oxlint-disable-next-line no-control-regex -- removing them is the purpose
  /[/\\<>:"|?*\u0000-\u001F\u007F-\u009F\u061C\u200B-\u200F\u2028-\u202E\u2060-\u2064\u2066-\u2069\uFEFF]/g
const RESERVED = /^(CON|PRN|AUX|NUL|CLOCK\$|CONIN\$|CONOUT\$|(?:COM|LPT)[0-9¹²³])(?=\s*(?:\.|$))/i
/** An extension longer than this is no extension but part of the name. */
const LONGEST_EXTENSION_BYTES = 32
/** Room for ` (200001)`. */
const NUMBER_BYTES = 9

interface Draft {
  readonly index: number
  /** As the author spelled it, for sorting. */
  readonly raw: string
  readonly isChanged: boolean
  readonly folders: readonly string[]
  readonly fileName: string
  /** Where it goes. */
  folder: Folder
}

interface Folder {
  readonly path: string
  readonly folders: Map<string, Folder>
  readonly fileKeys: Set<string>
  /** By the key of a name without its number: the next number to try. */
  readonly nextNumbers: Map<string, number>
}

/** Folders and files by key, so that names are compared as the pickiest file system would. */
class NameTree {
  readonly root: Folder

  constructor(rootName: string) {
    this.root = newFolder(rootName)
  }

  /** The first spelling of a folder's name is kept; others that mean the same join it. */
  folder(names: readonly string[]): Folder {
    let folder = this.root
    for (const name of names) {
      const key = nameKey(name)
      const known = folder.folders.get(key)
      const next = known ?? newFolder(`${folder.path}/${name}`)
      if (known === undefined) folder.folders.set(key, next)
      folder = next
    }
    return folder
  }
}

/** Must come after all folders are known. */
function numberedName(folder: Folder, fileName: string): string {
  const [stem, extension] = splitName(fileName)
  const room = NAME_LIMITS.componentBytes - NUMBER_BYTES - utf8Bytes(extension)
  const short = cutText(stem, room)
  const baseKey = nameKey(short + extension)
  for (let number = folder.nextNumbers.get(baseKey) ?? 2; ; number += 1) {
    const name = `${short} (${number})${extension}`
    if (isTaken(folder, nameKey(name))) continue
    folder.nextNumbers.set(baseKey, number + 1)
    return name
  }
}

function place(folder: Folder, fileName: string): string {
  folder.fileKeys.add(nameKey(fileName))
  return `${folder.path}/${fileName}`
}

function newFolder(path: string): Folder {
  return { path, folders: new Map(), fileKeys: new Set(), nextNumbers: new Map() }
}

function isTaken(folder: Folder, key: string): boolean {
  return folder.fileKeys.has(key) || folder.folders.has(key)
}

function draftOf(root: Folder, path: readonly string[], index: number): Draft {
  const names = path.length === 0 ? ['_'] : path.map(safeComponent)
  const fileName = names.at(-1) ?? '_'
  const folders = shallow(root.path, names.slice(0, -1), fileName)
  const isSame =
    folders.length === path.length - 1 && names.every((name, depth) => name === path[depth])
  return { index, raw: path.join('\0'), isChanged: !isSame, folders, fileName, folder: root }
}

/** Leaves out the deepest folders until the path is within its limits. */
function shallow(
  rootName: string,
  folders: readonly string[],
  fileName: string,
): readonly string[] {
  const fixedBytes = utf8Bytes(rootName) + 1 + utf8Bytes(fileName) + NUMBER_BYTES
  let bytes = fixedBytes
  let kept = 0
  for (const folder of folders) {
    bytes += utf8Bytes(folder) + 1
    if (bytes > NAME_LIMITS.pathBytes || kept + 3 > NAME_LIMITS.depth) break
    kept += 1
  }
  return folders.slice(0, kept)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function trimEnd(name: string): string {
  let end = name.length
  while (end > 0 && (name[end - 1] === '.' || name[end - 1] === ' ')) end -= 1
  return name.slice(0, end)
}

/** The extension with its dot; empty for `.profile` and for names whose last dot begins no extension. */
function splitName(name: string): readonly [stem: string, extension: string] {
  const dot = name.lastIndexOf('.')
  if (dot <= 0) return [name, '']
  const extension = name.slice(dot)
  if (utf8Bytes(extension) > LONGEST_EXTENSION_BYTES) return [name, '']
  return [name.slice(0, dot), extension]
}

function cutName(name: string, limitBytes: number): string {
  if (utf8Bytes(name) <= limitBytes) return name
  const [stem, extension] = splitName(name)
  return trimEnd(cutText(stem, limitBytes - utf8Bytes(extension)) + extension)
}

/** Cuts between characters, never inside one. */
function cutText(text: string, limitBytes: number): string {
  if (isAscii(text)) return text.slice(0, limitBytes)
  let bytes = 0
  let end = 0
  for (const character of text) {
    bytes += utf8Bytes(character)
    if (bytes > limitBytes) break
    end += character.length
  }
  return text.slice(0, end)
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) > 0x7f) return false
  return true
}
