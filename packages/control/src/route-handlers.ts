/** What each route does, once its caller may use it and its body was read. */
import type { Request, Response } from 'express'
import type { z } from 'zod'
import { FoldersQuery, ListQuery, PreviewBody, TORRENT_TYPE } from './api-routes.ts'
import type { RouteName } from './api-routes.ts'
import { checkCommand } from './check-command.ts'
import type { AddSource, Control, Problem, Update } from './contract.ts'
import { parseFilter } from './filter.ts'
import { type Gate, TICKET_MS, type Turned } from './gate.ts'
import { DhtQuery } from './network.ts'
import { openApiDocument } from './open-api.ts'
import { isProblem, UNKNOWN_TORRENT } from './problems.ts'
import { readWith } from './read-with.ts'
import { callerOf, DHT_SCOPES, notAllowed, refuseCommand } from './scopes.ts'
import { parseSort, sortTorrents } from './sort.ts'
import { NO_UPGRADE, METADATA_UNKNOWN, turn } from './turn.ts'
import { addOptionsFromQuery } from './upload-query.ts'

export interface RouteContext {
  readonly control: Control
  readonly gate: Gate
  readonly request: Request
  readonly response: Response
}

type Handler = (context: RouteContext) => void | Promise<void>

export const ROUTE_HANDLERS: { readonly [N in RouteName]: Handler } = {
  health: ({ response }) => void response.json({ status: 'ok' }),
  session: async ({ control, response }) => {
    const { session } = await snapshotOf(control)
    response.json({ session })
  },
  list: answerList,
  add: (context) => runCommand(context, addCommandOf(context.request)),
  detail: async ({ control, request, response }) => {
    const detail = await control.detail(idOf(request))
    if (detail === null) turn(response, { status: 404, problem: UNKNOWN_TORRENT })
    else response.json({ detail })
  },
  metainfo: answerMetainfo,
  run: (context) => runCommand(context, context.request.body),
  preview: answerPreview,
  folders: answerFolders,
  network: async ({ control, response }) => {
    const network = await control.network()
    if (isProblem(network)) turnProblem(response, network)
    else response.json({ network })
  },
  dht: answerDht,
  ticket: ({ gate, request, response }) => {
    const ticket = gate.issueTicket(request)
    response.json({ ticket, expiresInMs: TICKET_MS, scope: gate.scopeOf(request) })
  },
  events: ({ response }) => {
    response.set({ Upgrade: 'websocket', Connection: 'upgrade, close' })
    turn(response, { status: 426, problem: NO_UPGRADE })
  },
  document: ({ response }) => void response.json(openApiDocument()),
}

async function answerList({ control, request, response }: RouteContext): Promise<void> {
  const query = queryOf(request, ListQuery)
  if (isProblem(query)) return turnProblem(response, query)
  const filter = parseFilter(query.filter ?? '')
  if (!filter.ok) return turnProblem(response, filter.problem)
  const order = parseSort(query.sort ?? '')
  if (!order.ok) return turnProblem(response, order.problem)
  const { number, torrents } = await snapshotOf(control)
  const nowMs = Date.now()
  const found = filter.filter.isEmpty
    ? torrents
    : torrents.filter((torrent) => filter.filter.matches(torrent, nowMs))
  const { offset = 0, limit = found.length } = query
  const shown = sortTorrents(found, order.sort).slice(offset, offset + limit)
  response.json({ number, total: found.length, torrents: shown })
}

async function answerMetainfo({ control, request, response }: RouteContext): Promise<void> {
  const id = idOf(request)
  const bytes = await control.metainfo(id)
  if (bytes === null) return turn(response, await missingMetainfo(control, id))
  response.type(TORRENT_TYPE)
  response.set('Content-Disposition', `attachment; filename="${id}.torrent"`)
  response.send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))
}

async function missingMetainfo(control: Control, id: string): Promise<Turned> {
  if ((await control.detail(id)) === null) return { status: 404, problem: UNKNOWN_TORRENT }
  return { status: 409, problem: METADATA_UNKNOWN }
}

async function answerPreview(context: RouteContext): Promise<void> {
  const { control, gate, request, response } = context
  const source = previewSourceOf(request)
  if (isProblem(source)) return turnProblem(response, source)
  const preview = await control.preview(source, callerOf(gate.scopeOf(request)))
  if (isProblem(preview)) turnProblem(response, preview)
  else response.json({ preview })
}

function previewSourceOf(request: Request): AddSource | Problem {
  if (Buffer.isBuffer(request.body)) return fileSource(request.body)
  const body = readWith(PreviewBody, request.body, 'bad-command', 'The body')
  return isProblem(body) ? body : body.source
}

async function answerFolders(context: RouteContext): Promise<void> {
  const { control, gate, request, response } = context
  const query = queryOf(request, FoldersQuery)
  if (isProblem(query)) return turnProblem(response, query)
  const listing = await control.browse(query.path ?? null, callerOf(gate.scopeOf(request)))
  if (isProblem(listing)) turnProblem(response, listing)
  else response.json({ listing })
}

async function answerDht({ control, gate, request, response }: RouteContext): Promise<void> {
  const query = readWith(DhtQuery, request.body, 'bad-query', 'The question')
  if (isProblem(query)) return turnProblem(response, query)
  const needed = DHT_SCOPES[query.do]
  if (!gate.allows(request, needed)) return turnProblem(response, notAllowed(needed))
  const answer = await control.dht(query, callerOf(gate.scopeOf(request)))
  if (isProblem(answer)) turnProblem(response, answer)
  else response.json({ answer })
}

/** A raw file with its options in the query, or a whole `add` command. */
function addCommandOf(request: Request): unknown {
  if (!Buffer.isBuffer(request.body)) return request.body
  const options = addOptionsFromQuery(searchOf(request))
  return { ...options, do: 'add', source: fileSource(request.body) }
}

function fileSource(bytes: Buffer): AddSource {
  return { kind: 'metainfo', base64: bytes.toString('base64') }
}

async function runCommand(context: RouteContext, body: unknown): Promise<void> {
  const { control, gate, request, response } = context
  const command = checkCommand(body)
  if (isProblem(command)) return turn(response, { status: 400, problem: command })
  const scope = gate.scopeOf(request)
  const result = refuseCommand(scope, command) ?? (await control.run(command, callerOf(scope)))
  response.status(result.ok ? 200 : statusOf(result.problem)).json(result)
}

/** What came of something, as a status: 400 for what is wrong in itself, 404 and 409 for what the node refuses. */
function statusOf({ code }: Problem): number {
  return STATUS_BY_CODE.get(code) ?? 409
}

const STATUS_BY_CODE: ReadonlyMap<string, number> = new Map([
  ['bad-command', 400],
  ['bad-torrent', 400],
  ['bad-magnet', 400],
  ['bad-url', 400],
  ['bad-path', 400],
  ['bad-value', 400],
  ['bad-query', 400],
  ['bad-filter', 400],
  ['bad-sort', 400],
  ['not-allowed', 403],
  ['too-many-queries', 429],
  ['unknown-torrent', 404],
  ['not-found', 404],
])

/** What a listener would be told first. */
function snapshotOf(control: Control): Promise<Extract<Update, { kind: 'snapshot' }>> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      stop()
      reject(new Error('The control gives no snapshot.'))
    }, SNAPSHOT_MS)
    const stop = control.watch((update) => {
      if (update.kind !== 'snapshot') return
      clearTimeout(timer)
      stop()
      resolve(update)
    })
  })
}

const SNAPSHOT_MS = 10_000

function idOf(request: Request): string {
  const { id } = request.params
  return typeof id === 'string' ? id : ''
}

function searchOf(request: Request): URLSearchParams {
  const at = request.originalUrl.indexOf('?')
  return new URLSearchParams(at === -1 ? '' : request.originalUrl.slice(at + 1))
}

/** What the query says, where every key is known and stands there once. */
function queryOf<T extends z.ZodObject>(request: Request, schema: T): z.infer<T> | Problem {
  const values = new Map<string, string | readonly string[]>()
  const search = searchOf(request)
  for (const key of search.keys()) {
    const all = search.getAll(key)
    values.set(key, all.length === 1 ? (all[0] ?? '') : all)
  }
  return readWith(schema, Object.fromEntries(values), 'bad-query', 'The query')
}

function turnProblem(response: Response, reason: Problem): void {
  turn(response, { status: statusOf(reason), problem: reason })
}
