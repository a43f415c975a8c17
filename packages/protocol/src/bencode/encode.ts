/**
 * Writing bencode: one canonical form, so that the same value always gives the same bytes and the same hash.
 *
 * Spec: BEP 3, "bencoding" ("Keys must be strings and appear in sorted order")
 */
import { concatBytes, latin1Encode, utf8Encode } from '../bytes.ts'
import { invariant } from '../machine.ts'

/** What can be encoded: decoded values, and texts, which become their UTF-8 bytes. */
export type BencodeInput =
  | number
  | bigint
  | string
  | Uint8Array
  | RawBencode
  | readonly BencodeInput[]
  | BencodeInputDict

/** Bytes that are bencode already and go out as they are: what was hashed or signed is never encoded again. */
export class RawBencode {
  readonly bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }
}

/** Keys are bytes as Latin-1 text. */
export interface BencodeInputDict extends ReadonlyMap<string, BencodeInput> {}

/** The one canonical form: keys sorted by their bytes. Numbers must be safe integers. */
export function encodeBencode(value: BencodeInput): Uint8Array {
  const parts: Uint8Array[] = []
  // A work list instead of recursion; what closes a container waits under what it holds.
  const waiting: (BencodeInput | typeof END)[] = [value]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next === END) {
      parts.push(END_BYTES)
    } else if (typeof next === 'number' || typeof next === 'bigint') {
      invariant(typeof next === 'bigint' || Number.isSafeInteger(next), 'only integers are encoded')
      parts.push(latin1Encode(`i${next}e`))
    } else if (typeof next === 'string' || next instanceof Uint8Array) {
      const content = typeof next === 'string' ? utf8Encode(next) : next
      parts.push(latin1Encode(`${content.length}:`), content)
    } else if (next instanceof RawBencode) {
      parts.push(next.bytes)
    } else if (isInputList(next)) {
      parts.push(LIST_BYTES)
      waiting.push(END)
      for (const item of next.toReversed()) waiting.push(item)
    } else {
      parts.push(DICT_BYTES)
      waiting.push(END)
      const entries = [...next].sort(([a], [b]) => (a < b ? 1 : -1))
      for (const [key, item] of entries) waiting.push(item, latin1Encode(key))
    }
  }
  return concatBytes(parts)
}

/** A dictionary from literal fields; `null` and `undefined` are left out. Keys must be ASCII. */
export function dictOf(
  fields: Readonly<Record<string, BencodeInput | null | undefined>>,
): BencodeInputDict {
  const dict = new Map<string, BencodeInput>()
  for (const [key, value] of Object.entries(fields)) {
    if (value !== null && value !== undefined) dict.set(key, value)
  }
  return dict
}

const END = Symbol('end')
const END_BYTES = latin1Encode('e')
const DICT_BYTES = latin1Encode('d')
const LIST_BYTES = latin1Encode('l')

function isInputList(value: BencodeInput): value is readonly BencodeInput[] {
  return Array.isArray(value)
}
