import { describe, expect, test } from 'vitest'
import { decodeKrpc, encodeKrpc, MAX_SENT_BYTES } from '../bep/0005-krpc.ts'
import { decodeNodes, encodeNode } from '../bep/0032-nodes.ts'
import { isVerifiedNodeId } from '../bep/0042-node-id.ts'
import { immutableTarget } from '../bep/0044-items.ts'
import { latin1Encode, toHex } from '../bytes.ts'
import { parseIp } from '../ip-address.ts'
import { publicAddress, seeded } from '../testing/dht-network.ts'
import { idOf, LonelyDht, STRANGER, STRANGER_ID } from '../testing/dht-stranger.ts'
import { DHT_LIMITS } from './dht-limits.ts'
import type { DhtAddress } from './dht-messages.ts'
import { ItemStore } from './item-store.ts'
import { PeerStore } from './peer-store.ts'
import { placeOf } from './place.ts'
import { RateGuard } from './rate-guard.ts'
import { RoutingTable } from './routing-table.ts'
import { Transactions } from './transactions.ts'

const HASH = idOf(1, 2, 3)

function place(host: string, port = 6_881) {
  const found = placeOf(host, port)
  if (found === null) throw new Error(`${host} is no place`)
  return found
}

describe('the rate of one address', () => {
  test('is 50 in one go; then it is silent for five minutes, and other addresses are not', () => {
    const node = new LonelyDht()
    const answers = Array.from({ length: 60 }, () => node.query('ping', {}, STRANGER, ANSWER_ONLY))
    expect(answers.filter(({ length }) => length > 0)).toHaveLength(50)
    expect(node.query('ping', {}, publicAddress(1), ANSWER_ONLY)).toHaveLength(1)
    node.nowMs += 5 * 60_000 - 1
    expect(node.query('ping', {}, STRANGER, ANSWER_ONLY)).toEqual([])
    node.nowMs += 1
    expect(node.query('ping', {}, STRANGER, ANSWER_ONLY)).toHaveLength(1)
    expect(node.dht.status(0)[0]?.refusedIn).toBe(11)
  })

  test('is five a second for ever', () => {
    const node = new LonelyDht()
    for (let i = 0; i < 1_000; i++) {
      node.nowMs += 200
      expect(node.query('ping', {}, STRANGER, ANSWER_ONLY)).toHaveLength(1)
    }
  })

  test('is remembered of so many addresses, and not of one more', () => {
    const guard = new RateGuard({ ...DHT_LIMITS, rememberedSources: 100 })
    for (let i = 0; i < 101; i++) guard.admits(`owner ${i}`, i)
    expect(guard.sourceCount).toBe(100)
  })
})

describe('an answer to who may be forged', () => {
  test('has at most three times the length of its question, pings included, whatever is asked', () => {
    const node = filled()
    for (const [method, body] of [
      ['ping', {}],
      ['find_node', { target: HASH }],
      ['find_node', { target: HASH, want: { nodes: true, nodes6: true } }],
      ['get_peers', { infoHash: HASH }],
      ['get_peers', { infoHash: HASH, isScrape: true }],
      ['get', { target: immutableTarget(BIG_VALUE) }],
      ['sample_infohashes', { target: HASH }],
      ['nonsense', {}],
      ['put', {}],
    ] as const) {
      for (const host of ['77.1.1.1', '2001:dcc::1']) {
        const from = { host, port: 6_881 }
        const query = encodeKrpc({
          kind: 'query',
          t: Uint8Array.of(1, 2),
          method,
          body: { id: idOf(0x99, method.length), ...body },
        })
        const sent = node.receive(query, from)
        const later = node.wait(20_000).filter(({ to }) => to.host === host)
        const bytes = [...sent, ...later].reduce((sum, { lengthBytes }) => sum + lengthBytes, 0)
        expect(bytes).toBeLessThanOrEqual(query.length * 3)
      }
    }
  })

  test('is long once it answered a ping', () => {
    const node = filled()
    const from = { host: '77.1.1.1', port: 6_881 }
    const target = immutableTarget(BIG_VALUE)
    const heard = node.query('get', { target }, from)
    expect(heard.map(({ message }) => message.method)).toEqual(['ping'])
    const [ping] = heard
    const answer = ping === undefined ? [] : node.pong(ping.message, STRANGER_ID, from)
    expect(answer[0]?.message.body.value).toEqual(BIG_VALUE)
    expect(answer[0]?.lengthBytes).toBeLessThanOrEqual(MAX_SENT_BYTES)
  })

  test('is cut when the ping is not answered, and not sent again when it is answered late', () => {
    const node = filled()
    const from = { host: '77.1.1.1', port: 6_881 }
    const [ping] = node.query('get', { target: immutableTarget(BIG_VALUE) }, from)
    const late = node.wait(3_000).filter(({ to }) => to.host === from.host)
    expect(late).toHaveLength(1)
    expect(late[0]?.message.body.value).toBeNull()
    expect(late[0]?.message.body.nodes?.length).toBeGreaterThan(0)
    expect(ping === undefined ? [] : node.pong(ping.message, STRANGER_ID, from)).toEqual([])
  })

  test('of a flood from forged addresses stays under three times what came in, every minute', () => {
    const node = filled()
    let inBytes = 0
    let outBytes = 0
    for (let i = 0; i < 6_000; i++) {
      node.nowMs += 10
      const query = encodeKrpc({
        kind: 'query',
        t: Uint8Array.of(i >> 8, i & 255),
        method: i % 2 === 0 ? 'get' : 'get_peers',
        body: { id: idOf(i >> 8, i), target: immutableTarget(BIG_VALUE), infoHash: HASH },
      })
      inBytes += query.length
      const from = { host: `99.${i & 127}.${i >> 7}.8`, port: 6_881 }
      for (const { lengthBytes, to } of [...node.receive(query, from), ...node.wait(0)]) {
        if (to.host.startsWith('99.')) outBytes += lengthBytes
      }
    }
    expect(outBytes).toBeGreaterThan(0)
    expect(outBytes).toBeLessThanOrEqual(inBytes * 3)
    expect(node.ask('ping', {})?.kind).toBe('response')
  })

  test('is not among the long ones when those have used up their 8,000 bytes a second', () => {
    const guard = new RateGuard(DHT_LIMITS)
    guard.prove('a', 0)
    let large = 0
    for (let i = 0; i < 100; i++) {
      const bytes = guard.answerBytes('a', 90, 1_000, 0)
      if (bytes === 1_000) large++
      guard.answered(90, bytes)
    }
    expect(large).toBe(8)
    expect(guard.answerBytes('a', 90, 1_000, 500)).toBe(1_000)
    expect(guard.answerBytes('b', 90, 1_000, 500)).toBe(270)
  })
})

describe('the peer store', () => {
  const limits = { ...DHT_LIMITS, storedHashes: 30, peersPerHash: 40 }
  const hashOf = (index: number) => idOf(index >> 8, index & 255, 7)
  const farPlace = (index: number) => place(publicAddress(index).host)

  test('takes so many hashes and not one more, and says so before', () => {
    const store = new PeerStore(limits, () => 0)
    for (let i = 0; i < 30; i++) expect(store.add(hashOf(i), farPlace(i), false, 0)).toBe(true)
    expect(store.hasRoomFor(hashOf(30), farPlace(30))).toBe(false)
    expect(store.add(hashOf(30), farPlace(30), false, 0)).toBe(false)
    expect(store.add(hashOf(3), farPlace(31), false, 0)).toBe(true)
    expect(store.hashCount).toBe(30)
  })

  test('takes so many peers of a hash and not one more', () => {
    const store = new PeerStore(limits, () => 0)
    for (let i = 0; i < 40; i++) expect(store.add(HASH, farPlace(i), false, 0)).toBe(true)
    expect(store.add(HASH, farPlace(40), false, 0)).toBe(false)
    expect(store.add(HASH, farPlace(4), true, 0)).toBe(true)
    expect(store.peerCount).toBe(40)
  })

  test('takes 20 hashes of one /24 and not one more', () => {
    const store = new PeerStore(DHT_LIMITS, () => 0)
    for (let i = 0; i < 20; i++) {
      expect(store.add(hashOf(i), place(`5.5.5.${i + 1}`), false, 0)).toBe(true)
    }
    expect(store.add(hashOf(20), place('5.5.5.99'), false, 0)).toBe(false)
    expect(store.add(hashOf(20), place('5.5.6.99'), false, 0)).toBe(true)
  })

  test('takes 20 peers of one /24 for a hash and not one more', () => {
    const store = new PeerStore(DHT_LIMITS, () => 0)
    for (let i = 0; i < 20; i++) {
      expect(store.add(HASH, place(`5.5.5.${i + 1}`), false, 0)).toBe(true)
    }
    expect(store.add(HASH, place('5.5.5.99'), false, 0)).toBe(false)
  })

  test('keeps one entry an address, the last', () => {
    const store = new PeerStore(DHT_LIMITS, () => 0)
    const entries: Uint8Array[] = []
    store.add(HASH, place('5.5.5.5', 7_000), false, 0)
    store.add(HASH, place('5.5.5.5', 7_001), true, 0)
    store.entries(HASH, 4, 50, false, entries)
    expect(entries.map(toHex)).toEqual(['363a050505051b59'])
  })

  test('gives 50 peers and not one more', () => {
    const store = new PeerStore(DHT_LIMITS, () => 0)
    const entries: Uint8Array[] = []
    for (let i = 0; i < 60; i++) store.add(HASH, farPlace(i), false, 0)
    expect(store.entries(HASH, 4, DHT_LIMITS.valuesPerAnswer, false, entries)).toBe(50)
  })

  test('forgets who does not come back, and then the hash', () => {
    const store = new PeerStore(DHT_LIMITS, () => 0)
    for (let i = 0; i < 20; i++) store.add(hashOf(i), place(`5.5.5.${i + 1}`), false, 0)
    store.expire(45 * 60_000)
    expect(store.hashCount + store.peerCount).toBe(0)
    expect(store.add(HASH, place('5.5.5.1'), false, 0)).toBe(true)
  })
})

describe('the item store', () => {
  const immutable = (index: number) => ({
    kind: 'immutable' as const,
    value: latin1Encode(`i${index}e`),
  })

  test('takes so many items; one more only where it is nearer to us than the farthest', () => {
    const store = new ItemStore({ ...DHT_LIMITS, storedItems: 50 })
    const own = new Uint8Array(20)
    for (let i = 0; i < 50; i++) store.put(immutable(i), place(publicAddress(i).host), own, 0)
    expect(store.size).toBe(50)
    const outcomes = Array.from({ length: 50 }, (_, i) => {
      const put = immutable(100 + i)
      const from = place(publicAddress(100 + i).host)
      const hadRoom = store.hasRoomFor(immutableTarget(put.value), from, own)
      const { kind } = store.put(put, from, own, 0)
      expect(kind === 'stored').toBe(hadRoom)
      return kind
    })
    expect(store.size).toBe(50)
    expect(new Set(outcomes)).toEqual(new Set(['stored', 'refused']))
  })

  test('takes 20 items of one /24 and not one more', () => {
    const store = new ItemStore(DHT_LIMITS)
    const own = new Uint8Array(20)
    const put = (i: number) => store.put(immutable(i), place(`5.5.5.${i + 1}`), own, 0).kind
    for (let i = 0; i < 20; i++) expect(put(i)).toBe('stored')
    expect(put(20)).toBe('refused')
  })
})

describe('the table', () => {
  const own = new Uint8Array(20)
  const farId = (index: number) => idOf(0x80 | (index & 0x7f), index >> 7, index)

  test('has eight nodes of a far part and not one more, and keeps the old ones', () => {
    const table = new RoutingTable(own, 0)
    table.responded(idOf(0x01), place('9.9.9.9'), 0)
    for (let i = 0; i < 9; i++) table.responded(farId(i), place(publicAddress(i).host), 0)
    expect(table.size).toBe(9)
    expect(table.find(place(publicAddress(8).host))).toBeNull()
    expect(table.find(place(publicAddress(0).host))).not.toBeNull()
  })

  test('gives the place of a bad node to the next that answered', () => {
    const table = new RoutingTable(own, 0)
    for (let i = 0; i < 10; i++) table.responded(farId(i), place(publicAddress(i).host), 0)
    table.failed(place(publicAddress(3).host))
    expect(table.find(place(publicAddress(3).host))).not.toBeNull()
    table.failed(place(publicAddress(3).host))
    expect(table.find(place(publicAddress(3).host))).toBeNull()
    expect(table.size).toBe(8)
  })

  test('keeps all its nodes while all of them are away', () => {
    const table = new RoutingTable(own, 0)
    for (let i = 0; i < 8; i++) table.responded(farId(i), place(publicAddress(i).host), 0)
    for (let i = 0; i < 8; i++)
      for (let n = 0; n < 5; n++) table.failed(place(publicAddress(i).host))
    expect(table.size).toBe(8)
    expect(table.goodCount(0)).toBe(0)
  })

  test('has one node an address and one a /24, and on local networks as many as there are', () => {
    const table = new RoutingTable(own, 0)
    table.responded(farId(1), place('9.9.9.9'), 0)
    table.responded(farId(2), place('9.9.9.9', 7_000), 0)
    table.responded(farId(3), place('9.9.9.10'), 0)
    table.responded(farId(4), place('2001:db9::1'), 0)
    table.responded(farId(5), place('2001:db9::2'), 0)
    expect(table.size).toBe(2)
    table.responded(farId(6), place('127.0.0.1', 1), 0)
    table.responded(farId(7), place('127.0.0.1', 2), 0)
    expect(table.size).toBe(4)
  })

  test('gives up a silent node with an unproven id for one with a proven id', () => {
    const table = new RoutingTable(own, 0)
    for (let i = 0; i < 8; i++) table.responded(farId(i), place(publicAddress(i).host), 0)
    const later = 16 * 60_000
    table.responded(farId(50), place(publicAddress(50).host), later)
    expect(table.find(place(publicAddress(50).host))).toBeNull()
    table.responded(farId(51), place('10.1.1.1'), later)
    expect(table.find(place('10.1.1.1'))).not.toBeNull()
  })

  test('is never more than its buckets hold, whoever answers', () => {
    const table = new RoutingTable(own, 0)
    const chance = seeded(3)
    for (let i = 0; i < 5_000; i++) table.responded(chance(20), place(publicAddress(i).host), 0)
    expect(table.size).toBeLessThanOrEqual(table.bucketCount * 8)
    expect(table.bucketCount).toBeLessThan(20)
  })

  test('finds the same nearest nodes as sorting all of them does', () => {
    const table = new RoutingTable(idOf(0x5a, 0x5a), 0)
    const chance = seeded(4)
    for (let i = 0; i < 2_000; i++) table.responded(chance(20), place(publicAddress(i).host), 0)
    for (let i = 0; i < 200; i++) {
      const target = i < 100 ? chance(20) : idOf(0x5a, 0x5a, i)
      const all = [...table.nodes()].map(({ id }) =>
        toHex(id.map((byte, at) => byte ^ (target[at] ?? 0))),
      )
      const nearest = table
        .closestUsable(target, 8)
        .map(({ id }) => toHex(id.map((byte, at) => byte ^ (target[at] ?? 0))))
      expect(nearest).toEqual(all.sort().slice(0, 8))
    }
  })
})

describe('an answer to us', () => {
  test('counts only from where the question went and with its four bytes', () => {
    const node = new LonelyDht()
    const [ping] = node.feed({ kind: 'add-node', address: STRANGER })
    if (ping === undefined) throw new Error('no ping')
    const other = { ...STRANGER, port: 1_234 }
    node.pong(ping.message, STRANGER_ID, other)
    node.pong({ ...ping.message, t: Uint8Array.of(1, 2, 3, 4) }, STRANGER_ID, STRANGER)
    node.pong({ ...ping.message, t: ping.message.t.slice(0, 2) }, STRANGER_ID, STRANGER)
    expect(node.dht.hasNodes).toBe(false)
    node.pong(ping.message, STRANGER_ID, STRANGER)
    expect(node.dht.hasNodes).toBe(true)
  })

  test('is awaited of so many nodes and not of one more', () => {
    const open = new Transactions<number>(seeded(1), 3)
    for (let i = 0; i < 3; i++) open.begin(place('9.9.9.9'), i, 0)
    expect(open.isFull).toBe(true)
    expect(open.expire(8_000).dead).toHaveLength(3)
    expect(open.isFull).toBe(false)
  })

  test('may not name nodes of our own network, nor those that nobody can reach', () => {
    const node = new LonelyDht()
    const asked = node.feed({ kind: 'bootstrap', addresses: [STRANGER] })
    const nodes = [
      '192.168.1.1',
      '10.0.0.1',
      '127.0.0.1',
      '0.0.0.0',
      '224.0.0.1',
      '255.255.255.255',
    ]
    const list = nodes.map((host, i) => encodeNode(idOf(i), parseIp(host) ?? HASH, 6_881))
    for (const { message, to } of asked) {
      const next = node.pong(message, STRANGER_ID, to, { body: { nodes: concat(list) } })
      expect(next).toEqual([])
    }
  })

  test('of sixteen nodes is read, of more the first sixteen', () => {
    const node = new LonelyDht()
    const [asked] = node.feed({ kind: 'bootstrap', addresses: [STRANGER] })
    const list = Array.from({ length: 40 }, (_, i) =>
      encodeNode(idOf(i), parseIp(publicAddress(i).host) ?? HASH, 6_881),
    )
    if (asked === undefined) throw new Error('nobody was asked')
    const heard = [
      ...node.pong(asked.message, STRANGER_ID, STRANGER, { body: { nodes: concat(list) } }),
    ]
    for (let i = 0; i < 10; i++) heard.push(...node.wait(2_500))
    const hosts = new Set(
      heard.filter(({ message }) => message.method === 'find_node').map(({ to }) => to.host),
    )
    hosts.delete(STRANGER.host)
    expect(hosts.size).toBe(16)
  })
})

describe('our own address', () => {
  const seen = Uint8Array.of(84, 124, 73, 14, 0x1a, 0xe1)
  const lie = Uint8Array.of(6, 6, 6, 6, 0x1a, 0xe1)
  const voter = (index: number): DhtAddress => publicAddress(index)

  function vote(node: LonelyDht, index: number, ip: Uint8Array, from = voter(index)): void {
    node.befriend(idOf(index, 9), from, ip)
  }

  test('is believed after three votes from different networks, and our id follows', () => {
    const node = new LonelyDht()
    const before = node.dht.status(0)[0]?.nodeId
    vote(node, 1, seen)
    vote(node, 2, seen)
    expect(node.dht.status(0)[0]).toMatchObject({ externalHost: null, isVerified: false })
    vote(node, 3, seen)
    const status = node.dht.status(0)[0]
    expect(status).toMatchObject({ externalHost: '84.124.73.14', isVerified: true })
    expect(status?.nodeId).not.toEqual(before)
    expect(isVerifiedNodeId(status?.nodeId ?? HASH, seen.subarray(0, 4))).toBe(true)
    expect(node.dht.hasNodes).toBe(true)
  })

  test('is not believed of one network, however often it speaks', () => {
    const node = new LonelyDht()
    for (let i = 1; i < 20; i++) vote(node, i, lie, { host: `5.5.${i}.1`, port: 6_881 })
    expect(node.dht.status(0)[0]?.externalHost).toBeNull()
  })

  test('is what most say while three of ten lie', () => {
    const node = new LonelyDht()
    for (let i = 0; i < 40; i++) {
      node.nowMs += 5_000
      vote(node, i, i % 10 < 3 ? lie : seen)
    }
    expect(node.dht.status(0)[0]?.externalHost).toBe('84.124.73.14')
  })
})

describe('what is saved', () => {
  test('lets the next run ask the nodes of the last, under the same id', () => {
    const node = new LonelyDht()
    for (let i = 0; i < 20; i++) node.befriend(idOf(i * 12, 1), publicAddress(i))
    const next = new LonelyDht({ savedState: node.dht.save(node.nowMs) })
    expect(next.dht.status(0)[0]?.nodeId).toEqual(node.dht.status(0)[0]?.nodeId)
    expect(next.dht.status(0)[0]?.state).toBe('lonely')
    const asked = next.feed({ kind: 'tick' })
    expect(asked.length).toBeGreaterThan(0)
    for (const { message, to } of asked) {
      const index = Array.from({ length: 20 }, (_, i) => i).find(
        (i) => publicAddress(i).host === to.host,
      )
      next.pong(message, idOf((index ?? 0) * 12, 1), to)
    }
    expect(next.dht.status(next.nowMs)[0]?.state).toBe('ready')
  })

  test('is of no use when a bit of it is wrong', () => {
    const node = new LonelyDht()
    node.befriend(idOf(1), publicAddress(1))
    const saved = node.dht.save(node.nowMs)
    for (let at = 0; at < saved.length; at++) {
      const broken = saved.slice()
      broken[at] = (broken[at] ?? 0) ^ 1
      expect(new LonelyDht({ savedState: broken }).dht.hasNodes).toBe(false)
    }
  })
})

describe('operations', () => {
  test('are as many as the limit says, and one more fails at once', () => {
    const node = new LonelyDht({ limits: { operations: 3 } })
    node.befriend(idOf(1), publicAddress(1))
    for (let i = 1; i <= 4; i++) {
      node.feed({ kind: 'get', operationId: i, target: HASH, salt: null })
    }
    expect(node.effects.filter(({ kind }) => kind === 'done')).toEqual([
      { kind: 'done', operationId: 4, outcome: { kind: 'failed', why: 'too-many' } },
    ])
  })

  test('end by themselves when nobody is known, and when nobody answers', () => {
    const node = new LonelyDht()
    node.feed({ kind: 'get', operationId: 1, target: HASH, salt: null })
    expect(node.effects.at(-1)).toMatchObject({ kind: 'done', operationId: 1 })
    node.befriend(idOf(1), publicAddress(1))
    node.feed({
      kind: 'find-peers',
      operationId: 2,
      infoHash: HASH,
      isScrape: false,
      announce: null,
    })
    node.wait(10_000)
    expect(node.effects).toContainEqual({
      kind: 'done',
      operationId: 2,
      outcome: { kind: 'peers', nodesAsked: 1, announcedTo: 0, scrape: null },
    })
  })

  test('that were cancelled are not heard of again', () => {
    const node = new LonelyDht()
    node.befriend(idOf(1), publicAddress(1))
    node.feed({ kind: 'get', operationId: 1, target: HASH, salt: null })
    node.feed({ kind: 'cancel', operationId: 1 })
    node.wait(20_000)
    expect(node.effects.some(({ kind }) => kind === 'done')).toBe(false)
  })
})

/** Whoever is read-only is answered and not pinged. */
const ANSWER_ONLY = { isReadOnly: true }
const BIG_VALUE = latin1Encode(`700:${'x'.repeat(700)}`)

function concat(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]))
}

/** A node with a full table, a well-known torrent and a large value. */
function filled(): LonelyDht {
  const node = new LonelyDht()
  for (let i = 0; i < 100; i++) node.befriend(idOf((i * 53) & 255, i), publicAddress(i))
  for (let i = 0; i < 40; i++) {
    node.befriend(idOf((i * 53) & 255, i), { host: `2001:db9:${i}::1`, port: 6_881 })
  }
  for (let i = 200; i < 260; i++) {
    const from = publicAddress(i)
    const token = node.ask('get_peers', { infoHash: HASH }, from)?.body.token ?? null
    node.ask('announce_peer', { infoHash: HASH, port: 7_000, token }, from)
  }
  const target = immutableTarget(BIG_VALUE)
  const token = node.ask('get', { target })?.body.token ?? null
  expect(node.ask('put', { token, value: BIG_VALUE })?.kind).toBe('response')
  const check = node.ask('find_node', { target: HASH })
  expect(decodeNodes(check?.body.nodes ?? HASH, 4, 9).length).toBeGreaterThan(4)
  expect(decodeKrpc(new Uint8Array(0)).ok).toBe(false)
  node.wait(20_000)
  return node
}
