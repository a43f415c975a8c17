/**
 * Where a torrent's bytes lie on disk: safe, unique, portable paths, and which runs of which files a piece covers.
 * Pure: the same torrent gives the same layout on every system.
 */
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

// layoutOf(metainfo: Metainfo): StorageLayout
// pieceSpans(layout: StorageLayout, pieceIndex: number): readonly FileSpan[]
// pieceLengthBytes(layout, pieceIndex): number
// filePieces(layout, fileIndex): { first, last } | null
