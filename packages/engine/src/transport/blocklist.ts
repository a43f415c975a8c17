/**
 * Addresses with which nothing is exchanged, as lists that circulate name them: P2P text (`name:from-to`), eMule's
 * ipfilter.dat (`from - to , level , name`), CIDR blocks, ranges and plain addresses, one a line.
 */
import { IPV4_BYTES, parseIp } from '@pigeon/protocol/ip-address'

/** Both ends included; numeric, of one family. */
export interface AddressRange {
  readonly from: string
  readonly to: string
}

export const BLOCKLIST_RANGES_LIMIT = 500_000
/** eMule lets pass what has a level from here on. */
const PASSING_LEVEL = 128

/** Numbers for IPv4, of which lists have hundreds of thousands. */
interface Span<N extends number | bigint> {
  readonly from: N
  readonly to: N
}

export class Blocklist {
  /** Ranges that were read, before neighbours were joined. */
  readonly rangeCount: number
  /** Lines that say nothing we understand, or come after the bound. */
  readonly badLineCount: number
  /** Sorted, apart from each other: ends at the same places as their beginnings. */
  readonly #from4: Uint32Array
  readonly #to4: Uint32Array
  readonly #spans6: readonly Span<bigint>[]

  private constructor({ four, six, badCount }: Collector) {
    this.rangeCount = four.length + six.length
    this.badLineCount = badCount
    const joined = joinSpans(four)
    this.#from4 = Uint32Array.from(joined, ({ from }) => from)
    this.#to4 = Uint32Array.from(joined, ({ to }) => to)
    this.#spans6 = joinSpans(six)
  }

  static parse(text: string): Blocklist {
    const collector = new Collector()
    for (const line of linesOf(text)) {
      const trimmed = line.trim()
      if (trimmed !== '' && !/^(?:[#;]|\/\/)/.test(trimmed)) collector.add(rangeOf(trimmed))
    }
    return new Blocklist(collector)
  }

  static of(ranges: readonly AddressRange[]): Blocklist {
    const collector = new Collector()
    for (const range of ranges) collector.add(range)
    return new Blocklist(collector)
  }

  /** `host`: numeric. */
  has(host: string): boolean {
    const address = ipv4(host)
    if (address === null) {
      const value = ipv6(host)
      return typeof value === 'number' ? this.#has4(value) : value !== null && this.#has6(value)
    }
    return this.#has4(address)
  }

  #has4(value: number): boolean {
    const at = lastNotAfter(this.#from4.length, (index) => (this.#from4[index] ?? 0) <= value)
    return at >= 0 && (this.#to4[at] ?? 0) >= value
  }

  #has6(value: bigint): boolean {
    const spans = this.#spans6
    const at = lastNotAfter(spans.length, (index) => (spans[index]?.from ?? 0n) <= value)
    return at >= 0 && (spans[at]?.to ?? -1n) >= value
  }
}

class Collector {
  readonly four: Span<number>[] = []
  readonly six: Span<bigint>[] = []
  badCount = 0

  add(range: AddressRange | 'passes' | null): void {
    if (range !== 'passes' && (range === null || !this.#take(range))) this.badCount += 1
  }

  #take(range: AddressRange): boolean {
    if (this.four.length + this.six.length >= BLOCKLIST_RANGES_LIMIT) return false
    const from = ipv4(range.from) ?? ipv6(range.from)
    const to = ipv4(range.to) ?? ipv6(range.to)
    if (from === null || to === null || from > to) return false
    if (typeof from === 'number' && typeof to === 'number') this.four.push({ from, to })
    else if (typeof from === 'bigint' && typeof to === 'bigint') this.six.push({ from, to })
    else return false
    return true
  }
}

const RANGE = /^([0-9A-Fa-f.:]+)\s*-\s*([0-9A-Fa-f.:]+)$/
const IPV4_RANGE = /^\s*([0-9.]+)\s*-\s*([0-9.]+)$/
const DAT = /^([0-9.]+)\s*-\s*([0-9.]+)\s*,\s*(\d+)\s*(?:,.*)?$/
const CIDR = /^([0-9A-Fa-f.:]+)\/(\d{1,3})$/

function rangeOf(line: string): AddressRange | 'passes' | null {
  // A name may hold colons itself.
  const p2p = IPV4_RANGE.exec(line.slice(line.lastIndexOf(':') + 1))
  if (p2p !== null) return { from: p2p[1] ?? '', to: p2p[2] ?? '' }
  const dat = DAT.exec(line)
  if (dat !== null)
    return Number(dat[3]) >= PASSING_LEVEL ? 'passes' : { from: dat[1] ?? '', to: dat[2] ?? '' }
  const remark = line.indexOf('#')
  const plain = remark < 0 ? line : line.slice(0, remark).trimEnd()
  const cidr = CIDR.exec(plain)
  if (cidr !== null) return cidrRange(cidr[1] ?? '', Number(cidr[2]))
  const range = RANGE.exec(plain)
  return range === null ? { from: plain, to: plain } : { from: range[1] ?? '', to: range[2] ?? '' }
}

function cidrRange(host: string, prefixBits: number): AddressRange | null {
  const ip = parseIp(host)
  if (ip === null || prefixBits > ip.length * 8) return null
  const low = ip.slice()
  const high = ip.slice()
  for (let bit = prefixBits; bit < ip.length * 8; bit++) {
    const mask = 0x80 >> (bit & 7)
    low[bit >> 3] = (low[bit >> 3] ?? 0) & ~mask
    high[bit >> 3] = (high[bit >> 3] ?? 0) | mask
  }
  return { from: textOf(low), to: textOf(high) }
}

function textOf(ip: Uint8Array): string {
  if (ip.length === IPV4_BYTES) return ip.join('.')
  const groups = Array.from({ length: 8 }, (_, at) =>
    ((ip[at * 2] ?? 0) * 256 + (ip[at * 2 + 1] ?? 0)).toString(16),
  )
  return groups.join(':')
}

/** These lists write zeros in front, `001.002.003.004`, and mean decimal. */
function ipv4(text: string): number | null {
  let value = 0
  let part = 0
  let digits = 0
  let dots = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code >= ZERO && code <= NINE) {
      part = part * 10 + code - ZERO
      digits += 1
      if (digits > 3 || part > 255) return null
    } else if (code === DOT && digits > 0) {
      value = value * 256 + part
      part = 0
      digits = 0
      dots += 1
    } else return null
  }
  return dots === 3 && digits > 0 ? value * 256 + part : null
}

const ZERO = 0x30
const NINE = 0x39
const DOT = 0x2e

/** A number for IPv4 within IPv6. */
function ipv6(text: string): bigint | number | null {
  const ip = text.includes(':') ? parseIp(text) : null
  if (ip === null) return null
  let value = 0n
  for (const byte of ip) value = value * 256n + BigInt(byte)
  return value >> 32n === MAPPED ? Number(value & 0xffff_ffffn) : value
}

const MAPPED = 0xffffn

/** Sorted, and those that overlap made one. */
function joinSpans<N extends number | bigint>(spans: readonly Span<N>[]): readonly Span<N>[] {
  const sorted = spans.toSorted((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0))
  const joined: Span<N>[] = []
  for (const span of sorted) {
    const last = joined.at(-1)
    if (last === undefined || span.from > last.to) joined.push(span)
    else if (span.to > last.to) joined[joined.length - 1] = { from: last.from, to: span.to }
  }
  return joined
}

/** The last index for which it holds, where it holds for all before; -1 when for none. */
function lastNotAfter(length: number, holds: (index: number) => boolean): number {
  let low = 0
  let high = length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (holds(middle)) low = middle + 1
    else high = middle
  }
  return low - 1
}

/** Without a copy of the whole. */
function* linesOf(text: string): Generator<string> {
  for (let at = 0; at < text.length; ) {
    const next = text.indexOf('\n', at)
    const end = next < 0 ? text.length : next
    yield text.slice(at, end)
    at = end + 1
  }
}
