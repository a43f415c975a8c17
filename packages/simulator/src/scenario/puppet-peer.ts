/**
 * A peer whose every word a scenario chooses. The protocol machine keeps what it says well-formed; what it says when is
 * the scenario's, and raw bytes can go past the machine.
 */
import type { PeerSocket, Ports } from '@pigeon/engine/ports'
import { wireInfoHashes } from '@pigeon/protocol/info-hash'
import { PeerWire, type PeerWireEffect, type PeerWireInput } from '@pigeon/protocol/peer-wire'
import { fullBitfield } from '@pigeon/protocol/wire/bitfield'
import type { BlockRef } from '@pigeon/protocol/wire/messages'
import type { SimHost } from '../host.ts'
import type { Link } from '../network.ts'
import type { World } from '../world.ts'
import type { SampleTorrent } from './sample-torrent.ts'

const PORT = 6881

export interface PuppetScript {
  readonly link?: Partial<Link>
  /** Shared with others: then each needs a port of its own. */
  readonly address?: string
  readonly port?: number
  /** Whether it offers the fast extension; it does unless told otherwise. */
  readonly hasFast?: boolean
  /** Called for all that comes in; may speak, which is then done after the present effects. */
  readonly on: (effect: PeerWireEffect, puppet: PuppetPeer) => void
}

export class PuppetPeer {
  readonly host: SimHost
  readonly ports: Ports
  /** Connections that it ever had. */
  connections = 0
  isConnected = false
  /** Blocks that were asked of it. */
  readonly asked: BlockRef[] = []
  /** Requests of its own that were rejected. */
  rejects = 0
  /** Payload that it got, by whether it is the torrent's. */
  goodBytes = 0
  badBytes = 0
  readonly #torrent: SampleTorrent
  readonly #script: PuppetScript
  readonly #peerId: Uint8Array
  readonly #later: PeerWireInput[] = []
  #isBusy = false
  #direction: 'incoming' | 'outgoing' = 'outgoing'
  #socket: PeerSocket | null = null
  #wire: PeerWire | null = null

  constructor(world: World, name: string, torrent: SampleTorrent, script: PuppetScript) {
    this.host = world.host(name, script.link, script.address)
    this.ports = this.host.start()
    this.#torrent = torrent
    this.#script = script
    this.#peerId = this.ports.random.bytes(20)
  }

  /** Where others reach it. */
  get peer(): string {
    return `${this.host.address}:${this.#port}`
  }

  get #port(): number {
    return this.#script.port ?? PORT
  }

  /** Its newest connection. */
  get socket(): PeerSocket {
    if (this.#socket === null) throw new Error(`${this.host.name} was never connected`)
    return this.#socket
  }

  async listen(): Promise<void> {
    await this.ports.network.listen({ host: '0.0.0.0', port: this.#port }, (socket) => {
      this.#meet(socket, 'incoming')
    })
  }

  dial(host: string): void {
    this.ports.network.dial(
      { host, port: PORT },
      { opened: (socket) => this.#meet(socket, 'outgoing'), failed: () => {} },
    )
  }

  say(input: PeerWireInput): void {
    this.#later.push(input)
    if (this.#isBusy) return
    this.#isBusy = true
    for (let next = this.#later.shift(); next !== undefined; next = this.#later.shift())
      this.#perform(this.#wire?.handle(next, this.ports.clock.nowMs()) ?? [])
    this.#isBusy = false
  }

  /** Claims to have everything and serves whoever asks. */
  sayAll(): void {
    const { pieceCount } = this.#torrent.metainfo
    this.say({ kind: 'send-pieces', bits: fullBitfield(pieceCount), haveCount: pieceCount })
    this.say({ kind: 'send-unchoke' })
  }

  /** Has nothing and wants what there is. */
  sayNothing(): void {
    const bits = new Uint8Array(fullBitfield(this.#torrent.metainfo.pieceCount).length)
    this.say({ kind: 'send-pieces', bits, haveCount: 0 })
    this.say({ kind: 'send-interested' })
  }

  ask(...blocks: readonly BlockRef[]): void {
    this.say({ kind: 'send-requests', blocks })
  }

  /** The bytes of a block's answer, for the scenario to send when and how far it likes. Nothing else may go between. */
  encodeBlock({ pieceIndex, begin, lengthBytes }: BlockRef): Uint8Array {
    const from = pieceIndex * this.#torrent.layout.pieceLength + begin
    const bytes = this.#torrent.content.slice(from, from + lengthBytes)
    const input = { kind: 'send-blocks', blocks: [{ pieceIndex, begin, bytes }] } as const
    const effects = this.#wire?.handle(input, this.ports.clock.nowMs()) ?? []
    const chunks = effects.flatMap((effect) => (effect.kind === 'write' ? effect.chunks : []))
    return new Uint8Array(Buffer.concat(chunks))
  }

  #meet(socket: PeerSocket, direction: 'incoming' | 'outgoing'): void {
    this.connections += 1
    this.isConnected = true
    this.#socket = socket
    this.#direction = direction
    this.#wire = wireOf(this.#torrent, direction, this.#peerId, this.#script.hasFast ?? true)
    socket.onBytes = (bytes) => this.say({ kind: 'bytes', bytes })
    socket.onClosed = () => {
      if (this.#socket === socket) this.isConnected = false
    }
    this.say({ kind: 'start' })
  }

  #perform(effects: readonly PeerWireEffect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'write') this.socket.write(effect.chunks)
      if (effect.kind === 'request') this.asked.push(effect)
      if (effect.kind === 'rejected') this.rejects += 1
      if (effect.kind === 'block-part') this.#count(effect)
      if (effect.kind === 'handshake' && this.#direction === 'incoming') this.#accept()
      this.#script.on(effect, this)
    }
  }

  #accept(): void {
    this.say({
      kind: 'accept',
      infoHashes: wireInfoHashes(this.#torrent.metainfo.infoHashes),
      pieces: geometryOf(this.#torrent),
      extensions: NO_EXTENSIONS,
    })
  }

  #count(part: PeerWireEffect & { kind: 'block-part' }): void {
    const from = part.pieceIndex * this.#torrent.layout.pieceLength + part.begin + part.offset
    const wanted = this.#torrent.content.subarray(from, from + part.bytes.length)
    if (Buffer.compare(wanted, part.bytes) === 0) this.goodBytes += part.bytes.length
    else this.badBytes += part.bytes.length
  }
}

/** The protocol machine of a peer that is no client of ours. */
export function wireOf(
  torrent: SampleTorrent,
  direction: 'incoming' | 'outgoing',
  peerId: Uint8Array,
  hasFast = true,
): PeerWire {
  return new PeerWire({
    direction,
    peerId,
    infoHashes: wireInfoHashes(torrent.metainfo.infoHashes),
    offers: { fast: hasFast, extensions: true, dht: true },
    extensions: NO_EXTENSIONS,
    pieces: geometryOf(torrent),
    requestQueueLimit: 500,
  })
}

export function geometryOf(torrent: SampleTorrent): {
  readonly count: number
  readonly lengthBytes: number
  readonly totalBytes: number
} {
  const { pieceCount, pieceLength, totalBytes } = torrent.metainfo
  return { count: pieceCount, lengthBytes: pieceLength, totalBytes }
}

export const NO_EXTENSIONS = {
  ids: new Map<string, number>(),
  client: null,
  listenPort: null,
  requestQueueLimit: 500,
  metadataSizeBytes: null,
  uploadOnly: false,
  yourIp: null,
}
