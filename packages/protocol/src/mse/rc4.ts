/** The stream cipher of message stream encryption. It hides what is spoken from a glance at the wire; it keeps no secret. */

/** Works in place, so that what comes in needs no second buffer. One object a direction. */
export class Rc4 {
  readonly #state: Uint8Array
  #i = 0
  #j = 0

  constructor(key: Uint8Array) {
    const state = new Uint8Array(256)
    for (let i = 0; i < 256; i++) state[i] = i
    for (let i = 0, j = 0; i < 256; i++) {
      const at = state[i] ?? 0
      j = (j + at + (key[i % key.length] ?? 0)) & 0xff
      state[i] = state[j] ?? 0
      state[j] = at
    }
    this.#state = state
  }

  /** Encrypts or decrypts: the two are the same. */
  apply(bytes: Uint8Array): void {
    const state = this.#state
    const { length } = bytes
    let i = this.#i
    let j = this.#j
    for (let at = 0; at < length; at++) {
      i = (i + 1) & 0xff
      // The indexes are within the 256 bytes, the offsets within the length: no default is ever taken.
      const a = state[i] ?? 0
      j = (j + a) & 0xff
      const b = state[j] ?? 0
      state[i] = b
      state[j] = a
      bytes[at] = (bytes[at] ?? 0) ^ (state[(a + b) & 0xff] ?? 0)
    }
    this.#i = i
    this.#j = j
  }

  /** Goes on without using the key stream. */
  discard(lengthBytes: number): void {
    this.apply(new Uint8Array(lengthBytes))
  }
}
