/** Addresses of one run: all lie in 10.77.0.0/16, which the namespace's loopback device owns. */
export interface Endpoint {
  readonly host: string
  readonly port: number
}

export const TRACKER_HOST = '10.77.0.1'

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

export function formatEndpoint(endpoint: Endpoint): string {
  return `${endpoint.host}:${endpoint.port}`
}

/** Six bytes as trackers send them. Spec: BEP 23. */
export function compactPeer(endpoint: Endpoint): Buffer {
  const bytes = Buffer.alloc(6)
  for (const [at, part] of endpoint.host.split('.').entries()) bytes[at] = Number(part)
  bytes.writeUInt16BE(endpoint.port, 4)
  return bytes
}
