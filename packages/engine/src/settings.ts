/**
 * What a user may set about a node, and the bounds that no one may. Sizes are bytes, rates bytes a second.
 */
import type { Millis } from '@pigeon/protocol/machine'
import type { Schedule } from './schedule.ts'

/** `off`: plain only. `prefer`: encrypted where the other can. `require`: nothing else. */
export type EncryptionPolicy = 'off' | 'prefer' | 'require'

/** The public nodes by which a DHT that knows nobody begins. */
export const PUBLIC_BOOTSTRAP_NODES: readonly string[] = [
  'dht.libtorrent.org:25401',
  'router.bittorrent.com:6881',
  'dht.transmissionbt.com:6881',
  'router.utorrent.com:6881',
]

export interface EngineSettings {
  /** Such as `pigeond 0.1.0`: what peers see as our client. */
  readonly clientName: string
  /** Where peers reach us; `null` takes no incoming connections. */
  readonly listen: { readonly host: string; readonly port: number } | null
  /** Where new torrents go unless told otherwise; absolute. */
  readonly defaultFolder: string
  readonly downLimit: number | null
  readonly upLimit: number | null
  /** Torrents that download or seed at the same time. */
  readonly maxActive: number
  readonly maxPeers: number
  readonly maxPeersPerTorrent: number
  readonly connectionsPerAddress: number
  /** Peers that we serve at the same time, per torrent. */
  readonly uploadSlots: number
  /** The least time between two announces to one tracker. */
  readonly minAnnounceMs: Millis
  /** Seeding goals of torrents that set none of their own. */
  readonly ratioGoal: number | null
  readonly seedMsGoal: Millis | null
  /** Without a byte going out. */
  readonly idleMsGoal: Millis | null
  /** Whether the alternative limits take the place of the others now. */
  readonly isAlternativeOn: boolean
  readonly altDownLimit: number | null
  readonly altUpLimit: number | null
  /** When they are switched on and off by themselves. */
  readonly altSchedule: Schedule | null
  readonly readCacheBytes: number
  /** Keys of `SessionChange` that the user's configuration sets: for these it wins over what was saved. */
  readonly configured: readonly string[]
  /** Ports after that of `listen` that are tried when it is taken. */
  readonly listenPortTries: number
  readonly isDhtOn: boolean
  /** `host:port` of nodes that are asked when we know nobody. */
  readonly bootstrapNodes: readonly string[]
  /** BEP 43: asks and never answers. */
  readonly isDhtReadOnly: boolean
  readonly isPexOn: boolean
  readonly isLsdOn: boolean
  readonly isUtpOn: boolean
  /** Whether peers are dialled, and let in, over TCP. */
  readonly isTcpOn: boolean
  readonly isWebRtcOn: boolean
  readonly encryption: EncryptionPolicy
  /** Whether the router is asked to pass our port on. */
  readonly isPortMappingOn: boolean
  /** Nothing says who we are: no client name, no own addresses, another peer id for each torrent. */
  readonly isAnonymous: boolean
  /** All goes through a proxy: what cannot (UDP, incoming, multicast, the router) is off, whatever else is set. */
  readonly isProxied: boolean
}

export const DEFAULT_SETTINGS: EngineSettings = {
  clientName: 'Pigeon 0.1.0',
  listen: { host: '0.0.0.0', port: 6881 },
  defaultFolder: '.',
  downLimit: null,
  upLimit: null,
  maxActive: 20,
  maxPeers: 200,
  maxPeersPerTorrent: 50,
  connectionsPerAddress: 1,
  uploadSlots: 8,
  minAnnounceMs: 5 * 60_000,
  ratioGoal: null,
  seedMsGoal: null,
  idleMsGoal: null,
  isAlternativeOn: false,
  altDownLimit: null,
  altUpLimit: null,
  altSchedule: null,
  readCacheBytes: 16 * 1024 * 1024,
  configured: [],
  listenPortTries: 10,
  isDhtOn: true,
  bootstrapNodes: PUBLIC_BOOTSTRAP_NODES,
  isDhtReadOnly: false,
  isPexOn: true,
  isLsdOn: false,
  isUtpOn: true,
  isTcpOn: true,
  isWebRtcOn: true,
  encryption: 'prefer',
  isPortMappingOn: false,
  isAnonymous: false,
  isProxied: false,
}

export function isAbsoluteFolder(folder: string): boolean {
  return folder.startsWith('/') && !folder.includes('\0')
}

/** Bounds on what peers may make us hold or do. */
export const LIMITS = {
  blockBytes: 16_384,
  requestQueueIn: 500,
  requestQueueOut: 500,
  /** Bytes queued to one peer before we stop adding blocks. */
  sendQueueBytes: 524_288,
  halfOpen: 50,
  dialsPerSecond: 20,
  waitingHandshakes: 64,
  /** A request unanswered for this long is asked of somebody else. */
  requestMs: 60_000,
  /** No block for this long while we wait for some: the peer is snubbing us. */
  snubMs: 30_000,
  /** Verified pieces are made durable and recorded this often, or after `syncPieces` of them. */
  syncMs: 1_000,
  syncPieces: 64,
  /** Totals alone are recorded this often. */
  recordTotalsMs: 60_000,
  /** A full disk is tried again this often. */
  diskRetryMs: 60_000,
  /** How often a torrent that seeds is held against its goals. */
  goalCheckMs: 1_000,
  diskHeadroomBytes: 67_108_864,
  /** Without buffers for new pieces, a piece that got nothing for this long gives its own up. */
  stalePieceMs: 60_000,
  /** The same for a piece of a torrent that has no peers. */
  orphanPieceMs: 5_000,
  /** After rejecting us, a peer is left alone for this long; twice as long with each further time. */
  firstRejectRestMs: 100,
  longestRejectRestMs: 60_000,
  /** How often a choked peer may fetch each piece that it is allowed fast. */
  allowedFastCopies: 2,
  /** Peers of a torrent that the user named and that are remembered. */
  rememberedPeers: 50,
  /** Of a torrent's connections, those that may be incoming. */
  incomingShare: 0.75,
  connectionsPerIpv6Block: 3,
  /** A connection so young is not given up for another. */
  settledMs: 60_000,
  /** Of a seed's connections, those that it begins itself. */
  seedingDialShare: 0.5,
  tickMs: 100,
  /** With more torrents than this, who has a turn is decided no more often than each tick. */
  promptTurns: 500,
  /** Pieces hashed at the same time while checking. */
  checksInFlight: 4,
  logLines: 200,
  tagsPerTorrent: 64,
  /** Renames of a torrent and of what is in it, beyond which it takes no more. */
  renames: 1_000,
  /** How often the totals of the session are recorded, and the schedule of the alternative limits is looked at. */
  recordSessionMs: 60_000,
  scheduleMs: 1_000,
  /** A peer that leaves a metadata request unanswered for this long is left alone for as long. */
  metadataMs: 10_000,
} as const
