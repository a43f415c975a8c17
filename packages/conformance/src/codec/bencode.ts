/**
 * The suite's own bencode: nothing is shared with the packages that it judges.
 * Spec: BEP 3, "bencoding" <https://www.bittorrent.org/beps/bep_0003.html>
 */
export type Bencode = number | Buffer | readonly Bencode[] | BencodeDictionary
export type BencodeDictionary = ReadonlyMap<string, Bencode>

/** What the encoder takes: strings are written as UTF-8, `undefined` entries are left out. */
export type Encodable =
  | number
  | string
  | Uint8Array
  | readonly Encodable[]
  | { readonly [key: string]: Encodable | undefined }

/** Deeper nesting than any message of the protocol has is wrong. */
const MAX_DEPTH = 32

export function encodeBencode(value: Encodable): Buffer {
  const parts: Buffer[] = []
  write(value, parts)
  return Buffer.concat(parts)
}

function write(value: Encodable, parts: Buffer[]): void {
  if (typeof value === 'number') parts.push(Buffer.from(`i${value}e`))
  else if (typeof value === 'string') writeBytes(Buffer.from(value), parts)
  else if (value instanceof Uint8Array) writeBytes(value, parts)
  else if (isList(value)) {
    parts.push(Buffer.from('l'))
    for (const item of value) write(item, parts)
    parts.push(Buffer.from('e'))
  } else writeDictionary(value, parts)
}

function isList(value: Encodable): value is readonly Encodable[] {
  return Array.isArray(value)
}

function writeBytes(bytes: Uint8Array, parts: Buffer[]): void {
  parts.push(Buffer.from(`${bytes.length}:`), Buffer.from(bytes))
}

function writeDictionary(
  entries: { readonly [key: string]: Encodable | undefined },
  parts: Buffer[],
): void {
  const sorted = Object.entries(entries)
    .map(([key, value]) => ({ key: Buffer.from(key), value }))
    .sort((a, b) => Buffer.compare(a.key, b.key))
  parts.push(Buffer.from('d'))
  for (const { key, value } of sorted) {
    if (value === undefined) continue
    writeBytes(key, parts)
    write(value, parts)
  }
  parts.push(Buffer.from('e'))
}

/** One value and how many bytes it took; `undefined` when the bytes are not bencode. */
export function decodeBencodePrefix(
  bytes: Buffer,
): { readonly value: Bencode; readonly usedBytes: number } | undefined {
  const reader = new Reader(bytes)
  const value = reader.value(0)
  return value === undefined ? undefined : { value, usedBytes: reader.offset }
}

/** A value that fills all bytes, or `undefined`. */
export function decodeBencode(bytes: Buffer): Bencode | undefined {
  const found = decodeBencodePrefix(bytes)
  return found?.usedBytes === bytes.length ? found.value : undefined
}

/** The dictionary that `value` is, or `undefined`. */
export function asDictionary(value: Bencode | undefined): BencodeDictionary | undefined {
  return value instanceof Map ? value : undefined
}

class Reader {
  offset = 0
  readonly #bytes: Buffer

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  value(depth: number): Bencode | undefined {
    if (depth > MAX_DEPTH) return undefined
    const first = this.#bytes[this.offset]
    if (first === 0x69) return this.#integer()
    if (first === 0x6c) return this.#list(depth)
    if (first === 0x64) return this.#dictionary(depth)
    return this.#string()
  }

  #integer(): number | undefined {
    const end = this.#bytes.indexOf(0x65, this.offset)
    if (end < 0 || end - this.offset > 24) return undefined
    const digits = this.#bytes.toString('latin1', this.offset + 1, end)
    if (!/^(0|-?[1-9][0-9]*)$/.test(digits)) return undefined
    this.offset = end + 1
    return Number(digits)
  }

  #string(): Buffer | undefined {
    const colon = this.#bytes.indexOf(0x3a, this.offset)
    if (colon < 0 || colon - this.offset > 10) return undefined
    const digits = this.#bytes.toString('latin1', this.offset, colon)
    if (!/^[0-9]+$/.test(digits)) return undefined
    const end = colon + 1 + Number(digits)
    if (end > this.#bytes.length) return undefined
    this.offset = end
    return this.#bytes.subarray(colon + 1, end)
  }

  #list(depth: number): Bencode[] | undefined {
    const items: Bencode[] = []
    this.offset += 1
    while (this.#bytes[this.offset] !== 0x65) {
      const item = this.value(depth + 1)
      if (item === undefined) return undefined
      items.push(item)
    }
    this.offset += 1
    return items
  }

  #dictionary(depth: number): BencodeDictionary | undefined {
    const entries = new Map<string, Bencode>()
    this.offset += 1
    while (this.#bytes[this.offset] !== 0x65) {
      const key = this.#string()
      const value = key === undefined ? undefined : this.value(depth + 1)
      if (key === undefined || value === undefined) return undefined
      entries.set(key.toString('latin1'), value)
    }
    this.offset += 1
    return entries
  }
}
