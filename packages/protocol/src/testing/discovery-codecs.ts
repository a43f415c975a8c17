/** Vector codecs of peers that tell of peers: exchange, local discovery, priority, holepunch. */
import { decodePex, encodePex } from '../bep/0011-pex.ts'
import { decodeLsd, encodeLsd } from '../bep/0014-lsd.ts'
import { decodeCompactPeers, type PeerAddress } from '../bep/0023-compact.ts'
import { decodeCompactPeers6 } from '../bep/0007-ipv6.ts'
import { peerPriority } from '../bep/0040-peer-priority.ts'
import { decodeHolepunch, encodeHolepunch } from '../bep/0055-holepunch.ts'
import { fromHex } from '../bytes.ts'
import { type Json, toJson, type VectorCodec, type VectorOptions } from './vector-codec.ts'

export const DISCOVERY_CODECS: Readonly<Record<string, VectorCodec>> = {
  /** A payload of `ut_pex`. */
  'pex-message': {
    decode(bytes) {
      const read = decodePex(bytes)
      if (!read.ok) return { result: 'invalid', fault: read.fault.code }
      return { result: 'valid', value: toJson(read.message) }
    },
    encode(value) {
      const { added, dropped } = fieldsOf(value)
      const flagged = listOf(added).map((peer) => ({
        ...addressOf(peer),
        flags: Number(fieldsOf(peer)['flags']),
      }))
      return encodePex({ added: flagged, dropped: listOf(dropped).map(addressOf) })
    },
  },
  /** A datagram of local discovery. */
  'lsd-announce': {
    decode(bytes) {
      const announce = decodeLsd(bytes)
      if (announce === null) return { result: 'invalid', fault: 'not-an-announce' }
      return { result: 'valid', value: toJson(announce) }
    },
    encode(value) {
      const { host, port, infoHashes, cookie } = fieldsOf(value)
      return encodeLsd({
        host: textOf(host),
        port: Number(port),
        infoHashes: listOf(infoHashes).map((hash) => fromHex(textOf(hash)) ?? new Uint8Array()),
        cookie: textOf(cookie),
      })
    },
  },
  /** Two compact addresses of one family; the value is their priority. */
  'peer-priority': {
    decode(bytes) {
      const [one, other] =
        bytes.length === 12 ? decodeCompactPeers(bytes, 2) : decodeCompactPeers6(bytes, 2)
      const value = one === undefined || other === undefined ? null : peerPriority(one, other)
      return { result: 'valid', value }
    },
  },
  /** A payload of `ut_holepunch`. */
  'holepunch-message': {
    decode(bytes) {
      const message = decodeHolepunch(bytes)
      if (message === null) return { result: 'invalid', fault: 'bad-extension-message' }
      return { result: 'valid', value: toJson(message) }
    },
    encode(value) {
      const { kind, address, code } = fieldsOf(value)
      if (kind === 'rendezvous' || kind === 'connect')
        return encodeHolepunch({ kind, address: addressOf(address) })
      return encodeHolepunch({ kind: 'error', address: addressOf(address), code: Number(code) })
    },
  },
}

function addressOf(value: Json | undefined): PeerAddress {
  const { host, port } = fieldsOf(value)
  return { host: textOf(host), port: Number(port) }
}

/** What is missing or malformed shows in the comparison. */
function fieldsOf(json: Json | undefined): VectorOptions {
  return isFields(json) ? json : {}
}

function isFields(json: Json | undefined): json is VectorOptions {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
}

function listOf(json: Json | undefined): readonly Json[] {
  return isList(json) ? json : []
}

function isList(json: Json | undefined): json is readonly Json[] {
  return Array.isArray(json)
}

function textOf(json: Json | undefined): string {
  return typeof json === 'string' ? json : ''
}
