import { describe, expect, test } from 'vitest'
import { nodeIdFor } from '../bep/0042-node-id.ts'
import { publicAddress, seeded } from '../testing/dht-network.ts'
import {
  type Candidate,
  Lookup,
  LOOKUP_PARALLELISM,
  MAX_CANDIDATES,
  MAX_CANDIDATES_PER_FAR_BLOCK,
  MAX_CANDIDATES_PER_NEAR_BLOCK,
  MAX_LOOKUP_QUERIES,
  MAX_UNPROVEN_QUERIES,
  STORE_NODES,
} from './lookup.ts'
import { compareDistance } from './node-id.ts'
import { type Place, placeOf } from './place.ts'

interface Node {
  readonly id: Uint8Array
  readonly place: Place
  readonly isHostile: boolean
}

const chance = seeded(21)
const TOKEN = new Uint8Array(8)

function place(host: string, port = 6_881): Place {
  const found = placeOf(host, port)
  if (found === null) throw new Error(`${host} is no place`)
  return found
}

function honestNodes(count: number): Node[] {
  return Array.from({ length: count }, (_, index) => {
    const at = place(publicAddress(index).host)
    return { id: nodeIdFor(at.ip, chance(20)), place: at, isHostile: false }
  })
}

/** Every address of some networks, each with the one of eight right ids that is nearest to the target. */
function attackers(blocks: readonly string[], target: Uint8Array): Node[] {
  return blocks.flatMap((block) =>
    Array.from({ length: 254 }, (_, host): Node => {
      const at = place(`${block}.${host + 1}`)
      const ids = range(8)
        .map((r) => {
          const wanted = target.slice()
          wanted[19] = ((wanted[19] ?? 0) & 0xf8) | r
          return nodeIdFor(at.ip, wanted)
        })
        .sort((a, b) => compareDistance(target, a, b))
      return { id: ids[0] ?? target, place: at, isHostile: true }
    }),
  )
}

function nearest(nodes: readonly Node[], target: Uint8Array, count: number): readonly Node[] {
  return [...nodes].sort((a, b) => compareDistance(target, a.id, b.id)).slice(0, count)
}

/** Honest nodes name the nearest of all, hostile ones only each other. */
function walk(lookup: Lookup, honest: readonly Node[], hostile: readonly Node[]): void {
  const byHost = new Map([...honest, ...hostile].map((node) => [node.place.host, node]))
  const truth = nearest([...honest, ...hostile], lookup.target, 40)
  const lies = nearest(hostile, lookup.target, 8)
  for (const { id, place: at } of honest.slice(0, 20)) lookup.add(id, at)
  for (let round = 0; round < 500 && !lookup.isEnded; round++) {
    for (const candidate of lookup.next()) {
      const node = byHost.get(candidate.place.host)
      if (node === undefined) {
        lookup.failed(candidate)
        continue
      }
      lookup.answered(candidate, node.id, TOKEN)
      for (const named of node.isHostile ? lies : truth) lookup.add(named.id, named.place)
    }
  }
}

describe('a walk', () => {
  test('ends at the nearest nodes, and stores with them', () => {
    const honest = honestNodes(10_000)
    const target = chance(20).slice()
    const lookup = new Lookup(target, STORE_NODES)
    walk(lookup, honest, [])
    const stored = lookup.storeSet().map(({ place: at }) => at.host)
    expect(stored).toHaveLength(STORE_NODES)
    const hosts = nearest(honest, target, 40).map(({ place: at }) => at.host)
    expect(stored.filter((host) => !hosts.includes(host))).toEqual([])
    expect(stored[0]).toBe(hosts[0])
    expect(lookup.queryCount).toBeLessThan(60)
  })

  test.each([
    ['one /24', ['66.6.1']],
    ['eight /24 of one /16', range(8).map((i) => `66.6.${i}`)],
    ['twenty /24 of as many /16', range(20).map((i) => `${100 + i}.${i * 9}.3`)],
  ])('reaches honest nodes although an attacker has all addresses of %s', (_, blocks) => {
    const honest = honestNodes(10_000)
    for (let round = 0; round < 5; round++) {
      const target = chance(20).slice()
      const hostile = attackers(blocks, target)
      const lookup = new Lookup(target, STORE_NODES)
      walk(lookup, honest, hostile)
      const hosts = new Set(hostile.map(({ place: at }) => at.host))
      const stored = lookup.storeSet()
      expect(stored.some(({ place: at }) => !hosts.has(at.host))).toBe(true)
      expect(new Set(stored.map(({ place: at }) => at.farBlock)).size).toBe(stored.length)
    }
  })

  test('asks four at once, and goes on past those that are late', () => {
    const lookup = new Lookup(new Uint8Array(20), STORE_NODES)
    for (const { id, place: at } of honestNodes(30)) lookup.add(id, at)
    const first = lookup.next()
    expect(first).toHaveLength(LOOKUP_PARALLELISM)
    expect(lookup.next()).toEqual([])
    for (const candidate of first) lookup.late(candidate)
    expect(lookup.next()).toHaveLength(LOOKUP_PARALLELISM)
  })

  test('asks so many nodes and not one more, fewer of those without proof', () => {
    const proven = new Lookup(new Uint8Array(20), STORE_NODES)
    expect(askedInVain(proven, (i) => nodeIdFor(place(publicAddress(i).host).ip, chance(20)))).toBe(
      MAX_LOOKUP_QUERIES,
    )
    const unproven = new Lookup(new Uint8Array(20), STORE_NODES)
    expect(askedInVain(unproven, () => new Uint8Array(20).fill(9))).toBe(MAX_UNPROVEN_QUERIES)
  })

  test('remembers so many candidates and not one more', () => {
    const lookup = new Lookup(new Uint8Array(20), 1_000)
    for (const { id, place: at } of honestNodes(MAX_CANDIDATES + 50)) lookup.add(id, at)
    const seen = new Set<Candidate>()
    for (let batch = lookup.next(); batch.length > 0; batch = lookup.next()) {
      for (const candidate of batch) {
        seen.add(candidate)
        lookup.failed(candidate)
      }
    }
    expect(seen.size).toBeLessThanOrEqual(MAX_CANDIDATES)
  })

  test.each([
    ['/24', MAX_CANDIDATES_PER_NEAR_BLOCK, (i: number) => `66.6.6.${i + 1}`],
    ['/16', MAX_CANDIDATES_PER_FAR_BLOCK, (i: number) => `66.6.${i}.1`],
  ])('takes so many of one %s and not one more', (_, limit, hostOf) => {
    const lookup = new Lookup(new Uint8Array(20), STORE_NODES)
    for (let i = 0; i < 20; i++) lookup.add(chance(20), place(hostOf(i)))
    let asked = 0
    for (let batch = lookup.next(); batch.length > 0; batch = lookup.next()) {
      asked += batch.length
      for (const candidate of batch) lookup.failed(candidate)
    }
    expect(asked).toBe(limit)
  })

  test('believes a node rather than who named it falsely', () => {
    const lookup = new Lookup(new Uint8Array(20), STORE_NODES)
    const at = place('66.6.6.6')
    const id = nodeIdFor(at.ip, chance(20))
    lookup.add(new Uint8Array(20).fill(1), at)
    lookup.add(id, at)
    expect(lookup.next().map((candidate) => candidate.id)).toEqual([id])
  })
})

function askedInVain(lookup: Lookup, idOf: (index: number) => Uint8Array): number {
  let asked = 0
  let index = 0
  for (let round = 0; round < 1_000 && !lookup.isEnded; round++) {
    for (let i = 0; i < 10; i++, index++) lookup.add(idOf(index), place(publicAddress(index).host))
    for (const candidate of lookup.next()) {
      asked++
      lookup.failed(candidate)
    }
  }
  return asked
}

function range(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index)
}
