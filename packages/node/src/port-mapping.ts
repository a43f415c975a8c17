/** Keeps ports mapped at the router: finds a way, asks for each port, renews in time, and takes it back at the end. */
import type { PortMappingPort, PortMappingState, PortWish } from '@pigeon/engine/ports'
import { type IoProblem, ioProblem, isIoProblem } from '@pigeon/engine/problem'
import type { MapWish } from './gateway-messages.ts'
import {
  DEFAULT_GATEWAY_PORT,
  defaultGateway,
  findUpnp,
  type GatewayPlace,
  type GatewayWay,
  type Mapped,
  pcpWay,
  pmpWay,
} from './gateway-ways.ts'
import { randomBytes } from 'node:crypto'

export interface PortMappingOptions {
  /** Where NAT-PMP and PCP are asked; the default gateway when absent, nowhere when `null`. */
  readonly gateway?: GatewayPlace | null
  readonly findUpnp?: (signal: AbortSignal) => Promise<GatewayWay | null>
  /** What we ask for; routers may give less. */
  readonly lifetimeS?: number
  readonly retryMs?: number
}

const LIFETIME_S = 7_200
const SHORTEST_RENEWAL_MS = 30_000
const RETRY_MS = 60_000
const LONGEST_RETRY_MS = 3_600_000
/** How long the end may wait for the router. */
export const UNMAP_MS = 2_000

export function createPortMappingPort(options: PortMappingOptions = {}): PortMappingPort {
  return { map: (wishes, onChange) => new KeptMapping(wishes, onChange, options) }
}

class KeptMapping {
  readonly #wishes: readonly PortWish[]
  readonly #onChange: (state: PortMappingState) => void
  readonly #options: PortMappingOptions
  readonly #end = new AbortController()
  #way: GatewayWay | null = null
  /** What the router gave, by protocol. */
  readonly #given = new Map<string, Mapped>()
  #timer: ReturnType<typeof setTimeout> | null = null
  #retryMs: number
  #working: Promise<void>

  constructor(
    wishes: readonly PortWish[],
    onChange: (state: PortMappingState) => void,
    options: PortMappingOptions,
  ) {
    this.#wishes = wishes
    this.#onChange = onChange
    this.#options = options
    this.#retryMs = options.retryMs ?? RETRY_MS
    this.#working = this.#work()
  }

  async close(): Promise<void> {
    this.#end.abort()
    if (this.#timer !== null) clearTimeout(this.#timer)
    await this.#working
    const way = this.#way
    if (way === null) return
    const signal = AbortSignal.timeout(UNMAP_MS)
    const removed = this.#wishes
      .filter(({ protocol }) => this.#given.has(protocol))
      .map((wish) => way.unmap(this.#wishOf(wish, 0), signal))
    const late = new Promise<void>((resolve) => {
      setTimeout(resolve, UNMAP_MS).unref()
    })
    await Promise.race([Promise.allSettled(removed), late])
  }

  /** One round: all ports are asked for, with the way that worked last or by looking for one. */
  async #work(): Promise<void> {
    if (this.#given.size === 0) this.#tell('searching', null)
    const problem = (await this.#renew()) ?? null
    if (this.#end.signal.aborted) return
    if (problem === null) {
      this.#retryMs = this.#options.retryMs ?? RETRY_MS
      this.#tell('mapped', null)
      const shortestS = Math.min(...[...this.#given.values()].map(({ lifetimeS }) => lifetimeS))
      this.#again(Math.max(SHORTEST_RENEWAL_MS, (shortestS * 1000) / 2))
      return
    }
    this.#way = null
    this.#given.clear()
    this.#tell('failed', problem)
    this.#again(this.#retryMs)
    this.#retryMs = Math.min(LONGEST_RETRY_MS, this.#retryMs * 2)
  }

  #again(delayMs: number): void {
    this.#timer = setTimeout(() => {
      this.#working = this.#work()
    }, delayMs)
    this.#timer.unref()
  }

  async #renew(): Promise<IoProblem | null> {
    if (this.#way !== null && (await this.#mapAll(this.#way)) === null) return null
    let last: IoProblem | null = null
    for (const find of this.#ways()) {
      if (this.#end.signal.aborted) return NO_ROUTER
      const way = await find()
      if (way === null) continue
      const problem = await this.#mapAll(way)
      if (problem === null) {
        this.#way = way
        return null
      }
      // What a router says is worth more than that another way was silent.
      if (last === null || last.code === 'timed-out') last = problem
    }
    return last ?? NO_ROUTER
  }

  #ways(): readonly (() => Promise<GatewayWay | null>)[] {
    const { gateway, findUpnp: find = findUpnp } = this.#options
    const host = gateway === undefined ? defaultGateway() : null
    const place = host === null ? (gateway ?? null) : { host, port: DEFAULT_GATEWAY_PORT }
    const direct = place === null ? [] : [pcpWay(place, randomBytes), pmpWay(place)]
    return [...direct.map((way) => () => Promise.resolve(way)), () => find(this.#end.signal)]
  }

  async #mapAll(way: GatewayWay): Promise<IoProblem | null> {
    for (const wish of this.#wishes) {
      const lifetimeS = this.#options.lifetimeS ?? LIFETIME_S
      const mapped = await way.map(this.#wishOf(wish, lifetimeS), this.#end.signal)
      if (isIoProblem(mapped)) return mapped
      this.#given.set(wish.protocol, mapped)
    }
    return null
  }

  /** TCP and UDP want the same number outside, too. */
  #wishOf({ protocol, port }: PortWish, lifetimeS: number): MapWish {
    const before = this.#given.get(protocol) ?? [...this.#given.values()][0]
    return { protocol, internalPort: port, externalPort: before?.externalPort ?? port, lifetimeS }
  }

  #tell(kind: PortMappingState['kind'], problem: IoProblem | null): void {
    if (this.#end.signal.aborted) return
    const given = kind === 'mapped' ? [...this.#given.values()] : []
    this.#onChange({
      kind,
      method: kind === 'mapped' ? (this.#way?.method ?? null) : null,
      externalAddress: given.find((one) => one.externalAddress !== null)?.externalAddress ?? null,
      externalPort: given[0]?.externalPort ?? null,
      problem,
    })
  }
}

const NO_ROUTER: IoProblem = ioProblem(
  'timed-out',
  'No router answers UPnP, NAT-PMP or PCP here.',
  'Switch one of them on in the settings of your router, or pass the port on there by hand.',
)
