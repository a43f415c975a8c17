/**
 * Every connection that we begin: TCP and uTP raced with a sensible head start, in the families that we may use, and
 * encrypted by policy. What came of a peer is remembered for the next time.
 */
import { addressScope, parseIp } from '@pigeon/protocol/ip-address'
import type {
  Address,
  ClockPort,
  DialHandlers,
  Dialling,
  PeerSocket,
  RandomPort,
} from '../ports.ts'
import { ioProblem } from '../problem.ts'
import type { EngineSettings } from '../settings.ts'
import { DialMemory } from './dial-memory.ts'
import { encryptOutgoing, methodsBy } from './encryption.ts'
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
  readonly random: RandomPort
  /** Read when it matters. */
  readonly settings: EngineSettings
  readonly tcp: StreamDialer
  /** `null` while there is none. */
  readonly utp: () => StreamDialer | null
  readonly isBlocked: (host: string) => boolean
}

/** The second way is tried when the first did not open within this time. */
export const HEAD_START_MS = 400
/** The same where the first is uTP, and others say that this peer speaks it. */
export const SURE_HEAD_START_MS = 1_200
/** A peer that does not answer an encrypted beginning is tried in the clear after this time. */
export const ENCRYPTING_MS = 8_000
/** How long a peer that spoke in the clear only is spared the encrypted beginning. */
export const PLAIN_MEMORY_MS: number = 15 * 60_000
/** Who is dialled again so soon did not like how it was reached. */
const SHORT_CONNECTION_MS = 30_000

type Beginning = 'encrypted' | 'plain'

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
    const job = new Job()
    this.#start(wish, this.#beginnings(wish.address), job, handlers)
    return job
  }

  /** One connection for each beginning, until one goes well. */
  #start(wish: DialWish, beginnings: readonly Beginning[], job: Job, handlers: DialHandlers): void {
    const runners = this.#runners(wish)
    if (runners.length === 0) {
      job.current = this.#noWay(wish.address, handlers)
      return
    }
    const [beginning, ...later] = beginnings
    const speaksUtp =
      this.memory.of(wish.address).speaksUtp && this.#preferred(wish.address) === 'utp'
    job.current = new Race({
      runners,
      headStartMs: speaksUtp ? SURE_HEAD_START_MS : HEAD_START_MS,
      clock: this.#init.clock,
      handlers: {
        opened: (socket) => {
          if (socket.transport !== 'webrtc')
            this.memory.learn(wish.address, { transport: socket.transport })
          if (beginning === 'encrypted') this.#encrypt(wish, socket, later, job, handlers)
          else this.#opened(wish, socket, handlers)
        },
        failed: (problem) => handlers.failed(problem),
      },
    })
  }

  #opened({ address }: DialWish, socket: PeerSocket, handlers: DialHandlers): void {
    this.memory.learn(address, { openedMs: this.#init.clock.nowMs() })
    handlers.opened(socket)
  }

  #encrypt(
    wish: DialWish,
    socket: PeerSocket,
    later: readonly Beginning[],
    job: Job,
    handlers: DialHandlers,
  ): void {
    const { clock, random, settings } = this.#init
    const methods = methodsBy(settings.encryption)
    const how = { clock, random, methods, timeoutMs: ENCRYPTING_MS }
    job.current = this.#counted(handlers, (counted) =>
      encryptOutgoing(socket, wish.name, how, {
        opened: (encrypted) => this.#opened(wish, encrypted, counted),
        failed: (problem) => {
          // Meanwhile encryption may have become required.
          if (later.length === 0 || settings.encryption === 'require') {
            counted.failed(problem)
            return
          }
          counted.done()
          const plainUntilMs = clock.nowMs() + PLAIN_MEMORY_MS
          this.memory.learn(wish.address, { plainUntilMs })
          this.#start(wish, later, job, handlers)
        },
      }),
    )
  }

  /** By policy; where either is allowed, encrypted first. */
  #beginnings(address: Address): readonly Beginning[] {
    const { encryption } = this.#init.settings
    if (encryption === 'off') return ['plain']
    if (encryption === 'require') return ['encrypted']
    const isPlain = this.memory.of(address).plainUntilMs > this.#init.clock.nowMs()
    return isPlain ? ['plain'] : ['encrypted', 'plain']
  }

  /** In the order in which they begin. */
  #runners(wish: DialWish): readonly Runner[] {
    const { isBlocked, settings, tcp, utp } = this.#init
    const { address, only } = wish
    if (!isReachableFrom(settings, address.host) || isBlocked(address.host)) return []
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
            this.#counted(handlers, (counted) => dialer.dial(address, counted)),
      )
  }

  /**
   * What it was reached by before, or the other where that was of no use. With strangers far away uTP, which leaves room
   * for the rest of the household; on our own network there is nothing to yield to, and TCP costs less.
   */
  #preferred(address: Address): 'tcp' | 'utp' {
    const { transport, openedMs } = this.memory.of(address)
    if (transport !== null) {
      const isUseless = this.#init.clock.nowMs() - openedMs < SHORT_CONNECTION_MS
      return isUseless === (transport === 'tcp') ? 'utp' : 'tcp'
    }
    const ip = parseIp(address.host)
    const isNear = ip !== null && addressScope(ip) !== 'public'
    return isNear ? 'tcp' : 'utp'
  }

  /** Counts as half open until it opened, failed or was cancelled. */
  #counted(
    handlers: DialHandlers,
    begin: (counted: DialHandlers & { readonly done: () => void }) => Dialling,
  ): Dialling {
    let isCounted = true
    this.#halfOpen += 1
    const done = (): void => {
      if (isCounted) this.#halfOpen -= 1
      isCounted = false
    }
    const dialling = begin({
      done,
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
      `No transport that is switched on may reach ${address.host}.`,
      'See the blocklist, switch TCP or uTP on, or listen at an address of its family.',
    )
    return { cancel: this.#init.clock.after(0, () => handlers.failed(problem)) }
  }
}

/** One dial through all its connections. */
class Job implements Dialling {
  current: Dialling | null = null

  cancel(): void {
    this.current?.cancel()
  }
}

/** Where one address is listened at, everything leaves from it: the other family has no way out. */
function isReachableFrom({ listen }: EngineSettings, host: string): boolean {
  if (listen === null || listen.host === '::' || listen.host === '0.0.0.0') return true
  return listen.host.includes(':') === host.includes(':')
}
