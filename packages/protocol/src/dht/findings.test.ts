import { describe, expect, test } from 'vitest'
import { decodeKrpc, encodeKrpc, type KrpcBodyDraft } from '../bep/0005-krpc.ts'
import { FILTER_BYTES, insertIntoFilter } from '../bep/0033-scrape-filter.ts'
import { decodeSamples, MAX_SAMPLES_READ } from '../bep/0051-samples.ts'
import { publicAddress } from '../testing/dht-network.ts'
import { idOf, LonelyDht } from '../testing/dht-stranger.ts'
import { AddressVotes, MAX_VOTES } from './address-votes.ts'
import { MAX_BOOTSTRAP_NODES, MAX_PROBES } from './dht.ts'
import type { Candidate } from './lookup.ts'
import {
  MAX_FILTER_ESTIMATE,
  MAX_PEERS_FOUND,
  MAX_VALUES_READ,
  PeersOperation,
} from './peers-operation.ts'
import { compactPlace, type Place, placeOf } from './place.ts'
import { decodeSavedState, encodeSavedState, MAX_SAVED_NODES } from './saved-state.ts'

const HASH = idOf(1, 2, 3)

describe('peers that nodes name', () => {
  test('are a thousand an operation and not one more, each once', () => {
    const operation = scrape()
    const places = Array.from({ length: MAX_PEERS_FOUND + 1 }, (_, i) => at(publicAddress(i).host))
    expect(operation.accept(places.slice(0, 500))).toHaveLength(500)
    expect(operation.accept(places)).toHaveLength(500)
    expect(operation.accept(places)).toHaveLength(0)
  })

  test('are so many of one answer and not one more', () => {
    const values = Array.from({ length: MAX_VALUES_READ + 1 }, (_, i) =>
      compactPlace(at(publicAddress(i).host)),
    )
    expect(answer(scrape(), { values })).toHaveLength(MAX_VALUES_READ)
  })

  test.each([
    ['a port below 1024', '99.1.1.1', 1_023, 0],
    ['port 1024', '99.1.1.1', 1_024, 1],
    ['an address of our own network', '192.168.1.1', 6_881, 0],
    ['our own machine', '127.0.0.1', 6_881, 0],
  ])('with %s are passed over, or not', (_, host, port, count) => {
    expect(answer(scrape(), { values: [compactPlace(at(host, port))] })).toHaveLength(count)
  })

  test('of our own network are believed of nodes that are there', () => {
    const values = [compactPlace(at('192.168.1.1'))]
    expect(answer(scrape(), { values }, '192.168.1.9')).toHaveLength(1)
  })

  test('that lead nowhere or are no addresses are passed over', () => {
    const values = [
      Uint8Array.of(0, 0, 0, 0, 9, 9),
      Uint8Array.of(224, 0, 0, 1, 9, 9),
      new Uint8Array(5),
    ]
    expect(answer(scrape(), { values })).toHaveLength(0)
  })
})

describe('filters that nodes give', () => {
  const some = new Uint8Array(FILTER_BYTES)
  for (let i = 0; i < 30; i++) insertIntoFilter(some, Uint8Array.of(9, 9, 9, i))
  const none = new Uint8Array(FILTER_BYTES)

  test('are counted together', () => {
    const operation = scrape()
    answer(operation, { seedFilter: some, peerFilter: none })
    answer(operation, { seedFilter: some, peerFilter: none })
    expect(operation.outcome(2)).toMatchObject({ scrape: { seeds: 30, downloaders: 0 } })
  })

  test('that are full, or do not hold what comes with them, are not', () => {
    const operation = scrape()
    answer(operation, { seedFilter: new Uint8Array(FILTER_BYTES).fill(255), peerFilter: none })
    const values = [compactPlace(at('77.7.7.7'))]
    answer(operation, { seedFilter: some, peerFilter: none, values })
    expect(operation.outcome(2)).toMatchObject({ scrape: null })
    expect(MAX_FILTER_ESTIMATE).toBe(6_000)
  })

  test('may be missing: then the peers themselves are counted, seeds of others not twice', () => {
    const operation = scrape()
    answer(operation, { seedFilter: some, peerFilter: none })
    answer(operation, { values: [compactPlace(at('9.9.9.3')), compactPlace(at('77.7.7.7'))] })
    expect(operation.outcome(2)).toMatchObject({ scrape: { seeds: 30, downloaders: 1 } })
  })
})

describe('what is remembered', () => {
  test('of samples is as many hashes as fit a datagram and not one more', () => {
    expect(decodeSamples(new Uint8Array(20 * (MAX_SAMPLES_READ + 1)))).toHaveLength(
      MAX_SAMPLES_READ,
    )
  })

  test('of a table is so many nodes and not one more', () => {
    const nodes = Array.from({ length: MAX_SAVED_NODES + 1 }, (_, i) =>
      Uint8Array.from([...idOf(i & 255, i >> 8), ...compactPlace(at(publicAddress(i).host))]),
    )
    const saved = encodeSavedState({ 4: { id: HASH, nodes }, 6: null })
    expect(decodeSavedState(saved)?.[4]?.nodes).toHaveLength(MAX_SAVED_NODES)
  })

  test('of votes is so many, and the oldest goes for one more', () => {
    const votes = new AddressVotes()
    const one = Uint8Array.of(8, 8, 8, 8)
    for (let i = 0; i < MAX_VOTES; i++) votes.vote(at(publicAddress(i).host), one)
    const other = Uint8Array.of(7, 7, 7, 7)
    let believed: Uint8Array | null = null
    for (let i = 0; i < MAX_VOTES / 2; i++) {
      believed = votes.vote(at(publicAddress(1_000 + i).host), other)
    }
    expect(believed).toBeNull()
    expect(votes.vote(at(publicAddress(2_000).host), other)).toEqual(other)
  })

  test('of bootstrap nodes is so many and not one more', () => {
    const node = new LonelyDht()
    const addresses = Array.from({ length: MAX_BOOTSTRAP_NODES + 1 }, (_, i) => publicAddress(i))
    const heard = [...node.feed({ kind: 'bootstrap', addresses }), ...node.wait(60_000)]
    const hosts = new Set(heard.map(({ to }) => to.host))
    expect(hosts.size).toBe(MAX_BOOTSTRAP_NODES)
  })

  test('of nodes that were named is so many at a time and not one more', () => {
    const node = new LonelyDht()
    for (let i = 0; i < MAX_PROBES; i++) {
      expect(node.feed({ kind: 'add-node', address: publicAddress(i) })).toHaveLength(1)
    }
    const one = { kind: 'add-node' as const, address: publicAddress(MAX_PROBES) }
    expect(node.feed(one)).toHaveLength(0)
    node.wait(10_000)
    expect(node.feed(one)).toHaveLength(1)
  })
})

function at(host: string, port = 6_881): Place {
  const place = placeOf(host, port)
  if (place === null) throw new Error(`${host} is no place`)
  return place
}

function scrape(): PeersOperation {
  return new PeersOperation(1, HASH, true, null)
}

function answer(operation: PeersOperation, body: KrpcBodyDraft, from = '99.9.9.9') {
  const t = new Uint8Array(4)
  const bytes = encodeKrpc({ kind: 'response', t, body: { id: HASH, ...body } })
  const read = decodeKrpc(bytes)
  if (!read.ok) throw new Error(read.fault.code)
  const candidate: Candidate = {
    id: HASH,
    place: at(from),
    isVerified: true,
    state: 'answered',
    token: null,
  }
  return operation.answered(read.message.body, candidate)
}
