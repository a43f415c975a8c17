import { describe, expect, it } from 'vitest'
import {
  CANDIDATES_PER_TELLER,
  FAILURES_BEFORE_FORGOTTEN,
  PEER_LIST_LIMIT,
  PORTS_PER_HOST,
  PeerList,
  REMEMBERED_HOSTS,
  VAIN_PORTS_PER_HOST,
  VAIN_TRIES_OF_HEARSAY,
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

  it('takes at most a quarter from one teller, until some of it is forgotten', () => {
    const list = newList()
    for (let index = 0; index < PEER_LIST_LIMIT; index += 1) list.add(at(index), 'pex', 0, 'liar')
    expect(list.size).toBe(CANDIDATES_PER_TELLER)
    expect(list.add(at(99_998), 'pex', 0, 'other')).toBe(true)
    list.isSelf(at(0))
    expect(list.add(at(99_999), 'pex', 0, 'liar')).toBe(true)
    expect(list.add(at(100_000), 'pex', 0, 'liar')).toBe(false)
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

  it(`knocks ${VAIN_TRIES_OF_HEARSAY} times at one address that only others named, also when they name it anew`, () => {
    const list = newList()
    let knocks = 0
    for (let nowMs = 0; nowMs < 3_000_000; nowMs += 1000) {
      list.add(at(1), 'pex', nowMs, 'liar')
      const next = list.next(nowMs, anyone)
      if (next === null) continue
      knocks += 1
      list.failed(next.address, nowMs)
    }
    expect(knocks).toBe(VAIN_TRIES_OF_HEARSAY)
  })

  it('gives who was only named by others minutes to start anew, and who once answered many chances', () => {
    const triesOf = (list: PeerList): readonly number[] => {
      const tries: number[] = []
      for (let nowMs = 0; nowMs < 3_000_000; nowMs += 1000) {
        if (list.next(nowMs, anyone) === null) continue
        tries.push(nowMs)
        list.failed(at(1), nowMs)
      }
      return tries
    }
    const named = newList()
    named.add(at(1), 'dht', 0)
    expect(triesOf(named)).toEqual([0, 30_000, 150_000])
    const proven = newList()
    proven.add(at(1), 'dht', -60_000)
    proven.take(at(1), -60_000)
    proven.connected(at(1))
    proven.succeeded(at(1), -60_000)
    proven.disconnected(at(1), 0)
    expect(triesOf(proven).slice(0, 4)).toEqual([5_000, 15_000, 35_000, 75_000])
  })

  it('remembers in whom it was disappointed, up to a bound', () => {
    const list = newList()
    for (let index = 0; index < PEER_LIST_LIMIT + REMEMBERED_HOSTS + 10; index += 1) {
      list.add(at(index), 'pex', 0)
      list.take(at(index), 0)
      list.failed(at(index), 0)
      list.keepSources(() => false)
    }
    expect(list.hostCount).toBe(PEER_LIST_LIMIT + REMEMBERED_HOSTS)
  })

  it('dials at once what somebody arranged, once, and not where it was in vain before', () => {
    const list = newList()
    expect(list.take(at(1), 0)).toBe(false)
    list.add(at(1), 'pex', 0)
    for (let knock = 0; knock < VAIN_TRIES_OF_HEARSAY; knock += 1) {
      expect(list.take(at(1), knock)).toBe(true)
      expect(list.take(at(1), knock)).toBe(false)
      list.failed(at(1), knock)
    }
    expect(list.take(at(1), 60_000)).toBe(false)
  })

  it('prefers the greater priority among equals, and learns of it later', () => {
    const priorities = new Map([
      [at(1).host, 1],
      [at(2).host, 3],
      [at(3).host, 2],
    ])
    let isKnown = false
    const priority = ({ host }: { readonly host: string }): number | null =>
      isKnown ? (priorities.get(host) ?? null) : null
    const list = new PeerList({ random: () => 0, priority })
    for (const index of [1, 2, 3]) list.add(at(index), 'tracker', 0)
    isKnown = true
    list.reprioritize()
    const order = [1, 2, 3].map(() => list.next(0, anyone)?.address.host)
    expect(order).toEqual([at(2).host, at(3).host, at(1).host])
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
