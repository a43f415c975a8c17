/** Watches what a session does with the network: which calls it makes, and which bytes it writes. */
import type { PeerSocket, Ports } from '@pigeon/engine/ports'

export class PortCalls {
  /** In their order, such as `listen 10.0.0.1:6881`. */
  readonly calls: string[] = []
  /** What each stream carried, both directions apart. */
  readonly written: Uint8Array[][] = []

  readonly wrap = (ports: Ports): Ports => ({
    ...ports,
    network: {
      dial: (address, handlers) => {
        this.calls.push(`dial ${address.host}:${address.port}`)
        return ports.network.dial(address, {
          ...handlers,
          opened: (socket) => handlers.opened(this.#tap(socket)),
        })
      },
      listen: (address, accept) => {
        this.calls.push(`listen ${address.host}:${address.port}`)
        return ports.network.listen(address, (socket) => accept(this.#tap(socket)))
      },
    },
    datagrams: {
      bind: (address, receive, options) => {
        this.calls.push(`bind ${address.host}:${address.port}`)
        return ports.datagrams.bind(address, receive, options)
      },
      resolve: (host) => {
        this.calls.push(`resolve ${host}`)
        return ports.datagrams.resolve(host)
      },
    },
    portMapping: {
      map: () => {
        this.calls.push('map')
        return { close: () => Promise.resolve() }
      },
    },
  })

  /** Whether these bytes went over any stream, in whatever pieces. */
  hasWritten(bytes: Buffer): boolean {
    return this.written.some((chunks) => Buffer.concat(chunks).includes(bytes))
  }

  #tap(socket: PeerSocket): PeerSocket {
    const chunks: Uint8Array[] = []
    this.written.push(chunks)
    const write = socket.write.bind(socket)
    socket.write = (parts) => {
      for (const part of parts) chunks.push(part.slice())
      return write(parts)
    }
    return socket
  }
}
