import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeMetadataMessage } from '../bep/0009-metadata.ts'
import { encodePex, PEX_FLAGS } from '../bep/0011-pex.ts'
import { encodeUploadOnly } from '../bep/0021-upload-only.ts'
import { encodeDontHave } from '../bep/0054-donthave.ts'
import { encodeHolepunch } from '../bep/0055-holepunch.ts'
import { concatBytes, latin1Encode } from '../bytes.ts'
import { hello, rawFrame, say, sayExtensions, shaken } from '../testing/scripted-remote.ts'
import { connect, PIECES, Side, optionsOf } from '../testing/wired-pair.ts'
import { describeFrame, FIELD_CHARACTERS_LIMIT, FIELDS_LIMIT } from './inspection.ts'
import type { SeenFrame } from './wire-tap.ts'

/** What passes on this side's wire from now on, in words. */
function watch(side: Side): string[] {
  const seen: string[] = []
  side.wire.watch((direction, frame) => {
    const { name, bep, fields } = describeFrame(frame)
    const shown = fields.map(([field, value]) => `${field} ${value}`).join('; ')
    seen.push(`${direction} ${name} (${bep}) ${frame.lengthBytes}: ${shown}`.trim())
  })
  return seen
}

function extended(name: string | null, payload: Uint8Array, extendedId = 9): SeenFrame {
  return { kind: 'extended', lengthBytes: 6 + payload.length, extendedId, name, payload }
}

function fieldsOf(name: string, payload: Uint8Array): Record<string, string> {
  return Object.fromEntries(describeFrame(extended(name, payload)).fields)
}

describe('a wire that is watched', () => {
  test('shows both sides of a connection from its first byte, in order', () => {
    const side = new Side(optionsOf('outgoing'))
    const seen = watch(side)
    side.feed({ kind: 'start' })
    side.feed({ kind: 'bytes', bytes: hello() })
    sayExtensions(side, 'd1:md6:ut_pexi1eee')
    side.feed({ kind: 'send-interested' })
    say(side, { kind: 'unchoke' }, { kind: 'have', pieceIndex: 3 })
    const names = seen.map((line) => line.split(':')[0])
    expect(names).toEqual([
      'out handshake (3) 68',
      'in handshake (3) 68',
      'out extension handshake (10) 108',
      'in extension handshake (10) 24',
      'out interested (3) 5',
      'in unchoke (3) 5',
      'in have (3) 9',
    ])
    expect(seen[6]).toContain('piece 3')
  })

  test('shows the past of a connection that stood already, once for each who watches', () => {
    const { a } = connect({ fast: true, extensions: true })
    for (let round = 0; round < 2; round += 1) {
      const names = watch(a).map((line) => line.split(' (')[0])
      expect(names).toEqual([
        'out handshake',
        'in handshake',
        'out extension handshake',
        'in extension handshake',
      ])
    }
  })

  test('shows blocks without their bytes, and what has no name', () => {
    const { a, b } = connect({ fast: true, extensions: true })
    const seen = watch(b)
    seen.length = 0
    const blocks = [
      { pieceIndex: 0, begin: 0, lengthBytes: 16_384 },
      { pieceIndex: 0, begin: 16_384, lengthBytes: 16_384 },
    ]
    b.feed({ kind: 'send-pieces', bits: new Uint8Array([0xf0]), haveCount: PIECES.count })
    b.feed({ kind: 'send-unchoke' })
    a.feed({ kind: 'send-interested' })
    a.feed({ kind: 'send-requests', blocks })
    const bytes = new Uint8Array(16_384)
    b.feed({ kind: 'send-blocks', blocks: blocks.map((block) => ({ ...block, bytes })) })
    b.feed({ kind: 'bytes', bytes: concatBytes([rawFrame(77), new Uint8Array(4)]) })
    expect(seen).toEqual([
      'out have-all (6) 5:',
      'out unchoke (3) 5:',
      'in interested (3) 5:',
      'in request (3) 17: piece 0; begin 0; length 16384',
      'in request (3) 17: piece 0; begin 16384; length 16384',
      'out piece (3) 16397: piece 0; begin 0; length 16384',
      'out piece (3) 16397: piece 0; begin 16384; length 16384',
      'in message 77 (null) 5: id 77',
      'in keep-alive (3) 4:',
    ])
  })

  test('does the same as one that is not, and may be watched from the middle of a message', () => {
    const told = [false, true].map((isWatched) => {
      const side = shaken()
      const message = concatBytes([rawFrame(4, new Uint8Array([0, 0, 0, 2])), rawFrame(1)])
      side.feed({ kind: 'bytes', bytes: message.subarray(0, 6) })
      if (isWatched) watch(side)
      side.feed({ kind: 'bytes', bytes: message.subarray(6) })
      return side.kinds()
    })
    expect(told[0]).toEqual(told[1])
  })
})

describe('payloads of extensions', () => {
  test('are decoded by their names', () => {
    const data = {
      kind: 'data',
      pieceIndex: 1,
      totalBytes: 20_000,
      bytes: new Uint8Array(5),
    } as const
    expect(fieldsOf('ut_metadata', encodeMetadataMessage(data))).toMatchObject({
      type: 'data',
      piece: '1',
      'total size': '20000',
      length: '5',
    })
    const flags = PEX_FLAGS.isSeed | PEX_FLAGS.hasUtp
    const added = [{ host: '2001:db8::1', port: 7, flags }]
    expect(fieldsOf('ut_pex', encodePex({ added, dropped: [] }))).toMatchObject({
      'added (1)': '[2001:db8::1]:7 (seed uTP)',
      'dropped (0)': '',
    })
    expect(fieldsOf('lt_donthave', encodeDontHave(7))).toMatchObject({ piece: '7' })
    expect(fieldsOf('upload_only', encodeUploadOnly(true))).toMatchObject({ 'upload only': 'yes' })
    const error = { kind: 'error', address: { host: '10.0.0.1', port: 1 }, code: 3 } as const
    expect(fieldsOf('ut_holepunch', encodeHolepunch(error))).toMatchObject({
      type: 'error',
      address: '10.0.0.1:1',
      error: 'noSupport',
    })
  })

  test('that are wrong, unknown or never named are shown as bytes', () => {
    const payload = Uint8Array.of(1, 2, 3)
    for (const name of ['ut_pex', 'ut_metadata', 'lt_donthave', 'ut_holepunch', 'xx_new'])
      expect(fieldsOf(name, payload)).toMatchObject({ payload: '010203' })
    const nameless = describeFrame(extended(null, payload))
    expect([nameless.name, nameless.bep]).toEqual(['extended 9', 10])
  })

  test('show an extension handshake key by key, with what is no text as hexadecimal', () => {
    const handshake = latin1Encode(
      'd1:md6:ut_pexi1e4:xx_ai2ee1:v3:abc6:yourip4:\u0000\u0001\u0002\u0003e',
    )
    expect(describeFrame(extended(null, handshake, 0)).fields).toEqual([
      ['m', 'ut_pex 1, xx_a 2'],
      ['v', 'abc'],
      ['yourip', '00010203'],
    ])
  })

  test(`have at most ${FIELDS_LIMIT} fields of ${FIELD_CHARACTERS_LIMIT} characters, whatever they are`, () => {
    const names = [
      'ut_pex',
      'ut_metadata',
      'lt_donthave',
      'upload_only',
      'ut_holepunch',
      'other',
      null,
    ]
    const keys = Array.from({ length: 99 }, (_, key) => `3:${100 + key}1000:${'x'.repeat(1000)}`)
    const wide = latin1Encode(`d${keys.join('')}e`)
    const payloads = fc.oneof(fc.uint8Array({ maxLength: 3000 }), fc.constant(wide))
    fc.assert(
      fc.property(
        fc.constantFrom(...names),
        fc.constantFrom(0, 9),
        payloads,
        (name, id, payload) => {
          const { fields } = describeFrame(extended(name, payload, id))
          expect(fields.length).toBeLessThanOrEqual(FIELDS_LIMIT)
          for (const part of fields.flat())
            expect(part.length).toBeLessThanOrEqual(FIELD_CHARACTERS_LIMIT)
        },
      ),
    )
  })
})
