import { createSocket } from 'node:dgram'
import { afterEach, describe, expect, it } from 'vitest'
import { asDictionary, decodeBencodePrefix, encodeBencode } from '../codec/bencode.ts'
import { DhtSwarm } from './dht-swarm.ts'

const HASH = Buffer.alloc(20, 7)
const ID = Buffer.alloc(20, 1)

describe("the suite's DHT", () => {
  const open: { close(): unknown }[] = []
  afterEach(async () => {
    for (const each of open.splice(0)) await each.close()
  })

  async function client(swarm: DhtSwarm) {
    const socket = createSocket('udp4')
    open.push(socket)
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
    const node = swarm.nodes[0]
    if (node === undefined) throw new Error('a swarm has nodes')
    const ask = (q: string, a: Record<string, Buffer | number>) =>
      new Promise<ReturnType<typeof asDictionary>>((resolve) => {
        socket.once('message', (bytes) =>
          resolve(asDictionary(asDictionary(decodeBencodePrefix(bytes)?.value)?.get('r'))),
        )
        socket.send(
          encodeBencode({ a: { id: ID, ...a }, q, t: 'aa', y: 'q' }),
          node.port,
          node.host,
        )
      })
    return { port: socket.address().port, ask }
  }

  it('names to each client the peers of its page, and writes down what it announces', async () => {
    const swarm = new DhtSwarm('127.0.1.', 1)
    await swarm.listen()
    open.push(swarm)
    const known = await client(swarm)
    const stranger = await client(swarm)
    const page = swarm.register(known.port)
    page.peers = [{ host: '10.77.128.1', port: 20_000 }]
    const answer = await known.ask('get_peers', { info_hash: HASH })
    expect(answer?.get('values')).toEqual([Buffer.from([10, 77, 128, 1, 0x4e, 0x20])])
    expect(answer?.get('nodes')).toHaveLength(8 * 26)
    await known.ask('announce_peer', { info_hash: HASH, port: 4000, token: Buffer.from('suite') })
    expect(page.has('announce_peer', HASH)).toBe(true)
    expect(page.sayings.at(-1)?.port).toBe(4000)
    const other = await stranger.ask('get_peers', { info_hash: HASH })
    expect(other?.has('values')).toBe(false)
  })
})
