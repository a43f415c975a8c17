/**
 * A relay of datagrams between two clients, on an address of its own, that reads the uTP within. Over TCP nobody listens
 * at its address, so that who comes through came by uTP.
 */
import { type Socket, createSocket } from 'node:dgram'
import { type UtpPacket, UtpStream, decodeUtp } from '../codec/utp.ts'
import { type Endpoint, formatEndpoint } from '../net/address-pool.ts'
import { StreamReader } from './stream-reader.ts'
import { Transcript } from './transcript.ts'
import { WireTally } from './wire-tally.ts'

const MAX_DIALLERS = 16
const MAX_RECENT = 60
const MAX_CONNECTIONS = 64

export interface Weather {
  /** 0 to 1: of the datagrams of either direction. */
  readonly lossShare: number
}

/** One socket that dials, as the target sees it. */
interface Dialler {
  readonly from: Endpoint
  readonly onward: Socket
}

interface Connection {
  readonly forward: { readonly stream: UtpStream; readonly reader: StreamReader }
  readonly backward: { readonly stream: UtpStream; readonly reader: StreamReader }
}

export class UdpEdge {
  readonly address: Endpoint
  readonly target: Endpoint
  readonly forward = new WireTally()
  readonly backward = new WireTally()
  readonly transcript: Transcript
  datagrams = 0
  /** The last packets, for the transcript: where a stream stops is what a reader wants to see. */
  readonly #recent: string[] = []
  readonly #startedMs = Date.now()
  lost = 0
  readonly #inner = createSocket('udp4')
  readonly #diallers = new Map<string, Dialler>()
  /** By the dialler and the id that the initiator's SYN named. */
  readonly #connections = new Map<string, Connection>()
  readonly #lossShare: number
  #chance = 0x2545f491
  #isClosed = false

  constructor(
    address: Endpoint,
    target: Endpoint,
    names: readonly [string, string],
    weather: Weather = { lossShare: 0 },
  ) {
    this.address = address
    this.target = target
    this.#lossShare = weather.lossShare
    this.transcript = new Transcript(names)
    this.#inner.on('message', (bytes, from) => {
      this.#forward(bytes, { host: from.address, port: from.port })
    })
    this.#inner.on('error', () => {})
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#inner.once('error', reject)
      this.#inner.bind(this.address.port, this.address.host, resolve)
    })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    for (const line of this.#recent) this.transcript.note(0, line)
    const sockets = [this.#inner, ...[...this.#diallers.values()].map(({ onward }) => onward)]
    await Promise.all(
      sockets.map((socket) => new Promise<void>((resolve) => socket.close(() => resolve()))),
    )
  }

  /** Every SYN that passed towards the target. */
  get connectionCount(): number {
    return this.#connections.size
  }

  #forward(bytes: Buffer, from: Endpoint): void {
    const key = formatEndpoint(from)
    const dialler = this.#diallers.get(key) ?? this.#meet(key, from)
    if (dialler === undefined) return
    this.#learnStart(key, bytes)
    if (this.#isLost()) return
    this.#read(key, bytes, 'forward')
    dialler.onward.send(bytes, this.target.port, this.target.host)
  }

  #meet(key: string, from: Endpoint): Dialler | undefined {
    if (this.#diallers.size >= MAX_DIALLERS) return undefined
    const onward = createSocket('udp4')
    const dialler = { from, onward }
    this.#diallers.set(key, dialler)
    onward.on('error', () => {})
    onward.on('message', (bytes) => {
      if (this.#isClosed || this.#isLost()) return
      this.#read(key, bytes, 'backward')
      this.#inner.send(bytes, from.port, from.host)
    })
    onward.bind(0, this.address.host)
    return dialler
  }

  #read(key: string, bytes: Buffer, direction: 'forward' | 'backward'): void {
    this.datagrams += 1
    const packet = decodeUtp(bytes)
    if (packet === undefined) return
    this.#remember(packet, direction)
    if (packet.kind === 'syn' && direction === 'forward') this.#begin(key, packet.connectionId)
    // The initiator sends with the id of its SYN plus one, the other with that id itself.
    const synId =
      direction === 'forward' && packet.kind !== 'syn'
        ? (packet.connectionId - 1) & 0xffff
        : packet.connectionId
    const connection = this.#connections.get(`${key} ${synId}`)
    if (connection === undefined) return
    const side = connection[direction]
    if (packet.kind === 'syn') side.stream.begin(packet.sequence + 1)
    for (const payload of side.stream.push(packet)) side.reader.read(payload)
  }

  #remember(packet: UtpPacket, direction: 'forward' | 'backward'): void {
    const atSeconds = ((Date.now() - this.#startedMs) / 1000).toFixed(3)
    const { kind, sequence, acknowledged, windowBytes, selectiveBytes, payload } = packet
    const selective = selectiveBytes > 0 ? ` sack of ${selectiveBytes}` : ''
    this.#recent.push(
      `at ${atSeconds} ${direction} ${kind} seq=${sequence} ack=${acknowledged} wnd=${windowBytes} ${payload.length} bytes${selective}`,
    )
    if (this.#recent.length > MAX_RECENT) this.#recent.shift()
  }

  /**
   * What answers a SYN takes a number itself in some clients, in others not: the dialler's first word after it says
   * which number it waits for.
   */
  #learnStart(key: string, bytes: Buffer): void {
    const packet = decodeUtp(bytes)
    if (packet === undefined || packet.kind === 'syn') return
    const synId = (packet.connectionId - 1) & 0xffff
    this.#connections.get(`${key} ${synId}`)?.backward.stream.begin(packet.acknowledged + 1)
  }

  #begin(key: string, synId: number): void {
    const name = `${key} ${synId}`
    if (this.#connections.has(name) || this.#connections.size >= MAX_CONNECTIONS) return
    const { forward, backward, transcript } = this
    const number = this.#connections.size + 1
    transcript.note(number, `uTP SYN to ${formatEndpoint(this.address)}`)
    const side = (direction: 'forward' | 'backward'): Connection['forward'] => {
      const [tally, receiver] = direction === 'forward' ? [forward, backward] : [backward, forward]
      return {
        stream: new UtpStream(),
        reader: new StreamReader({ direction, tally, receiver, transcript, number }),
      }
    }
    this.#connections.set(name, { forward: side('forward'), backward: side('backward') })
  }

  /** The same for every run: a linear congruence decides. */
  #isLost(): boolean {
    if (this.#lossShare === 0) return false
    this.#chance = (Math.imul(this.#chance, 1_664_525) + 1_013_904_223) >>> 0
    const isLost = this.#chance / 2 ** 32 < this.#lossShare
    if (isLost) this.lost += 1
    return isLost
  }
}
