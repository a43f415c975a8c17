/**
 * A tracker of one's own, for a school, an office or a LAN party: HTTP, WebSocket and UDP on one port number. What is
 * said is judged by the protocol package; this file owns the sockets and bounds what strangers may make us do.
 */
import { randomBytes, randomInt } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { networkInterfaces } from 'node:os'
import { performance } from 'node:perf_hooks'
import type { Duplex } from 'node:stream'
import type { Address, DatagramSocket } from '@pigeon/engine/ports'
import { type IoProblem, isIoProblem } from '@pigeon/engine/problem'
import { formatIp, parseIp } from '@pigeon/protocol/ip-address'
import { invariant } from '@pigeon/protocol/machine'
import {
  answerHttpTracker,
  encodeFailure,
  parseHttpTrackerRequest,
} from '@pigeon/protocol/tracker-server/http-tracker'
import { SwarmBook } from '@pigeon/protocol/tracker-server/swarm-book'
import { UDP_SECRET_BYTES, UdpTrackerServer } from '@pigeon/protocol/tracker-server/udp-tracker'
import { createDatagramPort } from './datagrams.ts'
import { networkProblem } from './io-errors.ts'
import { AddressBudgets } from './tracker-budgets.ts'
import { TrackerSockets } from './tracker-sockets.ts'

export interface TrackerServerOptions {
  /** Numeric; `0.0.0.0` for all of IPv4, `::` for all there is. */
  readonly host: string
  /** 0 takes any that is free. */
  readonly port: number
  /** Whether any torrent may be tracked, or only those that `isKnown` names. */
  readonly isOpen: boolean
  readonly isKnown?: (infoHash: Uint8Array) => boolean
  readonly limits?: Partial<TrackerServerLimits>
  /** How often peers are told to come back. */
  readonly intervalMs?: number
}

export interface TrackerServerLimits {
  readonly connections: number
  readonly connectionsPerAddress: number
  /** Requests and packets of one address: so many at once, and so many a second. */
  readonly requestBurst: number
  readonly requestsPerSecond: number
  /** A request that has not come whole by then is hung up on, at most a second later. */
  readonly requestMs: number
}

export const TRACKER_SERVER_LIMITS: TrackerServerLimits = {
  connections: 2_000,
  connectionsPerAddress: 200,
  requestBurst: 200,
  requestsPerSecond: 50,
  requestMs: 10_000,
}

export interface TrackerServerStatus {
  /** Such as `0.0.0.0:6969`; `null` once it is closed. */
  readonly listening: string | null
  /** What to give to others: http, udp and ws, at each address of this machine. */
  readonly urls: readonly string[]
  readonly torrents: number
  readonly peers: number
  /** Since it began. */
  readonly announces: number
}

export interface TrackerServer {
  status(): TrackerServerStatus
  /** Hangs up on everybody; the port is free afterwards. */
  close(): Promise<void>
}

/** Opens the tracker; a problem says why it cannot listen. */
export async function openTrackerServer(
  options: TrackerServerOptions,
): Promise<TrackerServer | IoProblem> {
  const tries = options.port === 0 ? TRIES : 1
  let opened: TrackerServer | IoProblem = await open(options)
  // A free TCP port may be taken over UDP.
  for (let n = 1; n < tries && isIoProblem(opened); n++) opened = await open(options)
  // A machine without IPv6 still has all its IPv4 addresses.
  const isFamilyMissing = isIoProblem(opened) && opened.code === 'address-unavailable'
  return isFamilyMissing && options.host === '::' ? open({ ...options, host: '0.0.0.0' }) : opened
}

const TRIES = 5
const INTERVAL_MS = 600_000
const EXPIRE_MS = 30_000
const HEADER_BYTES = 16 * 1024
/** How often it is looked who is late: by default Node would only do so every half minute. */
const LATE_CHECK_MS = 1_000
const KEEP_ALIVE_MS = 5_000

async function open(options: TrackerServerOptions): Promise<TrackerServer | IoProblem> {
  const running = new RunningTracker(options)
  const problem = await running.listen()
  if (problem === null) return running
  await running.close()
  return problem
}

class RunningTracker implements TrackerServer {
  readonly #options: TrackerServerOptions
  readonly #book: SwarmBook
  readonly #udp: UdpTrackerServer
  readonly #sockets: TrackerSockets
  readonly #budgets: AddressBudgets
  readonly #server: Server
  readonly #datagrams: DatagramSocket[] = []
  readonly #connections = new Map<string, number>()
  readonly #limits: TrackerServerLimits
  #expiry: NodeJS.Timeout | null = null
  #address: Address | null = null
  #announces = 0

  constructor(options: TrackerServerOptions) {
    this.#options = options
    this.#limits = { ...TRACKER_SERVER_LIMITS, ...options.limits }
    const isKnown = options.isOpen ? () => true : (options.isKnown ?? (() => false))
    const intervalMs = options.intervalMs ?? INTERVAL_MS
    this.#book = new SwarmBook({ chance: (below) => randomInt(below), intervalMs, isKnown })
    this.#udp = new UdpTrackerServer(this.#book, randomBytes(UDP_SECRET_BYTES))
    this.#sockets = new TrackerSockets(this.#book, () => this.#counted())
    this.#budgets = new AddressBudgets(this.#limits.requestBurst, this.#limits.requestsPerSecond)
    this.#server = createServer(
      {
        maxHeaderSize: HEADER_BYTES,
        headersTimeout: this.#limits.requestMs,
        requestTimeout: this.#limits.requestMs,
        connectionsCheckingInterval: LATE_CHECK_MS,
        keepAliveTimeout: KEEP_ALIVE_MS,
      },
      (request, response) => this.#answer(request, response),
    )
    this.#server.maxConnections = this.#limits.connections
    this.#server.on('connection', (socket) => {
      const host = canonical(socket.remoteAddress)
      const count = (this.#connections.get(host) ?? 0) + 1
      this.#connections.set(host, count)
      socket.once('close', () => lower(this.#connections, host))
      socket.on('error', () => {})
      if (count > this.#limits.connectionsPerAddress) socket.destroy()
    })
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
    this.#server.on('clientError', (_, socket) => socket.destroy())
  }

  async listen(): Promise<IoProblem | null> {
    const bound = await bind(this.#server, this.#options)
    if (isIoProblem(bound)) return bound
    this.#address = bound
    const hosts = bound.host === '::' ? ['::', '0.0.0.0'] : [bound.host]
    for (const host of hosts) {
      const socket = await createDatagramPort().bind({ host, port: bound.port }, (bytes, from) => {
        this.#datagram(bytes, from, host)
      })
      if (isIoProblem(socket)) return socket
      this.#datagrams.push(socket)
    }
    this.#expiry = setInterval(() => {
      this.#book.expire(performance.now())
      this.#budgets.sweep(performance.now())
    }, EXPIRE_MS)
    this.#expiry.unref()
    return null
  }

  status(): TrackerServerStatus {
    const address = this.#address
    return {
      listening: address === null ? null : `${bracketed(address.host)}:${address.port}`,
      urls: address === null ? [] : urlsOf(address),
      torrents: this.#book.torrentCount,
      peers: this.#book.peerCount,
      announces: this.#announces,
    }
  }

  async close(): Promise<void> {
    this.#address = null
    if (this.#expiry !== null) clearInterval(this.#expiry)
    for (const socket of this.#datagrams.splice(0)) socket.close()
    this.#sockets.close()
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve())
      this.#server.closeAllConnections()
    })
  }

  #counted(): void {
    this.#announces += 1
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const host = canonical(request.socket.remoteAddress)
    const nowMs = performance.now()
    request.resume()
    if (request.method !== 'GET') {
      end(response, 405, 'Only GET is answered here.\n')
      request.socket.once('finish', () => request.socket.destroy())
      return
    }
    const asked = parseHttpTrackerRequest(request.url ?? '')
    if (asked.kind === 'elsewhere') {
      end(response, 404, 'A BitTorrent tracker: announce at /announce, scrape at /scrape.\n')
    } else if (this.#budgets.spend(host, nowMs)) {
      if (asked.kind === 'announce') this.#counted()
      end(response, 200, answerHttpTracker(this.#book, asked, host, nowMs))
    } else {
      end(response, 200, encodeFailure('Too many requests from your address.', 1))
    }
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const host = canonical(request.socket.remoteAddress)
    if (this.#budgets.spend(host, performance.now())) {
      this.#sockets.accept(request, socket, head, host)
    } else {
      socket.destroy()
    }
  }

  #datagram(bytes: Uint8Array, from: Address, boundHost: string): void {
    const nowMs = performance.now()
    const host = canonical(from.host)
    if (!this.#budgets.spend(host, nowMs)) return
    const answer = this.#udp.answer(bytes, { host, port: from.port }, nowMs)
    if (answer === null) return
    if (answer.isAnnounce) this.#counted()
    const family = boundHost.includes(':') ? 6 : 4
    const socket = this.#datagrams.find(
      ({ address }) => (address.host.includes(':') ? 6 : 4) === family,
    )
    socket?.send(answer.bytes, from)
  }
}

function bind(server: Server, options: TrackerServerOptions): Promise<Address | IoProblem> {
  const { host, port } = options
  return new Promise((resolve) => {
    const refuse = (error: Error): void => {
      resolve(networkProblem(error, `open the tracker at ${bracketed(host)}:${port}`))
    }
    server.once('error', refuse)
    try {
      server.listen({ host, port }, () => {
        server.off('error', refuse)
        // A failed accept concerns one stranger.
        server.on('error', () => {})
        const bound = server.address()
        invariant(bound !== null && typeof bound === 'object', 'a TCP server has an address')
        resolve({ host, port: bound.port })
      })
    } catch (error) {
      refuse(error instanceof Error ? error : new Error(String(error)))
    }
  })
}

function end(response: ServerResponse, status: number, body: string | Uint8Array): void {
  response.writeHead(status, {
    'content-type': 'text/plain',
    'content-length': Buffer.byteLength(body),
  })
  response.end(body)
}

/** One text for each address: no zone, IPv4 also where it came over a socket of both families. */
function canonical(host: string | undefined): string {
  const bare = (host ?? '').split('%', 1)[0] ?? ''
  const bytes = parseIp(bare)
  return (bytes === null ? null : formatIp(bytes)) ?? bare
}

function urlsOf({ host, port }: Address): readonly string[] {
  const hosts = host === '0.0.0.0' || host === '::' ? ownAddresses(host === '::') : [host]
  return hosts.flatMap((own) => {
    const place = `${bracketed(own)}:${port}`
    return [`http://${place}/announce`, `udp://${place}/announce`, `ws://${place}/announce`]
  })
}

/** Where others reach this machine; itself alone where it has no network. */
function ownAddresses(withIpv6: boolean): readonly string[] {
  const found = Object.values(networkInterfaces())
    .flatMap((entries) => entries ?? [])
    .filter(({ internal, family, address }) => {
      return !internal && (family === 'IPv4' || (withIpv6 && !address.startsWith('fe80:')))
    })
    .map(({ address }) => address)
  return found.length > 0 ? found : ['127.0.0.1']
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

function lower(counts: Map<string, number>, key: string): void {
  const left = (counts.get(key) ?? 1) - 1
  if (left > 0) counts.set(key, left)
  else counts.delete(key)
}
