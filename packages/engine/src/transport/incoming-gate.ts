/**
 * Strangers before they are let in: whether they speak in the clear or encrypted is seen by their first bytes, and
 * policy decides. Costly beginnings are rationed, for anyone may ask for them.
 */
import { decodeHandshakeHead } from '@pigeon/protocol/bep/0003-handshake'
import { concatBytes } from '@pigeon/protocol/bytes'
import type { Millis } from '@pigeon/protocol/machine'
import type { Cancel, ClockPort, Dialling, PeerSocket, RandomPort } from '../ports.ts'
import type { EngineSettings } from '../settings.ts'
import { addressBlock } from '../swarm/address-block.ts'
import { isLoopback } from '../swarm/peer-identity.ts'
import { type Encrypting, encryptIncoming, methodsBy } from './encryption.ts'

export interface IncomingGateInit {
  readonly clock: ClockPort
  readonly random: RandomPort
  /** Read when it matters. */
  readonly settings: EngineSettings
  /** The 20-byte name of a torrent of ours. */
  readonly find: (hashOfName: Uint8Array) => Uint8Array | null
  readonly pass: (socket: PeerSocket) => void
}

/** A stranger has so long to be let in. */
export const GREETING_MS = 10_000
/** Key exchanges with one neighbourhood, and in all, within the time below: one costs about a millisecond. */
export const EXCHANGES_PER_BLOCK = 32
export const EXCHANGES_IN_ALL = 256
const EXCHANGES_MS: Millis = 10_000
/** By so many bytes the two are told apart for certain. */
const TELLING_BYTES = 20

export class IncomingGate {
  readonly #init: IncomingGateInit
  readonly #waiting = new Map<PeerSocket, () => void>()
  readonly #exchanges = new Map<string, number>()
  #exchangeCount = 0
  #exchangesSinceMs: Millis = Number.NEGATIVE_INFINITY

  constructor(init: IncomingGateInit) {
    this.#init = init
  }

  /** Those that wait. */
  get size(): number {
    return this.#waiting.size
  }

  /** Of those, the ones of one neighbourhood. */
  countFrom(block: string): number {
    let count = 0
    for (const { remote } of this.#waiting.keys())
      if (addressBlock(remote.host) === block) count += 1
    return count
  }

  greet(socket: PeerSocket): void {
    if (this.#init.settings.encryption === 'off') {
      this.#init.pass(socket)
      return
    }
    let heard: Uint8Array = new Uint8Array(0)
    const cancel = this.#init.clock.after(GREETING_MS, () => this.#refuse(socket))
    this.#waiting.set(socket, cancel)
    socket.onClosed = () => this.#forget(socket)
    socket.onBytes = (bytes) => {
      heard = concatBytes([heard, bytes])
      const isPlain = decodeHandshakeHead(heard).kind !== 'fault'
      if (!isPlain) this.#exchange(socket, heard)
      else if (this.#init.settings.encryption === 'require') this.#refuse(socket)
      else if (heard.length >= TELLING_BYTES) this.#pass(socket, heard)
    }
  }

  close(): void {
    for (const socket of [...this.#waiting.keys()]) this.#refuse(socket)
  }

  #pass(socket: PeerSocket, heard: Uint8Array): void {
    this.#forget(socket)
    this.#init.pass(socket)
    socket.onBytes(heard)
  }

  #exchange(socket: PeerSocket, heard: Uint8Array): void {
    const { clock, random, settings, find, pass } = this.#init
    this.#forget(socket)
    if (!this.#mayExchange(socket.remote.host)) {
      socket.close()
      return
    }
    const how: Encrypting = {
      clock,
      random,
      methods: methodsBy(settings.encryption),
      timeoutMs: GREETING_MS,
    }
    let isOver = false
    const over = (): void => {
      isOver = true
      this.#waiting.delete(socket)
    }
    const beginning: Dialling = encryptIncoming(
      socket,
      heard,
      how,
      {
        opened: (opened) => {
          over()
          pass(opened)
        },
        failed: over,
      },
      find,
    )
    if (!isOver) this.#waiting.set(socket, () => beginning.cancel())
  }

  #mayExchange(host: string): boolean {
    const nowMs = this.#init.clock.nowMs()
    if (nowMs - this.#exchangesSinceMs >= EXCHANGES_MS) {
      this.#exchangesSinceMs = nowMs
      this.#exchanges.clear()
      this.#exchangeCount = 0
    }
    const block = addressBlock(host)
    const fromBlock = this.#exchanges.get(block) ?? 0
    const isOver = fromBlock >= EXCHANGES_PER_BLOCK && !isLoopback(host)
    if (isOver || this.#exchangeCount >= EXCHANGES_IN_ALL) return false
    this.#exchanges.set(block, fromBlock + 1)
    this.#exchangeCount += 1
    return true
  }

  #refuse(socket: PeerSocket): void {
    this.#forget(socket)
    socket.close()
  }

  #forget(socket: PeerSocket): void {
    const end: Cancel | undefined = this.#waiting.get(socket)
    this.#waiting.delete(socket)
    end?.()
    socket.onBytes = () => {}
    socket.onClosed = () => {}
  }
}
