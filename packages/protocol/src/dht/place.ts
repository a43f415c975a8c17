/**
 * Where a node is, judged once a datagram: its bytes, how far it reaches, and to which part of the network it belongs.
 * Diversity is counted by /24 and /16 with IPv4, by /64 and /32 with IPv6. Local networks are one place by nature, so
 * that there each address and port counts for itself.
 */
import { COMPACT_NODE_BYTES, type NodeFamily } from '../bep/0032-nodes.ts'
import { addressScope, formatIp, IPV4_BYTES, parseIp } from '../ip-address.ts'

export interface DhtAddress {
  readonly host: string
  readonly port: number
}

export interface Place extends DhtAddress {
  readonly family: NodeFamily
  readonly ip: Uint8Array
  /** Not of the public network. */
  readonly isLocal: boolean
  /** Who counts as one: the address, or on local networks the address and port. */
  readonly ownerKey: string
  /** /24 or /64. */
  readonly nearBlock: string
  /** /16 or /32. */
  readonly farBlock: string
}

/** `null` for what nothing may be sent to: names, port 0, multicast, unspecified and reserved addresses. */
export function placeOf(host: string, port: number): Place | null {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return null
  const quick = parseQuad(host)
  const ip = quick ?? parseIp(host)
  if (ip === null) return null
  const scope = addressScope(ip)
  if (scope === 'never') return null
  const canonical = quick === null ? formatIp(ip) : host
  if (canonical === null) return null
  return canonical.includes(':')
    ? placeOfV6(canonical, port, ip, scope !== 'public')
    : placeOfV4(canonical, port, ip.subarray(ip.length - IPV4_BYTES), scope !== 'public')
}

export function isSamePlace(a: DhtAddress, b: DhtAddress): boolean {
  return a.port === b.port && a.host === b.host
}

/** The compact form of address and port. */
export function compactPlace(place: Place): Uint8Array {
  const bytes = new Uint8Array(place.ip.length + 2)
  bytes.set(place.ip, 0)
  bytes[bytes.length - 2] = place.port >> 8
  bytes[bytes.length - 1] = place.port & 0xff
  return bytes
}

/** Reads what `compactPlace` writes; `null` for other lengths and what nothing may be sent to. */
export function placeOfCompact(bytes: Uint8Array): Place | null {
  const ipBytes = bytes.length - 2
  if (ipBytes !== COMPACT_NODE_BYTES[4] - 22 && ipBytes !== COMPACT_NODE_BYTES[6] - 22) return null
  const host = formatIp(bytes.subarray(0, ipBytes))
  const port = (bytes[ipBytes] ?? 0) * 256 + (bytes[ipBytes + 1] ?? 0)
  return host === null ? null : placeOf(host, port)
}

function placeOfV4(host: string, port: number, ip: Uint8Array, isLocal: boolean): Place {
  const own = isLocal ? `${host} ${port}` : host
  return {
    host,
    port,
    family: 4,
    ip,
    isLocal,
    ownerKey: own,
    nearBlock: isLocal ? own : host.slice(0, host.lastIndexOf('.')),
    farBlock: isLocal ? own : host.slice(0, host.indexOf('.', host.indexOf('.') + 1)),
  }
}

function placeOfV6(host: string, port: number, ip: Uint8Array, isLocal: boolean): Place {
  const own = isLocal ? `${host} ${port}` : host
  return {
    host,
    port,
    family: 6,
    ip,
    isLocal,
    ownerKey: isLocal ? own : blockText(ip, 8),
    nearBlock: isLocal ? own : blockText(ip, 8),
    farBlock: isLocal ? own : blockText(ip, 4),
  }
}

function blockText(ip: Uint8Array, lengthBytes: number): string {
  let text = ':'
  for (let i = 0; i < lengthBytes; i++) text += String.fromCharCode(ip[i] ?? 0)
  return text
}

/** A dotted quad without leading zeros, without building parts: this runs for every datagram. */
function parseQuad(text: string): Uint8Array | null {
  const bytes = new Uint8Array(IPV4_BYTES)
  let index = 0
  let value = -1
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 0x2e) {
      if (value < 0 || index >= IPV4_BYTES - 1) return null
      bytes[index++] = value
      value = -1
    } else {
      // A leading zero is octal to some readers.
      if (code < 0x30 || code > 0x39 || value === 0) return null
      value = (value < 0 ? 0 : value * 10) + code - 0x30
      if (value > 255) return null
    }
  }
  if (value < 0 || index !== IPV4_BYTES - 1) return null
  bytes[index] = value
  return bytes
}
