/** Decoders of the peer wire that have no vectors or keep state. */
import { encodeHandshake, reservedBytes } from '../src/bep/0003-handshake.ts'
import { decodeMetadataMessage } from '../src/bep/0009-metadata.ts'
import { concatBytes } from '../src/bytes.ts'
import { MetadataAssembler } from '../src/metadata-assembler.ts'
import { PeerWire, type PeerWireOptions } from '../src/peer-wire.ts'
import { encodeBlocks } from '../src/wire/frame.ts'
import { describeFrame } from '../src/wire/inspection.ts'
import type { DecoderRow } from './decoders.ts'

const INFO_HASH = new Uint8Array(20)
const OFFERS = { fast: true, extensions: true }
const HELLO = encodeHandshake({
  reserved: reservedBytes(OFFERS),
  infoHash: INFO_HASH,
  peerId: new Uint8Array(20),
})
const BLOCKS = [0, 1, 2].map((pieceIndex) => ({ pieceIndex, begin: 0, lengthBytes: 64 }))
const UNCHOKE = Uint8Array.of(0, 0, 0, 1, 1)
const ANSWERS = concatBytes(
  encodeBlocks(BLOCKS.map((block) => ({ ...block, bytes: new Uint8Array(64) }))),
)
const EXTENDED = [
  ['ut_pex', 4],
  ['ut_holepunch', 5],
  ['ut_metadata', 1],
  [null, 0],
] as const
const OPTIONS: PeerWireOptions = {
  direction: 'outgoing',
  peerId: new Uint8Array(20),
  infoHashes: [INFO_HASH],
  offers: OFFERS,
  extensions: {
    ids: new Map([
      ['ut_metadata', 2],
      ['lt_donthave', 7],
      ['upload_only', 3],
    ]),
    client: null,
    listenPort: null,
    requestQueueLimit: 8,
    metadataSizeBytes: null,
    uploadOnly: false,
    yourIp: null,
  },
  pieces: { count: 4, lengthBytes: 64, totalBytes: 250 },
  requestQueueLimit: 8,
}

export const WIRE_DECODERS: readonly DecoderRow[] = [
  {
    name: 'peer-wire',
    corpus: ['peer-message', 'extension-handshake'],
    seeds: [ANSWERS, concatBytes([UNCHOKE, ANSWERS, UNCHOKE])],
    decode(bytes) {
      const wire = new PeerWire(OPTIONS)
      wire.handle({ kind: 'start' }, 0)
      wire.handle({ kind: 'bytes', bytes: concatBytes([HELLO, UNCHOKE]) }, 0)
      wire.handle({ kind: 'send-unchoke' }, 0)
      wire.handle({ kind: 'send-requests', blocks: BLOCKS }, 0)
      feedHalves(wire, bytes)
    },
  },
  {
    name: 'peer-wire-greeting',
    corpus: ['handshake'],
    seeds: [concatBytes([HELLO, UNCHOKE])],
    decode(bytes) {
      const wire = new PeerWire({ ...OPTIONS, direction: 'incoming', pieces: null })
      feedHalves(wire, bytes)
      if (wire.remote === null || wire.phase === 'closed') return
      const { extensions, infoHashes } = OPTIONS
      wire.handle({ kind: 'accept', infoHashes, pieces: null, extensions }, 0)
      wire.handle({ kind: 'torrent-known', pieces: { count: 9, lengthBytes: 1, totalBytes: 9 } }, 0)
    },
  },
  {
    name: 'peer-wire-watched',
    corpus: ['peer-message', 'extension-handshake', 'pex-message', 'holepunch-message'],
    seeds: [ANSWERS, concatBytes([UNCHOKE, ANSWERS, UNCHOKE])],
    decode(bytes) {
      const wire = new PeerWire(OPTIONS)
      wire.watch((_, frame) => describeFrame(frame))
      wire.handle({ kind: 'start' }, 0)
      wire.handle({ kind: 'bytes', bytes: HELLO }, 0)
      feedHalves(wire, bytes)
      for (const [name, extendedId] of EXTENDED)
        describeFrame({ kind: 'extended', lengthBytes: 6, extendedId, name, payload: bytes })
    },
  },
  {
    name: 'metadata-assembler',
    corpus: ['metadata-message'],
    decode(bytes) {
      const assembler = new MetadataAssembler<string>()
      assembler.nextRequest('peer', null)
      const read = decodeMetadataMessage(bytes)
      if (read.kind !== 'message' || read.message.kind !== 'data') return
      assembler.receive('peer', read.message)
      assembler.nextRequest('peer', null)
    },
  },
]

function feedHalves(wire: PeerWire, bytes: Uint8Array): void {
  const middle = bytes.length >> 1
  wire.handle({ kind: 'bytes', bytes: bytes.subarray(0, middle) }, 0)
  wire.handle({ kind: 'bytes', bytes: bytes.subarray(middle) }, 0)
}
