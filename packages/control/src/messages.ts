/** What passes over the control's WebSocket, one JSON value a message. */
import { z } from 'zod'
import type {
  CommandResult,
  Problem,
  SessionSummary,
  TorrentDetail,
  TorrentSummary,
  Update,
} from './contract.ts'

/** Numbers or words by which a client knows its answers again. */
const RequestId = z.union([z.int(), z.string().max(64)])
export type RequestId = z.infer<typeof RequestId>

/** The command within is checked by `checkCommand`, which can say what is wrong with it. */
export const ClientMessage = z.union([
  z.strictObject({ run: z.unknown(), id: RequestId }),
  z.strictObject({ detail: z.string().max(64) }),
  z.strictObject({ resync: z.literal(true) }),
])
export type ClientMessage = z.infer<typeof ClientMessage>

export type ServerMessage =
  | Update
  | { readonly kind: 'result'; readonly id: RequestId; readonly result: CommandResult }
  /** `id`: the torrent's. */
  | { readonly kind: 'detail'; readonly id: string; readonly detail: TorrentDetail | null }
  /** The client's message was not understood, or cannot be answered. */
  | { readonly kind: 'refused'; readonly problem: Problem }

// What a client demands of a node's answers. Fields that it does not know are left out: nodes may be newer.

const Amount = z.number().min(0)
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
}) satisfies z.ZodType<TorrentSummary>

export const UpdateAnswer = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('snapshot'),
    number: z.int(),
    session: SessionAnswer,
    torrents: z.array(SummaryAnswer),
  }),
  z.object({
    kind: z.literal('diff'),
    number: z.int(),
    session: SessionAnswer.nullable(),
    changed: z.array(SummaryAnswer),
    removed: z.array(z.string()),
  }),
  z.object({ kind: z.literal('offline'), problem: ProblemAnswer }),
]) satisfies z.ZodType<Update>

export const ResultAnswer = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), ids: z.array(z.string()) }),
  z.object({ ok: z.literal(false), problem: ProblemAnswer, ids: z.array(z.string()) }),
]) satisfies z.ZodType<CommandResult>

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
  peers: z.array(
    z.object({
      address: z.string(),
      client: z.string(),
      direction: z.enum(['incoming', 'outgoing']),
      transport: z.enum(['tcp', 'utp', 'webrtc']),
      source: z.enum(['tracker', 'magnet', 'incoming', 'user', 'dht', 'pex', 'lsd']),
      progress: Share,
      downRate: Amount,
      upRate: Amount,
      isChokingUs: z.boolean(),
      isChokedByUs: z.boolean(),
      isInterestedInUs: z.boolean(),
      areWeInterested: z.boolean(),
      isSnubbed: z.boolean(),
    }),
  ),
  trackers: z.array(
    z.object({
      url: z.string(),
      tier: z.int().min(0),
      state: z.enum(['idle', 'announcing', 'working', 'failing', 'disabled']),
      message: z.string(),
      seeds: Amount.nullable(),
      leechers: Amount.nullable(),
      nextAnnounceInMs: z.number().nullable(),
    }),
  ),
  pieces: z.object({
    count: z.int().min(0),
    lengthBytes: Amount,
    verified: z.string().regex(/^[A-Za-z0-9+/]*={0,2}$/),
  }),
  log: z.array(
    z.object({ atMs: z.number(), level: z.enum(['info', 'warn', 'error']), text: z.string() }),
  ),
  comment: z.string().nullable(),
  createdBy: z.string().nullable(),
  createdAtMs: z.number().nullable(),
  magnet: z.string(),
  limits: z.object({
    down: Amount.nullable(),
    up: Amount.nullable(),
    ratio: Amount.nullable(),
    seedMs: Amount.nullable(),
  }),
}) satisfies z.ZodType<TorrentDetail>
