/**
 * BEP 11: Peer Exchange (PEX). <https://www.bittorrent.org/beps/bep_0011.html>, "protocol extension"
 *
 * Covered: the message both ways and its limits. Who is told of whom, and when, is the client's.
 * Divergences: the text calls `dropped` IPv6; it is IPv4. Messages with nothing in them occur, and are read as that.
 */
import { type BencodeLimits, decodeBencode, dictOf, encodeBencode } from '../bencode.ts'
import { type BencodeDict, dictGet, isBencodeDict } from '../bencode.ts'
import { ByteReader } from '../bytes.ts'
import type { PeerFault } from '../fault.ts'
import { formatIp, IPV4_BYTES, IPV6_BYTES, ipFamily } from '../ip-address.ts'
import { COMPACT_PEER6_BYTES, encodeCompactPeers6 } from './0007-ipv6.ts'
import { COMPACT_PEER_BYTES, encodeCompactPeers, type PeerAddress } from './0023-compact.ts'

/** The name in the extension handshake. */
export const PEX = 'ut_pex'

export interface PexMessage {
  /** Peers that the sender is connected to; each address once. */
  readonly added: readonly PexPeer[]
  /** Peers that it is not connected to any more; each address once. */
  readonly dropped: readonly PeerAddress[]
}

export interface PexPeer extends PeerAddress {
  /** Any of `PEX_FLAGS`, added together; unknown bits are as sent. */
  readonly flags: number
}

export type PexResult =
  | { readonly ok: true; readonly message: PexMessage }
  | { readonly ok: false; readonly fault: PeerFault }

export const PEX_FLAGS = {
  prefersEncryption: 0x01,
  isSeed: 0x02,
  hasUtp: 0x04,
  hasHolepunch: 0x08,
  isReachable: 0x10,
} as const

/** Larger payloads are not read. */
export const PEX_BYTES_LIMIT: number = 16 * 1024
/** "the combined amount of added v4/v6 contacts should not exceed 50 entries. The same applies to dropped entries." */
export const PEX_CONTACTS_LIMIT = 50
/** "Clients must batch updates to send no more than 1 PEX message per minute." */
export const PEX_INTERVAL_MS = 60_000

/** Reads a payload of `ut_pex`. Entries with port 0 are left out; lengths that do not match are a fault. */
export function decodePex(payload: Uint8Array): PexResult {
  if (payload.length > PEX_BYTES_LIMIT) {
    return bad(`${payload.length} bytes; the limit is ${PEX_BYTES_LIMIT}`)
  }
  const decoded = decodeBencode(payload, PEX_BENCODE_LIMITS)
  if (!decoded.ok) return bad(`not bencode: ${decoded.fault.code}`)
  const dict = decoded.value
  if (!isBencodeDict(dict)) return bad('not a dictionary')
  const added = readContacts(dict, 'added', IPV4_BYTES)
  const added6 = readContacts(dict, 'added6', IPV6_BYTES)
  const dropped = readContacts(dict, 'dropped', IPV4_BYTES)
  const dropped6 = readContacts(dict, 'dropped6', IPV6_BYTES)
  if (added === null || added6 === null) return bad('added contacts and their flags do not match')
  if (dropped === null || dropped6 === null) return bad('dropped contacts are cut short')
  return {
    ok: true,
    message: {
      added: once([...added, ...added6]),
      dropped: once([...dropped, ...dropped6]).map(({ host, port }) => ({ host, port })),
    },
  }
}

/** The payload after frame and extended id. The IPv4 fields are always there, because some clients expect them. */
export function encodePex({ added, dropped }: PexMessage): Uint8Array {
  const added4 = ofFamily(added, 4)
  const added6 = ofFamily(added, 6)
  const dropped6 = encodeCompactPeers6(ofFamily(dropped, 6))
  const hasAdded6 = added6.length > 0
  return encodeBencode(
    dictOf({
      added: encodeCompactPeers(added4),
      'added.f': flagsOf(added4),
      added6: hasAdded6 ? encodeCompactPeers6(added6) : null,
      'added6.f': hasAdded6 ? flagsOf(added6) : null,
      dropped: encodeCompactPeers(ofFamily(dropped, 4)),
      dropped6: dropped6.length > 0 ? dropped6 : null,
    }),
  )
}

const PEX_BENCODE_LIMITS: BencodeLimits = { maxDepth: 8, maxTokens: 100, strict: false }

/** `null` where a contact is cut short or the flags are not one byte for each. */
function readContacts(
  dict: BencodeDict,
  key: string,
  addressBytes: number,
): readonly PexPeer[] | null {
  const entryBytes = addressBytes === IPV4_BYTES ? COMPACT_PEER_BYTES : COMPACT_PEER6_BYTES
  const contacts = dictGet.bytes(dict, key) ?? NOTHING
  const flags = dictGet.bytes(dict, `${key}.f`) ?? NOTHING
  const count = contacts.length / entryBytes
  if (!Number.isInteger(count)) return null
  if (flags.length > 0 && flags.length !== count) return null
  const from = new ByteReader(contacts)
  const peers: PexPeer[] = []
  for (let index = 0; index < count; index += 1) {
    const host = formatIp(from.bytes(addressBytes))
    const port = from.u16()
    if (host !== null && port !== 0) peers.push({ host, port, flags: flags[index] ?? 0 })
  }
  return peers
}

function once(peers: readonly PexPeer[]): readonly PexPeer[] {
  return [...new Map(peers.map((peer) => [`${peer.host} ${peer.port}`, peer])).values()]
}

function ofFamily<Peer extends PeerAddress>(
  peers: readonly Peer[],
  family: 4 | 6,
): readonly Peer[] {
  return peers.filter(({ host }) => ipFamily(host) === family)
}

function flagsOf(peers: readonly PexPeer[]): Uint8Array {
  return Uint8Array.from(peers, ({ flags }) => flags)
}

function bad(why: string): PexResult {
  return { ok: false, fault: { code: 'bad-extension-message', detail: `ut_pex: ${why}` } }
}

const NOTHING = new Uint8Array(0)
