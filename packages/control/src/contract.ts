/**
 * The control contract: what any UI may ask of a node, and what it is told. One set of schemas for the node in the same
 * process, for HTTP + WebSocket, and for the page. All texts in answers were made fit to show (`display.ts`).
 *
 * Sizes are bytes, rates bytes a second, times milliseconds; wall times count from 1970.
 */
import { z } from 'zod'
import type {
  DhtAnswer,
  DhtQuery,
  NetworkStatus,
  PeerSource,
  WireEvent,
  WireTarget,
} from './network.ts'

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

const rate = z.int().min(0).nullable()
/** When to stop seeding: a number, `null` for what the category or else the session says, or never. */
const goal = z.union([z.number().min(0), z.literal('never')]).nullable()

/** What bounds one torrent. Rates are bytes a second; `null` is without limit. */
export const TorrentLimits = z.strictObject({
  down: rate,
  up: rate,
  /** Stop seeding at this ratio. */
  ratio: goal,
  /** Stop seeding after this long. */
  seedMs: goal,
  /** Stop seeding when nobody took a byte for this long. */
  idleMs: goal,
  /** Connections; `null` for what the session says. */
  maxPeers: z.int().min(1).max(1_000).nullable(),
  /** Its own limits alone count, not those of the session. */
  ignoresSession: z.boolean(),
  /** Which torrents get bandwidth first where it is limited. */
  priority: z.enum(['low', 'normal', 'high']),
})
export type TorrentLimits = z.infer<typeof TorrentLimits>

/** What bounds all torrents of a category together, and the goals of those that set none of their own. */
export const CategoryLimits = z.strictObject({ down: rate, up: rate, ratio: goal, seedMs: goal })
export type CategoryLimits = z.infer<typeof CategoryLimits>

/** Shown in lists and typed into filters: no control characters, no commas, no space at either end. */
const label = z
  .string()
  .max(64)
  .regex(/^[^\s,\p{C}](?:[^,\p{C}]*[^\s,\p{C}])?$/u, 'not a name: 1 to 64 characters, no commas')

const Category = z.strictObject({
  name: label,
  /** Where its new torrents go; `null` for the session's default folder. */
  folder: z.string().min(1).max(4096).nullable(),
  limits: CategoryLimits,
})
export type Category = z.infer<typeof Category>

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
const minuteOfDay = z.int().min(0).max(1_439)

/** When the alternative limits are switched on and off by themselves, in the node's own time zone. */
export const Schedule = z.strictObject({
  days: z.array(z.enum(WEEKDAYS)).min(1).max(7),
  /** Minutes after midnight. Where the end is not after the start, it is on the next day. */
  fromMinute: minuteOfDay,
  toMinute: minuteOfDay,
})
export type Schedule = z.infer<typeof Schedule>

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
  /** All files, wanted or not; 0 while the metadata is unknown. */
  readonly totalBytes: number
  readonly hasMetadata: boolean
  readonly category: string | null
  /** In order, each once. */
  readonly tags: readonly string[]
  /** Runs whatever the queue says. */
  readonly isForced: boolean
  /** Copies of the rarest wanted piece among connected peers; `null` while it does not transfer. */
  readonly availability: number | null
  readonly seededMs: number
  /** When a byte of a piece last came or went; `null` when none did yet. */
  readonly activeAtMs: number | null
  /** Host of the tracker that answered last, or else of the first; `null` without trackers. */
  readonly tracker: string | null
  readonly limits: TorrentLimits
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
  /** Unique in this run of the node. */
  readonly number: number
  readonly address: string
  readonly client: string
  readonly direction: 'incoming' | 'outgoing'
  readonly transport: 'tcp' | 'utp' | 'webrtc'
  readonly isEncrypted: boolean
  readonly source: PeerSource
  /** 0 to 1. */
  readonly progress: number
  readonly downRate: number
  readonly upRate: number
  readonly isChokingUs: boolean
  readonly isChokedByUs: boolean
  readonly isInterestedInUs: boolean
  readonly areWeInterested: boolean
  readonly isSnubbed: boolean
  readonly downloadedBytes: number
  readonly uploadedBytes: number
  readonly connectedMs: number
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
  readonly lastAnnounceAtMs: number | null
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
    /**
     * Base64 of one byte a bin: the fewest connected peers that have a piece of it, 255 at most. The bins, at most
     * `AVAILABILITY_BINS`, divide the pieces evenly in order (bin i begins at piece `floor(i * count / bins)`).
     */
    readonly availability: string
    /** Indexes of pieces that are being fetched, 512 at most. */
    readonly active: readonly number[]
  }
  readonly log: readonly LogLine[]
  readonly comment: string | null
  readonly createdBy: string | null
  readonly createdAtMs: number | null
  readonly magnet: string
  readonly webSeeds: readonly string[]
  /** Of pieces that failed their hash, and of blocks that came twice. */
  readonly wastedBytes: number
}

export const AVAILABILITY_BINS = 2_048

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
  /** Of the disk of the default folder. */
  readonly freeBytes: number | null
  readonly startedAtMs: number
  /** Since it started. */
  readonly downloadedBytes: number
  readonly uploadedBytes: number
  /** Since its state folder exists. */
  readonly allDownloadedBytes: number
  readonly allUploadedBytes: number
  readonly peersConnected: number
  readonly maxPeers: number
  readonly maxPeersPerTorrent: number
  readonly uploadSlots: number
  /** Goals of torrents that have none of their own or of their category. */
  readonly ratioGoal: number | null
  readonly seedMsGoal: number | null
  readonly idleMsGoal: number | null
  readonly alternative: AlternativeLimits
  /** By name. */
  readonly categories: readonly Category[]
  readonly jobs: readonly Job[]
  readonly isDhtOn: boolean
  readonly isPexOn: boolean
  readonly isLsdOn: boolean
  readonly isUtpOn: boolean
  readonly isWebRtcOn: boolean
  readonly encryption: 'off' | 'prefer' | 'require'
  readonly isPortMappingOn: boolean
  readonly isAnonymous: boolean
  /** All goes through a proxy: what cannot is off, whatever its switch says. */
  readonly isProxied: boolean
  readonly isTrackerOn: boolean
  /** Keys of `set-session` that the node's configuration sets: a change of them lasts until it is restarted. */
  readonly configured: readonly string[]
}

/** Limits that take the place of the session's while they are on. */
export interface AlternativeLimits {
  readonly isOn: boolean
  readonly down: number | null
  readonly up: number | null
  readonly schedule: Schedule | null
}

/** Work that takes a while and belongs to no torrent yet: hashing a folder that is to be shared. */
export interface Job {
  readonly id: string
  readonly kind: 'share'
  readonly path: string
  readonly doneBytes: number
  /** `null` while the files are still being counted. */
  readonly totalBytes: number | null
  readonly startedAtMs: number
}

/** What a .torrent file holds, before it is added. */
export interface TorrentPreview {
  readonly id: string
  readonly name: string
  /** `/` between components; pad files are left out. `index` is the torrent's own. */
  readonly files: readonly {
    readonly index: number
    readonly path: string
    readonly lengthBytes: number
  }[]
  readonly totalBytes: number
  readonly pieceCount: number
  readonly pieceLengthBytes: number
  readonly isPrivate: boolean
  readonly comment: string | null
  readonly trackers: readonly string[]
  /** It is in the list already. */
  readonly isKnown: boolean
}

/** A folder on the node's machine, for pickers. */
export interface FolderListing {
  /** As the disk has it. `null`: the list of the folders from which one may begin. */
  readonly path: string | null
  readonly parent: string | null
  readonly entries: readonly FolderEntry[]
  /** There were more than `FOLDER_ENTRIES`. */
  readonly isCut: boolean
  readonly freeBytes: number | null
}

export interface FolderEntry {
  readonly name: string
  /** As the disk has it: to be sent back, not to be shown. */
  readonly path: string
  readonly kind: 'folder' | 'file'
  /** Of files. */
  readonly lengthBytes: number | null
}

export const FOLDER_ENTRIES = 2_000

const torrentIds = z
  .array(z.string().regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/))
  .min(1)
  .max(10_000)
const path = z.string().min(1).max(4096)

export const AddSource = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('magnet'), uri: z.string().max(8192) }),
  /** Base64 of a .torrent file. */
  z.strictObject({ kind: z.literal('metainfo'), base64: z.string().max(48 * 1024 * 1024) }),
  /** http(s) address of a .torrent file. */
  z.strictObject({ kind: z.literal('url'), url: z.string().max(8192) }),
])
export type AddSource = z.infer<typeof AddSource>

const tags = z.array(label).max(32)
const trackerUrl = z.string().max(2048)

/** Every command, by `do`. Ids that do not exist are refused, the others still done. */
export const Command = z.discriminatedUnion('do', [
  z.strictObject({
    do: z.literal('add'),
    source: AddSource,
    folder: path.optional(),
    isPaused: z.boolean().optional(),
    isSequential: z.boolean().optional(),
    /** Indexes of wanted files; all when absent. */
    wantedFiles: z.array(z.int().min(0)).max(200_000).optional(),
    /** Numeric `address:port` of peers to try at once. */
    peers: z.array(z.string().max(64)).max(50).optional(),
    /** Where it goes, and its limits, follow the category unless said otherwise. */
    category: label.optional(),
    tags: tags.optional(),
    limits: TorrentLimits.partial().optional(),
    /** Paused by itself once the metadata is known and before anything is fetched: to choose files of a magnet. */
    stopAt: z.literal('metadata').optional(),
    isForced: z.boolean().optional(),
    /** Its place in the queue: first rather than last. */
    isFirst: z.boolean().optional(),
  }),
  /** Makes a torrent of a file or folder on the node's machine and seeds it in place. */
  z.strictObject({
    do: z.literal('share'),
    path,
    trackers: z.array(trackerUrl).max(100).optional(),
    pieceLength: z.int().min(16_384).max(268_435_456).optional(),
    isPrivate: z.boolean().optional(),
    comment: z.string().max(1024).optional(),
    category: label.optional(),
    tags: tags.optional(),
  }),
  /** Breaks a job off. */
  z.strictObject({ do: z.literal('cancel-job'), job: z.string().max(64) }),
  z.strictObject({ do: z.literal('pause'), ids: torrentIds }),
  /** `isForced`: past the queue from now on, or in the queue again; as before when absent. */
  z.strictObject({ do: z.literal('resume'), ids: torrentIds, isForced: z.boolean().optional() }),
  z.strictObject({ do: z.literal('remove'), ids: torrentIds, deleteData: z.boolean() }),
  z.strictObject({ do: z.literal('recheck'), ids: torrentIds }),
  z.strictObject({ do: z.literal('reannounce'), ids: torrentIds }),
  z.strictObject({ do: z.literal('move'), ids: torrentIds, folder: path }),
  z.strictObject({
    do: z.literal('rename'),
    id: torrentIds.element,
    /** A file or folder within, as `FileDetail.path` has it. Absent: the torrent and its topmost file or folder. */
    path: path.optional(),
    /** One component of a path. */
    name: z.string().min(1).max(240),
  }),
  z.strictObject({
    do: z.literal('set-trackers'),
    id: torrentIds.element,
    /** Tiers: within one, the first that answers is used. */
    tiers: z.array(z.array(trackerUrl).min(1).max(100)).max(100),
  }),
  /** `null` takes them out of their category. They stay where they are. */
  z.strictObject({ do: z.literal('set-category'), ids: torrentIds, category: label.nullable() }),
  z.strictObject({
    do: z.literal('tag'),
    ids: torrentIds,
    add: tags.optional(),
    remove: tags.optional(),
  }),
  /** Makes a category, or changes one; what is absent stays. */
  z.strictObject({
    do: z.literal('save-category'),
    name: label,
    folder: path.nullable().optional(),
    limits: CategoryLimits.partial().optional(),
  }),
  /** Its torrents stay, without a category. */
  z.strictObject({ do: z.literal('remove-category'), name: label }),
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
    defaultFolder: path.optional(),
    maxPeers: z.int().min(1).max(10_000).optional(),
    maxPeersPerTorrent: z.int().min(1).max(1_000).optional(),
    uploadSlots: z.int().min(1).max(1_000).optional(),
    ratioGoal: z.number().min(0).nullable().optional(),
    seedMsGoal: z.number().min(0).nullable().optional(),
    idleMsGoal: z.number().min(0).nullable().optional(),
    isAlternativeOn: z.boolean().optional(),
    altDownLimit: rate.optional(),
    altUpLimit: rate.optional(),
    altSchedule: Schedule.nullable().optional(),
    isDhtOn: z.boolean().optional(),
    isPexOn: z.boolean().optional(),
    isLsdOn: z.boolean().optional(),
    isUtpOn: z.boolean().optional(),
    isWebRtcOn: z.boolean().optional(),
    encryption: z.enum(['off', 'prefer', 'require']).optional(),
    isPortMappingOn: z.boolean().optional(),
    isAnonymous: z.boolean().optional(),
    /** The embedded tracker, where the configuration says. */
    isTrackerOn: z.boolean().optional(),
  }),
  /** Ends the node, where its operator allows that. */
  z.strictObject({ do: z.literal('shut-down') }),
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

/** What a caller may do: look; also add and preview; everything. */
export const SCOPES = ['read', 'add', 'full'] as const
export type Scope = (typeof SCOPES)[number]

/** What every UI talks to: the node in its own process, or another client's node far away. */
/** For whom something is done: less may be done for one who holds a lesser token. */
export interface Caller {
  readonly scope: Scope
  /** Whether .torrent files may be fetched for it from this machine and from private networks. */
  readonly reachesPrivate: boolean
}

/** The owner where no caller is named. */
export interface Control {
  run(command: Command, caller?: Caller): Promise<CommandResult>
  detail(id: string): Promise<TorrentDetail | null>
  /** The .torrent file; `null` while the metadata is unknown. */
  metainfo(id: string): Promise<Uint8Array | null>
  /** What adding this would add. A magnet has nothing to look at: add it with `stopAt`. */
  preview(source: AddSource, caller?: Caller): Promise<TorrentPreview | Problem>
  /** What lies in a folder of the node's machine, within what its operator allows; `null` for where to begin. */
  browse(path: string | null, caller?: Caller): Promise<FolderListing | Problem>
  network(): Promise<NetworkStatus | Problem>
  /** Asks the DHT through this node. */
  dht(query: DhtQuery, caller?: Caller): Promise<DhtAnswer | Problem>
  /** Watches the wire of a peer, from its handshake on as far as that is remembered. Answers how to stop. */
  inspect(target: WireTarget, listener: (event: WireEvent) => void): () => void
  /** Calls back with a snapshot soon, then with diffs at most twice a second. Answers how to stop. */
  watch(listener: (update: Update) => void): () => void
  close(): Promise<void>
}
