/**
 * The control contract: what any UI may ask of a node, and what it is told. One set of schemas for the node in the same
 * process, for HTTP + WebSocket, and for the page. All texts in answers were made fit to show (`display.ts`).
 *
 * Sizes are bytes, rates bytes a second, times milliseconds; wall times count from 1970.
 */
import { z } from 'zod'

export const FilePriority = z.enum(['skip', 'low', 'normal', 'high'])
export type FilePriority = z.infer<typeof FilePriority>

export type TorrentState =
  /** Waiting for its turn in the queue. */
  | 'queued'
  /** Asking peers for the info dictionary of a magnet. */
  | 'metadata'
  /** Hashing what is on disk. */
  | 'checking'
  | 'downloading'
  | 'seeding'
  | 'paused'
  | 'moving'
  /** Stopped by something that the user must mend; see `problem`. */
  | 'error'

export interface Problem {
  /** Stable. */
  readonly code: string
  /** What was wrong, and where. */
  readonly message: string
  /** What to do about it. */
  readonly help: string
}

/** A row of the list. */
export interface TorrentSummary {
  /** `torrentId`: v1 info-hash in hex, or v2 where there is none. */
  readonly id: string
  readonly name: string
  readonly infoHashV1: string | null
  readonly infoHashV2: string | null
  readonly state: TorrentState
  readonly problem: Problem | null
  /** Of the wanted files; 0 while the metadata is unknown. */
  readonly wantedBytes: number
  /** Of the wanted files, verified. */
  readonly doneBytes: number
  /** 0 to 1: of the download, or of the check while checking. */
  readonly progress: number
  readonly downRate: number
  readonly upRate: number
  readonly downloadedBytes: number
  readonly uploadedBytes: number
  /** Uploaded over downloaded (or over wanted size where nothing was downloaded); `null` before either is known. */
  readonly ratio: number | null
  readonly etaMs: number | null
  readonly peersConnected: number
  readonly seedsConnected: number
  /** As trackers say; `null` when none said. */
  readonly swarmSeeds: number | null
  readonly swarmLeechers: number | null
  readonly addedAtMs: number
  readonly finishedAtMs: number | null
  readonly folder: string
  readonly isPrivate: boolean
  readonly isSequential: boolean
  /** 0-based; among torrents that still download. `null` for others. */
  readonly queuePosition: number | null
}

export interface FileDetail {
  readonly index: number
  /** `/` between components. */
  readonly path: string
  readonly lengthBytes: number
  readonly doneBytes: number
  readonly priority: FilePriority
}

export interface PeerDetail {
  readonly address: string
  readonly client: string
  readonly direction: 'incoming' | 'outgoing'
  readonly transport: 'tcp' | 'utp' | 'webrtc'
  readonly source: 'tracker' | 'magnet' | 'incoming' | 'user' | 'dht' | 'pex' | 'lsd'
  /** 0 to 1. */
  readonly progress: number
  readonly downRate: number
  readonly upRate: number
  readonly isChokingUs: boolean
  readonly isChokedByUs: boolean
  readonly isInterestedInUs: boolean
  readonly areWeInterested: boolean
  readonly isSnubbed: boolean
}

export interface TrackerDetail {
  readonly url: string
  readonly tier: number
  readonly state: 'idle' | 'announcing' | 'working' | 'failing' | 'disabled'
  /** What it said last: an error, a warning, or empty. */
  readonly message: string
  readonly seeds: number | null
  readonly leechers: number | null
  readonly nextAnnounceInMs: number | null
}

export interface LogLine {
  readonly atMs: number
  readonly level: 'info' | 'warn' | 'error'
  readonly text: string
}

/** All about one torrent; asked for while somebody looks at it. */
export interface TorrentDetail {
  readonly summary: TorrentSummary
  readonly files: readonly FileDetail[]
  readonly peers: readonly PeerDetail[]
  readonly trackers: readonly TrackerDetail[]
  readonly pieces: {
    readonly count: number
    readonly lengthBytes: number
    /** Base64 of one bit a piece, most significant first. */
    readonly verified: string
  }
  readonly log: readonly LogLine[]
  readonly comment: string | null
  readonly createdBy: string | null
  readonly createdAtMs: number | null
  readonly magnet: string
  readonly limits: TorrentLimits
}

const rate = z.int().min(0).nullable()

/** Bytes a second; `null` is without limit. */
export const TorrentLimits = z.object({
  down: rate,
  up: rate,
  /** Stop seeding at this ratio. */
  ratio: z.number().min(0).nullable(),
  /** Stop seeding after this long. */
  seedMs: z.int().min(0).nullable(),
})
export type TorrentLimits = z.infer<typeof TorrentLimits>

export interface SessionSummary {
  /** Such as `pigeond 0.1.0`. */
  readonly node: string
  readonly peerId: string
  /** Where peers reach us; `null` while nothing listens. */
  readonly listening: string | null
  readonly problem: Problem | null
  readonly defaultFolder: string
  readonly downRate: number
  readonly upRate: number
  readonly downLimit: number | null
  readonly upLimit: number | null
  readonly maxActive: number
  readonly freeBytes: number | null
}

const torrentIds = z
  .array(z.string().regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/))
  .min(1)
  .max(10_000)
const path = z.string().min(1).max(4096)

/** Every command, by `do`. Ids that do not exist are refused, the others still done. */
export const Command = z.discriminatedUnion('do', [
  z.strictObject({
    do: z.literal('add'),
    source: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('magnet'), uri: z.string().max(8192) }),
      /** Base64 of a .torrent file. */
      z.strictObject({ kind: z.literal('metainfo'), base64: z.string().max(48 * 1024 * 1024) }),
      /** http(s) address of a .torrent file. */
      z.strictObject({ kind: z.literal('url'), url: z.string().max(8192) }),
    ]),
    folder: path.optional(),
    isPaused: z.boolean().optional(),
    isSequential: z.boolean().optional(),
    /** Indexes of wanted files; all when absent. */
    wantedFiles: z.array(z.int().min(0)).max(200_000).optional(),
    /** Numeric `address:port` of peers to try at once. */
    peers: z.array(z.string().max(64)).max(50).optional(),
  }),
  /** Makes a torrent of a file or folder on the node's machine and seeds it in place. */
  z.strictObject({
    do: z.literal('share'),
    path,
    trackers: z.array(z.string().max(2048)).max(100).optional(),
    pieceLength: z.int().min(16_384).max(268_435_456).optional(),
    isPrivate: z.boolean().optional(),
    comment: z.string().max(1024).optional(),
  }),
  z.strictObject({ do: z.literal('pause'), ids: torrentIds }),
  z.strictObject({ do: z.literal('resume'), ids: torrentIds }),
  z.strictObject({ do: z.literal('remove'), ids: torrentIds, deleteData: z.boolean() }),
  z.strictObject({ do: z.literal('recheck'), ids: torrentIds }),
  z.strictObject({ do: z.literal('reannounce'), ids: torrentIds }),
  z.strictObject({ do: z.literal('move'), ids: torrentIds, folder: path }),
  z.strictObject({
    do: z.literal('set-files'),
    id: torrentIds.element,
    files: z
      .array(z.strictObject({ index: z.int().min(0), priority: FilePriority }))
      .min(1)
      .max(200_000),
  }),
  z.strictObject({ do: z.literal('set-sequential'), ids: torrentIds, isSequential: z.boolean() }),
  z.strictObject({ do: z.literal('set-limits'), ids: torrentIds, limits: TorrentLimits.partial() }),
  z.strictObject({
    do: z.literal('queue'),
    ids: torrentIds,
    to: z.enum(['top', 'up', 'down', 'bottom']),
  }),
  z.strictObject({ do: z.literal('add-peer'), id: torrentIds.element, peer: z.string().max(64) }),
  z.strictObject({
    do: z.literal('set-session'),
    downLimit: rate.optional(),
    upLimit: rate.optional(),
    maxActive: z.int().min(1).max(10_000).optional(),
  }),
])
export type Command = z.infer<typeof Command>

export type CommandResult =
  /** `ids`: the torrents that the command touched (for `add` and `share`: the new one). */
  | { readonly ok: true; readonly ids: readonly string[] }
  | {
      readonly ok: false
      readonly problem: Problem /** Those that were done all the same. */
      readonly ids: readonly string[]
    }

/** What a listener is told: a snapshot first, then diffs whose numbers have no gap. */
export type Update =
  | {
      readonly kind: 'snapshot'
      readonly number: number
      readonly session: SessionSummary
      readonly torrents: readonly TorrentSummary[]
    }
  | {
      readonly kind: 'diff'
      readonly number: number
      readonly session: SessionSummary | null
      readonly changed: readonly TorrentSummary[]
      readonly removed: readonly string[]
    }
  /** The line to the node is down (remote only); a snapshot follows when it is up again. */
  | { readonly kind: 'offline'; readonly problem: Problem }

/** What every UI talks to: the node in its own process, or another client's node far away. */
export interface Control {
  run(command: Command): Promise<CommandResult>
  detail(id: string): Promise<TorrentDetail | null>
  /** The .torrent file; `null` while the metadata is unknown. */
  metainfo(id: string): Promise<Uint8Array | null>
  /** Calls back with a snapshot soon, then with diffs at most twice a second. Answers how to stop. */
  watch(listener: (update: Update) => void): () => void
  close(): Promise<void>
}
