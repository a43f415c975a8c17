import { describe, expect, it } from 'vitest'
import type { Address } from '@pigeon/engine/ports'
import { signedBytes } from '@pigeon/protocol/bep/0044-items'
import { utf8Decode, utf8Encode } from '@pigeon/protocol/bytes'
import { DHT_PORT, type SimDht, startDhts } from './scenario/sim-dht.ts'
import { World } from './world.ts'

const HASH = Uint8Array.from({ length: 20 }, (_, i) => i * 11 + 5)

/** Public addresses, all of different networks. */
const publicHost = (index: number): string =>
  `${11 + (index % 80)}.${(index * 7) & 255}.${1 + (index & 127)}.5`
const publicHost6 = (index: number): string => `2001:${(0xdb9 + index).toString(16)}:1::1`

function searchFor(found: Address[], isSeed = false) {
  return {
    infoHashes: [HASH],
    isSeed: () => isSeed,
    wantedPeers: () => 10,
    onPeers: (peers: readonly Address[]) => {
      found.push(...peers)
    },
  }
}

function at(nodes: readonly SimDht[], index: number): SimDht {
  const node = nodes[index]
  if (node === undefined) throw new Error(`There is no node ${index}`)
  return node
}

describe('torrents in the DHT', () => {
  it.each([
    ['a private network', undefined],
    ['the internet', publicHost],
    ['the internet by IPv6', publicHost6],
  ])('find each other through nodes that only know each other (%s)', async (_, hostOf) => {
    const world = new World(1)
    const nodes = await startDhts(world, 20, hostOf)
    const first: Address[] = []
    const second: Address[] = []
    at(nodes, 3).service.find(searchFor(first))
    await world.run(8_000)
    at(nodes, 17).service.find(searchFor(second))
    await world.run(8_000)
    expect(second).toContainEqual(at(nodes, 3).address)
    // Nobody was there at first, so it looks again soon.
    await world.run(150_000)
    expect(first).toContainEqual(at(nodes, 17).address)
  })

  it('find each other among 200 nodes, with few questions', async () => {
    const world = new World(2)
    const nodes = await startDhts(world, 200, publicHost)
    const found: Address[] = []
    at(nodes, 30).service.find(searchFor([], true))
    await world.run(10_000)
    const answer = await world.finish(at(nodes, 170).service.findPeers(HASH))
    found.push(...answer.peers)
    expect(found).toEqual([at(nodes, 30).address])
    expect(answer).toMatchObject({ seeds: 1, downloaders: 0 })
    expect(answer.nodesAsked).toBeLessThan(60)
  }, 60_000)

  it('stop looking when they are told to', async () => {
    const world = new World(3)
    const nodes = await startDhts(world, 10)
    const stop = at(nodes, 3).service.find(searchFor([]))
    stop()
    await world.run(120_000)
    const { peers } = await world.finish(at(nodes, 5).service.findPeers(HASH))
    expect(peers).toEqual([])
  })

  it('are found although every fifth datagram is lost', async () => {
    const world = new World(4)
    const nodes = await startDhts(world, 40, publicHost)
    for (const { host } of nodes) host.link.datagramLoss = 0.2
    at(nodes, 3).service.find(searchFor([]))
    await world.run(20_000)
    const { peers } = await world.finish(at(nodes, 33).service.findPeers(HASH))
    expect(peers).toContainEqual(at(nodes, 3).address)
  })
})

describe('values in the DHT', () => {
  const value = utf8Encode('12:Hello World!')

  it('outlive half of all nodes', async () => {
    const world = new World(5)
    const nodes = await startDhts(world, 60, publicHost)
    const stored = await world.finish(at(nodes, 1).service.put(value))
    expect(stored).toMatchObject({ kind: 'stored', nodes: 20 })
    for (let i = 2; i < 60; i += 2) at(nodes, i).host.kill()
    if (stored.kind !== 'stored') return
    for (const index of [3, 21, 59]) {
      const got = await world.finish(at(nodes, index).service.get(stored.target))
      expect(utf8Decode(got.value ?? new Uint8Array(0))).toBe('12:Hello World!')
    }
  })

  it('that are signed are the newest, wherever they are asked for', async () => {
    const world = new World(6)
    const nodes = await startDhts(world, 30, publicHost)
    const { signatures } = at(nodes, 1).ports
    const seed = new Uint8Array(32).fill(7)
    const publicKey = signatures.publicKey(seed)
    const salt = utf8Encode('feed')
    const put = (from: number, seq: bigint, text: string, cas: bigint | null = null) => {
      const item = { salt, seq, value: utf8Encode(`${text.length}:${text}`) }
      const signature = signatures.sign(seed, signedBytes(item))
      return world.finish(
        at(nodes, from).service.putMutable({ ...item, publicKey, signature, cas }),
      )
    }
    expect(await put(1, 1n, 'one')).toMatchObject({ kind: 'stored' })
    expect(await put(9, 2n, 'two', 1n)).toMatchObject({ kind: 'stored' })
    expect(await put(5, 1n, 'one')).toMatchObject({ kind: 'refusal', code: 'failed' })
    expect(await put(5, 3n, 'three', 1n)).toMatchObject({ kind: 'refusal', code: 'failed' })
    const got = await world.finish(at(nodes, 22).service.getMutable(publicKey, salt))
    expect(got.seq).toBe(2n)
    expect(utf8Decode(got.value ?? new Uint8Array(0))).toBe('3:two')
  })

  it('are refused before anybody is asked where nobody could take them', async () => {
    const world = new World(7)
    const [node] = await startDhts(world, 1)
    if (node === undefined) return
    const long = utf8Encode(`998:${'x'.repeat(998)}`)
    expect(await world.finish(node.service.put(long))).toMatchObject({ code: 'bad-value' })
    expect(await world.finish(node.service.put(utf8Encode('not bencode')))).toMatchObject({
      code: 'bad-value',
    })
    expect(await world.finish(node.service.put(value))).toMatchObject({ code: 'unreachable' })
  })
})

describe('a node of the DHT', () => {
  it('rejoins after a restart without being told of anybody', async () => {
    const world = new World(8)
    const nodes = await startDhts(world, 12, publicHost)
    const node = at(nodes, 4)
    const id = node.service.status()[0]?.nodeId
    await world.finish(node.service.stop())
    node.host.kill()
    at(nodes, 0).host.kill()
    await world.finish(node.start([]))
    await world.run(20_000)
    expect(node.goodNodes).toBeGreaterThan(3)
    expect(node.service.status()[0]?.nodeId).toBe(id)
  })

  it('learns its address and takes an id that belongs to it', async () => {
    const world = new World(9)
    const nodes = await startDhts(world, 12, publicHost)
    await world.run(60_000)
    for (const node of nodes) expect(node.service.status()[0]?.isVerified).toBe(true)
  })

  it('that only asks finds peers and is in nobody’s table', async () => {
    const world = new World(10)
    const nodes = await startDhts(world, 12, publicHost)
    at(nodes, 3).service.find(searchFor([]))
    const [reader] = await startDhts(world, 1, () => '9.9.9.9')
    if (reader === undefined) return
    await world.finish(reader.start([`${publicHost(0)}:${DHT_PORT}`], true))
    await world.run(10_000)
    const { peers } = await world.finish(reader.service.findPeers(HASH))
    expect(peers).toContainEqual(at(nodes, 3).address)
    expect(reader.service.status()[0]?.bytesOut).toBeGreaterThan(0)
    const pong = await world.finish(at(nodes, 5).service.ping(`9.9.9.9:${DHT_PORT}`))
    expect(pong).toMatchObject({ kind: 'io-problem', code: 'timed-out' })
  })

  it('waits for a name that cannot be found, and asks again until it can', async () => {
    const world = new World(11)
    const nodes = await startDhts(world, 5, publicHost)
    const [late] = await startDhts(world, 1, () => '9.9.9.9')
    if (late === undefined) return
    await world.finish(late.start(['router.example:6881']))
    await world.run(20_000)
    expect(late.goodNodes).toBe(0)
    expect(late.host.log.map(({ event }) => event)).toContain('dht-bootstrap-node-not-found')
    world.network.names.set('router.example', [at(nodes, 0).address.host])
    await world.run(60_000)
    expect(late.goodNodes).toBeGreaterThan(2)
  })
})
