import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import {
  decodeBencode,
  dictOf,
  encodeBencode,
  RawBencode,
  TORRENT_BENCODE_LIMITS,
  type BencodeInput,
} from './bencode.ts'
import { concatBytes, utf8Encode } from './bytes.ts'
import {
  encodeMetainfo,
  parseInfo,
  parseMetainfo,
  type Metainfo,
  type MetainfoResult,
} from './metainfo.ts'
import { MAX_WARNINGS } from './metainfo/findings.ts'
import { METAINFO_LIMITS } from './metainfo/limits.ts'

// A busy machine must not fail what is only slow there.
vi.setConfig({ testTimeout: 180_000 })

const PIECE = new Uint8Array(20).fill(7)

function torrentOf(
  info: Record<string, BencodeInput>,
  outer: Record<string, BencodeInput> = {},
): Uint8Array {
  const whole = { name: 'n', 'piece length': 16_384, pieces: PIECE, ...info }
  return encodeBencode(dictOf({ info: dictOf(whole), ...outer }))
}

function accepted(result: MetainfoResult): Metainfo {
  if (!result.ok) expect.fail(`refused: ${result.fault.code} at ${result.fault.where}`)
  return result.metainfo
}

function faultOf(result: MetainfoResult): string | null {
  return result.ok ? null : result.fault.code
}

function filesOf(count: number, path: readonly string[] = ['f']): BencodeInput {
  const entryOf = (length: number): RawBencode =>
    new RawBencode(encodeBencode(dictOf({ length, path })))
  const [first, empty] = [entryOf(1), entryOf(0)]
  return Array.from({ length: count }, (_, index) => (index === 0 ? first : empty))
}

describe('info-hashes', () => {
  test('are of the raw slice, however untidy, and of nothing around it', () => {
    const raw = utf8Encode(
      `d6:lengthi1e4:name1:n3:zzzi1e12:piece lengthi16384e6:pieces20:${'x'.repeat(20)}e`,
    )
    const file = concatBytes([utf8Encode('d8:announce4:a://4:info'), raw, utf8Encode('e\n')])
    const metainfo = accepted(parseMetainfo(file))
    expect(metainfo.infoBytes).toEqual(raw)
    expect(Buffer.from(metainfo.infoHashes.v1 ?? []).toString('hex')).toBe(
      createHash('sha1').update(raw).digest('hex'),
    )
  })

  test('come from the hash functions that the caller hands in', () => {
    const sha1 = (): Uint8Array => new Uint8Array(20).fill(1)
    const sha256 = (): Uint8Array => new Uint8Array(32).fill(2)
    const hybrid = torrentOf({ length: 1, 'meta version': 2 })
    const { infoHashes } = accepted(parseMetainfo(hybrid, { sha1, sha256 }))
    expect(infoHashes).toEqual({ v1: sha1(), v2: sha256() })
  })
})

describe('what was read', () => {
  test('does not change with the input', () => {
    const file = torrentOf({ length: 1 }, { zzz: 'kept' })
    const metainfo = accepted(parseMetainfo(file))
    const before = structuredClone(metainfo)
    file.fill(0)
    expect(metainfo).toEqual(before)
  })

  test("says in its own words where it is wrong, never in the torrent's", () => {
    const evil = '\u001b[2J'
    const result = parseMetainfo(
      torrentOf({ files: [dictOf({ length: -1, path: [evil] })], name: evil }),
    )
    expect(result).toEqual({
      ok: false,
      fault: {
        code: 'bad-length',
        where: 'info.files[0].length',
        message: 'The length of a file is no integer from zero up.',
      },
    })
  })

  test('lists a bounded number of warnings', () => {
    const files = Array.from({ length: 500 }, () =>
      dictOf({ length: 1, path: [Uint8Array.of(0xff)] }),
    )
    const { warnings } = accepted(parseMetainfo(torrentOf({ files })))
    expect(warnings).toHaveLength(MAX_WARNINGS + 1)
    expect(warnings.at(-1)).toBe('and more like these')
  })

  test('leaves every prototype alone', () => {
    const before = Reflect.ownKeys(Object.prototype)
    const bad = dictOf({ length: 1, path: ['__proto__', 'x'] })
    accepted(parseMetainfo(torrentOf({ files: [bad], ['__proto__x']: 1 }, { constructor: 'x' })))
    expect(Reflect.ownKeys(Object.prototype)).toEqual(before)
  })
})

describe('writing a torrent again', () => {
  test('keeps the info bytes and all keys beside them', () => {
    const file = torrentOf(
      { length: 1, unknown: 'x', private: 1 },
      {
        announce: 'http://a/',
        'announce-list': [['http://a/', 'udp://b:1'], ['http://c/']],
        azureus_properties: dictOf({ x: 1 }),
        comment: 'c',
        'created by': 'x',
        'creation date': 5,
        encoding: 'UTF-8',
        nodes: [['h', 5]],
        'url-list': ['http://w/'],
      },
    )
    expect(encodeMetainfo(accepted(parseMetainfo(file)))).toEqual(file)
  })

  test('writes no list for one tracker, and other trackers where asked', () => {
    const metainfo = accepted(parseMetainfo(torrentOf({ length: 1 }, { announce: 'http://a/' })))
    expect(encodeMetainfo(metainfo)).toEqual(torrentOf({ length: 1 }, { announce: 'http://a/' }))
    const changed = encodeMetainfo({ ...metainfo, trackers: [['http://x/'], ['http://y/']] })
    expect(accepted(parseMetainfo(changed)).trackers).toEqual([['http://x/'], ['http://y/']])
    expect(accepted(parseMetainfo(changed)).infoBytes).toEqual(metainfo.infoBytes)
  })

  test('makes a whole torrent of metadata that came from peers', () => {
    const { infoBytes } = accepted(parseMetainfo(torrentOf({ length: 1 })))
    const bare = accepted(parseInfo(infoBytes))
    expect(bare.trackers).toEqual([])
    const whole = accepted(parseMetainfo(encodeMetainfo({ ...bare, trackers: [['http://a/']] })))
    expect(whole.infoHashes).toEqual(bare.infoHashes)
    expect(whole.trackers).toEqual([['http://a/']])
  })

  test('gives the same torrent for whatever was accepted', () => {
    const lengths = fc.array(fc.nat(100_000), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(lengths, fc.boolean(), fc.string(), (sizes, isPrivate, name) => {
        const totalBytes = sizes.reduce((sum, size) => sum + size, 0)
        fc.pre(totalBytes > 0)
        const files = sizes.map((length, index) => dictOf({ length, path: [`f${index}`] }))
        const pieces = new Uint8Array(20 * Math.ceil(totalBytes / 16_384))
        const info = { files, pieces, name, private: isPrivate ? 1 : 0 }
        const metainfo = accepted(parseMetainfo(torrentOf(info)))
        expect(metainfo.files.map((file) => file.lengthBytes)).toEqual(sizes)
        expect(metainfo.totalBytes).toBe(totalBytes)
        const last = metainfo.files.at(-1)
        expect((last?.offset ?? 0) + (last?.lengthBytes ?? 0)).toBe(totalBytes)
        expect(accepted(parseMetainfo(encodeMetainfo(metainfo)))).toEqual(metainfo)
      }),
    )
  })
})

describe('limits, reached and passed by one', () => {
  test('files', () => {
    const { maxFiles } = METAINFO_LIMITS
    expect(faultOf(parseMetainfo(torrentOf({ files: filesOf(maxFiles) })))).toBeNull()
    expect(faultOf(parseMetainfo(torrentOf({ files: filesOf(maxFiles + 1) })))).toBe(
      'too-many-files',
    )
  })

  test('pieces', () => {
    const { maxPieces } = METAINFO_LIMITS
    const many = (count: number): Uint8Array =>
      torrentOf({ length: count, 'piece length': 1, pieces: new Uint8Array(count * 20) })
    const limits = { ...METAINFO_LIMITS, bencode: { ...TORRENT_BENCODE_LIMITS, maxBytes: 2 ** 26 } }
    expect(faultOf(parseMetainfo(many(maxPieces), { limits }))).toBeNull()
    expect(faultOf(parseMetainfo(many(maxPieces + 1), { limits }))).toBe('too-many-pieces')
  })

  test('bytes in all', () => {
    const { maxTotalBytes } = METAINFO_LIMITS
    const huge = (length: number): Uint8Array =>
      torrentOf({ length, 'piece length': 2 ** 28, pieces: new Uint8Array(20 * 2 ** 20) })
    expect(faultOf(parseMetainfo(huge(maxTotalBytes)))).toBeNull()
    expect(faultOf(parseMetainfo(huge(maxTotalBytes + 1)))).toBe('total-too-large')
  })

  test('size of the file', () => {
    const fill = (size: number): Uint8Array => {
      const empty = torrentOf({ length: 1 }, { zzz: new Uint8Array(size - 200) })
      return torrentOf({ length: 1 }, { zzz: new Uint8Array(size - 200 + size - empty.length) })
    }
    const size = 32 * 2 ** 20
    expect(fill(size)).toHaveLength(size)
    expect(faultOf(parseMetainfo(fill(size)))).toBeNull()
    expect(faultOf(parseMetainfo(fill(size + 1)))).toBe('too-large')
  })

  test('trackers, web seeds and nodes: more are left out', () => {
    const { maxTrackers, maxWebSeeds, maxDhtNodes } = METAINFO_LIMITS
    const numbered = (count: number): string[] =>
      Array.from({ length: count }, (_, n) => `http://${n}/`)
    const read = (extra: number): number[] => {
      const { trackers, webSeeds, dhtNodes, warnings } = accepted(
        parseMetainfo(
          torrentOf(
            { length: 1 },
            {
              'announce-list': numbered(maxTrackers + extra).map((url) => [url]),
              'url-list': numbered(maxWebSeeds + extra),
              nodes: numbered(maxDhtNodes + extra).map((host) => [host, 1]),
            },
          ),
        ),
      )
      return [trackers.length, webSeeds.length, dhtNodes.length, warnings.length]
    }
    expect(read(0)).toEqual([100, 20, 100, 0])
    expect(read(1)).toEqual([100, 20, 100, 3])
  })
})

test('noise never throws', () => {
  const base = torrentOf({ files: filesOf(2) }, { announce: 'http://a/' })
  const spots = fc.array(fc.tuple(fc.nat(base.length - 1), fc.nat(255)), { maxLength: 6 })
  fc.assert(
    fc.property(spots, (changes) => {
      const bytes = base.slice()
      for (const [at, value] of changes) bytes[at] = value
      const result = parseMetainfo(bytes)
      if (!result.ok) return
      // What is accepted is named by a slice of the very bytes that were given.
      const { infoBytes } = result.metainfo
      expect(Buffer.from(bytes).includes(Buffer.from(infoBytes))).toBe(true)
      expect(decodeBencode(infoBytes, TORRENT_BENCODE_LIMITS).ok).toBe(true)
    }),
    { numRuns: 1000 },
  )
})
