/**
 * How a check's result looks file by file.
 */
import type { Metainfo } from '@pigeon/protocol/metainfo'

export interface FilePieces {
  readonly path: string
  readonly lengthBytes: number
  /** Pieces that hold any of its bytes. */
  readonly count: number
  readonly goodCount: number
}

export function filePieces(metainfo: Metainfo, states: readonly string[]): readonly FilePieces[] {
  return metainfo.files
    .filter((file) => !file.isPad)
    .map((file) => {
      const first = Math.floor(file.offset / metainfo.pieceLength)
      const last = Math.floor((file.offset + file.lengthBytes - 1) / metainfo.pieceLength)
      const own = file.lengthBytes === 0 ? [] : states.slice(first, last + 1)
      return {
        path: [metainfo.name, ...file.path].join('/'),
        lengthBytes: file.lengthBytes,
        count: own.length,
        goodCount: own.filter((state) => state === 'verified').length,
      }
    })
}
