/**
 * Every connection that we begin: TCP and uTP raced with a sensible head start, in the families that we may use, and
 * encrypted by policy. What came of a peer is remembered for the next time.
 */
import { addressScope, parseIp } from '@pigeon/protocol/ip-address'
import type { Address, ClockPort, DialHandlers, Dialling, PeerSocket } from '../ports.ts'
import { ioProblem } from '../problem.ts'
import type { EngineSettings } from '../settings.ts'
import { DialMemory } from './dial-memory.ts'
import { Race, type Runner } from './race.ts'

/** TCP, uTP: whatever reaches a numeric address. */
export interface StreamDialer {
  dial(address: Address, handlers: DialHandlers): Dialling
}

export interface DialWish {
  readonly address: Address
  /** The torrent's 20-byte name, with which an encrypted beginning is keyed. */
  readonly name: Uint8Array
  /** Nothing else is tried: such as uTP through a hole that was just punched. */
  readonly only?: 'tcp' | 'utp'
}

export interface DialerInit {
  readonly clock: ClockPort
  /** Read when it matters. */
  readonly settings: EngineSettings
  readonly tcp: StreamDialer
  /** `null` while there is none. */
  readonly utp: () => StreamDialer | null
}

/** The second way is tried when the first did not open within this time. */
export const HEAD_START_MS = 400

export class Dialer {
  readonly memory: DialMemory = new DialMemory()
  readonly #init: DialerInit
  #halfOpen = 0

  constructor(init: DialerInit) {
    this.#init = init
  }

  /** Dials under way, each transport for itself. */
  get halfOpen(): number {
    return this.#halfOpen
  }

  /** `opened` or `failed` comes exactly once, unless it is cancelled. */
  dial(wish: DialWish, handlers: DialHandlers): Dialling {
    const runners = this.#runners(wish)
    if (runners.length === 0) return this.#noWay(wish.address, handlers)
    const { clock } = this.#init
    return new Race({
      runners,
      headStartMs: HEAD_START_MS,
      clock,
      handlers: {
        opened: (socket) => this.#opened(wish, socket, handlers),
        failed: (problem) => handlers.failed(problem),
      },
    })
  }

  #opened(wish: DialWish, socket: PeerSocket, handlers: DialHandlers): void {
    if (socket.transport !== 'webrtc')
      this.memory.learn(wish.address, { transport: socket.transport })
    handlers.opened(socket)
  }

  /** In the order in which they begin. */
  #runners(wish: DialWish): readonly Runner[] {
    const { settings, tcp, utp } = this.#init
    const { address, only } = wish
    if (!isReachableFrom(settings, address.host)) return []
    const overUtp = settings.isUtpOn && !settings.isProxied ? utp() : null
    const ways: { readonly transport: 'tcp' | 'utp'; readonly dialer: StreamDialer }[] = []
    if (settings.isTcpOn) ways.push({ transport: 'tcp', dialer: tcp })
    if (overUtp !== null) ways.push({ transport: 'utp', dialer: overUtp })
    const first = this.#preferred(address)
    return ways
      .filter(({ transport }) => only === undefined || transport === only)
      .toSorted((a, b) => Number(b.transport === first) - Number(a.transport === first))
      .map(
        ({ dialer }): Runner =>
          (handlers) =>
            this.#counted(dialer, address, handlers),
      )
  }

  /**
   * What it was reached by before, else what others say of it. Of strangers far away uTP, which leaves room for the
   * rest of the household; on our own network there is nothing to yield to, and TCP costs less.
   */
  #preferred(address: Address): 'tcp' | 'utp' {
    const { transport, speaksUtp } = this.memory.of(address)
    if (transport !== null) return transport
    const ip = parseIp(address.host)
    const isNear = ip !== null && addressScope(ip) !== 'public'
    return isNear && !speaksUtp ? 'tcp' : 'utp'
  }

  #counted(dialer: StreamDialer, address: Address, handlers: DialHandlers): Dialling {
    let isCounted = true
    this.#halfOpen += 1
    const done = (): void => {
      if (isCounted) this.#halfOpen -= 1
      isCounted = false
    }
    const dialling = dialer.dial(address, {
      opened: (socket) => {
        done()
        handlers.opened(socket)
      },
      failed: (problem) => {
        done()
        handlers.failed(problem)
      },
    })
    return {
      cancel: () => {
        done()
        dialling.cancel()
      },
    }
  }

  #noWay(address: Address, handlers: DialHandlers): Dialling {
    const problem = ioProblem(
      'not-allowed',
      `No transport that is switched on reaches ${address.host}.`,
      'Switch TCP or uTP on, or listen at an address of its family.',
    )
    return { cancel: this.#init.clock.after(0, () => handlers.failed(problem)) }
  }
}

/** Where one address is listened at, everything leaves from it: the other family has no way out. */
function isReachableFrom({ listen }: EngineSettings, host: string): boolean {
  if (listen === null || listen.host === '::' || listen.host === '0.0.0.0') return true
  return listen.host.includes(':') === host.includes(':')
}
