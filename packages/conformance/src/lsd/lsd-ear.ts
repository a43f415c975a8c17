/**
 * Listens to the local network's call for peers, as a witness: it never answers.
 * Spec: BEP 14 <https://www.bittorrent.org/beps/bep_0014.html>
 */
import { createSocket } from 'node:dgram'

const GROUP = '239.192.152.143'
const PORT = 6771
const MAX_TORRENTS = 1000

export class LsdEar {
  static #shared: Promise<LsdEar> | undefined
  readonly #ports = new Map<string, Set<number>>()
  readonly #socket = createSocket({ type: 'udp4', reuseAddr: true })

  /** One for the whole run, which ends with it. */
  static shared(): Promise<LsdEar> {
    LsdEar.#shared ??= new LsdEar().#open()
    return LsdEar.#shared
  }

  /** Ports that were called out for this torrent. */
  portsFor(infoHash: Buffer): ReadonlySet<number> {
    return this.#ports.get(infoHash.toString('hex')) ?? new Set()
  }

  async #open(): Promise<LsdEar> {
    this.#socket.on('message', (bytes) => this.#hear(bytes.toString('latin1')))
    await new Promise<void>((resolve, reject) => {
      this.#socket.once('error', reject)
      this.#socket.bind(PORT, resolve)
    })
    this.#socket.addMembership(GROUP, '10.77.0.1')
    this.#socket.unref()
    return this
  }

  #hear(said: string): void {
    const { port, infoHashes } = readSearch(said)
    for (const hash of infoHashes) {
      if (!this.#ports.has(hash) && this.#ports.size >= MAX_TORRENTS) return
      const ports = this.#ports.get(hash) ?? new Set()
      this.#ports.set(hash, ports.add(port))
    }
  }
}

/** No info-hash at all where it is no call of the kind. */
export function readSearch(said: string): {
  readonly port: number
  readonly infoHashes: readonly string[]
} {
  const port = Number(/^port: *(\d+)\r?$/im.exec(said)?.[1] ?? 0)
  if (!said.startsWith('BT-SEARCH * HTTP/1.1\r\n') || port === 0) return { port: 0, infoHashes: [] }
  const hashes = [...said.matchAll(/^infohash: *([0-9a-f]{40})\r?$/gim)]
  return { port, infoHashes: hashes.map((match) => (match[1] ?? '').toLowerCase()) }
}
