/** A peer over no network: it is connected, offers what a test wants, and what is said to it is kept. */
import { encodeHandshake, reservedBytes } from '@pigeon/protocol/bep/0003-handshake'
import { encodeExtensionHandshake } from '@pigeon/protocol/bep/0010-extension'
import { concatBytes } from '@pigeon/protocol/bytes'
import { PeerWire, type PeerWireEffect } from '@pigeon/protocol/peer-wire'
import { encodeExtendedHeader } from '@pigeon/protocol/wire/frame'
import type { Address, PeerSocket } from '../../ports.ts'
import { Peer } from '../../swarm/peer.ts'

const INFO_HASH = new Uint8Array(20)
const OFFERS = { fast: true, extensions: true }
const EXTENSIONS = {
  client: null,
  listenPort: null,
  requestQueueLimit: 1,
  metadataSizeBytes: null,
  uploadOnly: false,
  yourIp: null,
}

export interface FakePeer {
  readonly peer: Peer
  /** All that was written to it since it was connected. */
  readonly said: Uint8Array[]
}

/** We dialled it unless told otherwise; `ids` are its extensions. */
export function fakePeer(
  number: number,
  remote: Address,
  ids: ReadonlyMap<string, number>,
  how: { readonly direction?: 'incoming' | 'outgoing'; readonly connectedMs?: number } = {},
): FakePeer {
  const said: Uint8Array[] = []
  const socket: PeerSocket = {
    remote,
    transport: 'utp',
    isEncrypted: false,
    queuedBytes: 0,
    onBytes: () => {},
    onClosed: () => {},
    onDrained: () => {},
    write: (chunks) => {
      said.push(...chunks)
      return 0
    },
    pause: () => {},
    resume: () => {},
    close: () => {},
  }
  const wire = new PeerWire({
    direction: 'outgoing',
    peerId: new Uint8Array(20),
    infoHashes: [INFO_HASH],
    offers: OFFERS,
    extensions: { ...EXTENSIONS, ids: new Map() },
    pieces: null,
    requestQueueLimit: 1,
  })
  const owner = {
    onEffect: (of: Peer, effect: PeerWireEffect) => {
      if (effect.kind === 'peer-id') of.peerId = effect.peerId
    },
    onSettled: () => {},
    onDrained: () => {},
    onClosed: () => {},
  }
  const { direction = 'outgoing', connectedMs = 0 } = how
  const nowMs = (): number => connectedMs
  const init = { number, socket, wire, source: 'user', direction, nowMs, owner } as const
  const peer = new Peer(init)
  peer.feed({ kind: 'start' })
  const reserved = reservedBytes(OFFERS)
  const hello = encodeHandshake({
    reserved,
    infoHash: INFO_HASH,
    peerId: new Uint8Array(20).fill(number),
  })
  const payload = encodeExtensionHandshake({ ...EXTENSIONS, ids })
  const bytes = concatBytes([hello, encodeExtendedHeader(0, payload.length), payload])
  peer.feed({ kind: 'bytes', bytes })
  said.length = 0
  return { peer, said }
}
