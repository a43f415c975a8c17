/**
 * The suite's UDP tracker: each client has a port of its own.
 * Spec: BEP 15 <https://www.bittorrent.org/beps/bep_0015.html>
 */
import { randomBytes } from 'node:crypto'
import { type RemoteInfo, type Socket, createSocket } from 'node:dgram'
import { compactPeer } from '../net/address-pool.ts'
import type { TrackerClient } from './announce-book.ts'

const PROTOCOL_ID = 0x41727101980n
const CONNECT = 0
const ANNOUNCE = 1
const SCRAPE = 2
const ERROR = 3
const EVENTS = ['', 'completed', 'started', 'stopped']
const ANNOUNCE_BYTES = 98

export class UdpTracker {
  readonly #sockets: Socket[] = []

  /** Opens a port for this client; the returned URL is its alone. */
  async register(client: TrackerClient, host: string): Promise<string> {
    const socket = createSocket('udp4')
    this.#sockets.push(socket)
    const connectionId = randomBytes(8)
    socket.on('message', (bytes, from) => {
      const reply = answerDatagram(bytes, client, connectionId)
      if (reply !== undefined) send(socket, reply, from)
    })
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      socket.bind(0, host, resolve)
    })
    return `udp://${host}:${socket.address().port}/announce`
  }

  close(): void {
    for (const socket of this.#sockets) socket.close()
    this.#sockets.length = 0
  }
}

function send(socket: Socket, reply: Buffer, to: RemoteInfo): void {
  socket.send(reply, to.port, to.address)
}

/** The answer to one datagram, or `undefined` where the standard wants silence. */
export function answerDatagram(
  bytes: Buffer,
  client: TrackerClient,
  connectionId: Buffer,
): Buffer | undefined {
  if (bytes.length < 16) return undefined
  const action = bytes.readUInt32BE(8)
  const transaction = bytes.subarray(12, 16)
  if (action === CONNECT) {
    if (bytes.readBigUInt64BE(0) !== PROTOCOL_ID) return undefined
    return Buffer.concat([uint32(CONNECT), transaction, connectionId])
  }
  if (!bytes.subarray(0, 8).equals(connectionId))
    return Buffer.concat([uint32(ERROR), transaction, Buffer.from('unknown connection id')])
  if (action === SCRAPE)
    return Buffer.concat([uint32(SCRAPE), transaction, uint32(1), uint32(0), uint32(1)])
  if (action !== ANNOUNCE || bytes.length < ANNOUNCE_BYTES) return undefined
  record(bytes, client)
  const head = [ANNOUNCE, client.intervalSeconds, 1, 1].map(uint32)
  const [first, ...rest] = head
  return Buffer.concat([
    first ?? uint32(ANNOUNCE),
    transaction,
    ...rest,
    ...client.peers.map(compactPeer),
  ])
}

function record(bytes: Buffer, client: TrackerClient): void {
  client.record({
    transport: 'udp',
    atMs: Date.now(),
    infoHashHex: bytes.toString('hex', 16, 36),
    downloadedBytes: Number(bytes.readBigUInt64BE(56)),
    leftBytes: Number(bytes.readBigUInt64BE(64)),
    uploadedBytes: Number(bytes.readBigUInt64BE(72)),
    event: EVENTS[bytes.readUInt32BE(80)] ?? 'unknown',
    port: bytes.readUInt16BE(96),
  })
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
