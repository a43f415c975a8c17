import { latin1Encode } from '@pigeon/protocol/bytes'
import { describe, expect, test } from 'vitest'
import type { PeerSocket } from '../ports.ts'
import { DEFAULT_SETTINGS, type EncryptionPolicy } from '../settings.ts'
import {
  EXCHANGES_IN_ALL,
  EXCHANGES_PER_BLOCK,
  GREETING_MS,
  IncomingGate,
} from './incoming-gate.ts'
import { FakeClock, FakeSocket, fakeRandom } from './testing/fake-streams.ts'

const HANDSHAKE = latin1Encode('\u0013BitTorrent protocol and more')
/** Any number but the degenerate ones will do. */
const KEY = new Uint8Array(96).fill(9)

function setUp(encryption: EncryptionPolicy) {
  const clock = new FakeClock()
  const passed: PeerSocket[] = []
  const heard: string[] = []
  const gate = new IncomingGate({
    clock,
    random: fakeRandom(),
    settings: { ...DEFAULT_SETTINGS, encryption },
    find: () => null,
    pass: (socket) => {
      passed.push(socket)
      socket.onBytes = (bytes) => heard.push(String.fromCharCode(...bytes))
    },
  })
  const come = (host = '203.0.113.1'): FakeSocket => {
    const socket = new FakeSocket({ host, port: 1 })
    gate.greet(socket)
    return socket
  }
  return { clock, come, gate, heard, passed }
}

describe('a stranger that speaks in the clear', () => {
  test('passes with all its bytes, however they are split', () => {
    for (const step of [1, 7, HANDSHAKE.length]) {
      const { clock, come, gate, heard, passed } = setUp('prefer')
      const socket = come()
      for (let at = 0; at < HANDSHAKE.length; at += step)
        socket.onBytes(HANDSHAKE.subarray(at, at + step))
      expect(passed).toEqual([socket])
      expect(heard.join('')).toBe(String.fromCharCode(...HANDSHAKE))
      expect([gate.size, clock.timerCount]).toEqual([0, 0])
    }
  })

  test('is closed at its first byte where encryption is required', () => {
    const { come, gate, passed } = setUp('require')
    const socket = come()
    socket.onBytes(HANDSHAKE.subarray(0, 1))
    expect([socket.isClosed, passed, gate.size]).toEqual([true, [], 0])
  })
})

describe('a stranger that says nothing', () => {
  test('is waited for so long and no longer', () => {
    const { clock, come, gate } = setUp('prefer')
    const socket = come()
    clock.advance(GREETING_MS - 1)
    expect([socket.isClosed, gate.size, gate.countFrom('203.0.113')]).toEqual([false, 1, 1])
    clock.advance(1)
    expect([socket.isClosed, gate.size]).toEqual([true, 0])
  })

  test('but half a key is waited for as long', () => {
    const { clock, come, gate } = setUp('prefer')
    const socket = come()
    socket.onBytes(KEY.subarray(0, 50))
    expect(gate.size).toBe(1)
    clock.advance(GREETING_MS)
    expect([socket.isClosed, gate.size, clock.timerCount]).toEqual([true, 0, 0])
  })
})

describe('key exchanges', () => {
  test('are rationed by neighbourhood', () => {
    const { clock, come } = setUp('prefer')
    const ask = (host: string): boolean => {
      const socket = come(host)
      socket.onBytes(KEY)
      return socket.written.length > 0
    }
    const first = Array.from({ length: EXCHANGES_PER_BLOCK }, (_, at) => ask(`203.0.113.${at}`))
    expect(first.every((isAnswered) => isAnswered)).toBe(true)
    expect(ask('203.0.113.200')).toBe(false)
    expect(ask('203.0.112.1')).toBe(true)
    clock.advance(10_000)
    expect(ask('203.0.113.200')).toBe(true)
  })

  test('are rationed in all', () => {
    const { come } = setUp('prefer')
    let answered = 0
    for (let at = 0; at < EXCHANGES_IN_ALL + 5; at++) {
      const socket = come(`203.${at >> 8}.${at & 255}.1`)
      socket.onBytes(KEY)
      if (socket.written.length > 0) answered += 1
    }
    expect(answered).toBe(EXCHANGES_IN_ALL)
  })
})
