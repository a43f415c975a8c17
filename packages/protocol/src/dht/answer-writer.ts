/**
 * Writes answers into one buffer that is used again and again: the keys of a response in their order, nothing built
 * besides. Callers write the fields in the order of the standard's dictionary (sorted keys).
 */
import { latin1Encode } from '../bytes.ts'

/** Longer than any answer that is sent. */
const BUFFER_BYTES = 2_048

export class AnswerWriter {
  readonly #bytes = new Uint8Array(BUFFER_BYTES)
  #at = 0

  get lengthBytes(): number {
    return this.#at
  }

  /** `ip`: the asker's compact address; `null` leaves it out. */
  begin(ip: Uint8Array | null): void {
    this.#at = 0
    this.#bytes[this.#at++] = CODE_D
    if (ip !== null) {
      this.raw(KEY_IP)
      this.string(ip)
    }
    this.raw(BODY_START)
  }

  /** A key with its length in front, as bytes. */
  raw(bytes: Uint8Array): void {
    // A loop beats `set` for the short pieces that answers are made of.
    if (bytes.length > SHORT_BYTES) this.#bytes.set(bytes, this.#at)
    else for (let i = 0; i < bytes.length; i++) this.#bytes[this.#at + i] = bytes[i] ?? 0
    this.#at += bytes.length
  }

  string(bytes: Uint8Array): void {
    this.length(bytes.length)
    this.raw(bytes)
  }

  /** The length and colon of a string whose bytes follow. */
  length(lengthBytes: number): void {
    this.#digits(lengthBytes)
    this.#bytes[this.#at++] = CODE_COLON
  }

  int(value: number | bigint): void {
    this.#bytes[this.#at++] = CODE_I
    if (typeof value === 'bigint') this.raw(latin1Encode(value.toString()))
    else this.#digits(value)
    this.#bytes[this.#at++] = CODE_E
  }

  /** Ends the body and the message. */
  end(t: Uint8Array, version: Uint8Array | null): Uint8Array {
    this.raw(BODY_END)
    this.string(t)
    if (version !== null) {
      this.raw(KEY_V)
      this.string(version)
    }
    this.raw(MESSAGE_END)
    return this.#bytes.slice(0, this.#at)
  }

  #digits(value: number): void {
    let divisor = 1
    while (value / divisor >= 10) divisor *= 10
    for (; divisor >= 1; divisor = Math.floor(divisor / 10)) {
      this.#bytes[this.#at++] = CODE_0 + (Math.floor(value / divisor) % 10)
    }
  }
}

const CODE_0 = 0x30
const CODE_COLON = 0x3a
const CODE_D = 0x64
const CODE_E = 0x65
const CODE_I = 0x69
const SHORT_BYTES = 12
const KEY_IP = latin1Encode('2:ip')
const BODY_START = latin1Encode('1:rd')
const BODY_END = latin1Encode('e1:t')
const KEY_V = latin1Encode('1:v')
const MESSAGE_END = latin1Encode('1:y1:re')
