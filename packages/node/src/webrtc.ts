/**
 * WebRTC data channels by node-datachannel, which is an optional dependency: without it there is no port.
 *
 * Traps of the library that this file is about: what throws in one of its callbacks ends the process; a channel that
 * nobody holds is closed by the garbage collector; and its threads keep the process alive until `cleanup`.
 */
import { randomBytes } from 'node:crypto'
import type { DialHandlers, WebRtcAnswer, WebRtcOffer, WebRtcPort } from '@pigeon/engine/ports'
import { type IoProblem, ioProblem, isIoProblem } from '@pigeon/engine/problem'
import { sanitizeSdp } from '@pigeon/protocol/webtorrent/sdp'
import type * as Library from 'node-datachannel'
import { PendingChannel } from './webrtc-channel.ts'

export interface WebRtcOptions {
  /** Such as `stun:stun.example:3478`: by them we learn under which address others see us. */
  readonly stunServers: readonly string[]
  /** Connections leave from this address; `null` lets the system choose. */
  readonly localAddress: string | null
  readonly limits?: Partial<WebRtcLimits>
}

export interface WebRtcLimits {
  /** Open and half open, each with a socket of its own. */
  readonly connections: number
  /** How long our own addresses are gathered. */
  readonly gatherMs: number
  readonly connectMs: number
  /** How long an offer may wait for its answer. */
  readonly offerMs: number
}

export const WEB_RTC_LIMITS: WebRtcLimits = {
  connections: 200,
  gatherMs: 3_000,
  connectMs: 30_000,
  offerMs: 120_000,
}

/** `null` where node-datachannel is not installed, or not for this machine. */
export async function openWebRtcPort(options: WebRtcOptions): Promise<WebRtcPort | null> {
  const library = await loadLibrary()
  return library === null ? null : new NodeWebRtc(library, options)
}

/** The library's threads are shared by all ports of the process: the last one ends them. */
let openPorts = 0

async function loadLibrary(): Promise<typeof Library | null> {
  try {
    return await import('node-datachannel')
  } catch {
    // Not installed, or without a binary for this machine: either way there is none.
    return null
  }
}

class NodeWebRtc implements WebRtcPort {
  readonly #library: typeof Library
  readonly #options: WebRtcOptions
  readonly #limits: WebRtcLimits
  readonly #channels = new Set<PendingChannel>()
  #isClosed = false

  constructor(library: typeof Library, options: WebRtcOptions) {
    this.#library = library
    this.#options = options
    this.#limits = { ...WEB_RTC_LIMITS, ...options.limits }
    openPorts += 1
  }

  async offer(handlers: DialHandlers): Promise<WebRtcOffer | IoProblem> {
    const pending = this.#begin(handlers)
    if (isIoProblem(pending)) return pending
    const sdp = await pending.describe((connection) => {
      pending.adopt(connection.createDataChannel(randomBytes(20).toString('hex')))
    })
    if (isIoProblem(sdp)) return sdp
    pending.expire(this.#limits.offerMs)
    return {
      sdp,
      accept: (answer) => pending.accept(sanitizeSdp(answer)),
      cancel: () => pending.cancel(),
    }
  }

  async answer(offer: string, handlers: DialHandlers): Promise<WebRtcAnswer | IoProblem> {
    const pending = this.#begin(handlers)
    if (isIoProblem(pending)) return pending
    const sdp = await pending.describe((connection) => {
      connection.setRemoteDescription(sanitizeSdp(offer), 'offer')
    })
    if (isIoProblem(sdp)) return sdp
    pending.expire(this.#limits.connectMs)
    return { sdp, cancel: () => pending.cancel() }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    for (const channel of [...this.#channels]) channel.close()
    openPorts -= 1
    // What is closed still says so; ending the threads would wait for it and block everything.
    await new Promise<void>((resolve) => void setImmediate(resolve))
    if (openPorts > 0) return
    try {
      this.#library.cleanup()
    } catch {
      // It gave up waiting for a thread of its own; there is nothing left to do about it.
    }
  }

  #begin(handlers: DialHandlers): PendingChannel | IoProblem {
    if (this.#isClosed) return ioProblem('closed', 'Pigeon is closing.', 'Start it again.')
    if (this.#channels.size >= this.#limits.connections) {
      return ioProblem(
        'not-allowed',
        'Too many WebRTC connections are open.',
        'Pause some torrents; it is tried again later.',
      )
    }
    const { stunServers, localAddress } = this.#options
    try {
      const connection = new this.#library.PeerConnection('pigeon', {
        iceServers: [...stunServers],
        ...(localAddress === null ? {} : { bindAddress: localAddress }),
      })
      const pending = new PendingChannel(connection, handlers, this.#limits, () => {
        this.#channels.delete(pending)
      })
      this.#channels.add(pending)
      return pending
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'unknown'
      return ioProblem(
        'not-allowed',
        `A WebRTC connection could not be made: ${reason}`,
        'Check the STUN servers in the settings.',
      )
    }
  }
}
