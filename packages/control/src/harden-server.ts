/** Bounds that keep an HTTP server usable while somebody is slow or greedy on purpose. */
import type { Server, ServerOptions } from 'node:http'

export const HEADER_BYTES = 8 * 1024
export const HEADERS_MS = 5_000
export const REQUEST_MS = 30_000
export const IDLE_MS = 5_000
export const CONNECTIONS = 64
/** Connections of one address; all programs of this machine share theirs, so loopback may use all of them. */
export const CONNECTIONS_PER_ADDRESS = 8

/** To be handed to `createServer`: bounds that cannot be set later. */
export const HARD_SERVER_OPTIONS: ServerOptions = {
  maxHeaderSize: HEADER_BYTES,
  headersTimeout: HEADERS_MS,
  requestTimeout: REQUEST_MS,
  keepAliveTimeout: IDLE_MS,
  // How often Node looks for requests that are late: its own 30 s would make the 5 s above meaningless.
  connectionsCheckingInterval: 1_000,
}

/** Sets all other bounds. The server must have been made with `HARD_SERVER_OPTIONS`. */
export function hardenServer(server: Server): void {
  const open = new Map<string, number>()
  server.maxConnections = CONNECTIONS
  server.maxHeadersCount = 100
  server.on('connection', (socket) => {
    // A unix socket has none: its callers are as local as those of loopback.
    const address = socket.remoteAddress ?? '127.0.0.1'
    const count = (open.get(address) ?? 0) + 1
    if (count > CONNECTIONS_PER_ADDRESS && !isLoopback(address)) {
      socket.destroy()
      return
    }
    open.set(address, count)
    socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1
      if (left === 0) open.delete(address)
      else open.set(address, left)
    })
  })
}

/** Whether a numeric address is this machine itself. */
export function isLoopback(address: string): boolean {
  const v4 = address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address
  return address === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(v4)
}
