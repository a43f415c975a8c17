import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { MAX_MAGNET_LENGTH, formatMagnet, parseMagnet } from './0009-magnet.ts'

const hash = (lengthBytes: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: lengthBytes, maxLength: lengthBytes })
const infoHashes = fc.oneof(
  fc.record({ v1: hash(20), v2: fc.option(hash(32)) }),
  fc.record({ v1: fc.constant(null), v2: hash(32) }),
)
const url = fc.webUrl({ withQueryParameters: true, withFragments: true })
const port = fc.integer({ min: 1, max: 65_535 })
const host = fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain())
const range = fc
  .tuple(fc.nat(999), fc.nat(999))
  .map(([a, b]) => ({ first: Math.min(a, b), last: Math.max(a, b) }))
const magnet = fc.record({
  infoHashes,
  name: fc.option(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 })),
  trackers: fc.uniqueArray(url, { maxLength: 5 }),
  webSeeds: fc.uniqueArray(url, { maxLength: 3 }),
  peers: fc.uniqueArray(fc.record({ host, port }), {
    maxLength: 3,
    selector: (peer) => JSON.stringify(peer),
  }),
  selectOnly: fc.option(fc.array(range, { minLength: 1, maxLength: 5 })),
})

test('a written link is read as what it was', () => {
  fc.assert(
    fc.property(magnet, (one) => {
      const link = formatMagnet(one)
      fc.pre(link.length <= MAX_MAGNET_LENGTH)
      expect(parseMagnet(link)).toEqual({ ok: true, magnet: one, warnings: [] })
    }),
  )
})

test('a written link holds only characters that need no quoting but its own marks', () => {
  fc.assert(
    fc.property(magnet, (one) => {
      expect(formatMagnet(one)).toMatch(/^magnet:\?xt=urn:bt[im]h:[\w.~%:[\],=&-]*$/)
    }),
  )
})

test('a link names its topic first and unescaped, because some clients look nowhere else', () => {
  const v1 = new Uint8Array(20).fill(0xab)
  expect(formatMagnet({ infoHashes: { v1, v2: null }, name: 'a b+c' })).toBe(
    `magnet:?xt=urn:btih:${'ab'.repeat(20)}&dn=a%20b%2Bc`,
  )
})

test('noise never throws', () => {
  const parts = fc.constantFrom(
    '&',
    '=',
    '%',
    '%zz',
    'xt',
    'urn:btih:',
    'tr.1',
    'x.pe',
    '[::1]:5',
    'so',
    '1-2',
    '\ud800',
    'amp;',
  )
  const noise = fc.array(fc.oneof(parts, fc.string()), { maxLength: 30 })
  fc.assert(
    fc.property(noise, (pieces) => {
      const result = parseMagnet(`magnet:?${pieces.join('')}`)
      expect(typeof result.ok).toBe('boolean')
    }),
    { numRuns: 1000 },
  )
})
