/**
 * Where a torrent's bytes lie on disk: safe, unique, portable paths, and which runs of which files a piece covers.
 * Pure: the same torrent gives the same layout on every system.
 */
import { torrentId } from '@pigeon/protocol/info-hash'
import type { Metainfo } from '@pigeon/protocol/metainfo'
import { assignPaths, safeComponent } from './file-names.ts'
import { applyRename } from './renames.ts'
import type { Rename } from './torrent/options.ts'

export interface LayoutFile {
  /** Index in the metainfo's list. */
  readonly fileIndex: number
  /** Relative to the download folder, `/` between components, each made safe and unique. */
  readonly path: string
  readonly lengthBytes: number
  /** Of its first byte in the torrent's stream. */
  readonly offset: number
  readonly isPad: boolean
}

export interface StorageLayout {
  /** `torrentId`; also names the part file. */
  readonly id: string
  readonly pieceLength: number
  readonly pieceCount: number
  readonly totalBytes: number
  readonly files: readonly LayoutFile[]
  /** The torrent's own top-level file or folder below the download folder. */
  readonly rootName: string
}

/** A run of one file that lies in a piece. */
export interface FileSpan {
  readonly fileIndex: number
  readonly fileOffset: number
  /** Within the piece. */
  readonly pieceOffset: number
  readonly lengthBytes: number
  readonly isPad: boolean
}

/**
 * The layout of a torrent's files below any download folder, after the user's renames. Pads get a path too, but are
 * never stored.
 */
export function layoutOf(metainfo: Metainfo, renames: readonly Rename[] = []): StorageLayout {
  return renames.reduce(applyRename, ownLayout(metainfo))
}

/** Where its bytes lie in its files, without the paths: they cost the most. */
export function geometryOf(metainfo: Metainfo): StorageLayout {
  return {
    id: torrentId(metainfo.infoHashes),
    pieceLength: metainfo.pieceLength,
    pieceCount: metainfo.pieceCount,
    totalBytes: metainfo.totalBytes,
    files: metainfo.files.map(({ lengthBytes, offset, isPad }, fileIndex) => ({
      fileIndex,
      path: '',
      lengthBytes,
      offset,
      isPad,
    })),
    rootName: '',
  }
}

function ownLayout(metainfo: Metainfo): StorageLayout {
  const rootName = safeComponent(metainfo.name)
  const stored = metainfo.files.filter((file) => !file.isPad)
  const paths = metainfo.isMultiFile ? assignPaths(rootName, stored) : [rootName]
  let nextPath = 0
  const files = metainfo.files.map((file, fileIndex): LayoutFile => {
    const path = file.isPad ? `${rootName}/.pad/${fileIndex}` : (paths[nextPath++] ?? rootName)
    return {
      fileIndex,
      path,
      lengthBytes: file.lengthBytes,
      offset: file.offset,
      isPad: file.isPad,
    }
  })
  return {
    id: torrentId(metainfo.infoHashes),
    pieceLength: metainfo.pieceLength,
    pieceCount: metainfo.pieceCount,
    totalBytes: metainfo.totalBytes,
    files,
    rootName,
  }
}

/** The runs of files that a piece covers, in order. Costs what they are, not what the torrent is. */
export function pieceSpans(layout: StorageLayout, pieceIndex: number): readonly FileSpan[] {
  const start = pieceIndex * layout.pieceLength
  const end = start + pieceLengthBytes(layout, pieceIndex)
  const spans: FileSpan[] = []
  for (let at = fileAt(layout.files, start); at < layout.files.length; at += 1) {
    const file = layout.files[at]
    if (file === undefined || file.offset >= end) break
    const from = Math.max(start, file.offset)
    const lengthBytes = Math.min(end, file.offset + file.lengthBytes) - from
    if (lengthBytes <= 0) continue
    spans.push({
      fileIndex: file.fileIndex,
      fileOffset: from - file.offset,
      pieceOffset: from - start,
      lengthBytes,
      isPad: file.isPad,
    })
  }
  return spans
}

/** All pieces are `pieceLength` long but the last; 0 for an index that the torrent does not have. */
export function pieceLengthBytes(layout: StorageLayout, pieceIndex: number): number {
  if (pieceIndex < 0 || pieceIndex >= layout.pieceCount) return 0
  return Math.min(layout.pieceLength, layout.totalBytes - pieceIndex * layout.pieceLength)
}

/** The pieces, first and last included, that hold a file's bytes; `null` for an empty file. */
export function filePieces(
  layout: StorageLayout,
  fileIndex: number,
): { readonly first: number; readonly last: number } | null {
  const file = layout.files[fileIndex]
  if (file === undefined || file.lengthBytes === 0) return null
  const lastByte = file.offset + file.lengthBytes - 1
  return {
    first: Math.floor(file.offset / layout.pieceLength),
    last: Math.floor(lastByte / layout.pieceLength),
  }
}

/** The index of the last file that begins at or before `offset`: the one that holds it. */
function fileAt(files: readonly LayoutFile[], offset: number): number {
  let low = 0
  let high = files.length - 1
  while (low < high) {
    const middle = (low + high + 1) >>> 1
    if ((files[middle]?.offset ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  return low
}
