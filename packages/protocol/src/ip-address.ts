/**
 * Numeric addresses: their text and byte forms, and which part of the network they belong to. No names, no zones.
 *
 * Spec: RFC 4291, section 2.2; RFC 5952, section 4; RFC 6890
 */

export const IPV4_BYTES = 4
export const IPV6_BYTES = 16

/** Reads a dotted quad or an IPv6 text (no brackets, no zone) as 4 or 16 bytes; `null` for anything else. */
export function parseIp(text: string): Uint8Array | null {
  if (text.length > MAX_TEXT_UNITS) return null
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text)
}

/** The one canonical text of 4 or 16 bytes; an IPv4 address mapped into IPv6 shows as IPv4. `null` for other lengths. */
export function formatIp(bytes: Uint8Array): string | null {
  const unwrapped = unwrapMapped(bytes)
  if (unwrapped.length === IPV4_BYTES) return unwrapped.join('.')
  return unwrapped.length === IPV6_BYTES ? formatIpv6(unwrapped) : null
}

/** 4 or 6 for a numeric address, after unwrapping IPv4 mapped into IPv6; `null` for a name. */
export function ipFamily(text: string): 4 | 6 | null {
  const bytes = parseIp(text)
  if (bytes === null) return null
  return unwrapMapped(bytes).length === IPV4_BYTES ? 4 : 6
}

/** How far an address reaches. `never`: no connection may go there (unspecified, multicast, reserved). */
export type AddressScope = 'public' | 'private' | 'link-local' | 'loopback' | 'never'

/** Judges 4 or 16 bytes; IPv4 inside IPv6 (mapped, compatible, NAT64, 6to4) is judged as the IPv4 address it reaches. */
export function addressScope(bytes: Uint8Array): AddressScope {
  const embedded = bytes.length === IPV6_BYTES ? embeddedIpv4(bytes) : bytes
  if (embedded !== null) return embedded.length === IPV4_BYTES ? scopeOfIpv4(embedded) : 'never'
  return scopeOfIpv6(bytes)
}

/** The addresses under which clouds hand out credentials to their machines. */
export function isCloudMetadataAddress(bytes: Uint8Array): boolean {
  const text = formatIp(bytes)
  return text !== null && CLOUD_METADATA.has(text)
}

const MAX_TEXT_UNITS = 45
const CLOUD_METADATA: ReadonlySet<string> = new Set([
  '169.254.169.254',
  '169.254.170.2',
  '100.100.100.200',
  'fd00:ec2::254',
])

function parseIpv4(text: string): Uint8Array | null {
  const parts = text.split('.')
  if (parts.length !== IPV4_BYTES) return null
  const bytes = new Uint8Array(IPV4_BYTES)
  for (const [i, part] of parts.entries()) {
    // A leading zero is octal to some readers: two readings of one address are none.
    if (!/^(?:0|[1-9][0-9]{0,2})$/.test(part) || Number(part) > 255) return null
    bytes[i] = Number(part)
  }
  return bytes
}

function parseIpv6(text: string): Uint8Array | null {
  const halves = text.split('::')
  if (halves.length > 2) return null
  const head = parseGroups(halves[0] ?? '', halves.length === 1)
  const tail = halves.length === 2 ? parseGroups(halves[1] ?? '', true) : []
  if (head === null || tail === null) return null
  const given = head.length + tail.length
  // `::` stands for at least one group of zeros.
  if (halves.length === 1 ? given !== IPV6_BYTES : given > IPV6_BYTES - 2) return null
  const bytes = new Uint8Array(IPV6_BYTES)
  bytes.set(head, 0)
  bytes.set(tail, IPV6_BYTES - tail.length)
  return bytes
}

/** Groups between colons, as bytes; the last may be a dotted quad where the text ends with it. */
function parseGroups(text: string, mayEndDotted: boolean): number[] | null {
  if (text === '') return []
  const bytes: number[] = []
  const groups = text.split(':')
  for (const [i, group] of groups.entries()) {
    if (group.includes('.')) {
      const quad = mayEndDotted && i === groups.length - 1 ? parseIpv4(group) : null
      if (quad === null) return null
      bytes.push(...quad)
    } else {
      if (!/^[0-9A-Fa-f]{1,4}$/.test(group)) return null
      const value = Number.parseInt(group, 16)
      bytes.push(value >> 8, value & 0xff)
    }
  }
  return bytes
}

function formatIpv6(bytes: Uint8Array): string {
  const groups: string[] = []
  for (let i = 0; i < IPV6_BYTES; i += 2) {
    groups.push(((bytes[i] ?? 0) * 256 + (bytes[i + 1] ?? 0)).toString(16))
  }
  const { start, length } = longestZeros(groups)
  if (length < 2) return groups.join(':')
  return `${groups.slice(0, start).join(':')}::${groups.slice(start + length).join(':')}`
}

/** RFC 5952, 4.2.3: the longest run of zero groups, the first of equals. */
function longestZeros(groups: readonly string[]): { start: number; length: number } {
  let best = { start: 0, length: 0 }
  let start = 0
  for (const [i, group] of groups.entries()) {
    if (group !== '0') start = i + 1
    else if (i + 1 - start > best.length) best = { start, length: i + 1 - start }
  }
  return best
}

function unwrapMapped(bytes: Uint8Array): Uint8Array {
  const isMapped = bytes.length === IPV6_BYTES && hasPrefix(bytes, MAPPED)
  return isMapped ? bytes.subarray(12) : bytes
}

const MAPPED: readonly number[] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
const NAT64: readonly number[] = [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0]
const COMPATIBLE: readonly number[] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
const SIX_TO_FOUR: readonly number[] = [0x20, 0x02]

function hasPrefix(bytes: Uint8Array, prefix: readonly number[]): boolean {
  return prefix.every((byte, i) => bytes[i] === byte)
}

function embeddedIpv4(bytes: Uint8Array): Uint8Array | null {
  if (hasPrefix(bytes, MAPPED) || hasPrefix(bytes, NAT64)) return bytes.subarray(12)
  if (hasPrefix(bytes, SIX_TO_FOUR)) return bytes.subarray(2, 6)
  // `::` and `::1` are addresses of their own.
  const isCompatible = hasPrefix(bytes, COMPATIBLE) && !hasPrefix(bytes.subarray(12), [0, 0, 0])
  return isCompatible ? bytes.subarray(12) : null
}

function scopeOfIpv4(bytes: Uint8Array): AddressScope {
  const [a = 0, b = 0, c = 0] = bytes
  if (a === 0 || a >= 224) return 'never'
  if (a === 127) return 'loopback'
  if (a === 169 && b === 254) return 'link-local'
  const isPrivate =
    a === 10 ||
    (a === 172 && b >= 16 && b <= 31) ||
    (a === 192 && b === 168) ||
    (a === 100 && b >= 64 && b <= 127) ||
    (a === 198 && (b === 18 || b === 19)) ||
    (a === 192 && b === 0 && c === 0)
  return isPrivate ? 'private' : 'public'
}

function scopeOfIpv6(bytes: Uint8Array): AddressScope {
  const [a = 0, b = 0] = bytes
  if (bytes.every((byte, i) => byte === (i === IPV6_BYTES - 1 ? 1 : 0))) return 'loopback'
  if (bytes.every((byte) => byte === 0) || a === 0xff) return 'never'
  if (a === 0xfe && b >= 0x80 && b <= 0xbf) return 'link-local'
  if (a === 0xfe && b >= 0xc0) return 'private'
  return a >= 0xfc && a <= 0xfd ? 'private' : 'public'
}
