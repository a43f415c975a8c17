/**
 * All routes of the control API in one table: what is mounted, what callers need, and what the OpenAPI document says
 * come from here.
 */
import { z } from 'zod'
import { type Scope, AddSource, Command, SCOPES } from './contract.ts'
import { FILTER_CHARACTERS } from './filter.ts'
import {
  DetailAnswer,
  ListingAnswer,
  PreviewAnswer,
  ResultAnswer,
  SessionAnswer,
  SummaryAnswer,
} from './messages.ts'
import { DhtResult, NetworkAnswer } from './network-messages.ts'
import { DhtQuery } from './network.ts'
import { UploadQuery } from './upload-query.ts'

/** Room for 10,000 torrent ids. */
export const COMMAND_BYTES: number = 1024 * 1024
/** A .torrent file as it is. */
export const TORRENT_FILE_BYTES: number = 32 * 1024 * 1024
/** An `add` command with the file in base64 and 200,000 indexes. */
export const ADD_COMMAND_BYTES: number = 48 * 1024 * 1024

/** A value of 1,000 bytes in base64, and what belongs to it. */
export const DHT_QUERY_BYTES: number = 8 * 1024

export const TORRENT_TYPE = 'application/x-bittorrent'
export const JSON_TYPE = 'application/json'

export interface ApiRoute {
  readonly method: 'get' | 'post'
  /** With `{id}` for a part that varies, as OpenAPI has it. */
  readonly path: `/${string}`
  /** `null`: anybody who reaches the server. */
  readonly scope: Scope | null
  readonly summary: string
  readonly query?: z.ZodObject
  readonly body?: RouteBody
  /** `file`: a .torrent file; `upgrade`: the protocol changes to WebSocket; `document`: this very description. */
  readonly answer: z.ZodObject | z.ZodDiscriminatedUnion | 'file' | 'upgrade' | 'document'
  /** Statuses of problems besides those that every route may have. */
  readonly problems: readonly number[]
}

export interface RouteBody {
  readonly json: z.ZodType
  readonly jsonBytes: number
  /** A .torrent file as it is may come instead. */
  readonly takesFile: boolean
}

const number = (most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, 'not a whole number')
    .transform(Number)
    .pipe(z.int().min(0).max(most))

export const ListQuery = z.strictObject({
  filter: z
    .string()
    .max(FILTER_CHARACTERS)
    .optional()
    .describe('In the filter language: progress<100 & tag:iso'),
  sort: z.string().max(256).optional().describe('Keys with commas between, as -ratio,name'),
  offset: number(1_000_000).optional(),
  limit: number(100_000).optional(),
})

export const FoldersQuery = z.strictObject({
  path: z.string().max(4096).optional().describe('Absolute; absent for where to begin'),
})

/** What is to be previewed. */
export const PreviewBody = z.strictObject({ source: AddSource })

export const TicketAnswer = z.object({
  ticket: z.string(),
  expiresInMs: z.int(),
  scope: z.enum(SCOPES),
})

export const API_ROUTES = {
  health: {
    method: 'get',
    path: '/healthz',
    scope: null,
    summary: 'Whether the server answers',
    answer: z.object({ status: z.literal('ok') }),
    problems: [],
  },
  session: {
    method: 'get',
    path: '/api/v1/session',
    scope: 'read',
    summary: 'What holds for the node as a whole',
    answer: z.object({ session: SessionAnswer }),
    problems: [],
  },
  list: {
    method: 'get',
    path: '/api/v1/torrents',
    scope: 'read',
    summary: 'The torrents, or those that a filter finds, in any order',
    query: ListQuery,
    answer: z.object({
      number: z.int().describe('Of the update that this list is as of'),
      total: z.int().describe('How many the filter found'),
      torrents: z.array(SummaryAnswer),
    }),
    problems: [400],
  },
  add: {
    method: 'post',
    path: '/api/v1/torrents',
    scope: 'add',
    summary: 'Adds a torrent: a .torrent file, or an `add` command',
    query: UploadQuery,
    body: { json: Command, jsonBytes: ADD_COMMAND_BYTES, takesFile: true },
    answer: ResultAnswer,
    problems: [400, 409],
  },
  detail: {
    method: 'get',
    path: '/api/v1/torrents/{id}',
    scope: 'read',
    summary: 'All about one torrent',
    answer: z.object({ detail: DetailAnswer }),
    problems: [404],
  },
  metainfo: {
    method: 'get',
    path: '/api/v1/torrents/{id}/metainfo',
    scope: 'read',
    summary: 'The .torrent file',
    answer: 'file',
    problems: [404, 409],
  },
  run: {
    method: 'post',
    path: '/api/v1/commands',
    scope: 'add',
    summary: 'Runs a command; all but `add` need the scope "full"',
    body: { json: Command, jsonBytes: COMMAND_BYTES, takesFile: false },
    answer: ResultAnswer,
    problems: [400, 404, 409],
  },
  preview: {
    method: 'post',
    path: '/api/v1/preview',
    scope: 'add',
    summary: 'What a .torrent file holds, before it is added',
    body: { json: PreviewBody, jsonBytes: ADD_COMMAND_BYTES, takesFile: true },
    answer: z.object({ preview: PreviewAnswer }),
    problems: [400, 409],
  },
  folders: {
    method: 'get',
    path: '/api/v1/folders',
    scope: 'add',
    summary: "What a folder of the node's machine holds, for pickers",
    query: FoldersQuery,
    answer: z.object({ listing: ListingAnswer }),
    problems: [400, 404, 409],
  },
  network: {
    method: 'get',
    path: '/api/v1/network',
    scope: 'read',
    summary: 'How peers are found and reached, and what stands in the way',
    answer: z.object({ network: NetworkAnswer }),
    problems: [409],
  },
  dht: {
    method: 'post',
    path: '/api/v1/dht',
    scope: 'add',
    summary: 'Asks the DHT through this node; what stores something needs the scope "full"',
    body: { json: DhtQuery, jsonBytes: DHT_QUERY_BYTES, takesFile: false },
    answer: z.object({ answer: DhtResult }),
    problems: [400, 409, 429],
  },
  ticket: {
    method: 'post',
    path: '/api/v1/ticket',
    scope: 'read',
    summary: 'A ticket that opens one WebSocket, for pages that cannot send a header with it',
    answer: TicketAnswer,
    problems: [],
  },
  events: {
    method: 'get',
    path: '/api/v1/events',
    scope: 'read',
    summary:
      'A WebSocket: a snapshot, then what changes; commands and their results; the wires of peers',
    query: z.strictObject({ ticket: z.string().max(64).optional() }),
    answer: 'upgrade',
    problems: [426],
  },
  document: {
    method: 'get',
    path: '/api/v1/openapi.json',
    scope: 'read',
    summary: 'This document',
    answer: 'document',
    problems: [],
  },
} as const satisfies { readonly [name: string]: ApiRoute }

export type RouteName = keyof typeof API_ROUTES
