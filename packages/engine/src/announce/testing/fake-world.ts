/** Ports in virtual time for the tests of trackers: nothing sleeps, nothing leaves the process. */
import { dictOf, encodeBencode, type BencodeInput } from '@pigeon/protocol/bencode'
import { concatBytes } from '@pigeon/protocol/bytes'
import type { Address, ClockPort, HttpAnswer, HttpOptions } from '../../ports.ts'
import { type IoProblem, ioProblem } from '../../problem.ts'
import { noWebSockets } from '../../transport/no-web-sockets.ts'
import type { DatagramHandler, UdpHub } from '../../transport/udp-hub.ts'
import type { TrackerPorts } from '../tracker-access.ts'

type HttpReply = HttpAnswer | IoProblem | null

export class FakeWorld {
  nowMs = 0
  readonly gets: { readonly url: string; readonly atMs: number; readonly options: HttpOptions }[] =
    []
  readonly datagrams: {
    readonly bytes: Uint8Array
    readonly to: Address
    readonly atMs: number
  }[] = []
  readonly logged: string[] = []
  readonly names: Map<string, readonly string[]> = new Map()
  /** What a tracker answers; `null` never answers. */
  onGet: (url: string) => HttpReply = () => null
  /** Answers to a datagram; sent from the address that was asked. */
  onDatagram: (bytes: Uint8Array, to: Address) => Uint8Array | null = () => null
  readonly #timers = new Set<{ readonly atMs: number; readonly callback: () => void }>()
  #receive: DatagramHandler = () => {}
  readonly #hub: UdpHub = {
    local: [
      { host: '0.0.0.0', port: 6881 },
      { host: '::', port: 6881 },
    ],
    send: (bytes, to) => this.#send(bytes, to),
    handle: (_kind, handler) => {
      this.#receive = handler
    },
  }

  readonly ports: TrackerPorts = {
    clock: this.#clock(),
    random: {
      bytes: (lengthBytes) => new Uint8Array(lengthBytes),
      int: (below) => Math.floor(this.chance() * below),
    },
    http: { get: (url, options) => this.#get(url, options) },
    datagrams: {
      resolve: (host) =>
        Promise.resolve(
          this.names.get(host) ??
            ioProblem('name-not-found', `The name ${host} has no address.`, ''),
        ),
    },
    udp: () => this.#hub,
    webSockets: noWebSockets(this.#clock()),
    webRtc: null,
    log: {
      write: (level, event, fields) =>
        void this.logged.push(`${level} ${event} ${JSON.stringify(fields)}`),
    },
  }

  /** A fixed sequence; a test may put another in its place. */
  chance: () => number = sequence()

  /** Hands a datagram in from anywhere. */
  inject(bytes: Uint8Array, from: Address): void {
    this.#receive(bytes, from)
  }

  /** Lets what is under way finish, and time pass. */
  async advance(ms: number): Promise<void> {
    const endMs = this.nowMs + ms
    await settle()
    for (;;) {
      const due = [...this.#timers].filter(({ atMs }) => atMs <= endMs)
      due.sort((a, b) => a.atMs - b.atMs)
      const [next] = due
      if (next === undefined) break
      this.#timers.delete(next)
      this.nowMs = Math.max(this.nowMs, next.atMs)
      next.callback()
      await settle()
    }
    this.nowMs = endMs
  }

  get timerCount(): number {
    return this.#timers.size
  }

  /** The parameters of the gets so far, in order. */
  queries(): URLSearchParams[] {
    return this.gets.map(({ url }) => new URL(url).searchParams)
  }

  #clock(): ClockPort {
    return {
      nowMs: () => this.nowMs,
      wallMs: () => this.nowMs,
      localTime: () => ({ weekday: 'mon', minute: 0 }),
      after: (delayMs, callback) => {
        const timer = { atMs: this.nowMs + delayMs, callback }
        this.#timers.add(timer)
        return () => void this.#timers.delete(timer)
      },
    }
  }

  #get(url: string, options: HttpOptions): Promise<HttpAnswer | IoProblem> {
    this.gets.push({ url, atMs: this.nowMs, options })
    const reply = this.onGet(url)
    if (reply !== null) return Promise.resolve(reply)
    return new Promise((decide) => {
      this.ports.clock.after(options.timeoutMs, () =>
        decide(ioProblem('timed-out', 'The tracker took too long to answer.', '')),
      )
    })
  }

  #send(bytes: Uint8Array, to: Address): void {
    this.datagrams.push({ bytes, to, atMs: this.nowMs })
    const answer = this.onDatagram(bytes, to)
    if (answer !== null) queueMicrotask(() => this.#receive(answer, to))
  }
}

/** A tracker's answer over HTTP. */
export function answerOf(
  fields: Readonly<Record<string, BencodeInput | null | undefined>>,
): HttpAnswer {
  return { status: 200, body: encodeBencode(dictOf(fields)) }
}

/** A tracker over UDP that gives everybody the same connection id. */
export function udpTracker(peers: readonly (readonly number[])[], intervalSeconds = 1800) {
  return (bytes: Uint8Array): Uint8Array => {
    const request = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const action = request.getUint32(8)
    const answer = new DataView(new ArrayBuffer(action === 0 ? 16 : 20))
    answer.setUint32(0, action)
    answer.setUint32(4, request.getUint32(12))
    if (action === 0) {
      answer.setBigUint64(8, 0x1122334455667788n)
      return new Uint8Array(answer.buffer)
    }
    answer.setUint32(8, intervalSeconds)
    answer.setUint32(12, 3)
    answer.setUint32(16, 5)
    return concatBytes([
      new Uint8Array(answer.buffer),
      ...peers.map((entry) => Uint8Array.from(entry)),
    ])
  }
}

/** Runs until only timers are left. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** Spread evenly between 0 and 1, the same in every run. */
function sequence(): () => number {
  let state = 1
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}
