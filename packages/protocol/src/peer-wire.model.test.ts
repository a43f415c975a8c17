import { describe, expect, test } from 'vitest'
import { PEER_MESSAGES, type PeerMessage, type PeerMessageKind } from './wire/messages.ts'
import { encodeMessage } from './wire/frame.ts'
import type { PeerWireOptions } from './peer-wire.ts'
import { faults, hello, idOf, rawFrame, say, shaken } from './testing/scripted-remote.ts'
import { optionsOf, Side } from './testing/wired-pair.ts'

/** A right message of each kind, for a torrent of four pieces. */
const EXAMPLES: { readonly [K in PeerMessageKind]: PeerMessage } = {
  choke: { kind: 'choke' },
  unchoke: { kind: 'unchoke' },
  interested: { kind: 'interested' },
  'not-interested': { kind: 'not-interested' },
  have: { kind: 'have', pieceIndex: 2 },
  bitfield: { kind: 'bitfield', bits: Uint8Array.of(0xa0) },
  request: { kind: 'request', pieceIndex: 1, begin: 0, lengthBytes: 16_384 },
  piece: { kind: 'piece', pieceIndex: 1, begin: 0, block: Uint8Array.of(1, 2, 3) },
  cancel: { kind: 'cancel', pieceIndex: 1, begin: 0, lengthBytes: 16_384 },
  port: { kind: 'port', dhtPort: 6881 },
  'suggest-piece': { kind: 'suggest-piece', pieceIndex: 3 },
  'have-all': { kind: 'have-all' },
  'have-none': { kind: 'have-none' },
  'reject-request': { kind: 'reject-request', pieceIndex: 1, begin: 0, lengthBytes: 16_384 },
  'allowed-fast': { kind: 'allowed-fast', pieceIndex: 3 },
  extended: { kind: 'extended', extendedId: 0, payload: new Uint8Array([0x64, 0x65]) },
}
const KINDS = Object.values(EXAMPLES).map(({ kind }) => kind)

type Expected = { readonly [K in PeerMessageKind]: readonly string[] }

const NO_FAST = ['fast-not-negotiated: close']

/** In the state after the handshake: we choke, are choked, and nobody is interested. */
const FIRST: Expected = {
  choke: [],
  unchoke: ['unchoked'],
  interested: ['interested'],
  'not-interested': [],
  have: ['has-piece'],
  bitfield: ['has-pieces'],
  request: ['request-while-choked: ignore', 'write'],
  piece: ['unsolicited-block: ignore'],
  cancel: [],
  port: ['port'],
  'suggest-piece': ['suggested'],
  'have-all': ['has-pieces'],
  'have-none': ['has-pieces'],
  'reject-request': ['unsolicited-reject: ignore'],
  'allowed-fast': ['allowed-fast'],
  extended: ['extensions'],
}

/** After the remote unchoked us. */
const OPEN: Expected = {
  ...FIRST,
  choke: ['choked'],
  unchoke: [],
  bitfield: ['out-of-turn: ignore', 'has-pieces'],
  'have-all': ['out-of-turn: ignore', 'has-pieces'],
  'have-none': ['out-of-turn: ignore', 'has-pieces'],
}

/** Neither side offered an extension of the protocol. */
const PLAIN: Expected = {
  ...FIRST,
  request: ['request-while-choked: ignore'],
  'suggest-piece': NO_FAST,
  'have-all': NO_FAST,
  'have-none': NO_FAST,
  'reject-request': NO_FAST,
  'allowed-fast': NO_FAST,
  extended: ['extension-not-negotiated: close'],
}

/** We do not have the metadata: what the remote has is kept for later. */
const NO_METADATA: Expected = {
  ...FIRST,
  have: [],
  bitfield: [],
  request: ['bad-request: ignore', 'write'],
  'suggest-piece': [],
  'have-all': [],
  'have-none': [],
  'allowed-fast': [],
}

interface State {
  readonly state: string
  readonly expected: Expected
  readonly options: Partial<PeerWireOptions>
  readonly before: readonly PeerMessage[]
}

const STATES: readonly State[] = [
  { state: 'first after the handshake', expected: FIRST, options: {}, before: [] },
  { state: 'after an unchoke', expected: OPEN, options: {}, before: [EXAMPLES.unchoke] },
  { state: 'after its extensions', expected: FIRST, options: {}, before: [EXAMPLES.extended] },
  {
    state: 'without fast and extensions',
    expected: PLAIN,
    options: { offers: { fast: false, extensions: false } },
    before: [],
  },
  {
    state: 'before the metadata is known',
    expected: NO_METADATA,
    options: { pieces: null },
    before: [],
  },
]

function summary(side: Side): readonly string[] {
  return side.effects.map((effect) =>
    effect.kind === 'fault' ? `${effect.fault.code}: ${effect.reaction}` : effect.kind,
  )
}

describe.each(STATES)('$state', ({ expected, options, before }) => {
  test.each(KINDS)('a right %s is met as it must be', (kind) => {
    const side = shaken(options)
    side.nowMs = 5000
    say(side, ...before)
    side.clear()
    say(side, EXAMPLES[kind])
    expect(summary(side)).toEqual(expected[kind])
    const isClosed = expected[kind].some((what) => what.endsWith('close'))
    expect(side.wire.phase === 'closed').toBe(isClosed)
  })
})

describe('before the handshake is whole', () => {
  test.each(KINDS)('a %s is not BitTorrent', (kind) => {
    const side = new Side(optionsOf('outgoing'))
    side.feed({ kind: 'start' })
    say(side, EXAMPLES[kind])
    expect(faults(side)).toEqual(['not-bittorrent: close'])
  })
})

describe('while an incoming connection is not answered', () => {
  test.each(KINDS)('a %s waits, and is met after the answer as if it had come then', (kind) => {
    const early = new Side(optionsOf('incoming'))
    early.feed({ kind: 'bytes', bytes: hello() })
    say(early, EXAMPLES[kind])
    expect(early.kinds()).toEqual(['handshake', 'peer-id'])
    early.clear()
    early.nowMs = 5000
    const { extensions, pieces, infoHashes } = optionsOf('outgoing')
    early.feed({ kind: 'accept', infoHashes, pieces, extensions })
    expect(summary(early).filter((what) => what !== 'write')).toEqual(
      FIRST[kind].filter((what) => what !== 'write'),
    )
  })
})

describe('in the closed phase', () => {
  test.each(KINDS)('a %s does nothing', (kind) => {
    const side = shaken()
    side.feed({ kind: 'bytes', bytes: Uint8Array.of(0xff, 0xff, 0xff, 0xff) })
    expect(faults(side)).toEqual(['frame-too-long: close'])
    expect(side.feed({ kind: 'bytes', bytes: encodeMessage(EXAMPLES[kind]) })).toEqual([])
    expect(side.wire.deadlineMs).toBeNull()
  })
})

describe('a message of the wrong size closes the connection', () => {
  const fixed = KINDS.filter((kind) => PEER_MESSAGES[kind].sizeBytes[1] <= 12)
  test.each(fixed)('%s', (kind) => {
    const [least, most] = PEER_MESSAGES[kind].sizeBytes
    for (const bodyBytes of [least - 1, most + 1]) {
      if (bodyBytes < 0) continue
      const side = shaken()
      side.feed({ kind: 'bytes', bytes: rawFrame(idOf(kind), new Uint8Array(bodyBytes)) })
      expect(faults(side)).toEqual(['bad-length: close'])
    }
  })

  test('on the length prefix, before any of the body came', () => {
    const side = shaken()
    side.feed({ kind: 'bytes', bytes: rawFrame(idOf('have'), new Uint8Array(5)).subarray(0, 5) })
    expect(faults(side)).toEqual(['bad-length: close'])
  })
})

test.each<PeerMessage>([
  { kind: 'have', pieceIndex: 4 },
  { kind: 'have', pieceIndex: 0xffff_ffff },
  { kind: 'suggest-piece', pieceIndex: 4 },
  { kind: 'allowed-fast', pieceIndex: 4 },
])('a piece that the torrent does not have closes: %o', (message) => {
  const side = shaken()
  say(side, message)
  expect(faults(side)).toEqual(['piece-out-of-range: close'])
})

test('a bitfield of the wrong size closes; spare bits are cleared', () => {
  for (const bits of [new Uint8Array(0), new Uint8Array(2)]) {
    const side = shaken()
    say(side, { kind: 'bitfield', bits })
    expect(faults(side)).toEqual(['bad-bitfield: close'])
  }
  const side = shaken()
  say(side, { kind: 'bitfield', bits: Uint8Array.of(0xbf) })
  expect(side.effects).toEqual([{ kind: 'has-pieces', bits: Uint8Array.of(0xb0), haveCount: 3 }])
})
