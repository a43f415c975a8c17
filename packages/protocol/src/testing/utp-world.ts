/** uTP sockets on a simulated network in virtual time: everything that happens follows from the seed. */
import { equalBytes } from '../bytes.ts'
import { UtpMux, type UtpAddress, type UtpEffect, type UtpOptions } from '../utp/utp-mux.ts'

/** The way from a host to all others. */
export interface Path {
  delayMs: number
  /** Added to the delay, by chance: what makes datagrams overtake each other. */
  jitterMs: number
  loss: number
  duplicates: number
  /** Datagrams that are longer are lost. */
  mtuBytes: number
  /** What all datagrams have to pass, one after the other; several hosts may share one. */
  bottleneck: Bottleneck | null
}

export const GOOD_PATH: Path = {
  delayMs: 10,
  jitterMs: 0,
  loss: 0,
  duplicates: 0,
  mtuBytes: 65_535,
  bottleneck: null,
}

/** A line of fixed speed with a queue that drops what comes when it is full. */
export class Bottleneck {
  readonly bytesPerMs: number
  readonly queueBytes: number
  #freeAtMs = 0

  constructor(bytesPerMs: number, queueBytes: number) {
    this.bytesPerMs = bytesPerMs
    this.queueBytes = queueBytes
  }

  /** How long what comes now would wait. */
  waitMs(nowMs: number): number {
    return Math.max(0, this.#freeAtMs - nowMs)
  }

  /** When a datagram that comes now is through; `null` when it is dropped. */
  pass(lengthBytes: number, nowMs: number): number | null {
    const waitMs = this.waitMs(nowMs)
    if (waitMs * this.bytesPerMs + lengthBytes > this.queueBytes) return null
    this.#freeAtMs = nowMs + waitMs + (lengthBytes + HEADERS_BYTES) / this.bytesPerMs
    return this.#freeAtMs
  }
}

const HEADERS_BYTES = 28

export class UtpWorld {
  nowMs = 1000
  /** Of hosts that have none of their own. */
  readonly path: Path
  /** Sees each datagram as it is sent; `false` loses it. */
  tap: (bytes: Uint8Array, from: UtpAddress, to: UtpAddress) => boolean = () => true
  readonly #hosts = new Map<string, UtpHost>()
  readonly #events = new EventQueue()
  #state: number

  constructor(seed: number, path: Partial<Path> = {}) {
    this.#state = seed >>> 0
    this.path = { ...GOOD_PATH, ...path }
  }

  readonly random: (below: number) => number = (below) => Math.floor(this.#chance() * below)

  host(host: string, options: Partial<UtpOptions> = {}): UtpHost {
    const made = new UtpHost(this, { host, port: 6881 }, options)
    this.#hosts.set(host, made)
    return made
  }

  after(delayMs: number, run: () => void): void {
    this.#events.push(this.nowMs + delayMs, run)
  }

  send(bytes: Uint8Array, from: UtpAddress, to: UtpAddress): void {
    if (!this.tap(bytes, from, to)) return
    const path = this.#hosts.get(from.host)?.path ?? this.path
    const copies = this.#chance() < path.duplicates ? 2 : 1
    for (let i = 0; i < copies; i++) this.#sendCopy(bytes.slice(), from, to, path)
  }

  /** Runs until `isDone`, or until the time is over or nothing happens any more; answers whether it was done. */
  run(limitMs: number, isDone: () => boolean = () => false): boolean {
    const endMs = this.nowMs + limitMs
    while (!isDone()) {
      const dueMs = this.#events.nextMs
      if (dueMs === null || dueMs > endMs) {
        this.nowMs = endMs
        return isDone()
      }
      this.nowMs = Math.max(this.nowMs, dueMs)
      this.#events.take()?.()
    }
    return true
  }

  #sendCopy(bytes: Uint8Array, from: UtpAddress, to: UtpAddress, path: Path): void {
    if (bytes.length > path.mtuBytes || this.#chance() < path.loss) return
    const throughMs =
      path.bottleneck === null ? this.nowMs : path.bottleneck.pass(bytes.length, this.nowMs)
    if (throughMs === null) return
    const delayMs = throughMs - this.nowMs + path.delayMs + this.#chance() * path.jitterMs
    this.after(delayMs, () => this.#hosts.get(to.host)?.receive(bytes, from))
  }

  /** From 0 to 1. */
  #chance(): number {
    this.#state = (this.#state + 0x9e37_79b9) >>> 0
    let z = this.#state
    z = Math.imul(z ^ (z >>> 16), 0x21f0_aaad)
    z = Math.imul(z ^ (z >>> 15), 0x735a_2d97)
    return ((z ^ (z >>> 15)) >>> 0) / 2 ** 32
  }
}

/** A socket, with all that its connections did. */
export class UtpHost {
  readonly address: UtpAddress
  /** `null`: that of the world. */
  path: Path | null = null
  readonly mux: UtpMux
  readonly effects: UtpEffect[] = []
  readonly streams: Map<number, UtpStream> = new Map()
  /** In the order in which they were accepted. */
  readonly accepted: UtpStream[] = []
  /** Microseconds that its clock gains in a second. */
  driftMicros = 0
  sentBytes = 0
  sentDatagrams = 0
  onAccepted: (stream: UtpStream) => void = () => {}
  readonly #world: UtpWorld
  #dueMs = Number.POSITIVE_INFINITY

  constructor(world: UtpWorld, address: UtpAddress, options: Partial<UtpOptions>) {
    this.#world = world
    this.address = address
    this.mux = new UtpMux(world.random, options)
  }

  get nowMs(): number {
    return this.#world.nowMs * (1 + this.driftMicros / 1e6)
  }

  connect(to: UtpHost): UtpStream {
    const stream = new UtpStream(this, this.mux.newConnection())
    this.streams.set(stream.connection, stream)
    this.feed({ kind: 'connect', connection: stream.connection, to: to.address })
    return stream
  }

  receive(bytes: Uint8Array, from: UtpAddress): void {
    this.feed({ kind: 'datagram', bytes, from })
  }

  feed(input: Parameters<UtpMux['handle']>[0]): void {
    for (const effect of this.mux.handle(input, this.nowMs)) this.#perform(effect)
    this.#arm()
  }

  #perform(effect: UtpEffect): void {
    if (effect.kind === 'send') {
      this.sentBytes += effect.bytes.length
      this.sentDatagrams += 1
      this.#world.send(effect.bytes, this.address, effect.to)
      return
    }
    if (effect.kind === 'accepted') {
      const stream = new UtpStream(this, effect.connection)
      this.streams.set(effect.connection, stream)
      this.accepted.push(stream)
      this.onAccepted(stream)
    }
    if (effect.kind === 'bytes') this.streams.get(effect.connection)?.take(effect.bytes)
    else {
      this.effects.push(effect)
      this.streams.get(effect.connection)?.note(effect)
    }
  }

  #arm(): void {
    const ownMs = this.mux.deadlineMs
    if (ownMs === null) return
    const worldMs = ownMs / (1 + this.driftMicros / 1e6)
    // Rounded down, time would never come.
    const dueMs = Math.max(this.#world.nowMs, this.driftMicros === 0 ? worldMs : worldMs + 0.001)
    if (dueMs >= this.#dueMs) return
    this.#dueMs = dueMs
    this.#world.after(dueMs - this.#world.nowMs, () => {
      if (this.#dueMs !== dueMs) return
      this.#dueMs = Number.POSITIVE_INFINITY
      this.feed({ kind: 'tick' })
    })
  }
}

/** One end of a connection: writes the sample, and holds what it reads against it. */
export class UtpStream {
  readonly connection: number
  readonly host: UtpHost
  receivedBytes = 0
  /** Every byte was the one that the other wrote there. */
  isExact = true
  isOpened = false
  isEnded = false
  closedFor: string | null = null
  drains = 0
  /** How many bytes `send` still has to write. */
  #leftBytes = 0
  #writtenBytes = 0
  #endsAfter = false

  constructor(host: UtpHost, connection: number) {
    this.host = host
    this.connection = connection
  }

  /** Writes so much of the sample, as fast as it is taken. */
  send(lengthBytes: number, endsAfter = false): void {
    this.#leftBytes += lengthBytes
    this.#endsAfter = endsAfter
    this.#fill()
  }

  feed(kind: 'pause' | 'resume' | 'finish' | 'close' | 'abort'): void {
    this.host.feed({ kind, connection: this.connection })
  }

  take(bytes: Uint8Array): void {
    this.isExact &&= equalBytes(bytes, sample(this.receivedBytes, bytes.length))
    this.receivedBytes += bytes.length
  }

  note(effect: UtpEffect): void {
    if (effect.kind === 'opened') this.isOpened = true
    if (effect.kind === 'ended') this.isEnded = true
    if (effect.kind === 'closed') this.closedFor = effect.reason
    if (effect.kind !== 'drained') return
    this.drains += 1
    this.#fill()
  }

  #fill(): void {
    const { connection } = this
    while (this.#leftBytes > 0 && this.host.mux.queuedBytes(connection) < QUEUE_BYTES) {
      const chunk = sample(this.#writtenBytes, Math.min(this.#leftBytes, CHUNK_BYTES))
      this.#leftBytes -= chunk.length
      this.#writtenBytes += chunk.length
      this.host.feed({ kind: 'write', connection, chunks: [chunk] })
    }
    if (this.#leftBytes === 0 && this.#endsAfter) this.feed('finish')
  }
}

const QUEUE_BYTES = 512 * 1024
const CHUNK_BYTES = 60_000

/** A run of bytes that no other place has, but for those a multiple of a large prime number away. Never change it. */
export function sample(offset: number, lengthBytes: number): Uint8Array {
  const at = offset % SAMPLE_PERIOD
  return SAMPLE.subarray(at, at + lengthBytes)
}

const SAMPLE_PERIOD = 65_521
const SAMPLE = Uint8Array.from(
  { length: SAMPLE_PERIOD + CHUNK_BYTES },
  (_, i) => Math.imul(i % SAMPLE_PERIOD, 0x9e37_79b1) >>> 15,
)

/** What happens next first; what was planned first where times are equal. */
class EventQueue {
  readonly #heap: { readonly atMs: number; readonly number: number; readonly run: () => void }[] =
    []
  #count = 0

  get nextMs(): number | null {
    return this.#heap[0]?.atMs ?? null
  }

  push(atMs: number, run: () => void): void {
    this.#count += 1
    let at = this.#heap.push({ atMs, number: this.#count, run }) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!this.#swapIfLater(parent, at)) return
      at = parent
    }
  }

  take(): (() => void) | undefined {
    const first = this.#heap[0]
    const last = this.#heap.pop()
    if (first === undefined || last === undefined || this.#heap.length === 0) return first?.run
    this.#heap[0] = last
    let at = 0
    for (;;) {
      const left = at * 2 + 1
      const child = this.#isBefore(left + 1, left) ? left + 1 : left
      if (!this.#swapIfLater(at, child)) break
      at = child
    }
    return first.run
  }

  #isBefore(a: number, b: number): boolean {
    const one = this.#heap[a]
    const other = this.#heap[b]
    if (one === undefined || other === undefined) return false
    return one.atMs < other.atMs || (one.atMs === other.atMs && one.number < other.number)
  }

  #swapIfLater(upper: number, lower: number): boolean {
    const one = this.#heap[upper]
    const other = this.#heap[lower]
    if (one === undefined || other === undefined || !this.#isBefore(lower, upper)) return false
    this.#heap[upper] = other
    this.#heap[lower] = one
    return true
  }
}
