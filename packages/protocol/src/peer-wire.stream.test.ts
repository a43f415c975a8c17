import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { concatBytes } from './bytes.ts'
import type { PeerWireEffect, PeerWireInput } from './peer-wire.ts'
import { hello, rawFrame } from './testing/scripted-remote.ts'
import { INFO_HASH, optionsOf, PIECES, Side } from './testing/wired-pair.ts'
import { encodeKeepAlive, encodeMessage } from './wire/frame.ts'
import type { BlockRef, PeerMessage } from './wire/messages.ts'

const ASKED: readonly BlockRef[] = [
  { pieceIndex: 0, begin: 0, lengthBytes: 16_384 },
  { pieceIndex: 1, begin: 16_384, lengthBytes: 16_384 },
  { pieceIndex: 3, begin: 16_384, lengthBytes: 3616 },
]

/** What one side of a stream brings about, told so that it does not depend on where the stream was cut. */
function told(side: Side): readonly unknown[] {
  const effects: unknown[] = []
  const blocks = new Map<string, Uint8Array[]>()
  const writes: Uint8Array[] = []
  for (const effect of side.effects) {
    if (effect.kind === 'write') {
      writes.push(...effect.chunks)
    } else if (effect.kind === 'block-part') {
      const name = `${effect.pieceIndex}+${effect.begin}`
      const parts = blocks.get(name) ?? []
      expect(effect.offset).toBe(concatBytes(parts).length)
      parts.push(effect.bytes)
      blocks.set(name, parts)
      if (effect.isLast) effects.push({ ...effect, offset: 0, bytes: concatBytes(parts) })
    } else {
      effects.push(effect)
    }
  }
  return [
    ...effects,
    [...blocks].map(([name, parts]) => [name, concatBytes(parts)]),
    concatBytes(writes),
  ]
}

function feedCut(side: Side, stream: Uint8Array, cuts: readonly number[]): void {
  const ends = [...cuts.map((cut) => cut % (stream.length + 1)), stream.length].sort(
    (a, b) => a - b,
  )
  let at = 0
  for (const end of ends) {
    // A copy that is wiped afterwards: the machine may keep no view of it.
    const chunk = stream.slice(at, end)
    side.feed({ kind: 'bytes', bytes: chunk })
    chunk.fill(0xee)
    at = end
  }
}

function asking(): Side {
  const side = new Side(optionsOf('outgoing'))
  side.feed({ kind: 'start' })
  side.feed({ kind: 'bytes', bytes: concatBytes([hello(), encodeMessage({ kind: 'unchoke' })]) })
  side.feed({ kind: 'send-requests', blocks: ASKED })
  side.feed({ kind: 'send-unchoke' })
  side.clear()
  return side
}

const index = fc.nat({ max: 5 })
const blockRef = fc.record({
  pieceIndex: index,
  begin: fc.constantFrom(0, 16_384, 32_768),
  lengthBytes: fc.constantFrom(0, 3616, 16_384, 16_385),
})
const message: fc.Arbitrary<PeerMessage> = fc.oneof(
  fc.constantFrom<PeerMessage>(
    { kind: 'choke' },
    { kind: 'unchoke' },
    { kind: 'interested' },
    { kind: 'not-interested' },
    { kind: 'have-all' },
    { kind: 'have-none' },
    { kind: 'extended', extendedId: 0, payload: Uint8Array.of(0x64, 0x65) },
  ),
  fc.record({ kind: fc.constantFrom('have', 'suggest-piece', 'allowed-fast'), pieceIndex: index }),
  fc.record({ kind: fc.constant('bitfield'), bits: fc.uint8Array({ minLength: 1, maxLength: 1 }) }),
  blockRef.map((block): PeerMessage => ({ kind: 'request', ...block })),
  blockRef.map((block): PeerMessage => ({ kind: 'cancel', ...block })),
  blockRef.map((block): PeerMessage => ({ kind: 'reject-request', ...block })),
  fc.constantFrom(...ASKED, { pieceIndex: 2, begin: 0, lengthBytes: 100 }).map(
    ({ pieceIndex, begin, lengthBytes }): PeerMessage => ({
      kind: 'piece',
      pieceIndex,
      begin,
      block: Uint8Array.from({ length: lengthBytes }, (_, i) => (i + begin) & 0xff),
    }),
  ),
  fc.record({
    kind: fc.constant('extended'),
    extendedId: fc.nat({ max: 9 }),
    payload: fc.uint8Array({ maxLength: 20 }),
  }),
  fc.record({ kind: fc.constant('port'), dhtPort: fc.nat({ max: 0xffff }) }),
)
const frame = fc.oneof(
  { weight: 20, arbitrary: message.map(encodeMessage) },
  { weight: 1, arbitrary: fc.constant(encodeKeepAlive()) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.nat({ max: 255 }), fc.uint8Array({ maxLength: 30 }))
      .map(([id, body]) => rawFrame(id, body)),
  },
)
const cuts = fc.array(fc.nat({ max: 60_000 }), { maxLength: 12 })

describe('the effects of a stream', () => {
  test('do not depend on where it is cut', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 25 }), cuts, (frames, at) => {
        const stream = concatBytes(frames)
        const whole = asking()
        const parts = asking()
        feedCut(whole, stream, [])
        feedCut(parts, stream, at)
        expect(told(parts)).toEqual(told(whole))
        expect(parts.wire.outstandingCount).toBe(whole.wire.outstandingCount)
      }),
      { numRuns: 200 },
    )
  })

  test('are the same byte by byte, with the handshake', () => {
    const stream = concatBytes([
      hello(),
      encodeMessage({ kind: 'extended', extendedId: 0, payload: Uint8Array.of(0x64, 0x65) }),
      encodeMessage({ kind: 'bitfield', bits: Uint8Array.of(0xf0) }),
      encodeKeepAlive(),
      encodeMessage({ kind: 'request', pieceIndex: 0, begin: 0, lengthBytes: 1 }),
      rawFrame(99, new Uint8Array(10)),
      encodeMessage({ kind: 'have', pieceIndex: 9 }),
    ])
    for (const direction of ['outgoing', 'incoming'] as const) {
      const [whole, parts] = [0, 1].map(() => new Side(optionsOf(direction)))
      if (whole === undefined || parts === undefined) throw new Error('two sides')
      for (const side of [whole, parts]) {
        side.feed({ kind: 'start' })
        feedCut(side, stream, side === whole ? [] : [...stream.keys()])
        if (direction === 'outgoing') continue
        const { extensions } = optionsOf(direction)
        side.feed({ kind: 'accept', infoHashes: [INFO_HASH], pieces: PIECES, extensions })
      }
      expect(told(parts)).toEqual(told(whole))
      expect(whole.all('fault').at(-1)?.fault.code).toBe('piece-out-of-range')
    }
  })
})

describe('noise', () => {
  test('never throws, before or after the handshake', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 10 }),
        fc.boolean(),
        (chunks, isShaken) => {
          const side = isShaken ? asking() : new Side(optionsOf('incoming'))
          for (const bytes of chunks) side.feed({ kind: 'bytes', bytes })
        },
      ),
      { numRuns: 300 },
    )
  })

  test('in a right stream never throws', () => {
    const changes = fc.array(fc.tuple(fc.nat({ max: 60_000 }), fc.nat({ max: 255 })), {
      maxLength: 5,
    })
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 25 }), changes, cuts, (frames, mutations, at) => {
        const stream = concatBytes(frames)
        for (const [where, byte] of mutations) stream[where % (stream.length + 1)] = byte
        feedCut(asking(), stream, at)
      }),
      { numRuns: 200 },
    )
  })
})

describe('two machines back to back, whatever their users do', () => {
  const block = fc.constantFrom(...ASKED, { pieceIndex: 2, begin: 0, lengthBytes: 16_384 })
  const action: fc.Arbitrary<PeerWireInput> = fc.oneof(
    fc
      .constantFrom('send-choke', 'send-unchoke', 'send-interested', 'send-not-interested')
      .map((kind): PeerWireInput => ({ kind })),
    fc
      .array(block, { maxLength: 3 })
      .map((blocks): PeerWireInput => ({ kind: 'send-requests', blocks })),
    block.map((one): PeerWireInput => ({ kind: 'send-cancel', ...one })),
    block.map((one): PeerWireInput => ({ kind: 'send-reject', ...one })),
    block.map(
      (one): PeerWireInput => ({
        kind: 'send-blocks',
        blocks: [{ ...one, bytes: new Uint8Array(one.lengthBytes) }],
      }),
    ),
    index.map((pieceIndex): PeerWireInput => ({ kind: 'send-have', pieceIndex: pieceIndex % 4 })),
    fc.constant<PeerWireInput>({ kind: 'send-allowed-fast', pieceIndexes: [3] }),
  )
  const steps = fc.array(fc.tuple(fc.boolean(), action, fc.boolean()), { maxLength: 60 })

  /** Inputs in any order, each side hearing the other late: what was written waits until it is delivered. */
  function play(
    fast: boolean,
    moves: readonly (readonly [boolean, PeerWireInput, boolean])[],
  ): void {
    const sides = [
      new Side(optionsOf('outgoing', { offers: { fast, extensions: false } })),
      new Side(optionsOf('incoming', { offers: { fast, extensions: false } })),
    ] as const
    const lines: [Uint8Array[], Uint8Array[]] = [[], []]
    const feed = (who: 0 | 1, input: PeerWireInput): void => {
      for (const effect of sides[who].feed(input)) {
        if (effect.kind === 'write') lines[who].push(...effect.chunks)
      }
    }
    const deliver = (from: 0 | 1): void => {
      const bytes = concatBytes(lines[from].splice(0))
      feed(from === 0 ? 1 : 0, { kind: 'bytes', bytes })
    }
    feed(1, { kind: 'start' })
    feed(0, { kind: 'start' })
    deliver(0)
    const { extensions } = optionsOf('incoming')
    feed(1, { kind: 'accept', infoHashes: [INFO_HASH], pieces: PIECES, extensions })
    deliver(1)
    for (const [isFirst, input, isDelivered] of moves) {
      const who = isFirst ? 0 : 1
      feed(who, input)
      if (isDelivered) deliver(who)
    }
    for (let round = 0; round < 4; round++) {
      deliver(0)
      deliver(1)
    }
    for (const side of sides) {
      expect(side.all('fault').filter(isBlamed(fast))).toEqual([])
    }
    if (!fast) return
    expect(sides[0].wire.outstandingCount).toBe(sides[1].wire.heldRequestCount)
    expect(sides[1].wire.outstandingCount).toBe(sides[0].wire.heldRequestCount)
  }

  /** Without fast a cancel and its block may cross, and the same block be asked twice. */
  function isBlamed(fast: boolean): (effect: PeerWireEffect) => boolean {
    const excused = ['request-while-choked', 'bad-request', 'unsolicited-block']
    return (effect) => effect.kind === 'fault' && (fast || !excused.includes(effect.fault.code))
  }

  test('with fast each request ends with one answer on both sides, and nobody is at fault', () => {
    fc.assert(
      fc.property(steps, (moves) => play(true, moves)),
      { numRuns: 300 },
    )
  })

  test('without fast neither side closes', () => {
    fc.assert(
      fc.property(steps, (moves) => play(false, moves)),
      { numRuns: 300 },
    )
  })
})
