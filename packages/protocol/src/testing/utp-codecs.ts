/** Vector codecs of uTP. */
import {
  decodeUtpPacket,
  encodeUtpPacket,
  type UtpHeader,
  type UtpPacketType,
} from '../bep/0029-packet.ts'
import { concatBytes, fromHex } from '../bytes.ts'
import { type Json, toJson, type VectorCodec, type VectorOptions } from './vector-codec.ts'

export const UTP_CODECS: Readonly<Record<string, VectorCodec>> = {
  /** A datagram. Extensions but the selective ack are left out of its value. */
  'utp-packet': {
    decode(bytes) {
      const packet = decodeUtpPacket(bytes)
      if (typeof packet === 'string') return { result: 'invalid', fault: packet }
      return { result: 'valid', value: toJson(packet) }
    },
    encode(value) {
      const { selectiveAck, payload, ...fields } = fieldsOf(value)
      const ack = typeof selectiveAck === 'string' ? fromHex(selectiveAck) : null
      return concatBytes([encodeUtpPacket(headerOf(fields), ack), bytesOf(payload)])
    },
  },
}

const TYPES: readonly UtpPacketType[] = ['data', 'fin', 'state', 'reset', 'syn']

function headerOf(fields: VectorOptions): UtpHeader {
  return {
    type: TYPES.find((type) => type === fields['type']) ?? 'data',
    connectionId: Number(fields['connectionId']),
    timestampMicros: Number(fields['timestampMicros']),
    delayMicros: Number(fields['delayMicros']),
    windowBytes: Number(fields['windowBytes']),
    seqNr: Number(fields['seqNr']),
    ackNr: Number(fields['ackNr']),
  }
}

function fieldsOf(value: Json): VectorOptions {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return {}
  return Object.fromEntries(Object.entries(value))
}

function bytesOf(value: Json | undefined): Uint8Array {
  return fromHex(typeof value === 'string' ? value : '') ?? new Uint8Array(0)
}
