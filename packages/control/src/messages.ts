/** What passes over the control's WebSocket, one JSON value a message. */
import { z } from 'zod'
import { WEEKDAYS } from './contract.ts'
import type {
  CommandResult,
  FolderListing,
  Problem,
  SessionSummary,
  TorrentDetail,
  TorrentPreview,
  TorrentSummary,
} from './contract.ts'
import { fillPeer, fillSession } from './older-nodes.ts'
import type { WireUpdate } from './wire-updates.ts'
import type { WireMessageOut } from './wire-watches.ts'

/** Numbers or words by which a client knows its answers again. */
const RequestId = z.union([z.int(), z.string().max(64)])
export type RequestId = z.infer<typeof RequestId>

const WireTarget = z.strictObject({ torrent: z.string().max(64), peer: z.int().min(0) })

/** The command within is checked by `checkCommand`, which can say what is wrong with it. */
export const ClientMessage = z.union([
  z.strictObject({ run: z.unknown(), id: RequestId }),
  z.strictObject({ detail: z.string().max(64) }),
  z.strictObject({ resync: z.literal(true) }),
  /** Watches the wire of a peer; `null` ends all watches of this client. */
  z.strictObject({ inspect: WireTarget.nullable() }),
  z.strictObject({ uninspect: WireTarget }),
])
export type ClientMessage = z.infer<typeof ClientMessage>

export type ServerMessage =
  | WireUpdate
  | { readonly kind: 'result'; readonly id: RequestId; readonly result: CommandResult }
  /** `id`: the torrent's. */
  | { readonly kind: 'detail'; readonly id: string; readonly detail: TorrentDetail | null }
  | WireMessageOut
  /** The client's message was not understood, or cannot be answered. */
  | { readonly kind: 'refused'; readonly problem: Problem }

// What a client demands of a node's answers. Fields that it does not know are left out: nodes may be newer.

const Amount = z.number().min(0)
const Goal = z.union([Amount, z.literal('never')]).nullable()
const Base64 = z.string().regex(/^[A-Za-z0-9+/]*={0,2}$/)
const Share = z.number().min(0).max(1)

export const ProblemAnswer = z.object({ code: z.string(), message: z.string(), help: z.string() })

export const SessionAnswer = z.object({
  node: z.string(),
  peerId: z.string(),
  listening: z.string().nullable(),
  problem: ProblemAnswer.nullable(),
  defaultFolder: z.string(),
  downRate: Amount,
  upRate: Amount,
  downLimit: Amount.nullable(),
  upLimit: Amount.nullable(),
  maxActive: Amount,
  freeBytes: Amount.nullable(),
  startedAtMs: z.number(),
  downloadedBytes: Amount,
  uploadedBytes: Amount,
  allDownloadedBytes: Amount,
  allUploadedBytes: Amount,
  peersConnected: Amount,
  maxPeers: Amount,
  maxPeersPerTorrent: Amount,
  uploadSlots: Amount,
  ratioGoal: Amount.nullable(),
  seedMsGoal: Amount.nullable(),
  idleMsGoal: Amount.nullable(),
  alternative: z.object({
    isOn: z.boolean(),
    down: Amount.nullable(),
    up: Amount.nullable(),
    schedule: z
      .object({ days: z.array(z.enum(WEEKDAYS)), fromMinute: Amount, toMinute: Amount })
      .nullable(),
  }),
  categories: z.array(
    z.object({
      name: z.string(),
      folder: z.string().nullable(),
      limits: z.object({
        down: Amount.nullable(),
        up: Amount.nullable(),
        ratio: Goal,
        seedMs: Goal,
      }),
    }),
  ),
  jobs: z.array(
    z.object({
      id: z.string(),
      kind: z.literal('share'),
      path: z.string(),
      doneBytes: Amount,
      totalBytes: Amount.nullable(),
      startedAtMs: z.number(),
    }),
  ),
  configured: z.array(z.string()),
  isDhtOn: z.boolean(),
  isPexOn: z.boolean(),
  isLsdOn: z.boolean(),
  isUtpOn: z.boolean(),
  isWebRtcOn: z.boolean(),
  encryption: z.enum(['off', 'prefer', 'require']),
  isPortMappingOn: z.boolean(),
  isAnonymous: z.boolean(),
  isProxied: z.boolean(),
  isTrackerOn: z.boolean(),
}) satisfies z.ZodType<SessionSummary>

export const SummaryAnswer = z.object({
  id: z.string().regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/),
  name: z.string(),
  infoHashV1: z.string().nullable(),
  infoHashV2: z.string().nullable(),
  state: z.enum([
    'queued',
    'metadata',
    'checking',
    'downloading',
    'seeding',
    'paused',
    'moving',
    'error',
  ]),
  problem: ProblemAnswer.nullable(),
  wantedBytes: Amount,
  doneBytes: Amount,
  progress: Share,
  downRate: Amount,
  upRate: Amount,
  downloadedBytes: Amount,
  uploadedBytes: Amount,
  ratio: Amount.nullable(),
  etaMs: Amount.nullable(),
  peersConnected: Amount,
  seedsConnected: Amount,
  swarmSeeds: Amount.nullable(),
  swarmLeechers: Amount.nullable(),
  addedAtMs: z.number(),
  finishedAtMs: z.number().nullable(),
  folder: z.string(),
  isPrivate: z.boolean(),
  isSequential: z.boolean(),
  queuePosition: Amount.nullable(),
  totalBytes: Amount,
  hasMetadata: z.boolean(),
  category: z.string().nullable(),
  tags: z.array(z.string()),
  isForced: z.boolean(),
  availability: Amount.nullable(),
  seededMs: Amount,
  activeAtMs: z.number().nullable(),
  tracker: z.string().nullable(),
  limits: z.object({
    down: Amount.nullable(),
    up: Amount.nullable(),
    ratio: Goal,
    seedMs: Goal,
    idleMs: Goal,
    maxPeers: Amount.nullable(),
    ignoresSession: z.boolean(),
    priority: z.enum(['low', 'normal', 'high']),
  }),
}) satisfies z.ZodType<TorrentSummary>

/** A diff is read as it comes; whole summaries are checked when it is put together (`wire-updates.ts`). */
export const UpdateAnswer = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('snapshot'),
    number: z.int(),
    session: z.preprocess(fillSession, SessionAnswer),
    torrents: z.array(SummaryAnswer),
  }),
  z.object({
    kind: z.literal('diff'),
    number: z.int(),
    session: SessionAnswer.partial().nullable(),
    changed: z.array(SummaryAnswer.partial().required({ id: true })),
    removed: z.array(z.string()),
  }),
  z.object({ kind: z.literal('offline'), problem: ProblemAnswer }),
])

export const ResultAnswer = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), ids: z.array(z.string()) }),
  z.object({ ok: z.literal(false), problem: ProblemAnswer, ids: z.array(z.string()) }),
]) satisfies z.ZodType<CommandResult>

const PeerAnswer = z.object({
  address: z.string(),
  client: z.string(),
  direction: z.enum(['incoming', 'outgoing']),
  number: z.number(),
  transport: z.enum(['tcp', 'utp', 'webrtc']),
  isEncrypted: z.boolean(),
  source: z.enum(['tracker', 'magnet', 'incoming', 'user', 'dht', 'pex', 'lsd']),
  progress: Share,
  downRate: Amount,
  upRate: Amount,
  isChokingUs: z.boolean(),
  isChokedByUs: z.boolean(),
  isInterestedInUs: z.boolean(),
  areWeInterested: z.boolean(),
  isSnubbed: z.boolean(),
  downloadedBytes: Amount,
  uploadedBytes: Amount,
  connectedMs: Amount,
})

export const DetailAnswer = z.object({
  summary: SummaryAnswer,
  files: z.array(
    z.object({
      index: z.int().min(0),
      path: z.string(),
      lengthBytes: Amount,
      doneBytes: Amount,
      priority: z.enum(['skip', 'low', 'normal', 'high']),
    }),
  ),
  peers: z.array(PeerAnswer),
  trackers: z.array(
    z.object({
      url: z.string(),
      tier: z.int().min(0),
      state: z.enum(['idle', 'announcing', 'working', 'failing', 'disabled']),
      message: z.string(),
      seeds: Amount.nullable(),
      leechers: Amount.nullable(),
      nextAnnounceInMs: z.number().nullable(),
      lastAnnounceAtMs: z.number().nullable(),
    }),
  ),
  pieces: z.object({
    count: z.int().min(0),
    lengthBytes: Amount,
    verified: Base64,
    availability: Base64,
    active: z.array(z.int().min(0)),
  }),
  log: z.array(
    z.object({ atMs: z.number(), level: z.enum(['info', 'warn', 'error']), text: z.string() }),
  ),
  comment: z.string().nullable(),
  createdBy: z.string().nullable(),
  createdAtMs: z.number().nullable(),
  magnet: z.string(),
  webSeeds: z.array(z.string()),
  wastedBytes: Amount,
}) satisfies z.ZodType<TorrentDetail>

/** As `DetailAnswer`, also of an earlier version. */
export const AnyDetailAnswer = DetailAnswer.extend({
  peers: z.array(z.preprocess(fillPeer, PeerAnswer)),
})

export const PreviewAnswer = z.object({
  id: z.string(),
  name: z.string(),
  files: z.array(z.object({ index: z.int().min(0), path: z.string(), lengthBytes: Amount })),
  totalBytes: Amount,
  pieceCount: Amount,
  pieceLengthBytes: Amount,
  isPrivate: z.boolean(),
  comment: z.string().nullable(),
  trackers: z.array(z.string()),
  isKnown: z.boolean(),
}) satisfies z.ZodType<TorrentPreview>

export const ListingAnswer = z.object({
  path: z.string().nullable(),
  parent: z.string().nullable(),
  entries: z.array(
    z.object({
      name: z.string(),
      path: z.string(),
      kind: z.enum(['folder', 'file']),
      lengthBytes: Amount.nullable(),
    }),
  ),
  isCut: z.boolean(),
  freeBytes: Amount.nullable(),
}) satisfies z.ZodType<FolderListing>
