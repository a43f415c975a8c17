import { describe, expect, test } from 'vitest'
import { encodeKrpc } from '../bep/0005-krpc.ts'
import { decodeNodes } from '../bep/0032-nodes.ts'
import { estimateFilter, filterMayHold } from '../bep/0033-scrape-filter.ts'
import { mutableTarget } from '../bep/0044-items.ts'
import { latin1Encode, toHex } from '../bytes.ts'
import { idOf, LonelyDht, STRANGER, STRANGER_ID } from '../testing/dht-stranger.ts'
import { publicAddress } from '../testing/dht-network.ts'
import { compareDistance } from './node-id.ts'

const HASH = idOf(1, 2, 3)
const OTHER = { host: '203.0.7.9', port: 6_881 }

describe('a ping', () => {
  test.each([0, 1, 2, 4, 20, 64])(
    'is answered with its own transaction id of %i bytes',
    (length) => {
      const node = new LonelyDht()
      const t = Uint8Array.from({ length }, (_, i) => 255 - i)
      const query = encodeKrpc({ kind: 'query', t, method: 'ping', body: { id: STRANGER_ID } })
      const [answer] = node.receive(query)
      expect(answer?.message.kind).toBe('response')
      expect(answer?.message.t).toEqual(t)
      expect(answer?.message.body.id).toHaveLength(20)
    },
  )

  test('with a transaction id of 65 bytes is not answered', () => {
    const node = new LonelyDht()
    const t = new Uint8Array(65)
    const query = encodeKrpc({ kind: 'query', t, method: 'ping', body: { id: STRANGER_ID } })
    expect(node.receive(query).filter(({ message }) => message.kind !== 'query')).toEqual([])
  })

  test('is told the address that it came from', () => {
    const answer = new LonelyDht().ask('ping', {})
    expect(toHex(answer?.ip ?? HASH)).toBe('c63307091ae1')
    const v6 = new LonelyDht().ask('ping', {}, { host: '2001:db9::1', port: 1 })
    expect(toHex(v6?.ip ?? HASH)).toBe('20010db90000000000000000000000010001')
  })
})

describe('a question for nodes', () => {
  function settled(count: number): LonelyDht {
    const node = new LonelyDht()
    for (let i = 0; i < count; i++) {
      node.befriend(idOf((i * 37) & 0xff, (i * 101) & 0xff, i), publicAddress(i))
    }
    return node
  }

  test('is answered with the eight nearest good nodes, nearest first', () => {
    const node = settled(60)
    node.befriend(STRANGER_ID, STRANGER)
    const known = node.dht.closestNodes(HASH, 4, node.nowMs).map(({ host }) => host)
    const answer = node.ask('find_node', { target: HASH })
    const nodes = decodeNodes(answer?.body.nodes ?? HASH, 4, 99)
    expect(nodes.map(({ host }) => host)).toEqual(known)
    expect(nodes).toHaveLength(8)
    const sorted = [...nodes].sort((a, b) => compareDistance(HASH, a.id, b.id))
    expect(nodes).toEqual(sorted)
  })

  test('gives nodes6 where they are wanted, and nothing longer than 1024 bytes', () => {
    const node = settled(30)
    for (let i = 0; i < 30; i++) {
      node.befriend(idOf(i * 8, i), { host: `2001:db9:${i + 1}::1`, port: 6_881 })
    }
    const from = { host: '2001:dba::1', port: 6_881 }
    node.befriend(STRANGER_ID, from)
    const want = { nodes: true, nodes6: true }
    const [heard] = node.query('find_node', { target: HASH, want }, from)
    expect(heard?.message.body.nodes).toHaveLength(8 * 26)
    expect(heard?.message.body.nodes6).toHaveLength(8 * 38)
    expect(heard?.lengthBytes).toBeLessThanOrEqual(1_024)
    const [plain] = node.query('find_node', { target: HASH }, from)
    expect(plain?.message.body.nodes).toBeNull()
    expect(plain?.message.body.nodes6).toHaveLength(8 * 38)
  })

  test('is not answered with a node that asks but never answers', () => {
    const node = new LonelyDht()
    node.query('ping', { id: idOf(9) }, OTHER)
    node.wait(60_000)
    node.query('ping', { id: idOf(9) }, OTHER)
    expect(node.ask('find_node', { target: idOf(9) })?.body.nodes).toHaveLength(0)
  })

  test('is not answered with a read-only node, which is not even pinged', () => {
    const node = new LonelyDht()
    const heard = node.query('ping', { id: idOf(9) }, OTHER, { isReadOnly: true })
    expect(heard.map(({ message }) => message.kind)).toEqual(['response'])
  })

  test('may have a method that nobody knows, as long as it has a target', () => {
    const node = settled(20)
    expect(node.ask('vote', { target: HASH })?.body.nodes?.length).toBeGreaterThan(0)
    expect(node.ask('vote', { infoHash: HASH })?.body.nodes?.length).toBeGreaterThan(0)
    expect(node.ask('vote', {})?.errorCode).toBe(204)
  })
})

describe('a question for peers', () => {
  test('is answered with who announced itself with the token', () => {
    const node = new LonelyDht()
    const { token } = node.ask('get_peers', { infoHash: HASH })?.body ?? {}
    expect(token).toHaveLength(8)
    const announced = node.ask('announce_peer', {
      infoHash: HASH,
      port: 7_000,
      token: token ?? null,
    })
    expect(announced?.kind).toBe('response')
    const answer = node.ask('get_peers', { infoHash: HASH }, OTHER)
    expect(answer?.body.values?.map(toHex)).toEqual(['c63307091b58'])
    expect(answer?.body.token).toHaveLength(8)
  })

  test.each([
    [true, '1ae1'],
    [false, '1b58'],
  ])('gives the port that the packet came from if that is implied (%s)', (isPortImplied, port) => {
    const node = new LonelyDht()
    const token = node.ask('get_peers', { infoHash: HASH })?.body.token ?? null
    node.ask('announce_peer', { infoHash: HASH, port: 7_000, isPortImplied, token })
    const values = node.ask('get_peers', { infoHash: HASH })?.body.values
    expect(values?.map(toHex)).toEqual([`c6330709${port}`])
  })

  test('gives IPv6 peers to IPv6 askers alone', () => {
    const node = new LonelyDht()
    const from = { host: '2001:db9::1', port: 6_881 }
    const token = node.ask('get_peers', { infoHash: HASH }, from)?.body.token ?? null
    node.ask('announce_peer', { infoHash: HASH, port: 7_000, token }, from)
    expect(node.ask('get_peers', { infoHash: HASH }, from)?.body.values?.[0]).toHaveLength(18)
    expect(node.ask('get_peers', { infoHash: HASH })?.body.values).toBeNull()
  })

  test('leaves out seeds for a seed, and counts everybody in filters', () => {
    const node = new LonelyDht()
    for (const [from, isSeed] of [
      [STRANGER, true],
      [OTHER, false],
    ] as const) {
      const token = node.ask('get_peers', { infoHash: HASH }, from)?.body.token ?? null
      node.ask('announce_peer', { infoHash: HASH, port: 7_000, token, isSeed }, from)
    }
    const noSeeds = node.ask('get_peers', { infoHash: HASH, isWithoutSeeds: true })
    expect(noSeeds?.body.values?.map(toHex)).toEqual(['cb0007091b58'])
    const scraped = node.ask('get_peers', { infoHash: HASH, isScrape: true })?.body
    expect(Math.round(estimateFilter(scraped?.seedFilter ?? new Uint8Array(256)))).toBe(1)
    const seeds = scraped?.seedFilter ?? new Uint8Array(256)
    const peers = scraped?.peerFilter ?? new Uint8Array(256)
    expect(filterMayHold(seeds, Uint8Array.of(198, 51, 7, 9))).toBe(true)
    expect(filterMayHold(peers, Uint8Array.of(203, 0, 7, 9))).toBe(true)
    expect(filterMayHold(peers, Uint8Array.of(198, 51, 7, 9))).toBe(false)
  })
})

describe('a token', () => {
  function announceWith(node: LonelyDht, token: Uint8Array | null, from = STRANGER, hash = HASH) {
    return node.ask('announce_peer', { infoHash: hash, port: 7_000, token }, from)
  }

  test('that was made up is refused, and nothing is stored', () => {
    const node = new LonelyDht()
    expect(announceWith(node, idOf(1).slice(0, 8))?.errorCode).toBe(203)
    expect(announceWith(node, new Uint8Array(0))?.errorCode).toBe(203)
    expect(announceWith(node, null)?.errorCode).toBe(203)
    expect(node.dht.status(0)[0]?.storedPeers).toBe(0)
  })

  test('of another address or another hash is refused', () => {
    const node = new LonelyDht()
    const token = node.ask('get_peers', { infoHash: HASH })?.body.token ?? null
    expect(announceWith(node, token, OTHER)?.errorCode).toBe(203)
    expect(announceWith(node, token, STRANGER, idOf(7))?.errorCode).toBe(203)
  })

  test('is good for five minutes at least and ten at most', () => {
    const node = new LonelyDht()
    const token = node.ask('get_peers', { infoHash: HASH })?.body.token ?? null
    node.nowMs += 5 * 60_000 + 1
    expect(announceWith(node, token)?.kind).toBe('response')
    node.nowMs += 5 * 60_000
    expect(announceWith(node, token)?.errorCode).toBe(203)
  })

  test('is refused after a silence of an hour', () => {
    const node = new LonelyDht()
    const token = node.ask('get_peers', { infoHash: HASH })?.body.token ?? null
    node.nowMs += 3_600_000
    expect(announceWith(node, token)?.errorCode).toBe(203)
  })
})

describe('what is no question', () => {
  test.each([
    ['no arguments', 'd1:q4:ping1:t2:aa1:y1:qe'],
    ['a short id', 'd1:ad2:id3:abce1:q4:ping1:t2:aa1:y1:qe'],
    ['arguments in a list', 'd1:ale1:q4:ping1:t2:aa1:y1:qe'],
    ['no target', 'd1:ad2:id20:abcdefghij0123456789e1:q9:find_node1:t2:aa1:y1:qe'],
  ])('(%s) is answered with 203 or not at all', (_, text) => {
    const node = new LonelyDht()
    for (const { message } of node.receive(latin1Encode(text))) {
      if (message.kind !== 'query') expect(message.errorCode).toBe(203)
    }
    expect(node.ask('ping', {})?.kind).toBe('response')
  })

  test('(64 KiB of noise) changes nothing', () => {
    const node = new LonelyDht()
    expect(node.receive(new Uint8Array(65_507).fill(0x64))).toEqual([])
    expect(node.ask('ping', {})?.kind).toBe('response')
  })
})

describe('a value', () => {
  const value = latin1Encode('12:Hello World!')
  const publicKey = new Uint8Array(32).fill(3)
  const signature = new Uint8Array(64).fill(4)
  const salt = latin1Encode('s')

  test('comes back under its hash', () => {
    const node = new LonelyDht()
    const hash = idOf(
      0xe5,
      0xf9,
      0x6f,
      0x6f,
      0x38,
      0x32,
      0x0f,
      0x0f,
      0x33,
      0x95,
      0x9c,
      0xb4,
      0xd3,
      0xd6,
      0x56,
      0x45,
      0x21,
      0x17,
      0xaa,
      0xdb,
    )
    const token = node.ask('get', { target: hash })?.body.token ?? null
    expect(node.ask('put', { token, value })?.kind).toBe('response')
    expect(node.ask('get', { target: hash })?.body.value).toEqual(value)
    expect(node.ask('put', { token, value: latin1Encode('3:abc') })?.errorCode).toBe(203)
  })

  test('that is signed follows its sequence number and cas', () => {
    const node = new LonelyDht()
    const signed = mutableIn(node, publicKey, salt)
    const put = (seq: bigint, text: string, cas: bigint | null = null) =>
      signed.put({ seq, value: latin1Encode(text), signature, cas })
    expect(put(1n, '1:a')?.kind).toBe('response')
    expect(put(1n, '1:a')?.kind).toBe('response')
    expect(put(1n, '1:b')?.errorCode).toBe(302)
    expect(put(0n, '1:a')?.errorCode).toBe(302)
    expect(put(2n, '1:b', 7n)?.errorCode).toBe(301)
    expect(put(2n, '1:b', 1n)?.kind).toBe('response')
    expect(signed.get()?.seq).toBe(2n)
    expect(signed.get(1n)?.value).toEqual(latin1Encode('1:b'))
    expect(signed.get(2n)?.value).toBeNull()
    expect(signed.get(2n)?.publicKey).toBeNull()
  })

  test('that is signed wrongly is refused with 206 and not stored', () => {
    const node = new LonelyDht({ verify: () => false })
    const signed = mutableIn(node, publicKey, salt)
    expect(signed.put({ seq: 1n, value, signature })?.errorCode).toBe(206)
    expect(node.dht.status(0)[0]?.storedItems).toBe(0)
  })

  test('is forgotten after two hours, unless it was stored again', () => {
    const node = new LonelyDht()
    const signed = mutableIn(node, publicKey, salt)
    signed.put({ seq: 1n, value, signature })
    node.wait(3_600_000)
    signed.put({ seq: 1n, value, signature })
    node.wait(3_600_000 + 60_000)
    expect(signed.get()?.seq).toBe(1n)
    node.wait(3_600_000 + 60_000)
    expect(signed.get()?.seq).toBeNull()
  })
})

describe('a question for samples', () => {
  test('gives what is kept, how much that is, and when to ask again', () => {
    const node = new LonelyDht()
    expect(node.ask('sample_infohashes', { target: HASH })?.body).toMatchObject({
      sampleCount: 0,
      samples: new Uint8Array(0),
      intervalS: 0,
    })
    for (let i = 0; i < 30; i++) announceFrom(node, i, idOf(i, 1))
    node.befriend(STRANGER_ID, STRANGER)
    const first = node.ask('sample_infohashes', { target: HASH })?.body
    expect(first?.sampleCount).toBe(30)
    expect(first?.samples).toHaveLength(20 * 20)
    expect(first?.intervalS).toBeGreaterThan(0)
    expect(first?.intervalS).toBeLessThanOrEqual(21_600)
    const kept = first?.samples?.slice()
    expect(node.ask('sample_infohashes', { target: idOf(9) })?.body.samples).toEqual(kept)
  })
})

describe('a read-only node', () => {
  test('answers nobody and says so in its own questions', () => {
    const node = new LonelyDht({ isReadOnly: true })
    expect(node.query('ping', {})).toEqual([])
    const [asked] = node.feed({ kind: 'add-node', address: STRANGER })
    expect(asked?.message.isReadOnly).toBe(true)
    node.feed({ kind: 'set-read-only', isReadOnly: false })
    expect(node.ask('ping', {})?.kind).toBe('response')
  })
})

function announceFrom(node: LonelyDht, index: number, infoHash: Uint8Array) {
  const from = publicAddress(index)
  const token = node.ask('get_peers', { infoHash }, from)?.body.token ?? null
  return node.ask('announce_peer', { infoHash, port: 7_000, token }, from)
}

function mutableIn(node: LonelyDht, publicKey: Uint8Array, salt: Uint8Array) {
  const target = mutableTarget(publicKey, salt)
  const get = (seq: bigint | null = null) => node.ask('get', { target, seq })?.body
  return {
    get,
    put: (more: { seq: bigint; value: Uint8Array; signature: Uint8Array; cas?: bigint | null }) =>
      node.ask('put', { token: get()?.token ?? null, publicKey, salt, ...more }),
  }
}
