import type { WireMessage } from '@pigeon/control/network'
import { describe, expect, it } from 'vitest'
import { addNews, clearLines, EMPTY_WIRE, filterLines, KEPT_MESSAGES } from './wire-log.ts'

function message(number: number, fields: Partial<WireMessage> = {}): WireMessage {
  const plain = { atMs: 0, direction: 'in', name: 'have', bep: 3, lengthBytes: 9 } as const
  return { ...plain, fields: [], number, ...fields }
}

function messages(count: number, leftOut = 0, from = 0) {
  const told = Array.from({ length: count }, (_, index) => message(from + index))
  return { kind: 'messages', messages: told, leftOut } as const
}

describe('the log of a wire', () => {
  it('keeps as many as it may, and one more drops the oldest and says so', () => {
    const full = addNews(EMPTY_WIRE, messages(KEPT_MESSAGES))
    expect([full.lines.length, full.dropped, full.lines[0]?.number]).toEqual([KEPT_MESSAGES, 0, 0])
    const over = addNews(full, messages(1, 0, KEPT_MESSAGES))
    expect([over.lines.length, over.dropped, over.lines[0]?.number]).toEqual([KEPT_MESSAGES, 1, 1])
    expect(over.lines.at(-1)?.number).toBe(KEPT_MESSAGES)
  })

  it('adds up what the node left out', () => {
    const log = addNews(addNews(EMPTY_WIRE, messages(2, 30)), messages(1, 12))
    expect(log.leftOut).toBe(42)
  })

  it('says at which message how many were left out, also between two deliveries', () => {
    const first = addNews(EMPTY_WIRE, messages(2))
    const { lines } = addNews(first, {
      kind: 'messages',
      leftOut: 12,
      messages: [message(7), message(8), message(16)],
    })
    expect(lines.map((line) => line.leftOutBefore)).toEqual([0, 0, 5, 0, 7])
  })

  it('stays as it was when the peer goes, with the reason', () => {
    const problem = { code: 'x', message: 'No.', help: 'Later.' }
    const log = addNews(addNews(EMPTY_WIRE, messages(2)), { kind: 'ended', problem })
    expect(log).toMatchObject({ state: 'ended', problem, lines: { length: 2 } })
    expect(addNews(log, { kind: 'cut' }).state).toBe('ended')
  })

  it('begins anew after a cut, when the node tells again what it remembers; keys are never used twice', () => {
    const before = addNews(EMPTY_WIRE, messages(3, 5))
    const cut = addNews(before, { kind: 'cut' })
    expect(cut).toMatchObject({ state: 'cut', lines: { length: 3 } })
    const after = addNews(cut, messages(2))
    expect(after).toMatchObject({ state: 'live', leftOut: 0, lines: { length: 2 } })
    expect(after.lines.map(({ key }) => key)).toEqual([3, 4])
  })

  it('is empty and goes on once it was cleared', () => {
    const log = addNews(clearLines(addNews(EMPTY_WIRE, messages(3, 5))), messages(1))
    expect(log).toMatchObject({ leftOut: 0, dropped: 0, lines: { length: 1 } })
  })
})

describe('the filter of a wire', () => {
  const { lines } = addNews(EMPTY_WIRE, {
    kind: 'messages',
    leftOut: 0,
    messages: [
      message(0, { name: 'request', direction: 'out' }),
      message(1, { name: 'piece' }),
      message(2, { name: 'ut_pex' }),
    ],
  })
  const found = (direction: 'all' | 'in' | 'out', name: string): readonly string[] =>
    filterLines(lines, { direction, name }).map((line) => line.name)

  it('goes by direction, by part of a name, and by several names at once', () => {
    expect(found('all', '')).toEqual(['request', 'piece', 'ut_pex'])
    expect(found('out', '')).toEqual(['request'])
    expect(found('all', 'PEX')).toEqual(['ut_pex'])
    expect(found('all', 'piece, request')).toEqual(['request', 'piece'])
    expect(found('in', 'request')).toEqual([])
  })

  it('hands the same list on where nothing is filtered, so that nothing is drawn anew', () => {
    expect(filterLines(lines, { direction: 'all', name: ' ' })).toBe(lines)
  })
})
