/** The ways to ask a router for a port: PCP, NAT-PMP and UPnP. Each answers values, within a bounded time. */
import { upnpNat } from '@achingbrain/nat-port-mapper'
import { createSocket } from 'node:dgram'
import { readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { type IoProblem, ioProblem, isIoProblem } from '@pigeon/engine/problem'
import { toDisplay } from '@pigeon/protocol/display'
import {
  GATEWAY_MESSAGE_BYTES,
  GATEWAY_PORT,
  type GatewayAnswer,
  type MapWish,
  NONCE_BYTES,
  pcpMap,
  pmpExternal,
  pmpMap,
  readPcp,
  readPmp,
} from './gateway-messages.ts'
import { networkProblem } from './io-errors.ts'

export interface Mapped {
  readonly externalPort: number
  readonly externalAddress: string | null
  readonly lifetimeS: number
}

/** A router that answered once. */
export interface GatewayWay {
  readonly method: 'upnp' | 'nat-pmp' | 'pcp'
  map(wish: MapWish, signal: AbortSignal): Promise<Mapped | IoProblem>
  unmap(wish: MapWish, signal: AbortSignal): Promise<void>
}

export interface GatewayPlace {
  readonly host: string
  readonly port: number
  /** How long the first of its answers is waited for. */
  readonly firstTryMs?: number
}

/** Doubled with each further try. */
const FIRST_TRY_MS = 250
const TRIES = 4
const UPNP_MS = 6_000

/** PCP where the router knows it, else NAT-PMP. */
export function pcpWay(
  place: GatewayPlace,
  random: (lengthBytes: number) => Uint8Array,
): GatewayWay {
  const nonces = new Map<string, Uint8Array>()
  const map = async (wish: MapWish, signal: AbortSignal): Promise<Mapped | IoProblem> => {
    const key = `${wish.protocol} ${wish.internalPort}`
    const nonce = nonces.get(key) ?? random(NONCE_BYTES)
    nonces.set(key, nonce)
    const answer = await ask(place, signal, {
      request: (client) => pcpMap(wish, client, nonce),
      read: (bytes) => readPcp(bytes, { ...wish, nonce }),
    })
    return isIoProblem(answer) ? answer : mappedOf(answer, place)
  }
  return { method: 'pcp', map, unmap: async (wish, signal) => void (await map(wish, signal)) }
}

export function pmpWay(place: GatewayPlace): GatewayWay {
  const map = async (wish: MapWish, signal: AbortSignal): Promise<Mapped | IoProblem> => {
    const operation = wish.protocol === 'udp' ? 1 : 2
    const { internalPort } = wish
    const answer = await ask(place, signal, {
      request: () => pmpMap(wish),
      read: (bytes) => readPmp(bytes, { operation, internalPort }),
    })
    if (isIoProblem(answer) || answer.kind !== 'mapped') {
      return isIoProblem(answer) ? answer : mappedOf(answer, place)
    }
    const external = await ask(place, signal, {
      request: pmpExternal,
      read: (bytes) => readPmp(bytes, { operation: 0, internalPort: 0 }),
    })
    const address = !isIoProblem(external) && external.kind === 'external' ? external.address : null
    return mappedOf({ ...answer, address }, place)
  }
  return { method: 'nat-pmp', map, unmap: async (wish, signal) => void (await map(wish, signal)) }
}

/** The first UPnP gateway that is found. `descriptor` names one without a search. */
export async function findUpnp(
  signal: AbortSignal,
  descriptor: URL | null = null,
): Promise<GatewayWay | null> {
  const client = upnpNat({ autoRefresh: false, description: 'Pigeon' })
  const limit = AbortSignal.any([signal, AbortSignal.timeout(UPNP_MS)])
  try {
    if (descriptor !== null) return upnpWay(await client.getGateway(descriptor, { signal: limit }))
    for await (const gateway of client.findGateways({ signal: limit })) return upnpWay(gateway)
  } catch {
    // Nobody answered in time, or what came could not be read: either way there is none.
  }
  return null
}

type UpnpGateway = Awaited<ReturnType<ReturnType<typeof upnpNat>['getGateway']>>

function upnpWay(gateway: UpnpGateway): GatewayWay {
  return {
    method: 'upnp',
    map: async (wish, signal) => {
      try {
        const { internalPort, externalPort, protocol, lifetimeS } = wish
        const mapped = await gateway.map(internalPort, localAddressFor(gateway.host), {
          ...{ externalPort, protocol, ttl: lifetimeS * 1000 },
          ...{ autoRefresh: false, signal },
        })
        const { externalHost } = mapped
        return { externalPort: mapped.externalPort, externalAddress: externalHost, lifetimeS }
      } catch (error) {
        return refusedBy(gateway.host, error instanceof Error ? error.message : 'it failed')
      }
    },
    unmap: async ({ internalPort }, signal) => {
      await gateway.unmap(internalPort, { signal }).catch(() => {})
    },
  }
}

/** Of our addresses the one that is most like the router's. */
function localAddressFor(host: string): string {
  const own = Object.values(networkInterfaces()).flatMap((all) => all ?? [])
  const four = own.filter(({ family }) => family === 'IPv4').map(({ address }) => address)
  const likeness = (address: string): number => {
    const at = address.split('.').findIndex((part, index) => part !== host.split('.')[index])
    return at === -1 ? 4 : at
  }
  return four.toSorted((a, b) => likeness(b) - likeness(a))[0] ?? host
}

/** The router to which packets for strangers go; `null` where that cannot be known. */
export function defaultGateway(): string | null {
  try {
    for (const line of readFileSync('/proc/net/route', 'utf8').split('\n').slice(1)) {
      const [, destination, gateway = ''] = line.split('\t')
      if (destination !== '00000000' || !/^[0-9A-F]{8}$/.test(gateway)) continue
      const bytes = [...Buffer.from(gateway, 'hex')].toReversed()
      if (bytes.some((byte) => byte !== 0)) return bytes.join('.')
    }
    return null
  } catch {
    // Not Linux: most routers have the first address of their network.
    const own = Object.values(networkInterfaces()).flatMap((all) => all ?? [])
    const first = own.find(({ family, internal }) => family === 'IPv4' && !internal)
    return first?.address.replace(/\.\d+$/, '.1') ?? null
  }
}

interface Question {
  /** `client`: our address on the way to the router. */
  readonly request: (client: string) => Uint8Array
  readonly read: (bytes: Uint8Array) => GatewayAnswer | null
}

/** Asks again and again, for a bounded time; only the router's own answers are heard. */
function ask(
  place: GatewayPlace,
  signal: AbortSignal,
  { request, read }: Question,
): Promise<GatewayAnswer | IoProblem> {
  return new Promise((decide) => {
    const socket = createSocket('udp4')
    let timer: ReturnType<typeof setTimeout> | undefined
    const end = (answer: GatewayAnswer | IoProblem): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      socket.removeAllListeners('message')
      socket.on('error', () => {})
      socket.close()
      decide(answer)
    }
    const onAbort = (): void => end(noAnswer(place.host))
    const onError = (error: Error): void =>
      end(networkProblem(error, `ask the router ${place.host}`))
    const send = (tries: number): void => {
      if (tries === TRIES) return end(noAnswer(place.host))
      socket.send(request(socket.address().address), (error) => {
        if (error !== null && tries === 0) onError(error)
      })
      timer = setTimeout(() => send(tries + 1), (place.firstTryMs ?? FIRST_TRY_MS) * 2 ** tries)
    }
    if (signal.aborted) return decide(noAnswer(place.host))
    signal.addEventListener('abort', onAbort)
    socket.once('error', onError)
    socket.on('message', (bytes) => {
      const answer = bytes.length > GATEWAY_MESSAGE_BYTES ? null : read(bytes)
      if (answer !== null) end(answer)
    })
    socket.connect(place.port, place.host, () => send(0))
  })
}

function mappedOf(answer: GatewayAnswer, { host }: GatewayPlace): Mapped | IoProblem {
  if (answer.kind === 'refused') return refusedBy(host, answer.reason)
  if (answer.kind === 'external') return noAnswer(host)
  const { externalPort, lifetimeS, address } = answer
  return { externalPort, lifetimeS, externalAddress: address }
}

function refusedBy(host: string, reason: string): IoProblem {
  return ioProblem(
    'not-allowed',
    `The router ${host} does not pass the port on: ${toDisplay(reason)}.`,
    'Allow it in the settings of the router, or pass the port on there by hand.',
  )
}

function noAnswer(host: string): IoProblem {
  return ioProblem(
    'timed-out',
    `The router ${host} does not answer.`,
    'Switch UPnP, NAT-PMP or PCP on in its settings, or pass the port on there by hand.',
  )
}

export const DEFAULT_GATEWAY_PORT: number = GATEWAY_PORT
