/**
 * Sets of pieces as bits, piece 0 in the highest bit of the first byte.
 *
 * Spec: BEP 3, "peer messages" (bitfield)
 */

export function bitfieldBytes(pieceCount: number): number {
  return Math.ceil(pieceCount / 8)
}

/** All pieces; spare bits zero. */
export function fullBitfield(pieceCount: number): Uint8Array {
  return clearSpareBits(new Uint8Array(bitfieldBytes(pieceCount)).fill(0xff), pieceCount)
}

/** Zeroes the bits past the last piece in place, and returns the same array. */
export function clearSpareBits(bits: Uint8Array, pieceCount: number): Uint8Array {
  const used = pieceCount % 8
  if (used !== 0 && bits.length > 0) {
    bits[bits.length - 1] = (bits.at(-1) ?? 0) & (0xff << (8 - used))
  }
  return bits
}

export function hasBit(bits: Uint8Array, pieceIndex: number): boolean {
  return ((bits[pieceIndex >> 3] ?? 0) & (0x80 >> (pieceIndex & 7))) !== 0
}

export function setBit(bits: Uint8Array, pieceIndex: number, value: boolean): void {
  const mask = 0x80 >> (pieceIndex & 7)
  const byte = bits[pieceIndex >> 3] ?? 0
  bits[pieceIndex >> 3] = value ? byte | mask : byte & ~mask
}

export function countBits(bits: Uint8Array): number {
  let count = 0
  for (let byte of bits) {
    while (byte !== 0) {
      byte &= byte - 1
      count++
    }
  }
  return count
}
