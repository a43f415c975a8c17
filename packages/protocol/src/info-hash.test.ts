import { describe, expect, test } from 'vitest'
import { matchesInfoHash, torrentId, wireInfoHashes } from './info-hash.ts'
import { pieceProof } from './piece-hashes.ts'

const V1 = new Uint8Array(20).fill(1)
const V2 = new Uint8Array(32).fill(2)

describe('the names of a torrent', () => {
  test('go on the wire as 20 bytes, v1 first', () => {
    expect(wireInfoHashes({ v1: V1, v2: null })).toEqual([V1])
    expect(wireInfoHashes({ v1: V1, v2: V2 })).toEqual([V1, V2.subarray(0, 20)])
    expect(wireInfoHashes({ v1: null, v2: V2 })).toEqual([V2.subarray(0, 20)])
  })

  test('match either name from the wire, and nothing else', () => {
    const hybrid = { v1: V1, v2: V2 }
    expect(matchesInfoHash(hybrid, V1.slice())).toBe(true)
    expect(matchesInfoHash(hybrid, V2.slice(0, 20))).toBe(true)
    expect(matchesInfoHash(hybrid, V2)).toBe(false)
    expect(matchesInfoHash(hybrid, new Uint8Array(20))).toBe(false)
    expect(matchesInfoHash(hybrid, new Uint8Array())).toBe(false)
  })

  test('have one stable text form inside a client', () => {
    expect(torrentId({ v1: V1, v2: V2 })).toBe('01'.repeat(20))
    expect(torrentId({ v1: null, v2: V2 })).toBe('02'.repeat(32))
  })
})

test('a piece is proven by its own 20 bytes of the piece hashes', () => {
  const sha1 = Uint8Array.from({ length: 60 }, (_, index) => index)
  const proof = pieceProof({ kind: 'v1', sha1 }, 2)
  expect(proof).toEqual({ algorithm: 'sha1', digest: sha1.slice(40, 60) })
})
