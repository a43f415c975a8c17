/** Vector codecs of the peer wire: handshake, messages, and the extensions' messages. */
import { sha1 } from '@noble/hashes/legacy.js'
import { decodeHandshake, encodeHandshake, readOffers } from '../bep/0003-handshake.ts'
import { allowedFastSet } from '../bep/0006-fast.ts'
import {
  decodeMetadataMessage,
  encodeMetadataMessage,
  type MetadataMessage,
} from '../bep/0009-metadata.ts'
import {
  decodeExtensionHandshake,
  encodeExtensionHandshake,
  type LocalExtensions,
} from '../bep/0010-extension.ts'
import { decodeUploadOnly, encodeUploadOnly } from '../bep/0021-upload-only.ts'
import { decodeDontHave, encodeDontHave } from '../bep/0054-donthave.ts'
import { fromHex } from '../bytes.ts'
import { decodeFrame, encodeKeepAlive, encodeMessage } from '../wire/frame.ts'
import type { PeerMessage } from '../wire/messages.ts'
import { toJson, type Json, type VectorCodec, type VectorOptions } from './vector-codec.ts'

export const WIRE_CODECS: Readonly<Record<string, VectorCodec>> = {
  /** All 68 bytes; `fast` and `extensions` are what the reserved bytes offer. */
  handshake: {
    decode(bytes) {
      const read = decodeHandshake(bytes)
      if (read.kind === 'need') return { result: 'incomplete' }
      if (read.kind === 'fault') return { result: 'invalid', fault: read.fault.code }
      const { handshake } = read
      return { result: 'valid', value: toJson({ ...handshake, ...readOffers(handshake.reserved) }) }
    },
    encode: (value) =>
      encodeHandshake({
        reserved: bytesIn(fieldsOf(value), 'reserved'),
        infoHash: bytesIn(fieldsOf(value), 'infoHash'),
        peerId: bytesIn(fieldsOf(value), 'peerId'),
      }),
  },
  /** One frame with its length prefix. */
  'peer-message': {
    decode(bytes) {
      const next = decodeFrame(bytes)
      if (next.kind === 'need') return { result: 'incomplete' }
      if (next.kind === 'fault') return { result: 'invalid', fault: next.fault.code }
      if (next.kind === 'keep-alive') return { result: 'valid', value: { kind: 'keep-alive' } }
      return { result: 'valid', value: toJson(next.message) }
    },
    encode(value) {
      if (fieldsOf(value)['kind'] === 'keep-alive') return encodeKeepAlive()
      return encodeMessage(messageFrom(fieldsOf(value)))
    },
  },
  /** An IPv4 address and an info-hash; options `pieceCount` and `setSize`. */
  'allowed-fast-set': {
    decode: (bytes, { pieceCount, setSize }) => ({
      result: 'valid',
      value: allowedFastSet({
        ipv4: bytes.subarray(0, 4),
        infoHash: bytes.subarray(4),
        pieceCount: Number(pieceCount),
        setSize: Number(setSize),
        sha1,
      }),
    }),
  },
  /** A payload of `ut_metadata`. An unknown type is valid and has the kind `unknown`. */
  'metadata-message': {
    decode(bytes) {
      const read = decodeMetadataMessage(bytes)
      if (read.kind === 'fault') return { result: 'invalid', fault: read.fault.code }
      return { result: 'valid', value: toJson(read.kind === 'message' ? read.message : read) }
    },
    encode: (value) => encodeMetadataMessage(metadataFrom(fieldsOf(value))),
  },
  /** The payload of extended message 0; what it does not say is `null`. */
  'extension-handshake': {
    decode(bytes) {
      const read = decodeExtensionHandshake(bytes)
      if (!read.ok) return { result: 'invalid', fault: read.fault.code }
      return { result: 'valid', value: toJson(read.handshake) }
    },
    encode: (value) => encodeExtensionHandshake(extensionsFrom(fieldsOf(value))),
  },
  /** The payload of the message `upload_only`. */
  'upload-only': {
    decode(bytes) {
      const value = decodeUploadOnly(bytes)
      if (value === null) return { result: 'invalid', fault: 'bad-extension-message' }
      return { result: 'valid', value }
    },
    encode: (value) => encodeUploadOnly(value === true),
  },
  /** The payload of the message `lt_donthave`: a piece index. */
  'dont-have': {
    decode(bytes) {
      const value = decodeDontHave(bytes)
      if (value === null) return { result: 'invalid', fault: 'bad-extension-message' }
      return { result: 'valid', value }
    },
    encode: (value) => encodeDontHave(Number(value)),
  },
}

function messageFrom(fields: VectorOptions): PeerMessage {
  const kind = fields['kind']
  const pieceIndex = numberIn(fields, 'pieceIndex')
  const begin = numberIn(fields, 'begin')
  switch (kind) {
    case 'have':
    case 'suggest-piece':
    case 'allowed-fast':
      return { kind, pieceIndex }
    case 'request':
    case 'cancel':
    case 'reject-request':
      return { kind, pieceIndex, begin, lengthBytes: numberIn(fields, 'lengthBytes') }
    case 'bitfield':
      return { kind, bits: bytesIn(fields, 'bits') }
    case 'piece':
      return { kind, pieceIndex, begin, block: bytesIn(fields, 'block') }
    case 'port':
      return { kind, dhtPort: numberIn(fields, 'dhtPort') }
    case 'extended': {
      const payload = bytesIn(fields, 'payload')
      return { kind, extendedId: numberIn(fields, 'extendedId'), payload }
    }
    case 'choke':
    case 'unchoke':
    case 'interested':
    case 'not-interested':
    case 'have-all':
    case 'have-none':
      return { kind }
    default:
      throw new Error(`A vector names a message ${JSON.stringify(kind)}`)
  }
}

function metadataFrom(fields: VectorOptions): MetadataMessage {
  const kind = fields['kind']
  const pieceIndex = numberIn(fields, 'pieceIndex')
  if (kind === 'request' || kind === 'reject') return { kind, pieceIndex }
  const totalBytes = fields['totalBytes'] === null ? null : numberIn(fields, 'totalBytes')
  return { kind: 'data', pieceIndex, totalBytes, bytes: bytesIn(fields, 'bytes') }
}

function extensionsFrom(fields: VectorOptions): LocalExtensions {
  const names = Object.entries(fieldsOf(fields['ids']))
  return {
    ids: new Map(names.map(([name, id]) => [name, Number(id)])),
    client: fields['client'] === null ? null : textIn(fields, 'client'),
    listenPort: numberIn(fields, 'listenPort'),
    requestQueueLimit: numberIn(fields, 'requestQueueLimit'),
    metadataSizeBytes: numberIn(fields, 'metadataSizeBytes'),
    uploadOnly: fields['uploadOnly'] === true,
    yourIp: bytesIn(fields, 'yourIp'),
  }
}

function fieldsOf(json: Json | undefined): VectorOptions {
  return isFields(json) ? json : {}
}

function isFields(json: Json | undefined): json is VectorOptions {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
}

/** What is missing or malformed shows in the comparison. */
function numberIn(fields: VectorOptions, key: string): number {
  return Number(fields[key] ?? 0)
}

function textIn(fields: VectorOptions, key: string): string {
  const value = fields[key]
  return typeof value === 'string' ? value : ''
}

function bytesIn(fields: VectorOptions, key: string): Uint8Array {
  return fromHex(textIn(fields, key)) ?? new Uint8Array()
}
