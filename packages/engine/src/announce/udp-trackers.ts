/** Drives the UDP tracker machine over the session's hub. */
import {
  type UdpQuestion,
  UdpTrackerClient,
  type UdpTrackerEffect,
  type UdpTrackerInput,
} from '@pigeon/protocol/bep/0015-udp-client'
import type { UdpAnswer } from '@pigeon/protocol/bep/0015-udp-tracker'
import { ipFamily } from '@pigeon/protocol/ip-address'
import type { Address, Cancel, Ports } from '../ports.ts'
import { type IoProblem, ioProblem, isIoProblem } from '../problem.ts'
import type { UdpHub } from '../transport/udp-hub.ts'
import { closedProblem } from './host-gate.ts'

export type UdpReply = Extract<UdpAnswer, { kind: 'announce' | 'scrape' | 'error' }>

export interface UdpTrackerPorts extends Pick<Ports, 'clock' | 'random'> {
  /** Asked before each question; a problem says why nothing may go out over UDP. */
  readonly udp: () => UdpHub | IoProblem
}

export class UdpTrackers {
  readonly #ports: UdpTrackerPorts
  readonly #client: UdpTrackerClient
  readonly #asked = new Map<number, (reply: UdpReply | IoProblem) => void>()
  #hub: UdpHub | null = null
  #nextRequestId = 1
  #cancelTimer: Cancel | null = null
  #isClosed = false

  constructor(ports: UdpTrackerPorts) {
    this.#ports = ports
    this.#client = new UdpTrackerClient((below) => ports.random.int(below))
  }

  /** Asks one numeric address. */
  ask(
    to: Address,
    question: UdpQuestion,
    maxRetransmissions: number,
  ): Promise<UdpReply | IoProblem> {
    const problem = this.#isClosed ? closedProblem() : this.#take(ipFamily(to.host) ?? 4)
    if (problem !== null) return Promise.resolve(problem)
    const requestId = this.#nextRequestId++
    return new Promise((decide) => {
      this.#asked.set(requestId, decide)
      this.#feed({ kind: 'ask', requestId, to, question, maxRetransmissions })
    })
  }

  close(): void {
    this.#isClosed = true
    this.#cancelTimer?.()
    for (const decide of this.#asked.values()) decide(closedProblem())
    this.#asked.clear()
  }

  /** Takes the hub as it is now: it must have a socket of the family. */
  #take(family: 4 | 6): IoProblem | null {
    const hub = this.#ports.udp()
    if (isIoProblem(hub)) return hub
    if (hub !== this.#hub) {
      hub.handle('tracker', (bytes, from) => this.#feed({ kind: 'datagram', bytes, from }))
      this.#hub = hub
    }
    const isThere = hub.local.some(({ host }) => host.includes(':') === (family === 6))
    return isThere ? null : noFamily(family)
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
      this.#hub?.send(effect.bytes, effect.to)
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

function noFamily(family: 4 | 6): IoProblem {
  return ioProblem(
    'address-unavailable',
    `We have no UDP socket for IPv${family}, the only address of this tracker.`,
    'Listen at :: for both families, and see whether the network has this one.',
  )
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
