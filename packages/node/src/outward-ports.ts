/**
 * The ports by which anything leaves this machine, chosen in this one place: all through the proxy where one is set, all
 * from the addresses that the user named where some are, and in no third way.
 */
import { createRequire } from 'node:module'
import { connect, isIP } from 'node:net'
import type { HttpPort, Ports, WebRtcPort } from '@pigeon/engine/ports'
import { type IoProblem, ioProblem, isIoProblem } from '@pigeon/engine/problem'
import { createDatagramPort } from './datagrams.ts'
import { createHttpPort, guardedLookup, leavingFor, lookupAll } from './http.ts'
import { firstReach } from './http-rules.ts'
import { networkProblem } from './io-errors.ts'
import { hostPort } from './network-kinds.ts'
import type { NetworkSettings } from './network-settings.ts'
import {
  type ConnectTo,
  proxiedDatagramPort,
  proxiedNetworkPort,
  SocksProxy,
} from './socks-proxy.ts'
import { type SourceAddresses, sourceAddresses } from './source-addresses.ts'
import { createNetworkPort } from './tcp.ts'
import { openWebRtcPort } from './webrtc.ts'
import { createWebSocketPort } from './websocket.ts'

export type OutwardPorts = Pick<
  Ports,
  'network' | 'datagrams' | 'http' | 'webSockets' | 'webRtc'
> & { readonly proxy: SocksProxy | null; readonly sources: SourceAddresses }

type Settings = Pick<
  NetworkSettings,
  'listenHost' | 'bindInterface' | 'proxy' | 'stunServers' | 'webrtc'
>

/** `isAnonymous` is asked with each request: it can change. */
export function openOutwardPorts(settings: Settings, isAnonymous: () => boolean): OutwardPorts {
  const sources = sourceAddresses(settings.listenHost, settings.bindInterface)
  if (settings.proxy !== null) return proxied(settings.proxy, sources, isAnonymous)
  return {
    network: createNetworkPort({ sources }),
    datagrams: createDatagramPort(sources),
    http: createHttpPort({ sources, isAnonymous }),
    webSockets: createWebSocketPort({ connect: connectFrom(sources) }),
    webRtc: webRtcFrom(sources, settings.stunServers),
    proxy: null,
    sources,
  }
}

/** HTTP alone, for programs that need no node. */
export function outwardHttp(
  settings: Pick<NetworkSettings, 'listenHost' | 'bindInterface' | 'proxy' | 'anonymous'>,
): HttpPort {
  const sources = sourceAddresses(settings.listenHost, settings.bindInterface)
  const isAnonymous = (): boolean => settings.anonymous
  if (settings.proxy === null) return createHttpPort({ sources, isAnonymous })
  const { connect: through } = new SocksProxy({ address: settings.proxy, sources })
  return createHttpPort({ connect: through, isAnonymous })
}

function proxied(
  address: NonNullable<Settings['proxy']>,
  sources: SourceAddresses,
  isAnonymous: () => boolean,
): OutwardPorts {
  const proxy = new SocksProxy({ address, sources })
  return {
    network: proxiedNetworkPort(proxy),
    datagrams: proxiedDatagramPort(),
    http: createHttpPort({ connect: proxy.connect, isAnonymous }),
    webSockets: createWebSocketPort({ connect: proxy.connect }),
    webRtc: null,
    proxy,
    sources,
  }
}

/** Connections to trackers, by name or numeric, from where the user wants it and to no address that must not be asked. */
export function connectFrom(sources: SourceAddresses): ConnectTo {
  const lookup = guardedLookup(firstReach(true), lookupAll)
  return (host, port) => {
    const from = leavingFor(host, sources)
    if (isIoProblem(from)) return Promise.resolve(from)
    const task = `reach ${hostPort(host, port)}`
    if (isIP(host) !== 0 && !firstReach(true).allows(host)) {
      return Promise.resolve(networkProblem('EINVAL', task))
    }
    return new Promise((decide) => {
      const socket = connect({ host, port, lookup, noDelay: true, ...from })
      const onError = (error: Error): void => decide(networkProblem(error, task))
      socket.setTimeout(CONNECT_MS, () => socket.destroy(new TimedOut()))
      socket.once('error', onError)
      socket.once('connect', () => {
        socket.setTimeout(0)
        socket.off('error', onError)
        decide(socket)
      })
    })
  }
}

const CONNECT_MS = 15_000

class TimedOut extends Error {
  readonly code = 'ETIMEDOUT'
}

/**
 * WebRTC leaves from one address; while that cannot be had, nothing does. `null` where the library is not installed. It
 * takes longer to load than all else of a start: that waits until somebody needs it.
 */
function webRtcFrom(sources: SourceAddresses, stunServers: readonly string[]): WebRtcPort | null {
  if (!isInstalled('node-datachannel')) return null
  let opening: Promise<WebRtcPort | null> | null = null
  const open = async (): Promise<WebRtcPort | IoProblem> => {
    const source = sourceOf(sources)
    if (isIoProblem(source)) return source
    opening ??= openWebRtcPort({
      stunServers: stunServers.map((server) => `stun:${server}`),
      get localAddress() {
        const now = sourceOf(sources)
        return typeof now === 'string' ? now : null
      },
    })
    return (await opening) ?? NOT_FOR_THIS_MACHINE
  }
  return {
    offer: async (handlers) => {
      const port = await open()
      return isIoProblem(port) ? port : port.offer(handlers)
    },
    answer: async (sdp, handlers) => {
      const port = await open()
      return isIoProblem(port) ? port : port.answer(sdp, handlers)
    },
    close: async () => (await opening)?.close(),
  }
}

const NOT_FOR_THIS_MACHINE: IoProblem = ioProblem(
  'not-allowed',
  'WebRTC cannot be used: node-datachannel is installed, but not for this machine.',
  'Install it anew (npm install node-datachannel), or switch WebRTC off (webrtc = false).',
)

function isInstalled(name: string): boolean {
  try {
    createRequire(import.meta.url).resolve(name)
    return true
  } catch {
    return false
  }
}

function sourceOf(sources: SourceAddresses): ReturnType<SourceAddresses['of']> {
  const four = sources.of(4)
  return isIoProblem(four) ? sources.of(6) : four
}
