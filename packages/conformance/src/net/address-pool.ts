/** Addresses of one run: all lie in 10.77.0.0/16 and fd77::/64, which the namespace's loopback device owns. */
export interface Endpoint {
  readonly host: string
  readonly port: number
}

export const TRACKER_HOST = '10.77.0.1'
export const TRACKER_HOST6 = 'fd77::1'

/** Clients from 10.77.1.1, relays from 10.77.128.1: a capture shows at once which is which. */
const CLIENT_BLOCK = 1
const RELAY_BLOCK = 128
const HOSTS_PER_BLOCK = 250
const MAX_CLIENTS = (RELAY_BLOCK - CLIENT_BLOCK) * HOSTS_PER_BLOCK
const FIRST_PORT = 20_000

/** Hands out endpoints that are used once: no client meets a ban that another one earned. */
export class AddressPool {
  #clients = 0
  #relays = 0

  client(): Endpoint {
    const at = this.#clients
    if (at >= MAX_CLIENTS) throw new Error(`no more than ${MAX_CLIENTS} clients in one run`)
    this.#clients += 1
    return { host: hostOf(CLIENT_BLOCK, at), port: FIRST_PORT + at }
  }

  client6(): Endpoint {
    const { port } = this.client()
    return { host: `fd77::1:${port.toString(16)}`, port }
  }

  relay6(port: number): Endpoint {
    this.#relays += 1
    return { host: `fd77::2:${this.#relays.toString(16)}`, port }
  }

  /** The port is the target's own: clients tell it each other (BEP 10 `p`) and dial that port of this host later. */
  relay(port: number): Endpoint {
    const at = this.#relays
    if (at >= MAX_CLIENTS) throw new Error(`no more than ${MAX_CLIENTS} relays in one run`)
    this.#relays += 1
    return { host: hostOf(RELAY_BLOCK, at), port }
  }
}

function hostOf(firstBlock: number, at: number): string {
  return `10.77.${firstBlock + Math.floor(at / HOSTS_PER_BLOCK)}.${1 + (at % HOSTS_PER_BLOCK)}`
}

export function formatEndpoint({ host, port }: Endpoint): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** Six bytes as trackers send them, or eighteen. Spec: BEP 23, BEP 7. */
export function compactPeer(endpoint: Endpoint): Buffer {
  if (endpoint.host.includes(':')) return compactPeer6(endpoint)
  const bytes = Buffer.alloc(6)
  for (const [at, part] of endpoint.host.split('.').entries()) bytes[at] = Number(part)
  bytes.writeUInt16BE(endpoint.port, 4)
  return bytes
}

function compactPeer6({ host, port }: Endpoint): Buffer {
  const [head = '', tail = ''] = host.split('::')
  const words = (part: string): string[] => part.split(':').filter((word) => word !== '')
  const bytes = Buffer.alloc(18)
  for (const [at, word] of words(head).entries())
    bytes.writeUInt16BE(Number.parseInt(word, 16), at * 2)
  const last = words(tail)
  for (const [at, word] of last.entries())
    bytes.writeUInt16BE(Number.parseInt(word, 16), (8 - last.length + at) * 2)
  bytes.writeUInt16BE(port, 16)
  return bytes
}
