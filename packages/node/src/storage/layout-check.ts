import { isAbsolute } from 'node:path'
import type { StorageLayout } from '@pigeon/engine/layout'
import { type IoProblem, ioProblem } from '@pigeon/engine/problem'

/**
 * The last fence before the disk: every path of a layout is relative, stays below the folder, and is no other file's.
 * The engine's layout makes such paths; this refuses whatever else would come, whoever made it.
 */
export function checkLayout(layout: StorageLayout, folder: string): IoProblem | null {
  if (!isAbsolute(folder) || folder.includes('\0')) {
    return ioProblem('not-a-folder', `not an absolute path: ${JSON.stringify(folder)}`, ABSOLUTE)
  }
  if (!isSafeName(layout.rootName) || !/^[0-9A-Za-z]{8,}$/.test(layout.id)) return outside('root')
  const seen = new Set<string>()
  for (const file of layout.files) {
    if (file.isPad) continue
    if (!file.path.split('/').every(isSafeName)) return outside(`file ${file.fileIndex}`)
    if (seen.has(file.path)) return outside(`file ${file.fileIndex}`)
    seen.add(file.path)
  }
  return null
}

const ABSOLUTE = 'Give the download folder as a path from the root.'

function isSafeName(name: string): boolean {
  if (name === '' || name === '.' || name === '..') return false
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) return false
  return !/[/\0]/.test(name) && !(process.platform === 'win32' && /[\\:]/.test(name))
}

const MAX_NAME_BYTES = 255

function outside(what: string): IoProblem {
  return ioProblem(
    'outside-folder',
    `the ${what} of this torrent has a path that could leave the download folder or meet another file`,
    'Do not use this torrent.',
  )
}

/** A name of ours beside the torrent's: hidden, and short enough for every file system. */
export function hiddenName(layout: StorageLayout, suffix: string): string {
  let stem = layout.rootName
  while (Buffer.byteLength(stem) > MAX_STEM_BYTES) stem = Array.from(stem).slice(0, -1).join('')
  return `.${stem}.${layout.id.slice(0, 8)}.${suffix}`
}

const MAX_STEM_BYTES = 200
