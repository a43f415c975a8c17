import { expect, test } from 'vitest'
import {
  bitfieldBytes,
  clearSpareBits,
  countBits,
  fullBitfield,
  hasBit,
  setBit,
} from './bitfield.ts'

test.each([
  [1, 1, 0x80],
  [3, 1, 0xe0],
  [8, 1, 0xff],
  [9, 2, 0x80],
  [13, 2, 0xf8],
  [16, 2, 0xff],
])('the full set of %i pieces has %i bytes and ends with %i', (pieceCount, lengthBytes, last) => {
  const bits = fullBitfield(pieceCount)
  expect(bitfieldBytes(pieceCount)).toBe(lengthBytes)
  expect([bits.length, bits.at(-1), countBits(bits)]).toEqual([lengthBytes, last, pieceCount])
})

test('clearing spare bits leaves the pieces alone', () => {
  expect(clearSpareBits(Uint8Array.of(0xa5, 0xff), 11)).toEqual(Uint8Array.of(0xa5, 0xe0))
})

test('piece 0 is the highest bit; setting and clearing touch one piece', () => {
  const bits = new Uint8Array(2)
  setBit(bits, 0, true)
  setBit(bits, 10, true)
  expect(bits).toEqual(Uint8Array.of(0x80, 0x20))
  expect([hasBit(bits, 10), hasBit(bits, 11), hasBit(bits, 99)]).toEqual([true, false, false])
  setBit(bits, 10, false)
  expect(bits).toEqual(Uint8Array.of(0x80, 0x00))
})
