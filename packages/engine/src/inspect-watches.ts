/**
 * The wires that are watched: turns frames into words as far as the rate allows, and hands them out a few times a
 * second. A connection that nobody watches has no part in it.
 */
import { describeFrame } from '@pigeon/protocol/wire/inspection'
import type { SeenFrame, WireTap } from '@pigeon/protocol/wire/wire-tap'
import {
  BULK_PER_EVENT,
  EVENT_MS,
  MESSAGES_PER_EVENT,
  WATCHES_LIMIT,
  type WireEvent,
  type WireMessage,
} from './inspect.ts'
import type { Ports } from './ports.ts'
import type { Peer } from './swarm/peer.ts'

type Listener = (event: WireEvent) => void

export class WireWatches {
  readonly #ports: Pick<Ports, 'clock'>
  readonly #watches = new Set<Watch>()

  constructor(ports: Pick<Ports, 'clock'>) {
    this.#ports = ports
  }

  get size(): number {
    return this.#watches.size
  }

  /**
   * Tells of every message of this peer from now on, after both handshakes as far as they are remembered; `ended` comes
   * once and last. Answers how to stop. With `WATCHES_LIMIT` under way, or without a peer, it ends at once.
   */
  watch(peer: Peer | null, listener: Listener): () => void {
    if (peer === null || peer.isClosed || this.#watches.size >= WATCHES_LIMIT) {
      listener({ kind: 'ended' })
      return () => {}
    }
    const watch = new Watch(peer, listener)
    this.#watches.add(watch)
    this.#share(peer)
    this.#deliverLater(watch)
    return () => this.#end(watch)
  }

  #deliverLater(watch: Watch): void {
    this.#ports.clock.after(EVENT_MS, () => {
      if (!this.#watches.has(watch)) return
      watch.deliver()
      if (watch.peer.isClosed) {
        this.#end(watch)
        watch.listener({ kind: 'ended' })
      } else this.#deliverLater(watch)
    })
  }

  #end(watch: Watch): void {
    if (this.#watches.delete(watch)) this.#share(watch.peer)
  }

  /** A wire has one tap, whoever watches it: each who comes sees the past, and all see the rest. */
  #share(peer: Peer): void {
    const watches = [...this.#watches].filter((watch) => watch.peer === peer)
    if (watches.length === 0) {
      peer.wire.watch(null)
      return
    }
    const { clock } = this.#ports
    const connectedAtMs = clock.wallMs() - (clock.nowMs() - peer.connectedMs)
    let isPast = true
    const tap: WireTap = (direction, frame) => {
      const atMs = isPast ? connectedAtMs : clock.wallMs()
      for (const watch of watches)
        if (!isPast || !watch.hasSeenPast) watch.see(direction, frame, atMs)
    }
    peer.wire.watch(tap)
    isPast = false
    for (const watch of watches) watch.hasSeenPast = true
  }
}

class Watch {
  readonly peer: Peer
  readonly listener: Listener
  hasSeenPast = false
  #messages: WireMessage[] = []
  #bulk = 0
  #leftOut = 0
  #nextNumber = 1

  constructor(peer: Peer, listener: Listener) {
    this.peer = peer
    this.listener = listener
  }

  see(direction: 'in' | 'out', frame: SeenFrame, atMs: number): void {
    const number = this.#nextNumber
    this.#nextNumber += 1
    const isBulk = isBulky(frame)
    const isFull = this.#messages.length >= MESSAGES_PER_EVENT
    if (isFull || (isBulk && this.#bulk >= BULK_PER_EVENT)) {
      this.#leftOut += 1
      return
    }
    if (isBulk) this.#bulk += 1
    const { lengthBytes } = frame
    this.#messages.push({ number, atMs, direction, lengthBytes, ...describeFrame(frame) })
  }

  deliver(): void {
    if (this.#messages.length === 0 && this.#leftOut === 0) return
    const event = { kind: 'messages', messages: this.#messages, leftOut: this.#leftOut } as const
    this.#messages = []
    this.#bulk = 0
    this.#leftOut = 0
    this.listener(event)
  }
}

function isBulky(frame: SeenFrame): boolean {
  if (frame.kind === 'piece') return true
  if (frame.kind !== 'message') return false
  const { kind } = frame.message
  return kind === 'request' || kind === 'cancel' || kind === 'reject-request' || kind === 'have'
}
