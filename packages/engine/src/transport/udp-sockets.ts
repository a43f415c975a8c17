/**
 * The hub's body: at most one socket a family, opened and closed as settings want it. While it is closed nothing goes
 * out; whoever holds the hub need not know.
 */
import type { Address, DatagramPort, DatagramSocket } from '../ports.ts'
import { type IoProblem, isIoProblem } from '../problem.ts'
import type { DatagramHandler, DatagramKind, UdpHub } from './udp-hub.ts'

type Family = 4 | 6

export class UdpSockets implements UdpHub {
  readonly #datagrams: Pick<DatagramPort, 'bind'>
  readonly #sockets = new Map<Family, DatagramSocket>()
  readonly #handlers = new Map<DatagramKind, DatagramHandler>()
  readonly #isBlocked: (host: string) => boolean

  /** `isBlocked`: hosts with which nothing is exchanged. */
  constructor(
    datagrams: Pick<DatagramPort, 'bind'>,
    isBlocked: (host: string) => boolean = () => false,
  ) {
    this.#datagrams = datagrams
    this.#isBlocked = isBlocked
  }

  get local(): readonly Address[] {
    return [...this.#sockets.values()].map(({ address }) => address)
  }

  /**
   * Opens a socket at `host`, or for `::` one a family at the same port; what was open is closed. IPv6 that a machine
   * does not have is no problem.
   */
  async open({ host, port }: Address): Promise<IoProblem | null> {
    this.close()
    if (host !== '::') return this.#bind(host.includes(':') ? 6 : 4, { host, port })
    const problem = await this.#bind(4, { host: '0.0.0.0', port })
    if (problem !== null) return problem
    const bound = this.#sockets.get(4)?.address.port ?? port
    const second = await this.#bind(6, { host: '::', port: bound })
    if (second?.code !== 'address-in-use') return null
    this.close()
    return second
  }

  close(): void {
    for (const socket of this.#sockets.values()) socket.close()
    this.#sockets.clear()
  }

  send(bytes: Uint8Array, to: Address): void {
    if (!this.#isBlocked(to.host)) this.#sockets.get(familyOf(to.host))?.send(bytes, to)
  }

  handle(kind: DatagramKind, handler: DatagramHandler): void {
    this.#handlers.set(kind, handler)
  }

  async #bind(family: Family, address: Address): Promise<IoProblem | null> {
    const socket = await this.#datagrams.bind(address, (bytes, from) => this.#receive(bytes, from))
    if (isIoProblem(socket)) return socket
    this.#sockets.set(family, socket)
    return null
  }

  #receive(bytes: Uint8Array, from: Address): void {
    const kind = kindOf(bytes)
    if (kind !== null && !this.#isBlocked(from.host)) this.#handlers.get(kind)?.(bytes, from)
  }
}

const KRPC_FIRST = 0x64
const UTP_HEADER_BYTES = 20
const UTP_VERSION = 1
const UTP_LAST_TYPE = 4
/** The shortest answer of a tracker: action and transaction id. */
const TRACKER_LEAST_BYTES = 8

/** An answer of a UDP tracker begins with its action, 0 to 3 in 32 bits; `null` for what none of the three sends. */
export function kindOf(bytes: Uint8Array): DatagramKind | null {
  const first = bytes[0]
  if (first === undefined) return null
  if (first === KRPC_FIRST) return 'dht'
  if ((first & 0x0f) === UTP_VERSION && first >> 4 <= UTP_LAST_TYPE)
    return bytes.length >= UTP_HEADER_BYTES ? 'utp' : null
  return first === 0 && bytes.length >= TRACKER_LEAST_BYTES ? 'tracker' : null
}

function familyOf(host: string): Family {
  return host.includes(':') ? 6 : 4
}
