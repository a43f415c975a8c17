/**
 * The control of another client's node, over HTTP and WebSocket. Keeps its own picture of the node, so that watchers who
 * come late or sit through a broken line always begin with a whole one.
 */
import { toDisplay } from '@pigeon/protocol/display'
import { type RawData, WebSocket } from 'ws'
import { z } from 'zod'
import type {
  AddSource,
  Command,
  CommandResult,
  Control,
  FolderListing,
  Problem,
  TorrentDetail,
  TorrentPreview,
  Update,
} from './contract.ts'
import {
  showDhtAnswer,
  showListing,
  showNetwork,
  showPreview,
  showResult,
  showSession,
  showShownDetail,
  showSummary,
} from './display.ts'
import { frameText } from './frame-text.ts'
import {
  AnyDetailAnswer,
  ListingAnswer,
  PreviewAnswer,
  ResultAnswer,
  SummaryAnswer,
  UpdateAnswer,
} from './messages.ts'
import { DhtResult, NetworkAnswer } from './network-messages.ts'
import type { DhtAnswer, DhtQuery, NetworkStatus, WireEvent, WireTarget } from './network.ts'
import { CLOSED, failed, isProblem, problem } from './problems.ts'
import {
  addressOf,
  authorizationOf,
  connectionProblem,
  fieldOf,
  type NodePlace,
  parseJson,
  problemIn,
  RemoteHttp,
  turnedAway,
} from './remote-http.ts'
import { requestsOf } from './remote-requests.ts'
import { RemoteWatches } from './remote-watches.ts'
import { UpdateFeed } from './update-feed.ts'
import { UpdateReader, type WireUpdate } from './wire-updates.ts'

/** A snapshot of 100,000 torrents stays below this. */
const MESSAGE_BYTES = 128 * 1024 * 1024
/** The node pings every 30 s: nothing heard for this long means that the line is dead. */
export const SILENCE_MS = 75_000
const SNAPSHOT_MS = 15_000
export const FIRST_RETRY_MS = 500
export const LAST_RETRY_MS = 30_000

export interface ConnectOptions {
  /** May be empty for a unix socket: whoever may open it is let in. */
  readonly token: string
}

/**
 * Opens the line, or says why that cannot be done. Later breaks are mended by itself. `url` may also be the path of a
 * unix socket, with or without `unix:` before it.
 */
export async function connectControl(
  url: string,
  options: ConnectOptions,
): Promise<Control | Problem> {
  const place = parsePlace(url)
  if (isProblem(place)) return place
  const isOpen = place.socketPath !== null && options.token === ''
  if (!isOpen && !/^[\x21-\x7e]{1,512}$/.test(options.token)) return BAD_TOKEN
  const http = new RemoteHttp(place, options.token)
  const greeting = await http.send('/api/v1/session', { timeoutMs: SNAPSHOT_MS })
  if (isProblem(greeting)) {
    http.close()
    return greeting
  }
  const remote = new RemoteControl(place, options.token, http)
  const refused = await remote.start()
  if (refused === null) return remote
  await remote.close()
  return refused
}

const NOT_THERE: Problem = problem(
  'unsupported',
  'This node does not tell about its network.',
  'Update it to the version of this client.',
)

class RemoteControl implements Control {
  readonly #place: NodePlace
  readonly #token: string
  readonly #http: RemoteHttp
  #feed: UpdateFeed | null = null
  readonly #reader = new UpdateReader()
  readonly #watches = new RemoteWatches((message) => this.#tell(message))
  #isResyncing = false
  #offline: Problem | null = null
  #socket: WebSocket | null = null
  #retryMs = FIRST_RETRY_MS
  #retryTimer: ReturnType<typeof setTimeout> | null = null
  #silenceTimer: ReturnType<typeof setTimeout> | null = null
  #isClosed = false
  #onFirst: (refused: Problem | null) => void = () => {}

  constructor(place: NodePlace, token: string, http: RemoteHttp) {
    this.#place = place
    this.#token = token
    this.#http = http
  }

  /** Answers once the first snapshot is here, or why it does not come. */
  start(): Promise<Problem | null> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#onFirst(NO_SNAPSHOT), SNAPSHOT_MS)
      this.#onFirst = (refused) => {
        clearTimeout(timer)
        this.#onFirst = () => {}
        resolve(refused)
      }
      this.#open()
    })
  }

  async run(command: Command): Promise<CommandResult> {
    if (this.#isClosed) return failed(CLOSED)
    const done: string[] = []
    for (const { path, body, timeoutMs } of requestsOf(command)) {
      const answer = await this.#http.send(path, { body, timeoutMs })
      if (isProblem(answer)) return failed(answer, done)
      const parsed = ResultAnswer.safeParse(parseJson(answer.body))
      if (!parsed.success) return failed(problemIn(answer.body) ?? this.#badAnswer(), done)
      const result = showResult(parsed.data)
      for (const id of result.ids) if (!done.includes(id)) done.push(id)
      if (!result.ok) return failed(result.problem, done)
    }
    return { ok: true, ids: done }
  }

  async detail(id: string): Promise<TorrentDetail | null> {
    const answer = await this.#http.send(`/api/v1/torrents/${encodeURIComponent(id)}`)
    if (isProblem(answer) || answer.status !== 200) return null
    const parsed = AnyDetailAnswer.safeParse(fieldOf(parseJson(answer.body), 'detail'))
    return parsed.success ? showShownDetail(parsed.data) : null
  }

  async metainfo(id: string): Promise<Uint8Array | null> {
    const answer = await this.#http.send(`/api/v1/torrents/${encodeURIComponent(id)}/metainfo`)
    return isProblem(answer) || answer.status !== 200 ? null : Uint8Array.from(answer.body)
  }

  async network(): Promise<NetworkStatus | Problem> {
    const answer = await this.#http.send('/api/v1/network')
    if (isProblem(answer)) return answer
    const parsed = NetworkAnswer.safeParse(fieldOf(parseJson(answer.body), 'network'))
    return parsed.success ? showNetwork(parsed.data) : this.#newerAnswer(answer.body)
  }

  async dht(query: DhtQuery): Promise<DhtAnswer | Problem> {
    const body = { type: 'application/json', bytes: Buffer.from(JSON.stringify(query)) }
    const answer = await this.#http.send('/api/v1/dht', { body })
    if (isProblem(answer)) return answer
    const parsed = DhtResult.safeParse(fieldOf(parseJson(answer.body), 'answer'))
    return parsed.success ? showDhtAnswer(parsed.data) : this.#newerAnswer(answer.body)
  }

  inspect(target: WireTarget, listener: (event: WireEvent) => void): () => void {
    const broken = this.#isClosed ? CLOSED : this.#offline
    if (broken === null) return this.#watches.begin(target, listener)
    listener({ kind: 'ended', problem: broken })
    return () => {}
  }

  /** To what not every version of a node knows. */
  #newerAnswer(body: Buffer): Problem {
    const said = problemIn(body)
    const isUnknown = said?.code === 'no-such-route' || said?.code === 'wrong-method'
    return isUnknown ? NOT_THERE : (said ?? this.#badAnswer())
  }

  async preview(source: AddSource): Promise<TorrentPreview | Problem> {
    const body = { type: 'application/json', bytes: Buffer.from(JSON.stringify({ source })) }
    const answer = await this.#http.send('/api/v1/preview', { body })
    if (isProblem(answer)) return answer
    const parsed = PreviewAnswer.safeParse(fieldOf(parseJson(answer.body), 'preview'))
    if (!parsed.success) return problemIn(answer.body) ?? this.#badAnswer()
    return showPreview(parsed.data)
  }

  async browse(path: string | null): Promise<FolderListing | Problem> {
    const query = path === null ? '' : `?path=${encodeURIComponent(path)}`
    const answer = await this.#http.send(`/api/v1/folders${query}`)
    if (isProblem(answer)) return answer
    const parsed = ListingAnswer.safeParse(fieldOf(parseJson(answer.body), 'listing'))
    if (!parsed.success) return problemIn(answer.body) ?? this.#badAnswer()
    return showListing(parsed.data)
  }

  watch(listener: (update: Update) => void): () => void {
    if (this.#isClosed || this.#feed === null) return () => {}
    return this.#feed.watch((update) => {
      listener(update)
      // Who begins while the line is down learns that right after the last known picture.
      if (update.kind === 'snapshot' && this.#offline !== null) {
        listener({ kind: 'offline', problem: this.#offline })
      }
    })
  }

  close(): Promise<void> {
    this.#isClosed = true
    if (this.#retryTimer !== null) clearTimeout(this.#retryTimer)
    if (this.#silenceTimer !== null) clearTimeout(this.#silenceTimer)
    this.#socket?.terminate()
    this.#feed?.close()
    this.#http.close()
    return Promise.resolve()
  }

  #open(): void {
    const socket = new WebSocket(eventsAddress(this.#place), {
      headers: { ...authorizationOf(this.#token) },
      maxPayload: MESSAGE_BYTES,
      perMessageDeflate: false,
      handshakeTimeout: SNAPSHOT_MS,
      followRedirects: false,
    })
    this.#socket = socket
    let reason: Problem | null = null
    socket.on('unexpected-response', (_, response) => {
      const isPigeon = response.headers['pigeon-api'] !== undefined
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('close', () => {
        const body = Buffer.concat(chunks)
        reason = turnedAway(this.#place, response.statusCode ?? 0, isPigeon, body)
        socket.terminate()
      })
    })
    socket.on('error', (error) => {
      reason ??= connectionProblem(this.#place, error)
    })
    socket.on('open', () => this.#heard())
    socket.on('ping', () => this.#heard())
    socket.on('message', (data) => this.#receive(data))
    socket.on('close', () => this.#broke(reason ?? connectionProblem(this.#place, CLOSED_LINE)))
  }

  #receive(data: RawData): void {
    this.#heard()
    const heard = parseJson(frameText(data))
    const parsed = UpdateAnswer.safeParse(heard)
    if (!parsed.success) return this.#receiveOther(heard)
    // JSON knows no undefined: what is optional is there or not, as the type says.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    const message = parsed.data as WireUpdate
    if (this.#isResyncing && message.kind === 'diff') return
    const update = this.#reader.read(message)
    if (update === null) this.#resync()
    else if (update.kind === 'snapshot') this.#begin(update)
    else if (update.kind === 'diff') this.#advance(update)
    else this.#feed?.tell({ kind: 'offline', problem: update.problem })
  }

  /** Kinds that a newer node may send are not for us. */
  #receiveOther(heard: unknown): void {
    if (this.#watches.receive(heard)) return
    const isRefused = fieldOf(heard, 'kind') === 'refused'
    const code = fieldOf(fieldOf(heard, 'problem'), 'code')
    // Who does not know what a watch is answers so.
    if (isRefused && code === 'bad-message') this.#watches.endAll(NOT_THERE, 'not-begun')
  }

  #tell(message: unknown): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message))
  }

  #begin(snapshot: Extract<Update, { kind: 'snapshot' }>): void {
    this.#isResyncing = false
    this.#offline = null
    this.#retryMs = FIRST_RETRY_MS
    const session = showSession(snapshot.session, snapshot.session)
    const torrents = snapshot.torrents.map(showSummary)
    if (this.#feed === null) this.#feed = new UpdateFeed(session, torrents)
    else this.#feed.restart(session, torrents)
    this.#onFirst(null)
  }

  #advance({ session, changed, removed }: Extract<Update, { kind: 'diff' }>): void {
    if (this.#feed === null) return
    const whole = z.array(SummaryAnswer).safeParse(changed)
    if (!whole.success) return this.#resync()
    const shown = session === null ? this.#feed.session : showSession(session, session)
    this.#feed.advance(shown, whole.data.map(showSummary), removed)
  }

  #resync(): void {
    this.#isResyncing = true
    this.#tell({ resync: true })
  }

  #broke(reason: Problem): void {
    this.#socket = null
    if (this.#silenceTimer !== null) clearTimeout(this.#silenceTimer)
    this.#watches.endAll(this.#isClosed ? CLOSED : reason)
    if (this.#isClosed) return
    if (this.#feed === null) return this.#onFirst(reason)
    const wasOnline = this.#offline === null
    this.#offline = reason
    if (wasOnline) this.#feed.tell({ kind: 'offline', problem: reason })
    // Clients that lost the same node do not all come back in the same instant.
    const delayMs = this.#retryMs * (0.8 + Math.random() * 0.4)
    this.#retryMs = Math.min(LAST_RETRY_MS, this.#retryMs * 2)
    this.#retryTimer = setTimeout(() => this.#open(), delayMs)
  }

  #heard(): void {
    if (this.#silenceTimer !== null) clearTimeout(this.#silenceTimer)
    this.#silenceTimer = setTimeout(() => this.#socket?.terminate(), SILENCE_MS)
  }

  #badAnswer(): Problem {
    return problem(
      'bad-answer',
      `The answer of ${this.#place.name} cannot be read.`,
      'Check that both sides run versions of Pigeon that fit together.',
    )
  }
}

function eventsAddress({ base, socketPath }: NodePlace): string | URL {
  const address = addressOf(base, '/api/v1/events')
  if (socketPath !== null) return `ws+unix:${socketPath}:${address.pathname}`
  address.protocol = address.protocol.replace('http', 'ws')
  return address
}

/** Longer paths fit into no socket address. */
const SOCKET_PATH_CHARACTERS = 107

function parsePlace(url: string): NodePlace | Problem {
  const socketPath = /^(?:unix:)?(\/.*)$/.exec(url)?.[1]
  if (socketPath === undefined) {
    const base = parseBase(url)
    return isProblem(base) ? base : { base, name: base.host, socketPath: null }
  }
  // A colon ends the path in the address of a WebSocket.
  if (socketPath.length > SOCKET_PATH_CHARACTERS || socketPath.includes(':')) return BAD_URL
  return { base: new URL('http://localhost'), name: toDisplay(socketPath), socketPath }
}

function parseBase(url: string): URL | Problem {
  const base = URL.canParse(url) ? new URL(url) : null
  if (base === null || !/^https?:$/.test(base.protocol)) return BAD_URL
  if (base.username !== '' || base.password !== '' || base.search !== '' || base.hash !== '') {
    return BAD_URL
  }
  return base
}

const CLOSED_LINE = Object.assign(new Error('closed'), { code: 'ECONNRESET' })

const BAD_URL = problem(
  'bad-url',
  'The address of the node is not one.',
  'Write it like http://127.0.0.1:9191, without a name or password in it, or give the path of a unix socket.',
)
const BAD_TOKEN = problem(
  'bad-token',
  'The token given is not one.',
  'Copy it whole, without spaces: "pigeond token --show" prints it.',
)
const NO_SNAPSHOT = problem(
  'timed-out',
  'The node accepted the connection but says nothing.',
  'Look whether it is busy, and try again.',
)
