/** WebSockets of trackers: text, bounded in size and time, kept alive by pings. Nothing a server does can throw here. */
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { WebSocketHandlers, WebSocketLink, WebSocketPort } from '@pigeon/engine/ports'
import { type IoProblem, ioProblem, isIoProblem } from '@pigeon/engine/problem'
import { type ClientOptions, WebSocket } from 'ws'
import { guardedLookup, lookupAll } from './http.ts'
import { firstReach } from './http-rules.ts'
import { networkProblem } from './io-errors.ts'

export interface WebSocketOptions {
  /**
   * Makes the connection in another way, as through a proxy, by name; TLS is put on top of it where the address asks
   * for it. Names are looked up by nobody else then.
   */
  readonly connect?: (host: string, port: number) => Promise<Socket | IoProblem>
  readonly openMs?: number
  readonly pingMs?: number
}

/** A longer message closes. */
export const WEB_SOCKET_MESSAGE_BYTES: number = 64 * 1024
/** A server that does not read what we say is hung up on. */
export const WEB_SOCKET_QUEUED_BYTES: number = 1024 * 1024

export function createWebSocketPort(options: WebSocketOptions = {}): WebSocketPort {
  return { open: (url, handlers) => new Link(url, handlers, options) }
}

const OPEN_MS = 15_000
const PING_MS = 30_000
/** How long a server may take to hang up after us. */
const LINGER_MS = 1_000
/** What the guard's refusals are known by. */
const FORBIDDEN = 'PIGEON_ADDRESS_NOT_ALLOWED'

class Link implements WebSocketLink {
  readonly #host: string
  readonly #handlers: WebSocketHandlers
  #socket: WebSocket | null = null
  #problem: IoProblem | null = null
  #isOver = false
  readonly #opening: NodeJS.Timeout
  /** Whether anything came since the last ping. */
  #isAlive = true

  constructor(url: string, handlers: WebSocketHandlers, options: WebSocketOptions) {
    this.#handlers = handlers
    this.#opening = setTimeout(() => this.#giveUp(), options.openMs ?? OPEN_MS)
    this.#opening.unref()
    const parsed = URL.parse(url)
    this.#host = parsed?.host ?? 'that address'
    if (parsed === null) setImmediate(() => this.#end(badAddress(this.#host)))
    else void this.#open(parsed, options)
  }

  send(text: string): void {
    const socket = this.#socket
    if (socket === null || socket.readyState !== WebSocket.OPEN) return
    if (socket.bufferedAmount > WEB_SOCKET_QUEUED_BYTES) socket.terminate()
    else socket.send(text, () => {})
  }

  close(): void {
    const socket = this.#socket
    if (socket === null) {
      this.#end(null)
      return
    }
    if (socket.readyState === WebSocket.OPEN) socket.close(1000)
    else socket.terminate()
    setTimeout(() => socket.terminate(), LINGER_MS).unref()
  }

  async #open(url: URL, options: WebSocketOptions): Promise<void> {
    const host = url.hostname.replace(/^\[|\]$/g, '')
    const isTls = url.protocol === 'wss:'
    const port = url.port === '' ? (isTls ? 443 : 80) : Number(url.port)
    const dial = await dialler(host, port, options)
    if (isIoProblem(dial)) {
      this.#end(dial)
    } else if (this.#isOver) {
      // A connection that was made for us is ours to close.
      if (options.connect !== undefined) dial().destroy()
    } else {
      const servername = isIP(host) === 0 ? host : ''
      const createConnection = (): Socket =>
        isTls ? connectTls({ socket: dial(), servername, host }) : dial()
      this.#begin(url, { createConnection }, options)
    }
  }

  #begin(url: URL, way: ClientOptions, options: WebSocketOptions): void {
    let socket: WebSocket
    try {
      socket = new WebSocket(url, {
        ...way,
        maxPayload: WEB_SOCKET_MESSAGE_BYTES,
        perMessageDeflate: false,
        followRedirects: false,
      })
    } catch {
      this.#end(badAddress(this.#host))
      return
    }
    this.#socket = socket
    const pings = setInterval(() => this.#ping(socket), options.pingMs ?? PING_MS)
    pings.unref()
    socket.on('open', () => {
      clearTimeout(this.#opening)
      this.#handlers.opened()
    })
    socket.on('message', (bytes) => {
      this.#isAlive = true
      // A server may send its text as bytes; either comes as a buffer.
      if (!this.#isOver && Buffer.isBuffer(bytes)) this.#handlers.message(bytes.toString('utf8'))
    })
    socket.on('pong', () => {
      this.#isAlive = true
    })
    socket.on('error', (error) => {
      this.#problem ??= problemOf(error, this.#host)
    })
    socket.on('close', () => {
      clearInterval(pings)
      this.#end(this.#problem)
    })
  }

  /** One clock for the way there and the handshake. */
  #giveUp(): void {
    this.#problem ??= ioProblem('timed-out', `${this.#host} took too long to answer.`, '')
    if (this.#socket === null) this.#end(this.#problem)
    else this.#socket.terminate()
  }

  #ping(socket: WebSocket): void {
    if (socket.readyState !== WebSocket.OPEN) return
    if (!this.#isAlive) {
      this.#problem ??= ioProblem('timed-out', `${this.#host} does not answer any more.`, '')
      socket.terminate()
      return
    }
    this.#isAlive = false
    socket.ping(() => {})
  }

  #end(problem: IoProblem | null): void {
    if (this.#isOver) return
    this.#isOver = true
    clearTimeout(this.#opening)
    this.#handlers.closed(problem)
  }
}

const REACH = firstReach(true)

/** Gives the socket no address that must never be asked. */
const LOOKUP = guardedLookup(REACH, lookupAll)

/** How the connection is made, whatever is spoken over it. */
async function dialler(
  host: string,
  port: number,
  options: WebSocketOptions,
): Promise<(() => Socket) | IoProblem> {
  if (options.connect !== undefined) {
    const socket = await options.connect(host, port)
    return isIoProblem(socket) ? socket : () => socket
  }
  if (isIP(host) !== 0 && !REACH.allows(host)) return forbidden(host)
  return () => connectTcp({ host, port, lookup: LOOKUP })
}

function problemOf(error: Error, host: string): IoProblem {
  const code = 'code' in error ? String(error.code) : ''
  if (code === FORBIDDEN) return forbidden(host)
  if (code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') {
    return ioProblem('answer-too-long', `${host} sent a message of more than 64 KiB.`, '')
  }
  if (
    code.startsWith('WS_ERR') ||
    /^(Unexpected server response|Invalid|Opening)/.test(error.message)
  ) {
    return ioProblem(
      'bad-answer',
      `${host} does not speak WebSocket as it should.`,
      'Check the address of the tracker.',
    )
  }
  return networkProblem(error, `ask ${host}`)
}

function badAddress(host: string): IoProblem {
  return ioProblem('bad-answer', `${host} is no WebSocket address.`, 'Check the tracker address.')
}

function forbidden(host: string): IoProblem {
  return ioProblem('not-allowed', `${host} is at an address that must not be asked.`, '')
}
