import { describe, expect, test } from 'vitest'
import { answerMetadataRequest } from './bep/0009-metadata.ts'
import { METADATA_BYTES_LIMIT } from './bep/0010-extension.ts'
import {
  METADATA_KEPT_BYTES_LIMIT,
  METADATA_SIZES_LIMIT,
  MetadataAssembler,
  type MetadataProgress,
} from './metadata-assembler.ts'

const METADATA = Uint8Array.from({ length: 40 * 1024 }, (_, i) => i % 251)
const SIZE = METADATA.length

/** The peer answers for this piece, honestly or not. */
function answer(
  assembler: MetadataAssembler<string>,
  source: string,
  pieceIndex: number,
  metadata: Uint8Array = METADATA,
): MetadataProgress<string> {
  const message = answerMetadataRequest(metadata, pieceIndex)
  if (message.kind !== 'data') throw new Error('no such piece')
  return assembler.receive(source, message)
}

describe('metadata from several peers', () => {
  test('is whole when each sent its part, and says who did', () => {
    const assembler = new MetadataAssembler<string>()
    expect(assembler.nextRequest('a', SIZE)).toBe(0)
    expect(assembler.nextRequest('b', SIZE)).toBe(1)
    expect(assembler.nextRequest('a', SIZE)).toBe(2)
    expect(assembler.nextRequest('c', SIZE)).toBeNull()
    expect(answer(assembler, 'a', 2)).toEqual({ kind: 'kept' })
    expect(answer(assembler, 'b', 1)).toEqual({ kind: 'kept' })
    expect(answer(assembler, 'a', 0)).toEqual({
      kind: 'whole',
      bytes: METADATA,
      sources: expect.arrayContaining(['a', 'b']),
    })
  })

  test('a rejected or released piece is asked of another', () => {
    const assembler = new MetadataAssembler<string>()
    assembler.nextRequest('a', SIZE)
    assembler.nextRequest('b', SIZE)
    assembler.reject('a', 0)
    expect(assembler.nextRequest('c', SIZE)).toBe(0)
    assembler.release('b')
    expect(assembler.nextRequest('c', SIZE)).toBe(1)
  })

  test('what was not asked for is not kept', () => {
    const assembler = new MetadataAssembler<string>()
    assembler.nextRequest('a', SIZE)
    expect(answer(assembler, 'a', 1)).toEqual({ kind: 'unasked' })
    expect(answer(assembler, 'b', 0)).toEqual({ kind: 'unasked' })
    expect(assembler.keptBytes).toBe(0)
    answer(assembler, 'a', 0)
    expect(answer(assembler, 'a', 0)).toEqual({ kind: 'unasked' })
  })

  test('a peer of unknown size is asked for piece 0, and then for the rest', () => {
    const assembler = new MetadataAssembler<string>()
    expect(assembler.nextRequest('a', null)).toBe(0)
    expect(assembler.nextRequest('a', null)).toBeNull()
    answer(assembler, 'a', 0)
    expect(assembler.nextRequest('a', null)).toBe(1)
  })
})

describe('liars', () => {
  test.each([0, -1, 2 ** 31, METADATA_BYTES_LIMIT + 1])(
    'a size of %i is never asked for',
    (size) => {
      expect(new MetadataAssembler<string>().nextRequest('a', size)).toBeNull()
    },
  )

  test('a size of 16 MiB is asked for, and costs only what arrives', () => {
    const assembler = new MetadataAssembler<string>()
    expect(assembler.nextRequest('a', METADATA_BYTES_LIMIT)).toBe(0)
    expect(assembler.keptBytes).toBe(0)
    answer(assembler, 'a', 0, new Uint8Array(METADATA_BYTES_LIMIT))
    expect(assembler.keptBytes).toBe(16_384)
  })

  test.each([
    [
      'another total size than it announced',
      { totalBytes: SIZE + 1, bytes: new Uint8Array(16_384) },
    ],
    ['a piece that is too short', { totalBytes: SIZE, bytes: new Uint8Array(16_383) }],
    ['a piece that is too long', { totalBytes: SIZE, bytes: new Uint8Array(16_385) }],
  ])('%s is a fault', (_, data) => {
    const assembler = new MetadataAssembler<string>()
    assembler.nextRequest('a', SIZE)
    const progress = assembler.receive('a', { kind: 'data', pieceIndex: 0, ...data })
    expect(progress.kind).toBe('fault')
    expect(assembler.keptBytes).toBe(0)
  })

  test('who claims another size does not hold up the others', () => {
    const assembler = new MetadataAssembler<string>()
    assembler.nextRequest('liar', SIZE + 1)
    expect(assembler.nextRequest('a', SIZE)).toBe(0)
  })

  test('after a mixture with the wrong hash one peer alone sends all, and so is proven wrong or right', () => {
    const assembler = new MetadataAssembler<string>()
    const wrong = new Uint8Array(SIZE)
    assembler.nextRequest('liar', SIZE)
    answer(assembler, 'liar', 0, wrong)
    for (const pieceIndex of [1, 2]) {
      expect(assembler.nextRequest('a', SIZE)).toBe(pieceIndex)
      answer(assembler, 'a', pieceIndex)
    }
    expect(assembler.fail(SIZE)).toEqual(['liar', 'a'])
    expect(assembler.keptBytes).toBe(0)
    for (const pieceIndex of [0, 1, 2]) {
      expect(assembler.nextRequest('liar', SIZE)).toBe(pieceIndex)
      expect(assembler.nextRequest('a', SIZE)).toBeNull()
      answer(assembler, 'liar', pieceIndex, wrong)
    }
    expect(assembler.fail(SIZE)).toEqual(['liar'])
    assembler.release('liar')
    for (const pieceIndex of [0, 1]) {
      expect(assembler.nextRequest('a', SIZE)).toBe(pieceIndex)
      expect(assembler.nextRequest('b', SIZE)).toBeNull()
      answer(assembler, 'a', pieceIndex)
    }
    expect(assembler.nextRequest('a', SIZE)).toBe(2)
    expect(answer(assembler, 'a', 2)).toEqual({ kind: 'whole', bytes: METADATA, sources: ['a'] })
  })

  test('one alone that stops makes place for the next, who starts from nothing', () => {
    const assembler = new MetadataAssembler<string>()
    for (const [pieceIndex, source] of ['a', 'b', 'b'].entries()) {
      assembler.nextRequest(source, SIZE)
      answer(assembler, source, pieceIndex)
    }
    assembler.fail(SIZE)
    assembler.nextRequest('a', SIZE)
    answer(assembler, 'a', 0)
    assembler.release('a')
    expect(assembler.nextRequest('b', SIZE)).toBe(0)
    expect(assembler.keptBytes).toBe(0)
  })
})

describe('memory', () => {
  test('four sizes are collected side by side; a fifth takes the place of the emptiest', () => {
    const assembler = new MetadataAssembler<string>()
    for (let i = 0; i < METADATA_SIZES_LIMIT; i++) {
      assembler.nextRequest(`${i}`, SIZE + i)
      if (i !== 2) answer(assembler, `${i}`, 0, new Uint8Array(SIZE + i))
    }
    expect(assembler.keptBytes).toBe(3 * 16_384)
    assembler.nextRequest('late', SIZE + 99)
    answer(assembler, 'late', 0, new Uint8Array(SIZE + 99))
    expect(assembler.keptBytes).toBe(4 * 16_384)
  })

  test('never holds more than twice the largest metadata', () => {
    const assembler = new MetadataAssembler<string>()
    const sizes = [0, 1, 2].map((i) => METADATA_BYTES_LIMIT - i)
    for (const size of sizes) {
      const metadata = new Uint8Array(size)
      for (;;) {
        const pieceIndex = assembler.nextRequest(`${size}`, size)
        if (pieceIndex === null || pieceIndex === 1023) break
        answer(assembler, `${size}`, pieceIndex, metadata)
        expect(assembler.keptBytes).toBeLessThanOrEqual(METADATA_KEPT_BYTES_LIMIT)
      }
    }
    expect(assembler.keptBytes).toBeGreaterThan(METADATA_BYTES_LIMIT)
  })
})
