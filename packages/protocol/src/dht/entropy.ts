/** Chance in small pieces, drawn from the caller's in large ones. */
export class Entropy {
  readonly #draw: (lengthBytes: number) => Uint8Array
  #pool: Uint8Array = new Uint8Array(0)
  #at = 0

  constructor(draw: (lengthBytes: number) => Uint8Array) {
    this.#draw = draw
  }

  /** Never handed out twice. At most 1,024 bytes. */
  readonly bytes = (lengthBytes: number): Uint8Array => {
    if (this.#at + lengthBytes > this.#pool.length) {
      this.#pool = plainBytes(this.#draw(POOL_BYTES))
      this.#at = 0
    }
    this.#at += lengthBytes
    return this.#pool.subarray(this.#at - lengthBytes, this.#at)
  }

  /** A whole number from 0 to `below - 1`. */
  readonly int = (below: number): number => {
    const [a = 0, b = 0, c = 0, d = 0] = this.bytes(4)
    return Math.floor(((a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d) / 2 ** 32) * below)
  }
}

const POOL_BYTES = 1_024

/** The same bytes without what a subclass adds: `slice` of a Node.js Buffer is no copy. */
export function plainBytes(bytes: Uint8Array): Uint8Array {
  if (bytes.constructor === Uint8Array) return bytes
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
}
