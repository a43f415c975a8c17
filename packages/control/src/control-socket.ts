/**
 * The control over WebSocket: a snapshot on connecting, then numbered diffs; commands and questions in between.
 * A client that reads too slowly misses diffs and is given a fresh snapshot instead.
 */
import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { type RawData, WebSocket, WebSocketServer } from 'ws'
import { checkCommand } from './check-command.ts'
import type { CommandResult, Control, Scope, Update } from './contract.ts'
import { frameText } from './frame-text.ts'
import type { Gate, Turned } from './gate.ts'
import { ClientMessage, type ServerMessage } from './messages.ts'
import { FAILED, failed, isProblem, problem } from './problems.ts'
import { callerOf, refuseCommand } from './scopes.ts'
import type { WireTarget } from './network.ts'
import { toWire } from './wire-updates.ts'
import { type WireMessageOut, WireWatches } from './wire-watches.ts'

export const MESSAGE_BYTES: number = 64 * 1024
export const CLIENTS = 16
/** More than this unsent, and a client gets no more diffs until it has read everything. */
export const UNSENT_BYTES: number = 1024 * 1024
export const PING_MS = 30_000
/** Commands and questions of one client that are not answered yet. */
export const REQUESTS_AT_ONCE = 64

/** A client that is behind is looked at again this often. */
const BEHIND_MS = 250

export interface SocketOptions {
  /** `/api/v1/events` when absent. */
  readonly path?: string
  /** Told of what should never happen: a control that throws. */
  readonly onError?: (error: unknown) => void
}

export interface ControlSocket {
  readonly clientCount: number
  /** Closes the sockets of tokens that may do less by now; done by itself with every ping. */
  recheck(): Promise<void>
  /** Closes all sockets, takes no more. */
  close(): void
}

/** Serves the control on upgrades of `path`; all other upgrades are refused. */
export function attachControlSocket(
  server: Server,
  control: Control,
  gate: Gate,
  options: SocketOptions = {},
): ControlSocket {
  const { path = '/api/v1/events', onError = () => {} } = options
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MESSAGE_BYTES,
    perMessageDeflate: false,
    clientTracking: true,
  })
  const callers = new WeakMap<WebSocket, IncomingMessage>()
  const recheck = async (): Promise<void> => {
    for (const socket of sockets.clients) {
      const caller = callers.get(socket)
      if (caller !== undefined && !(await gate.stillAllows(caller))) socket.close(1008, REVOKED)
    }
  }
  const onUpgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    // A reset while the caller is being checked is nobody's business.
    stream.on('error', () => stream.destroy())
    checkUpgrade(request, gate, path, sockets)
      .then((turned) => {
        if (turned !== null) return refuse(stream, turned)
        sockets.handleUpgrade(request, stream, head, (socket) => {
          callers.set(socket, request)
          serveClient(socket, control, gate.scopeOf(request), onError)
        })
      })
      .catch((error: unknown) => {
        onError(error)
        stream.destroy()
      })
  }
  server.on('upgrade', onUpgrade)
  const pinging = setInterval(() => {
    pingAll(sockets)
    recheck().catch(onError)
  }, PING_MS)
  pinging.unref()
  return {
    get clientCount() {
      return sockets.clients.size
    },
    recheck,
    close: () => {
      clearInterval(pinging)
      server.off('upgrade', onUpgrade)
      for (const socket of sockets.clients) socket.close(1001, 'The client is shutting down.')
      sockets.close()
    },
  }
}

async function checkUpgrade(
  request: IncomingMessage,
  gate: Gate,
  path: string,
  sockets: WebSocketServer,
): Promise<Turned | null> {
  const turned = gate.checkHost(request) ?? gate.checkOrigin(request)
  if (turned !== null) return turned
  const [pathname, query = ''] = (request.url ?? '').split('?', 2)
  if (pathname !== path) return { status: 404, problem: NO_SOCKET }
  const ticket = new URLSearchParams(query).get('ticket')
  const unknown = await gate.checkSocketCaller(request, ticket)
  if (unknown !== null) return unknown
  return sockets.clients.size >= CLIENTS ? { status: 429, problem: TOO_MANY_CLIENTS } : null
}

function refuse(stream: Duplex, turned: Turned): void {
  const body = JSON.stringify({ problem: turned.problem })
  stream.end(
    [
      `HTTP/1.1 ${turned.status} ${STATUS_CODES[turned.status] ?? ''}`,
      'Connection: close',
      'Content-Type: application/json; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Cache-Control: no-store',
      'Pigeon-Api: 1',
      'X-Content-Type-Options: nosniff',
      '',
      body,
    ].join('\r\n'),
    () => stream.destroy(),
  )
}

/** Sockets that did not answer the last ping. */
const unanswered = new WeakSet<WebSocket>()

function pingAll(sockets: WebSocketServer): void {
  for (const socket of sockets.clients) {
    if (unanswered.has(socket)) {
      socket.terminate()
      continue
    }
    unanswered.add(socket)
    socket.ping()
  }
}

function serveClient(
  socket: WebSocket,
  control: Control,
  scope: Scope,
  onError: (error: unknown) => void,
): void {
  const client = new SocketClient(socket, control, scope, onError)
  socket.on('pong', () => unanswered.delete(socket))
  socket.on('message', (data, isBinary) => client.receive(data, isBinary))
  socket.on('close', () => client.stop())
  // What went wrong (a frame too long, a reset) shows as a close right after.
  socket.on('error', () => {})
  client.start()
}

type Request = Extract<ClientMessage, { run: unknown } | { detail: string }>

class SocketClient {
  readonly #socket: WebSocket
  readonly #control: Control
  readonly #scope: Scope
  readonly #onError: (error: unknown) => void
  readonly #watches: WireWatches
  #stopWatching: () => void = () => {}
  #waiting = 0
  /** What waited when the snapshot was sent, while it is not sent wholly yet; else 0. */
  #snapshotBytes = 0
  #onSnapshotSent: () => void = () => {}
  #timer: ReturnType<typeof setTimeout> | null = null

  constructor(
    socket: WebSocket,
    control: Control,
    scope: Scope,
    onError: (error: unknown) => void,
  ) {
    this.#socket = socket
    this.#control = control
    this.#scope = scope
    this.#onError = onError
    this.#watches = new WireWatches(control, scope, (message) => this.#tellWire(message))
  }

  /** Begins, or begins anew, with a snapshot. */
  start(): void {
    this.#stopWatching()
    this.#stopWatching = this.#control.watch((update) => this.#tell(update))
  }

  stop(): void {
    this.#stopWatching()
    this.#watches.endAll()
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }

  receive(data: RawData, isBinary: boolean): void {
    const message = isBinary ? null : parseMessage(data)
    if (message === null) this.#send({ kind: 'refused', problem: BAD_MESSAGE })
    else if ('resync' in message) this.#startWhenRead()
    else if ('uninspect' in message) this.#watches.end(message.uninspect)
    else if ('inspect' in message) this.#inspect(message.inspect)
    else if (this.#waiting >= REQUESTS_AT_ONCE) this.#send(tooMany(message))
    else void this.#serve(message)
    // Who asks without reading the answers is not listened to until they are read.
    if (this.#isBehind()) {
      this.#socket.pause()
      this.#startWhenRead()
    }
  }

  #inspect(target: WireTarget | null): void {
    if (target === null) this.#watches.endAll()
    else this.#watches.begin(target)
  }

  /** Who is behind misses messages of a wire, and is told how many; the end is always told. */
  #tellWire(message: WireMessageOut): boolean {
    if (message.event.kind === 'messages' && this.#isBehind()) return false
    this.#send(message)
    return true
  }

  async #serve(message: Request): Promise<void> {
    this.#waiting += 1
    try {
      this.#send(await this.#answer(message))
    } catch (error) {
      this.#onError(error)
      this.#send({ kind: 'refused', problem: FAILED })
    } finally {
      this.#waiting -= 1
    }
  }

  async #answer(message: Request): Promise<ServerMessage> {
    if ('detail' in message) {
      const detail = await this.#control.detail(message.detail)
      return { kind: 'detail', id: message.detail, detail }
    }
    return { kind: 'result', id: message.id, result: await this.#run(message.run) }
  }

  async #run(unchecked: unknown): Promise<CommandResult> {
    const command = checkCommand(unchecked)
    if (isProblem(command)) return failed(command)
    const scope = this.#scope
    return refuseCommand(scope, command) ?? (await this.#control.run(command, callerOf(scope)))
  }

  #tell(update: Update): void {
    if (this.#isBehind()) return this.#startWhenRead()
    if (this.#socket.readyState !== WebSocket.OPEN) return
    const text = textOf(update)
    if (update.kind !== 'snapshot') return this.#socket.send(text)
    const onSent = (): void => {
      if (this.#onSnapshotSent === onSent) this.#snapshotBytes = 0
    }
    this.#onSnapshotSent = onSent
    this.#socket.send(text, onSent)
    this.#snapshotBytes = this.#socket.bufferedAmount
  }

  /** A large snapshot that is still on its way is no sign of a client that does not read. */
  #isBehind(): boolean {
    return this.#socket.bufferedAmount > UNSENT_BYTES + this.#snapshotBytes
  }

  /** Leaves out diffs until all that was sent has been read, then begins anew. */
  #startWhenRead(): void {
    this.#stopWatching()
    if (this.#timer !== null) return
    this.#timer = setTimeout(() => {
      this.#timer = null
      if (this.#socket.readyState !== WebSocket.OPEN) return
      if (this.#socket.bufferedAmount > 0) return this.#startWhenRead()
      this.#socket.resume()
      this.start()
    }, BEHIND_MS)
  }

  #send(message: ServerMessage): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message))
  }
}

function tooMany(message: Request): ServerMessage {
  return 'run' in message
    ? { kind: 'result', id: message.id, result: failed(TOO_MANY_REQUESTS) }
    : { kind: 'refused', problem: TOO_MANY_REQUESTS }
}

/** One update goes to many clients: it is written once. */
const texts = new WeakMap<Update, string>()

function textOf(update: Update): string {
  const known = texts.get(update)
  if (known !== undefined) return known
  const text = JSON.stringify(toWire(update))
  texts.set(update, text)
  return text
}

function parseMessage(data: RawData): ClientMessage | null {
  try {
    const parsed = ClientMessage.safeParse(JSON.parse(frameText(data)))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}

const REVOKED = 'The token may no longer do this.'
const SEE_API = 'See docs/api.md for what this server understands.'
const NO_SOCKET = problem('no-such-route', 'There is no WebSocket at this address.', SEE_API)
const BAD_MESSAGE = problem('bad-message', 'The message cannot be read.', SEE_API)
const TOO_MANY_CLIENTS = problem(
  'too-many-clients',
  `${CLIENTS} clients are connected already.`,
  'Close one of them.',
)
const TOO_MANY_REQUESTS = problem(
  'busy',
  `${REQUESTS_AT_ONCE} requests of this client wait for their answers.`,
  'Wait for some of them.',
)
