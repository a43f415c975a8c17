/**
 * A relay between two clients, on an address of its own: one side dials it and the bytes go on to the other.
 *
 * The tracker only ever names relays, so no byte between two clients can pass unseen, on any machine and without
 * the right to capture packets.
 */
import { EventEmitter } from 'node:events'
import { type Server, type Socket, connect, createServer } from 'node:net'
import { WireStream } from '../codec/peer-wire.ts'
import { type Endpoint, formatEndpoint } from '../net/address-pool.ts'
import { Transcript } from './transcript.ts'
import { WireTally } from './wire-tally.ts'

/** A client that restarts is waited for, so that the other side sees a slow answer and not a refusal. */
const DIAL_LIMIT_MS = 20_000
const DIAL_PAUSE_MS = 100
const MAX_CONNECTIONS = 64

export type Direction = 'forward' | 'backward'

export class Edge {
  readonly address: Endpoint
  readonly target: Endpoint
  /** What the dialling client sent. */
  readonly forward = new WireTally()
  /** What the dialled client sent. */
  readonly backward = new WireTally()
  readonly transcript: Transcript
  connectionCount = 0
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #events = new EventEmitter()
  #hold: { readonly direction: Direction; readonly uniqueBytes: number } | undefined
  #isHeld = false
  #isDetaining = false

  constructor(address: Endpoint, target: Endpoint, names: readonly [string, string]) {
    this.address = address
    this.target = target
    this.transcript = new Transcript(names)
    this.#server = createServer({ pauseOnConnect: true }, (socket) => this.#accept(socket))
    this.#events.setMaxListeners(0)
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(this.address.port, this.address.host, resolve)
    })
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  /** Stops all traffic once so many bytes of payload have passed in this direction. */
  holdAfter(direction: Direction, uniqueBytes: number): void {
    this.#hold = { direction, uniqueBytes }
  }

  /** Resolves with `true` when traffic is held, with `false` after `limitMs`. */
  held(limitMs: number): Promise<boolean> {
    if (this.#isHeld) return Promise.resolve(true)
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, limitMs, false)
      this.#events.once('held', () => {
        clearTimeout(timer)
        resolve(true)
      })
    })
  }

  /** Ends all connections, as when one of the two has died: what it had sent still arrives. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroySoon()
  }

  /** Keeps new connections waiting until `admit`: a client that starts again may listen before it can serve. */
  detain(): void {
    this.#isDetaining = true
  }

  admit(): void {
    this.#isDetaining = false
  }

  release(): void {
    this.#hold = undefined
    this.#isHeld = false
    for (const socket of this.#sockets) socket.resume()
  }

  #accept(client: Socket): void {
    if (this.connectionCount >= MAX_CONNECTIONS) {
      client.destroy()
      return
    }
    this.connectionCount += 1
    const number = this.connectionCount
    this.#track(client)
    this.transcript.note(number, `dialled at ${formatEndpoint(this.address)}`)
    this.#dial(client, number, Date.now() + DIAL_LIMIT_MS)
  }

  #dial(client: Socket, number: number, untilMs: number): void {
    const retry = (): void => {
      if (client.destroyed || Date.now() > untilMs) {
        this.transcript.note(number, `${formatEndpoint(this.target)} cannot be reached`)
        client.destroy()
      } else setTimeout(() => this.#dial(client, number, untilMs), DIAL_PAUSE_MS)
    }
    if (this.#isDetaining) {
      retry()
      return
    }
    const onward = connect({ ...this.target, localAddress: this.address.host })
    onward.once('error', retry)
    onward.once('connect', () => {
      onward.off('error', retry)
      this.#track(onward)
      this.#pipe(client, onward, this.forward, this.backward, 'forward', number)
      this.#pipe(onward, client, this.backward, this.forward, 'backward', number)
    })
  }

  #track(socket: Socket): void {
    socket.setNoDelay(true)
    this.#sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.#sockets.delete(socket))
  }

  #pipe(
    from: Socket,
    to: Socket,
    tally: WireTally,
    receiver: WireTally,
    direction: Direction,
    number: number,
  ): void {
    const stream = new WireStream()
    from.on('data', (chunk: Buffer) => {
      // What cannot be passed on any more was never delivered: it must not count as evidence.
      if (to.writableEnded || to.destroyed) return
      this.#read(from, stream, chunk, tally, receiver, direction, number)
      if (!to.write(chunk)) from.pause()
      if (this.#isHeld) from.pause()
    })
    to.on('drain', () => {
      if (!this.#isHeld) from.resume()
    })
    from.on('end', () => to.end())
    from.on('close', () => {
      this.transcript.note(
        number,
        direction === 'forward' ? 'dialler closed' : 'dialled side closed',
      )
      to.destroySoon()
    })
    if (!this.#isHeld) from.resume()
  }

  #read(
    from: Socket,
    stream: WireStream,
    chunk: Buffer,
    tally: WireTally,
    receiver: WireTally,
    direction: Direction,
    number: number,
  ): void {
    for (const event of stream.push(chunk)) {
      if (event.kind === 'handshake') {
        tally.handshake = event.handshake
        tally.handshakeCount += 1
        this.transcript.handshake(number, direction, event.handshake)
      } else if (event.kind === 'garbage') {
        tally.garbage ??= event.why
        this.transcript.note(number, `${direction}: ${event.why}`)
        // Like a peer that knows no encryption: who tried it first falls back, and stays readable.
        if (!stream.hasGreeted) from.destroy()
      } else {
        const name = tally.frame(event.frame, receiver)
        this.transcript.frame(number, direction, name, event.frame)
      }
    }
    const hold = this.#hold
    if (hold === undefined || this.#isHeld || this[hold.direction].uniqueBytes < hold.uniqueBytes)
      return
    this.#isHeld = true
    for (const socket of this.#sockets) socket.pause()
    this.#events.emit('held')
  }
}
