/** Keeps the router asked for our port while that is wished, and tells what it says. */
import type { Address, ClockPort, PortMappingPort, PortMappingState } from '../ports.ts'
import { formatAddress } from './address-text.ts'
import type { PortMappingSummary } from './network-summary.ts'

export interface PortMappingInit {
  readonly clock: Pick<ClockPort, 'after'>
  /** `null` where no router may be asked. */
  readonly port: PortMappingPort | null
  readonly onExternalAddress: (address: string | null) => void
}

/** A router has so long to confirm that it let a port go. */
export const ROUTER_CLOSE_MS = 3_000

export class PortMapping {
  readonly #init: PortMappingInit
  #asked: { readonly port: number; close(): Promise<void> } | null = null
  #state: PortMappingState | null = null

  constructor(init: PortMappingInit) {
    this.#init = init
  }

  /** The port under which the outside reaches us; `null` while none is mapped. */
  get externalPort(): number | null {
    return this.#state?.kind === 'mapped' ? this.#state.externalPort : null
  }

  get summary(): PortMappingSummary {
    const state = this.#state
    if (state === null) return { state: 'off', method: null, external: null, problem: null }
    const { kind, method, externalAddress, externalPort, problem } = state
    const external =
      externalAddress === null || externalPort === null
        ? externalAddress
        : formatAddress({ host: externalAddress, port: externalPort })
    return { state: kind, method, external, problem }
  }

  /** What is wished now: `null` when the router is to be left alone. */
  async follow(listening: Address | null): Promise<void> {
    const port = listening?.port ?? null
    if (port === (this.#asked?.port ?? null)) return
    const before = this.#asked
    this.#asked = null
    this.#state = null
    this.#init.onExternalAddress(null)
    if (port !== null && this.#init.port !== null) this.#asked = this.#ask(this.#init.port, port)
    if (before === null) return
    await new Promise<void>((resolve) => {
      const cancel = this.#init.clock.after(ROUTER_CLOSE_MS, resolve)
      void before.close().then(() => {
        cancel()
        resolve()
      })
    })
  }

  #ask(router: PortMappingPort, port: number): { readonly port: number; close(): Promise<void> } {
    this.#state = SEARCHING
    let isOver = false
    const wishes = [
      { protocol: 'tcp', port },
      { protocol: 'udp', port },
    ] as const
    const mapping = router.map(wishes, (state) => {
      if (isOver) return
      this.#state = state
      this.#init.onExternalAddress(state.kind === 'mapped' ? state.externalAddress : null)
    })
    return {
      port,
      close: () => {
        isOver = true
        return mapping.close()
      },
    }
  }
}

const SEARCHING: PortMappingState = {
  kind: 'searching',
  method: null,
  externalAddress: null,
  externalPort: null,
  problem: null,
}
