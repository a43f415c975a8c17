/**
 * The links between simulated hosts: streams with delay, bandwidth and back-pressure, datagrams that may be lost, and the
 * ways in which links fail.
 */
import type {
  Address,
  DatagramPort,
  DatagramSocket,
  DialHandlers,
  Dialling,
  Listener,
  NetworkPort,
  PeerSocket,
} from '@pigeon/engine/ports'
import type { IoProblem } from '@pigeon/engine/problem'
import { ioProblem } from '@pigeon/engine/problem'
import type { Millis } from '@pigeon/protocol/machine'
import type { Chance } from './chance.ts'
import { SimStream } from './stream.ts'
import type { Timeline } from './timeline.ts'

export interface Link {
  /** One way, added to that of the other end. */
  delayMs: Millis
  /** Bytes a second; `null` is without bound. */
  upRate: number | null
  downRate: number | null
  /** Of datagrams that leave this host. */
  datagramLoss: number
  /** Behind a NAT or firewall: only what answers to something that went out comes in. */
  isClosed: boolean
}

/** A host's place on the network. One run of its program has one endpoint; after a crash there is another. */
export interface Endpoint {
  readonly host: string
  readonly link: Link
  isAlive: boolean
  /** When its line is free again. */
  upFreeMs: Millis
  downFreeMs: Millis
  readonly streams: Set<SimStream>
  /** To whom datagrams went out last, and when: whose answers come in where it is closed. */
  readonly holes: Map<string, Millis>
}

const CONNECT_TIMEOUT_MS = 15_000
const FIRST_FREE_PORT = 49_152
/** A NAT forgets whom it let out after so long. */
const HOLE_MS = 60_000

type Receive = (bytes: Uint8Array, from: Address) => void

interface Bound {
  readonly endpoint: Endpoint
  readonly port: number
  readonly group: string | null
  readonly receive: Receive
}

export class SimNetwork {
  readonly names = new Map<string, readonly string[]>()
  readonly #timeline: Timeline
  readonly #chance: Chance
  readonly #listeners = new Map<
    string,
    { endpoint: Endpoint; accept: (socket: PeerSocket) => void }
  >()
  readonly #bound = new Map<string, Bound>()
  /** Sockets that hear a multicast group. */
  readonly #members = new Set<Bound>()
  readonly #cuts = new Set<string>()
  /** Sees every datagram as it is sent, while a test looks. */
  onDatagram: ((bytes: Uint8Array, from: Address, to: Address) => void) | null = null
  /** Sees every stream that is dialled, while a test looks. */
  onDial: ((from: string, to: Address) => void) | null = null
  #nextPort = FIRST_FREE_PORT

  constructor(timeline: Timeline, chance: Chance) {
    this.#timeline = timeline
    this.#chance = chance
  }

  /** Nothing passes between two hosts until they are joined again; streams between them stand still. */
  cut(one: string, other: string): void {
    this.#cuts.add(pairOf(one, other))
  }

  join(one: string, other: string): void {
    this.#cuts.delete(pairOf(one, other))
  }

  isCut(one: string, other: string): boolean {
    return this.#cuts.has(pairOf(one, other))
  }

  /** The host's program is gone: its streams end as the system would end them. */
  drop(endpoint: Endpoint): void {
    endpoint.isAlive = false
    for (const stream of endpoint.streams) stream.reset()
    for (const [key, listener] of this.#listeners) {
      if (listener.endpoint === endpoint) this.#listeners.delete(key)
    }
    for (const [key, bound] of this.#bound) {
      if (bound.endpoint === endpoint) this.#bound.delete(key)
    }
    for (const member of this.#members) {
      if (member.endpoint === endpoint) this.#members.delete(member)
    }
  }

  streamsFor(endpoint: Endpoint): NetworkPort {
    return {
      dial: (address, handlers) => this.#dial(endpoint, address, handlers),
      listen: (address, accept) => Promise.resolve(this.#listen(endpoint, address, accept)),
    }
  }

  datagramsFor(endpoint: Endpoint): DatagramPort {
    return {
      bind: (address, receive, options) =>
        Promise.resolve(this.#bind(endpoint, address, receive, options?.group ?? null)),
      resolve: (host) => Promise.resolve(this.#resolve(host)),
    }
  }

  #listen(
    endpoint: Endpoint,
    address: Address,
    accept: (socket: PeerSocket) => void,
  ): Listener | IoProblem {
    const port = address.port === 0 ? this.#freePort() : address.port
    const key = `${endpoint.host} ${port}`
    if (this.#listeners.has(key)) return IN_USE
    const listener = { endpoint, accept }
    this.#listeners.set(key, listener)
    return {
      address: { host: address.host, port },
      close: () => {
        if (this.#listeners.get(key) === listener) this.#listeners.delete(key)
        return Promise.resolve()
      },
    }
  }

  #dial(endpoint: Endpoint, address: Address, handlers: DialHandlers): Dialling {
    this.onDial?.(endpoint.host, address)
    const key = `${address.host} ${address.port}`
    const other = this.#listeners.get(key)?.endpoint
    const isLost = this.isCut(endpoint.host, address.host) || other?.link.isClosed === true
    const delayMs = endpoint.link.delayMs + (other?.link.delayMs ?? endpoint.link.delayMs)
    let isOver = false
    const answer = (run: () => void, afterMs: Millis): void => {
      this.#timeline.after(afterMs, () => {
        if (!isOver && endpoint.isAlive) run()
      })
    }
    if (isLost) answer(() => handlers.failed(TIMED_OUT), CONNECT_TIMEOUT_MS)
    else {
      answer(() => {
        const listener = this.#listeners.get(key)
        if (listener === undefined || this.isCut(endpoint.host, address.host)) {
          handlers.failed(REFUSED)
          return
        }
        this.#connect(endpoint, listener, address, handlers)
      }, delayMs * 2)
    }
    return {
      cancel: () => {
        isOver = true
      },
    }
  }

  #connect(
    endpoint: Endpoint,
    listener: { endpoint: Endpoint; accept: (socket: PeerSocket) => void },
    address: Address,
    handlers: DialHandlers,
  ): void {
    const from = { host: endpoint.host, port: this.#freePort() }
    const ends = { timeline: this.#timeline, isCut: () => this.isCut(endpoint.host, address.host) }
    const outgoing = new SimStream(ends, endpoint, address)
    const incoming = new SimStream(ends, listener.endpoint, from)
    outgoing.join(incoming)
    listener.accept(incoming)
    handlers.opened(outgoing)
  }

  #bind(
    endpoint: Endpoint,
    address: Address,
    receive: Receive,
    group: string | null,
  ): DatagramSocket | IoProblem {
    if (isIpv6(address.host) !== isIpv6(endpoint.host)) return NO_FAMILY
    const port = address.port === 0 ? this.#freePort() : address.port
    const key = `${endpoint.host} ${port}`
    const bound: Bound = { endpoint, port, group, receive }
    // Those of a group share their port.
    if (group === null && this.#bound.has(key)) return IN_USE
    if (group === null) this.#bound.set(key, bound)
    else this.#members.add(bound)
    const from = { host: endpoint.host, port }
    return {
      address: from,
      send: (bytes, to) => this.#send(endpoint, from, bytes.slice(), to),
      close: () => {
        this.#members.delete(bound)
        if (this.#bound.get(key) === bound) this.#bound.delete(key)
      },
    }
  }

  #send(endpoint: Endpoint, from: Address, bytes: Uint8Array, to: Address): void {
    this.onDatagram?.(bytes, from, to)
    endpoint.holes.set(holeOf(from.port, to), this.#timeline.nowMs)
    const members = [...this.#members].filter(
      ({ group, port, endpoint: member }) =>
        group === to.host && port === to.port && member !== endpoint,
    )
    for (const member of members)
      this.#carry(endpoint, from, member.endpoint, () => {
        if (this.#members.has(member)) member.receive(bytes.slice(), from)
      })
    const key = `${to.host} ${to.port}`
    if (members.length === 0)
      this.#carry(
        endpoint,
        from,
        this.#bound.get(key)?.endpoint ?? null,
        () => {
          const bound = this.#bound.get(key)
          if (bound !== undefined && this.#isShut(bound.endpoint, holeOf(to.port, from))) return
          bound?.receive(bytes, from)
        },
        to.host,
      )
  }

  #isShut({ link, holes }: Endpoint, hole: string): boolean {
    const openedMs = holes.get(hole) ?? Number.NEGATIVE_INFINITY
    return link.isClosed && this.#timeline.nowMs - openedMs > HOLE_MS
  }

  /** Lets a datagram arrive, if it does. */
  #carry(
    endpoint: Endpoint,
    from: Address,
    other: Endpoint | null,
    arrive: () => void,
    host: string = other?.host ?? '',
  ): void {
    if (this.isCut(from.host, host)) return
    if (this.#chance.happens(endpoint.link.datagramLoss)) return
    const delayMs = endpoint.link.delayMs + (other?.link.delayMs ?? 0)
    this.#timeline.after(delayMs, arrive)
  }

  #resolve(host: string): readonly string[] | IoProblem {
    if (/^[0-9.]+$/.test(host) || host.includes(':')) return [host]
    return this.names.get(host) ?? ioProblem('name-not-found', `${host} is not known`, 'Check it')
  }

  #freePort(): number {
    this.#nextPort = this.#nextPort >= 65_535 ? FIRST_FREE_PORT : this.#nextPort + 1
    return this.#nextPort
  }
}

const IN_USE = ioProblem('address-in-use', 'The port is in use', 'Choose another')
const REFUSED = ioProblem('refused', 'Nobody listens there', 'Try again later')
const TIMED_OUT = ioProblem('timed-out', 'No answer', 'Try again later')

const NO_FAMILY = ioProblem('address-unavailable', 'No address of this family', 'Use the other')

function isIpv6(host: string): boolean {
  return host.includes(':')
}

function holeOf(ownPort: number, { host, port }: Address): string {
  return `${ownPort} ${host} ${port}`
}

function pairOf(one: string, other: string): string {
  return one < other ? `${one} ${other}` : `${other} ${one}`
}
