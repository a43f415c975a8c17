import { describe, expect, test } from 'vitest'
import {
  acceptedLine,
  feed,
  ID,
  type Line,
  received,
  say,
  SYN_SEQ,
  wait,
  write,
} from '../testing/utp-remote.ts'
import { CLOSING_MS, END_WAIT_MS, LINGER_MS } from './connection.ts'
import { MAX_PACKETS_AHEAD } from './receive-window.ts'
import { WINDOW_UPDATES } from './receiver.ts'
import { MAX_PACKETS_UNDER_WAY } from './send-window.ts'
import { ZERO_WINDOW_PROBE_MS } from './sender.ts'

/** The remote's n-th byte, in a packet of its own; the first came with its confirmation. */
function data(line: Line, n: number, ackNr = 99): void {
  const seqNr = (SYN_SEQ + 1 + n) & 0xffff
  say(line, { type: 'data', seqNr, ackNr }, { payload: Uint8Array.of(n) })
}

function fin(line: Line, n: number, ackNr = 99): void {
  say(line, { type: 'fin', seqNr: SYN_SEQ + 1 + n, ackNr })
}

/** Acks as the remote does with its number unchanged. */
function ack(line: Line, ackNr: number, windowBytes = 1_000_000): ReturnType<typeof say> {
  return say(line, { seqNr: SYN_SEQ + 2, ackNr, windowBytes })
}

function seqs(packets: readonly { readonly seqNr: number }[]): number[] {
  return packets.map(({ seqNr }) => seqNr)
}

describe('what comes', () => {
  test('out of order and twice is handed on in order and once', () => {
    const { line } = acceptedLine()
    for (const n of [3, 2, 3, 5, 1, 1, 4, 2]) data(line, n)
    expect(received(line)).toEqual(Uint8Array.of(1, 2, 3, 4, 5))
  })

  test('before its turn is told in a selective ack whose first bit is ack_nr + 2', () => {
    const { line } = acceptedLine()
    data(line, 2)
    data(line, 4)
    const [told] = wait(line, 0)
    expect(told).toMatchObject({ type: 'state', ackNr: SYN_SEQ + 1 })
    expect(told?.selectiveAck).toEqual(Uint8Array.of(0b101, 0, 0, 0))
    data(line, 36)
    expect(wait(line, 0)[0]?.selectiveAck).toEqual(Uint8Array.of(0b101, 0, 0, 0, 0b100, 0, 0, 0))
    data(line, 1)
    data(line, 3)
    expect(wait(line, 0)[0]?.selectiveAck).toHaveLength(4)
  })

  test('before its turn is told although data on its way acked what is in turn', () => {
    const { line, connection } = acceptedLine()
    data(line, 2)
    expect(write(line, connection, 1)).toMatchObject([{ type: 'data', selectiveAck: null }])
    expect(wait(line, 0)).toMatchObject([
      { type: 'state', selectiveAck: Uint8Array.of(1, 0, 0, 0) },
    ])
  })

  test('far ahead does not make the selective ack longer than 32 bytes', () => {
    const { line } = acceptedLine()
    data(line, 600)
    expect(wait(line, 0)[0]?.selectiveAck).toEqual(new Uint8Array(32))
  })

  test('is kept up to so many packets ahead, and not one more', () => {
    const { line } = acceptedLine()
    data(line, MAX_PACKETS_AHEAD + 1)
    expect(wait(line, 0)[0]?.selectiveAck).toBeNull()
    data(line, MAX_PACKETS_AHEAD)
    expect(wait(line, 0)[0]?.selectiveAck).not.toBeNull()
  })

  test('before its turn is kept up to the size of the window, and not one byte more', () => {
    const { line } = acceptedLine(100, { receiveBytes: 1000 })
    const early = (n: number, lengthBytes: number): number | undefined => {
      const header = { type: 'data', seqNr: SYN_SEQ + 1 + n, ackNr: 99 } as const
      say(line, header, { payload: new Uint8Array(lengthBytes) })
      return wait(line, 0)[0]?.windowBytes
    }
    expect([early(2, 600), early(3, 400), early(4, 1)]).toEqual([400, 0, 0])
    early(1, 1000)
    expect(received(line)).toHaveLength(2000)
  })

  test('counts against what all connections together may keep', () => {
    const { line } = acceptedLine(100, { receiveBytesInAll: 1000 })
    const other = { host: '192.0.2.7', port: 1 }
    say(line, { type: 'syn', connectionId: 7, seqNr: 1 }, { from: other })
    const early = { type: 'data', connectionId: 8, seqNr: 3, ackNr: 99 } as const
    say(line, early, { from: other, payload: new Uint8Array(700) })
    wait(line, 0)
    data(line, 1)
    expect(wait(line, 0)).toMatchObject([{ windowBytes: 300 }])
  })

  test('after all numbers were used once goes on with 0', () => {
    const { line } = acceptedLine()
    for (let n = 1; n < 66_000; n++) {
      data(line, n)
      if (n % 50 === 0) wait(line, 0)
    }
    expect(received(line)).toHaveLength(65_999)
  })
})

describe('a reader that pauses', () => {
  test('closes the window, gets everything when it resumes, and the other is told', () => {
    const { line, connection } = acceptedLine(100, { receiveBytes: 3 })
    feed(line, { kind: 'pause', connection })
    for (const n of [1, 2, 3]) data(line, n)
    expect(wait(line, 0)).toMatchObject([{ ackNr: SYN_SEQ + 4, windowBytes: 0 }])
    data(line, 4)
    expect(wait(line, 0)).toMatchObject([{ ackNr: SYN_SEQ + 4, windowBytes: 0 }])
    expect(received(line)).toHaveLength(0)
    const told = feed(line, { kind: 'resume', connection })
    expect(told).toMatchObject([{ type: 'state', windowBytes: 3 }])
    expect(received(line)).toEqual(Uint8Array.of(1, 2, 3))
  })

  test('has its open window told some times, in case that this is lost, until something comes', () => {
    const { line, connection } = acceptedLine(100, { receiveBytes: 1 })
    const shut = (n: number): void => {
      feed(line, { kind: 'pause', connection })
      data(line, n)
      wait(line, 0)
    }
    shut(1)
    feed(line, { kind: 'resume', connection })
    expect(wait(line, 20_000)).toHaveLength(WINDOW_UPDATES - 1)
    shut(2)
    feed(line, { kind: 'resume', connection })
    data(line, 3)
    expect(wait(line, 20_000)).toHaveLength(1)
  })
})

describe('what is sent', () => {
  test('goes again with the same number and bytes when no ack comes, each time after twice the time', () => {
    const { line, connection } = acceptedLine()
    const [first] = write(line, connection, 100)
    const startMs = line.nowMs
    const times: number[] = []
    for (let i = 0; i < 3; i++) {
      const before = line.sent.length
      while (line.sent.length === before) wait(line, 10)
      times.push(line.nowMs - startMs)
      const { timestampMicros: _, ...again } = line.sent.at(-1) ?? { timestampMicros: 0 }
      expect(again).toMatchObject({ seqNr: first?.seqNr, payload: first?.payload })
    }
    const gaps = times.map((time, i) => time - (times[i - 1] ?? 0))
    for (const [i, gap] of gaps.entries()) {
      expect(gap).toBeGreaterThanOrEqual(1000 * 2 ** i)
      expect(gap).toBeLessThan(1000 * 2 ** i + 60)
    }
  })

  test('begins with a few packets and is never more than the remote takes', () => {
    const { line, connection } = acceptedLine()
    say(line, { windowBytes: 3000, ackNr: 99, seqNr: SYN_SEQ + 2 })
    let underWay = write(line, connection, 100_000)
    for (let round = 0; round < 8; round++) {
      const bytes = underWay.reduce((sum, { payload }) => sum + payload.length, 0)
      expect(bytes).toBeLessThanOrEqual(3000)
      expect(bytes).toBeGreaterThan(0)
      line.nowMs += 10
      underWay = ack(line, underWay.at(-1)?.seqNr ?? 0, 3000)
    }
  })

  test('stops at a closed window and goes on when it opens', () => {
    const { line, connection } = acceptedLine()
    ack(line, 99, 0)
    expect(write(line, connection, 5000)).toEqual([])
    expect(wait(line, ZERO_WINDOW_PROBE_MS - 100)).toEqual([])
    expect(ack(line, 99, 1_000_000).length).toBeGreaterThan(0)
  })

  test('tries a window that stays closed with one packet, now and then', () => {
    const { line, connection } = acceptedLine()
    ack(line, 99, 0)
    write(line, connection, 5000)
    const [probe] = wait(line, ZERO_WINDOW_PROBE_MS + 100)
    expect(probe).toMatchObject({ type: 'data', seqNr: 100 })
    expect(ack(line, 100, 1_000_000).length).toBeGreaterThan(0)
  })

  test('fits a window smaller than a packet', () => {
    const { line, connection } = acceptedLine()
    ack(line, 99, 300)
    expect(write(line, connection, 5000).map(({ payload }) => payload.length)).toEqual([300])
  })

  test('tells that there is room when what is queued fell low, and not before the write is done', () => {
    const { line, connection } = acceptedLine(100, { lowWaterBytes: 1000 })
    ack(line, 99, 0)
    write(line, connection, 1200)
    expect(line.mux.queuedBytes(connection)).toBe(1200)
    expect(line.effects).toEqual([])
    ack(line, 99, 1_000_000)
    expect(line.mux.queuedBytes(connection)).toBe(0)
    expect(line.effects).toEqual([{ kind: 'drained', connection }])
  })

  test('is at most so many packets, however small, and not one more', () => {
    const { line, connection } = acceptedLine()
    for (let n = 0; n < MAX_PACKETS_UNDER_WAY + 1; n++) write(line, connection, 1)
    expect(line.sent).toHaveLength(MAX_PACKETS_UNDER_WAY)
    expect(line.mux.queuedBytes(connection)).toBe(1)
  })

  test('ends the connection when the remote is silent for long', () => {
    const { line, connection } = acceptedLine()
    write(line, connection, 100)
    wait(line, 150_000)
    expect(line.effects).toEqual([{ kind: 'closed', connection, reason: 'timed-out' }])
  })
})

describe('losses', () => {
  /** Ten packets of 100 bytes under way, the first with number 100, on a line with a round trip of 50 ms. */
  function tenUnderWay(): Line {
    const { line, connection } = acceptedLine(99)
    write(line, connection, 1)
    line.nowMs += 50
    ack(line, 99)
    for (let n = 0; n < 10; n++) write(line, connection, 100)
    expect(seqs(line.sent)).toEqual([99, 100, 101, 102, 103, 104, 105, 106, 107, 108, 109])
    line.nowMs += 50
    line.sent.length = 0
    return line
  }

  test('three duplicate acks make the missing packet go again before the timeout', () => {
    const line = tenUnderWay()
    expect([...ack(line, 99), ...ack(line, 99)]).toEqual([])
    expect(seqs(ack(line, 99))).toEqual([100])
    expect(ack(line, 99)).toEqual([])
  })

  test.each([
    ['two later packets arrived', 0b0011, []],
    ['three later packets arrived', 0b0111, [100]],
    ['three arrived and two of them not in turn', 0b1101, [100]],
    ['three arrived after the second, too', 0b11101, [100, 102]],
  ])('a selective ack: %s', (_, bits, expected) => {
    const line = tenUnderWay()
    const selectiveAck = Uint8Array.of(bits, 0, 0, 0)
    expect(seqs(say(line, { seqNr: SYN_SEQ + 2, ackNr: 99 }, { selectiveAck }))).toEqual(expected)
  })

  test('a selective ack with bits of packets that were never sent acks only those that were', () => {
    const line = tenUnderWay()
    const selectiveAck = new Uint8Array(32).fill(0xff)
    expect(seqs(say(line, { seqNr: SYN_SEQ + 2, ackNr: 99 }, { selectiveAck }))).toEqual([100])
    expect(ack(line, 100)).toEqual([])
    expect(wait(line, 5000)).toEqual([])
  })

  test('a packet that was sent again and is lost again goes once more when later ones arrive', () => {
    const { line, connection } = acceptedLine()
    write(line, connection, 1)
    line.nowMs += 50
    ack(line, 100)
    for (let n = 0; n < 10; n++) write(line, connection, 100)
    line.nowMs += 50
    const sack = (bits: number): readonly number[] => {
      const selectiveAck = Uint8Array.of(bits & 0xff, bits >> 8, 0, 0)
      return seqs(say(line, { seqNr: SYN_SEQ + 2, ackNr: 100 }, { selectiveAck }))
    }
    expect(sack(0b111)).toEqual([101])
    for (let n = 0; n < 3; n++) write(line, connection, 100)
    // Those that were under way before say nothing new.
    expect(sack(0b1_1111_1111)).toEqual([])
    expect(sack(0b1111_1111_1111)).toEqual([101])
  })

  test('an ack that comes long after the timeout is no measure of the line', () => {
    const { line, connection } = acceptedLine()
    for (let n = 0; n < 4; n++) write(line, connection, 1300)
    wait(line, 20_000)
    ack(line, 103)
    line.sent.length = 0
    write(line, connection, 1)
    expect(seqs(wait(line, 1100))).toEqual([104])
  })

  test('the last packets of a burst go again long before the timeout', () => {
    const line = tenUnderWay()
    ack(line, 108)
    expect(seqs(wait(line, 250))).toEqual([109])
  })
})

describe('the end', () => {
  test('that comes before missing packets waits for them', () => {
    const { line, connection } = acceptedLine()
    data(line, 2)
    fin(line, 3)
    expect(line.effects).toEqual([])
    data(line, 1)
    expect(received(line)).toEqual(Uint8Array.of(1, 2))
    expect(line.effects.at(-1)).toEqual({ kind: 'ended', connection })
    expect(wait(line, 0)).toMatchObject([{ type: 'state', ackNr: SYN_SEQ + 4 }])
  })

  test('may bring bytes', () => {
    const { line } = acceptedLine()
    say(line, { type: 'fin', seqNr: SYN_SEQ + 2, ackNr: 99 }, { payload: Uint8Array.of(7) })
    expect(line.effects.map(({ kind }) => kind)).toEqual(['bytes', 'ended'])
  })

  test('is the last number: what comes after it is not taken', () => {
    const { line } = acceptedLine()
    fin(line, 2)
    data(line, 3)
    data(line, 1)
    expect(received(line)).toEqual(Uint8Array.of(1))
  })

  test('of ours follows the bytes, and bytes still come until the other ends, too', () => {
    const { line, connection } = acceptedLine()
    write(line, connection, 3)
    expect(feed(line, { kind: 'finish', connection })).toMatchObject([{ type: 'fin', seqNr: 101 }])
    expect(write(line, connection, 3)).toEqual([])
    data(line, 1, 101)
    fin(line, 2, 101)
    expect(line.effects.map(({ kind }) => kind)).toEqual(['bytes', 'ended', 'closed'])
    expect(line.effects.at(-1)).toMatchObject({ reason: 'done' })
  })

  test('of both is acked again when the other asks, and then forgotten', () => {
    const { line, connection } = acceptedLine()
    feed(line, { kind: 'finish', connection })
    fin(line, 1, 100)
    expect(wait(line, 0)).toMatchObject([{ type: 'state', ackNr: SYN_SEQ + 2 }])
    fin(line, 1, 100)
    expect(wait(line, 0)).toMatchObject([{ type: 'state', ackNr: SYN_SEQ + 2 }])
    wait(line, LINGER_MS + 20)
    expect(line.mux.connectionCount).toBe(0)
    expect(line.effects.filter(({ kind }) => kind === 'closed')).toHaveLength(1)
  })

  test('of both with only the last ack missing is an orderly one, also for whom the other forgot', () => {
    const { line, connection } = acceptedLine()
    feed(line, { kind: 'finish', connection })
    fin(line, 1)
    say(line, { type: 'reset', connectionId: ID, ackNr: 100 })
    expect(line.effects.at(-1)).toEqual({ kind: 'closed', connection, reason: 'done' })
  })

  test('by closing hands nothing more on, and waits a while for the end of the other', () => {
    const { line, connection } = acceptedLine()
    feed(line, { kind: 'close', connection })
    ack(line, 100)
    data(line, 1, 100)
    expect(line.effects).toEqual([])
    wait(line, END_WAIT_MS + 20)
    expect(line.effects).toEqual([{ kind: 'closed', connection, reason: 'done' }])
    expect(line.mux.connectionCount).toBe(0)
  })

  test('by closing with bytes queued takes as long as they move, and no longer', () => {
    const { line, connection } = acceptedLine()
    write(line, connection, 30_000)
    feed(line, { kind: 'close', connection })
    for (let ackNr = 100; ackNr < 106; ackNr++) {
      wait(line, CLOSING_MS / 2)
      ack(line, ackNr)
    }
    expect(line.effects.filter(({ kind }) => kind === 'closed')).toEqual([])
    wait(line, CLOSING_MS + 20)
    expect(line.effects.at(-1)).toEqual({ kind: 'closed', connection, reason: 'timed-out' })
  })

  test('by aborting tells the other at once', () => {
    const { line, connection } = acceptedLine()
    write(line, connection, 3)
    expect(feed(line, { kind: 'abort', connection })).toMatchObject([{ type: 'reset' }])
    expect(line.effects).toEqual([{ kind: 'closed', connection, reason: 'aborted' }])
    expect(line.mux.connectionCount).toBe(0)
  })
})
