/** Bytes that wait to be made into packets; nothing is copied before that. */
export class WriteQueue {
  #chunks: Uint8Array[] = []
  #first = 0
  /** Bytes of the first chunk that are gone already. */
  #offset = 0
  lengthBytes = 0

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return
    this.#chunks.push(chunk)
    this.lengthBytes += chunk.length
  }

  /** Moves the next bytes to `into`, from `at` on; there are at least so many. */
  take(into: Uint8Array, at: number, lengthBytes: number): void {
    const end = at + lengthBytes
    this.lengthBytes -= lengthBytes
    while (at < end) {
      const chunk = this.#chunks[this.#first] ?? NOTHING
      const part = Math.min(end - at, chunk.length - this.#offset)
      into.set(chunk.subarray(this.#offset, this.#offset + part), at)
      at += part
      this.#offset += part
      if (this.#offset === chunk.length) this.#next()
    }
  }

  clear(): void {
    this.#chunks = []
    this.#first = 0
    this.#offset = 0
    this.lengthBytes = 0
  }

  #next(): void {
    this.#chunks[this.#first] = NOTHING
    this.#first += 1
    this.#offset = 0
    if (this.#first < this.#chunks.length && this.#first < COMPACT_CHUNKS) return
    this.#chunks = this.#chunks.slice(this.#first)
    this.#first = 0
  }
}

const NOTHING = new Uint8Array(0)
/** Chunks that are gone and still take a place in the list. */
const COMPACT_CHUNKS = 256
