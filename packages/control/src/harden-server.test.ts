import { EventEmitter, once } from 'node:events'
import { createServer } from 'node:http'
import { connect, Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import {
  CONNECTIONS,
  CONNECTIONS_PER_ADDRESS,
  HARD_SERVER_OPTIONS,
  hardenServer,
  isLoopback,
} from './harden-server.ts'

const server = createServer(HARD_SERVER_OPTIONS)
hardenServer(server)
const sockets: Socket[] = []

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy()
  server.close()
})

/** A connection as the server sees it, from anywhere. */
class Arrival extends EventEmitter {
  readonly remoteAddress: string | undefined
  isDropped = false

  constructor(remoteAddress: string | undefined) {
    super()
    this.remoteAddress = remoteAddress
  }

  destroy(): void {
    this.isDropped = true
  }
}

function arrive(address: string | undefined): Arrival {
  const arrival = new Arrival(address)
  // Only what a hardened server looks at is there.
  const [listener] = server.listeners('connection').slice(-1)
  listener?.call(server, arrival)
  return arrival
}

describe('a hardened server', () => {
  it('takes so many connections of one address, and more when one has ended', () => {
    const arrivals = Array.from({ length: CONNECTIONS_PER_ADDRESS }, () => arrive('192.0.2.1'))
    expect(arrivals.some((each) => each.isDropped)).toBe(false)
    expect(arrive('192.0.2.1').isDropped).toBe(true)
    expect(arrive('192.0.2.2').isDropped).toBe(false)
    arrivals[0]?.emit('close')
    expect(arrive('192.0.2.1').isDropped).toBe(false)
    expect(arrive('192.0.2.1').isDropped).toBe(true)
  })

  it('counts nobody at a unix socket: who reaches it is of this machine', () => {
    const arrivals = Array.from({ length: CONNECTIONS_PER_ADDRESS + 1 }, () => arrive(undefined))
    expect(arrivals.some((each) => each.isDropped)).toBe(false)
  })

  it('lets the programs of this machine share all connections, and drops the next', async () => {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const dropped = once(server, 'drop')
    let taken = 0
    server.on('connection', () => {
      taken += 1
    })
    for (let count = 0; count <= CONNECTIONS; count += 1) {
      const socket = connect(port, '127.0.0.1')
      socket.on('error', () => {})
      sockets.push(socket)
      await once(socket, 'connect')
    }
    await dropped
    expect(taken).toBe(CONNECTIONS)
  })

  it('looks for late requests often enough to end them in time', () => {
    expect(server.headersTimeout).toBe(5_000)
    expect(server.requestTimeout).toBe(30_000)
    expect(HARD_SERVER_OPTIONS.connectionsCheckingInterval).toBeLessThan(5_000)
  })
})

describe('loopback', () => {
  it.each(['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'])('is %s', (address) => {
    expect(isLoopback(address)).toBe(true)
  })

  it.each(['0.0.0.0', '::', '128.0.0.1', '10.0.0.1', '::2', '127.0.0.1.evil.example', ''])(
    'is not %j',
    (address) => {
      expect(isLoopback(address)).toBe(false)
    },
  )
})
