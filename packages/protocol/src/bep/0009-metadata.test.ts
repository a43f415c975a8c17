import { describe, expect, test } from 'vitest'
import { concatBytes } from '../bytes.ts'
import {
  answerMetadataRequest,
  decodeMetadataMessage,
  encodeMetadataMessage,
  METADATA_MESSAGE_BYTES_LIMIT,
  METADATA_QUEUE_LIMIT,
  MetadataQueue,
} from './0009-metadata.ts'

const METADATA = Uint8Array.from({ length: 40 * 1024 }, (_, i) => i % 251)

test('40 KiB of metadata are two pieces of 16 KiB and the rest', () => {
  const answers = [0, 1, 2].map((pieceIndex) => answerMetadataRequest(METADATA, pieceIndex))
  const bytes = answers.map((answer) => (answer.kind === 'data' ? answer.bytes : new Uint8Array()))
  expect(bytes.map(({ length }) => length)).toEqual([16_384, 16_384, 8192])
  expect(concatBytes(bytes)).toEqual(METADATA)
  expect(answers).toMatchObject([0, 1, 2].map((pieceIndex) => ({ pieceIndex, totalBytes: 40_960 })))
})

test.each([3, -1, 2 ** 40])('a request for piece %i, which is not there, is rejected', (piece) => {
  expect(answerMetadataRequest(METADATA, piece)).toEqual({ kind: 'reject', pieceIndex: piece })
})

test('without the whole metadata every request is rejected', () => {
  expect(answerMetadataRequest(null, 0)).toEqual({ kind: 'reject', pieceIndex: 0 })
})

test('a message of 17 KiB is read, one byte more is not', () => {
  const dict = encodeMetadataMessage({ kind: 'reject', pieceIndex: 0 })
  const data = new TextEncoder().encode('d8:msg_typei1e5:piecei0ee')
  expect(dict.length).toBe(data.length)
  const fitting = concatBytes([data, new Uint8Array(METADATA_MESSAGE_BYTES_LIMIT - data.length)])
  expect(decodeMetadataMessage(fitting).kind).toBe('message')
  expect(decodeMetadataMessage(concatBytes([fitting, new Uint8Array(1)])).kind).toBe('fault')
})

describe('the queue of one peer', () => {
  test('holds 64 requests; the next is rejected at once', () => {
    const queue = new MetadataQueue()
    for (let i = 0; i < METADATA_QUEUE_LIMIT; i++) expect(queue.add(0)).toBeNull()
    expect(queue.add(7)).toEqual({ kind: 'reject', pieceIndex: 7 })
    expect(queue.count).toBe(64)
  })

  test('answers in order, until nothing is owed', () => {
    const queue = new MetadataQueue()
    queue.add(2)
    queue.add(9)
    expect(queue.next(METADATA)).toMatchObject({ kind: 'data', pieceIndex: 2 })
    expect(queue.next(METADATA)).toEqual({ kind: 'reject', pieceIndex: 9 })
    expect(queue.next(METADATA)).toBeNull()
  })
})
