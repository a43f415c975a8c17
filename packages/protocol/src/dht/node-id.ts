/** Distances between ids: XOR, read as one large unsigned number. Spec: BEP 5, "Overview" */

export const ID_BITS = 160

/** Negative where `a` is nearer to the target than `b`. */
export function compareDistance(target: Uint8Array, a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < target.length; i++) {
    const own = target[i] ?? 0
    const difference = ((a[i] ?? 0) ^ own) - ((b[i] ?? 0) ^ own)
    if (difference !== 0) return difference
  }
  return 0
}

/** How many leading bits both share. */
export function sharedBits(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length; i++) {
    const difference = (a[i] ?? 0) ^ (b[i] ?? 0)
    if (difference !== 0) return i * 8 + Math.clz32(difference) - 24
  }
  return a.length * 8
}

/** The first four bytes as an unsigned number. */
export function idPrefix(id: Uint8Array): number {
  return (((id[0] ?? 0) << 24) | ((id[1] ?? 0) << 16) | ((id[2] ?? 0) << 8) | (id[3] ?? 0)) >>> 0
}

/** An id that shares exactly `bits` leading bits with `own`, the rest by chance. */
export function idInBucket(own: Uint8Array, bits: number, chance: Uint8Array): Uint8Array {
  const id = chance.slice(0, own.length)
  for (let bit = 0; bit < bits && bit < ID_BITS; bit++) copyBit(own, id, bit, 0)
  if (bits < ID_BITS) copyBit(own, id, bits, 1)
  return id
}

function copyBit(from: Uint8Array, to: Uint8Array, bit: number, flip: 0 | 1): void {
  const byte = bit >> 3
  const shift = 7 - (bit & 7)
  const value = (((from[byte] ?? 0) >> shift) & 1) ^ flip
  to[byte] = ((to[byte] ?? 0) & ~(1 << shift)) | (value << shift)
}

/** The 20 bytes as text, for maps: each by its place, which is several times faster than spreading them. */
export function idKey(id: Uint8Array): string {
  return (
    String.fromCharCode(
      id[0] ?? 0,
      id[1] ?? 0,
      id[2] ?? 0,
      id[3] ?? 0,
      id[4] ?? 0,
      id[5] ?? 0,
      id[6] ?? 0,
      id[7] ?? 0,
      id[8] ?? 0,
    ) +
    String.fromCharCode(id[9] ?? 0, id[10] ?? 0, id[11] ?? 0, id[12] ?? 0, id[13] ?? 0) +
    String.fromCharCode(
      id[14] ?? 0,
      id[15] ?? 0,
      id[16] ?? 0,
      id[17] ?? 0,
      id[18] ?? 0,
      id[19] ?? 0,
    )
  )
}
