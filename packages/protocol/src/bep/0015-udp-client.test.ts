import { describe, expect, test } from 'vitest'
import {
  CONNECTION_ID_MS,
  FIRST_WAIT_MS,
  MAX_CONNECTION_IDS,
  MAX_UDP_REQUESTS,
  UdpTrackerClient,
  type UdpTrackerEffect,
  type UdpTrackerInput,
} from './0015-udp-client.ts'
import { ByteReader, ByteWriter, utf8Encode } from '../bytes.ts'

const TRACKER = { host: '192.0.2.1', port: 6969 }
const TRACKER6 = { host: '2001:db8::1', port: 6969 }
const ANNOUNCE = {
  kind: 'announce',
  pathAndQuery: '',
  request: {
    infoHash: new Uint8Array(20).fill(1),
    peerId: new Uint8Array(20).fill(2),
    port: 6881,
    uploadedBytes: 0,
    downloadedBytes: 0,
    leftBytes: 1,
    event: 'started',
    key: 7,
    numWant: null,
    trackerId: null,
  },
} as const

/** A client with a clock, and what it sent. */
class Bench {
  nowMs = 0
  #drawn = 0x5000_0000
  readonly client = new UdpTrackerClient(() => this.#drawn++)
  readonly sent: {
    readonly atMs: number
    readonly action: number
    readonly transactionId: number
  }[] = []
  readonly ended: UdpTrackerEffect[] = []

  feed(input: UdpTrackerInput): void {
    for (const effect of this.client.handle(input, this.nowMs)) {
      if (effect.kind !== 'send') {
        this.ended.push(effect)
        continue
      }
      const from = new ByteReader(effect.bytes)
      from.u64()
      this.sent.push({ atMs: this.nowMs, action: from.u32(), transactionId: from.u32() })
    }
  }

  ask(requestId: number, to = TRACKER, maxRetransmissions = 8): void {
    this.feed({ kind: 'ask', requestId, to, question: ANNOUNCE, maxRetransmissions })
  }

  /** The tracker answers the newest packet. */
  answer(
    write: (to: ByteWriter) => ByteWriter,
    action = this.#newest().action,
    from = TRACKER,
  ): void {
    const to = new ByteWriter().u32(action).u32(this.#newest().transactionId)
    this.feed({ kind: 'datagram', bytes: write(to).done(), from })
  }

  connect(id = 99n, from = TRACKER): void {
    this.answer((to) => to.u64(id), 0, from)
  }

  announce(from = TRACKER): void {
    this.answer((to) => to.u32(1800).u32(1).u32(2), 1, from)
  }

  runUntil(untilMs: number): void {
    for (;;) {
      const dueMs = this.client.deadlineMs
      if (dueMs === null || dueMs > untilMs) break
      this.nowMs = dueMs
      this.feed({ kind: 'tick' })
    }
    this.nowMs = untilMs
  }

  #newest(): { readonly action: number; readonly transactionId: number } {
    return this.sent.at(-1) ?? { action: 0, transactionId: 0 }
  }
}

const timesOf = (bench: Bench): readonly (readonly [number, number])[] =>
  bench.sent.map(({ atMs, action }) => [atMs / 1000, action])

describe('the examples of BEP 15, "Time outs"', () => {
  test('normal announce', () => {
    const bench = new Bench()
    bench.ask(1)
    bench.nowMs = 1000
    bench.connect()
    bench.nowMs = 2000
    bench.announce()
    expect(timesOf(bench)).toEqual([
      [0, 0],
      [1, 1],
    ])
    expect(bench.ended).toMatchObject([
      { kind: 'answered', requestId: 1, answer: { intervalMs: 1_800_000 } },
    ])
    expect(bench.client.deadlineMs).toBe(null)
  })

  test('connect times out', () => {
    const bench = new Bench()
    bench.ask(1)
    bench.runUntil(105_000)
    expect(timesOf(bench)).toEqual([
      [0, 0],
      [15, 0],
      [45, 0],
      [105, 0],
    ])
  })

  test('announce times out: the id is asked for anew once it is old', () => {
    const bench = new Bench()
    bench.ask(1)
    bench.nowMs = 2000
    bench.connect()
    bench.runUntil(228_000)
    expect(timesOf(bench)).toEqual([
      [0, 0],
      [2, 1],
      [17, 1],
      [47, 1],
      [107, 0],
      [227, 0],
    ])
  })

  test('multiple requests share a connection id for one minute', () => {
    const bench = new Bench()
    bench.ask(1)
    bench.nowMs = 1000
    bench.connect()
    bench.announce()
    bench.nowMs = 1000 + CONNECTION_ID_MS - 1
    bench.ask(2)
    bench.announce()
    bench.nowMs = 1000 + CONNECTION_ID_MS
    bench.ask(3)
    expect(bench.sent.map(({ action }) => action)).toEqual([0, 1, 1, 0])
  })
})

test('a request is sent nine times, 15 * 2^8 s at last, and then given up', () => {
  const bench = new Bench()
  bench.ask(1)
  bench.runUntil(10_000_000)
  const gaps = bench.sent.slice(1).map(({ atMs }, i) => atMs - (bench.sent[i]?.atMs ?? 0))
  expect(gaps).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((n) => FIRST_WAIT_MS * 2 ** n))
  expect(bench.ended).toEqual([{ kind: 'failed', requestId: 1, why: 'timed-out' }])
})

describe('who may answer', () => {
  const valid = (transactionId: number): Uint8Array =>
    new ByteWriter().u32(0).u32(transactionId).u64(5n).done()

  test.each([
    ['another address', { host: '192.0.2.2', port: 6969 }],
    ['another port', { host: '192.0.2.1', port: 6970 }],
    ['another family', { host: '2001:db8::1', port: 6969 }],
    ['no address at all', { host: 'tracker.example', port: 6969 }],
  ])('an answer from %s is ignored', (_, from) => {
    const bench = new Bench()
    bench.ask(1)
    bench.feed({ kind: 'datagram', bytes: valid(bench.sent[0]?.transactionId ?? 0), from })
    expect(bench.sent.length).toBe(1)
    bench.connect()
    expect(bench.sent.length).toBe(2)
  })

  test('the same address written otherwise is the same', () => {
    const bench = new Bench()
    bench.ask(1, TRACKER6)
    bench.connect(1n, { host: '2001:DB8:0::1', port: 6969 })
    expect(bench.sent.length).toBe(2)
    const mapped = new Bench()
    mapped.ask(1)
    mapped.connect(1n, { host: '::ffff:192.0.2.1', port: 6969 })
    expect(mapped.sent.length).toBe(2)
  })

  test('a wrong transaction id or action is ignored, and the right answer then accepted', () => {
    const bench = new Bench()
    bench.ask(1)
    bench.feed({ kind: 'datagram', bytes: valid(1), from: TRACKER })
    bench.answer((to) => to.u32(60).u32(0).u32(0), 1)
    expect(bench.sent.length).toBe(1)
    bench.connect()
    bench.connect()
    expect(bench.sent.length).toBe(2)
    bench.announce()
    expect(bench.ended.length).toBe(1)
  })

  test('each step draws its own transaction id, a repeated one keeps it', () => {
    const bench = new Bench()
    bench.ask(1)
    bench.runUntil(15_000)
    bench.connect()
    const [first, second, third] = bench.sent.map(({ transactionId }) => transactionId)
    expect(second).toBe(first)
    expect(third).not.toBe(first)
  })

  test('requests under way never share a transaction id, whatever chance says', () => {
    const client = new UdpTrackerClient(() => 7)
    const ids = [1, 2, 3].flatMap((requestId) =>
      client
        .handle(
          { kind: 'ask', requestId, to: TRACKER, question: ANNOUNCE, maxRetransmissions: 0 },
          0,
        )
        .map((effect) =>
          effect.kind === 'send' ? new ByteReader(effect.bytes.subarray(12)).u32() : 0,
        ),
    )
    expect(new Set(ids).size).toBe(3)
  })
})

describe('errors', () => {
  test('an error ends the request with its text', () => {
    const bench = new Bench()
    bench.ask(1)
    bench.connect()
    bench.answer((to) => to.bytes(utf8Encode('unregistered')), 3)
    expect(bench.ended).toMatchObject([{ answer: { kind: 'error', message: 'unregistered' } }])
  })

  test('an error about the connection id makes us connect anew, once', () => {
    const bench = new Bench()
    bench.ask(1)
    bench.connect()
    bench.answer((to) => to.bytes(utf8Encode('Connection ID missmatch.\0')), 3)
    expect(bench.sent.map(({ action }) => action)).toEqual([0, 1, 0])
    bench.connect()
    bench.answer((to) => to.bytes(utf8Encode('Connection ID missmatch.\0')), 3)
    expect(bench.sent.map(({ action }) => action)).toEqual([0, 1, 0, 1])
    expect(bench.ended).toMatchObject([{ kind: 'answered', answer: { kind: 'error' } }])
  })

  test.each([
    ['a name', { host: 'tracker.example', port: 1 }],
    ['port 0', { host: '192.0.2.1', port: 0 }],
    ['port 65536', { host: '192.0.2.1', port: 65_536 }],
  ])('%s cannot be asked', (_, to) => {
    const bench = new Bench()
    bench.ask(1, to)
    expect(bench.sent).toEqual([])
    expect(bench.ended).toEqual([{ kind: 'failed', requestId: 1, why: 'bad-address' }])
  })
})

describe('limits', () => {
  test('so many requests are under way, and one more is not', () => {
    const bench = new Bench()
    for (let i = 0; i < MAX_UDP_REQUESTS; i++) bench.ask(i)
    expect(bench.ended).toEqual([])
    bench.ask(MAX_UDP_REQUESTS)
    expect(bench.ended).toEqual([{ kind: 'failed', requestId: MAX_UDP_REQUESTS, why: 'too-many' }])
  })

  test('so many connection ids are kept; the oldest goes first', () => {
    const bench = new Bench()
    const placeOf = (i: number) => ({ host: `10.0.${i >> 8}.${i & 255}`, port: 1 })
    for (let i = 0; i <= MAX_CONNECTION_IDS; i++) {
      bench.ask(i, placeOf(i))
      bench.connect(1n, placeOf(i))
      bench.announce(placeOf(i))
    }
    bench.ask(-1, placeOf(0))
    expect(bench.sent.at(-1)?.action).toBe(0)
    bench.ask(-2, placeOf(1))
    expect(bench.sent.at(-1)?.action).toBe(1)
  })

  test('a cancelled request is silent for ever', () => {
    const bench = new Bench()
    bench.ask(1)
    bench.feed({ kind: 'cancel', requestId: 1 })
    expect(bench.client.deadlineMs).toBe(null)
    bench.connect()
    expect(bench.sent.length).toBe(1)
    expect(bench.ended).toEqual([])
  })
})

test('peers are read by the family of the address that answers', () => {
  const bench = new Bench()
  bench.ask(1, TRACKER6)
  bench.connect(1n, TRACKER6)
  const peer = new Uint8Array(18).fill(0x20)
  bench.answer((to) => to.u32(60).u32(0).u32(0).bytes(peer), 1, TRACKER6)
  expect(bench.ended).toMatchObject([
    { answer: { peers: [{ host: '2020:2020:2020:2020:2020:2020:2020:2020', port: 0x2020 }] } },
  ])
})
