/**
 * What a .torrent file says, checked. Names and texts are as the author wrote them: hostile until they pass
 * `display.ts` (to be shown) or the engine's layout (to become paths).
 *
 * Spec: BEP 3, "metainfo files"; BEP 12, 19, 27, 47; shaped so that BEP 52 adds, not rewrites
 */
import type { InfoHashes } from './info-hash.ts'
import type { PieceHashes } from './piece-hashes.ts'

/** One file of the torrent, in the order of the pieces' bytes. */
export interface MetainfoFile {
  /** Path components below the torrent's name; empty for a single-file torrent, whose only name is `name`. */
  readonly path: readonly string[]
  readonly lengthBytes: number
  /** Where its first byte lies in the torrent's stream of bytes. */
  readonly offset: number
  /** BEP 47: padding, zeros that are never stored. */
  readonly isPad: boolean
  /** BEP 52: the root of the file's hash tree; `null` in v1. */
  readonly piecesRoot: Uint8Array | null
}

export interface Metainfo {
  readonly infoHashes: InfoHashes
  /** The raw bytes of the `info` dictionary: what was hashed, and what BEP 9 hands on. */
  readonly infoBytes: Uint8Array
  readonly name: string
  /** Whether the name is a folder that holds the files (`files` was given) or the one file itself. */
  readonly isMultiFile: boolean
  readonly pieceLength: number
  readonly pieceCount: number
  /** All bytes of the stream, pads included. */
  readonly totalBytes: number
  readonly files: readonly MetainfoFile[]
  readonly hashes: PieceHashes
  readonly isPrivate: boolean
  /** Tiers of tracker URLs as given: `announce-list`, else `announce` alone. */
  readonly trackers: readonly (readonly string[])[]
  /** BEP 19 `url-list`. */
  readonly webSeeds: readonly string[]
  /** BEP 5 `nodes`. */
  readonly dhtNodes: readonly { readonly host: string; readonly port: number }[]
  readonly comment: string | null
  readonly createdBy: string | null
  /** Seconds since 1970. */
  readonly creationDate: number | null
  /** What is odd but not wrong, in words that are ours. */
  readonly warnings: readonly string[]
}

/** Why a torrent is refused: a stable code, where it is, and words that are ours. */
export interface MetainfoFault {
  readonly code: string
  /** Such as `info.files[3].length`. */
  readonly where: string
  readonly message: string
}

// parseMetainfo(bytes, limits?): { ok: true, metainfo } | { ok: false, fault }
// parseInfo(infoBytes, limits?): the same for a bare info dictionary that came by BEP 9 (no trackers)
// encodeMetainfo(metainfo, {trackers...}): a .torrent again, with `infoBytes` untouched
