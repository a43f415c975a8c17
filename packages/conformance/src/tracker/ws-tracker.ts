/**
 * The suite's WebSocket tracker: it hands offers and answers between the two clients of a cell, and names no address to
 * anybody. No BEP describes it; this is what WebTorrent's clients and trackers do.
 */
import { type Server, createServer } from 'node:http'
import { type WebSocket, WebSocketServer } from 'ws'
import { isRecord } from '../driver/driver.ts'
import type { TrackerClient } from './announce-book.ts'

const MESSAGE_BYTES = 64 * 1024
const MAX_OFFERS = 10

/** Who may meet whom, and what passed between them. */
export class Room {
  offers = 0
  answers = 0
  readonly #seats = new Map<TrackerClient, Seat>()

  sit(client: TrackerClient, socket: WebSocket): Seat {
    const seat: Seat = { client, socket, peerId: '' }
    this.#seats.set(client, seat)
    return seat
  }

  others(than: Seat): readonly Seat[] {
    return [...this.#seats.values()].filter((seat) => seat !== than && seat.peerId !== '')
  }
}

interface Seat {
  readonly client: TrackerClient
  readonly socket: WebSocket
  peerId: string
}

export class WsTracker {
  static #shared: Promise<WsTracker> | undefined
  readonly #server: Server = createServer((_, response) => response.writeHead(426).end())
  readonly #sockets = new WebSocketServer({ server: this.#server, maxPayload: MESSAGE_BYTES })
  readonly #clients = new Map<string, { readonly client: TrackerClient; readonly room: Room }>()
  #origin = ''

  /** One for the whole run, which ends with it. */
  static shared(host: string): Promise<WsTracker> {
    WsTracker.#shared ??= new WsTracker().#listen(host)
    return WsTracker.#shared
  }

  /** Adds a client; the returned URL is its alone. */
  register(client: TrackerClient, room: Room): string {
    this.#clients.set(client.key, { client, room })
    return `${this.#origin}/${client.key}/announce`
  }

  async #listen(host: string): Promise<WsTracker> {
    this.#sockets.on('connection', (socket, request) => {
      const seat = this.#clients.get((request.url ?? '').split('/')[1] ?? '')
      if (seat === undefined) socket.close()
      else serve(socket, seat.client, seat.room)
    })
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(0, host, resolve)
    })
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('tracker has no port')
    this.#origin = `ws://${host}:${address.port}`
    this.#server.unref()
    return this
  }
}

function serve(socket: WebSocket, client: TrackerClient, room: Room): void {
  const seat = room.sit(client, socket)
  socket.on('error', () => socket.terminate())
  socket.on('message', (data) => {
    const said = Buffer.isBuffer(data) ? parse(data.toString('utf8')) : undefined
    if (said === undefined || said['action'] !== 'announce') return
    if (typeof said['peer_id'] === 'string') seat.peerId = said['peer_id']
    if (isRecord(said['answer'])) passAnswer(seat, room, said)
    else announce(seat, room, said)
  })
}

function announce(seat: Seat, room: Room, said: Record<string, unknown>): void {
  const number = (name: string): number => Number(said[name] ?? Number.NaN)
  seat.client.record({
    transport: 'ws',
    atMs: Date.now(),
    infoHashHex: Buffer.from(text(said['info_hash']), 'latin1').toString('hex'),
    event: text(said['event']),
    port: 0,
    uploadedBytes: number('uploaded'),
    downloadedBytes: number('downloaded'),
    leftBytes: number('left'),
  })
  send(seat, {
    action: 'announce',
    info_hash: said['info_hash'],
    interval: seat.client.intervalSeconds,
    complete: 1,
    incomplete: 1,
  })
  const offers = Array.isArray(said['offers']) ? said['offers'].slice(0, MAX_OFFERS) : []
  for (const [at, other] of room.others(seat).entries()) {
    const offer: unknown = offers[at]
    if (!isRecord(offer)) return
    room.offers += 1
    send(other, {
      action: 'announce',
      info_hash: said['info_hash'],
      peer_id: seat.peerId,
      offer_id: offer['offer_id'],
      offer: offer['offer'],
    })
  }
}

function passAnswer(seat: Seat, room: Room, said: Record<string, unknown>): void {
  const other = room.others(seat).find(({ peerId }) => peerId === said['to_peer_id'])
  if (other === undefined) return
  room.answers += 1
  send(other, {
    action: 'announce',
    info_hash: said['info_hash'],
    peer_id: seat.peerId,
    offer_id: said['offer_id'],
    answer: said['answer'],
  })
}

function send(seat: Seat, message: object): void {
  seat.socket.send(JSON.stringify(message))
}

function parse(said: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(said)
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
