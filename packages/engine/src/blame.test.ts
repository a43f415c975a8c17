import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import {
  BAN_LIMIT,
  BanList,
  CorruptionLedger,
  FIRST_BAN_MS,
  LATER_BAN_MS,
  LEDGER_LIMITS,
} from './blame.ts'

const BLOCK = 16

function newLedger(): CorruptionLedger {
  return new CorruptionLedger({
    digest: (bytes) => new Uint8Array(createHash('sha1').update(bytes).digest()),
  })
}

const GOOD = Uint8Array.from({ length: 4 * BLOCK }, (_, at) => at)

/** A copy of the piece in which the blocks of the liars are false. */
function copyFrom(senders: readonly string[], ...liars: readonly string[]): Uint8Array {
  const bytes = GOOD.slice()
  for (const [block, sender] of senders.entries()) {
    if (liars.includes(sender)) bytes.fill(0xee, block * BLOCK, (block + 1) * BLOCK)
  }
  return bytes
}

function failed(
  ledger: CorruptionLedger,
  pieceIndex: number,
  senders: readonly string[],
  ...liars: readonly string[]
): readonly string[] {
  return ledger.failed({
    pieceIndex,
    senders,
    blockBytes: BLOCK,
    bytes: copyFrom(senders, ...liars),
  })
}

describe('CorruptionLedger', () => {
  it('bans the only sender of a bad piece at once', () => {
    const ledger = newLedger()
    expect(failed(ledger, 1, ['eve', 'eve', 'eve', 'eve'], 'eve')).toEqual(['eve'])
    expect(ledger.isWatching(1)).toBe(false)
  })

  it('proves by a good copy who lied among several, and clears the others', () => {
    const ledger = newLedger()
    expect(failed(ledger, 1, ['ann', 'eve', 'bob', 'eve'], 'eve')).toEqual([])
    expect(ledger.isWatching(1)).toBe(true)
    expect(ledger.verified(1, GOOD)).toEqual(['eve'])
    expect(ledger.isWatching(1)).toBe(false)
    expect(ledger.verified(1, GOOD)).toEqual([])
  })

  it('proves two liars of different copies', () => {
    const ledger = newLedger()
    failed(ledger, 1, ['ann', 'eve', 'ann', 'ann'], 'eve')
    failed(ledger, 1, ['mal', 'ann', 'ann', 'bob'], 'mal')
    expect([...ledger.verified(1, GOOD)].sort()).toEqual(['eve', 'mal'])
  })

  it('bans after three pieces the one that had a hand in all of them', () => {
    const ledger = newLedger()
    expect(failed(ledger, 1, ['ann', 'eve'], 'eve')).toEqual([])
    expect(failed(ledger, 2, ['bob', 'eve'], 'eve')).toEqual([])
    expect(failed(ledger, 3, ['cat', 'eve'], 'eve')).toEqual(['eve'])
  })

  it('does not ban an honest peer that always shares pieces with a liar', () => {
    const ledger = newLedger()
    for (let piece = 0; piece < 10; piece += 1) {
      expect(failed(ledger, piece, ['ann', 'eve'], 'eve')).toEqual([])
    }
    expect(ledger.verified(4, GOOD)).toEqual(['eve'])
  })

  it('forgets a suspicion that a good copy lifted', () => {
    const ledger = newLedger()
    for (let piece = 0; piece < 9; piece += 1) {
      failed(ledger, piece, ['ann', `liar ${piece}`], `liar ${piece}`)
      expect(ledger.verified(piece, GOOD)).toEqual([`liar ${piece}`])
    }
    expect(failed(ledger, 10, ['ann', 'eve'], 'eve')).toEqual([])
  })

  it('remembers a bounded number of pieces and copies', () => {
    const ledger = newLedger()
    for (let piece = 0; piece <= LEDGER_LIMITS.pieces; piece += 1) {
      failed(ledger, piece, [`a${piece}`, `b${piece}`], `a${piece}`)
    }
    expect(ledger.isWatching(0)).toBe(false)
    expect(ledger.isWatching(1)).toBe(true)
    for (let copy = 0; copy <= LEDGER_LIMITS.copies; copy += 1) {
      failed(ledger, 1000, [`c${copy}`, `d${copy}`], `c${copy}`)
    }
    expect(ledger.verified(1000, GOOD)).toEqual(['c1', 'c2', 'c3', 'c4'])
  })

  it('remembers a bounded number of suspects', () => {
    const ledger = newLedger()
    failed(ledger, 1, ['ann', 'eve'])
    failed(ledger, 2, ['bob', 'eve'])
    for (let other = 0; other < LEDGER_LIMITS.suspects; other += 1) {
      failed(ledger, 3, [`host ${other}`, `host ${other + 1}`])
    }
    expect(failed(ledger, 4, ['cat', 'eve'])).toEqual([])
  })

  it('forgets a piece that nobody wants any more', () => {
    const ledger = newLedger()
    failed(ledger, 1, ['ann', 'eve'], 'eve')
    ledger.forget(1)
    expect(ledger.isWatching(1)).toBe(false)
  })
})

describe('BanList', () => {
  it('bans for an hour, then for a day', () => {
    const bans = new BanList()
    bans.ban('192.0.2.7', 0)
    expect(bans.isBanned('192.0.2.7', FIRST_BAN_MS - 1)).toBe(true)
    expect(bans.isBanned('192.0.2.7', FIRST_BAN_MS)).toBe(false)
    expect(bans.isBanned('192.0.2.8', 0)).toBe(false)
    bans.ban('192.0.2.7', FIRST_BAN_MS)
    expect(bans.isBanned('192.0.2.7', FIRST_BAN_MS + LATER_BAN_MS - 1)).toBe(true)
    bans.lift('192.0.2.7')
    expect(bans.isBanned('192.0.2.7', FIRST_BAN_MS)).toBe(false)
  })

  it('takes the whole /64 of an IPv6 address, however it is written', () => {
    const bans = new BanList()
    bans.ban('2001:db8::1', 0)
    expect(bans.isBanned('2001:0DB8:0:0:ffff::2', 1)).toBe(true)
    expect(bans.isBanned('2001:db8:0:1::1', 1)).toBe(false)
  })

  it('knows an IPv4 address inside IPv6', () => {
    const bans = new BanList()
    bans.ban('::ffff:192.0.2.7', 0)
    expect(bans.isBanned('192.0.2.7', 1)).toBe(true)
    expect(bans.isBanned('::ffff:192.0.2.8', 1)).toBe(false)
  })

  it(`holds at most ${BAN_LIMIT}, the newest`, () => {
    const bans = new BanList()
    for (let index = 0; index <= BAN_LIMIT; index += 1) {
      bans.ban(`10.0.${index >> 8}.${index & 255}`, 0)
    }
    expect(bans.size).toBe(BAN_LIMIT)
    expect(bans.isBanned('10.0.0.0', 1)).toBe(false)
    expect(bans.isBanned('10.0.16.0', 1)).toBe(true)
  })
})
