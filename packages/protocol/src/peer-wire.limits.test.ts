import { describe, expect, test } from 'vitest'
import type { PeerFaultCode } from './fault.ts'
import { FAULT_REACTIONS, FaultTally } from './fault-reactions.ts'
import {
  EXTENSION_HANDSHAKES_LIMIT,
  OUTSTANDING_REQUESTS_LIMIT,
  REMOTE_ALLOWED_FAST_LIMIT,
  UNANSWERED_BYTES_LIMIT,
} from './peer-wire.ts'
import { faults, hello, rawFrame, say, sayExtensions, shaken } from './testing/scripted-remote.ts'
import { optionsOf, Side } from './testing/wired-pair.ts'
import { EARLY_HAVES_LIMIT } from './wire/early-pieces.ts'
import { FORGONE_REQUESTS_LIMIT } from './wire/block-requests.ts'
import { FRAME_BYTES_LIMIT, PIECE_COUNT_LIMIT, type PeerMessage } from './wire/messages.ts'

/** As many pieces as there may be, each as long as it may be. */
const LARGEST = {
  count: PIECE_COUNT_LIMIT,
  lengthBytes: 2 ** 28,
  totalBytes: PIECE_COUNT_LIMIT * 2 ** 28,
}

/** Small blocks of the largest torrent, all different. */
function blocksOf(
  count: number,
  pieceIndex = 0,
): { pieceIndex: number; begin: number; lengthBytes: number }[] {
  return Array.from({ length: count }, (_, i) => ({ pieceIndex, begin: i * 16, lengthBytes: 16 }))
}

function requests(count: number): readonly PeerMessage[] {
  return blocksOf(count).map((block): PeerMessage => ({ kind: 'request', ...block }))
}

function isCode(key: string): key is PeerFaultCode {
  return Object.hasOwn(FAULT_REACTIONS, key)
}

test.each(Object.keys(FAULT_REACTIONS).filter(isCode))(
  '%s is ignored as often as its row says',
  (code) => {
    const { tolerated, afterwards } = FAULT_REACTIONS[code]
    const tally = new FaultTally()
    for (let i = 0; i < tolerated; i++) expect(tally.count(code)).toBe('ignore')
    expect(tally.count(code)).toBe(afterwards)
  },
)

test.each<readonly [string, (side: Side) => void, number]>([
  ['unknown messages', (side) => side.feed({ kind: 'bytes', bytes: rawFrame(99) }), 64],
  ['late bitfields', (side) => say(side, { kind: 'bitfield', bits: Uint8Array.of(0) }), 16],
  [
    'unasked blocks',
    (side) => say(side, { kind: 'piece', pieceIndex: 0, begin: 0, block: Uint8Array.of(1) }),
    64,
  ],
  [
    'bad requests',
    (side) => say(side, { kind: 'request', pieceIndex: 9, begin: 0, lengthBytes: 1 }),
    300,
  ],
])('%s close the connection past their number', (_, doOnce, tolerated) => {
  const side = shaken()
  say(side, { kind: 'unchoke' })
  for (let i = 0; i < tolerated; i++) doOnce(side)
  expect(side.wire.phase).toBe('open')
  doOnce(side)
  expect(side.wire.phase).toBe('closed')
  expect(side.all('fault').at(-1)?.reaction).toBe('close')
})

describe('frames', () => {
  test('of 1 MiB are read, one byte more is not waited for', () => {
    const side = shaken()
    side.feed({ kind: 'bytes', bytes: rawFrame(20, new Uint8Array(FRAME_BYTES_LIMIT - 1).fill(2)) })
    expect(side.all('extended')[0]?.payload.length).toBe(FRAME_BYTES_LIMIT - 2)
    side.feed({ kind: 'bytes', bytes: Uint8Array.of(0, 0x10, 0, 1) })
    expect(faults(side)).toEqual(['frame-too-long: close'])
  })

  test('claim no memory: a large body is taken as it comes', () => {
    const before = process.memoryUsage().arrayBuffers
    const sides = Array.from({ length: 200 }, () => shaken({ pieces: null }))
    for (const side of sides)
      side.feed({ kind: 'bytes', bytes: Uint8Array.of(0, 4, 0, 1, 5, 0xff) })
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * 2 ** 20)
    expect(sides.flatMap(faults)).toEqual([])
  })

  test('a bitfield of 2^21 pieces is kept before the metadata is known, one more byte is not', () => {
    const side = shaken({ pieces: null })
    say(side, { kind: 'bitfield', bits: new Uint8Array(2 ** 18).fill(0xff) })
    side.feed({ kind: 'torrent-known', pieces: LARGEST })
    expect(side.all('has-pieces')[0]?.haveCount).toBe(2 ** 21)
    const other = shaken({ pieces: null })
    say(other, { kind: 'bitfield', bits: new Uint8Array(2 ** 18 + 1) })
    expect(faults(other)).toEqual(['bad-length: close'])
  })
})

describe('requests', () => {
  test('of the remote are held up to our limit; one more is rejected', () => {
    const side = shaken({ pieces: LARGEST, requestQueueLimit: 5 })
    side.feed({ kind: 'send-unchoke' })
    say(side, ...requests(5))
    expect([side.wire.heldRequestCount, side.all('request').length]).toEqual([5, 5])
    expect(faults(side)).toEqual([])
    side.clear()
    say(side, ...requests(6).slice(5))
    expect(side.wire.heldRequestCount).toBe(5)
    expect(side.kinds()).toEqual(['fault'])
    expect(faults(side)).toEqual(['too-many-requests: ignore'])
    expect(side.all('write')).toHaveLength(1)
  })

  test('of ours are outstanding up to the limit; one more comes back', () => {
    const side = shaken({ pieces: LARGEST })
    say(side, { kind: 'unchoke' })
    side.feed({ kind: 'send-requests', blocks: blocksOf(OUTSTANDING_REQUESTS_LIMIT) })
    expect(side.all('rejected')).toEqual([])
    side.feed({ kind: 'send-requests', blocks: blocksOf(OUTSTANDING_REQUESTS_LIMIT + 1) })
    expect(side.all('rejected')).toHaveLength(1)
    expect(side.wire.outstandingCount).toBe(OUTSTANDING_REQUESTS_LIMIT)
  })

  test('that were cancelled are remembered up to the limit; the oldest beyond it is forgotten', () => {
    const side = shaken({ pieces: LARGEST })
    say(side, { kind: 'unchoke' })
    const blocks = blocksOf(FORGONE_REQUESTS_LIMIT + 1)
    side.feed({ kind: 'send-requests', blocks })
    for (const block of blocks) side.feed({ kind: 'send-cancel', ...block })
    side.clear()
    for (const { pieceIndex, begin } of blocks) {
      say(side, { kind: 'piece', pieceIndex, begin, block: new Uint8Array(16) })
    }
    expect(side.all('wasted')).toHaveLength(FORGONE_REQUESTS_LIMIT)
    expect(side.kinds()[0]).toBe('fault')
  })

  test('are told apart wherever they lie', () => {
    const side = shaken({ pieces: LARGEST })
    say(side, { kind: 'unchoke' })
    const begins = Array.from({ length: 25 }, (_, power) => 2 ** (power + 3))
    const indexes = Array.from({ length: 22 }, (_, power) => 2 ** power - 1)
    const blocks = indexes.flatMap((pieceIndex) =>
      begins.map((begin) => ({ pieceIndex, begin, lengthBytes: 8 })),
    )
    side.feed({ kind: 'send-requests', blocks })
    expect(side.wire.outstandingCount).toBe(blocks.length)
  })

  test('are told apart at the far end of the largest torrent', () => {
    const side = shaken({ pieces: LARGEST })
    say(side, { kind: 'unchoke' })
    side.feed({ kind: 'send-unchoke' })
    const last = { pieceIndex: PIECE_COUNT_LIMIT - 1, begin: 2 ** 28 - 16, lengthBytes: 16 }
    const near = { ...last, begin: last.begin - 16 }
    side.feed({ kind: 'send-requests', blocks: [last, near] })
    side.clear()
    say(side, { kind: 'piece', ...last, block: new Uint8Array(16) }, { kind: 'request', ...last })
    expect(side.kinds()).toEqual(['block-part', 'request'])
    expect(side.wire.outstandingCount).toBe(1)
    // An index far past the limit may not be taken for another block.
    const alias = { pieceIndex: 0xffff_ffff, begin: last.begin - 16 }
    say(side, { kind: 'piece', ...alias, block: new Uint8Array(16) })
    expect(faults(side)).toEqual(['unsolicited-block: ignore'])
  })
})

test('allowed-fast pieces of the remote are kept up to their limit', () => {
  const side = shaken({ pieces: LARGEST })
  for (let i = 0; i <= REMOTE_ALLOWED_FAST_LIMIT; i++) {
    say(side, { kind: 'allowed-fast', pieceIndex: i })
  }
  expect(side.all('allowed-fast')).toHaveLength(REMOTE_ALLOWED_FAST_LIMIT)
  expect(side.wire.remoteAllowedFast.size).toBe(REMOTE_ALLOWED_FAST_LIMIT)
})

test('1000 extension handshakes are read; the next is a fault', () => {
  const side = shaken()
  for (let i = 0; i < EXTENSION_HANDSHAKES_LIMIT; i++) sayExtensions(side, 'de')
  expect(faults(side)).toEqual([])
  sayExtensions(side, 'de')
  expect(side.all('extensions')).toHaveLength(EXTENSION_HANDSHAKES_LIMIT)
  expect(faults(side)).toEqual(['bad-extension-handshake: ignore'])
})

test('single haves before the metadata are kept up to their limit', () => {
  const side = shaken({ pieces: null })
  for (let i = 0; i <= EARLY_HAVES_LIMIT; i++) say(side, { kind: 'have', pieceIndex: i })
  side.feed({ kind: 'torrent-known', pieces: LARGEST })
  expect(side.all('has-pieces')[0]?.haveCount).toBe(EARLY_HAVES_LIMIT)
})

test('an incoming peer may say so much before we answer, and not a byte more', () => {
  const side = new Side(optionsOf('incoming'))
  side.feed({ kind: 'bytes', bytes: hello() })
  side.feed({ kind: 'bytes', bytes: new Uint8Array(UNANSWERED_BYTES_LIMIT) })
  expect(faults(side)).toEqual([])
  side.feed({ kind: 'bytes', bytes: new Uint8Array(1) })
  expect(faults(side)).toEqual(['out-of-turn: close'])
})
