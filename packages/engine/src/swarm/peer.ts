/**
 * One connected peer: its socket, its protocol machine, and what we know of it. It carries inputs and effects between
 * the two and decides nothing.
 */
import type { Millis } from '@pigeon/protocol/machine'
import type { PeerWire, PeerWireEffect, PeerWireInput } from '@pigeon/protocol/peer-wire'
import type { BlockRef } from '@pigeon/protocol/wire/messages'
import type { Address, PeerSocket } from '../ports.ts'
import type { IoProblem } from '../problem.ts'
import { RateMeter } from '../rate.ts'
import { LIMITS } from '../settings.ts'

export type PeerSource = 'tracker' | 'magnet' | 'incoming' | 'user' | 'dht' | 'pex' | 'lsd'

/** Who a peer reports to: the session until its torrent is known, then the torrent. */
export interface PeerOwner {
  onEffect(peer: Peer, effect: PeerWireEffect): void
  /** All effects of one input from the network are done: the time to ask for and to serve blocks. */
  onSettled(peer: Peer): void
  /** Queued bytes went out: there is room to serve more. */
  onDrained(peer: Peer): void
  /** Once. */
  onClosed(peer: Peer, problem: IoProblem | null): void
}

export interface PeerInit {
  readonly number: number
  readonly socket: PeerSocket
  readonly wire: PeerWire
  readonly source: PeerSource
  readonly direction: 'incoming' | 'outgoing'
  readonly nowMs: () => Millis
  readonly owner: PeerOwner
}

export class Peer {
  /** Unique in this run; never 0. */
  readonly number: number
  readonly wire: PeerWire
  readonly socket: PeerSocket
  readonly source: PeerSource
  readonly direction: 'incoming' | 'outgoing'
  readonly address: Address
  readonly connectedMs: Millis
  readonly down: RateMeter = new RateMeter()
  readonly up: RateMeter = new RateMeter()
  owner: PeerOwner
  peerId: Uint8Array | null = null
  /** What it has, one bit a piece; `null` until it said so and the piece count is known. */
  pieces: Uint8Array | null = null
  haveCount = 0
  /** Requests that we hold for it, oldest first. */
  readonly uploads: BlockRef[] = []
  isReadingForUpload = false
  isThrottled = false
  isSnubbed = false
  /** Times in a row that it rejected us while serving us. */
  rejections = 0
  /** Not asked before then. */
  restUntilMs: Millis = Number.NEGATIVE_INFINITY
  /** Served to it while we choke it, of what it is allowed fast. */
  fastBytes = 0
  /** What it may have of that. */
  fastLimitBytes = 0
  /** All bytes ever handed to the socket. */
  writtenBytes = 0
  /** Blocks on their way out, oldest first: whose memory is in use until the socket has sent them. */
  readonly sending: { readonly bytes: Uint8Array; readonly endBytes: number }[] = []
  lastBlockMs: Millis
  /** When the oldest request that still waits was made. */
  waitingSinceMs: Millis | null = null
  lastUnchokedMs: Millis = Number.NEGATIVE_INFINITY
  requestDepth = 0
  isClosed = false

  readonly #nowMs: () => Millis
  readonly #later: PeerWireInput[] = []
  #isBusy = false

  constructor(init: PeerInit) {
    this.number = init.number
    this.socket = init.socket
    this.wire = init.wire
    this.source = init.source
    this.direction = init.direction
    this.address = init.socket.remote
    this.owner = init.owner
    this.#nowMs = init.nowMs
    this.connectedMs = init.nowMs()
    this.lastBlockMs = this.connectedMs
    init.socket.onBytes = (bytes) => this.#receive(bytes)
    init.socket.onDrained = () => this.owner.onDrained(this)
    init.socket.onClosed = (problem) => this.#closed(problem)
  }

  /** Whether both handshakes are done: before that nothing can be said to it. */
  get isReady(): boolean {
    return this.peerId !== null
  }

  /** Whether effects are being performed: what is fed now is written only after them. */
  get isBusy(): boolean {
    return this.#isBusy
  }

  /** Feeds the machine and performs its effects. Inputs made while effects are performed wait for their end. */
  feed(input: PeerWireInput): void {
    if (this.isClosed) return
    this.#later.push(input)
    if (this.#isBusy) return
    this.#isBusy = true
    for (let next = this.#later.shift(); next !== undefined; next = this.#later.shift()) {
      if (!this.isClosed) this.#perform(this.wire.handle(next, this.#nowMs()))
    }
    this.#isBusy = false
  }

  /** Lets the machine see the time, when it asked for that. */
  tick(nowMs: Millis): void {
    const due = this.wire.deadlineMs
    if (due !== null && nowMs >= due) this.feed({ kind: 'tick' })
  }

  close(): void {
    this.socket.close()
    this.#closed(null)
  }

  #receive(bytes: Uint8Array): void {
    this.feed({ kind: 'bytes', bytes })
    if (!this.isClosed) this.owner.onSettled(this)
  }

  #perform(effects: readonly PeerWireEffect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'write') this.#write(effect.chunks)
      else this.owner.onEffect(this, effect)
      if (this.isClosed) return
      if (
        effect.kind === 'timed-out' ||
        (effect.kind === 'fault' && effect.reaction !== 'ignore')
      ) {
        this.close()
        return
      }
    }
  }

  /** A peer that asks and never reads what it is told must not fill our memory. */
  #write(chunks: readonly Uint8Array[]): void {
    for (const chunk of chunks) this.writtenBytes += chunk.length
    const queuedBytes = this.socket.write(chunks)
    if (queuedBytes > 4 * LIMITS.sendQueueBytes) this.close()
  }

  #closed(problem: IoProblem | null): void {
    if (this.isClosed) return
    this.isClosed = true
    this.owner.onClosed(this, problem)
  }
}
