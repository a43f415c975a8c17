/** One WebRTC connection from its first description to its end, and the byte stream that its data channel is. */
import { performance } from 'node:perf_hooks'
import type { Address, DialHandlers, PeerSocket } from '@pigeon/engine/ports'
import { type IoProblem, ioProblem } from '@pigeon/engine/problem'
import type { DataChannel, PeerConnection } from 'node-datachannel'

/** No message is longer: what browsers and pion take. */
const MESSAGE_BYTES = 65_535
/** `onDrained` comes when no more than this is queued. */
const LOW_WATER_BYTES = 128 * 1024
/** What came while we do not read. More than every request under way can bring. */
export const PAUSED_BYTES: number = 16 * 1024 * 1024
/** How long a closed channel may take to send what is still queued. */
const LINGER_MS = 3_000
/** What the library has taken, and no longer counts as queued, is sent within this time. */
const FLUSH_MS = 500
/** How long a closed connection is kept from the garbage collector. */
const COLLECTABLE_MS = 10_000

export class PendingChannel {
  readonly #connection: PeerConnection
  readonly #handlers: DialHandlers
  readonly #limits: { readonly gatherMs: number; readonly connectMs: number }
  readonly #onGone: () => void
  /** Held, or the garbage collector would close it. */
  #channel: DataChannel | null = null
  #socket: WebRtcSocket | null = null
  #timer: NodeJS.Timeout | null = null
  #isGathered: () => void = () => {}
  #isSettled = false
  #isDescribed = false
  #isAccepted = false
  #isClosed = false

  constructor(
    connection: PeerConnection,
    handlers: DialHandlers,
    limits: { readonly gatherMs: number; readonly connectMs: number },
    onGone: () => void,
  ) {
    this.#connection = connection
    this.#handlers = handlers
    this.#limits = limits
    this.#onGone = onGone
    connection.onStateChange(
      guarded((state) => {
        if (state === 'failed') this.#end(UNREACHABLE)
        else if (state === 'closed') this.#end(null)
      }),
    )
    connection.onDataChannel(guarded((channel) => this.adopt(channel)))
    connection.onGatheringStateChange(
      guarded((state) => {
        if (state === 'complete') this.#isGathered()
      }),
    )
  }

  /** Begins, and answers our description with all addresses in it. On a problem nothing stays open. */
  async describe(begin: (connection: PeerConnection) => void): Promise<string | IoProblem> {
    const gathered = new Promise<void>((resolve) => {
      this.#isGathered = resolve
      // A server that does not answer must not hold up the addresses that we have.
      setTimeout(resolve, this.#limits.gatherMs).unref()
    })
    try {
      begin(this.#connection)
      await gathered
      const sdp = this.#isClosed ? '' : (this.#connection.localDescription()?.sdp ?? '')
      this.#isDescribed = sdp !== ''
    } catch {
      // The library throws at a description that it cannot read.
    }
    if (this.#isDescribed) return this.#connection.localDescription()?.sdp ?? ''
    this.#isSettled = true
    this.close()
    return ioProblem('bad-answer', 'The WebRTC description cannot be read.', '')
  }

  adopt(channel: DataChannel): void {
    if (this.#channel !== null) {
      // One is enough; a second is not ours to serve.
      quietly(() => channel.close())
      return
    }
    this.#channel = channel
    channel.onClosed(guarded(() => this.#end(null)))
    channel.onError(guarded(() => this.#end(BROKEN)))
    if (channel.isOpen()) this.#opened(channel)
    else channel.onOpen(guarded(() => this.#opened(channel)))
  }

  accept(sdp: string): void {
    if (this.#isAccepted || this.#isClosed) return
    this.#isAccepted = true
    this.expire(this.#limits.connectMs)
    if (quietly(() => this.#connection.setRemoteDescription(sdp, 'answer')) === false) {
      this.#end(ioProblem('bad-answer', 'The WebRTC answer was of no use.', ''))
    }
  }

  /** Gives up unless it is open by then. */
  expire(afterMs: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    if (this.#isSettled) return
    this.#timer = setTimeout(() => this.#end(TOO_SLOW), afterMs)
    this.#timer.unref()
  }

  cancel(): void {
    if (!this.#isSettled) this.#end(ioProblem('closed', 'The connection was given up.', ''))
  }

  close(): void {
    this.#end(null)
  }

  #opened(channel: DataChannel): void {
    if (this.#isSettled || this.#isClosed) return
    this.#isSettled = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    const socket = new WebRtcSocket(channel, this.#remote(), () => this.#end(null))
    this.#socket = socket
    this.#handlers.opened(socket)
    socket.start()
  }

  /** Where the other is, as far as the library knows. */
  #remote(): Address {
    const pair = quietly(() => this.#connection.getSelectedCandidatePair())
    const remote = pair === false || pair === null ? null : pair.remote
    return remote === null ? NOWHERE : { host: remote.address, port: remote.port }
  }

  #end(problem: IoProblem | null): void {
    if (this.#isClosed) return
    this.#isClosed = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#isGathered()
    const channel = this.#channel
    if (channel !== null) quietly(() => channel.close())
    quietly(() => this.#connection.close())
    // The library's threads may still be at its callbacks: what is collected too early takes the process with it.
    setTimeout(() => void [channel, this.#connection], COLLECTABLE_MS).unref()
    this.#onGone()
    if (this.#socket !== null) {
      this.#socket.ended(problem)
    } else if (!this.#isSettled) {
      this.#isSettled = true
      // While we describe ourselves, `describe` tells it.
      if (this.#isDescribed) this.#handlers.failed(problem ?? CLOSED)
    }
  }
}

class WebRtcSocket implements PeerSocket {
  readonly transport = 'webrtc'
  /** By DTLS. */
  readonly isEncrypted = true
  readonly remote: Address
  onBytes: (bytes: Uint8Array) => void = () => {}
  onClosed: (problem: IoProblem | null) => void = () => {}
  onDrained: () => void = () => {}
  readonly #channel: DataChannel
  readonly #end: () => void
  readonly #messageBytes: number
  /** What is to be sent; the library copies it. */
  readonly #staging: Buffer
  #stagedBytes = 0
  #lastSentMs = Number.NEGATIVE_INFINITY
  readonly #unread: Uint8Array[] = []
  #unreadBytes = 0
  #isPaused = true
  #isDelivering = false
  #isClosed = false
  #problem: IoProblem | null = null

  constructor(channel: DataChannel, remote: Address, end: () => void) {
    this.#channel = channel
    this.remote = remote
    this.#end = end
    const limit = quietly(() => channel.maxMessageSize())
    this.#messageBytes = Math.min(MESSAGE_BYTES, limit === false || limit < 1 ? 16_384 : limit)
    this.#staging = Buffer.allocUnsafe(this.#messageBytes)
    quietly(() => channel.setBufferedAmountLowThreshold(LOW_WATER_BYTES))
    channel.onBufferedAmountLow(guarded(() => this.#drained()))
    channel.onMessage(guarded((message) => this.#take(message)))
  }

  /** Lets flow what came before the handlers were set. */
  start(): void {
    this.resume()
  }

  get queuedBytes(): number {
    const queued = this.#isClosed ? false : quietly(() => this.#channel.bufferedAmount())
    return queued === false ? 0 : queued + this.#stagedBytes
  }

  /** A channel keeps no borders between what is written: all of one turn goes out in messages as long as may be. */
  write(chunks: readonly Uint8Array[]): number {
    if (this.#isClosed) return 0
    if (this.#stagedBytes === 0) queueMicrotask(() => this.#flush())
    for (const chunk of chunks) {
      for (let at = 0; at < chunk.length; ) {
        const count = Math.min(chunk.length - at, this.#messageBytes - this.#stagedBytes)
        this.#staging.set(chunk.subarray(at, at + count), this.#stagedBytes)
        at += count
        this.#stagedBytes += count
        if (this.#stagedBytes === this.#messageBytes) this.#flush()
      }
    }
    return this.queuedBytes
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    if (this.#isDelivering) return
    this.#isDelivering = true
    while (!this.#isPaused && !this.#isClosed) {
      const bytes = this.#unread.shift()
      if (bytes === undefined) break
      this.#unreadBytes -= bytes.length
      this.onBytes(bytes)
    }
    this.#isDelivering = false
  }

  close(): void {
    if (this.#isClosed) return
    this.#flush()
    this.#isClosed = true
    this.#unread.length = 0
    const idleMs = performance.now() - this.#lastSentMs
    const queued = quietly(() => this.#channel.bufferedAmount())
    if (idleMs > FLUSH_MS || queued === false) {
      this.#end()
      return
    }
    setTimeout(this.#end, LINGER_MS).unref()
    const flush = (): void => void setTimeout(this.#end, FLUSH_MS).unref()
    if (queued === 0) flush()
    quietly(() => this.#channel.setBufferedAmountLowThreshold(0))
    quietly(() => this.#channel.onBufferedAmountLow(guarded(flush)))
  }

  /** The connection is over. */
  ended(problem: IoProblem | null): void {
    this.#isClosed = true
    this.#unread.length = 0
    this.onClosed(this.#problem ?? problem)
  }

  #flush(): void {
    const lengthBytes = this.#stagedBytes
    this.#stagedBytes = 0
    if (lengthBytes === 0) return
    this.#lastSentMs = performance.now()
    quietly(() => this.#channel.sendMessageBinary(this.#staging.subarray(0, lengthBytes)))
  }

  /** Told late: more may have been written since, and then it is told again. */
  #drained(): void {
    if (!this.#isClosed && this.queuedBytes <= LOW_WATER_BYTES) this.onDrained()
  }

  #take(message: string | Buffer | ArrayBuffer): void {
    if (this.#isClosed || typeof message === 'string') return
    const bytes = message instanceof ArrayBuffer ? new Uint8Array(message) : message
    if (!this.#isPaused && this.#unread.length === 0 && !this.#isDelivering) {
      this.onBytes(bytes)
      return
    }
    this.#unread.push(bytes)
    this.#unreadBytes += bytes.length
    if (this.#unreadBytes <= PAUSED_BYTES) return
    this.#problem = ioProblem('not-allowed', 'The peer sends more than was asked for.', '')
    this.#end()
  }
}

const NOWHERE: Address = { host: '0.0.0.0', port: 0 }
const CLOSED: IoProblem = ioProblem('closed', 'The WebRTC connection was closed.', '')
const BROKEN: IoProblem = ioProblem('reset', 'The WebRTC channel broke.', '')
const TOO_SLOW: IoProblem = ioProblem(
  'timed-out',
  'The WebRTC connection did not come about in time.',
  '',
)
const UNREACHABLE: IoProblem = ioProblem(
  'unreachable',
  'No way to the WebRTC peer was found.',
  'Behind a strict NAT a STUN server in the settings may help.',
)

/** An error thrown in a callback of the library would end the process without a word: it is thrown outside instead. */
function guarded<Args extends readonly unknown[]>(
  callback: (...args: Args) => void,
): (...args: Args) => void {
  return (...args) => {
    try {
      callback(...args)
    } catch (error) {
      queueMicrotask(() => {
        throw error
      })
    }
  }
}

/** `false` where the library throws, as it does at all that is closed. */
function quietly<Result>(call: () => Result): Result | false {
  try {
    return call()
  } catch {
    return false
  }
}
