/** Vector codecs of torrents: bencode, metainfo, magnet links, file selections, peer ids. */
import {
  decodeBencode,
  encodeBencode,
  isBencodeDict,
  isBencodeList,
  TORRENT_BENCODE_LIMITS,
  type BencodeInput,
  type BencodeValue,
} from '../bencode.ts'
import { parseMagnet, type MagnetResult } from '../bep/0009-magnet.ts'
import { clientName } from '../bep/0020-peer-id.ts'
import { formatSelectOnly, parseSelectOnly } from '../bep/0053-select-only.ts'
import { fromHex, toHex, utf8Decode, utf8DecodeStrict } from '../bytes.ts'
import { parseInfo, parseMetainfo, type Metainfo, type MetainfoResult } from '../metainfo.ts'
import { toBriefJson, type Json, type VectorCodec, type VectorOutcome } from './vector-codec.ts'

export const TORRENT_CODECS: Readonly<Record<string, VectorCodec>> = {
  /**
   * Integers are numbers, or `{ "int": "..." }` beyond 2^53; byte strings are texts, or `{ "hex": "..." }` where they are
   * not UTF-8; dictionaries are `{ "dict": [[key in hex, value], ...] }`. Option `strict`.
   */
  bencode: {
    decode(bytes, { strict = true }) {
      const limits = { ...TORRENT_BENCODE_LIMITS, strict: strict === true }
      const decoded = decodeBencode(bytes, limits)
      if (!decoded.ok) return { result: 'invalid', fault: decoded.fault.code }
      return { result: 'valid', value: bencodeToJson(decoded.value) }
    },
    encode: (value) => encodeBencode(bencodeFromJson(value)),
  },
  /** A .torrent file; in `value`, what is absent is `null`, `false` or an empty list. */
  metainfo: { decode: (bytes) => metainfoOutcome(parseMetainfo(bytes)) },
  /** A bare info dictionary. */
  info: { decode: (bytes) => metainfoOutcome(parseInfo(bytes)) },
  magnet: { decode: (bytes) => magnetOutcome(parseMagnet(utf8Decode(bytes))) },
  /** The ranges that are kept, in the form in which they are written. */
  'select-only': {
    decode: (bytes) => ({
      result: 'valid',
      value: formatSelectOnly(parseSelectOnly(utf8Decode(bytes)).ranges),
    }),
  },
  /** The name of a client behind a peer id. */
  'peer-id': { decode: (bytes) => ({ result: 'valid', value: clientName(bytes) }) },
}

function metainfoOutcome(parsed: MetainfoResult): VectorOutcome {
  if (!parsed.ok) return { result: 'invalid', fault: parsed.fault.code }
  return { result: 'valid', value: metainfoToJson(parsed.metainfo) }
}

function metainfoToJson(metainfo: Metainfo): Json {
  const { infoHashes, infoBytes: _, hashes, otherKeys, warnings, files, ...rest } = metainfo
  return toBriefJson({
    ...rest,
    infoHashV1: infoHashes.v1,
    infoHashV2: infoHashes.v2,
    pieces: hashes.sha1,
    files: files.map(toBriefJson),
    otherKeys: [...(otherKeys ?? [])].map(([key]) => key),
    warningCount: warnings.length,
  })
}

function magnetOutcome(parsed: MagnetResult): VectorOutcome {
  if (!parsed.ok) return { result: 'invalid', fault: parsed.fault.code }
  const { infoHashes, ...rest } = parsed.magnet
  const value = { infoHashV1: infoHashes.v1, infoHashV2: infoHashes.v2, ...rest }
  return { result: 'valid', value: toBriefJson(value) }
}

function bencodeToJson(value: BencodeValue): Json {
  if (typeof value === 'number') return value
  if (typeof value === 'bigint') return { int: value.toString() }
  if (value instanceof Uint8Array) return utf8DecodeStrict(value) ?? { hex: toHex(value) }
  if (isBencodeDict(value)) {
    return {
      dict: [...value].map(([key, item]) => [
        Buffer.from(key, 'latin1').toString('hex'),
        bencodeToJson(item),
      ]),
    }
  }
  return isBencodeList(value) ? value.map(bencodeToJson) : null
}

function bencodeFromJson(json: Json): BencodeInput {
  if (typeof json === 'number' || typeof json === 'string') return json
  if (json === null || typeof json === 'boolean') throw new Error('Bencode knows no such value')
  if (isJsonList(json)) return json.map(bencodeFromJson)
  if (typeof json['int'] === 'string') return BigInt(json['int'])
  if (typeof json['hex'] === 'string') return fromHex(json['hex']) ?? new Uint8Array()
  const entries = json['dict'] ?? []
  if (!isJsonList(entries)) throw new Error('A dictionary is a list of pairs')
  return new Map(entries.map(pairFromJson))
}

function pairFromJson(pair: Json): [string, BencodeInput] {
  if (!isJsonList(pair)) throw new Error('A dictionary is a list of pairs')
  const [key, value = 0] = pair
  if (typeof key !== 'string') throw new Error('A key is hex')
  return [Buffer.from(key, 'hex').toString('latin1'), bencodeFromJson(value)]
}

function isJsonList(json: Json): json is readonly Json[] {
  return Array.isArray(json)
}
