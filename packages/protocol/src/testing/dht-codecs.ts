/** Vector codecs of the DHT. */
import { decodeKrpc, encodeKrpc, type KrpcMessage } from '../bep/0005-krpc.ts'
import { decodeNodes } from '../bep/0032-nodes.ts'
import {
  estimateFilter,
  FILTER_BYTES,
  filterMayHold,
  insertIntoFilter,
} from '../bep/0033-scrape-filter.ts'
import { isVerifiedNodeId, nodeIdFor } from '../bep/0042-node-id.ts'
import { immutableTarget, isCanonicalValue, mutableTarget, signedBytes } from '../bep/0044-items.ts'
import { decodeSamples } from '../bep/0051-samples.ts'
import { fromHex } from '../bytes.ts'
import { parseIp } from '../ip-address.ts'
import {
  toBriefJson,
  toJson,
  type Json,
  type VectorCodec,
  type VectorOptions,
} from './vector-codec.ts'

export const DHT_CODECS: Readonly<Record<string, VectorCodec>> = {
  /** One message; what is absent or false is left out. */
  krpc: {
    decode(bytes) {
      const result = decodeKrpc(bytes)
      if (!result.ok) return { result: 'invalid', fault: result.fault.code }
      return { result: 'valid', value: krpcJson(result.message) }
    },
    encode: (value) => encodeKrpc(draftOf(fieldsOf(value))),
  },
  /** `options.family`: 4 or 6. */
  'compact-nodes': {
    decode(bytes, options) {
      const family = options['family'] === 6 ? 6 : 4
      return { result: 'valid', value: toJson(decodeNodes(bytes, family, 64)) }
    },
  },
  /** Addresses of `options.addressBytes` bytes each; the value is the filter and what it is estimated to hold. */
  'scrape-filter': {
    decode(bytes, options) {
      const filter = new Uint8Array(FILTER_BYTES)
      const v4 = Number(options['v4Count'] ?? 0)
      for (let at = 0, index = 0; at < bytes.length; index++) {
        const lengthBytes = index < v4 ? 4 : 16
        const ip = bytes.subarray(at, at + lengthBytes)
        insertIntoFilter(filter, ip)
        if (!filterMayHold(filter, ip)) throw new Error('A filter holds what was inserted')
        at += lengthBytes
      }
      const estimate = Math.floor(estimateFilter(filter) * 10_000) / 10_000
      return { result: 'valid', value: { filter: toJson(filter), estimate } }
    },
  },
  /** An id of 20 bytes, as it stands at `options.ip`. */
  'node-id': {
    decode(bytes, options) {
      const ip = parseIp(text(options['ip'])) ?? new Uint8Array(4)
      const again = nodeIdFor(ip, bytes)
      return {
        result: 'valid',
        value: { isVerified: isVerifiedNodeId(bytes, ip), prefix: toJson(again.subarray(0, 3)) },
      }
    },
  },
  /** A value; with `options.publicKey` a mutable item. */
  'dht-item': {
    decode(bytes, options) {
      if (!isCanonicalValue(bytes)) return { result: 'invalid', fault: 'not-canonical' }
      if (options['publicKey'] === undefined) {
        return { result: 'valid', value: { target: toJson(immutableTarget(bytes)) } }
      }
      return { result: 'valid', value: itemJson(bytes, options) }
    },
  },
  samples: {
    decode: (bytes) => ({ result: 'valid', value: toJson(decodeSamples(bytes)) }),
  },
}

function itemJson(value: Uint8Array, options: VectorOptions): Json {
  const publicKey = bytesOf(options['publicKey'])
  const salt = bytesOf(options['salt'])
  const item = { salt, seq: BigInt(text(options['seq']) || '0'), value }
  return {
    target: toJson(mutableTarget(publicKey, salt)),
    signed: Buffer.from(signedBytes(item)).toString('latin1'),
  }
}

function krpcJson(message: KrpcMessage): Json {
  const { body, ...outer } = message
  const brief = fieldsOf(toBriefJson({ ...outer, method: message.method || null }))
  const { errorCode, ...others } = brief
  const shown: Record<string, Json> = errorCode === 0 ? others : brief
  const inner = fieldsOf(toBriefJson(body))
  return Object.keys(inner).length === 0 ? shown : { ...shown, body: inner }
}

function draftOf(fields: Readonly<Record<string, Json>>): Parameters<typeof encodeKrpc>[0] {
  const { kind } = fields
  const body: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(fieldsOf(fields['body'] ?? {}))) {
    if (key === 'seq' || key === 'cas') body[key] = BigInt(text(value))
    else if (Array.isArray(value)) body[key] = value.map(bytesOf)
    else body[key] = typeof value === 'string' ? bytesOf(value) : value
  }
  return {
    kind: kind === 'query' || kind === 'response' ? kind : 'error',
    t: bytesOf(fields['t']),
    v: fields['v'] === undefined ? null : bytesOf(fields['v']),
    ip: fields['ip'] === undefined ? null : bytesOf(fields['ip']),
    isReadOnly: fields['isReadOnly'] === true,
    method: text(fields['method']),
    errorCode: Number(fields['errorCode'] ?? 0),
    errorMessage: bytesOf(fields['errorMessage']),
    body,
  }
}

function fieldsOf(value: Json): Readonly<Record<string, Json>> {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return {}
  return Object.fromEntries(Object.entries(value))
}

function bytesOf(value: Json | undefined): Uint8Array {
  return fromHex(text(value)) ?? new Uint8Array(0)
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}
