import type { Metainfo, MetainfoFile } from '@pigeon/protocol/metainfo'
import { describe, expect, it } from 'vitest'
import { filePieces, layoutOf, pieceLengthBytes, pieceSpans, type StorageLayout } from './layout.ts'

type FileSpec = readonly [path: string, lengthBytes: number, isPad?: boolean]

function metainfo(pieceLength: number, specs: readonly FileSpec[], single = false): Metainfo {
  let offset = 0
  const files = specs.map(([path, lengthBytes, isPad = false]): MetainfoFile => {
    const file = { path: path.split('/'), lengthBytes, offset, isPad, piecesRoot: null }
    offset += lengthBytes
    return file
  })
  return {
    infoHashes: { v1: new Uint8Array(20).fill(0xab), v2: null },
    infoBytes: new Uint8Array(0),
    name: single ? (specs[0]?.[0] ?? '') : 'My: torrent',
    isMultiFile: !single,
    pieceLength,
    pieceCount: Math.ceil(offset / pieceLength),
    totalBytes: offset,
    files,
    hashes: { kind: 'v1', sha1: new Uint8Array(0) },
    isPrivate: false,
    trackers: [],
    webSeeds: [],
    dhtNodes: [],
    comment: null,
    createdBy: null,
    creationDate: null,
    warnings: [],
  }
}

function spansOf(layout: StorageLayout, pieceIndex: number): readonly (readonly number[])[] {
  return pieceSpans(layout, pieceIndex).map((span) => [
    span.fileIndex,
    span.fileOffset,
    span.pieceOffset,
    span.lengthBytes,
  ])
}

describe('layoutOf', () => {
  it('puts the files of a torrent into a folder with its name made safe', () => {
    const layout = layoutOf(
      metainfo(16, [
        ['a/b', 5],
        ['../c', 5],
      ]),
    )
    expect(layout.rootName).toBe('My torrent')
    expect(layout.files.map((file) => file.path)).toEqual(['My torrent/a/b', 'My torrent/_/c'])
    expect(layout.id).toBe('ab'.repeat(20))
  })

  it('puts a single file straight into the download folder', () => {
    const layout = layoutOf(metainfo(16, [['movie.mkv', 5]], true))
    expect(layout.files.map((file) => file.path)).toEqual(['movie.mkv'])
  })

  it('names pads apart, so that they take no name from a real file', () => {
    const layout = layoutOf(
      metainfo(16, [
        ['a', 5],
        ['.pad/11', 11, true],
        ['b', 5],
        ['.pad/11', 11, true],
        ['.pad', 1],
      ]),
    )
    expect(layout.files.map((file) => [file.path, file.isPad])).toEqual([
      ['My torrent/a', false],
      ['My torrent/.pad/1', true],
      ['My torrent/b', false],
      ['My torrent/.pad/3', true],
      ['My torrent/.pad', false],
    ])
  })
})

describe('pieces and files', () => {
  const layout = layoutOf(
    metainfo(10, [
      ['a', 25],
      ['empty', 0],
      ['b', 3],
      ['pad', 2, true],
      ['c', 0],
      ['d', 14],
      ['z', 0],
    ]),
  )

  it('covers each piece with the runs of its files, leaving out empty ones', () => {
    expect(spansOf(layout, 0)).toEqual([[0, 0, 0, 10]])
    expect(spansOf(layout, 2)).toEqual([
      [0, 20, 0, 5],
      [2, 0, 5, 3],
      [3, 0, 8, 2],
    ])
    expect(spansOf(layout, 3)).toEqual([[5, 0, 0, 10]])
    expect(spansOf(layout, 4)).toEqual([[5, 10, 0, 4]])
    expect(pieceSpans(layout, 2).map((span) => span.isPad)).toEqual([false, false, true])
  })

  it('knows the length of the last piece, and none beyond it', () => {
    expect([0, 4, 5, -1].map((piece) => pieceLengthBytes(layout, piece))).toEqual([10, 4, 0, 0])
    expect(pieceSpans(layout, 5)).toEqual([])
  })

  it('knows the pieces of each file', () => {
    expect([0, 1, 2, 5, 6, 7].map((file) => filePieces(layout, file))).toEqual([
      { first: 0, last: 2 },
      null,
      { first: 2, last: 2 },
      { first: 3, last: 4 },
      null,
      null,
    ])
  })

  it('covers every byte once, whatever the sizes', () => {
    let state = 5
    const random = (below: number): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return Math.floor((state / 2 ** 32) * below)
    }
    for (let round = 0; round < 60; round += 1) {
      const specs = Array.from(
        { length: 1 + random(30) },
        (_, at): FileSpec => [`f${at}`, random(4) === 0 ? 0 : random(40), random(5) === 0],
      )
      const any = layoutOf(metainfo(1 + random(20), specs))
      const filled = specs.map(() => 0)
      for (let piece = 0; piece < any.pieceCount; piece += 1) {
        let at = 0
        for (const span of pieceSpans(any, piece)) {
          expect(span.pieceOffset).toBe(at)
          expect(span.fileOffset).toBe(filled[span.fileIndex])
          at += span.lengthBytes
          filled[span.fileIndex] = (filled[span.fileIndex] ?? 0) + span.lengthBytes
        }
        expect(at).toBe(pieceLengthBytes(any, piece))
      }
      expect(filled).toEqual(specs.map(([, lengthBytes]) => lengthBytes))
    }
  })

  it('is exact beyond four gigabytes', () => {
    const huge = layoutOf(
      metainfo(2 ** 20, [
        ['a', 2 ** 40 + 3],
        ['b', 2 ** 33],
      ]),
    )
    const piece = 2 ** 20
    expect(spansOf(huge, piece)).toEqual([
      [0, 2 ** 40, 0, 3],
      [1, 0, 3, 2 ** 20 - 3],
    ])
  })
})
