/** Where peers reach us: one port number for TCP and UDP, and the next one where it is taken. */
import type { Address, Listener, NetworkPort, PeerSocket } from '../ports.ts'
import { type IoProblem, isIoProblem } from '../problem.ts'
import type { EngineSettings } from '../settings.ts'
import type { UdpSockets } from './udp-sockets.ts'

export interface ListenWish {
  readonly network: Pick<NetworkPort, 'listen'>
  readonly hub: UdpSockets
  readonly settings: Pick<EngineSettings, 'listen' | 'listenPortTries' | 'isProxied'>
  readonly accept: (socket: PeerSocket) => void
}

/** Listens for nobody, and still asks trackers and the DHT over UDP. */
const ANY_ADDRESS: Address = { host: '::', port: 0 }

/** Behind a proxy nothing is opened at all. The problem is that of the first port. */
export async function openListening(wish: ListenWish): Promise<Listener | IoProblem | null> {
  const { listen, isProxied } = wish.settings
  if (isProxied) return null
  if (listen === null) {
    await wish.hub.open(ANY_ADDRESS)
    return null
  }
  return (await openPair(wish, listen)) ?? openApart(wish, listen)
}

/** The first port that is free for both; `null` when there is none. */
async function openPair(wish: ListenWish, wanted: Address): Promise<Listener | IoProblem | null> {
  for (const port of portsFrom(wanted.port, wish.settings.listenPortTries)) {
    const listener = await wish.network.listen({ host: wanted.host, port }, wish.accept)
    if (isIoProblem(listener)) {
      if (isTaken(listener)) continue
      return listener
    }
    const problem = await wish.hub.open({ host: wanted.host, port: listener.address.port })
    if (problem === null || !isTaken(problem)) return listener
    await listener.close()
  }
  return null
}

/** UDP at a port of its own rather than not at all. */
async function openApart(wish: ListenWish, wanted: Address): Promise<Listener | IoProblem> {
  let first: IoProblem | null = null
  for (const port of portsFrom(wanted.port, wish.settings.listenPortTries)) {
    const listener = await wish.network.listen({ host: wanted.host, port }, wish.accept)
    if (isIoProblem(listener)) {
      first ??= listener
      continue
    }
    await wish.hub.open({ host: wanted.host, port: 0 })
    return listener
  }
  // At least one port was tried, for `portsFrom` never answers none.
  return first ?? wish.network.listen(wanted, wish.accept)
}

/** With port 0 the system chooses, and chooses again where its choice is not free for UDP too. */
function portsFrom(port: number, tries: number): readonly number[] {
  const count = Math.max(0, tries) + 1
  const ports = Array.from({ length: count }, (_, step) => (port === 0 ? 0 : port + step))
  return ports.filter((each) => each <= 65_535)
}

function isTaken({ code }: IoProblem): boolean {
  return code === 'address-in-use' || code === 'no-permission'
}
