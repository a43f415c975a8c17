/**
 * What is said to a router about ports: NAT-PMP and its successor PCP, which share a port. Pure.
 * Spec: RFC 6886, section 3; RFC 6887, sections 7 and 11
 */
import { formatIp, parseIp } from '@pigeon/protocol/ip-address'
import { invariant } from '@pigeon/protocol/machine'

export const GATEWAY_PORT = 5351
/** RFC 6887 lets no message be longer. */
export const GATEWAY_MESSAGE_BYTES = 1_100
const PMP_VERSION = 0
const PCP_VERSION = 2
const ANSWER_BIT = 0x80
const PCP_MAP = 1
const PCP_MAP_BYTES = 60
export const NONCE_BYTES = 12

export interface MapWish {
  readonly protocol: 'tcp' | 'udp'
  readonly internalPort: number
  /** Asked for; the router may choose another. */
  readonly externalPort: number
  /** 0 removes the mapping. */
  readonly lifetimeS: number
}

export type GatewayAnswer =
  | { readonly kind: 'external'; readonly address: string }
  | {
      readonly kind: 'mapped'
      readonly internalPort: number
      readonly externalPort: number
      readonly lifetimeS: number
      /** PCP says it with every mapping. */
      readonly address: string | null
    }
  | { readonly kind: 'refused'; readonly reason: string; readonly isOtherVersion: boolean }

export function pmpExternal(): Uint8Array {
  return Uint8Array.of(PMP_VERSION, 0)
}

export function pmpMap(wish: MapWish): Uint8Array {
  const bytes = new Uint8Array(12)
  const view = new DataView(bytes.buffer)
  bytes[1] = wish.protocol === 'udp' ? 1 : 2
  view.setUint16(4, wish.internalPort)
  // "MUST also set the suggested external port to zero" when a mapping is removed.
  view.setUint16(6, wish.lifetimeS === 0 ? 0 : wish.externalPort)
  view.setUint32(8, wish.lifetimeS)
  return bytes
}

/** `null` for what is no answer to a request of that kind. */
export function readPmp(
  bytes: Uint8Array,
  request: { readonly operation: 0 | 1 | 2; readonly internalPort: number },
): GatewayAnswer | null {
  if (bytes.length < 4 || bytes[0] !== PMP_VERSION) return null
  if (bytes[1] !== (ANSWER_BIT | request.operation)) return null
  const view = viewOf(bytes)
  const result = view.getUint16(2)
  if (result !== 0) return refused(PMP_RESULTS[result], result === 1)
  if (request.operation === 0) {
    if (bytes.length < 12) return null
    return { kind: 'external', address: textOf(bytes.slice(8, 12)) }
  }
  if (bytes.length < 16 || view.getUint16(8) !== request.internalPort) return null
  return {
    kind: 'mapped',
    internalPort: view.getUint16(8),
    externalPort: view.getUint16(10),
    lifetimeS: view.getUint32(12),
    address: null,
  }
}

/** `client`: our address, as the router sees it; `nonce` is the same for as long as the mapping is ours. */
export function pcpMap(wish: MapWish, client: string, nonce: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(PCP_MAP_BYTES)
  const view = new DataView(bytes.buffer)
  bytes[0] = PCP_VERSION
  bytes[1] = PCP_MAP
  view.setUint32(4, wish.lifetimeS)
  bytes.set(wide(client), 8)
  bytes.set(nonce.subarray(0, NONCE_BYTES), 24)
  bytes[36] = PROTOCOL_NUMBERS[wish.protocol]
  view.setUint16(40, wish.internalPort)
  view.setUint16(42, wish.externalPort)
  // No external address is better than another: all zeros of the client's own family.
  if (!client.includes(':')) bytes.set([0xff, 0xff], 54)
  return bytes
}

/** `null` for what is no answer to that request. A router that knows only NAT-PMP answers in its own form. */
export function readPcp(
  bytes: Uint8Array,
  request: {
    readonly protocol: 'tcp' | 'udp'
    readonly internalPort: number
    readonly nonce: Uint8Array
  },
): GatewayAnswer | null {
  if (bytes.length < 4 || ((bytes[1] ?? 0) & ANSWER_BIT) === 0) return null
  if (bytes[0] === PMP_VERSION) return refused('it knows NAT-PMP only', true)
  if (bytes[0] !== PCP_VERSION) return null
  const result = bytes[3] ?? 0
  if (result === 1) return refused('it speaks another version', true)
  if (bytes.length < PCP_MAP_BYTES || bytes[1] !== (ANSWER_BIT | PCP_MAP)) return null
  const view = viewOf(bytes)
  const isOurs =
    request.nonce.every((byte, at) => bytes[24 + at] === byte) &&
    bytes[36] === PROTOCOL_NUMBERS[request.protocol] &&
    view.getUint16(40) === request.internalPort
  if (!isOurs) return null
  if (result !== 0) return refused(PCP_RESULTS[result], false)
  return {
    kind: 'mapped',
    internalPort: request.internalPort,
    externalPort: view.getUint16(42),
    lifetimeS: view.getUint32(4),
    address: narrow(bytes.slice(44, 60)),
  }
}

const PROTOCOL_NUMBERS = { tcp: 6, udp: 17 } as const

const PMP_RESULTS: Readonly<Record<number, string>> = {
  1: 'it speaks another version',
  2: 'it does not allow it',
  3: 'it has no address itself',
  4: 'it has no room for more mappings',
  5: 'it does not know how',
}

const PCP_RESULTS: Readonly<Record<number, string>> = {
  2: 'it does not allow it',
  3: 'it did not understand the request',
  4: 'it does not know how',
  7: 'its network failed',
  8: 'it has no room for more mappings',
  10: 'we have as many mappings as it allows',
  11: 'it cannot give that external port',
  12: 'another router stands between it and us',
}

function refused(reason: string | undefined, isOtherVersion: boolean): GatewayAnswer {
  return { kind: 'refused', reason: reason ?? 'it refused', isOtherVersion }
}

/** In 16 bytes, an IPv4 address within IPv6. */
function wide(address: string): Uint8Array {
  const bytes = parseIp(address) ?? new Uint8Array(16)
  if (bytes.length === 16) return bytes
  const mapped = new Uint8Array(16)
  mapped.set([0xff, 0xff], 10)
  mapped.set(bytes, 12)
  return mapped
}

function narrow(bytes: Uint8Array): string {
  const isMapped = bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff
  return textOf(isMapped ? bytes.slice(12) : bytes)
}

function textOf(bytes: Uint8Array): string {
  const text = formatIp(bytes)
  invariant(text !== null, 'an address has 4 or 16 bytes')
  return text
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
