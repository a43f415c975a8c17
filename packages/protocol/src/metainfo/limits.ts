import { TORRENT_BENCODE_LIMITS, type BencodeLimits } from '../bencode.ts'

/** What a torrent may ask of us at most, each inclusive. */
export interface MetainfoLimits {
  readonly bencode: BencodeLimits
  readonly maxPieces: number
  readonly maxPieceLength: number
  readonly maxFiles: number
  readonly maxPathDepth: number
  readonly maxTotalBytes: number
  /** More trackers than this are left out with a warning; so are web seeds and nodes. */
  readonly maxTrackers: number
  readonly maxWebSeeds: number
  readonly maxDhtNodes: number
}

export const METAINFO_LIMITS: MetainfoLimits = {
  bencode: TORRENT_BENCODE_LIMITS,
  maxPieces: 2 ** 21,
  maxPieceLength: 256 * 1024 * 1024,
  maxFiles: 200_000,
  maxPathDepth: 64,
  maxTotalBytes: 2 ** 48,
  maxTrackers: 100,
  maxWebSeeds: 20,
  maxDhtNodes: 100,
}
