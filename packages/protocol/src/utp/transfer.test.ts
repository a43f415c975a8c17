import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { decodeUtpPacket } from '../bep/0029-packet.ts'
import { type Path, type UtpStream, UtpWorld } from '../testing/utp-world.ts'
import { MAX_DATAGRAM_BYTES, SAFE_DATAGRAM_BYTES } from './mtu-search.ts'

// Much is simulated, and the machine may be busy.
vi.setConfig({ testTimeout: 60_000 })

const MIB = 1024 * 1024
const HOUR_MS = 3_600_000

interface Exchange {
  readonly world: UtpWorld
  readonly dialler: UtpStream
  readonly accepter: UtpStream
}

/** Both sides connect on a good line, send and end on a bad one; runs until both have heard all of it. */
function exchange(
  seed: number,
  path: Partial<Path>,
  forthBytes: number,
  backBytes: number,
): Exchange {
  const world = new UtpWorld(seed)
  const a = world.host('10.0.0.1')
  const b = world.host('10.0.0.2')
  const dialler = a.connect(b)
  world.run(1000, () => b.accepted.length > 0)
  Object.assign(world.path, path)
  b.accepted[0]?.send(backBytes, true)
  dialler.send(forthBytes, true)
  const isOver = (): boolean =>
    dialler.closedFor !== null && (b.accepted[0]?.closedFor ?? null) !== null
  world.run(HOUR_MS, isOver)
  const accepter = b.accepted[0]
  if (accepter === undefined) throw new Error('never accepted')
  return { world, dialler, accepter }
}

function expectWhole({ dialler, accepter }: Exchange, forthBytes: number, backBytes: number): void {
  expect(accepter).toMatchObject({ receivedBytes: forthBytes, isExact: true, isEnded: true })
  expect(dialler).toMatchObject({ receivedBytes: backBytes, isExact: true, isEnded: true })
  // Where all last acks are lost, one side can only hear that the other has gone; never both.
  expect([dialler.closedFor, accepter.closedFor]).toContain('done')
}

test('a stream arrives whole and once, whatever is lost, repeated and overtaken on the way', () => {
  const path = fc.record({
    delayMs: fc.integer({ min: 0, max: 200 }),
    jitterMs: fc.integer({ min: 0, max: 100 }),
    loss: fc.constantFrom(0, 0.01, 0.1, 0.3),
    duplicates: fc.constantFrom(0, 0.1, 0.5),
    mtuBytes: fc.integer({ min: SAFE_DATAGRAM_BYTES, max: 2000 }),
  })
  const lengthBytes = fc.integer({ min: 0, max: 200_000 })
  fc.assert(
    fc.property(fc.nat(), path, lengthBytes, lengthBytes, (seed, bad, forth, back) => {
      expectWhole(exchange(seed, bad, forth, back), forth, back)
    }),
    { numRuns: 60 },
  )
})

test('2 MiB each way pass through 30 % loss, reordering and duplication', () => {
  const path = { delayMs: 25, jitterMs: 20, loss: 0.3, duplicates: 0.1 }
  expectWhole(exchange(1, path, 2 * MIB, 2 * MIB), 2 * MIB, 2 * MIB)
})

test('the numbers wrap in a transfer of 100 MB', () => {
  const lengthBytes = 100_000_000
  const whole = exchange(2, { delayMs: 1 }, lengthBytes, 10)
  expectWhole(whole, lengthBytes, 10)
  expect(whole.dialler.host.sentDatagrams).toBeGreaterThan(65_536)
})

test('a good line is filled within a few round trips', () => {
  const { world, dialler } = exchange(3, { delayMs: 5 }, 8 * MIB, 0)
  // Of a window of 1 MiB and 10 ms there and back, 8 MiB take 80 ms.
  expect(world.nowMs - 1000).toBeLessThan(300)
  expect(dialler.host.sentDatagrams).toBeLessThan(1.1 * Math.ceil((8 * MIB) / SAFE_DATAGRAM_BYTES))
})

test('few packets are sent more than once for nothing', () => {
  const { dialler } = exchange(4, { delayMs: 20, loss: 0.02 }, 4 * MIB, 0)
  const needed = (4 * MIB) / (MAX_DATAGRAM_BYTES - 20)
  expect(dialler.host.sentDatagrams).toBeLessThan(1.06 * needed)
})

describe('the size of datagrams', () => {
  function longest(mtuBytes: number, host = '10.0.0.1'): number {
    const world = new UtpWorld(5, { mtuBytes })
    const a = world.host(host)
    const b = world.host(host === '10.0.0.1' ? '10.0.0.2' : '127.0.0.2')
    let bytes = 0
    world.tap = (datagram, from) => {
      // What is found to be too long is not sent again and again.
      if (from.host === host) bytes = datagram.length
      return true
    }
    const stream = a.connect(b)
    stream.send(4 * MIB)
    world.run(60_000, () => b.accepted[0]?.receivedBytes === 4 * MIB)
    expect(b.accepted[0]).toMatchObject({ receivedBytes: 4 * MIB, isExact: true })
    let most = 0
    world.tap = (datagram) => {
      most = Math.max(most, datagram.length)
      return true
    }
    stream.send(MIB)
    world.run(60_000)
    expect(bytes).toBeGreaterThan(0)
    return most
  }

  test.each([
    [1500, MAX_DATAGRAM_BYTES],
    [MAX_DATAGRAM_BYTES, MAX_DATAGRAM_BYTES],
    [1400, 1400],
    [1300, 1300],
    [SAFE_DATAGRAM_BYTES, SAFE_DATAGRAM_BYTES],
  ])('a path that carries %i bytes gets datagrams of nearly %i', (mtuBytes, expected) => {
    const found = longest(mtuBytes)
    expect(found).toBeLessThanOrEqual(expected)
    expect(found).toBeGreaterThan(expected - 20)
  })

  test('a datagram that is too long cuts nothing, and its bytes go again at once in a shorter one', () => {
    const { world, dialler } = exchange(6, { delayMs: 50, mtuBytes: 1300 }, 4 * MIB, 0)
    const good = exchange(6, { delayMs: 50 }, 4 * MIB, 0)
    expect(world.nowMs).toBeLessThan(1.3 * good.world.nowMs)
    expect(dialler.host.sentDatagrams).toBeLessThan(1.02 * ((4 * MIB) / (1270 - 20)))
  })

  test('a cap is never passed', () => {
    const world = new UtpWorld(7)
    const a = world.host('10.0.0.1', { maxDatagramBytes: 600 })
    const b = world.host('10.0.0.2')
    let most = 0
    world.tap = (datagram) => {
      most = Math.max(most, datagram.length)
      return true
    }
    a.connect(b).send(MIB)
    world.run(60_000, () => b.accepted[0]?.receivedBytes === MIB)
    expect(most).toBe(600)
  })
})

describe('what a hostile network does', () => {
  test('strangers who guess cannot end a transfer or put bytes into it', () => {
    const world = new UtpWorld(8, { delayMs: 10 })
    const a = world.host('10.0.0.1')
    const b = world.host('10.0.0.2')
    let last: Uint8Array | null = null
    world.tap = (datagram, from) => {
      if (from.host === '10.0.0.1' && datagram.length > 100) last = datagram.slice()
      return true
    }
    const stream = a.connect(b)
    stream.send(MIB)
    for (let n = 0; n < 200; n++) {
      world.run(1)
      if (last === null) continue
      // Knows addresses and ids, and guesses the numbers.
      const forged: Uint8Array = Uint8Array.from(last)
      forged[0] = n % 2 === 0 ? 0x31 : 0x01
      forged.set([world.random(256), world.random(256)], 16)
      forged.set([world.random(256), world.random(256)], 18)
      forged.fill(0xee, 20)
      const packet = decodeUtpPacket(forged)
      expect(typeof packet).toBe('object')
      // What falls into the window by luck is left to those who can see the packets.
      if (n % 2 === 0) b.receive(forged, a.address)
    }
    world.run(60_000, () => b.accepted[0]?.receivedBytes === MIB)
    expect(b.accepted[0]).toMatchObject({ receivedBytes: MIB, isExact: true, closedFor: null })
  })

  test('a receiver that acks ahead of what came gains nothing: the connection ends', () => {
    const world = new UtpWorld(9, { delayMs: 10 })
    const a = world.host('10.0.0.1')
    const b = world.host('10.0.0.2')
    world.tap = (datagram, from) => {
      if (from.host === b.address.host && b.accepted[0] !== undefined) {
        const ackNr = (datagram[18] ?? 0) * 256 + (datagram[19] ?? 0) + 64
        datagram[18] = (ackNr >> 8) & 0xff
        datagram[19] = ackNr & 0xff
      }
      return true
    }
    const stream = a.connect(b)
    stream.send(64 * MIB)
    world.run(10_000)
    expect(stream.closedFor).toBe('ack-of-unsent')
  })
})
