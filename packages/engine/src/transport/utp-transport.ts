/**
 * Peers over uTP: the machine of the protocol on the session's UDP sockets, with the clock, behind the same face as TCP.
 */
import { UtpMux, type UtpCloseReason, type UtpEffect, type UtpOptions } from '@pigeon/protocol/utp'
import type { Millis } from '@pigeon/protocol/machine'
import type {
  Address,
  Cancel,
  ClockPort,
  DialHandlers,
  Dialling,
  PeerSocket,
  RandomPort,
} from '../ports.ts'
import { type IoProblem, ioProblem } from '../problem.ts'
import type { UdpHub } from './udp-hub.ts'
import { UtpSocket, type UtpStreams } from './utp-socket.ts'

export interface UtpTransportInit {
  readonly hub: UdpHub
  readonly clock: ClockPort
  readonly random: RandomPort
  readonly options?: Partial<UtpOptions>
}

export class UtpTransport implements UtpStreams {
  readonly #hub: UdpHub
  readonly #clock: ClockPort
  readonly #mux: UtpMux
  readonly #sockets = new Map<number, UtpSocket>()
  readonly #dials = new Map<number, { readonly address: Address; readonly to: DialHandlers }>()
  /** Effects are performed in their order, also when performing one makes others. */
  readonly #effects: UtpEffect[] = []
  #isPerforming = false
  #onSocket: ((socket: PeerSocket) => void) | null = null
  #isFlushArmed = false
  #timer: { readonly atMs: Millis; readonly cancel: Cancel } | null = null
  #isClosed = false

  constructor(init: UtpTransportInit) {
    this.#hub = init.hub
    this.#clock = init.clock
    this.#mux = new UtpMux((below) => init.random.int(below), init.options)
    init.hub.handle('utp', (bytes, from) => this.#receive(bytes, from))
  }

  /** Connections of all kinds, those that are closing included. */
  get connectionCount(): number {
    return this.#mux.connectionCount
  }

  /** Strangers are only answered from now on; the last handler counts, `null` takes none. */
  accept(onSocket: ((socket: PeerSocket) => void) | null): void {
    this.#onSocket = onSocket
  }

  /** Ends with exactly one `opened` or `failed`; a cancelled one with `failed` and code `closed`. */
  dial(address: Address, handlers: DialHandlers): Dialling {
    const connection = this.#mux.newConnection()
    this.#dials.set(connection, { address, to: handlers })
    const isServed = this.#hub.local.some((local) => isIpv6(local) === isIpv6(address))
    // Whoever dials hears of the end only after the call.
    this.#clock.after(0, () => {
      if (!this.#dials.has(connection)) return
      if (isServed && !this.#isClosed) this.feed({ kind: 'connect', connection, to: address })
      else this.#dialFailed(connection, 'no-socket')
    })
    return { cancel: () => this.#cancel(connection) }
  }

  /** Ends all connections at once; nothing is taken afterwards. */
  close(): void {
    this.#onSocket = null
    for (const connection of [...this.#dials.keys()]) this.#cancel(connection)
    for (const connection of [...this.#sockets.keys()]) this.feed({ kind: 'abort', connection })
    this.#isClosed = true
    this.#timer?.cancel()
    this.#timer = null
  }

  queuedBytes(connection: number): number {
    return this.#mux.queuedBytes(connection)
  }

  feed(input: Parameters<UtpMux['handle']>[0]): void {
    if (this.#isClosed) return
    this.#perform(this.#mux.handle(input, this.#clock.nowMs()))
    this.#arm()
  }

  #receive(bytes: Uint8Array, from: Address): void {
    if (this.#onSocket === null && this.#mux.connectionCount === 0) return
    this.feed({ kind: 'datagram', bytes, from })
  }

  #cancel(connection: number): void {
    const dial = this.#dials.get(connection)
    if (dial === undefined) return
    this.#dials.delete(connection)
    this.feed({ kind: 'abort', connection })
    this.#clock.after(0, () => dial.to.failed(problemOf('aborted', dial.address)))
  }

  #perform(effects: readonly UtpEffect[]): void {
    if (this.#isPerforming) {
      for (const effect of effects) this.#effects.push(effect)
      return
    }
    this.#isPerforming = true
    for (const effect of effects) this.#performOne(effect)
    for (let i = 0; i < this.#effects.length; i++) {
      const effect = this.#effects[i]
      if (effect !== undefined) this.#performOne(effect)
    }
    this.#effects.length = 0
    this.#isPerforming = false
  }

  #performOne(effect: UtpEffect): void {
    switch (effect.kind) {
      case 'send':
        this.#hub.send(effect.bytes, effect.to)
        break
      case 'bytes':
        this.#sockets.get(effect.connection)?.take(effect.bytes)
        break
      case 'drained':
        this.#sockets.get(effect.connection)?.drained()
        break
      case 'accepted':
        this.#accepted(effect.connection, effect.remote)
        break
      case 'opened':
        this.#opened(effect.connection)
        break
      case 'ended':
        this.#sockets.get(effect.connection)?.ended()
        break
      case 'closed':
        this.#ended(effect.connection, effect.reason)
        break
      default:
        effect satisfies never
    }
  }

  #accepted(connection: number, remote: Address): void {
    if (this.#onSocket === null) {
      this.feed({ kind: 'abort', connection })
      return
    }
    const socket = new UtpSocket(this, connection, remote)
    this.#sockets.set(connection, socket)
    this.#onSocket(socket)
  }

  #opened(connection: number): void {
    const dial = this.#dials.get(connection)
    if (dial === undefined) return
    this.#dials.delete(connection)
    const socket = new UtpSocket(this, connection, dial.address)
    this.#sockets.set(connection, socket)
    dial.to.opened(socket)
  }

  #ended(connection: number, reason: UtpCloseReason): void {
    this.#dialFailed(connection, reason)
    const socket = this.#sockets.get(connection)
    this.#sockets.delete(connection)
    socket?.closed(reason === 'done' ? null : problemOf(reason, socket.remote))
  }

  #dialFailed(connection: number, reason: UtpCloseReason | 'no-socket'): void {
    const dial = this.#dials.get(connection)
    if (dial === undefined) return
    this.#dials.delete(connection)
    dial.to.failed(problemOf(reason, dial.address))
  }

  /** Acks wait for the end of the batch of datagrams that the system hands over; the other timers for their time. */
  #arm(): void {
    const dueMs = this.#mux.deadlineMs
    if (dueMs === null || this.#isClosed) return
    const nowMs = this.#clock.nowMs()
    if (dueMs <= nowMs) {
      if (this.#isFlushArmed) return
      this.#isFlushArmed = true
      this.#clock.after(0, () => {
        this.#isFlushArmed = false
        this.feed({ kind: 'tick' })
      })
      return
    }
    if (this.#timer !== null && this.#timer.atMs <= dueMs) return
    this.#timer?.cancel()
    const cancel = this.#clock.after(dueMs - nowMs, () => {
      this.#timer = null
      this.feed({ kind: 'tick' })
    })
    this.#timer = { atMs: dueMs, cancel }
  }
}

function isIpv6(address: Address): boolean {
  return address.host.includes(':')
}

function problemOf(reason: UtpCloseReason | 'no-socket', remote: Address): IoProblem {
  const name = isIpv6(remote) ? `[${remote.host}]:${remote.port}` : `${remote.host}:${remote.port}`
  const [code, text] = PROBLEMS[reason]
  return ioProblem(code, `${text} ${name} over uTP`, 'Try again later.')
}

const PROBLEMS: {
  readonly [R in UtpCloseReason | 'no-socket']: readonly [IoProblem['code'], string]
} = {
  done: ['closed', 'The connection ended orderly with'],
  refused: ['refused', 'No connection is taken by'],
  reset: ['reset', 'The connection is not known any more to'],
  'timed-out': ['timed-out', 'No answer came from'],
  'ack-of-unsent': ['bad-answer', 'What was never sent is acknowledged by'],
  'too-many': ['too-many-files', 'There are too many connections already for one to'],
  aborted: ['closed', 'We gave up the connection to'],
  'no-socket': ['address-unavailable', 'We have no UDP socket of the family of'],
}
