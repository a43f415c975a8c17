/**
 * How fast a `PeerWire` cuts a stream of blocks into parts: `node bench/peer-wire.ts`. Prints MiB/s.
 * The parts' bytes are not touched, as the copy into the piece buffer belongs to the caller.
 */
import { encodeBlocks, encodeMessage } from '../src/wire/frame.ts'
import { encodeHandshake } from '../src/bep/0003-handshake.ts'
import { concatBytes } from '../src/bytes.ts'
import { PeerWire } from '../src/peer-wire.ts'

const BLOCK_BYTES = 16 * 1024
const CHUNK_BYTES = 64 * 1024
const BATCH_BLOCKS = 256
const BATCHES = 512
const ROUNDS = 5

const infoHash = new Uint8Array(20).fill(1)
const pieces = {
  count: BATCHES,
  lengthBytes: BATCH_BLOCKS * BLOCK_BYTES,
  totalBytes: BATCHES * BATCH_BLOCKS * BLOCK_BYTES,
}

const rates: number[] = []
for (let round = 0; round < ROUNDS; round++) rates.push(measure())
rates.sort((a, b) => a - b)
const [slowest, median, fastest] = [rates.at(0), rates.at(ROUNDS >> 1), rates.at(-1)].map((rate) =>
  Math.round(rate ?? 0),
)
process.stdout.write(`decode 64 KiB chunks: ${median} MiB/s (${slowest}-${fastest})\n`)

function measure(): number {
  const wire = connected()
  let spentNs = 0n
  let partCount = 0
  for (let pieceIndex = 0; pieceIndex < BATCHES; pieceIndex++) {
    const refs = Array.from({ length: BATCH_BLOCKS }, (_, i) => ({
      pieceIndex,
      begin: i * BLOCK_BYTES,
      lengthBytes: BLOCK_BYTES,
    }))
    const chunks = streamOf(pieceIndex)
    const startNs = process.hrtime.bigint()
    wire.handle({ kind: 'send-requests', blocks: refs }, 0)
    for (const bytes of chunks) {
      for (const effect of wire.handle({ kind: 'bytes', bytes }, 0)) {
        if (effect.kind === 'block-part') partCount++
      }
    }
    spentNs += process.hrtime.bigint() - startNs
  }
  if (wire.outstandingCount !== 0 || partCount < BATCHES * BATCH_BLOCKS)
    throw new Error('blocks are missing')
  return pieces.totalBytes / 2 ** 20 / (Number(spentNs) / 1e9)
}

function connected(): PeerWire {
  const peerId = new Uint8Array(20)
  const extensions = {
    ids: new Map(),
    client: null,
    listenPort: null,
    requestQueueLimit: 500,
    metadataSizeBytes: null,
    uploadOnly: false,
    yourIp: null,
  }
  const offers = { fast: true, extensions: false }
  const wire = new PeerWire({
    direction: 'outgoing',
    peerId,
    infoHashes: [infoHash],
    offers,
    extensions,
    pieces,
    requestQueueLimit: 500,
  })
  wire.handle({ kind: 'start' }, 0)
  const reserved = new Uint8Array(8)
  const hello = encodeHandshake({ reserved, infoHash, peerId })
  wire.handle({ kind: 'bytes', bytes: concatBytes([hello, encodeMessage({ kind: 'unchoke' })]) }, 0)
  return wire
}

/** One piece as `piece` messages, in chunks as a socket gives them. */
function streamOf(pieceIndex: number): readonly Uint8Array[] {
  const bytes = new Uint8Array(BLOCK_BYTES)
  const blocks = Array.from({ length: BATCH_BLOCKS }, (_, i) => ({
    pieceIndex,
    begin: i * BLOCK_BYTES,
    bytes,
  }))
  const stream = concatBytes(encodeBlocks(blocks))
  const chunks: Uint8Array[] = []
  for (let at = 0; at < stream.length; at += CHUNK_BYTES)
    chunks.push(stream.subarray(at, at + CHUNK_BYTES))
  return chunks
}
