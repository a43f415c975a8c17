import * as fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import {
  ByteReader,
  ByteWriter,
  compareBytes,
  concatBytes,
  equalBytes,
  fromBase32,
  fromHex,
  latin1Decode,
  latin1Encode,
  percentDecode,
  percentEncodeBytes,
  toBase32,
  toHex,
  utf8Decode,
  utf8DecodeStrict,
  utf8Encode,
} from './bytes.ts'

// A busy machine must not fail what is only slow there.
vi.setConfig({ testTimeout: 60_000 })

const anyBytes = fc.uint8Array({ maxLength: 64 })
/** Text with lone surrogates in it. */
const anyText = fc.string({ unit: 'binary' })
const reference = new TextDecoder('utf-8', { ignoreBOM: true })

describe('text forms of bytes', () => {
  test.each([
    ['hexadecimal', toHex, fromHex],
    ['base32', toBase32, fromBase32],
    ['percent escapes', percentEncodeBytes, percentDecode],
    ['Latin-1', latin1Decode, latin1Encode],
  ])('%s gives the same bytes back', (_, write, read) => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        expect(read(write(bytes))).toEqual(bytes)
      }),
    )
  })

  test('readers of foreign text answer null and never throw', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        for (const read of [fromHex, fromBase32, percentDecode]) {
          const bytes = read(text)
          expect(bytes === null || bytes instanceof Uint8Array).toBe(true)
        }
      }),
    )
  })

  test('hexadecimal is read in either case and refused where it is none', () => {
    expect(fromHex('aBfF')).toEqual(Uint8Array.of(0xab, 0xff))
    for (const text of ['a', 'zz', '0x', ' 00', '+1']) expect(fromHex(text)).toBeNull()
  })

  test('base32 has one text for each value (RFC 4648, section 10)', () => {
    const pairs = [
      ['', ''],
      ['f', 'MY'],
      ['fo', 'MZXQ'],
      ['foo', 'MZXW6'],
      ['foob', 'MZXW6YQ'],
      ['fooba', 'MZXW6YTB'],
      ['foobar', 'MZXW6YTBOI'],
    ]
    for (const [text = '', coded = ''] of pairs) {
      expect(toBase32(utf8Encode(text))).toBe(coded)
      expect(fromBase32(coded.toLowerCase())).toEqual(utf8Encode(text))
    }
    for (const text of ['A', 'MZ', 'MZX', 'M1', 'MY======', 'ſſſſſſſſ']) {
      expect(fromBase32(text), text).toBeNull()
    }
  })

  test('percent escapes are capitals, leave only unreserved bytes, and never write plus', () => {
    expect(percentEncodeBytes(utf8Encode('aZ09-._~ +/ü'))).toBe('aZ09-._~%20%2B%2F%C3%BC')
    expect(percentDecode('a+%2b')).toEqual(utf8Encode('a++'))
    for (const text of ['%', '%2', '%zz', 'a%2']) expect(percentDecode(text)).toBeNull()
  })
})

describe('UTF-8', () => {
  test('is read as the platform reads it, wrong bytes included', () => {
    // Bytes that begin, continue and spoil sequences come more often than chance would bring them.
    const nasty = fc.constantFrom(
      0x41,
      0x80,
      0xa0,
      0xbf,
      0xc0,
      0xc2,
      0xe0,
      0xed,
      0xef,
      0xf0,
      0xf4,
      0xf5,
    )
    const bytes = fc.array(fc.oneof(nasty, fc.nat(255)), { maxLength: 12 })
    fc.assert(
      fc.property(bytes, (values) => {
        const input = Uint8Array.from(values)
        const text = reference.decode(input)
        expect(utf8Decode(input)).toBe(text)
        const isRight = equalBytes(utf8Encode(text), input)
        expect(utf8DecodeStrict(input)).toBe(isRight ? text : null)
      }),
      { numRuns: 2000 },
    )
  })

  test('is written as the platform writes it, lone surrogates included', () => {
    const writer = new TextEncoder()
    const units = fc.array(fc.constantFrom('a', 'é', '€', '😀', '\ud800', '\udc00'))
    fc.assert(
      fc.property(units, (parts) => {
        const text = parts.join('')
        expect(utf8Encode(text)).toEqual(new Uint8Array(writer.encode(text)))
      }),
    )
  })

  test('is read whole beyond the size of one run', () => {
    const text = 'aé😀'.repeat(20_000)
    expect(utf8DecodeStrict(utf8Encode(text))).toBe(text)
    const long = new Uint8Array(100_000).fill(0xe9)
    expect(latin1Decode(long)).toBe('é'.repeat(100_000))
  })
})

describe('joining and comparing', () => {
  test('joins all parts in order', () => {
    fc.assert(
      fc.property(fc.array(anyBytes), (parts) => {
        expect([...concatBytes(parts)]).toEqual(parts.flatMap((part) => [...part]))
      }),
    )
  })

  test('orders as unsigned bytes, a prefix first', () => {
    fc.assert(
      fc.property(anyBytes, anyBytes, (a, b) => {
        expect(Math.sign(compareBytes(a, b))).toBe(Buffer.compare(a, b))
        expect(equalBytes(a, b)).toBe(Buffer.compare(a, b) === 0)
      }),
    )
  })
})

describe('fields', () => {
  test('are read as they were written, however the buffer had to grow', () => {
    const field = fc.oneof(
      fc.record({ kind: fc.constant('u8' as const), value: fc.nat(0xff) }),
      fc.record({ kind: fc.constant('u16' as const), value: fc.nat(0xffff) }),
      fc.record({ kind: fc.constant('u32' as const), value: fc.nat(0xffff_ffff) }),
      fc.record({ kind: fc.constant('u64' as const), value: fc.bigInt(0n, 2n ** 64n - 1n) }),
      fc.record({ kind: fc.constant('bytes' as const), value: anyBytes }),
    )
    fc.assert(
      fc.property(fc.array(field), fc.integer({ min: 0, max: 64 }), (fields, expectedBytes) => {
        const writer = new ByteWriter(expectedBytes)
        for (const { kind, value } of fields) {
          if (kind === 'bytes') writer.bytes(value)
          else if (kind === 'u64') writer.u64(value)
          else writer[kind](value)
        }
        const reader = new ByteReader(writer.done())
        expect(reader.remaining).toBe(writer.lengthBytes)
        for (const { kind, value } of fields) {
          if (kind === 'bytes') expect(reader.bytes(value.length)).toEqual(value)
          else expect(reader[kind]()).toBe(value)
        }
        expect(reader.remaining).toBe(0)
      }),
    )
  })

  test('respect where a view begins in its buffer', () => {
    const view = Uint8Array.of(9, 9, 0, 0, 1, 0, 9).subarray(2, 6)
    expect(new ByteReader(view).u32()).toBe(256)
  })

  test('beyond the end or beyond their size are a bug of ours', () => {
    expect(() => new ByteReader(new Uint8Array(3)).u32()).toThrow('lengths are checked')
    expect(() => new ByteWriter().u8(256)).toThrow('fits its field')
    expect(() => new ByteWriter().u32(-1)).toThrow('fits its field')
    expect(() => new ByteWriter().u64(2n ** 64n)).toThrow('fits its field')
  })
})
