import type { IncomingMessage } from 'node:http'
import { performance } from 'node:perf_hooks'
import type { Duplex } from 'node:stream'
import type { SwarmBook } from '@pigeon/protocol/tracker-server/swarm-book'
import { type WsServerEffect, WsTrackerServer } from '@pigeon/protocol/tracker-server/ws-tracker'
import { type WebSocket, WebSocketServer } from 'ws'

/** In bytes; as long as a client's own messages may be. */
const MESSAGE_BYTES = 64 * 1024
/** A client that does not read what others send it is hung up on. */
const QUEUED_BYTES = 1024 * 1024
const PING_MS = 30_000

/** The tracker's WebSocket clients. */
export class TrackerSockets {
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: MESSAGE_BYTES,
    perMessageDeflate: false,
  })
  readonly #tracker: WsTrackerServer
  readonly #clients = new Map<number, WebSocket>()
  readonly #silent = new Set<number>()
  readonly #onAnnounce: () => void
  readonly #pings: NodeJS.Timeout
  #nextId = 1

  constructor(book: SwarmBook, onAnnounce: () => void) {
    this.#tracker = new WsTrackerServer(book)
    this.#onAnnounce = onAnnounce
    this.#pings = setInterval(() => this.#ping(), PING_MS)
    this.#pings.unref()
  }

  accept(request: IncomingMessage, socket: Duplex, head: Buffer, host: string): void {
    const id = this.#nextId
    this.#nextId += 1
    if (!this.#tracker.open(id, host)) {
      socket.destroy()
      return
    }
    // Also where the handshake fails.
    socket.once('close', () => this.#gone(id))
    this.#server.handleUpgrade(request, socket, head, (client) => {
      this.#clients.set(id, client)
      client.on('error', () => {})
      client.on('pong', () => this.#silent.delete(id))
      client.on('message', (bytes) => {
        this.#silent.delete(id)
        // Some clients send their text as bytes; either comes as a buffer.
        const text = Buffer.isBuffer(bytes) ? bytes.toString('utf8') : ''
        this.#perform(this.#tracker.message(id, text, performance.now()))
      })
    })
  }

  close(): void {
    clearInterval(this.#pings)
    for (const client of this.#clients.values()) client.terminate()
    this.#server.close()
  }

  #gone(id: number): void {
    this.#clients.delete(id)
    this.#silent.delete(id)
    this.#tracker.close(id)
  }

  #perform(effects: readonly WsServerEffect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'counted') {
        this.#onAnnounce()
        continue
      }
      const client = this.#clients.get(effect.clientId)
      if (client === undefined) continue
      if (effect.kind === 'close' || client.bufferedAmount > QUEUED_BYTES) client.terminate()
      else client.send(effect.text, () => {})
    }
  }

  #ping(): void {
    for (const [id, client] of this.#clients) {
      if (this.#silent.has(id)) client.terminate()
      this.#silent.add(id)
      client.ping(() => {})
    }
  }
}
