import type { WireMessage } from '@pigeon/control/network'
import { describe, expect, it } from 'vitest'
import { KEPT_MESSAGES, WireLog } from './wire-log.ts'

const messages = (count: number, from = 0): readonly WireMessage[] =>
  Array.from({ length: count }, (_, at) => ({
    ...{ number: from + at, atMs: 0, direction: 'in', name: 'have', bep: 3 },
    ...{ lengthBytes: 9, fields: [] },
  }))
const numbersIn = (log: WireLog): readonly number[] =>
  log.entries().flatMap((entry) => (entry.kind === 'message' ? [entry.message.number] : []))

describe('the log of a wire', () => {
  it(`keeps ${KEPT_MESSAGES} messages, and with one more the oldest is gone`, () => {
    const log = new WireLog()
    log.take({ kind: 'messages', messages: messages(KEPT_MESSAGES), leftOut: 0 })
    expect([numbersIn(log).length, numbersIn(log)[0], log.dropped]).toEqual([KEPT_MESSAGES, 0, 0])
    log.take({ kind: 'messages', messages: messages(1, KEPT_MESSAGES), leftOut: 0 })
    expect([numbersIn(log).length, numbersIn(log)[0], log.dropped]).toEqual([KEPT_MESSAGES, 1, 1])
    expect(numbersIn(log).at(-1)).toBe(KEPT_MESSAGES)
  })

  it('stays in order however often it went round', () => {
    const log = new WireLog()
    for (let from = 0; from < 5 * KEPT_MESSAGES; from += 7)
      log.take({ kind: 'messages', messages: messages(7, from), leftOut: 0 })
    const numbers = numbersIn(log)
    expect(numbers).toEqual(numbers.toSorted((one, other) => one - other))
    expect(log.count).toBe(numbers.length + log.dropped)
  })

  it('marks where messages were left out, before those that came after', () => {
    const log = new WireLog()
    log.take({ kind: 'messages', messages: messages(1), leftOut: 0 })
    log.take({ kind: 'messages', messages: messages(1, 40), leftOut: 39 })
    expect(log.entries().map(({ kind }) => kind)).toEqual(['message', 'gap', 'message'])
    expect(log.leftOut).toBe(39)
  })

  it('knows that the connection has ended, and why', () => {
    const log = new WireLog()
    expect(log.ended).toBeNull()
    const problem = { code: 'x', message: 'Gone.', help: '' }
    log.take({ kind: 'ended', problem })
    expect(log.ended).toEqual({ problem })
  })
})
