/**
 * One end of a simulated TCP stream: bytes leave at the rate of the slower line, arrive after the delay, and wait in a
 * window while the receiver does not read.
 */
import type { Address, PeerSocket } from '@pigeon/engine/ports'
import type { IoProblem } from '@pigeon/engine/problem'
import { ioProblem } from '@pigeon/engine/problem'
import type { Endpoint } from './network.ts'
import type { Timeline } from './timeline.ts'

export interface StreamWorld {
  readonly timeline: Timeline
  readonly isCut: () => boolean
}

const SEGMENT_BYTES = 64 * 1024
/** What may be on the way and unread. */
const WINDOW_BYTES = 256 * 1024
const LOW_WATER_BYTES = 64 * 1024
const RETRY_MS = 500

export class SimStream implements PeerSocket {
  readonly remote: Address
  readonly transport = 'tcp'
  readonly isEncrypted = false
  onBytes: (bytes: Uint8Array) => void = () => {}
  onClosed: (problem: IoProblem | null) => void = () => {}
  onDrained: () => void = () => {}
  /** Set by tests: this end's bytes stand still. */
  isStalled = false

  readonly #world: StreamWorld
  readonly #endpoint: Endpoint
  #other: SimStream | null = null
  readonly #queue: Uint8Array[] = []
  #queuedBytes = 0
  #unreadBytes = 0
  readonly #inbox: Uint8Array[] = []
  #isSending = false
  #isWaiting = false
  #isPaused = false
  #isOver = false
  #lastArrivalMs = 0

  constructor(world: StreamWorld, endpoint: Endpoint, remote: Address) {
    this.#world = world
    this.#endpoint = endpoint
    this.remote = remote
    endpoint.streams.add(this)
  }

  join(other: SimStream): void {
    this.#other = other
    other.#other = this
  }

  get queuedBytes(): number {
    this.#world.timeline.read()
    return this.#queuedBytes
  }

  write(chunks: readonly Uint8Array[]): number {
    if (this.#isOver) return 0
    for (const chunk of chunks) {
      this.#queue.push(chunk)
      this.#queuedBytes += chunk.length
    }
    this.#send()
    return this.#queuedBytes
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    this.#world.timeline.after(0, () => this.#read())
  }

  close(): void {
    this.#end(null, null)
  }

  /** Both ends see the connection break. */
  reset(): void {
    this.#end(RESET, RESET)
  }

  #end(here: IoProblem | null, there: IoProblem | null): void {
    if (this.#isOver) return
    const { timeline } = this.#world
    this.#isOver = true
    this.#endpoint.streams.delete(this)
    this.#queue.length = 0
    this.#queuedBytes = 0
    timeline.after(0, () => {
      if (this.#endpoint.isAlive) this.onClosed(here)
    })
    const other = this.#other
    if (other === null) return
    const delayMs = this.#endpoint.link.delayMs + other.#endpoint.link.delayMs
    const atMs = Math.max(timeline.nowMs + delayMs, this.#lastArrivalMs)
    timeline.after(atMs - timeline.nowMs, () => other.#otherEnded(there))
  }

  #otherEnded(problem: IoProblem | null): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#endpoint.streams.delete(this)
    if (this.#endpoint.isAlive) this.onClosed(problem)
  }

  #send(): void {
    const other = this.#other
    if (this.#isSending || this.#queue.length === 0 || other === null || this.#isOver) return
    const { timeline } = this.#world
    this.#isSending = true
    // With the window full, the other end wakes us when it reads.
    this.#isWaiting = other.#unreadBytes >= WINDOW_BYTES
    if (this.#isWaiting) return
    if (this.isStalled || this.#world.isCut()) {
      timeline.after(RETRY_MS, () => this.#goOn())
      return
    }
    const segment = this.#nextSegment()
    const from = this.#endpoint
    const to = other.#endpoint
    const departMs = Math.max(timeline.nowMs, from.upFreeMs) + timeOf(segment, from.link.upRate)
    from.upFreeMs = departMs
    const delayMs = from.link.delayMs + to.link.delayMs
    const reachMs = Math.max(departMs + delayMs, to.downFreeMs, this.#lastArrivalMs)
    const arriveMs = reachMs + timeOf(segment, to.link.downRate)
    to.downFreeMs = arriveMs
    this.#lastArrivalMs = arriveMs
    other.#unreadBytes += segment.length
    timeline.after(arriveMs - timeline.nowMs, () => other.#arrive(segment))
    timeline.after(departMs - timeline.nowMs, () => this.#departed(segment.length))
  }

  #departed(lengthBytes: number): void {
    const wasHigh = this.#queuedBytes > LOW_WATER_BYTES
    this.#queuedBytes = Math.max(0, this.#queuedBytes - lengthBytes)
    this.#goOn()
    if (this.#isOver || !this.#endpoint.isAlive) return
    if (this.#queuedBytes === 0 || (wasHigh && this.#queuedBytes <= LOW_WATER_BYTES))
      this.onDrained()
  }

  #goOn(): void {
    this.#isSending = false
    this.#send()
  }

  #nextSegment(): Uint8Array {
    const parts: Uint8Array[] = []
    let lengthBytes = 0
    while (lengthBytes < SEGMENT_BYTES) {
      const first = this.#queue[0]
      if (first === undefined) break
      const part = first.subarray(0, SEGMENT_BYTES - lengthBytes)
      parts.push(part)
      lengthBytes += part.length
      if (part.length === first.length) this.#queue.shift()
      else this.#queue[0] = first.subarray(part.length)
    }
    const segment = new Uint8Array(lengthBytes)
    let at = 0
    for (const part of parts) {
      segment.set(part, at)
      at += part.length
    }
    return segment
  }

  #arrive(segment: Uint8Array): void {
    if (this.#isOver) return
    this.#inbox.push(segment)
    this.#read()
  }

  #read(): void {
    while (!this.#isPaused && !this.#isOver && this.#endpoint.isAlive) {
      const segment = this.#inbox.shift()
      if (segment === undefined) return
      this.#unreadBytes -= segment.length
      const other = this.#other
      if (other !== null && other.#isWaiting && this.#unreadBytes < WINDOW_BYTES) other.#goOn()
      this.onBytes(segment)
      // The bytes are only valid during the call: whoever keeps a view of them is found out.
      segment.fill(0xdd)
    }
  }
}

const RESET = ioProblem('reset', 'The connection was reset', 'It is tried again')

function timeOf(segment: Uint8Array, rate: number | null): number {
  return rate === null ? 0 : (segment.length * 1000) / rate
}
