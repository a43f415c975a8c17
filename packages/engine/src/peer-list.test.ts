import { describe, expect, it } from 'vitest'
import {
  FAILURES_BEFORE_FORGOTTEN,
  PEER_LIST_LIMIT,
  PORTS_PER_HOST,
  PeerList,
  VAIN_PORTS_PER_HOST,
} from './peer-list.ts'

const anyone = (): boolean => true

function newList(connectionsPerAddress = 1): PeerList {
  let state = 1
  const random = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  return new PeerList({ random, connectionsPerAddress: () => connectionsPerAddress })
}

function at(index: number, port = 6881): { readonly host: string; readonly port: number } {
  return { host: `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`, port }
}

describe('what is kept', () => {
  it('keeps an address once, and never port 0', () => {
    const list = newList()
    expect(list.add(at(1), 'tracker', 0)).toBe(true)
    expect(list.add(at(1), 'pex', 0)).toBe(false)
    expect(list.add(at(2, 0), 'tracker', 0)).toBe(false)
    expect(list.add(at(2, 65_536), 'tracker', 0)).toBe(false)
    expect(list.size).toBe(1)
  })

  it(`keeps at most ${PEER_LIST_LIMIT}, and gives up those that failed for new ones`, () => {
    const list = newList()
    for (let index = 0; index < PEER_LIST_LIMIT; index += 1) list.add(at(index), 'tracker', 0)
    expect(list.size).toBe(PEER_LIST_LIMIT)
    expect(list.add(at(99_999), 'tracker', 0)).toBe(false)
    const tried = list.next(0, anyone)
    if (tried === null) throw new Error('nobody to dial')
    list.failed(tried.address, 1)
    expect(list.add(at(99_999), 'tracker', 0)).toBe(true)
    expect(list.size).toBe(PEER_LIST_LIMIT)
  })

  it(`keeps at most ${PORTS_PER_HOST} ports of a host, unless the user names more`, () => {
    const list = newList()
    for (let port = 1; port <= PORTS_PER_HOST + 1; port += 1) list.add(at(1, port), 'pex', 0)
    expect(list.size).toBe(PORTS_PER_HOST)
    expect(list.add(at(1, 9999), 'user', 0)).toBe(true)
  })

  it('never dials itself again once it knows', () => {
    const list = newList()
    list.add(at(1), 'tracker', 0)
    list.isSelf(at(1))
    expect(list.next(0, anyone)).toBeNull()
    expect(list.add(at(1), 'tracker', 0)).toBe(false)
  })
})

describe('whom to dial', () => {
  it('offers each once until its dial ends', () => {
    const list = newList()
    list.add(at(1), 'tracker', 0)
    list.add(at(2), 'tracker', 0)
    const hosts = [list.next(0, anyone), list.next(0, anyone), list.next(0, anyone)]
    expect(new Set(hosts.map((one) => one?.address.host)).size).toBe(3)
    expect(hosts[2]).toBeNull()
  })

  it('prefers whom the user named, then who failed least', () => {
    const list = newList()
    list.add(at(1), 'tracker', 0)
    list.next(0, anyone)
    list.failed(at(1), 0)
    list.add(at(2), 'tracker', 0)
    list.add(at(3), 'user', 0)
    const order = [1, 2, 3].map(() => list.next(10_000, anyone)?.address)
    expect(order).toEqual([at(3), at(2), at(1)])
  })

  it('waits longer after each failure, and forgets what never answers', () => {
    const list = newList()
    list.add(at(1), 'tracker', 0)
    let nowMs = 0
    const waits: number[] = []
    for (let failure = 0; failure < FAILURES_BEFORE_FORGOTTEN; failure += 1) {
      const sinceMs = nowMs
      while (list.next(nowMs, anyone) === null) nowMs += 1000
      waits.push(nowMs - sinceMs)
      list.failed(at(1), nowMs)
    }
    expect(waits.slice(0, 5)).toEqual([0, 5000, 10_000, 20_000, 40_000])
    expect(list.size).toBe(0)
  })

  it('asks the caller about bans and bounds', () => {
    const list = newList()
    list.add(at(1), 'tracker', 0)
    expect(list.next(0, () => false)).toBeNull()
    expect(list.next(0, anyone)).not.toBeNull()
  })

  it('dials one port of a host at a time', () => {
    const list = newList()
    list.add(at(1, 1000), 'tracker', 0)
    list.add(at(1, 2000), 'tracker', 0)
    expect(list.next(0, anyone)).not.toBeNull()
    expect(list.next(0, anyone)).toBeNull()
    const wide = newList(2)
    wide.add(at(1, 1000), 'tracker', 0)
    wide.add(at(1, 2000), 'tracker', 0)
    expect([wide.next(0, anyone), wide.next(0, anyone)]).not.toContain(null)
  })

  it(`knocks at a stranger at most ${VAIN_PORTS_PER_HOST} times however many entries name him`, () => {
    const list = newList()
    let knocks = 0
    for (let port = 1; port < 60_000; port += 1) list.add(at(1, port), 'pex', 0)
    for (let nowMs = 0; nowMs < 3_000_000; nowMs += 1000) {
      const next = list.next(nowMs, anyone)
      if (next === null) continue
      knocks += 1
      list.failed(next.address, nowMs)
    }
    expect(knocks).toBe(VAIN_PORTS_PER_HOST)
  })

  it('comes back to a peer that went, soon if it was a good one', () => {
    const list = newList()
    list.add(at(1), 'tracker', 0)
    list.next(0, anyone)
    list.connected(at(1))
    list.succeeded(at(1))
    list.disconnected(at(1), 600_000)
    expect(list.next(600_000, anyone)).toBeNull()
    expect(list.next(605_000, anyone)).not.toBeNull()
  })

  it('backs off from a peer that hangs up at once', () => {
    const list = newList()
    list.add(at(1), 'tracker', 0)
    let nowMs = 0
    for (let round = 0; round < 4; round += 1) {
      while (list.next(nowMs, anyone) === null) nowMs += 1000
      list.connected(at(1))
      list.succeeded(at(1))
      list.disconnected(at(1), nowMs)
    }
    expect(nowMs).toBe(35_000)
    expect(list.next(nowMs + 39_000, anyone)).toBeNull()
  })

  it('tries all again at once when asked to', () => {
    const list = newList()
    list.add(at(1), 'tracker', 0)
    list.next(0, anyone)
    list.failed(at(1), 0)
    list.retryAll(1)
    expect(list.next(1, anyone)).not.toBeNull()
  })
})

describe('a torrent that turns out to be private', () => {
  it('keeps only peers of sources that it may use', () => {
    const list = new PeerList({ random: () => 0 })
    list.add({ host: '192.0.2.1', port: 6881 }, 'magnet', 0)
    list.add({ host: '192.0.2.2', port: 6881 }, 'tracker', 0)
    list.keepSources((source) => source !== 'magnet')
    expect(list.size).toBe(1)
    expect(list.next(0, () => true)?.address.host).toBe('192.0.2.2')
  })
})
