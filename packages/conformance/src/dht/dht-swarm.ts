/**
 * A small DHT of the suite's own, as the switchboard of a cell: its nodes know only each other, write down what clients
 * ask and announce, and name to each client exactly the peers that its cell wants it to find.
 * Spec: BEP 5 <https://www.bittorrent.org/beps/bep_0005.html>
 */
import { createHash } from 'node:crypto'
import { type Socket, createSocket } from 'node:dgram'
import {
  type BencodeDictionary,
  asDictionary,
  decodeBencodePrefix,
  encodeBencode,
} from '../codec/bencode.ts'
import { type Endpoint, compactPeer, formatEndpoint } from '../net/address-pool.ts'

/** What a client said to a node. */
export interface DhtSaying {
  readonly method: string
  readonly infoHashHex: string
  /** The announced port; of `announce_peer` only. */
  readonly port: number | undefined
}

/** A client's page, found by the UDP port that it speaks from: each client of a run has another. */
export class DhtPage {
  peers: readonly Endpoint[] = []
  readonly sayings: DhtSaying[] = []

  has(method: string, infoHash: Buffer): boolean {
    const hex = infoHash.toString('hex')
    return this.sayings.some((saying) => saying.method === method && saying.infoHashHex === hex)
  }
}

/** Some clients announce nothing while they know no more than eight nodes. */
const NODES = 16
const NODES_PER_ANSWER = 8
const NODE_PORT = 6881
const MAX_SAYINGS = 1000

export class DhtSwarm {
  static #shared: Promise<DhtSwarm> | undefined
  readonly nodes: readonly Endpoint[]
  readonly #sockets: Socket[] = []
  readonly #pages = new Map<number, DhtPage>()

  /** On the first and the next hosts of a block of addresses. */
  constructor(block = '10.77.0.', first = 11) {
    this.nodes = Array.from({ length: NODES }, (_, at) => ({
      host: `${block}${first + at}`,
      port: NODE_PORT,
    }))
  }

  /** One for the whole run, which ends with it. */
  static shared(): Promise<DhtSwarm> {
    DhtSwarm.#shared ??= DhtSwarm.#begin()
    return DhtSwarm.#shared
  }

  static async #begin(): Promise<DhtSwarm> {
    const swarm = new DhtSwarm()
    await swarm.listen()
    for (const socket of swarm.#sockets) socket.unref()
    return swarm
  }

  async listen(): Promise<void> {
    await Promise.all(this.nodes.map((node) => this.#open(node)))
  }

  /** The page of the client that speaks from this UDP port. */
  register(port: number): DhtPage {
    const page = new DhtPage()
    this.#pages.set(port, page)
    return page
  }

  async close(): Promise<void> {
    await Promise.all(
      this.#sockets.map((socket) => new Promise<void>((resolve) => socket.close(() => resolve()))),
    )
  }

  async #open(node: Endpoint): Promise<void> {
    const socket = createSocket('udp4')
    this.#sockets.push(socket)
    socket.on('message', (bytes, from) => {
      const answer = this.#answer(node, bytes, from.port)
      if (answer !== undefined) socket.send(answer, from.port, from.address)
    })
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      socket.bind(node.port, node.host, resolve)
    })
    socket.on('error', () => {})
  }

  #answer(node: Endpoint, bytes: Buffer, fromPort: number): Buffer | undefined {
    const query = asDictionary(decodeBencodePrefix(bytes)?.value)
    const transaction = query?.get('t')
    if (query === undefined || text(query, 'y') !== 'q' || !Buffer.isBuffer(transaction))
      return undefined
    const asked = asDictionary(query.get('a'))
    const method = text(query, 'q')
    const page = this.#pages.get(fromPort)
    if (page !== undefined && asked !== undefined) note(page, method, asked)
    return encodeBencode({
      r: {
        id: nodeId(node),
        ...(method === 'ping' || method === 'announce_peer'
          ? {}
          : { nodes: this.#closestNodes(targetOf(asked)) }),
        ...(method === 'get_peers' ? { token: 'suite' } : {}),
        ...(method === 'get_peers' && page !== undefined && page.peers.length > 0
          ? { values: page.peers.map(compactPeer) }
          : {}),
      },
      t: transaction,
      y: 'r',
    })
  }

  #closestNodes(target: Buffer): Buffer {
    const closest = this.nodes
      .map((node) => ({ node, id: nodeId(node) }))
      .sort((a, b) => Buffer.compare(distance(a.id, target), distance(b.id, target)))
      .slice(0, NODES_PER_ANSWER)
    return Buffer.concat(closest.flatMap(({ node, id }) => [id, compactPeer(node)]))
  }
}

function targetOf(asked: BencodeDictionary | undefined): Buffer {
  const target = asked?.get('target') ?? asked?.get('info_hash')
  return Buffer.isBuffer(target) && target.length === 20 ? target : Buffer.alloc(20)
}

function distance(id: Buffer, target: Buffer): Buffer {
  return Buffer.from(id.map((byte, at) => byte ^ (target[at] ?? 0)))
}

function note(page: DhtPage, method: string, asked: BencodeDictionary): void {
  if (page.sayings.length >= MAX_SAYINGS) return
  const infoHash = asked.get('info_hash')
  const port = asked.get('port')
  page.sayings.push({
    method,
    infoHashHex: Buffer.isBuffer(infoHash) ? infoHash.toString('hex') : '',
    port: method === 'announce_peer' && typeof port === 'number' ? port : undefined,
  })
}

function text(dictionary: BencodeDictionary, key: string): string {
  const value = dictionary.get(key)
  return Buffer.isBuffer(value) ? value.toString('latin1') : ''
}

function nodeId(node: Endpoint): Buffer {
  return createHash('sha1').update(formatEndpoint(node)).digest()
}
