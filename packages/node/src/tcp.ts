import { type Server, type Socket, connect, createServer, isIP, isIPv4 } from 'node:net'
import type {
  Address,
  DialHandlers,
  Dialling,
  Listener,
  NetworkPort,
  PeerSocket,
} from '@pigeon/engine/ports'
import { type IoProblem, ioProblem, isIoProblem } from '@pigeon/engine/problem'
import { invariant } from '@pigeon/protocol/machine'
import { errnoOf, networkProblem } from './io-errors.ts'
import { placesFor, type SourceAddresses } from './source-addresses.ts'

export interface TcpOptions {
  /** What dials leave from, and where we listen for all. */
  readonly sources: SourceAddresses
  readonly dialTimeoutMs?: number
}

/**
 * Peers over TCP. A dial ends with exactly one `opened` or `failed`; a cancelled one with `failed` and code `closed`.
 */
export function createNetworkPort(options: TcpOptions): NetworkPort {
  const dialTimeoutMs = options.dialTimeoutMs ?? DIAL_TIMEOUT_MS
  return {
    dial: (address, handlers) => dial(address, handlers, options.sources, dialTimeoutMs),
    listen: (address, accept) => listen(address, accept, options.sources),
  }
}

/** A peer over a connection that stands already. */
export function peerOver(socket: Socket, remote: Address): PeerSocket {
  const peer = new TcpPeerSocket(socket, remote)
  socket.on('data', (bytes: Uint8Array) => peer.take(bytes))
  return peer
}

const DIAL_TIMEOUT_MS = 15_000
/** Connections that the system keeps until we accept them. */
const LISTEN_BACKLOG = 128
/** `onDrained` comes when no more than this is queued. */
const LOW_WATER_BYTES = 128 * 1024
/** How long a closed socket may take to send what is still queued. */
const LINGER_MS = 3_000
/** What one read of a dialled socket can bring at most. */
const READ_BUFFER_BYTES = 256 * 1024

function dial(
  address: Address,
  handlers: DialHandlers,
  sources: SourceAddresses,
  timeoutMs: number,
): Dialling {
  const name = nameOf(address)
  const family = isIP(address.host)
  const isPort = address.port >= 1 && address.port <= 65_535
  const source = family === 4 || family === 6 ? sources.of(family) : null
  const refused = family === 0 || !isPort ? badAddress(name) : isIoProblem(source) ? source : null
  if (refused !== null) {
    setImmediate(() => handlers.failed(refused))
    return { cancel: () => {} }
  }
  let isSettled = false
  let peer: TcpPeerSocket | null = null
  const socket = connect({
    host: address.host,
    port: address.port,
    noDelay: true,
    autoSelectFamily: false,
    ...(typeof source === 'string' ? { localAddress: source } : {}),
    onread: {
      buffer: readBuffer(),
      callback: (lengthBytes, buffer) => {
        peer?.take(buffer.subarray(0, lengthBytes))
        return true
      },
    },
  })
  const fail = (problem: IoProblem): void => {
    if (isSettled) return
    isSettled = true
    clearTimeout(timer)
    socket.destroy()
    handlers.failed(problem)
  }
  const onError = (error: Error): void => fail(networkProblem(error, `reach ${name}`))
  const onEarlyClose = (): void => fail(ioProblem('closed', `${name} closed at once`, ''))
  const timer = setTimeout(() => fail(tooSlow(name, timeoutMs)), timeoutMs)
  socket.once('error', onError)
  socket.once('close', onEarlyClose)
  socket.once('connect', () => {
    if (isSettled) return
    isSettled = true
    clearTimeout(timer)
    peer = new TcpPeerSocket(socket, address)
    socket.off('error', onError)
    socket.off('close', onEarlyClose)
    handlers.opened(peer)
  })
  return {
    cancel: () => {
      if (isSettled) return
      isSettled = true
      clearTimeout(timer)
      socket.destroy()
      setImmediate(() => handlers.failed(ioProblem('closed', `gave up reaching ${name}`, '')))
    },
  }
}

/** libuv on POSIX fills the buffer and calls back before it reads for another socket: all can share one. */
function readBuffer(): Uint8Array {
  if (process.platform === 'win32') return new Uint8Array(64 * 1024)
  sharedReadBuffer ??= new Uint8Array(READ_BUFFER_BYTES)
  return sharedReadBuffer
}

let sharedReadBuffer: Uint8Array | null = null

/** At each address that may be used, with one port for all. */
async function listen(
  address: Address,
  accept: (socket: PeerSocket) => void,
  sources: SourceAddresses,
): Promise<Listener | IoProblem> {
  const places = placesFor(address, sources)
  if (isIoProblem(places)) return places
  const listeners: Listener[] = []
  for (const { host } of places) {
    const port = listeners[0]?.address.port ?? address.port
    const listener = await listenAt({ host, port }, accept)
    if (isIoProblem(listener)) {
      await Promise.all(listeners.map((each) => each.close()))
      return listener
    }
    listeners.push(listener)
  }
  const [first] = listeners
  invariant(first !== undefined, 'there is at least one place to listen at')
  return {
    address: first.address,
    close: async () => {
      await Promise.all(listeners.map((each) => each.close()))
    },
  }
}

async function listenAt(
  address: Address,
  accept: (socket: PeerSocket) => void,
): Promise<Listener | IoProblem> {
  const server = createServer({ noDelay: true, pauseOnConnect: true }, (socket) => {
    const { remoteAddress, remotePort } = socket
    if (remoteAddress === undefined || remotePort === undefined) {
      socket.destroy()
      return
    }
    const peer = new TcpPeerSocket(socket, { host: plainHost(remoteAddress), port: remotePort })
    socket.on('data', (bytes: Uint8Array) => peer.take(bytes))
    accept(peer)
    peer.start()
  })
  const problem = await bind(server, address)
  if (problem === null) return listenerOf(server)
  // A machine without IPv6 still has all its IPv4 addresses.
  const isFamilyMissing = problem.code === 'address-unavailable' && address.host === '::'
  if (!isFamilyMissing) return problem
  const second = await bind(server, { host: '0.0.0.0', port: address.port })
  return second === null ? listenerOf(server) : second
}

function bind(server: Server, address: Address): Promise<IoProblem | null> {
  return new Promise((resolve) => {
    const onError = (error: Error): void => {
      server.off('listening', onListening)
      resolve(networkProblem(error, `listen on ${nameOf(address)}`))
    }
    const onListening = (): void => {
      server.off('error', onError)
      resolve(null)
    }
    server.once('error', onError)
    server.once('listening', onListening)
    try {
      server.listen({ host: address.host, port: address.port, backlog: LISTEN_BACKLOG })
    } catch (error) {
      // A port out of range is thrown, not emitted.
      server.off('error', onError)
      server.off('listening', onListening)
      resolve(networkProblem(errnoOf(error), `listen on ${nameOf(address)}`))
    }
  })
}

function listenerOf(server: Server): Listener {
  // A failed accept (no descriptor left) concerns one stranger, not the listener.
  server.on('error', () => {})
  const bound = server.address()
  invariant(bound !== null && typeof bound === 'object', 'a listening TCP server has an address')
  return {
    address: { host: bound.address, port: bound.port },
    close: () =>
      new Promise((resolve) => {
        // The callback of close() would wait for every accepted socket; the port is free at once.
        server.close()
        setImmediate(resolve)
      }),
  }
}

class TcpPeerSocket implements PeerSocket {
  readonly transport = 'tcp'
  readonly isEncrypted = false
  readonly remote: Address
  onBytes: (bytes: Uint8Array) => void = () => {}
  onClosed: (problem: IoProblem | null) => void = () => {}
  onDrained: () => void = () => {}
  readonly #socket: Socket
  #problem: IoProblem | null = null
  #isClosed = false
  #isPaused = false
  #isWaiting = false

  constructor(socket: Socket, remote: Address) {
    this.#socket = socket
    this.remote = remote
    socket.on('error', (error) => {
      if (!this.#isClosed) {
        this.#problem ??= networkProblem(error, `talk to ${nameOf(remote)}`)
      }
    })
    socket.once('close', () => {
      const problem = this.#problem
      this.#isClosed = true
      this.onClosed(problem)
    })
  }

  get queuedBytes(): number {
    return this.#socket.writableLength
  }

  take(bytes: Uint8Array): void {
    if (!this.#isClosed) this.onBytes(bytes)
  }

  /** Lets a socket that was accepted paused flow. */
  start(): void {
    if (!this.#isPaused && !this.#isClosed) this.#socket.resume()
  }

  write(chunks: readonly Uint8Array[]): number {
    const socket = this.#socket
    if (this.#isClosed || !socket.writable) return socket.writableLength
    const last = chunks.length - 1
    socket.cork()
    for (let i = 0; i <= last; i++) {
      const chunk = chunks[i]
      if (chunk === undefined) continue
      if (i === last) socket.write(chunk, this.#flushed)
      else socket.write(chunk)
    }
    socket.uncork()
    const queuedBytes = socket.writableLength
    this.#isWaiting = queuedBytes > 0
    return queuedBytes
  }

  readonly #flushed = (): void => {
    if (!this.#isWaiting || this.#isClosed) return
    if (this.#socket.writableLength > LOW_WATER_BYTES) return
    this.#isWaiting = false
    this.onDrained()
  }

  pause(): void {
    this.#isPaused = true
    this.#socket.pause()
  }

  resume(): void {
    this.#isPaused = false
    if (!this.#isClosed) this.#socket.resume()
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    const socket = this.#socket
    if (socket.writableLength === 0) {
      socket.destroy()
      return
    }
    const timer = setTimeout(() => socket.destroy(), LINGER_MS)
    timer.unref()
    socket.once('close', () => clearTimeout(timer))
    socket.resume()
    socket.end(() => socket.destroy())
  }
}

/** IPv4 addresses arrive as `::ffff:1.2.3.4` on a socket that serves both families. */
function plainHost(host: string): string {
  const tail = host.startsWith('::ffff:') ? host.slice(7) : host
  return isIPv4(tail) ? tail : host
}

function nameOf(address: Address): string {
  return address.host.includes(':')
    ? `[${address.host}]:${address.port}`
    : `${address.host}:${address.port}`
}

function badAddress(name: string): IoProblem {
  return ioProblem(
    'address-unavailable',
    `cannot reach ${name}: not an address with a port from 1 to 65535`,
    'Use a numeric address and a port.',
  )
}

function tooSlow(name: string, timeoutMs: number): IoProblem {
  return ioProblem(
    'timed-out',
    `cannot reach ${name}: no answer within ${timeoutMs / 1000} s`,
    'Try again later.',
  )
}
