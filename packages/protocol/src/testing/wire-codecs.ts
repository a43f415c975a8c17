/** Vector codecs of the peer wire: handshake, messages, and the extensions' messages. */
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
import { toJson, type Json, type VectorCodec } from './vector-codec.ts'
import { createHash } from 'node:crypto'

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
        reserved: hexField(value, 'reserved'),
        infoHash: hexField(value, 'infoHash'),
        peerId: hexField(value, 'peerId'),
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
      return encodeMessage(withBytes<PeerMessage>(value, ['bits', 'block', 'payload']))
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
        sha1: (input) => createHash('sha1').update(input).digest(),
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
    encode: (value) => encodeMetadataMessage(withBytes<MetadataMessage>(value, ['bytes'])),
  },
  /** The payload of extended message 0; what it does not say is `null`. */
  'extension-handshake': {
    decode(bytes) {
      const read = decodeExtensionHandshake(bytes)
      if (!read.ok) return { result: 'invalid', fault: read.fault.code }
      return { result: 'valid', value: toJson(read.handshake) }
    },
    encode(value) {
      const ids = Object.entries(fieldsOf(fieldsOf(value)['ids'] ?? {})).map(
        ([name, id]): [string, number] => [name, Number(id)],
      )
      return encodeExtensionHandshake({
        ...withBytes<LocalExtensions>(value, ['yourIp']),
        ids: new Map(ids),
      })
    },
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

function fieldsOf(json: Json): Record<string, Json> {
  // Vectors are ours, and what they hold is compared with what comes out.
  return json as Record<string, Json>
}

function hexField(json: Json, key: string): Uint8Array {
  return fromHex(String(fieldsOf(json)[key])) ?? new Uint8Array()
}

/** The value with these fields as bytes. */
function withBytes<T>(json: Json, keys: readonly string[]): T {
  const fields = Object.entries(fieldsOf(json)).map(([key, value]) => [
    key,
    keys.includes(key) && typeof value === 'string' ? fromHex(value) : value,
  ])
  // As above: a malformed vector fails in the comparison.
  return Object.fromEntries(fields) as T
}
