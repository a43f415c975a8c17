/**
 * A world in virtual time: hosts, the network between them, and all chance, from one seed. The same seed and the same
 * calls give the same history, event by event.
 *
 * Code under test may use promises freely: between two events all that they set off runs to its end.
 */
import type { HttpAnswer, HttpPort } from '@pigeon/engine/ports'
import type { IoProblem } from '@pigeon/engine/problem'
import { ioProblem } from '@pigeon/engine/problem'
import type { Millis } from '@pigeon/protocol/machine'
import { Chance } from './chance.ts'
import { SimHost } from './host.ts'
import { type Link, SimNetwork } from './network.ts'
import { Timeline } from './timeline.ts'

/** Answers a request for a path below the origin that it serves. */
export type HttpHandler = (request: {
  readonly url: string
  /** The address that asks. */
  readonly from: string
}) => HttpAnswer | IoProblem

const HTTP_DELAY_MS = 40
const DEFAULT_LINK: Link = {
  delayMs: 10,
  upRate: null,
  downRate: null,
  datagramLoss: 0,
  isClosed: false,
}

export class World {
  readonly seed: number
  readonly chance: Chance
  readonly network: SimNetwork
  readonly timeline: Timeline = new Timeline()
  readonly hosts: SimHost[] = []
  readonly #http = new Map<string, HttpHandler>()

  constructor(seed: number) {
    this.seed = seed
    this.chance = new Chance(seed)
    this.network = new SimNetwork(this.timeline, this.chance.fork('network'))
  }

  /** Events that have happened. */
  get eventCount(): number {
    return this.timeline.eventCount
  }

  get nowMs(): Millis {
    return this.timeline.nowMs
  }

  /** A new computer with an address of its own (10.0.0.1, 10.0.0.2, ...), or one that it shares. */
  host(name: string, link: Partial<Link> = {}, sharedAddress?: string): SimHost {
    const number = this.hosts.length + 1
    const address = sharedAddress ?? `10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`
    const world = {
      timeline: this.timeline,
      network: this.network,
      chance: this.chance,
      http: (from: string) => this.#httpPort(from),
    }
    const host = new SimHost(world, name, address, { ...DEFAULT_LINK, ...link })
    this.hosts.push(host)
    return host
  }

  /** Serves an origin, such as `http://tracker.example`. */
  serve(origin: string, handler: HttpHandler): void {
    this.#http.set(origin, handler)
  }

  /** Lets `durationMs` pass. */
  async run(durationMs: Millis): Promise<void> {
    const endMs = this.nowMs + durationMs
    await this.runUntil(() => false, durationMs)
    this.timeline.skipTo(endMs)
  }

  /** Runs until the condition holds; answers whether it did within `limitMs`. */
  async runUntil(isReached: () => boolean, limitMs: Millis): Promise<boolean> {
    const endMs = this.nowMs + limitMs
    await settle()
    while (!isReached()) {
      const nextMs = this.timeline.nextMs
      if (nextMs === null || nextMs > endMs) return false
      this.timeline.step()
      await settle()
    }
    return true
  }

  /** Waits for a promise of the code under test by letting time pass. */
  async finish<T>(promise: Promise<T>, limitMs: Millis = 60_000): Promise<T> {
    let isDone = false
    const marked = promise.finally(() => {
      isDone = true
    })
    // Awaited below; a failure meanwhile is not unhandled.
    marked.catch(() => {})
    if (await this.runUntil(() => isDone, limitMs)) return marked
    throw new Error(`Not finished after ${limitMs} ms of virtual time`)
  }

  #httpPort(from: string): HttpPort {
    return {
      get: (url, options) =>
        new Promise((resolve) => {
          this.timeline.after(HTTP_DELAY_MS, () => {
            const origin = /^[a-z]+:\/\/[^/]+/i.exec(url)?.[0] ?? ''
            const answer = this.#http.get(origin)?.({ url, from }) ?? UNKNOWN_HOST
            const isTooLong = 'body' in answer && answer.body.length > options.limitBytes
            resolve(isTooLong ? TOO_LONG : answer)
          })
        }),
    }
  }
}

const UNKNOWN_HOST = ioProblem('name-not-found', 'No such host', 'Check the address')
const TOO_LONG = ioProblem('answer-too-long', 'The answer is too long', 'Ask somebody else')

/** Everything that promises set off so far, and what that sets off. Nothing in a world waits for the real one. */
function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
