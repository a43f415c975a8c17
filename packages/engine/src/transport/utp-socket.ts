import type { UtpInput } from '@pigeon/protocol/utp'
import type { Address, PeerSocket } from '../ports.ts'
import type { IoProblem } from '../problem.ts'

/** Who carries a socket's bytes. */
export interface UtpStreams {
  queuedBytes(connection: number): number
  feed(input: UtpInput): void
}

/** One uTP connection with the face of a stream. */
export class UtpSocket implements PeerSocket {
  readonly transport = 'utp'
  readonly isEncrypted = false
  readonly remote: Address
  onBytes: (bytes: Uint8Array) => void = () => {}
  onClosed: (problem: IoProblem | null) => void = () => {}
  onDrained: () => void = () => {}
  readonly #streams: UtpStreams
  readonly #connection: number
  /** What had arrived already when we were told to pause. */
  #held: Uint8Array[] = []
  #isPaused = false
  #isClosed = false
  #isEnded = false

  constructor(streams: UtpStreams, connection: number, remote: Address) {
    this.#streams = streams
    this.#connection = connection
    this.remote = remote
  }

  get queuedBytes(): number {
    return this.#streams.queuedBytes(this.#connection)
  }

  write(chunks: readonly Uint8Array[]): number {
    if (!this.#isClosed) {
      this.#streams.feed({ kind: 'write', connection: this.#connection, chunks })
    }
    return this.queuedBytes
  }

  pause(): void {
    if (this.#isPaused || this.#isClosed) return
    this.#isPaused = true
    this.#streams.feed({ kind: 'pause', connection: this.#connection })
  }

  resume(): void {
    if (!this.#isPaused || this.#isClosed) return
    this.#isPaused = false
    const held = this.#held
    this.#held = []
    for (const bytes of held) this.take(bytes)
    if (this.#isPaused) return
    if (this.#isEnded) this.ended()
    else this.#streams.feed({ kind: 'resume', connection: this.#connection })
  }

  /** What is queued still goes out; `onClosed` comes when that is done or has failed. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#held = []
    const connection = this.#connection
    // Room is made for what nobody reads any more: else the remote could not come to its end.
    if (this.#isPaused) this.#streams.feed({ kind: 'resume', connection })
    this.#streams.feed({ kind: 'close', connection })
  }

  take(bytes: Uint8Array): void {
    if (this.#isClosed) return
    if (this.#isPaused) this.#held.push(bytes.slice())
    else this.onBytes(bytes)
  }

  drained(): void {
    if (!this.#isClosed) this.onDrained()
  }

  /** The remote says no more: a peer that does is gone, as one over TCP that ends its half. */
  ended(): void {
    this.#isEnded = true
    if (this.#isPaused || this.#isClosed) return
    this.close()
    this.#tellClosed(null)
  }

  closed(problem: IoProblem | null): void {
    this.#isClosed = true
    this.#held = []
    this.#tellClosed(problem)
  }

  #isTold = false

  #tellClosed(problem: IoProblem | null): void {
    if (this.#isTold) return
    this.#isTold = true
    this.onClosed(problem)
  }
}
