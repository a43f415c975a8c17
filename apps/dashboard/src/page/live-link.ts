/** One WebSocket that is kept open: asks for a ticket, connects, and comes back after every cut. */
import type { Update } from '@pigeon/control/contract'
import type { WireEvent, WireTarget } from '@pigeon/control/network'
import { UpdateReader, type WireUpdate } from '@pigeon/control/wire-updates'
import type { Answer } from './api.ts'
import { trust } from './trust.ts'

export const FIRST_RETRY_MS = 500
export const LONGEST_RETRY_MS = 15_000
/** A new socket without a first snapshot for this long is given up. */
export const FIRST_UPDATE_WITHIN_MS = 10_000

export interface LiveLinkHandlers {
  /** Answers whether the update fitted; if not, a new snapshot is asked for. */
  onUpdate(update: Update): boolean
  onState(state: 'connecting' | 'live' | 'offline'): void
  onLoggedOut(): void
}

export interface LiveLinkPorts {
  getTicket(): Promise<Answer<string>>
  open(ticket: string): WebSocket
  /** Answers how to cancel. */
  later(delayMs: number, callback: () => void): () => void
  /** From 0 to 1: spreads the retries of many pages. */
  random(): number
}

interface WireWatch {
  readonly target: WireTarget
  readonly tell: (event: WireEvent) => void
}

type Told =
  | WireUpdate
  | (WireTarget & { readonly kind: 'wire'; readonly event: WireEvent })
  | { readonly kind: 'refused' }

/** Runs until `stop`. */
export class LiveLink {
  readonly #handlers: LiveLinkHandlers
  readonly #ports: LiveLinkPorts
  /** Diffs come with what changed alone; handlers are given them whole. */
  readonly #reader = new UpdateReader()
  #socket: WebSocket | null = null
  #cancelRetry: (() => void) | null = null
  #failures = 0
  #isStopped = false
  #isOpening = false
  /** A snapshot was asked for; what comes before it is of no use. */
  #isResyncing = false
  /** The one wire that is looked at. */
  #watch: WireWatch | null = null

  constructor(handlers: LiveLinkHandlers, ports: LiveLinkPorts) {
    this.#handlers = handlers
    this.#ports = ports
  }

  start(): void {
    void this.#connect()
  }

  /** Tries at once instead of at the next turn: the network is back, or somebody pressed the button. */
  retryNow(): void {
    if (this.#isStopped || this.#socket !== null || this.#isOpening) return
    this.#cancelRetry?.()
    this.#cancelRetry = null
    void this.#connect()
  }

  /** Watches the wire of a peer until the line breaks; takes the place of another watch. Answers how to stop. */
  watchWire(target: WireTarget, tell: (event: WireEvent) => void): () => void {
    const watch = { target, tell }
    this.#watch = watch
    this.#send({ inspect: target })
    return () => {
      if (this.#watch !== watch) return
      this.#watch = null
      this.#send({ inspect: null })
    }
  }

  stop(): void {
    this.#isStopped = true
    this.#cancelRetry?.()
    this.#socket?.close()
    this.#socket = null
  }

  async #connect(): Promise<void> {
    this.#isOpening = true
    this.#handlers.onState('connecting')
    const ticket = await this.#ports.getTicket()
    this.#isOpening = false
    if (this.#isStopped) return
    if (ticket.kind === 'logged-out') {
      this.stop()
      this.#handlers.onLoggedOut()
    } else if (ticket.kind === 'problem') this.#retryLater()
    else this.#listen(this.#ports.open(ticket.value))
  }

  #listen(socket: WebSocket): void {
    this.#socket = socket
    this.#isResyncing = false
    const cancelTimeout = this.#ports.later(FIRST_UPDATE_WITHIN_MS, () => socket.close())
    socket.addEventListener('message', (event) => {
      cancelTimeout()
      if (socket === this.#socket) this.#receive(String(event.data))
    })
    socket.addEventListener('close', () => {
      cancelTimeout()
      if (socket !== this.#socket) return
      this.#socket = null
      this.#watch = null
      if (!this.#isStopped) this.#retryLater()
    })
  }

  #receive(text: string): void {
    const message = trust<Told>(JSON.parse(text))
    if (message.kind === 'refused') return
    if (message.kind === 'wire') return this.#tellWire(message, message.event)
    if (this.#isResyncing && message.kind !== 'snapshot') return
    const update = this.#reader.read(message)
    this.#isResyncing = update === null || !this.#handlers.onUpdate(update)
    if (this.#isResyncing) return this.#send({ resync: true })
    this.#failures = 0
    this.#handlers.onState('live')
  }

  /** What is on its way of a wire that was left for another is not for who looks now. */
  #tellWire({ torrent, peer }: WireTarget, event: WireEvent): void {
    const watch = this.#watch
    if (watch?.target.torrent === torrent && watch.target.peer === peer) watch.tell(event)
  }

  #send(message: object): void {
    this.#socket?.send(JSON.stringify(message))
  }

  #retryLater(): void {
    this.#handlers.onState('offline')
    const longest = Math.min(FIRST_RETRY_MS * 2 ** this.#failures, LONGEST_RETRY_MS)
    this.#failures += 1
    const delayMs = longest / 2 + (longest / 2) * this.#ports.random()
    this.#cancelRetry = this.#ports.later(delayMs, () => {
      this.#cancelRetry = null
      void this.#connect()
    })
  }
}
