/**
 * The suite's HTTP tracker: each client has a path of its own and is told exactly the peers of its cell.
 * Spec: BEP 3 "trackers", BEP 23 <https://www.bittorrent.org/beps/bep_0023.html>
 */
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http'
import { encodeBencode } from '../codec/bencode.ts'
import { type Endpoint, TRACKER_HOST6, compactPeer, formatEndpoint } from '../net/address-pool.ts'
import type { Announce, TrackerClient } from './announce-book.ts'

const MAX_HOSTS = 64

export class HttpTracker {
  readonly #server: Server
  readonly #clients = new Map<string, TrackerClient>()
  #origin = ''

  constructor() {
    this.#server = createServer((request, response) => this.#answer(request, response))
    this.#server.keepAliveTimeout = 1000
  }

  static #shared6: Promise<HttpTracker> | undefined

  /** The one of this run that has an address of IPv6 alone; it ends with the run. */
  static shared6(): Promise<HttpTracker> {
    HttpTracker.#shared6 ??= (async () => {
      const tracker = new HttpTracker()
      await tracker.listen(TRACKER_HOST6)
      tracker.#server.unref()
      return tracker
    })()
    return HttpTracker.#shared6
  }

  async listen(host: string, port = 0): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, host, resolve)
    })
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('tracker has no port')
    this.#origin = `http://${formatEndpoint({ host, port: address.port })}`
  }

  /** Adds a client; the returned URL is its alone. */
  register(client: TrackerClient): string {
    this.#clients.set(client.key, client)
    return `${this.#origin}/${client.key}/announce`
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const [path = '', query = ''] = (request.url ?? '').split('?', 2)
    const client = this.#clients.get(path.split('/')[1] ?? '')
    if (client === undefined || !/\/(announce|scrape)$/.test(path)) {
      response.writeHead(404).end()
      return
    }
    if (path.endsWith('/scrape')) {
      response.end(encodeScrape(parseQuery(query).get('info_hash')))
      return
    }
    const params = parseQuery(query)
    client.record(readAnnounce(params))
    const from = request.socket.remoteAddress
    if (from !== undefined && client.hosts.size < MAX_HOSTS) client.hosts.add(from)
    response.writeHead(200, { 'content-type': 'text/plain' })
    response.end(client.rawAnswer ?? encodeAnswer(client, params.get('compact') !== '0'))
  }
}

/** Values stay byte strings (latin1), as an info-hash is one. Nothing is refused here: it is all evidence. */
export function parseQuery(query: string): Map<string, string> {
  const params = new Map<string, string>()
  for (const part of query.split('&')) {
    const [key = '', value = ''] = part.split('=', 2)
    params.set(unescapeBytes(key), unescapeBytes(value))
  }
  return params
}

function unescapeBytes(text: string): string {
  return text.replaceAll(/%([0-9a-fA-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
}

function readAnnounce(params: ReadonlyMap<string, string>): Announce {
  const number = (name: string): number => Number(params.get(name) ?? Number.NaN)
  return {
    transport: 'http',
    atMs: Date.now(),
    infoHashHex: Buffer.from(params.get('info_hash') ?? '', 'latin1').toString('hex'),
    event: params.get('event') ?? '',
    port: number('port'),
    uploadedBytes: number('uploaded'),
    downloadedBytes: number('downloaded'),
    leftBytes: number('left'),
  }
}

/** Spec: BEP 48. */
function encodeScrape(infoHash: string | undefined): Buffer {
  if (infoHash === undefined) return encodeBencode({ files: {} })
  const counts = encodeBencode({ complete: 1, downloaded: 0, incomplete: 1 })
  const key = encodeBencode(Buffer.from(infoHash, 'latin1'))
  return Buffer.concat([Buffer.from('d5:filesd'), key, counts, Buffer.from('ee')])
}

function encodeAnswer(client: TrackerClient, isCompact: boolean): Buffer {
  const six = client.peers.filter(({ host }) => host.includes(':'))
  return encodeBencode({
    complete: 1,
    incomplete: 1,
    interval: client.intervalSeconds,
    'min interval': client.intervalSeconds,
    ...(isCompact && six.length > 0 ? { peers6: Buffer.concat(six.map(compactPeer)) } : {}),
    peers: isCompact
      ? Buffer.concat(client.peers.filter((peer) => !six.includes(peer)).map(compactPeer))
      : client.peers.map(({ host, port }: Endpoint) => ({
          ip: host,
          port,
          'peer id': Buffer.alloc(20, 0x2d),
        })),
  })
}
