import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeBencode, TORRENT_BENCODE_LIMITS } from './bencode.ts'
import {
  choosePieceLength,
  createMetainfo,
  orderFiles,
  pieceCountOf,
  type CreateResult,
  type NewTorrent,
} from './create.ts'
import type { Metainfo } from './metainfo.ts'
import { METAINFO_LIMITS } from './metainfo/limits.ts'

const KIB = 1024
const SINGLE: NewTorrent = {
  name: 'a.txt',
  files: [{ path: [], lengthBytes: 5 }],
  pieceLength: 16 * KIB,
  sha1: new Uint8Array(20).fill(9),
}

function created(result: CreateResult): Metainfo {
  if (!result.ok) expect.fail(`refused: ${result.refusal.code}`)
  return result.metainfo
}

function refusalOf(change: Partial<NewTorrent>): string | null {
  const result = createMetainfo({ ...SINGLE, ...change })
  return result.ok ? null : result.refusal.code
}

describe('the piece length that is chosen', () => {
  test.each([
    [1, 16 * KIB],
    [32 * KIB ** 2, 16 * KIB],
    [32 * KIB ** 2 + 1, 32 * KIB],
    [KIB ** 3, 512 * KIB],
    [32 * KIB ** 3, 16 * KIB ** 2],
    [32 * KIB ** 4, 16 * KIB ** 2],
    [32 * KIB ** 4 + 1, 32 * KIB ** 2],
    [2 ** 48, 128 * KIB ** 2],
  ])('for %i bytes is %i', (totalBytes, pieceLength) => {
    expect(choosePieceLength(totalBytes)).toBe(pieceLength)
  })

  test('never makes more pieces than a torrent may have', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 48 }), (totalBytes) => {
        const pieceCount = Math.ceil(totalBytes / choosePieceLength(totalBytes))
        expect(pieceCount).toBeLessThanOrEqual(METAINFO_LIMITS.maxPieces)
      }),
    )
  })
})

describe('the order of files', () => {
  test('is by the bytes of each component, and the same wherever one starts', () => {
    const sorted = [
      ['B'],
      ['a', 'z'],
      ['a b'],
      ['a.b'],
      ['aa'],
      ['b'],
      ['é'],
      ['日'],
      ['\ufffd'],
      ['😀'],
    ]
    const files = sorted.map((path) => ({ path }))
    const expected = files.map(({ path }) => path)
    fc.assert(
      fc.property(fc.shuffledSubarray(files, { minLength: files.length }), (shuffled) => {
        expect(orderFiles(shuffled).map(({ path }) => path)).toEqual(expected)
      }),
    )
  })
})

describe('a torrent that is made', () => {
  test('reads back as what was asked for', () => {
    const torrent: NewTorrent = {
      ...SINGLE,
      isPrivate: true,
      trackers: [['http://a/', 'udp://b:1'], ['wss://c/']],
      webSeeds: ['https://w/'],
      comment: 'Grüße',
      createdBy: 'Pigeon/0.1.0',
      creationDate: 1_700_000_000,
    }
    expect(created(createMetainfo(torrent))).toMatchObject({
      name: 'a.txt',
      isMultiFile: false,
      pieceLength: 16 * KIB,
      totalBytes: 5,
      hashes: { sha1: torrent.sha1 },
      isPrivate: true,
      trackers: torrent.trackers,
      webSeeds: torrent.webSeeds,
      comment: 'Grüße',
      createdBy: 'Pigeon/0.1.0',
      creationDate: 1_700_000_000,
      warnings: [],
    })
  })

  test('is strict bencode, so that every client takes it', () => {
    const result = createMetainfo({ ...SINGLE, trackers: [['http://a/']] })
    const strict = { ...TORRENT_BENCODE_LIMITS, strict: true }
    expect(result.ok && decodeBencode(result.bytes, strict).ok).toBe(true)
  })

  test('has the info-hash that other tools give it', () => {
    // Computed apart: SHA-1 of d6:lengthi5e4:name5:a.txt12:piece lengthi16384e6:pieces20:(20 x 09)e
    const { infoHashes } = created(createMetainfo(SINGLE))
    expect(Buffer.from(infoHashes.v1 ?? []).toString('hex')).toBe(
      '3d3f125f6b3475b39f9f9fba04d5650162dab089',
    )
  })

  test('reads back for any folder', () => {
    const name = fc.stringMatching(/^[^/\0]{1,20}$/).filter((text) => !/^\.\.?$|\p{Cs}/u.test(text))
    const file = fc.record({
      path: fc.array(name, { minLength: 1, maxLength: 4 }),
      lengthBytes: fc.nat(50_000),
    })
    const folder = fc.uniqueArray(file, { selector: ({ path }) => path.join('/'), minLength: 1 })
    fc.assert(
      fc.property(folder, fc.boolean(), (files, isPrivate) => {
        const ordered = orderFiles(files)
        const pieceLength = 16 * KIB
        const pieceCount = pieceCountOf(ordered, pieceLength)
        fc.pre(pieceCount > 0)
        const sha1 = new Uint8Array(pieceCount * 20)
        const metainfo = created(
          createMetainfo({ name: 'folder', files: ordered, pieceLength, sha1, isPrivate }),
        )
        expect(metainfo.isMultiFile).toBe(true)
        expect(metainfo.isPrivate).toBe(isPrivate)
        expect(metainfo.files.map(({ path, lengthBytes }) => ({ path, lengthBytes }))).toEqual(
          ordered,
        )
      }),
    )
  })

  test('is one folder with one file where the file has a path', () => {
    const metainfo = created(
      createMetainfo({ ...SINGLE, files: [{ path: ['x'], lengthBytes: 5 }] }),
    )
    expect(metainfo.isMultiFile).toBe(true)
  })
})

describe('what cannot be a torrent is refused', () => {
  test.each<[string, Partial<NewTorrent>]>([
    ['bad-name', { name: '' }],
    ['bad-name', { name: '..' }],
    ['bad-name', { name: 'a/b' }],
    ['bad-name', { name: 'a\0' }],
    ['bad-name', { name: '\ud800' }],
    ['bad-path', { files: [{ path: ['a', '..'], lengthBytes: 5 }] }],
    ['bad-path', { files: [{ path: ['a', ''], lengthBytes: 5 }] }],
    ['bad-path', { files: [{ path: Array.from({ length: 65 }, () => 'd'), lengthBytes: 5 }] }],
    [
      'bad-path',
      {
        files: [
          { path: [], lengthBytes: 5 },
          { path: ['a'], lengthBytes: 5 },
        ],
      },
    ],
    [
      'same-path-twice',
      {
        files: [
          { path: ['a'], lengthBytes: 5 },
          { path: ['a'], lengthBytes: 1 },
        ],
      },
    ],
    ['bad-length', { files: [{ path: [], lengthBytes: -1 }] }],
    ['bad-length', { files: [{ path: [], lengthBytes: 0.5 }] }],
    ['no-content', { files: [] }],
    ['no-content', { files: [{ path: ['a'], lengthBytes: 0 }] }],
    ['bad-piece-length', { pieceLength: 8 * KIB }],
    ['bad-piece-length', { pieceLength: 100_000 }],
    ['bad-piece-length', { pieceLength: 512 * KIB ** 2 }],
    ['wrong-piece-count', { sha1: new Uint8Array(40) }],
    ['too-much', { files: [{ path: [], lengthBytes: 2 ** 48 + 1 }] }],
    ['too-much', { files: [{ path: [], lengthBytes: 2 ** 21 * 16 * KIB + 1 }] }],
    ['too-much', { trackers: Array.from({ length: 101 }, (_, n) => [`http://${n}/`]) }],
    ['too-much', { webSeeds: Array.from({ length: 21 }, (_, n) => `http://${n}/`) }],
    ['bad-tracker', { trackers: [['ftp://a/']] }],
    ['bad-tracker', { trackers: [['http://a /']] }],
    ['bad-web-seed', { webSeeds: ['udp://a:1'] }],
  ])('%s: %o', (code, change) => {
    expect(refusalOf(change)).toBe(code)
  })

  test('and what is just inside the limits is not', () => {
    expect(
      refusalOf({ trackers: Array.from({ length: 100 }, (_, n) => [`http://${n}/`]) }),
    ).toBeNull()
    expect(refusalOf({ webSeeds: Array.from({ length: 20 }, (_, n) => `http://${n}/`) })).toBeNull()
    expect(
      refusalOf({ files: [{ path: Array.from({ length: 64 }, () => 'd'), lengthBytes: 5 }] }),
    ).toBeNull()
  })
})
