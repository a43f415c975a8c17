/** Drives the UDP tracker machine over the session's own sockets: one a family, bound when first needed. */
import {
  type UdpQuestion,
  UdpTrackerClient,
  type UdpTrackerEffect,
  type UdpTrackerInput,
} from '@pigeon/protocol/bep/0015-udp-client'
import type { UdpAnswer } from '@pigeon/protocol/bep/0015-udp-tracker'
import { ipFamily } from '@pigeon/protocol/ip-address'
import type { Address, Cancel, DatagramSocket, Ports } from '../ports.ts'
import { type IoProblem, ioProblem, isIoProblem } from '../problem.ts'
import { closedProblem } from './host-gate.ts'

export type UdpReply = Extract<UdpAnswer, { kind: 'announce' | 'scrape' | 'error' }>

export class UdpTrackers {
  readonly #ports: Pick<Ports, 'clock' | 'datagrams'>
  readonly #client: UdpTrackerClient
  readonly #sockets = new Map<4 | 6, Promise<DatagramSocket | IoProblem>>()
  readonly #bound = new Map<4 | 6, DatagramSocket>()
  readonly #asked = new Map<number, (reply: UdpReply | IoProblem) => void>()
  #nextRequestId = 1
  #cancelTimer: Cancel | null = null
  #isClosed = false

  constructor(ports: Pick<Ports, 'clock' | 'random' | 'datagrams'>) {
    this.#ports = ports
    this.#client = new UdpTrackerClient((below) => ports.random.int(below))
  }

  /** Asks one numeric address. */
  async ask(
    to: Address,
    question: UdpQuestion,
    maxRetransmissions: number,
  ): Promise<UdpReply | IoProblem> {
    const socket = await this.#socketFor(ipFamily(to.host) ?? 4)
    if (isIoProblem(socket)) return socket
    if (this.#isClosed) return closedProblem()
    const requestId = this.#nextRequestId++
    return new Promise((decide) => {
      this.#asked.set(requestId, decide)
      this.#feed({ kind: 'ask', requestId, to, question, maxRetransmissions })
    })
  }

  close(): void {
    this.#isClosed = true
    this.#cancelTimer?.()
    for (const socket of this.#bound.values()) socket.close()
    for (const decide of this.#asked.values()) decide(closedProblem())
    this.#asked.clear()
  }

  #socketFor(family: 4 | 6): Promise<DatagramSocket | IoProblem> {
    const known = this.#sockets.get(family)
    if (known !== undefined) return known
    const binding = this.#bind(family)
    this.#sockets.set(family, binding)
    return binding
  }

  async #bind(family: 4 | 6): Promise<DatagramSocket | IoProblem> {
    const host = family === 4 ? '0.0.0.0' : '::'
    const socket = await this.#ports.datagrams.bind({ host, port: 0 }, (bytes, from) =>
      this.#feed({ kind: 'datagram', bytes, from }),
    )
    // Another try may find the network up again.
    if (isIoProblem(socket)) this.#sockets.delete(family)
    else if (this.#isClosed) socket.close()
    else this.#bound.set(family, socket)
    return socket
  }

  #feed(input: UdpTrackerInput): void {
    if (this.#isClosed) return
    for (const effect of this.#client.handle(input, this.#ports.clock.nowMs())) {
      this.#perform(effect)
    }
    this.#arm()
  }

  #perform(effect: UdpTrackerEffect): void {
    if (effect.kind === 'send') {
      this.#bound.get(effect.family)?.send(effect.bytes, effect.to)
      return
    }
    const decide = this.#asked.get(effect.requestId)
    this.#asked.delete(effect.requestId)
    decide?.(effect.kind === 'answered' ? effect.answer : PROBLEMS[effect.why])
  }

  #arm(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = null
    const { deadlineMs } = this.#client
    if (deadlineMs === null) return
    const delayMs = Math.max(0, deadlineMs - this.#ports.clock.nowMs())
    this.#cancelTimer = this.#ports.clock.after(delayMs, () => this.#feed({ kind: 'tick' }))
  }
}

const PROBLEMS: {
  readonly [W in Extract<UdpTrackerEffect, { kind: 'failed' }>['why']]: IoProblem
} = {
  'timed-out': ioProblem(
    'timed-out',
    'The tracker did not answer.',
    'It may be down, or a firewall may drop UDP; it is asked again later.',
  ),
  'bad-address': ioProblem(
    'address-unavailable',
    'The tracker has no usable address.',
    'Check the address of the tracker.',
  ),
  'too-many': ioProblem(
    'not-allowed',
    'Too many trackers are asked at once.',
    'Pause some torrents; the announce is tried again later.',
  ),
}
