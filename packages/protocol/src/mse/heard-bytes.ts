/** Bytes that came in and were not understood yet: appended in any splits, taken in whole fields. */
export class HeardBytes {
  #bytes = new Uint8Array(1_024)
  #from = 0
  #to = 0

  get lengthBytes(): number {
    return this.#to - this.#from
  }

  append(bytes: Uint8Array): void {
    const neededBytes = this.lengthBytes + bytes.length
    if (this.#to + bytes.length > this.#bytes.length) {
      const isRoomy = neededBytes * 2 <= this.#bytes.length
      const next = isRoomy ? this.#bytes : new Uint8Array(neededBytes * 2)
      next.set(this.#bytes.subarray(this.#from, this.#to))
      this.#to -= this.#from
      this.#from = 0
      this.#bytes = next
    }
    this.#bytes.set(bytes, this.#to)
    this.#to += bytes.length
  }

  /** Takes so many from the front; a view, valid until the next call. */
  take(lengthBytes: number): Uint8Array {
    const taken = this.#bytes.subarray(this.#from, this.#from + lengthBytes)
    this.#from += taken.length
    return taken
  }

  /** Where the pattern begins; -1 when it does not, within the first `limit` places. */
  find(pattern: Uint8Array, limit: number): number {
    const heard = this.#bytes.subarray(this.#from, this.#to)
    const last = Math.min(limit - 1, heard.length - pattern.length)
    for (let at = 0; at <= last; at++) {
      if (pattern.every((byte, i) => heard[at + i] === byte)) return at
    }
    return -1
  }
}
