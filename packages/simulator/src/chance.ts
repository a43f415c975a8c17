/**
 * All chance of a simulated world, from one seed. Each part of the world draws from a stream of its own, so that adding a
 * part does not change the luck of the others.
 */
export class Chance {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** A stream of its own, the same for the same name. */
  fork(name: string): Chance {
    let hash = this.#state ^ 0x9e37_79b9
    for (let at = 0; at < name.length; at += 1) {
      hash = Math.imul(hash ^ name.charCodeAt(at), 0x0100_0193)
    }
    return new Chance(mix(hash))
  }

  /** A whole number from 0 to `below - 1`. */
  int(below: number): number {
    return Math.floor(this.#next() * below)
  }

  /** Whether something of this probability happens. */
  happens(probability: number): boolean {
    return this.#next() < probability
  }

  bytes(lengthBytes: number): Uint8Array {
    const bytes = new DataView(new ArrayBuffer(Math.ceil(lengthBytes / 4) * 4))
    for (let at = 0; at < lengthBytes; at += 4) bytes.setUint32(at, this.#word(), true)
    return new Uint8Array(bytes.buffer, 0, lengthBytes)
  }

  /** From 0 (included) to 1 (not). */
  #next(): number {
    return this.#word() / 2 ** 32
  }

  #word(): number {
    this.#state = (this.#state + 0x9e37_79b9) >>> 0
    return mix(this.#state)
  }
}

/** Spreads one bit's change over all 32. */
function mix(value: number): number {
  let mixed = value
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0_aaad)
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a_2d97)
  return (mixed ^ (mixed >>> 15)) >>> 0
}
