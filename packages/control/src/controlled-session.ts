/**
 * What `SessionControl` needs of the engine's session. Field names are the contract's; texts are still raw (as peers,
 * torrents and trackers wrote them) and bytes are still bytes.
 */
import type { DhtAccess } from '@pigeon/engine/dht-access'
import type { NetworkStatus, WireEvent } from './network.ts'
import type {
  CategoryLimits,
  FilePriority,
  Schedule,
  SessionSummary,
  TorrentDetail,
  TorrentLimits,
  TorrentPreview,
  TorrentSummary,
} from './contract.ts'

/** What was wrong: an engine `Refusal` or an `IoProblem`, or anything of the same shape. */
export interface SessionProblem {
  readonly kind: 'refusal' | 'io-problem'
  readonly code: string
  readonly message: string
  readonly help: string
}

/** Texts are raw. */
export type RawTorrentSummary = TorrentSummary

/** Texts are raw; the maps of pieces are still bytes, as the contract has them before base64. */
export interface RawTorrentDetail extends Omit<TorrentDetail, 'pieces'> {
  readonly pieces: {
    readonly count: number
    readonly lengthBytes: number
    readonly verified: Uint8Array
    readonly availability: Uint8Array
    readonly active: readonly number[]
  }
}

/** Texts are raw; which client this is and what it works on, the control adds. */
export type RawSessionSummary = Omit<SessionSummary, 'node' | 'jobs' | 'isTrackerOn'>

/** Texts are raw; the proxy and the embedded tracker are the node's, and the control adds them. */
export type RawNetworkStatus = Omit<NetworkStatus, 'proxy' | 'tracker'>

/** Texts are raw. */
export type RawWireEvent = Extract<WireEvent, { kind: 'messages' }> | { readonly kind: 'ended' }

export type AddSource =
  | { readonly kind: 'magnet'; readonly uri: string }
  /** A .torrent file. */
  | { readonly kind: 'metainfo'; readonly bytes: Uint8Array }
  /** http(s) address of a .torrent file; `isPublicOnly` refuses this machine and private networks. */
  | { readonly kind: 'url'; readonly url: string; readonly isPublicOnly?: boolean }

/** What is absent keeps the session's default. */
export interface AddOptions {
  readonly folder?: string
  readonly isPaused?: boolean
  readonly isSequential?: boolean
  /** Indexes of wanted files; all when absent. */
  readonly wantedFiles?: readonly number[]
  /** Numeric `address:port`. */
  readonly peers?: readonly string[]
  /** The torrent was made of these very files just now: they need no check. */
  readonly isKnownComplete?: boolean
  readonly category?: string
  readonly tags?: readonly string[]
  readonly limits?: Partial<TorrentLimits>
  /** Paused by itself once the metadata is known, before anything is fetched. */
  readonly stopAt?: 'metadata'
  readonly isForced?: boolean
  /** First in the queue rather than last. */
  readonly isFirst?: boolean
}

/** What is absent stays as it is. */
export interface SessionChange {
  readonly downLimit?: number | null
  readonly upLimit?: number | null
  readonly maxActive?: number
  readonly defaultFolder?: string
  readonly maxPeers?: number
  readonly maxPeersPerTorrent?: number
  readonly uploadSlots?: number
  readonly ratioGoal?: number | null
  readonly seedMsGoal?: number | null
  readonly idleMsGoal?: number | null
  readonly isAlternativeOn?: boolean
  readonly altDownLimit?: number | null
  readonly altUpLimit?: number | null
  readonly altSchedule?: Schedule | null
  readonly isDhtOn?: boolean
  readonly isPexOn?: boolean
  readonly isLsdOn?: boolean
  readonly isUtpOn?: boolean
  readonly isWebRtcOn?: boolean
  readonly encryption?: 'off' | 'prefer' | 'require'
  readonly isPortMappingOn?: boolean
  readonly isAnonymous?: boolean
}

/** What is absent stays as it is, or is `null` in a new category. */
export interface CategoryChange {
  readonly name: string
  readonly folder?: string | null
  readonly limits?: Partial<CategoryLimits>
}

export type QueueMove = 'top' | 'up' | 'down' | 'bottom'

/** `null`: it was done. An unknown id is a refusal `unknown-torrent`. */
export type Done = SessionProblem | null
export type MaybePromise<T> = T | Promise<T>

export interface ControlledSession {
  /** Answers the new torrent's id. */
  add(
    source: AddSource,
    options: AddOptions,
  ): MaybePromise<{ readonly kind: 'added'; readonly id: string } | SessionProblem>
  pause(id: string): MaybePromise<Done>
  /** `isForced` stays as it is when absent. */
  resume(id: string, options?: { readonly isForced?: boolean }): MaybePromise<Done>
  remove(id: string, options: { readonly deleteData: boolean }): MaybePromise<Done>
  recheck(id: string): MaybePromise<Done>
  reannounce(id: string): MaybePromise<Done>
  /** May answer when the move has begun; the torrent's state says `moving`, a failure becomes its `problem`. */
  move(id: string, folder: string): MaybePromise<Done>
  setFiles(
    id: string,
    files: readonly { readonly index: number; readonly priority: FilePriority }[],
  ): MaybePromise<Done>
  setSequential(id: string, isSequential: boolean): MaybePromise<Done>
  /** What is absent stays as it is. */
  setLimits(id: string, limits: Partial<TorrentLimits>): MaybePromise<Done>
  /** Moves these together, in their present order. */
  queue(ids: readonly string[], to: QueueMove): MaybePromise<Done>
  /** Numeric `address:port`, an IPv6 address in brackets. */
  addPeer(id: string, peer: string): MaybePromise<Done>
  /** Without a path it renames the torrent and what is topmost in it. */
  rename(id: string, path: string | null, name: string): MaybePromise<Done>
  setTrackers(id: string, tiers: readonly (readonly string[])[]): MaybePromise<Done>
  setCategory(id: string, category: string | null): MaybePromise<Done>
  tag(
    id: string,
    change: { readonly add: readonly string[]; readonly remove: readonly string[] },
  ): MaybePromise<Done>
  saveCategory(change: CategoryChange): MaybePromise<Done>
  removeCategory(name: string): MaybePromise<Done>
  setSession(change: SessionChange): MaybePromise<Done>
  /** Texts are raw. */
  preview(
    source: AddSource,
  ): MaybePromise<{ readonly kind: 'preview'; readonly preview: TorrentPreview } | SessionProblem>
  network(): RawNetworkStatus
  /** `null` while it is off. */
  readonly dht: DhtAccess | null
  /** Watches the wire of a peer, by its number; texts are raw. Answers how to stop. */
  inspect(
    torrentId: string,
    peerNumber: number,
    listener: (event: RawWireEvent) => void,
  ): () => void
  /** All torrents, in the order in which they were added. */
  list(): readonly RawTorrentSummary[]
  summary(): RawSessionSummary
  /** `null`: no such torrent. */
  detail(id: string): RawTorrentDetail | null
  /** The .torrent file; `null` while the metadata is unknown or when there is no such torrent. */
  metainfo(id: string): Uint8Array | null
  /** Calls back when something that shows has changed; may be as often as it likes. Answers how to stop. */
  onChange(callback: () => void): () => void
}
