/**
 * Everything through a SOCKS5 proxy: connections by name, so that the proxy looks names up, and nothing else. There is no
 * way around it: what cannot go through is a problem, also while the proxy cannot be reached.
 *
 * Spec: RFC 1928, RFC 1929
 */
import { connect, isIP, type Socket } from 'node:net'
import type { DatagramPort, NetworkPort } from '@pigeon/engine/ports'
import { type IoProblem, ioProblem, isIoProblem } from '@pigeon/engine/problem'
import { SocksClient } from 'socks'
import { leavingFor } from './http.ts'
import { networkProblem } from './io-errors.ts'
import { hostPort, type ProxyAddress, proxyName } from './network-kinds.ts'
import { ANY_SOURCE, type SourceAddresses } from './source-addresses.ts'
import { peerOver } from './tcp.ts'

/** Opens a connection to a host, by name or numeric. Aborted, it answers a problem. */
export type ConnectTo = (
  host: string,
  port: number,
  signal?: AbortSignal,
) => Promise<Socket | IoProblem>

export interface SocksProxyOptions {
  readonly address: ProxyAddress
  /** From where the proxy is reached. */
  readonly sources?: SourceAddresses
  readonly timeoutMs?: number
}

const TIMEOUT_MS = 20_000

export class SocksProxy {
  readonly name: string
  readonly #options: SocksProxyOptions
  #problem: IoProblem | null = null

  constructor(options: SocksProxyOptions) {
    this.#options = options
    this.name = proxyName(options.address)
  }

  /** Why the proxy itself could not be used the last time; `null` when it could. */
  get problem(): IoProblem | null {
    return this.#problem
  }

  readonly connect: ConnectTo = async (host, port, signal) => {
    const timeoutMs = this.#options.timeoutMs ?? TIMEOUT_MS
    const limit = AbortSignal.timeout(timeoutMs)
    const either = signal === undefined ? limit : AbortSignal.any([signal, limit])
    const socket = await this.#reach(either)
    if (isIoProblem(socket)) {
      // Giving up says nothing about the proxy.
      if (signal?.aborted !== true) this.#problem = socket
      return socket
    }
    return this.#ask(socket, host, port, either, timeoutMs)
  }

  /** A connection to the proxy itself. */
  #reach(signal: AbortSignal): Promise<Socket | IoProblem> {
    const { address, sources = ANY_SOURCE } = this.#options
    const from = leavingFor(address.host, sources)
    if (isIoProblem(from)) return Promise.resolve(from)
    return new Promise((decide) => {
      const socket = connect({ host: address.host, port: address.port, noDelay: true, ...from })
      const give = (problem: IoProblem): void => {
        signal.removeEventListener('abort', onAbort)
        socket.destroy()
        decide(problem)
      }
      const onAbort = (): void => give(this.#late())
      signal.addEventListener('abort', onAbort)
      const onError = (error: Error): void => give(this.#unreachable(error))
      socket.once('error', onError)
      socket.once('connect', () => {
        signal.removeEventListener('abort', onAbort)
        socket.off('error', onError)
        decide(socket)
      })
      if (signal.aborted) onAbort()
    })
  }

  async #ask(
    socket: Socket,
    host: string,
    port: number,
    signal: AbortSignal,
    timeoutMs: number,
  ): Promise<Socket | IoProblem> {
    const { host: proxyHost, port: proxyPort, login } = this.#options.address
    const onAbort = (): void => void socket.destroy()
    // What goes wrong later, before somebody else listens, shows as a close.
    socket.on('error', ignore)
    signal.addEventListener('abort', onAbort)
    if (signal.aborted) onAbort()
    try {
      await SocksClient.createConnection({
        command: 'connect',
        proxy: {
          ...{ host: proxyHost, port: proxyPort, type: 5 },
          ...(login === null ? {} : { userId: login.user, password: login.password }),
        },
        destination: { host, port },
        existing_socket: socket,
        timeout: timeoutMs,
      })
      await keepEarlyBytes(socket)
      this.#problem = null
      return socket
    } catch (error) {
      return this.#refusal(error, hostPort(host, port), signal.aborted)
    } finally {
      signal.removeEventListener('abort', onAbort)
      // Who takes the socket listens from the same turn on.
      setImmediate(() => socket.off('error', ignore))
    }
  }

  /** What the proxy said, or did not say. */
  #refusal(error: unknown, place: string, isLate: boolean): IoProblem {
    const said = error instanceof Error ? error.message : ''
    const reply = /^Socks5 proxy rejected connection - (\w+)/.exec(said)?.[1]
    if (reply !== undefined) {
      this.#problem = null
      const { code, says } = REPLIES[reply] ?? OTHER_REPLY
      return ioProblem(code, `${place} cannot be reached through ${this.name}: ${says}.`, TRY_LATER)
    }
    if (isLate) {
      return ioProblem('timed-out', `${place} does not answer through ${this.name}.`, TRY_LATER)
    }
    this.#problem = this.#broken(said)
    return this.#problem
  }

  #broken(said: string): IoProblem {
    if (/auth/i.test(said)) {
      return ioProblem(
        'not-allowed',
        `The proxy ${this.name} does not accept the name and password.`,
        'Check them in the settings (proxy).',
      )
    }
    if (/version|invalid/i.test(said)) {
      return ioProblem(
        'bad-answer',
        `What answers at ${this.name} is no SOCKS5 proxy.`,
        'Check its address and port in the settings (proxy).',
      )
    }
    return ioProblem(
      'reset',
      `The proxy ${this.name} broke the connection.`,
      'Check that it runs and lets this machine in. Nothing goes around it.',
    )
  }

  #unreachable(error: Error): IoProblem {
    const { code, message } = networkProblem(error, `reach the proxy ${this.name}`)
    return ioProblem(
      code,
      message,
      'Start the proxy, or check its address in the settings (proxy). Nothing goes around it.',
    )
  }

  #late(): IoProblem {
    return ioProblem(
      'timed-out',
      `The proxy ${this.name} does not answer.`,
      'Check that it runs. Nothing goes around it.',
    )
  }
}

/** Peers through the proxy; nobody can come in. */
export function proxiedNetworkPort(proxy: SocksProxy): NetworkPort {
  return {
    dial: (address, handlers) => {
      const giveUp = new AbortController()
      let isCancelled = false
      void proxy.connect(address.host, address.port, giveUp.signal).then((socket) => {
        if (isCancelled && !isIoProblem(socket)) socket.destroy()
        if (isCancelled) handlers.failed(GIVEN_UP)
        else if (isIoProblem(socket)) handlers.failed(socket)
        else handlers.opened(peerOver(socket, address))
      })
      return {
        cancel: () => {
          isCancelled = true
          giveUp.abort()
        },
      }
    },
    listen: () => Promise.resolve(OFF_BEHIND_PROXY),
  }
}

/** No datagram leaves, and no name is looked up. */
export function proxiedDatagramPort(): DatagramPort {
  return {
    bind: () => Promise.resolve(OFF_BEHIND_PROXY),
    resolve: (host) => Promise.resolve(isIP(host) === 0 ? OFF_BEHIND_PROXY : [host]),
  }
}

export const OFF_BEHIND_PROXY: IoProblem = ioProblem(
  'not-allowed',
  'A proxy is used, and this cannot go through it.',
  'Only what can go through a SOCKS5 proxy is on; without "proxy" in the settings all is.',
)

const GIVEN_UP: IoProblem = ioProblem('closed', 'The connection was given up.', '')
const TRY_LATER = 'It is tried again later.'

interface Reply {
  readonly code: IoProblem['code']
  readonly says: string
}

const OTHER_REPLY: Reply = { code: 'unreachable', says: 'the proxy failed' }
/** By the library's words for the replies of RFC 1928, section 6. */
const REPLIES: Readonly<Record<string, Reply>> = {
  Failure: OTHER_REPLY,
  NotAllowed: { code: 'not-allowed', says: 'the rules of the proxy forbid it' },
  NetworkUnreachable: { code: 'unreachable', says: 'its network cannot be reached' },
  HostUnreachable: { code: 'unreachable', says: 'it cannot be reached, or has no such name' },
  ConnectionRefused: { code: 'refused', says: 'nothing accepts connections there' },
  TTLExpired: { code: 'timed-out', says: 'no answer came' },
  CommandNotSupported: { code: 'bad-answer', says: 'the proxy makes no connections' },
  AddressNotSupported: { code: 'bad-answer', says: 'the proxy does not take such addresses' },
}

/**
 * The library hands on what came right behind its last answer a turn later, to whoever listens then: it is put back, for
 * who takes the socket and listens from the same turn on.
 */
function keepEarlyBytes(socket: Socket): Promise<void> {
  const early: Buffer[] = []
  const take = (bytes: Buffer): void => void early.push(bytes)
  socket.on('data', take)
  return new Promise((resolve) => {
    setImmediate(() => {
      socket.off('data', take)
      if (early.length > 0) {
        socket.pause()
        socket.unshift(Buffer.concat(early))
        setImmediate(() => socket.resume())
      }
      resolve()
    })
  })
}

function ignore(): void {}
