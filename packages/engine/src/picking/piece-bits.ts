/**
 * A set of pieces as the wire has it, one bit a piece, most significant first; spare bits are zero.
 */
export class PieceBits {
  readonly pieceCount: number
  readonly bytes: Uint8Array
  #count = 0

  constructor(pieceCount: number) {
    this.pieceCount = pieceCount
    this.bytes = new Uint8Array(Math.ceil(pieceCount / 8))
  }

  get count(): number {
    return this.#count
  }

  has(pieceIndex: number): boolean {
    return ((this.bytes[pieceIndex >>> 3] ?? 0) & (0x80 >>> (pieceIndex & 7))) !== 0
  }

  /** Answers whether it was new. */
  add(pieceIndex: number): boolean {
    if (pieceIndex >= this.pieceCount || this.has(pieceIndex)) return false
    const at = pieceIndex >>> 3
    this.bytes[at] = (this.bytes[at] ?? 0) | (0x80 >>> (pieceIndex & 7))
    this.#count += 1
    return true
  }

  /** Answers whether it was there. */
  delete(pieceIndex: number): boolean {
    if (pieceIndex >= this.pieceCount || !this.has(pieceIndex)) return false
    const at = pieceIndex >>> 3
    this.bytes[at] = (this.bytes[at] ?? 0) & ~(0x80 >>> (pieceIndex & 7))
    this.#count -= 1
    return true
  }

  /** Takes a whole set over by copying; bytes beyond the last piece are ignored. */
  assign(bits: Uint8Array): void {
    this.bytes.fill(0)
    this.bytes.set(bits.subarray(0, this.bytes.length))
    const spare = this.bytes.length * 8 - this.pieceCount
    const last = this.bytes.length - 1
    if (spare > 0) this.bytes[last] = (this.bytes[last] ?? 0) & (0xff << spare)
    this.#count = 0
    for (const byte of this.bytes) this.#count += POPULATION[byte] ?? 0
  }

  countCommon(other: PieceBits): number {
    let common = 0
    for (let at = 0; at < this.bytes.length; at += 1) {
      common += POPULATION[(this.bytes[at] ?? 0) & (other.bytes[at] ?? 0)] ?? 0
    }
    return common
  }

  /** The first piece at or after `from` that is in both sets; -1 where there is none. */
  nextCommon(other: PieceBits, from: number): number {
    const mine = this.bytes
    const theirs = other.bytes
    let at = from >>> 3
    let byte = (mine[at] ?? 0) & (theirs[at] ?? 0) & (0xff >>> (from & 7))
    while (byte === 0) {
      at += 1
      if (at >= mine.length) return -1
      byte = (mine[at] ?? 0) & (theirs[at] ?? 0)
    }
    return at * 8 + Math.clz32(byte) - 24
  }
}

const POPULATION: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => {
  let bits = 0
  for (let rest = byte; rest > 0; rest >>>= 1) bits += rest & 1
  return bits
})
