import { describe, expect, test } from 'vitest'
import {
  acceptedLine,
  feed,
  ID,
  type Line,
  newLine,
  received,
  REMOTE,
  say,
  SYN_SEQ,
  wait,
  write,
} from '../testing/utp-remote.ts'
import { HALF_OPEN_MS } from './connection.ts'
import { MAX_RESETS_PER_SECOND, UTP_DEFAULTS } from './utp-mux.ts'

function syn(line: Line, connectionId: number, host: string = REMOTE.host): number {
  const from = { host, port: REMOTE.port }
  return say(line, { type: 'syn', connectionId, seqNr: SYN_SEQ }, { from }).length
}

/** A connection that we begin, and the remote's answer with this number. */
function dialledLine(answerSeq: number): { readonly line: Line; readonly connection: number } {
  const line = newLine(100)
  const connection = line.mux.newConnection()
  feed(line, { kind: 'connect', connection, to: REMOTE })
  say(line, { connectionId: 100, seqNr: answerSeq, ackNr: 100 })
  return { line, connection }
}

describe('connection setup', () => {
  test('our SYN carries the id of the packets to us, every later packet the next one', () => {
    const line = newLine(100)
    const connection = line.mux.newConnection()
    const [first] = feed(line, { kind: 'connect', connection, to: REMOTE })
    expect(first).toMatchObject({ type: 'syn', connectionId: 100, seqNr: 100, delayMicros: 0 })
    const [answer] = [...say(line, { connectionId: 100, seqNr: 700, ackNr: 100 }), ...wait(line, 0)]
    expect(line.effects).toEqual([{ kind: 'opened', connection }])
    expect(answer).toMatchObject({ type: 'state', connectionId: 101, ackNr: 699, seqNr: 101 })
    const [data] = write(line, connection, 10)
    expect(data).toMatchObject({ type: 'data', connectionId: 101, seqNr: 101, ackNr: 699 })
  })

  test('a SYN is answered by a STATE with its own id and number', () => {
    const line = newLine(100)
    const answer = say(line, { type: 'syn', connectionId: ID, seqNr: SYN_SEQ })
    expect(answer).toMatchObject([{ type: 'state', connectionId: ID, ackNr: SYN_SEQ, seqNr: 100 }])
    expect(line.effects).toEqual([])
  })

  test.each([
    ['does not count', 99, 100],
    ['counts', 100, 101],
  ])('whoever %s our answer to its SYN is understood', (_, ackNr, firstDataSeq) => {
    const line = newLine(100)
    say(line, { type: 'syn', connectionId: ID, seqNr: SYN_SEQ })
    const payload = Uint8Array.of(1, 2)
    say(line, { type: 'data', seqNr: SYN_SEQ + 1, ackNr }, { payload })
    expect(line.effects).toMatchObject([{ kind: 'accepted' }, { kind: 'bytes', bytes: payload }])
    const accepted = line.effects[0]
    const connection = accepted?.kind === 'accepted' ? accepted.connection : 0
    expect(write(line, connection, 1)).toMatchObject([{ type: 'data', seqNr: firstDataSeq }])
  })

  test('STATE packets do not consume a number', () => {
    const { line, connection } = acceptedLine()
    const numbers: number[] = []
    for (let i = 0; i < 3; i++) {
      const header = { type: 'data', seqNr: SYN_SEQ + 2 + i, ackNr: 99 + i } as const
      say(line, header, { payload: Uint8Array.of(i) })
      const [ack] = wait(line, 0)
      const [data] = write(line, connection, 1)
      numbers.push(ack?.seqNr ?? 0, data?.seqNr ?? 0)
    }
    expect(numbers).toEqual([100, 100, 101, 101, 102, 102])
  })

  test('a SYN that is not answered is sent again, later each time, and given up in the end', () => {
    const line = newLine(100)
    const connection = line.mux.newConnection()
    feed(line, { kind: 'connect', connection, to: REMOTE })
    const again = wait(line, UTP_DEFAULTS.connectMs + 100)
    expect(again.filter(({ type }) => type === 'syn')).toHaveLength(4)
    expect(new Set(again.map(({ seqNr }) => seqNr))).toEqual(new Set([100, 101]))
    expect(line.effects).toEqual([{ kind: 'closed', connection, reason: 'timed-out' }])
    expect(line.mux.connectionCount).toBe(0)
  })

  test('a RESET in answer to our SYN says that we are not wanted', () => {
    const line = newLine(100)
    const connection = line.mux.newConnection()
    feed(line, { kind: 'connect', connection, to: REMOTE })
    say(line, { type: 'reset', connectionId: 100, ackNr: 100 })
    expect(line.effects).toEqual([{ kind: 'closed', connection, reason: 'refused' }])
  })

  test('the same SYN again gets the same answer, and no second connection', () => {
    const line = newLine(100)
    syn(line, ID)
    expect(say(line, { type: 'syn', connectionId: ID, seqNr: SYN_SEQ })).toMatchObject([
      { type: 'state', ackNr: SYN_SEQ },
    ])
    expect(line.mux.connectionCount).toBe(1)
  })

  test('an answer to our SYN from another address, or with another number, opens nothing', () => {
    const line = newLine(100)
    feed(line, { kind: 'connect', connection: line.mux.newConnection(), to: REMOTE })
    const from = { host: '192.0.2.2', port: REMOTE.port }
    say(line, { connectionId: 100, seqNr: 700, ackNr: 100 }, { from })
    say(line, { connectionId: 100, seqNr: 700, ackNr: 101 })
    say(line, { connectionId: 100, seqNr: 700, ackNr: 99 })
    expect(line.effects).toEqual([])
  })

  test('bytes written before the answer go out with it', () => {
    const line = newLine(100)
    const connection = line.mux.newConnection()
    feed(line, { kind: 'connect', connection, to: REMOTE })
    expect(write(line, connection, 5)).toEqual([])
    expect(line.mux.queuedBytes(connection)).toBe(5)
    const sent = say(line, { connectionId: 100, seqNr: 700, ackNr: 100 })
    expect(sent.map(({ payload }) => payload.length)).toEqual([5])
  })
})

describe('strangers', () => {
  test('a spoofed SYN, and data to go with it, makes us send no more than we got', () => {
    const line = newLine(100)
    let inBytes = 0
    let outBytes = 0
    const note = (made: readonly { payload: Uint8Array }[]): void => {
      for (const { payload } of made) outBytes += 20 + payload.length
    }
    note(say(line, { type: 'syn', connectionId: ID, seqNr: SYN_SEQ }))
    inBytes += 20
    // Whoever does not get our answer has to guess its number.
    for (let guess = 0; guess < 50; guess++) {
      note(say(line, { type: 'data', ackNr: guess }, { payload: new Uint8Array(48) }))
      inBytes += 68
    }
    note(wait(line, 60_000))
    expect(outBytes).toBe(20)
    expect(outBytes).toBeLessThanOrEqual(3 * inBytes)
    expect(line.effects).toEqual([])
    expect(line.mux.connectionCount).toBe(0)
  })

  test('a connection that is not confirmed is forgotten, and nobody hears of it', () => {
    const line = newLine(100)
    syn(line, ID)
    wait(line, HALF_OPEN_MS - 1)
    expect(line.mux.connectionCount).toBe(1)
    wait(line, 20)
    expect(line.mux.connectionCount).toBe(0)
    expect(line.effects).toEqual([])
  })

  test('so many may wait for confirmation, and not one more', () => {
    const line = newLine(100, { maxHalfOpen: 3 })
    const answers = [1, 2, 3, 4].map((n) => syn(line, ID, `192.0.2.${n}`))
    expect(answers).toEqual([1, 1, 1, 0])
    wait(line, HALF_OPEN_MS + 20)
    expect(syn(line, ID, '192.0.2.4')).toBe(1)
  })

  test.each([
    ['an IPv4 address', ['192.0.2.1', '192.0.2.1', '192.0.2.1'], '192.0.2.2'],
    ['an IPv6 block', ['2001:db8::1', '2001:db8::2', '2001:db8:0:0:1::'], '2001:db8:0:1::1'],
  ])('so many from %s may wait for confirmation, and not one more', (_, hosts, other) => {
    const line = newLine(100, { maxHalfOpenPerHost: 2 })
    expect(hosts.map((host, n) => syn(line, ID + 2 * n, host))).toEqual([1, 1, 0])
    expect(syn(line, ID, other)).toBe(1)
  })

  test('so many connections may come from one address, and not one more', () => {
    const { line } = acceptedLine(100, { maxIncomingPerHost: 2 })
    expect([ID + 2, ID + 4].map((id) => syn(line, id))).toEqual([1, 0])
    expect(syn(line, ID, '192.0.2.2')).toBe(1)
  })

  test('so many connections may be in all, and not one more, in either direction', () => {
    const line = newLine(100, { maxConnections: 2 })
    expect([1, 2, 3].map((n) => syn(line, ID, `192.0.2.${n}`))).toEqual([1, 1, 0])
    const connection = line.mux.newConnection()
    expect(feed(line, { kind: 'connect', connection, to: REMOTE })).toEqual([])
    expect(line.effects).toEqual([{ kind: 'closed', connection, reason: 'too-many' }])
  })

  test('a packet of no connection is answered by a RESET that names it; so often in a second, and not once more', () => {
    const line = newLine(100)
    const answers = Array.from({ length: MAX_RESETS_PER_SECOND + 1 }, (_, n) =>
      say(line, { type: 'data', connectionId: 7, seqNr: n }, { payload: new Uint8Array(9) }),
    )
    expect(answers[3]).toMatchObject([{ type: 'reset', connectionId: 7, ackNr: 3 }])
    expect(answers.map(({ length }) => length)).toEqual([
      ...Array.from({ length: MAX_RESETS_PER_SECOND }, () => 1),
      0,
    ])
    line.nowMs += 1000
    expect(say(line, { type: 'fin', connectionId: 7 })).toHaveLength(1)
  })

  test('a RESET of no connection is not answered', () => {
    expect(say(newLine(100), { type: 'reset' })).toEqual([])
  })

  test('the same ids from two addresses are two connections', () => {
    const { line } = acceptedLine()
    const from = { host: '192.0.2.9', port: REMOTE.port }
    say(line, { type: 'data', seqNr: SYN_SEQ + 2, ackNr: 99 }, { from, payload: Uint8Array.of(1) })
    expect(received(line)).toEqual(new Uint8Array(0))
    say(line, { type: 'data', seqNr: SYN_SEQ + 2, ackNr: 99 }, { payload: Uint8Array.of(2) })
    expect(received(line)).toEqual(Uint8Array.of(2))
  })
})

describe('resets', () => {
  test.each([
    ['the id of our packets', ID],
    ['the id of its own packets', ID + 1],
  ])('one with %s, that answers a packet of ours, ends the connection', (_, connectionId) => {
    const { line, connection } = acceptedLine()
    write(line, connection, 10)
    say(line, { type: 'reset', connectionId, ackNr: 100 })
    expect(line.effects).toEqual([{ kind: 'closed', connection, reason: 'reset' }])
    expect(line.mux.connectionCount).toBe(0)
  })

  test('of all numbers, only those of packets that may be under way end a connection', () => {
    const { line, connection } = acceptedLine()
    write(line, connection, 3 * UTP_DEFAULTS.maxDatagramBytes)
    const endNr = 100 + line.sent.length
    const harmless = Array.from({ length: 65_536 }, (_, ackNr) => ackNr).filter(
      (ackNr) => ackNr < 99 || ackNr > endNr,
    )
    for (const ackNr of harmless) say(line, { type: 'reset', connectionId: ID, ackNr })
    expect(line.effects).toEqual([])
    say(line, { type: 'reset', connectionId: ID, ackNr: endNr - 1 })
    expect(line.effects).toMatchObject([{ kind: 'closed' }])
  })

  test.each([ID - 1, ID + 2])(
    'one with the id %i, beside those of the connection, ends nothing',
    (id) => {
      const { line } = acceptedLine()
      say(line, { type: 'reset', connectionId: id, ackNr: 99 })
      expect(line.effects).toEqual([])
    },
  )

  test('one from another address ends nothing', () => {
    const { line } = acceptedLine()
    const from = { host: '192.0.2.9', port: REMOTE.port }
    say(line, { type: 'reset', connectionId: ID, ackNr: 99 }, { from })
    expect(line.effects).toEqual([])
  })
})

describe('acks', () => {
  test('an ack of what we never sent closes the connection, and tells the other', () => {
    const { line, connection } = acceptedLine()
    write(line, connection, 10)
    const made = say(line, { ackNr: 101 })
    expect(made).toMatchObject([{ type: 'reset' }])
    expect(line.effects).toEqual([{ kind: 'closed', connection, reason: 'ack-of-unsent' }])
  })

  test.each([
    ['far ahead', 100 + 5000],
    ['far behind', 100 - 300],
  ])('an ack %s is ignored, with the data that it comes with', (_, ackNr) => {
    const { line, connection } = acceptedLine()
    write(line, connection, 10)
    say(line, { type: 'data', seqNr: SYN_SEQ + 2, ackNr }, { payload: Uint8Array.of(1) })
    expect(wait(line, 0)).toEqual([])
    expect(line.effects).toEqual([])
  })

  test.each([
    ['far ahead', SYN_SEQ + 1 + 2050],
    ['far behind', SYN_SEQ - 2050],
  ])('a packet with a number %s is ignored', (_, seqNr) => {
    const { line } = acceptedLine()
    say(line, { type: 'data', seqNr: seqNr & 0xffff, ackNr: 99 }, { payload: Uint8Array.of(1) })
    expect(wait(line, 0)).toEqual([])
    expect(line.effects).toEqual([])
  })

  test('all datagrams of one moment are acked at once', () => {
    const { line } = acceptedLine()
    for (let n = 2; n < 34; n++) {
      say(line, { type: 'data', seqNr: SYN_SEQ + n, ackNr: 99 }, { payload: Uint8Array.of(n) })
    }
    expect(wait(line, 0)).toMatchObject([{ type: 'state', ackNr: SYN_SEQ + 33 }])
    expect(received(line)).toHaveLength(32)
  })

  test('data on its way carries the ack', () => {
    const { line, connection } = acceptedLine()
    say(line, { type: 'data', seqNr: SYN_SEQ + 2, ackNr: 99 }, { payload: Uint8Array.of(1) })
    expect(write(line, connection, 1)).toMatchObject([{ type: 'data', ackNr: SYN_SEQ + 2 }])
    expect(wait(line, 0)).toEqual([])
  })

  test('the delay of the last packet is told as it was measured, also when the clocks wrapped', () => {
    const { line } = acceptedLine()
    // Our clock is at 10,000,000 microseconds; theirs just before its end.
    const timestampMicros = 0xffff_ffff
    say(
      line,
      { type: 'data', seqNr: SYN_SEQ + 2, ackNr: 99, timestampMicros },
      { payload: Uint8Array.of(1) },
    )
    expect(wait(line, 0)).toMatchObject([
      { delayMicros: 10_000_001, timestampMicros: 10_000_000, windowBytes: 1024 * 1024 },
    ])
  })
})

describe('a connection that we began', () => {
  test('takes data that comes before the answer again later', () => {
    const line = newLine(100)
    feed(line, { kind: 'connect', connection: line.mux.newConnection(), to: REMOTE })
    const data = { type: 'data', connectionId: 100, seqNr: 700, ackNr: 100 } as const
    say(line, data, { payload: Uint8Array.of(1) })
    expect(line.effects).toEqual([])
    say(line, { connectionId: 100, seqNr: 700, ackNr: 100 })
    say(line, data, { payload: Uint8Array.of(1) })
    expect(received(line)).toEqual(Uint8Array.of(1))
  })

  test('can be given up before it stands', () => {
    const line = newLine(100)
    const connection = line.mux.newConnection()
    feed(line, { kind: 'connect', connection, to: REMOTE })
    expect(feed(line, { kind: 'abort', connection })).toMatchObject([{ type: 'reset' }])
    expect(line.effects).toEqual([{ kind: 'closed', connection, reason: 'aborted' }])
    say(line, { connectionId: 100, seqNr: 700, ackNr: 100 })
    expect(line.effects).toHaveLength(1)
  })

  test('keeps quiet connections alive, and ends those that are silent', () => {
    const { line, connection } = dialledLine(700)
    wait(line, 0)
    line.sent.length = 0
    expect(wait(line, UTP_DEFAULTS.keepAliveMs + 20)).toMatchObject([{ type: 'state', ackNr: 699 }])
    wait(line, UTP_DEFAULTS.idleMs)
    expect(line.effects.at(-1)).toEqual({ kind: 'closed', connection, reason: 'timed-out' })
  })
})
