/**
 * Node ids that belong to an address, so that nobody can choose where in the table he stands.
 *
 * Spec: BEP 42, "Node ID restriction" <https://www.bittorrent.org/beps/bep_0042.html>
 */
import { addressScope } from '../ip-address.ts'
import { NODE_ID_BYTES } from './0005-krpc.ts'

/** An id for 4 or 16 bytes of address, from 20 bytes of chance. */
export function nodeIdFor(ip: Uint8Array, chance: Uint8Array): Uint8Array {
  const id = chance.slice(0, NODE_ID_BYTES)
  const last = id[NODE_ID_BYTES - 1] ?? 0
  const crc = crcOf(ip, last & 7)
  id[0] = crc >>> 24
  id[1] = (crc >>> 16) & 0xff
  id[2] = ((crc >>> 8) & 0xf8) | ((id[2] ?? 0) & 7)
  return id
}

/**
 * "The first (most significant) 21 bits of the node ID used in the DHT MUST match the first 21 bits of the resulting
 * hash." Addresses of local networks are exempt.
 */
export function isVerifiedNodeId(id: Uint8Array, ip: Uint8Array): boolean {
  if (addressScope(ip) !== 'public') return true
  const crc = crcOf(ip, (id[NODE_ID_BYTES - 1] ?? 0) & 7)
  return (
    id[0] === crc >>> 24 &&
    id[1] === ((crc >>> 16) & 0xff) &&
    ((id[2] ?? 0) & 0xf8) === ((crc >>> 8) & 0xf8)
  )
}

const V4_MASK: readonly number[] = [0x03, 0x0f, 0x3f, 0xff]
const V6_MASK: readonly number[] = [0x01, 0x03, 0x07, 0x0f, 0x1f, 0x3f, 0x7f, 0xff]
const CASTAGNOLI_REVERSED = 0x82f63b78

const CRC_TABLE: Uint32Array = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++)
    crc = (crc & 1) === 1 ? (crc >>> 1) ^ CASTAGNOLI_REVERSED : crc >>> 1
  return crc
})

/** CRC-32C of the masked address with three bits of chance in its front. */
function crcOf(ip: Uint8Array, chance: number): number {
  const mask = ip.length === V4_MASK.length ? V4_MASK : V6_MASK
  let crc = 0xffff_ffff
  for (const [i, maskByte] of mask.entries()) {
    const byte = ((ip[i] ?? 0) & maskByte) | (i === 0 ? chance << 5 : 0)
    crc = (CRC_TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8)
  }
  return (crc ^ 0xffff_ffff) >>> 0
}
