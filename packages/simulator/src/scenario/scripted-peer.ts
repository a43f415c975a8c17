/**
 * A peer that does what a scenario wants: serves, lies, stalls. It speaks the protocol well, or it could do no harm.
 */
import type { PeerSocket, Ports } from '@pigeon/engine/ports'
import { wireInfoHashes } from '@pigeon/protocol/info-hash'
import type { PeerWireEffect, PeerWireInput } from '@pigeon/protocol/peer-wire'
import { encodeMessage } from '@pigeon/protocol/wire/frame'
import type { BlockRef } from '@pigeon/protocol/wire/messages'
import type { SimHost } from '../host.ts'
import type { World } from '../world.ts'
import { geometryOf, NO_EXTENSIONS, wireOf } from './puppet-peer.ts'
import type { SampleTorrent } from './sample-torrent.ts'

const PORT = 6881

/** What it sends for a block that was asked of it; `null` for nothing at all. */
export type Serve = (block: BlockRef, good: Uint8Array) => Uint8Array | null

export class ScriptedPeer {
  readonly host: SimHost
  /** Connections that it ever had. */
  connections = 0
  servedBytes = 0
  /** Blocks that were asked of it. */
  readonly asked: BlockRef[] = []
  readonly #torrent: SampleTorrent
  readonly #serve: Serve
  readonly #ports: Ports
  readonly #peerId: Uint8Array

  constructor(world: World, name: string, torrent: SampleTorrent, serve: Serve) {
    this.host = world.host(name)
    this.#ports = this.host.start()
    this.#torrent = torrent
    this.#serve = serve
    this.#peerId = this.#ports.random.bytes(20)
  }

  get peer(): string {
    return `${this.host.address}:${PORT}`
  }

  /** Waits for others to call. Claims to have everything and unchokes everyone. */
  async listen(): Promise<void> {
    await this.#ports.network.listen({ host: '0.0.0.0', port: PORT }, (socket) => {
      this.#welcome(socket)
    })
  }

  /** Calls a client and asks it for blocks without end, never reading an answer. */
  flood(host: string, requestsPerTick: number): void {
    this.#ports.network.dial(
      { host, port: PORT },
      {
        opened: (socket) => this.#floodOver(socket, requestsPerTick),
        failed: () => {},
      },
    )
  }

  #welcome(socket: PeerSocket): void {
    this.connections += 1
    const wire = wireOf(this.#torrent, 'incoming', this.#peerId)
    const feed = (input: PeerWireInput): void => {
      for (const effect of wire.handle(input, this.#ports.clock.nowMs())) {
        this.#perform(effect, socket, feed)
      }
    }
    socket.onBytes = (bytes) => feed({ kind: 'bytes', bytes })
    feed({ kind: 'start' })
  }

  #perform(effect: PeerWireEffect, socket: PeerSocket, feed: (input: PeerWireInput) => void): void {
    if (effect.kind === 'write') socket.write(effect.chunks)
    if (effect.kind === 'handshake') this.#accept(feed)
    if (effect.kind === 'request') this.#answer(effect, feed)
  }

  #accept(feed: (input: PeerWireInput) => void): void {
    const { infoHashes, pieceCount } = this.#torrent.metainfo
    feed({
      kind: 'accept',
      infoHashes: wireInfoHashes(infoHashes),
      pieces: geometryOf(this.#torrent),
      extensions: NO_EXTENSIONS,
    })
    const bits = new Uint8Array(Math.ceil(pieceCount / 8)).fill(0xff)
    const spare = bits.length * 8 - pieceCount
    bits[bits.length - 1] = 0xff & (0xff << spare)
    feed({ kind: 'send-pieces', bits, haveCount: pieceCount })
    feed({ kind: 'send-unchoke' })
  }

  #answer(block: BlockRef, feed: (input: PeerWireInput) => void): void {
    this.asked.push(block)
    const from = block.pieceIndex * this.#torrent.layout.pieceLength + block.begin
    const good = this.#torrent.content.slice(from, from + block.lengthBytes)
    const bytes = this.#serve(block, good)
    if (bytes === null) return
    this.servedBytes += bytes.length
    const { pieceIndex, begin } = block
    // Not within the handling of what came in.
    this.#ports.clock.after(1, () => {
      feed({ kind: 'send-blocks', blocks: [{ pieceIndex, begin, bytes }] })
    })
  }

  #floodOver(socket: PeerSocket, requestsPerTick: number): void {
    this.connections += 1
    const wire = wireOf(this.#torrent, 'outgoing', this.#peerId)
    let isOpen = false
    socket.onBytes = (bytes) => {
      for (const effect of wire.handle({ kind: 'bytes', bytes }, this.#ports.clock.nowMs())) {
        if (effect.kind !== 'handshake') continue
        isOpen = true
        socket.write([encodeMessage({ kind: 'interested' })])
        // From here on nothing is read any more: answers pile up at the sender.
        socket.pause()
      }
    }
    let isClosed = false
    socket.onClosed = () => {
      isClosed = true
    }
    for (const effect of wire.handle({ kind: 'start' }, this.#ports.clock.nowMs())) {
      if (effect.kind === 'write') socket.write(effect.chunks)
    }
    const tick = (): void => {
      if (isClosed) return
      this.#ports.clock.after(100, tick)
      if (!isOpen) return
      const { pieceCount, pieceLength } = this.#torrent.metainfo
      for (let count = 0; count < requestsPerTick; count += 1) {
        const pieceIndex = this.#ports.random.int(pieceCount - 1)
        const begin = this.#ports.random.int(pieceLength / 16_384) * 16_384
        socket.write([encodeMessage({ kind: 'request', pieceIndex, begin, lengthBytes: 16_384 })])
      }
    }
    tick()
  }
}
