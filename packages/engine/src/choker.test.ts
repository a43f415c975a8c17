import { describe, expect, it } from 'vitest'
import {
  CHOKE_ROUND_MS,
  type ChokeMemory,
  type ChokeOptions,
  type ChokePeer,
  chooseUnchoked,
  slotsFor,
} from './choker.ts'

function peer(id: number, over: Partial<ChokePeer> = {}): ChokePeer {
  return {
    id,
    isInterested: true,
    downRate: 0,
    upRate: 0,
    isSnubbed: false,
    isUnchoked: false,
    lastUnchokedMs: Number.NEGATIVE_INFINITY,
    ...over,
  }
}

function seeded(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

function options(over: Partial<ChokeOptions> = {}): ChokeOptions {
  return {
    slots: 4,
    optimisticSlots: 1,
    isSeeding: false,
    isRound: true,
    nowMs: 0,
    random: seeded(1),
    memory: null,
    ...over,
  }
}

describe('while downloading', () => {
  it('serves those who give us most, and one more', () => {
    const peers = [1, 2, 3, 4, 5, 6].map((id) =>
      peer(id, { downRate: id * 1000, lastUnchokedMs: 0 }),
    )
    const { unchoked, memory } = chooseUnchoked(peers, options())
    expect([...unchoked].slice(0, 3).sort()).toEqual([4, 5, 6])
    expect(unchoked.size).toBe(4)
    expect(memory.optimistic).toHaveLength(1)
  })

  it('never serves those who want nothing', () => {
    const peers = [peer(1, { isInterested: false, downRate: 1e6 }), peer(2)]
    expect([...chooseUnchoked(peers, options()).unchoked]).toEqual([2])
  })

  it('gives a peer that snubs us nothing by merit', () => {
    const peers = [1, 2, 3, 4].map((id) => peer(id, { downRate: 10 }))
    const snubber = peer(9, { downRate: 1e6, isSnubbed: true })
    const { unchoked, memory } = chooseUnchoked([...peers, snubber], options())
    expect(unchoked.has(9)).toBe(memory.optimistic.includes(9))
  })

  it('fills slots that nobody earned with peers to try', () => {
    const peers = [1, 2, 3, 4, 5, 6].map((id) => peer(id))
    expect(chooseUnchoked(peers, options()).unchoked.size).toBe(4)
  })

  it('keeps the optimistic peer for thirty seconds and then draws anew', () => {
    const peers = Array.from({ length: 40 }, (_, id) =>
      peer(id, { downRate: id < 8 ? 1000 : 0, lastUnchokedMs: 0 }),
    )
    let memory: ChokeMemory | null = null
    const drawn: number[] = []
    const random = seeded(7)
    for (let round = 0; round < 30; round += 1) {
      const nowMs = round * CHOKE_ROUND_MS
      const choice = chooseUnchoked(peers, options({ nowMs, memory, random }))
      memory = choice.memory
      drawn.push(choice.memory.optimistic[0] ?? -1)
    }
    for (let turn = 0; turn < 10; turn += 1) {
      expect(new Set(drawn.slice(turn * 3, turn * 3 + 3)).size).toBe(1)
    }
    expect(new Set(drawn).size).toBeGreaterThan(5)
  })

  it('tries a newcomer about three times as often', () => {
    const random = seeded(3)
    let newcomer = 0
    for (let draw = 0; draw < 4000; draw += 1) {
      const { unchoked } = chooseUnchoked(
        [peer(1), peer(2, { lastUnchokedMs: 5 })],
        options({ slots: 1, random }),
      )
      if (unchoked.has(1)) newcomer += 1
    }
    expect(newcomer / 4000).toBeGreaterThan(0.7)
    expect(newcomer / 4000).toBeLessThan(0.8)
  })

  it('takes no slot away between rounds, and gives free ones at once', () => {
    const held = [1, 2].map((id) => peer(id, { isUnchoked: true, downRate: 0 }))
    const rival = [3, 4, 5].map((id) => peer(id, { downRate: 1e6 }))
    const { unchoked } = chooseUnchoked([...held, ...rival], options({ isRound: false }))
    expect(unchoked.has(1) && unchoked.has(2)).toBe(true)
    expect(unchoked.size).toBe(4)
  })

  it('gives the honest their slots whatever the number of thieves', () => {
    for (const thieves of [3, 30, 300]) {
      const honest = [1, 2, 3].map((id) => peer(id, { downRate: 1000 }))
      const others = Array.from({ length: thieves }, (_, id) => peer(100 + id))
      const { unchoked } = chooseUnchoked([...others, ...honest], options())
      expect([1, 2, 3].every((id) => unchoked.has(id))).toBe(true)
    }
  })
})

describe('while seeding', () => {
  it('gives each of thirty a turn, at most four at a time', () => {
    let peers = Array.from({ length: 30 }, (_, id) => peer(id, { upRate: id * 100 }))
    const served = new Map<number, number>()
    for (let round = 0; round < 60; round += 1) {
      const nowMs = round * CHOKE_ROUND_MS
      const { unchoked } = chooseUnchoked(peers, options({ isSeeding: true, nowMs }))
      expect(unchoked.size).toBe(4)
      for (const id of unchoked) served.set(id, (served.get(id) ?? 0) + 1)
      peers = peers.map((old) => {
        const isUnchoked = unchoked.has(old.id)
        return {
          ...old,
          isUnchoked,
          lastUnchokedMs: isUnchoked && !old.isUnchoked ? nowMs : old.lastUnchokedMs,
        }
      })
    }
    expect(served.size).toBe(30)
    expect(Math.min(...served.values())).toBeGreaterThanOrEqual(6)
  })

  it('leaves the fastest their slots while nobody waits', () => {
    const peers = [1, 2, 3].map((id) =>
      peer(id, { isUnchoked: true, lastUnchokedMs: 0, upRate: id }),
    )
    const { unchoked } = chooseUnchoked(peers, options({ isSeeding: true, nowMs: 1e7 }))
    expect([...unchoked].sort()).toEqual([1, 2, 3])
  })

  it('takes the slot of the slowest first', () => {
    const held = [1, 2, 3, 4].map((id) =>
      peer(id, { isUnchoked: true, lastUnchokedMs: 0, upRate: id * 100 }),
    )
    const { unchoked } = chooseUnchoked(
      [...held, peer(5)],
      options({ isSeeding: true, nowMs: 60_000 }),
    )
    expect([...unchoked].sort()).toEqual([2, 3, 4, 5])
  })
})

it('opens fewer slots under a low upload limit', () => {
  expect([slotsFor(null), slotsFor(10_000_000), slotsFor(50_000)]).toEqual([8, 8, 4])
})
