/** Requests to our own server. Each carries the session's key beside the cookie that the browser adds. */
import type {
  AddSource,
  Command,
  CommandResult,
  FolderListing,
  Problem,
  Scope,
  TorrentDetail,
  TorrentPreview,
} from '@pigeon/control/contract'
import type { DhtAnswer, DhtQuery, NetworkStatus } from '@pigeon/control/network'
import { BASE, ROOT } from './base-path.ts'
import { strings } from './strings.ts'
import { trust } from './trust.ts'

/** One origin may show several of us, each below a path of its own. */
export const KEY_NAME = `pigeon-session-key:${BASE}`
const KEY_HEADER = 'x-pigeon-session'

export type LoginOutcome =
  | { readonly kind: 'welcome' }
  | { readonly kind: 'refused' }
  | { readonly kind: 'wait'; readonly waitMs: number }
  | { readonly kind: 'unreachable' }

export type Answer<Value> =
  | { readonly kind: 'ok'; readonly value: Value }
  /** There is no session; only a new login helps. */
  | { readonly kind: 'logged-out' }
  | { readonly kind: 'problem'; readonly problem: Problem }

/** Whether this browser may have a session; only the server knows whether it still runs. */
export function hasKey(): boolean {
  return localStorage.getItem(KEY_NAME) !== null
}

export function forgetKey(): void {
  localStorage.removeItem(KEY_NAME)
}

/** Exchanges a link's token for a session. */
export async function login(token: string): Promise<LoginOutcome> {
  let response: Response
  try {
    response = await post(`${BASE}login`, { token })
  } catch {
    return { kind: 'unreachable' }
  }
  if (response.status === 429) {
    const seconds = Number(response.headers.get('retry-after') ?? '1')
    return { kind: 'wait', waitMs: seconds * 1000 }
  }
  if (!response.ok) return { kind: 'refused' }
  const body: unknown = await response.json()
  if (typeof body !== 'object' || body === null || !('key' in body)) return { kind: 'refused' }
  localStorage.setItem(KEY_NAME, String(body.key))
  return { kind: 'welcome' }
}

export async function logout(): Promise<void> {
  await post(`${BASE}logout`, {}).catch(() => null)
  forgetKey()
}

/** A refused command is an answer too: its result says why. */
export function runCommand(command: Command): Promise<Answer<CommandResult>> {
  // Only this path takes a body as large as a .torrent file.
  const path = command.do === 'add' ? 'api/v1/torrents' : 'api/v1/commands'
  return ask(path, command, async (response) => {
    const body = trust<CommandResult | { problem: Problem }>(await response.json())
    return 'ok' in body ? body : { ok: false, problem: body.problem, ids: [] }
  })
}

/** `null`: there is no such torrent. */
export function getDetail(id: string): Promise<Answer<TorrentDetail | null>> {
  return ask(`api/v1/torrents/${id}`, null, async (response) => {
    if (response.status === 404) return null
    return trust<{ detail: TorrentDetail }>(await readJson(response)).detail
  })
}

/** `null`: nobody has sent it yet. */
export function getMetainfo(id: string): Promise<Answer<Blob | null>> {
  return ask(`api/v1/torrents/${id}/metainfo`, null, async (response) => {
    if (response.status === 404 || response.status === 409) return null
    if (!response.ok) throw new OddAnswer(response.status)
    return response.blob()
  })
}

/** What adding this would add. */
export async function getPreview(source: AddSource): Promise<Answer<TorrentPreview>> {
  const answer = await ask('api/v1/preview', { source }, async (response) => {
    return trust<{ preview: TorrentPreview } | { problem: Problem }>(await response.json())
  })
  if (answer.kind !== 'ok') return answer
  if ('problem' in answer.value) return { kind: 'problem', problem: answer.value.problem }
  return { kind: 'ok', value: answer.value.preview }
}

/** What lies in a folder of the node's machine; `null` for where to begin. */
export async function getFolder(path: string | null): Promise<Answer<FolderListing>> {
  const query = path === null ? '' : `?path=${encodeURIComponent(path)}`
  const answer = await ask(`api/v1/folders${query}`, null, async (response) => {
    return trust<{ listing: FolderListing } | { problem: Problem }>(await response.json())
  })
  if (answer.kind !== 'ok') return answer
  if ('problem' in answer.value) return { kind: 'problem', problem: answer.value.problem }
  return { kind: 'ok', value: answer.value.listing }
}

/** How the node finds and reaches peers. */
export async function getNetwork(): Promise<Answer<NetworkStatus>> {
  const answer = await ask('api/v1/network', null, async (response) => {
    return trust<{ network: NetworkStatus } | { problem: Problem }>(await response.json())
  })
  if (answer.kind !== 'ok') return answer
  if ('problem' in answer.value) return { kind: 'problem', problem: answer.value.problem }
  return { kind: 'ok', value: answer.value.network }
}

/** Asks the DHT through the node. */
export async function askDht(query: DhtQuery): Promise<Answer<DhtAnswer>> {
  const answer = await ask('api/v1/dht', query, async (response) => {
    return trust<{ answer: DhtAnswer } | { problem: Problem }>(await response.json())
  })
  if (answer.kind !== 'ok') return answer
  if ('problem' in answer.value) return { kind: 'problem', problem: answer.value.problem }
  return { kind: 'ok', value: answer.value.answer }
}

/** A single-use ticket that opens the WebSocket. */
export function getTicket(): Promise<Answer<string>> {
  return ask('api/v1/ticket', {}, async (response) => {
    return trust<{ ticket: string }>(await readJson(response)).ticket
  })
}

export interface NodeState {
  readonly key: string
  readonly name: string
  /** Why it cannot be reached; `null` while it can. */
  readonly problem: Problem | null
  /** What the token may do by which pigeon-web shows it. */
  readonly scope: Scope
}

/** All nodes that this server shows; `null` when it does not say. */
export async function getNodes(): Promise<readonly NodeState[] | null> {
  try {
    const response = await get(`${BASE}nodes`)
    return response.ok ? trust<{ nodes: NodeState[] }>(await response.json()).nodes : null
  } catch {
    return null
  }
}

/** Posts `body`, or gets when it is `null`. */
async function ask<Value>(
  path: string,
  body: object | null,
  read: (response: Response) => Promise<Value>,
): Promise<Answer<Value>> {
  try {
    const url = `${ROOT}${path}`
    const response = body === null ? await get(url) : await post(url, body)
    if (response.status === 401) return { kind: 'logged-out' }
    if (response.status === 503) return { kind: 'problem', problem: await problemIn(response) }
    return { kind: 'ok', value: await read(response) }
  } catch (error) {
    return { kind: 'problem', problem: problemOf(error) }
  }
}

/** The node is away: the server says why. */
async function problemIn(response: Response): Promise<Problem> {
  return trust<{ problem: Problem }>(await response.json()).problem
}

/** The server answered, but not with what was asked for. */
class OddAnswer extends Error {
  readonly status: number

  constructor(status: number) {
    super(`status ${status}`)
    this.status = status
  }
}

async function readJson(response: Response): Promise<unknown> {
  if (!response.ok) throw new OddAnswer(response.status)
  return response.json()
}

function problemOf(error: unknown): Problem {
  const { odd, oddHelp, unreachable, unreachableHelp } = strings.failed
  return error instanceof OddAnswer || error instanceof SyntaxError
    ? {
        code: 'odd-answer',
        message: odd(error instanceof OddAnswer ? error.status : 200),
        help: oddHelp,
      }
    : { code: 'unreachable', message: unreachable, help: unreachableHelp }
}

function keyHeaders(): Record<string, string> {
  const key = localStorage.getItem(KEY_NAME)
  return key === null ? {} : { [KEY_HEADER]: key }
}

function get(path: string): Promise<Response> {
  return fetch(path, { headers: keyHeaders(), cache: 'no-store' })
}

function post(path: string, body: object): Promise<Response> {
  return fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...keyHeaders() },
    body: JSON.stringify(body),
  })
}
