import { createSocket, type Socket } from 'node:dgram'
import { promises as dns } from 'node:dns'
import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import type { Address, DatagramOptions, DatagramPort, DatagramSocket } from '@pigeon/engine/ports'
import { type IoProblem, ioProblem, isIoProblem } from '@pigeon/engine/problem'
import { networkProblem } from './io-errors.ts'
import { GroupMember, groupPlaces } from './multicast.ts'
import { ANY_SOURCE, isWildcard, type SourceAddresses } from './source-addresses.ts'

/** Addresses of one name that are handed on. */
export const MAX_RESOLVED_ADDRESSES = 8
/** What the system keeps until we read or it sends; it gives less where it is told to. */
const BUFFER_BYTES = 2 * 1024 * 1024

/** UDP by node:dgram. Nothing it is given can make it throw. */
export function createDatagramPort(sources: SourceAddresses = ANY_SOURCE): DatagramPort {
  return {
    bind: async (address, receive, options = {}) => {
      const place = leavingFrom(address, sources, options)
      return isIoProblem(place) ? place : bind(place, receive, sources, options)
    },
    resolve: async (host) => nothingMayLeave(sources) ?? resolve(host),
  }
}

/** While no family has an address to leave from, the name server is not asked either. */
function nothingMayLeave(sources: SourceAddresses): IoProblem | null {
  const [four, six] = [sources.of(4), sources.of(6)]
  return isIoProblem(four) && isIoProblem(six) ? four : null
}

/** A socket for any address leaves from the one that the user chose. One of a group is told apart by its interfaces. */
function leavingFrom(
  address: Address,
  sources: SourceAddresses,
  { group }: DatagramOptions,
): Address | IoProblem {
  const source = sources.of(isIP(address.host) === 6 ? 6 : 4)
  if (isIoProblem(source)) return source
  if (source === null || group !== undefined || !isWildcard(address.host)) return address
  return { host: source, port: address.port }
}

function bind(
  address: Address,
  receive: (bytes: Uint8Array, from: Address) => void,
  sources: SourceAddresses,
  { group }: DatagramOptions,
): Promise<DatagramSocket | IoProblem> {
  return new Promise((decide) => {
    const family = isIP(address.host)
    // Node would take a port past the last one as another port.
    const isPort = Number.isInteger(address.port) && address.port >= 0 && address.port <= 65_535
    if (family === 0 || !isPort) {
      decide(networkProblem('EINVAL', `open a UDP socket at ${address.host}, port ${address.port}`))
      return
    }
    const options = {
      lookup: numericOnly,
      recvBufferSize: BUFFER_BYTES,
      sendBufferSize: BUFFER_BYTES,
      reuseAddr: group !== undefined,
    }
    const socket = createSocket(
      family === 6 ? { type: 'udp6', ipv6Only: true, ...options } : { type: 'udp4', ...options },
    )
    socket.on('message', (bytes, from) => receive(bytes, fromAddress(from)))
    const refuse = (error: Error): void => {
      closeQuietly(socket)
      decide(networkProblem(error, `open a UDP socket at ${address.host}, port ${address.port}`))
    }
    socket.once('error', refuse)
    try {
      socket.bind({ address: address.host, port: address.port }, () => {
        socket.off('error', refuse)
        // What the network reports later (an ICMP error) belongs to a datagram that is best effort anyway.
        socket.on('error', () => {})
        const bound = new NodeDatagramSocket(socket, family === 6 ? 6 : 4)
        const problem = group === undefined ? null : bound.join(group, sources)
        if (problem !== null) bound.close()
        decide(problem ?? bound)
      })
    } catch (error) {
      refuse(error instanceof Error ? error : new Error(String(error)))
    }
  })
}

async function resolve(host: string): Promise<readonly string[] | IoProblem> {
  if (isIP(host) !== 0) return [host]
  try {
    const found = await dns.lookup(host, { all: true, order: 'verbatim' })
    const addresses = [...new Set(found.map((entry) => entry.address))]
    if (addresses.length > 0) return bothFamilies(addresses)
  } catch {
    // Falls through: a name that cannot be looked up has no address for us.
  }
  return ioProblem(
    'name-not-found',
    `The name ${host} has no address.`,
    'Check the spelling of the name and the connection to the name server.',
  )
}

/** A name with many addresses of one family must not hide the other. */
function bothFamilies(addresses: readonly string[]): readonly string[] {
  const four = addresses.filter((address) => isIP(address) === 4)
  const six = addresses.filter((address) => isIP(address) === 6)
  const fourCount = Math.min(four.length, Math.max(4, MAX_RESOLVED_ADDRESSES - six.length))
  return [...four.slice(0, fourCount), ...six.slice(0, MAX_RESOLVED_ADDRESSES - fourCount)]
}

class NodeDatagramSocket implements DatagramSocket {
  readonly address: Address
  readonly #socket: Socket
  readonly #family: 4 | 6
  #isClosed = false
  #member: GroupMember | null = null
  /** The last host that was sent to, of our family: mostly the next one, too. */
  #lastHost = ''

  constructor(socket: Socket, family: 4 | 6) {
    this.#socket = socket
    this.#family = family
    const { address, port } = socket.address()
    this.address = { host: address, port }
  }

  join(group: string, sources: SourceAddresses): IoProblem | null {
    const places = (): readonly string[] => groupPlaces(this.#family, sources, networkInterfaces())
    this.#member = new GroupMember(this.#socket, group, places)
    return this.#member.join()
  }

  send(bytes: Uint8Array, to: Address): void {
    const isPort = Number.isInteger(to.port) && to.port >= 1 && to.port <= 65_535
    if (this.#isClosed || !isPort || !this.#isOurFamily(to.host)) return
    if (this.#member?.isGroup(to.host) === true) return this.#member.send(bytes, to.port)
    try {
      this.#socket.send(bytes, to.port, to.host)
    } catch {
      // Best effort: a datagram that cannot be sent counts as lost.
    }
  }

  #isOurFamily(host: string): boolean {
    if (host === this.#lastHost && host !== '') return true
    if (isIP(host) !== this.#family) return false
    this.#lastHost = host
    return true
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    closeQuietly(this.#socket)
  }
}

function fromAddress(from: { readonly address: string; readonly port: number }): Address {
  // A link-local source carries its interface behind a percent sign.
  const at = from.address.indexOf('%')
  return { host: at === -1 ? from.address : from.address.slice(0, at), port: from.port }
}

/** Every host is an address already: asking the system for it would put each datagram off. */
function numericOnly(
  host: string,
  _: unknown,
  found: (error: null, address: string, family: number) => void,
): void {
  found(null, host, isIP(host))
}

function closeQuietly(socket: Socket): void {
  try {
    socket.close()
  } catch {
    // It was closed already.
  }
}
