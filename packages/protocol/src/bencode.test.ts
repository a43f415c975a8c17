import * as fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import {
  decodeBencode,
  decodeBencodePrefix,
  dictGet,
  dictOf,
  encodeBencode,
  isBencodeDict,
  RawBencode,
  TORRENT_BENCODE_LIMITS,
  WIRE_BENCODE_LIMITS,
  type BencodeLimits,
  type BencodeResult,
  type BencodeValue,
} from './bencode.ts'
import { concatBytes, latin1Encode, utf8Encode } from './bytes.ts'

// A busy machine must not fail what is only slow there.
vi.setConfig({ testTimeout: 60_000 })

const STRICT: BencodeLimits = { ...TORRENT_BENCODE_LIMITS, strict: true }

const anyInteger = fc.oneof(
  fc.maxSafeInteger(),
  fc.bigInt(2n ** 53n, 2n ** 63n - 1n),
  fc.bigInt(-(2n ** 63n), -(2n ** 53n)),
)
const anyKey = fc.string({
  unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
})
const { value: anyValue } = fc.letrec<{ value: BencodeValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    anyInteger,
    fc.uint8Array(),
    fc.array(tie('value')),
    fc.array(fc.tuple(anyKey, tie('value'))).map((entries) => new Map(entries)),
  ),
}))

function faultOf(result: BencodeResult): string | null {
  return result.ok ? null : result.fault.code
}

function asInteger(value: BencodeValue): number | bigint {
  if (typeof value === 'number' || typeof value === 'bigint') return value
  return expect.fail('not an integer')
}

function nestedLists(depth: number): Uint8Array {
  return concatBytes([new Uint8Array(depth).fill(0x6c), new Uint8Array(depth).fill(0x65)])
}

describe('encoding', () => {
  test('is read back as it was, in strict form', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const decoded = decodeBencode(encodeBencode(value), STRICT)
        expect(decoded.ok && decoded.value).toEqual(value)
      }),
    )
  })

  test('sorts keys by their bytes, whatever order they were put in', () => {
    const dict = new Map([
      ['b', 1],
      ['\xff', 2],
      ['', 3],
      ['aa', 4],
      ['a', 5],
      ['B', 6],
    ])
    expect(encodeBencode(dict)).toEqual(latin1Encode('d0:i3e1:Bi6e1:ai5e2:aai4e1:bi1e1:\xffi2ee'))
  })

  test('takes texts as UTF-8, leaves out absent fields, and passes raw bencode on', () => {
    const dict = dictOf({ b: 'ü', a: null, c: undefined, d: new RawBencode(latin1Encode('i007e')) })
    expect(encodeBencode(dict)).toEqual(utf8Encode('d1:b2:ü1:di007ee'))
  })

  test('takes a fraction for a bug of ours', () => {
    expect(() => encodeBencode(1.5)).toThrow('only integers')
    expect(() => encodeBencode(2 ** 53)).toThrow('only integers')
  })

  test('needs no stack for depth', () => {
    const deep = nestedLists(100_000)
    const decoded = decodeBencode(deep, { ...STRICT, maxDepth: 100_000, maxTokens: 100_000 })
    expect(decoded.ok && encodeBencode(decoded.value)).toEqual(deep)
  })
})

describe('decoding', () => {
  test('never throws on noise, and what strict mode takes has only this form', () => {
    const letters = fc.constantFrom(...'ilde0123456789:-x'.split(''))
    const noise = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.string({ unit: letters, maxLength: 60 }).map(latin1Encode),
    )
    fc.assert(
      fc.property(noise, (bytes) => {
        const decoded = decodeBencode(bytes, STRICT)
        if (decoded.ok) expect(encodeBencode(decoded.value)).toEqual(bytes)
        else expect(decoded.fault.offset).toBeLessThanOrEqual(bytes.length)
      }),
      { numRuns: 5000 },
    )
  })

  test('accepts just the integers of the grammar that fit 64 bits', () => {
    const digits = fc.string({
      unit: fc.constantFrom(...'0123456789-+ .'.split('')),
      maxLength: 22,
    })
    fc.assert(
      fc.property(fc.oneof(digits, anyInteger.map(String)), (text) => {
        const isInteger = /^(?:0|-?[1-9][0-9]{0,18})$/.test(text)
        const fits = isInteger && BigInt.asIntN(64, BigInt(text)) === BigInt(text)
        const decoded = decodeBencode(latin1Encode(`i${text}e`), STRICT)
        expect(decoded.ok).toBe(fits)
        if (decoded.ok) expect(BigInt(asInteger(decoded.value))).toBe(BigInt(text))
      }),
      { numRuns: 2000 },
    )
  })

  test('refuses every proper beginning of a value as cut short', () => {
    fc.assert(
      fc.property(anyValue, fc.nat(), (value, cut) => {
        const bytes = encodeBencode(value)
        const part = bytes.subarray(0, cut % bytes.length)
        expect(faultOf(decodeBencode(part, STRICT))).toBe('truncated')
      }),
    )
  })

  test('says where a value ends when more follows', () => {
    fc.assert(
      fc.property(anyValue, fc.uint8Array(), (value, rest) => {
        const bytes = encodeBencode(value)
        const decoded = decodeBencodePrefix(concatBytes([bytes, rest]), STRICT)
        expect(decoded.ok && decoded.usedBytes).toBe(bytes.length)
      }),
    )
  })

  test('says where the values of the outermost dictionary lie', () => {
    const bytes = utf8Encode('d4:infod4:infoi1ee4:zeroi0ee')
    const decoded = decodeBencode(bytes, STRICT)
    const slices = decoded.ok
      ? [...decoded.rootSpans].map(([key, { start, end }]) => [
          key,
          utf8(bytes.subarray(start, end)),
        ])
      : []
    expect(slices).toEqual([
      ['info', 'd4:infoi1ee'],
      ['zero', 'i0e'],
    ])
  })

  test('gives views of the input and copies nothing', () => {
    const bytes = utf8Encode('4:spam')
    const decoded = decodeBencode(bytes, STRICT)
    expect(decoded.ok && decoded.value instanceof Uint8Array && decoded.value.buffer).toBe(
      bytes.buffer,
    )
  })

  test('warns of disorder once where it is lenient', () => {
    const decoded = decodeBencode(utf8Encode('d1:bi1e1:ai2e1:Ai3ee\n'), TORRENT_BENCODE_LIMITS)
    expect(decoded.ok && decoded.warnings).toEqual([
      { code: 'keys-unsorted', offset: 7 },
      { code: 'trailing-bytes', offset: 20 },
    ])
  })

  test('plants nothing in prototypes', () => {
    const before = Reflect.ownKeys(Object.prototype)
    const text = 'd11:constructord9:prototyped1:xi1eee8:toStringi1e9:__proto__d1:xi1eee'
    const decoded = decodeBencode(utf8Encode(text), TORRENT_BENCODE_LIMITS)
    expect(
      decoded.ok && isBencodeDict(decoded.value) && dictGet.dict(decoded.value, '__proto__'),
    ).toEqual(new Map([['x', 1]]))
    expect(Reflect.ownKeys(Object.prototype)).toEqual(before)
  })
})

describe('limits, reached and passed by one', () => {
  test.each([
    ['torrents', TORRENT_BENCODE_LIMITS, 100],
    ['messages', WIRE_BENCODE_LIMITS, 32],
  ])('depth of %s', (_, limits, depth) => {
    expect(faultOf(decodeBencode(nestedLists(depth), limits))).toBeNull()
    expect(faultOf(decodeBencode(nestedLists(depth + 1), limits))).toBe('too-deep')
  })

  test.each([
    ['torrents', TORRENT_BENCODE_LIMITS, 1_000_000],
    ['messages', WIRE_BENCODE_LIMITS, 10_000],
  ])('values of %s', (_, limits, tokens) => {
    const list = (items: number): Uint8Array => Buffer.from(`l${'i0e'.repeat(items)}e`)
    expect(faultOf(decodeBencode(list(tokens - 1), limits))).toBeNull()
    expect(faultOf(decodeBencode(list(tokens), limits))).toBe('too-many-tokens')
  })

  test.each([
    ['torrents', TORRENT_BENCODE_LIMITS, 32 * 2 ** 20],
    ['messages', WIRE_BENCODE_LIMITS, 2 ** 20],
  ])('size of %s', (_, limits, size) => {
    const head = utf8Encode(`${size - String(size).length - 1}:`)
    const bytes = new Uint8Array(size)
    bytes.set(head)
    expect(faultOf(decodeBencode(bytes, limits))).toBeNull()
    expect(faultOf(decodeBencode(new Uint8Array(size + 1), limits))).toBe('too-long')
  })

  test('digits: four million of them are refused after the twentieth', () => {
    const endless = new Uint8Array(4_000_000).fill(0x31)
    endless[0] = 0x69
    expect(decodeBencode(endless, TORRENT_BENCODE_LIMITS)).toEqual({
      ok: false,
      fault: { code: 'bad-integer', offset: 0 },
    })
    expect(faultOf(decodeBencode(endless.subarray(1), TORRENT_BENCODE_LIMITS))).toBe('bad-length')
  })

  test('declared lengths: nothing is allocated for what is not there', () => {
    for (const length of ['9999999999', '4294967296', '2147483647']) {
      const bytes = utf8Encode(`d4:info${length}:x`)
      expect(faultOf(decodeBencode(bytes, TORRENT_BENCODE_LIMITS))).toBe('truncated')
    }
  })
})

describe('typed reading', () => {
  const dict = new Map<string, BencodeValue>([
    ['int', 5],
    ['big', 2n ** 60n],
    ['text', utf8Encode('ü')],
    ['binary', Uint8Array.of(0xff)],
    ['list', [1]],
    ['dict', new Map()],
  ])

  test('gives values of the asked type', () => {
    expect(dictGet.int(dict, 'int')).toBe(5)
    expect(dictGet.text(dict, 'text')).toBe('ü')
    expect(dictGet.bytes(dict, 'binary')).toEqual(Uint8Array.of(0xff))
    expect(dictGet.list(dict, 'list')).toEqual([1])
    expect(dictGet.dict(dict, 'dict')).toEqual(new Map())
  })

  test('gives null for another type, an inexact number, wrong UTF-8 and what is absent', () => {
    for (const key of ['big', 'text', 'list', 'none']) expect(dictGet.int(dict, key)).toBeNull()
    for (const key of ['binary', 'int', 'none']) expect(dictGet.text(dict, key)).toBeNull()
    for (const key of ['dict', 'text', 'none']) expect(dictGet.list(dict, key)).toBeNull()
    for (const key of ['list', 'int', 'none']) expect(dictGet.dict(dict, key)).toBeNull()
    for (const key of ['list', 'int', 'none']) expect(dictGet.bytes(dict, key)).toBeNull()
  })
})

function utf8(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8')
}
