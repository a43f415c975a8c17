import { describe, expect, test } from 'vitest'
import type { Address, ClockPort, PeerSocket } from '../ports.ts'
import type { IoProblem } from '../problem.ts'
import type { DatagramHandler, UdpHub } from './udp-hub.ts'
import { UtpTransport } from './utp-transport.ts'

/** Hosts whose datagrams arrive after a millisecond of a time that is not real. */
class Net {
  nowMs = 1000
  isCut = false
  readonly #handlers = new Map<string, DatagramHandler>()
  #events: { readonly atMs: number; readonly run: () => void; isCancelled: boolean }[] = []

  readonly clock: ClockPort = {
    nowMs: () => this.nowMs,
    wallMs: () => this.nowMs,
    localTime: () => ({ weekday: 'mon', minute: 0 }),
    after: (delayMs, run) => {
      const event = { atMs: this.nowMs + Math.max(0, delayMs), run, isCancelled: false }
      this.#events.push(event)
      return () => {
        event.isCancelled = true
      }
    },
  }

  host(host: string): UtpTransport {
    const address: Address = { host, port: 6881 }
    const hub: UdpHub = {
      local: [address],
      send: (bytes, to) => {
        const copy = bytes.slice()
        if (this.isCut) return
        this.clock.after(1, () => this.#handlers.get(to.host)?.(copy, address))
      },
      handle: (_, handler) => this.#handlers.set(host, handler),
    }
    let state = host.length
    const int = (below: number): number => (state = (state * 16_807) % 2_147_483_647) % below
    const random = { int, bytes: (lengthBytes: number) => new Uint8Array(lengthBytes) }
    return new UtpTransport({ hub, clock: this.clock, random })
  }

  run(lengthMs: number): void {
    const endMs = this.nowMs + lengthMs
    for (;;) {
      this.#events = this.#events.filter(({ isCancelled }) => !isCancelled)
      const next = this.#events.toSorted((a, b) => a.atMs - b.atMs)[0]
      if (next === undefined || next.atMs > endMs) break
      this.#events.splice(this.#events.indexOf(next), 1)
      this.nowMs = next.atMs
      next.run()
    }
    this.nowMs = endMs
  }
}

/** A socket with what happened to it. */
interface End {
  readonly socket: PeerSocket
  received: number
  closed: (IoProblem | null)[]
  drains: number
}

function watched(socket: PeerSocket): End {
  const end: End = { socket, received: 0, closed: [], drains: 0 }
  socket.onBytes = (bytes) => (end.received += bytes.length)
  socket.onClosed = (problem) => end.closed.push(problem)
  socket.onDrained = () => (end.drains += 1)
  return end
}

function joined(): { net: Net; a: UtpTransport; b: UtpTransport; here: End; there: End } {
  const net = new Net()
  const a = net.host('10.0.0.1')
  const b = net.host('10.0.0.22')
  const ends: End[] = []
  b.accept((socket) => ends.push(watched(socket)))
  a.dial(
    { host: '10.0.0.22', port: 6881 },
    { opened: (socket) => ends.unshift(watched(socket)), failed: ({ message }) => fail(message) },
  )
  net.run(50)
  const [here, there] = ends
  if (here === undefined || there === undefined) throw new Error('not joined')
  return { net, a, b, here, there }
}

function fail(message: string): never {
  throw new Error(message)
}

describe('a socket over uTP', () => {
  test('opens on both sides, says what it is, and carries bytes', () => {
    const { net, here, there } = joined()
    expect(here.socket).toMatchObject({ transport: 'utp', remote: { host: '10.0.0.22' } })
    expect(there.socket).toMatchObject({ transport: 'utp', remote: { host: '10.0.0.1' } })
    here.socket.write([new Uint8Array(100_000), new Uint8Array(5)])
    there.socket.write([new Uint8Array(7)])
    net.run(1000)
    expect([here.received, there.received]).toEqual([7, 100_005])
  })

  test('tells that it drained after the write, never during it', () => {
    const { net, here } = joined()
    let isWriting = false
    let drainedDuring = false
    here.socket.onDrained = () => (drainedDuring ||= isWriting)
    for (let i = 0; i < 20; i++) {
      isWriting = true
      here.socket.write([new Uint8Array(200_000)])
      isWriting = false
      net.run(20)
    }
    expect(drainedDuring).toBe(false)
  })

  test('counts what it has queued, and drains', () => {
    const { net, here } = joined()
    const queued = here.socket.write([new Uint8Array(3_000_000)])
    expect(queued).toBeGreaterThan(2_900_000)
    expect(here.socket.queuedBytes).toBe(queued)
    net.run(5000)
    expect(here.socket.queuedBytes).toBe(0)
    expect(here.drains).toBe(1)
  })

  test('stops the other while it is paused, and loses nothing', () => {
    const { net, here, there } = joined()
    there.socket.pause()
    here.socket.write([new Uint8Array(5_000_000)])
    net.run(5000)
    expect(there.received).toBe(0)
    expect(here.socket.queuedBytes).toBeGreaterThan(3_000_000)
    there.socket.resume()
    net.run(20_000)
    expect(there.received).toBe(5_000_000)
  })

  test('that pauses within a call gets the rest after it resumes', () => {
    const { net, here, there } = joined()
    const sizes: number[] = []
    there.socket.onBytes = (bytes) => {
      sizes.push(bytes.length)
      there.socket.pause()
    }
    here.socket.write([new Uint8Array(50_000)])
    net.run(1000)
    expect(sizes).toHaveLength(1)
    for (let i = 0; i < 100; i++) {
      there.socket.resume()
      net.run(100)
    }
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(50_000)
  })

  test('that closes sends what is queued first, and the other hears an orderly end', () => {
    const { net, a, b, here, there } = joined()
    here.socket.write([new Uint8Array(2_000_000)])
    here.socket.close()
    net.run(5000)
    expect(there.received).toBe(2_000_000)
    expect(there.closed).toEqual([null])
    expect(here.closed).toEqual([null])
    net.run(60_000)
    expect([a.connectionCount, b.connectionCount]).toEqual([0, 0])
  })

  test('hears of it when the other is gone for good', () => {
    const { net, here } = joined()
    net.isCut = true
    here.socket.write([new Uint8Array(10)])
    net.run(200_000)
    expect(here.closed).toMatchObject([{ code: 'timed-out' }])
  })

  test('is told once that everything ends', () => {
    const { net, a, here, there } = joined()
    a.close()
    net.run(1000)
    expect(here.closed).toMatchObject([{ code: 'closed' }])
    expect(there.closed).toMatchObject([{ code: 'reset' }])
  })
})

describe('a dial', () => {
  interface Dialled {
    readonly failures: string[]
    opened: number
    cancel: () => void
  }

  function dialOf(from: UtpTransport, host: string): Dialled {
    const seen: Dialled = { failures: [], opened: 0, cancel: () => {} }
    const handlers = {
      opened: () => {
        seen.opened += 1
      },
      failed: ({ code }: IoProblem) => {
        seen.failures.push(code)
      },
    }
    seen.cancel = () => dialling.cancel()
    const dialling = from.dial({ host, port: 6881 }, handlers)
    return seen
  }

  test('of nobody times out', () => {
    const net = new Net()
    const seen = dialOf(net.host('10.0.0.1'), '10.0.0.9')
    net.run(20_000)
    expect(seen).toMatchObject({ failures: ['timed-out'], opened: 0 })
  })

  test('that is cancelled fails once, and opens no more', () => {
    const net = new Net()
    const a = net.host('10.0.0.1')
    net.host('10.0.0.22').accept(watched)
    const atOnce = dialOf(a, '10.0.0.22')
    atOnce.cancel()
    const later = dialOf(a, '10.0.0.22')
    net.run(0.5)
    later.cancel()
    later.cancel()
    net.run(60_000)
    for (const seen of [atOnce, later]) {
      expect(seen).toMatchObject({ failures: ['closed'], opened: 0 })
    }
    expect(a.connectionCount).toBe(0)
  })

  test('of a family that we have no socket for fails', () => {
    const net = new Net()
    const seen = dialOf(net.host('10.0.0.1'), '2001:db8::1')
    net.run(1)
    expect(seen.failures).toEqual(['address-unavailable'])
  })

  test('of somebody who takes no one in times out', () => {
    const net = new Net()
    net.host('10.0.0.22')
    const seen = dialOf(net.host('10.0.0.1'), '10.0.0.22')
    net.run(20_000)
    expect(seen.failures).toEqual(['timed-out'])
  })
})
