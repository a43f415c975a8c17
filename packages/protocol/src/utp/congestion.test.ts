import { describe, expect, test, vi } from 'vitest'
import { LossBasedFlow } from '../testing/loss-based-flow.ts'
import { Bottleneck, GOOD_PATH, type UtpHost, UtpWorld } from '../testing/utp-world.ts'

// Minutes of simulated traffic take seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

/** 2 Mbit/s, the uplink of a good many homes. */
const LINE_BYTES_PER_MS = 250
const DELAY_MS = 20
const PLENTY_BYTES = 1024 * 1024 * 1024

interface Home {
  readonly world: UtpWorld
  readonly line: Bottleneck
  readonly server: UtpHost
  /** One more host behind the line. */
  join(): UtpHost
}

/** Hosts that share one uplink whose queue holds `queueMs`, and a server beyond it. */
function home(queueMs: number, delayMs = DELAY_MS): Home {
  const world = new UtpWorld(1, { delayMs })
  const line = new Bottleneck(LINE_BYTES_PER_MS, queueMs * LINE_BYTES_PER_MS)
  const server = world.host('192.0.2.1')
  let count = 0
  const join = (): UtpHost => {
    count += 1
    const host = world.host(`10.0.0.${count}`)
    host.path = { ...GOOD_PATH, delayMs, bottleneck: line }
    return host
  }
  return { world, line, server, join }
}

/** Bytes a millisecond of the server's streams, over the next `lengthMs`. */
function rates({ world, server }: Home, lengthMs: number): number[] {
  const before = server.accepted.map(({ receivedBytes }) => receivedBytes)
  world.run(lengthMs)
  return server.accepted.map(
    ({ receivedBytes }, i) => (receivedBytes - (before[i] ?? 0)) / lengthMs,
  )
}

describe('on a line with a long queue', () => {
  test('uTP alone uses the line, and holds the queue at about 100 ms', () => {
    const there = home(2000)
    there.join().connect(there.server).send(PLENTY_BYTES)
    there.world.run(10_000)
    const waits: number[] = []
    for (let i = 0; i < 200; i++) {
      there.world.run(100)
      waits.push(there.line.waitMs(there.world.nowMs))
    }
    expect(rates(there, 20_000)[0]).toBeGreaterThan(0.85 * LINE_BYTES_PER_MS)
    expect(Math.max(...waits)).toBeLessThan(130)
    expect(waits.toSorted((a, b) => a - b)[100]).toBeLessThanOrEqual(101)
  })

  test.each([
    ['begins later', 10_000],
    ['was there first', 0],
  ])(
    'uTP yields to a stream that fills the queue and %s: at most 30 % are left to it',
    (_, laterMs) => {
      const there = home(400)
      const tcp = new LossBasedFlow(there.world, there.line, DELAY_MS)
      if (laterMs === 0) {
        tcp.start()
        there.world.run(10_000)
      }
      there.join().connect(there.server).send(PLENTY_BYTES)
      there.world.run(laterMs)
      if (laterMs > 0) tcp.start()
      there.world.run(20_000)
      const before = tcp.deliveredBytes
      const [utpRate = 0] = rates(there, 60_000)
      const tcpRate = (tcp.deliveredBytes - before) / 60_000
      expect(utpRate / (utpRate + tcpRate)).toBeLessThan(0.3)
      // It is not starved to death, and comes back when the line is free.
      expect(utpRate).toBeGreaterThan(0)
    },
  )

  test('uTP takes the line again when the other has gone', () => {
    const there = home(400)
    const tcp = new LossBasedFlow(there.world, there.line, DELAY_MS)
    there.join().connect(there.server).send(PLENTY_BYTES)
    tcp.start()
    there.world.run(30_000)
    tcp.stop()
    there.world.run(10_000)
    expect(rates(there, 20_000)[0]).toBeGreaterThan(0.85 * LINE_BYTES_PER_MS)
  })

  test('two uTP streams share: whoever begins last does not starve the other', () => {
    const there = home(2000)
    there.join().connect(there.server).send(PLENTY_BYTES)
    there.world.run(15_000)
    there.join().connect(there.server).send(PLENTY_BYTES)
    there.world.run(30_000)
    const [first = 0, second = 0] = rates(there, 120_000)
    expect(first + second).toBeGreaterThan(0.85 * LINE_BYTES_PER_MS)
    expect(Math.min(first, second) / (first + second)).toBeGreaterThan(0.25)
  })
})

test.each([500, -500])(
  'clocks that run apart by %i millionths are not taken for a queue',
  (driftMicros) => {
    // On a shorter line the round trip alone shows that there is no such queue.
    const there = home(2000, 100)
    const host = there.join()
    host.driftMicros = driftMicros
    host.connect(there.server).send(PLENTY_BYTES)
    there.world.run(240_000)
    expect(rates(there, 60_000)[0]).toBeGreaterThan(0.85 * LINE_BYTES_PER_MS)
    expect(there.line.waitMs(there.world.nowMs)).toBeLessThan(400)
  },
)

test('a remote that measures no delay at all gets its bytes all the same', () => {
  const there = home(200)
  const host = there.join()
  // Timestamps of 0 are none, so nobody can tell a delay of them.
  there.world.tap = (bytes) => {
    bytes.fill(0, 8, 12)
    return true
  }
  host.connect(there.server).send(PLENTY_BYTES)
  there.world.run(10_000)
  expect(rates(there, 20_000)[0]).toBeGreaterThan(0.7 * LINE_BYTES_PER_MS)
})

test('a remote that claims an unset delay of INT_MAX is not believed', () => {
  const there = home(2000)
  const host = there.join()
  let count = 0
  there.world.tap = (bytes, from) => {
    count += 1
    if (from.host === there.server.address.host && count % 7 === 0) {
      bytes.set([0x7f, 0xff, 0xff, 0xff], 8)
    }
    return true
  }
  host.connect(there.server).send(PLENTY_BYTES)
  there.world.run(10_000)
  expect(rates(there, 20_000)[0]).toBeGreaterThan(0.85 * LINE_BYTES_PER_MS)
})
