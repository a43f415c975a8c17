/**
 * A relay between two clients, on an address of its own: one side dials it and the bytes go on to the other.
 *
 * The tracker only ever names relays, so no byte between two clients can pass unseen, on any machine and without
 * the right to capture packets.
 */
import { EventEmitter } from 'node:events'
import { type Server, type Socket, connect, createServer } from 'node:net'
import { type Endpoint, formatEndpoint } from '../net/address-pool.ts'
import { type Direction, StreamReader } from './stream-reader.ts'
import { Transcript } from './transcript.ts'
import { WireTally } from './wire-tally.ts'

/** A client that restarts is waited for, so that the other side sees a slow answer and not a refusal. */
const DIAL_LIMIT_MS = 20_000
const DIAL_PAUSE_MS = 100
const MAX_CONNECTIONS = 64

export interface EdgeOptions {
  /** Lets pass what is not the plain protocol: encrypted connections. */
  readonly isOpaque?: boolean
}

export class Edge {
  readonly address: Endpoint
  readonly target: Endpoint
  /** What the dialling client sent. */
  readonly forward = new WireTally()
  /** What the dialled client sent. */
  readonly backward = new WireTally()
  readonly transcript: Transcript
  connectionCount = 0
  /** Hosts that dialled, each once. */
  readonly diallers = new Set<string>()
  readonly #isOpaque: boolean
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #events = new EventEmitter()
  #hold: { readonly direction: Direction; readonly uniqueBytes: number } | undefined
  #isHeld = false
  #isDetaining = false

  constructor(
    address: Endpoint,
    target: Endpoint,
    names: readonly [string, string],
    options: EdgeOptions = {},
  ) {
    this.#isOpaque = options.isOpaque ?? false
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
    if (client.remoteAddress !== undefined) this.diallers.add(client.remoteAddress)
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
      this.#pipe(client, onward, 'forward', number)
      this.#pipe(onward, client, 'backward', number)
    })
  }

  #track(socket: Socket): void {
    socket.setNoDelay(true)
    this.#sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.#sockets.delete(socket))
  }

  #pipe(from: Socket, to: Socket, direction: Direction, number: number): void {
    const [tally, receiver] =
      direction === 'forward' ? [this.forward, this.backward] : [this.backward, this.forward]
    const { transcript } = this
    const reader = new StreamReader({ direction, tally, receiver, transcript, number })
    from.on('data', (chunk: Buffer) => {
      // What cannot be passed on any more was never delivered: it must not count as evidence.
      if (to.writableEnded || to.destroyed) return
      const isPlain = reader.read(chunk)
      // Like a peer that knows no encryption: who tried it first falls back, and stays readable.
      if (!isPlain && !reader.hasGreeted && !this.#isOpaque) from.destroy()
      this.#holdWhenDue()
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

  #holdWhenDue(): void {
    const hold = this.#hold
    if (hold === undefined || this.#isHeld || this[hold.direction].uniqueBytes < hold.uniqueBytes)
      return
    this.#isHeld = true
    for (const socket of this.#sockets) socket.pause()
    this.#events.emit('held')
  }
}
