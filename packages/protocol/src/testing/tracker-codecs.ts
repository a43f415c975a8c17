/** Vector codecs of the trackers. */
import {
  decodeBencode,
  isBencodeDict,
  isBencodeList,
  WIRE_BENCODE_LIMITS,
  type BencodeDict,
} from '../bencode.ts'
import {
  type AnnounceEvent,
  type AnnounceRequest,
  parseAnnounceAnswer,
} from '../bep/0003-http-tracker.ts'
import { decodeCompactPeers6, encodeCompactPeers6 } from '../bep/0007-ipv6.ts'
import { boundTiers, promoteTracker } from '../bep/0012-tiers.ts'
import {
  ANNOUNCE_REQUEST_BYTES,
  decodeUdpAnswer,
  encodeConnect,
  encodeUdpAnnounce,
  encodeUdpScrape,
} from '../bep/0015-udp-tracker.ts'
import { decodeCompactPeers, encodeCompactPeers } from '../bep/0023-compact.ts'
import { readExternalIp } from '../bep/0024-external-ip.ts'
import { readRetryIn } from '../bep/0031-retry-in.ts'
import { decodeUrlData, encodeUrlData } from '../bep/0041-url-data.ts'
import { parseScrapeAnswer, scrapeUrl } from '../bep/0048-scrape.ts'
import { ByteReader, fromHex, toHex, utf8Decode } from '../bytes.ts'
import { parseTrackerUrl } from '../tracker-url.ts'
import {
  toBriefJson,
  toJson,
  type Json,
  type VectorCodec,
  type VectorOptions,
  type VectorOutcome,
} from './vector-codec.ts'

export const TRACKER_CODECS: Readonly<Record<string, VectorCodec>> = {
  /** The body of an answer over HTTP; in `value`, what is absent is left out. */
  'http-announce-answer': {
    decode(bytes) {
      const answer = parseAnnounceAnswer(bytes)
      if (answer.kind === 'fault') return { result: 'invalid', fault: answer.fault.code }
      return { result: 'valid', value: toBriefJson(answer) }
    },
  },
  /** The address of a tracker, as a torrent gives it. */
  'tracker-url': {
    decode(bytes) {
      const parsed = parseTrackerUrl(utf8Decode(bytes))
      if (!parsed.ok) return { result: 'invalid', fault: parsed.fault.code }
      return valid(parsed.tracker)
    },
  },
  'compact-peers': {
    decode: (bytes, options) => valid(decodeCompactPeers(bytes, limitOf(options))),
    encode: (value) => encodeCompactPeers(peersOf(value)),
  },
  'compact-peers6': {
    decode: (bytes, options) => valid(decodeCompactPeers6(bytes, limitOf(options))),
    encode: (value) => encodeCompactPeers6(peersOf(value)),
  },
  /** An `announce-list`; option `answered`: the trackers that answered, in that order. The shuffle is left out. */
  'tracker-order': {
    decode(bytes, { answered = [] }) {
      const decoded = decodeBencode(bytes, WIRE_BENCODE_LIMITS)
      const list = decoded.ok && isBencodeList(decoded.value) ? decoded.value : []
      const tiers = list.map((tier) => (isBencodeList(tier) ? tier : []).map(textOf))
      const urls = Array.isArray(answered) ? answered.map(text) : []
      return valid(urls.reduce(promoteTracker, boundTiers(tiers)))
    },
  },
  /** A packet of a tracker; option `family`: 4 or 6, from the address that it came from. */
  'udp-tracker-answer': {
    decode(bytes, { family = 4 }) {
      const answer = decodeUdpAnswer(bytes, family === 6 ? 6 : 4)
      return answer === null ? { result: 'invalid', fault: 'ignored' } : valid(answer)
    },
  },
  /** A packet to a tracker. */
  'udp-tracker-request': { decode: readUdpRequest, encode: writeUdpRequest },
  /** An answer's dictionary: our own address in it. */
  'external-ip': {
    decode: (bytes) => valid(readExternalIp(dictionaryOf(bytes))),
  },
  /** An answer's dictionary: milliseconds, `never`, or `null`. */
  'retry-in': {
    decode: (bytes) => valid(readRetryIn(dictionaryOf(bytes))),
  },
  /** The options after an announce request: path and query in them. */
  'url-data': {
    decode(bytes) {
      const data = decodeUrlData(bytes)
      return data === null ? { result: 'invalid', fault: 'truncated' } : valid(utf8Decode(data))
    },
    encode: (value) => encodeUrlData(text(value)),
  },
  /** The body of an answer; option `names`: the names asked for, in hex. */
  'scrape-answer': {
    decode(bytes, { names = [] }) {
      const answer = parseScrapeAnswer(bytes, Array.isArray(names) ? names.map(bytesOf) : [])
      if (answer.kind === 'fault') return { result: 'invalid', fault: answer.fault.code }
      return valid(answer)
    },
  },
  /** The address of a tracker: the one to scrape the name of twenty `x` at. */
  'scrape-url': {
    decode(bytes) {
      const parsed = parseTrackerUrl(utf8Decode(bytes))
      const url = parsed.ok ? scrapeUrl(parsed.tracker, [new Uint8Array(20).fill(0x78)]) : null
      return url === null ? { result: 'invalid', fault: 'no-scrape' } : valid(url)
    },
  },
}

function valid(value: unknown): VectorOutcome {
  return { result: 'valid', value: toJson(value) }
}

function limitOf({ limit = 200 }: VectorOptions): number {
  return Number(limit)
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}

function textOf(value: unknown): string {
  return value instanceof Uint8Array ? utf8Decode(value) : ''
}

function bytesOf(hex: Json | undefined): Uint8Array {
  return fromHex(text(hex)) ?? new Uint8Array(0)
}

function dictionaryOf(bytes: Uint8Array): BencodeDict {
  const decoded = decodeBencode(bytes, WIRE_BENCODE_LIMITS)
  return decoded.ok && isBencodeDict(decoded.value) ? decoded.value : new Map()
}

function peersOf(value: Json): { host: string; port: number }[] {
  const peers = Array.isArray(value) ? value : []
  return peers
    .map(fieldsOf)
    .map((peer) => ({ host: text(peer['host']), port: Number(peer['port']) }))
}

function fieldsOf(value: Json): VectorOptions {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return {}
  return Object.fromEntries(Object.entries(value))
}

const EVENTS: readonly (AnnounceEvent | null)[] = [null, 'completed', 'started', 'stopped']

/** Clients only write requests: this reads them independently, field by field as in BEP 15. */
function readUdpRequest(bytes: Uint8Array): VectorOutcome {
  if (bytes.length < 16) return { result: 'invalid', fault: 'truncated' }
  const from = new ByteReader(bytes)
  const connectionId = from.u64().toString(16).padStart(16, '0')
  const action = from.u32()
  const transactionId = from.u32()
  if (action === 0) return valid({ kind: 'connect', transactionId })
  if (action === 2) {
    const names: string[] = []
    while (from.remaining >= 20) names.push(toHex(from.bytes(20)))
    return valid({ kind: 'scrape', connectionId, transactionId, names })
  }
  if (action !== 1) return { result: 'invalid', fault: 'unknown-action' }
  if (bytes.length < ANNOUNCE_REQUEST_BYTES) return { result: 'invalid', fault: 'truncated' }
  const fields = {
    infoHash: toHex(from.bytes(20)),
    peerId: toHex(from.bytes(20)),
    downloadedBytes: Number(from.u64()),
    leftBytes: Number(from.u64()),
    uploadedBytes: Number(from.u64()),
    event: EVENTS[from.u32()] ?? null,
    ip: from.u32(),
    key: from.u32(),
    numWant: from.u32(),
    port: from.u16(),
  }
  const numWant = fields.numWant === 0xffff_ffff ? null : fields.numWant
  const urlData = utf8Decode(decodeUrlData(from.bytes()) ?? new Uint8Array(0))
  return valid({ kind: 'announce', connectionId, transactionId, ...fields, numWant, urlData })
}

function writeUdpRequest(value: Json): Uint8Array {
  const fields = fieldsOf(value)
  const transactionId = Number(fields['transactionId'])
  const connectionId = BigInt(`0x${text(fields['connectionId']) || '0'}`)
  if (fields['kind'] === 'connect') return encodeConnect(transactionId)
  if (fields['kind'] === 'scrape') {
    const names = Array.isArray(fields['names']) ? fields['names'].map(bytesOf) : []
    return encodeUdpScrape(connectionId, transactionId, names)
  }
  const request: AnnounceRequest = {
    infoHash: bytesOf(fields['infoHash']),
    peerId: bytesOf(fields['peerId']),
    port: Number(fields['port']),
    uploadedBytes: Number(fields['uploadedBytes']),
    downloadedBytes: Number(fields['downloadedBytes']),
    leftBytes: Number(fields['leftBytes']),
    event: EVENTS.find((event) => event === fields['event']) ?? null,
    key: Number(fields['key']),
    numWant: fields['numWant'] === null ? null : Number(fields['numWant']),
    trackerId: null,
  }
  return encodeUdpAnnounce(connectionId, transactionId, request, text(fields['urlData']))
}
