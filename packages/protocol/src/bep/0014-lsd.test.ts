import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { toHex } from '../bytes.ts'
import {
  decodeLsd,
  encodeLsd,
  LSD_BYTES_LIMIT,
  LSD_COOKIE_CHARACTERS_LIMIT,
  LSD_GROUPS,
  LSD_HASHES_LIMIT,
} from './0014-lsd.ts'

const infoHash = fc.uint8Array({ minLength: 20, maxLength: 20 })

test('whatever is announced is heard', () => {
  const announces = fc.record({
    host: fc.constantFrom(...LSD_GROUPS.map((group) => group.host)),
    port: fc.integer({ min: 1, max: 65_535 }),
    infoHashes: fc.uniqueArray(infoHash, { minLength: 1, maxLength: 20, selector: toHex }),
    cookie: fc.stringMatching(/^[0-9a-z-]{0,128}$/),
  })
  fc.assert(
    fc.property(announces, (announce) => {
      expect(decodeLsd(encodeLsd(announce))).toEqual(announce)
    }),
  )
})

test(`the longest announce fits into ${LSD_BYTES_LIMIT} bytes; what does not fit is left for the next`, () => {
  const infoHashes = Array.from({ length: LSD_HASHES_LIMIT + 1 }, (_, index) =>
    new Uint8Array(20).fill(index),
  )
  const cookie = 'c'.repeat(LSD_COOKIE_CHARACTERS_LIMIT + 1)
  for (const { host } of LSD_GROUPS) {
    const bytes = encodeLsd({ host, port: 65_535, infoHashes, cookie })
    expect(bytes.length).toBeLessThanOrEqual(LSD_BYTES_LIMIT)
    expect(decodeLsd(bytes)?.infoHashes).toEqual(infoHashes.slice(0, LSD_HASHES_LIMIT))
  }
})

test('noise is no announce, and no throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 1500 }), (noise) => {
      expect(decodeLsd(noise)).toBeNull()
    }),
  )
})
