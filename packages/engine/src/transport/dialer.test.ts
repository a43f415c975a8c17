import { latin1Encode } from '@pigeon/protocol/bytes'
import type { MseMethod } from '@pigeon/protocol/mse/contract'
import { describe, expect, test } from 'vitest'
import type { PeerSocket } from '../ports.ts'
import { DEFAULT_SETTINGS, type EngineSettings } from '../settings.ts'
import { DialMemory, REMEMBERED_HABITS } from './dial-memory.ts'
import {
  Dialer,
  ENCRYPTING_MS,
  HEAD_START_MS,
  PLAIN_MEMORY_MS,
  SURE_HEAD_START_MS,
} from './dialer.ts'
import { encryptIncoming } from './encryption.ts'
import { FakeClock, FakeDialer, FakeSocket, fakeRandom } from './testing/fake-streams.ts'

const FAR = { host: '203.0.113.9', port: 6881 }
const NEAR = { host: '10.1.2.3', port: 6881 }
const name = new Uint8Array(20).fill(1)

function setUp(settings: Partial<EngineSettings> = {}) {
  const clock = new FakeClock()
  const tcp = new FakeDialer('tcp', clock)
  const utp = new FakeDialer('utp', clock)
  const blocked = new Set<string>()
  const live: { -readonly [K in keyof EngineSettings]: EngineSettings[K] } = {
    ...DEFAULT_SETTINGS,
    encryption: 'off',
    ...settings,
  }
  const dialer = new Dialer({
    clock,
    random: fakeRandom(),
    settings: live,
    tcp,
    utp: () => utp,
    isBlocked: (host) => blocked.has(host),
  })
  const opened: PeerSocket[] = []
  const failed: string[] = []
  const dial = (address = FAR, only?: 'tcp' | 'utp') =>
    dialer.dial(
      { address, name, ...(only === undefined ? {} : { only }) },
      {
        opened: (socket) => opened.push(socket),
        failed: (problem) => failed.push(problem.code),
      },
    )
  return { blocked, clock, dial, dialer, failed, live, opened, tcp, utp }
}

describe('the race', () => {
  test('gives uTP a head start with strangers, and TCP on our own network', () => {
    const { clock, dial, tcp, utp } = setUp()
    dial(FAR)
    clock.advance(HEAD_START_MS - 1)
    expect([utp.dials.length, tcp.dials.length]).toEqual([1, 0])
    clock.advance(1)
    expect([utp.dials.length, tcp.dials.length]).toEqual([1, 1])
    dial(NEAR)
    expect([utp.dials.length, tcp.dials.length]).toEqual([1, 2])
  })

  test('waits longer for uTP where others say that a peer speaks it', () => {
    const { clock, dial, dialer, tcp, utp } = setUp()
    dialer.memory.learn(FAR, { speaksUtp: true })
    dialer.memory.learn(NEAR, { speaksUtp: true })
    dial(FAR)
    clock.advance(SURE_HEAD_START_MS - 1)
    expect([utp.dials.length, tcp.dials.length]).toEqual([1, 0])
    clock.advance(1)
    expect([utp.dials.length, tcp.dials.length]).toEqual([1, 1])
    dial(NEAR)
    clock.advance(HEAD_START_MS)
    expect([utp.dials.length, tcp.dials.length]).toEqual([2, 2])
  })

  test('is won by who opens first, and the other is cancelled', () => {
    const { clock, dial, dialer, opened, tcp, utp } = setUp()
    dial()
    clock.advance(HEAD_START_MS)
    tcp.open()
    expect(opened.map(({ transport }) => transport)).toEqual(['tcp'])
    expect(utp.last.isCancelled).toBe(true)
    expect([dialer.halfOpen, clock.timerCount]).toEqual([0, 0])
    // It opened before it heard of that.
    expect(utp.open().isClosed).toBe(true)
    expect(opened.length).toBe(1)
  })

  test('goes on at once where the first fails, and fails with the second', () => {
    const { dial, dialer, failed, tcp, utp } = setUp()
    dial()
    expect(tcp.dials.length).toBe(0)
    utp.fail()
    expect(tcp.dials.length).toBe(1)
    tcp.fail()
    expect(failed).toEqual(['refused'])
    expect(dialer.halfOpen).toBe(0)
  })

  test('remembers by what a peer was reached, and tries the other where that was of no use', () => {
    const { clock, dial, tcp, utp } = setUp()
    dial()
    utp.fail()
    tcp.open()
    clock.advance(60_000)
    dial()
    expect([tcp.dials.length, utp.dials.length]).toEqual([2, 1])
    tcp.open()
    clock.advance(5_000)
    dial()
    expect([tcp.dials.length, utp.dials.length]).toEqual([2, 2])
  })

  test('is no race where one transport is off, or only one is asked for', () => {
    const off = setUp({ isUtpOn: false })
    off.dial()
    off.clock.advance(60_000)
    expect([off.tcp.dials.length, off.utp.dials.length]).toEqual([1, 0])
    const only = setUp()
    only.dial(NEAR, 'utp')
    only.clock.advance(60_000)
    expect([only.tcp.dials.length, only.utp.dials.length]).toEqual([0, 1])
    const proxied = setUp({ isProxied: true, isUtpOn: true })
    proxied.dial()
    proxied.clock.advance(60_000)
    expect([proxied.tcp.dials.length, proxied.utp.dials.length]).toEqual([1, 0])
  })

  test('that is cancelled says nothing more', () => {
    const { clock, dial, dialer, failed, opened, utp } = setUp()
    dial().cancel()
    expect(utp.last.isCancelled).toBe(true)
    utp.fail()
    clock.advance(60_000)
    expect([opened, failed, dialer.halfOpen]).toEqual([[], [], 0])
  })
})

describe('nobody is dialled', () => {
  test('who is blocked', () => {
    const { blocked, clock, dial, failed, tcp, utp } = setUp()
    blocked.add(FAR.host)
    dial()
    clock.advance(60_000)
    expect([failed, tcp.dials, utp.dials]).toEqual([['not-allowed'], [], []])
  })

  test('around the one address that we listen at', () => {
    const { clock, dial, failed, tcp, utp } = setUp({ listen: { host: '10.0.0.1', port: 6881 } })
    dial({ host: '2001:db8::1', port: 6881 })
    clock.advance(60_000)
    expect([failed, tcp.dials, utp.dials]).toEqual([['not-allowed'], [], []])
  })
})

describe('a peer that does not answer an encrypted beginning', () => {
  const encrypted = { encryption: 'prefer', isUtpOn: false } as const

  test('is tried in the clear on a new connection, and then in the clear at once for a while', () => {
    const { clock, dial, opened, tcp } = setUp(encrypted)
    dial()
    const first = tcp.open()
    expect(first.written.length).toBeGreaterThan(0)
    clock.advance(ENCRYPTING_MS)
    expect(first.isClosed).toBe(true)
    expect(tcp.dials.length).toBe(2)
    const second = tcp.open()
    expect(second.written).toEqual([])
    expect(opened).toEqual([second])
    dial()
    expect(tcp.open().written).toEqual([])
    clock.advance(PLAIN_MEMORY_MS)
    dial()
    expect(tcp.open().written.length).toBeGreaterThan(0)
  })

  test('is given up where encryption is required', () => {
    const { clock, dial, dialer, failed, tcp } = setUp({ ...encrypted, encryption: 'require' })
    dial()
    tcp.open()
    clock.advance(ENCRYPTING_MS)
    expect(failed).toEqual(['bad-answer'])
    expect([tcp.dials.length, dialer.halfOpen]).toEqual([1, 0])
  })

  test('is given up too where encryption became required meanwhile', () => {
    const { clock, dial, failed, live, tcp } = setUp(encrypted)
    dial()
    tcp.open()
    live.encryption = 'require'
    clock.advance(ENCRYPTING_MS)
    expect([failed, tcp.dials.length]).toEqual([['bad-answer'], 1])
  })

  test('counts as half open until that is decided', () => {
    const { clock, dial, dialer, tcp } = setUp(encrypted)
    dial()
    tcp.open()
    expect(dialer.halfOpen).toBe(1)
    clock.advance(ENCRYPTING_MS)
    expect(dialer.halfOpen).toBe(1)
    tcp.open()
    expect(dialer.halfOpen).toBe(0)
  })
})

/** Joins two ends: what one writes the other hears. */
function join(one: FakeSocket, other: FakeSocket): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    const unheard = from.written.splice(0)
    from.write = (chunks) => {
      for (const chunk of chunks) to.onBytes(chunk.slice())
      return 0
    }
    for (const chunk of unheard) to.onBytes(chunk)
  }
}

describe('a peer that begins encrypted and wants to go on in the clear', () => {
  function meet(encryption: 'prefer' | 'require', methods: readonly MseMethod[]) {
    const made = setUp({ encryption, isUtpOn: false })
    made.dial()
    const ours = made.tcp.open()
    const theirs = new FakeSocket(FAR)
    const heard: string[] = []
    const how = { clock: made.clock, random: fakeRandom(), methods, timeoutMs: ENCRYPTING_MS }
    encryptIncoming(
      theirs,
      new Uint8Array(0),
      how,
      {
        opened: (socket) => {
          socket.onBytes = (bytes) => heard.push(String.fromCharCode(...bytes))
        },
        failed: () => {},
      },
      () => name,
    )
    join(ours, theirs)
    made.opened[0]?.write([latin1Encode('hello')])
    return { ...made, heard, ours }
  }

  test('may do so where encryption is preferred', () => {
    const { dialer, heard, opened, ours } = meet('prefer', ['plain'])
    expect(opened).toEqual([ours])
    expect([opened[0]?.isEncrypted, heard, dialer.halfOpen]).toEqual([false, ['hello'], 0])
  })

  test('goes on encrypted where it may be either and it likes that as well', () => {
    const { heard, opened } = meet('prefer', ['plain', 'rc4'])
    expect([opened[0]?.isEncrypted, heard]).toEqual([true, ['hello']])
  })

  test('is not offered that where encryption is required', () => {
    const { clock, failed, opened } = meet('require', ['plain'])
    clock.advance(ENCRYPTING_MS)
    expect([opened, failed]).toEqual([[], ['bad-answer']])
  })
})

test('habits of no more peers than the bound are remembered, and the oldest forgotten', () => {
  const memory = new DialMemory()
  for (let port = 1; port <= REMEMBERED_HABITS; port++)
    memory.learn({ host: FAR.host, port }, { transport: 'utp' })
  memory.learn({ host: FAR.host, port: 1 }, { speaksUtp: true })
  memory.learn(NEAR, { transport: 'utp' })
  expect(memory.size).toBe(REMEMBERED_HABITS)
  expect(memory.of({ host: FAR.host, port: 1 })).toMatchObject({
    transport: 'utp',
    speaksUtp: true,
  })
  expect(memory.of({ host: FAR.host, port: 2 }).transport).toBeNull()
})
