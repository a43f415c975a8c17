import { describe, expect, test } from 'vitest'
import type { RandomInt } from '../machine.ts'
import { type BookEntry, type BookLimits, SwarmBook } from './swarm-book.ts'

const INTERVAL_MS = 600_000
const TORRENT = new Uint8Array(20).fill(1)
const ANY = { count: 50, family: null } as const

function bookWith(limits: Partial<BookLimits> = {}, chance: RandomInt = () => 0): SwarmBook {
  return new SwarmBook({ chance, intervalMs: INTERVAL_MS, isKnown: () => true, limits })
}

function peer(n: number, fields: Partial<BookEntry> = {}): BookEntry {
  return {
    infoHash: TORRENT,
    peerId: new Uint8Array(20).fill(n),
    host: `192.0.2.${n}`,
    port: 6881,
    reach: 'ip',
    event: null,
    leftBytes: 1,
    ...fields,
  }
}

function portsGiven(
  book: SwarmBook,
  entry: BookEntry,
  wish: Parameters<SwarmBook['announce']>[1] = ANY,
) {
  const answer = book.announce(entry, wish, 0)
  return answer.kind === 'peers' ? answer.peers.map(({ port }) => port) : [answer.why]
}

describe('who is handed out', () => {
  test('others, never the one who asks, also when it asks from another address', () => {
    const book = bookWith()
    expect(portsGiven(book, peer(1, { port: 1 }))).toEqual([])
    expect(portsGiven(book, peer(2, { port: 2 }))).toEqual([1])
    expect(portsGiven(book, peer(1, { host: '2001:db8::1', port: 3 }))).toEqual([2])
  })

  test('seeds get no seeds, and those who want nothing get only those who want something', () => {
    const book = bookWith()
    book.announce(peer(1, { port: 1, leftBytes: 0 }), ANY, 0)
    book.announce(peer(2, { port: 2, event: 'paused' }), ANY, 0)
    expect(portsGiven(book, peer(3, { port: 3, leftBytes: 0 }))).toEqual([])
    expect(portsGiven(book, peer(4, { port: 4 })).toSorted()).toEqual([1, 2, 3])
    expect(portsGiven(book, peer(1, { port: 1, leftBytes: 0 }))).toEqual([4])
  })

  test('browsers get browsers, and one family can be asked for', () => {
    const book = bookWith()
    book.announce(peer(1, { port: 1, reach: 'webrtc' }), ANY, 0)
    book.announce(peer(2, { port: 2, host: '2001:db8::2' }), ANY, 0)
    book.announce(peer(3, { port: 3 }), ANY, 0)
    expect(portsGiven(book, peer(4, { port: 4, reach: 'webrtc' }))).toEqual([1])
    expect(portsGiven(book, peer(5, { port: 5 }), { count: 50, family: 6 })).toEqual([2])
  })

  test('what is at the loopback of this machine is given to it alone', () => {
    const book = bookWith()
    book.announce(peer(1, { port: 1, host: '127.0.0.1' }), ANY, 0)
    expect(portsGiven(book, peer(2, { port: 2 }))).toEqual([])
    expect(portsGiven(book, peer(3, { port: 3, host: '127.0.0.1' })).toSorted()).toEqual([1, 2])
  })

  test('each once, as many as were asked for, and everybody in the long run', () => {
    let turn = 0
    const book = bookWith({}, (below) => (turn += 7) % below)
    for (let n = 1; n <= 20; n++) book.announce(peer(n, { port: n }), ANY, 0)
    const seen = new Set<number>()
    for (let round = 0; round < 50; round++) {
      const ports = portsGiven(book, peer(30, { port: 30 }), { count: 5, family: null })
      expect(new Set<unknown>(ports).size).toBe(5)
      for (const port of ports) seen.add(Number(port))
    }
    expect(seen.size).toBe(20)
  })
})

describe('what is known of a swarm', () => {
  test('seeds, leechers, those who still want something, and who finished while it was watched', () => {
    const book = bookWith()
    book.announce(peer(1, { leftBytes: 0 }), ANY, 0)
    book.announce(peer(2, { event: 'paused' }), ANY, 0)
    book.announce(peer(3), ANY, 0)
    expect(book.counts(TORRENT)).toEqual({ seeds: 1, leechers: 2, downloaders: 1, completions: 0 })
    book.announce(peer(3, { event: 'completed', leftBytes: 0 }), ANY, 0)
    book.announce(peer(3, { event: 'completed', leftBytes: 0 }), ANY, 0)
    expect(book.counts(TORRENT)).toEqual({ seeds: 2, leechers: 1, downloaders: 0, completions: 1 })
  })

  test('who stops is gone, and with the last the torrent', () => {
    const book = bookWith()
    book.announce(peer(1), ANY, 0)
    book.announce(peer(1, { event: 'stopped' }), ANY, 0)
    expect(book).toMatchObject({ torrentCount: 0, peerCount: 0 })
    expect(book.announce(peer(1, { event: 'stopped' }), ANY, 0)).toMatchObject({ kind: 'peers' })
    expect(book.torrentCount).toBe(0)
  })

  test('who says nothing for twice the interval is forgotten', () => {
    const book = bookWith()
    book.announce(peer(1), ANY, 0)
    book.announce(peer(2), ANY, 1)
    book.expire(2 * INTERVAL_MS - 1)
    expect(book.peerCount).toBe(2)
    book.expire(2 * INTERVAL_MS)
    expect(book.peerCount).toBe(1)
  })

  test('a torrent that is not ours is refused', () => {
    const book = new SwarmBook({ chance: () => 0, intervalMs: 1, isKnown: () => false })
    expect(book.announce(peer(1), ANY, 0)).toEqual({ kind: 'refused', why: 'unknown-torrent' })
  })
})

describe('bounds', () => {
  const inTorrent = (n: number, fields: Partial<BookEntry> = {}) =>
    peer(n, { infoHash: new Uint8Array(20).fill(n), ...fields })

  test('no more torrents than the limit, until one ends', () => {
    const book = bookWith({ torrents: 2 })
    book.announce(inTorrent(1), ANY, 0)
    book.announce(inTorrent(2), ANY, 0)
    expect(portsGiven(book, inTorrent(3))).toEqual(['full'])
    book.announce(inTorrent(1, { event: 'stopped' }), ANY, 0)
    expect(portsGiven(book, inTorrent(3))).toEqual([])
  })

  test('one address begins no more torrents than its share', () => {
    const book = bookWith({ torrentsPerAddress: 1 })
    const host = '192.0.2.9'
    book.announce(inTorrent(1, { host }), ANY, 0)
    expect(portsGiven(book, inTorrent(2, { host }))).toEqual(['full'])
    expect(portsGiven(book, inTorrent(2))).toEqual([])
    expect(portsGiven(book, inTorrent(2, { host, peerId: TORRENT }))).toEqual([6881])
  })

  test.each([
    ['in a torrent', { peersPerTorrent: 2 }, {}],
    ['in all', { peers: 2 }, {}],
    ['at an address', { peersPerAddress: 2 }, { host: '192.0.2.9' }],
  ])('no more peers are listed %s than the limit; the next still gets others', (_, limits, at) => {
    const book = bookWith(limits)
    book.announce(peer(1, { port: 1, ...at }), ANY, 0)
    book.announce(peer(2, { port: 2, ...at }), ANY, 0)
    expect(portsGiven(book, peer(3, { port: 3, ...at }))).toHaveLength(2)
    expect(book.peerCount).toBe(2)
    expect(book.counts(TORRENT).leechers).toBe(2)
  })

  test('any order of announces keeps the counts true', () => {
    let seed = 7
    const chance = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below
    const book = bookWith({ peersPerTorrent: 5, peersPerAddress: 2 }, chance)
    const events = [null, 'started', 'completed', 'stopped', 'paused'] as const
    for (let n = 0; n < 3_000; n++) {
      const event = events[chance(events.length)] ?? null
      const host = `192.0.2.${chance(4)}`
      const entry = peer(chance(12), { host, event, leftBytes: chance(2), port: 1 + chance(3) })
      book.announce(entry, { count: 3, family: null }, n)
      const counts = book.counts(TORRENT)
      expect(counts.seeds + counts.leechers).toBe(book.peerCount)
      expect(Math.min(counts.seeds, counts.leechers, counts.downloaders)).toBeGreaterThanOrEqual(0)
      expect(book.peerCount).toBeLessThanOrEqual(5)
    }
    book.expire(1e9)
    expect(book).toMatchObject({ torrentCount: 0, peerCount: 0 })
  })
})

test('a torrent whose first peer finds no room takes none itself', () => {
  const book = bookWith({ peers: 1, torrents: 2, torrentsPerAddress: 2 })
  book.announce(peer(1), ANY, 0)
  for (let n = 2; n < 9; n++)
    book.announce(peer(2, { infoHash: new Uint8Array(20).fill(n) }), ANY, 0)
  expect([book.torrentCount, book.peerCount]).toEqual([1, 1])
  book.expire(3 * INTERVAL_MS)
  const late = book.announce(peer(3), ANY, 3 * INTERVAL_MS)
  expect([late.kind, book.torrentCount, book.peerCount]).toEqual(['peers', 1, 1])
})
