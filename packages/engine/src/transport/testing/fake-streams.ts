/** Streams and a clock for the tests of transports: nothing sleeps, and every event is the test's own. */
import type {
  Address,
  ClockPort,
  DialHandlers,
  Dialling,
  PeerSocket,
  RandomPort,
} from '../../ports.ts'
import { type IoProblem, ioProblem } from '../../problem.ts'

export class FakeClock implements ClockPort {
  ms = 0
  readonly #timers = new Set<{ readonly atMs: number; readonly callback: () => void }>()

  nowMs(): number {
    return this.ms
  }

  wallMs(): number {
    return this.ms
  }

  localTime(): ReturnType<ClockPort['localTime']> {
    return { weekday: 'mon', minute: 0 }
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { atMs: this.ms + delayMs, callback }
    this.#timers.add(timer)
    return () => void this.#timers.delete(timer)
  }

  get timerCount(): number {
    return this.#timers.size
  }

  advance(ms: number): void {
    const endMs = this.ms + ms
    for (;;) {
      const [next] = [...this.#timers]
        .filter(({ atMs }) => atMs <= endMs)
        .toSorted((a, b) => a.atMs - b.atMs)
      if (next === undefined) break
      this.#timers.delete(next)
      this.ms = Math.max(this.ms, next.atMs)
      next.callback()
    }
    this.ms = endMs
  }
}

export function fakeRandom(): RandomPort {
  let state = 1
  const int = (below: number): number => {
    state = (state * 48_271) % 2_147_483_647
    return state % below
  }
  return { int, bytes: (lengthBytes) => Uint8Array.from({ length: lengthBytes }, () => int(256)) }
}

export class FakeSocket implements PeerSocket {
  readonly remote: Address
  readonly transport: PeerSocket['transport']
  readonly isEncrypted = false
  readonly queuedBytes = 0
  onBytes: (bytes: Uint8Array) => void = () => {}
  onClosed: (problem: IoProblem | null) => void = () => {}
  onDrained: () => void = () => {}
  readonly written: Uint8Array[] = []
  isClosed = false

  constructor(remote: Address, transport: PeerSocket['transport'] = 'tcp') {
    this.remote = remote
    this.transport = transport
  }

  write(chunks: readonly Uint8Array[]): number {
    for (const chunk of chunks) this.written.push(chunk.slice())
    return 0
  }

  pause(): void {}

  resume(): void {}

  close(): void {
    this.isClosed = true
  }
}

interface FakeDial {
  readonly address: Address
  readonly handlers: DialHandlers
  readonly atMs: number
  isCancelled: boolean
}

/** Whoever is dialled waits for the test to decide. */
export class FakeDialer {
  readonly transport: 'tcp' | 'utp'
  readonly dials: FakeDial[] = []
  readonly #clock: FakeClock

  constructor(transport: 'tcp' | 'utp', clock: FakeClock) {
    this.transport = transport
    this.#clock = clock
  }

  dial(address: Address, handlers: DialHandlers): Dialling {
    const dial: FakeDial = { address, handlers, atMs: this.#clock.ms, isCancelled: false }
    this.dials.push(dial)
    return {
      cancel: () => {
        dial.isCancelled = true
      },
    }
  }

  get last(): FakeDial {
    const last = this.dials.at(-1)
    if (last === undefined) throw new Error(`Nobody was dialled over ${this.transport}`)
    return last
  }

  open(): FakeSocket {
    const { address, handlers } = this.last
    const socket = new FakeSocket(address, this.transport)
    handlers.opened(socket)
    return socket
  }

  fail(): void {
    this.last.handlers.failed(ioProblem('refused', `Refused over ${this.transport}`, ''))
  }
}
