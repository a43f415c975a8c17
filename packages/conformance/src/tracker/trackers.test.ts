import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import { asDictionary, decodeBencode } from '../codec/bencode.ts'
import { TrackerClient } from './announce-book.ts'
import { HttpTracker } from './http-tracker.ts'
import { UdpTracker, answerDatagram } from './udp-tracker.ts'

const open: { close(): unknown }[] = []
afterEach(async () => {
  for (const item of open.splice(0)) await item.close()
})

const INFO_HASH = Buffer.from('00202b25ff7f80000102030405060708090a0b0c', 'hex')
const escaped = [...INFO_HASH].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')

async function httpTracker(): Promise<{ client: TrackerClient; url: string }> {
  const tracker = new HttpTracker()
  await tracker.listen('127.0.0.1')
  open.push(tracker)
  const client = new TrackerClient('cell-1')
  return { client, url: tracker.register(client) }
}

async function fetchDictionary(url: string): ReturnType<typeof readDictionary> {
  return readDictionary(await fetch(url))
}

async function readDictionary(response: Response): Promise<ReturnType<typeof asDictionary>> {
  return asDictionary(decodeBencode(Buffer.from(await response.arrayBuffer())))
}

describe('the HTTP tracker', () => {
  it('tells a client its own peers in six bytes each', async () => {
    const { client, url } = await httpTracker()
    client.peers = [{ host: '10.77.128.1', port: 20_000 }]
    const answer = await fetchDictionary(`${url}?info_hash=${escaped}&port=1&left=0&compact=1`)
    expect(answer?.get('peers')).toEqual(Buffer.from([10, 77, 128, 1, 0x4e, 0x20]))
  })

  it('records the info-hash with every kind of byte, the event and the counters', async () => {
    const { client, url } = await httpTracker()
    await fetch(
      `${url}?info_hash=${escaped}&port=20001&uploaded=1&downloaded=2&left=3&event=started`,
    )
    expect(client.announces[0]).toMatchObject({
      transport: 'http',
      infoHashHex: INFO_HASH.toString('hex'),
      event: 'started',
      port: 20_001,
      uploadedBytes: 1,
      downloadedBytes: 2,
      leftBytes: 3,
    })
  })

  it('knows no page but those that it gave out', async () => {
    const { client, url } = await httpTracker()
    const response = await fetch(url.replace('cell-1', 'cell-2'))
    expect(response.status).toBe(404)
    expect(client.announces).toEqual([])
  })

  it('lies when told to', async () => {
    const { client, url } = await httpTracker()
    client.rawAnswer = Buffer.from('<html>')
    expect(await (await fetch(url)).text()).toBe('<html>')
  })

  it('answers a scrape', async () => {
    const { url } = await httpTracker()
    const answer = await fetchDictionary(
      `${url.replace('/announce', '/scrape')}?info_hash=${escaped}`,
    )
    expect(asDictionary(answer?.get('files'))?.has(INFO_HASH.toString('latin1'))).toBe(true)
  })
})

describe('the UDP tracker', () => {
  const connectionId = Buffer.alloc(8, 9)
  const connect = Buffer.from('00000417271019800000000011223344', 'hex')

  function announce(id: Buffer): Buffer {
    const bytes = Buffer.alloc(98)
    id.copy(bytes)
    bytes.writeUInt32BE(1, 8)
    bytes.write('55667788', 12, 'hex')
    INFO_HASH.copy(bytes, 16)
    bytes.writeBigUInt64BE(7n, 64)
    bytes.writeUInt32BE(2, 80)
    bytes.writeUInt16BE(20_002, 96)
    return bytes
  }

  it('answers connect with the transaction and a connection id', () => {
    const answer = answerDatagram(connect, new TrackerClient('u'), connectionId)
    expect(answer?.toString('hex')).toBe(`0000000011223344${connectionId.toString('hex')}`)
  })

  it('keeps silent at a wrong magic number and at short datagrams', () => {
    const wrong = Buffer.from(connect)
    wrong[0] = 1
    expect(answerDatagram(wrong, new TrackerClient('u'), connectionId)).toBeUndefined()
    expect(
      answerDatagram(connect.subarray(0, 15), new TrackerClient('u'), connectionId),
    ).toBeUndefined()
  })

  it('refuses an announce with a foreign connection id, and records nothing', () => {
    const client = new TrackerClient('u')
    expect(answerDatagram(announce(Buffer.alloc(8)), client, connectionId)?.readUInt32BE(0)).toBe(3)
    expect(client.announces).toEqual([])
  })

  it('records event codes and 64-bit counters, and appends the peers', () => {
    const client = new TrackerClient('u')
    client.peers = [{ host: '10.77.128.2', port: 1 }]
    const answer = answerDatagram(announce(connectionId), client, connectionId)
    expect(answer?.length).toBe(26)
    expect(client.announces[0]).toMatchObject({
      transport: 'udp',
      event: 'started',
      leftBytes: 7,
      port: 20_002,
    })
  })

  it('works over a socket', async () => {
    const tracker = new UdpTracker()
    open.push(tracker)
    const url = new URL(await tracker.register(new TrackerClient('u'), '127.0.0.1'))
    const socket = createSocket('udp4')
    open.push(socket)
    socket.send(connect, Number(url.port), '127.0.0.1')
    const [answer] = await once(socket, 'message')
    expect(Buffer.isBuffer(answer) && answer.length).toBe(16)
  })
})
