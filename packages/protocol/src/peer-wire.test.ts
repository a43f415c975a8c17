import { describe, expect, test } from 'vitest'
import { decodeHandshake } from './bep/0003-handshake.ts'
import { encodeDontHave } from './bep/0054-donthave.ts'
import { concatBytes, toHex } from './bytes.ts'
import {
  faults,
  hello,
  REMOTE_PEER_ID,
  say,
  sayExtensions,
  shaken,
  written,
} from './testing/scripted-remote.ts'
import { connect, INFO_HASH, optionsOf, PIECES, Side } from './testing/wired-pair.ts'
import { decodeFrame, encodeMessage } from './wire/frame.ts'
import type { BlockRef, PeerMessage } from './wire/messages.ts'

const PLAIN = { offers: { fast: false, extensions: true } }
const BLOCK: BlockRef = { pieceIndex: 1, begin: 0, lengthBytes: 16_384 }
const NEXT: BlockRef = { pieceIndex: 1, begin: 16_384, lengthBytes: 16_384 }
/** The last of the torrent: piece 3 has 20,000 bytes. */
const LAST: BlockRef = { pieceIndex: 3, begin: 16_384, lengthBytes: 3616 }

/** All blocks of the torrent of four pieces. */
const ALL_BLOCKS: readonly BlockRef[] = [
  { pieceIndex: 0, begin: 0, lengthBytes: 16_384 },
  { pieceIndex: 0, begin: 16_384, lengthBytes: 16_384 },
  BLOCK,
  NEXT,
  { pieceIndex: 2, begin: 0, lengthBytes: 16_384 },
  { pieceIndex: 2, begin: 16_384, lengthBytes: 16_384 },
  { pieceIndex: 3, begin: 0, lengthBytes: 16_384 },
  LAST,
]

/** What the machine wrote, as messages. */
function saidBy(side: Side): readonly PeerMessage[] {
  const messages: PeerMessage[] = []
  let rest = written(side)
  while (rest.length > 0) {
    const next = decodeFrame(rest)
    if (next.kind === 'need' || next.kind === 'fault') throw new Error(`not frames: ${next.kind}`)
    if (next.kind === 'message') messages.push(next.message)
    rest = rest.subarray(next.usedBytes)
  }
  return messages
}

function piece({ pieceIndex, begin, lengthBytes }: BlockRef): PeerMessage {
  return { kind: 'piece', pieceIndex, begin, block: new Uint8Array(lengthBytes).fill(begin >> 8) }
}

function bytesOf({ pieceIndex, begin, lengthBytes }: BlockRef): Uint8Array {
  return Uint8Array.from({ length: lengthBytes }, (_, i) => (pieceIndex * 31 + begin + i * 7) % 251)
}

describe('handshake', () => {
  test('we dial: it says its own at once, and its extensions when the remote has said 48 bytes', () => {
    const side = new Side(optionsOf('outgoing'))
    side.feed({ kind: 'start' })
    const ours = decodeHandshake(written(side))
    expect(ours.kind === 'handshake' && toHex(ours.handshake.reserved)).toBe('0000000000100004')
    side.clear()
    side.feed({ kind: 'bytes', bytes: hello().subarray(0, 47) })
    expect(side.effects).toEqual([])
    side.feed({ kind: 'bytes', bytes: hello().subarray(47, 48) })
    expect(side.effects.map(({ kind }) => kind)).toEqual(['handshake', 'write'])
    expect(side.wire.remote?.peerId).toBeNull()
    expect(saidBy(side)).toMatchObject([{ kind: 'extended', extendedId: 0 }])
    side.clear()
    side.feed({ kind: 'bytes', bytes: hello().subarray(48) })
    expect(side.effects).toEqual([{ kind: 'peer-id', peerId: REMOTE_PEER_ID }])
    expect(side.wire.remote?.peerId).toEqual(REMOTE_PEER_ID)
    expect(side.wire.phase).toBe('first')
  })

  test('we are dialled: it answers 48 bytes before the peer id comes', () => {
    const side = new Side(optionsOf('incoming'))
    side.feed({ kind: 'start' })
    side.feed({ kind: 'bytes', bytes: hello().subarray(0, 48) })
    expect(side.all('handshake')[0]?.remote.infoHash).toEqual(INFO_HASH)
    expect(written(side).length).toBe(0)
    const { extensions } = optionsOf('incoming')
    side.feed({ kind: 'accept', infoHashes: [INFO_HASH], pieces: PIECES, extensions })
    expect(decodeHandshake(written(side)).kind).toBe('handshake')
    expect(side.wire.phase).toBe('handshake')
    side.feed({ kind: 'bytes', bytes: hello().subarray(48) })
    expect(side.wire.phase).toBe('first')
  })

  test('a remote that answers with another torrent is left', () => {
    const side = new Side(optionsOf('outgoing', { infoHashes: [new Uint8Array(20)] }))
    side.feed({ kind: 'start' })
    side.feed({ kind: 'bytes', bytes: hello() })
    expect(faults(side)).toEqual(['other-info-hash: close'])
  })

  test('a remote may answer with any name of the torrent', () => {
    const names = [new Uint8Array(20), INFO_HASH]
    const side = new Side(optionsOf('outgoing', { infoHashes: names }))
    side.feed({ kind: 'start' })
    side.feed({ kind: 'bytes', bytes: hello() })
    expect(side.kinds()).toEqual(['handshake', 'peer-id'])
  })

  test.each([
    [true, true, true],
    [true, false, false],
    [false, true, false],
  ])('fast needs both sides: ours %s, theirs %s', (ours, theirs, both) => {
    const side = new Side(optionsOf('outgoing', { offers: { fast: ours, extensions: ours } }))
    side.feed({ kind: 'start' })
    side.feed({ kind: 'bytes', bytes: hello({ fast: theirs, extensions: theirs }) })
    expect([side.wire.hasFast, side.wire.hasExtensions]).toEqual([both, both])
  })
})

describe('our pieces', () => {
  test.each<readonly [string, boolean, number, number, readonly PeerMessage[]]>([
    ['all, with fast', true, 0xf0, 4, [{ kind: 'have-all' }]],
    ['none, with fast', true, 0x00, 0, [{ kind: 'have-none' }]],
    ['some, with fast', true, 0xa0, 2, [{ kind: 'bitfield', bits: Uint8Array.of(0xa0) }]],
    ['all, without fast', false, 0xf0, 4, [{ kind: 'bitfield', bits: Uint8Array.of(0xf0) }]],
    ['none, without fast', false, 0x00, 0, []],
    [
      'spare bits are never sent',
      false,
      0xff,
      4,
      [{ kind: 'bitfield', bits: Uint8Array.of(0xf0) }],
    ],
  ])('%s', (_, fast, bits, haveCount, expected) => {
    const side = shaken({ offers: { fast, extensions: false } })
    side.feed({ kind: 'send-pieces', bits: Uint8Array.of(bits), haveCount })
    expect(saidBy(side)).toEqual(expected)
  })

  test('without metadata we have none', () => {
    const side = shaken({ pieces: null })
    side.feed({ kind: 'send-pieces', bits: new Uint8Array(0), haveCount: 0 })
    expect(saidBy(side)).toEqual([{ kind: 'have-none' }])
  })
})

describe.each([
  ['with fast', true],
  ['without fast', false],
])('two machines back to back, %s', (_, fast) => {
  test('exchange all blocks of a torrent', () => {
    const { a, b } = connect({ fast, extensions: true })
    b.feed({ kind: 'send-pieces', bits: Uint8Array.of(0xf0), haveCount: 4 })
    a.feed({ kind: 'send-pieces', bits: Uint8Array.of(0), haveCount: 0 })
    a.feed({ kind: 'send-interested' })
    b.feed({ kind: 'send-unchoke' })
    a.feed({ kind: 'send-requests', blocks: ALL_BLOCKS })
    expect(a.wire.outstandingCount).toBe(8)
    expect(b.wire.heldRequestCount).toBe(8)
    const blocks = b.all('request').map((block) => ({ ...block, bytes: bytesOf(block) }))
    b.feed({ kind: 'send-blocks', blocks })
    expect(a.wire.outstandingCount).toBe(0)
    expect(b.wire.heldRequestCount).toBe(0)
    const parts = a.all('block-part')
    expect(concatBytes(parts.map(({ bytes }) => bytes))).toEqual(
      concatBytes(ALL_BLOCKS.map(bytesOf)),
    )
    expect([...faults(a), ...faults(b)]).toEqual([])
  })

  test('a cancelled block is not sent, and not waited for', () => {
    const { a, b } = connect({ fast, extensions: true })
    b.feed({ kind: 'send-unchoke' })
    a.feed({ kind: 'send-requests', blocks: [BLOCK, NEXT] })
    a.feed({ kind: 'send-cancel', ...BLOCK })
    expect(b.all('request-cancelled')).toMatchObject([BLOCK])
    b.feed({ kind: 'send-blocks', blocks: [{ ...BLOCK, bytes: bytesOf(BLOCK) }] })
    expect(a.all('block-part')).toEqual([])
    expect(a.all('rejected')).toEqual([])
    expect(a.wire.outstandingCount).toBe(1)
    expect([...faults(a), ...faults(b)]).toEqual([])
  })

  test('after a choke both sides agree on what is still owed', () => {
    const { a, b } = connect({ fast, extensions: true })
    b.feed({ kind: 'send-unchoke' })
    a.feed({ kind: 'send-requests', blocks: [BLOCK, NEXT] })
    b.feed({ kind: 'send-choke' })
    expect(b.all('request-cancelled')).toMatchObject([BLOCK, NEXT])
    expect(a.all('choked')).toEqual([{ kind: 'choked', dropped: fast ? [] : [BLOCK, NEXT] }])
    expect(a.all('rejected')).toMatchObject(fast ? [BLOCK, NEXT] : [])
    expect([a.wire.outstandingCount, b.wire.heldRequestCount]).toEqual([0, 0])
    b.feed({ kind: 'send-unchoke' })
    a.feed({ kind: 'send-requests', blocks: [BLOCK] })
    b.feed({ kind: 'send-blocks', blocks: [{ ...BLOCK, bytes: bytesOf(BLOCK) }] })
    expect(a.all('block-part')).toHaveLength(1)
    expect([...faults(a), ...faults(b)]).toEqual([])
  })
})

describe('our requests', () => {
  test('go out in one chunk, and never twice', () => {
    const side = shaken()
    say(side, { kind: 'unchoke' })
    side.clear()
    side.feed({ kind: 'send-requests', blocks: [BLOCK, NEXT, BLOCK] })
    expect(side.all('write')[0]?.chunks).toHaveLength(1)
    side.feed({ kind: 'send-requests', blocks: [NEXT] })
    expect(saidBy(side)).toEqual([
      { kind: 'request', ...BLOCK },
      { kind: 'request', ...NEXT },
    ])
  })

  test('are listed oldest first, until they are answered', () => {
    const side = shaken()
    say(side, { kind: 'unchoke' })
    side.feed({ kind: 'send-requests', blocks: [NEXT, BLOCK, LAST] })
    say(side, piece(BLOCK))
    expect(side.wire.outstanding).toEqual([NEXT, LAST])
  })

  test('made while choked come back as rejected, unless they are allowed fast', () => {
    const side = shaken()
    say(side, { kind: 'allowed-fast', pieceIndex: 3 })
    side.clear()
    side.feed({ kind: 'send-requests', blocks: [BLOCK, LAST] })
    expect(side.all('rejected')).toEqual([{ kind: 'rejected', ...BLOCK }])
    expect(saidBy(side)).toEqual([{ kind: 'request', ...LAST }])
    expect(side.wire.outstandingCount).toBe(1)
  })

  test('a choke with fast cancels none of them: each gets its piece or its reject', () => {
    const side = shaken()
    say(side, { kind: 'unchoke' })
    side.feed({ kind: 'send-requests', blocks: [BLOCK, NEXT] })
    side.clear()
    say(side, { kind: 'choke' }, piece(BLOCK), { kind: 'reject-request', ...NEXT })
    expect(side.kinds()).toEqual(['choked', 'block-part', 'rejected'])
    expect(side.wire.outstandingCount).toBe(0)
  })

  test('a late block after a choke without fast is wasted, not wrong', () => {
    const side = shaken(PLAIN)
    say(side, { kind: 'unchoke' })
    side.feed({ kind: 'send-requests', blocks: [BLOCK] })
    side.clear()
    say(side, { kind: 'choke' }, piece(BLOCK), piece(BLOCK))
    expect(side.effects).toMatchObject([
      { kind: 'choked', dropped: [BLOCK] },
      { kind: 'wasted', lengthBytes: 16_384 },
      { kind: 'fault', fault: { code: 'unsolicited-block' }, reaction: 'ignore' },
    ])
  })

  test.each([
    ['piece', 'wasted'],
    ['reject-request', null],
  ] as const)('a cancelled one that is answered by %s: %s', (answer, expected) => {
    const side = shaken()
    say(side, { kind: 'unchoke' })
    side.feed({ kind: 'send-requests', blocks: [BLOCK] })
    side.feed({ kind: 'send-cancel', ...BLOCK })
    side.clear()
    say(side, answer === 'piece' ? piece(BLOCK) : { kind: 'reject-request', ...BLOCK })
    expect(side.kinds()).toEqual(expected === null ? [] : [expected])
  })

  test('cancelled and asked again: the reject is for the first, the piece for the second', () => {
    const side = shaken()
    say(side, { kind: 'unchoke' })
    side.feed({ kind: 'send-requests', blocks: [BLOCK] })
    side.feed({ kind: 'send-cancel', ...BLOCK })
    side.feed({ kind: 'send-requests', blocks: [BLOCK] })
    side.clear()
    say(side, { kind: 'reject-request', ...BLOCK }, piece(BLOCK))
    expect(side.kinds()).toEqual(['block-part'])
  })

  test('cancelled in the middle of its block: the rest is skipped', () => {
    const side = shaken()
    say(side, { kind: 'unchoke' })
    side.feed({ kind: 'send-requests', blocks: [BLOCK] })
    side.clear()
    const frame = new Uint8Array(13 + 16_384)
    frame.set([0, 0, 0x40, 9, 7, 0, 0, 0, 1])
    side.feed({ kind: 'bytes', bytes: frame.subarray(0, 13 + 1000) })
    expect(side.wire.outstandingCount).toBe(1)
    side.feed({ kind: 'send-cancel', ...BLOCK })
    expect(side.wire.outstandingCount).toBe(0)
    side.feed({ kind: 'bytes', bytes: frame.subarray(13 + 1000) })
    say(side, { kind: 'interested' })
    expect(side.kinds()).toEqual(['block-part', 'wasted', 'interested'])
    expect(side.all('wasted')[0]?.lengthBytes).toBe(15_384)
  })

  test('a block of another length than asked is not handed out, and frees the request', () => {
    const side = shaken()
    say(side, { kind: 'unchoke' })
    side.feed({ kind: 'send-requests', blocks: [BLOCK] })
    side.clear()
    say(side, piece({ ...BLOCK, lengthBytes: 100 }))
    expect(side.kinds()).toEqual(['rejected', 'fault'])
    // The whole request is told, not what came.
    expect(side.all('rejected')).toMatchObject([BLOCK])
    expect(side.wire.outstandingCount).toBe(0)
  })

  test('of a piece that the remote lost are dropped without fast, and rejected by it with fast', () => {
    for (const fast of [true, false]) {
      const side = shaken({ offers: { fast, extensions: true } })
      say(side, { kind: 'unchoke' })
      side.feed({ kind: 'send-requests', blocks: [BLOCK, LAST] })
      side.clear()
      say(side, { kind: 'extended', extendedId: 7, payload: encodeDontHave(1) })
      expect(side.kinds()).toEqual(fast ? ['lost-piece'] : ['lost-piece', 'rejected'])
      expect(side.wire.outstandingCount).toBe(fast ? 2 : 1)
    }
  })
})

describe("the remote's requests", () => {
  test.each<readonly [string, BlockRef]>([
    ['an empty one', { ...BLOCK, lengthBytes: 0 }],
    ['one past 16 KiB', { ...BLOCK, lengthBytes: 16_385 }],
    ['one past the end of the piece', { ...NEXT, begin: 16_385 }],
    ['one past the end of the last piece', { ...LAST, lengthBytes: 3617 }],
    ['one that begins beyond the piece', { ...BLOCK, begin: 0xffff_ffff }],
    ['one of a piece that does not exist', { ...BLOCK, pieceIndex: 4 }],
  ])('%s is rejected with fast, ignored without', (_, block) => {
    for (const fast of [true, false]) {
      const side = shaken({ offers: { fast, extensions: true } })
      side.feed({ kind: 'send-unchoke' })
      side.clear()
      say(side, { kind: 'request', ...block })
      expect(faults(side)).toEqual(['bad-request: ignore'])
      expect(saidBy(side)).toEqual(fast ? [{ kind: 'reject-request', ...block }] : [])
      expect(side.wire.heldRequestCount).toBe(0)
    }
  })

  test('one asked twice gets two answers with fast', () => {
    const side = shaken()
    side.feed({ kind: 'send-unchoke' })
    side.clear()
    say(side, { kind: 'request', ...LAST }, { kind: 'request', ...LAST })
    expect(saidBy(side)).toEqual([{ kind: 'reject-request', ...LAST }])
    side.clear()
    side.feed({ kind: 'send-blocks', blocks: [{ ...LAST, bytes: bytesOf(LAST) }] })
    side.feed({ kind: 'send-blocks', blocks: [{ ...LAST, bytes: bytesOf(LAST) }] })
    expect(saidBy(side)).toHaveLength(1)
  })

  test('the last short block is served as header and payload, the payload not copied', () => {
    const side = shaken()
    side.feed({ kind: 'send-unchoke' })
    say(side, { kind: 'request', ...LAST }, { kind: 'request', ...BLOCK })
    side.clear()
    const blocks = [LAST, BLOCK].map((block) => ({ ...block, bytes: bytesOf(block) }))
    side.feed({ kind: 'send-blocks', blocks })
    const chunks = side.all('write')[0]?.chunks ?? []
    expect(chunks.map(({ length }) => length)).toEqual([13, 3616, 13, 16_384])
    expect(chunks[1]).toBe(blocks[0]?.bytes)
    expect(chunks[0]?.buffer).toBe(chunks[2]?.buffer)
  })

  test('while we choke are refused, except those of the allowed-fast set that we sent', () => {
    const side = shaken()
    side.feed({ kind: 'send-allowed-fast', pieceIndexes: [3, 3] })
    expect(saidBy(side)).toEqual([{ kind: 'allowed-fast', pieceIndex: 3 }])
    side.clear()
    say(side, { kind: 'request', ...BLOCK }, { kind: 'request', ...LAST })
    expect(saidBy(side)).toEqual([{ kind: 'reject-request', ...BLOCK }])
    expect(side.all('request')).toEqual([{ kind: 'request', ...LAST }])
  })

  test('a choke spares those of the allowed-fast set, and rejects the others after it', () => {
    const side = shaken()
    side.feed({ kind: 'send-allowed-fast', pieceIndexes: [3] })
    side.feed({ kind: 'send-unchoke' })
    say(side, { kind: 'request', ...BLOCK }, { kind: 'request', ...LAST })
    side.clear()
    side.feed({ kind: 'send-choke' })
    expect(saidBy(side)).toEqual([{ kind: 'choke' }, { kind: 'reject-request', ...BLOCK }])
    expect(side.all('request-cancelled')).toMatchObject([BLOCK])
    expect(side.wire.heldRequestCount).toBe(1)
  })

  test.each([
    [1999, []],
    [2000, ['request-while-choked: ignore']],
  ])('%i ms after our choke they are told as %o', (afterMs, expected) => {
    const side = shaken(PLAIN)
    side.feed({ kind: 'send-unchoke' })
    side.nowMs = 60_000
    side.feed({ kind: 'send-choke' })
    side.clear()
    side.nowMs += afterMs
    say(side, { kind: 'request', ...BLOCK })
    expect(faults(side)).toEqual(expected)
    expect(side.all('request')).toEqual([])
  })

  test('a reject of ours is said with fast only, and once', () => {
    for (const fast of [true, false]) {
      const side = shaken({ offers: { fast, extensions: true } })
      side.feed({ kind: 'send-unchoke' })
      say(side, { kind: 'request', ...BLOCK })
      side.clear()
      side.feed({ kind: 'send-reject', ...BLOCK })
      side.feed({ kind: 'send-reject', ...BLOCK })
      expect(saidBy(side)).toEqual(fast ? [{ kind: 'reject-request', ...BLOCK }] : [])
      expect(side.wire.heldRequestCount).toBe(0)
    }
  })

  test('four requests and four cancels get exactly four answers', () => {
    const side = shaken()
    side.feed({ kind: 'send-unchoke' })
    side.clear()
    const four = ALL_BLOCKS.slice(0, 4)
    say(side, ...four.map((block): PeerMessage => ({ kind: 'request', ...block })))
    side.feed({ kind: 'send-blocks', blocks: [{ ...BLOCK, bytes: bytesOf(BLOCK) }] })
    say(side, ...four.map((block): PeerMessage => ({ kind: 'cancel', ...block })))
    side.feed({
      kind: 'send-blocks',
      blocks: four.map((block) => ({ ...block, bytes: bytesOf(block) })),
    })
    const answers = saidBy(side).map(({ kind }) => kind)
    expect(answers.sort()).toEqual(['piece', 'reject-request', 'reject-request', 'reject-request'])
  })
})

describe('choke and interest', () => {
  test('saying again what is so already says nothing', () => {
    const side = shaken()
    for (const kind of ['send-choke', 'send-not-interested'] as const) side.feed({ kind })
    expect(side.effects).toEqual([])
    for (const kind of [
      'send-unchoke',
      'send-unchoke',
      'send-interested',
      'send-interested',
    ] as const) {
      side.feed({ kind })
    }
    expect(saidBy(side)).toEqual([{ kind: 'unchoke' }, { kind: 'interested' }])
    expect([side.wire.isChokingRemote, side.wire.isInterested]).toEqual([false, true])
  })

  test('hearing again what is so already does nothing', () => {
    const side = shaken()
    say(
      side,
      { kind: 'unchoke' },
      { kind: 'unchoke' },
      { kind: 'interested' },
      { kind: 'interested' },
    )
    expect(side.kinds()).toEqual(['unchoked', 'interested'])
    expect([side.wire.isChokedByRemote, side.wire.isRemoteInterested]).toEqual([false, true])
  })
})

describe('pieces that are told before the metadata is known', () => {
  const known = { kind: 'torrent-known', pieces: PIECES } as const

  test.each<readonly [string, readonly PeerMessage[], number, number]>([
    [
      'a bitfield and haves',
      [
        { kind: 'bitfield', bits: Uint8Array.of(0x80) },
        { kind: 'have', pieceIndex: 3 },
      ],
      0x90,
      2,
    ],
    [
      'haves alone',
      [
        { kind: 'have', pieceIndex: 1 },
        { kind: 'have', pieceIndex: 1 },
      ],
      0x40,
      1,
    ],
    ['have all', [{ kind: 'have-all' }], 0xf0, 4],
    ['have none', [{ kind: 'have-none' }], 0x00, 0],
    ['spare bits', [{ kind: 'bitfield', bits: Uint8Array.of(0x8f) }], 0x80, 1],
    [
      'a second bitfield, which replaces',
      [
        { kind: 'have', pieceIndex: 3 },
        { kind: 'bitfield', bits: Uint8Array.of(0x20) },
      ],
      0x20,
      1,
    ],
    [
      'a piece that was lost again',
      [{ kind: 'have-all' }, { kind: 'extended', extendedId: 7, payload: encodeDontHave(0) }],
      0x70,
      3,
    ],
  ])('%s count afterwards', (_, messages, bits, haveCount) => {
    const side = shaken({ pieces: null })
    say(side, ...messages)
    expect(side.all('has-pieces')).toEqual([])
    side.feed(known)
    expect(side.all('has-pieces')).toEqual([
      { kind: 'has-pieces', bits: Uint8Array.of(bits), haveCount },
    ])
  })

  test('nothing told, nothing said', () => {
    const side = shaken({ pieces: null })
    expect(side.feed(known)).toEqual([])
  })

  test.each<readonly [PeerMessage, string]>([
    [{ kind: 'bitfield', bits: new Uint8Array(2) }, 'bad-bitfield: close'],
    [{ kind: 'have', pieceIndex: 4 }, 'piece-out-of-range: close'],
    [{ kind: 'allowed-fast', pieceIndex: 4 }, 'piece-out-of-range: close'],
  ])('%o is judged afterwards', (message, expected) => {
    const side = shaken({ pieces: null })
    say(side, message)
    side.feed(known)
    expect(faults(side)).toEqual([expected])
  })

  test.each([
    [1, 'has-pieces'],
    [2, 'fault'],
  ])('a bitfield of %i bytes whose body comes after the metadata: %s', (lengthBytes, expected) => {
    const frame = encodeMessage({ kind: 'bitfield', bits: new Uint8Array(lengthBytes) })
    const side = shaken({ pieces: null })
    side.feed({ kind: 'bytes', bytes: frame.subarray(0, 5) })
    side.feed(known)
    side.feed({ kind: 'bytes', bytes: frame.subarray(5) })
    expect(side.kinds()).toEqual([expected])
  })

  test('allowed-fast pieces are told when they can be judged', () => {
    const side = shaken({ pieces: null })
    say(side, { kind: 'allowed-fast', pieceIndex: 2 })
    side.feed(known)
    expect(side.kinds()).toEqual(['allowed-fast'])
    expect([...side.wire.remoteAllowedFast]).toEqual([2])
  })
})

describe('extensions', () => {
  test("are sent with the remote's id and received with ours", () => {
    const side = shaken()
    sayExtensions(side, 'd1:md11:ut_metadatai77eee')
    side.clear()
    side.feed({ kind: 'send-extended', name: 'ut_metadata', payload: Uint8Array.of(1) })
    side.feed({ kind: 'send-extended', name: 'ut_pex', payload: Uint8Array.of(1) })
    expect(saidBy(side)).toEqual([{ kind: 'extended', extendedId: 77, payload: Uint8Array.of(1) }])
    side.clear()
    say(side, { kind: 'extended', extendedId: 2, payload: Uint8Array.of(9) })
    expect(side.effects).toEqual([
      { kind: 'extended', name: 'ut_metadata', payload: Uint8Array.of(9) },
    ])
  })

  test('a second handshake adds, and id 0 takes away', () => {
    const side = shaken()
    sayExtensions(side, 'd1:md1:ai1e1:bi2ee4:reqqi7ee')
    sayExtensions(side, 'd1:md1:ai0e1:ci3eee')
    expect([...side.wire.remoteExtensions.ids]).toEqual([
      ['b', 2],
      ['c', 3],
    ])
    expect(side.wire.remoteRequestQueueLimit).toBe(7)
  })

  test('a change of ours is told whole', () => {
    const { a, b } = connect({ fast: true, extensions: true })
    const { extensions } = optionsOf('incoming')
    b.feed({ kind: 'update-extensions', extensions: { ...extensions, metadataSizeBytes: 1234 } })
    expect(a.wire.remoteExtensions.metadataSizeBytes).toBe(1234)
    expect(a.wire.remoteExtensions.ids.get('ut_metadata')).toBe(2)
  })

  test('an id that we never gave is ignored; garbage as handshake leaves the plain protocol', () => {
    const side = shaken()
    say(
      side,
      { kind: 'extended', extendedId: 99, payload: Uint8Array.of(1) },
      { kind: 'extended', extendedId: 0, payload: Uint8Array.of(1) },
      { kind: 'extended', extendedId: 7, payload: Uint8Array.of(1) },
      { kind: 'extended', extendedId: 3, payload: new Uint8Array(0) },
      { kind: 'unchoke' },
    )
    expect(faults(side)).toEqual([
      'unknown-extension: ignore',
      'bad-extension-handshake: ignore',
      'bad-extension-message: ignore',
      'bad-extension-message: ignore',
    ])
    expect(side.kinds().at(-1)).toBe('unchoked')
  })

  test('upload_only comes in the handshake or as a message', () => {
    const side = shaken()
    sayExtensions(side, 'd11:upload_onlyi1ee')
    expect(side.wire.remoteExtensions.uploadOnly).toBe(true)
    say(side, { kind: 'extended', extendedId: 3, payload: Uint8Array.of(0) })
    expect(side.wire.remoteExtensions.uploadOnly).toBe(false)
    expect(side.all('extensions')).toHaveLength(2)
  })
})

describe('time', () => {
  test('a handshake that is not whole after 10 s is given up', () => {
    const side = new Side(optionsOf('incoming'))
    expect(side.wire.deadlineMs).toBeNull()
    side.nowMs = 1000
    side.feed({ kind: 'start' })
    expect(side.wire.deadlineMs).toBe(11_000)
    side.nowMs = 10_999
    expect(side.feed({ kind: 'bytes', bytes: hello().subarray(0, 67) })).toHaveLength(1)
    expect(side.feed({ kind: 'tick' })).toEqual([])
    side.nowMs = 11_000
    expect(side.feed({ kind: 'tick' })).toEqual([{ kind: 'timed-out', what: 'handshake' }])
    expect(side.wire.phase).toBe('closed')
  })

  test('we break our silence after 110 s', () => {
    const side = shaken()
    side.nowMs = 100_000
    side.feed({ kind: 'bytes', bytes: new Uint8Array(4) })
    expect(side.effects).toEqual([])
    expect(side.wire.deadlineMs).toBe(110_000)
    side.nowMs = 110_000
    expect(side.feed({ kind: 'tick' })).toEqual([{ kind: 'write', chunks: [new Uint8Array(4)] }])
    expect(side.wire.deadlineMs).toBe(220_000)
  })

  test('a remote that is silent for 150 s is given up; any byte counts', () => {
    const side = shaken()
    side.nowMs = 100_000
    side.feed({ kind: 'bytes', bytes: new Uint8Array(1) })
    side.nowMs = 249_999
    side.feed({ kind: 'send-interested' })
    expect(side.wire.deadlineMs).toBe(250_000)
    expect(side.feed({ kind: 'tick' })).toEqual([])
    side.nowMs = 250_000
    expect(side.feed({ kind: 'tick' })).toEqual([{ kind: 'timed-out', what: 'idle' }])
  })
})
