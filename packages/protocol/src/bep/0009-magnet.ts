/**
 * BEP 9: magnet links <https://www.bittorrent.org/beps/bep_0009.html>, "magnet URI format"
 *
 * Covered: `xt` (btih in hex and base32; btmh, BEP 52), `dn`, `tr`, `ws`, `x.pe`, `so` (BEP 53), numbered keys such as
 * `tr.1`, links that a web page left HTML-escaped.
 * Diverges: what is too many or malformed beside `xt` is left out with a warning, because the topic alone suffices.
 */
import {
  fromBase32,
  fromHex,
  percentDecode,
  percentEncodeBytes,
  equalBytes,
  toHex,
  utf8Decode,
  utf8DecodeStrict,
  utf8Encode,
} from '../bytes.ts'
import { INFO_HASH_V1_BYTES, INFO_HASH_V2_BYTES, type InfoHashes } from '../info-hash.ts'
import { MULTIHASH_SHA256_HEX } from './0052-info-hashes.ts'
import { formatSelectOnly, parseSelectOnly, type IndexRange } from './0053-select-only.ts'

/** What a magnet link says. Texts are hostile until they pass `display.ts`. */
export interface Magnet {
  /** May be v2 alone. */
  readonly infoHashes: InfoHashes
  readonly name: string | null
  /** Each URL once, in the order given. */
  readonly trackers: readonly string[]
  readonly webSeeds: readonly string[]
  /** `x.pe`: peers to try at once. */
  readonly peers: readonly PeerHost[]
  /** `so`: the only files wanted; `null` for all. */
  readonly selectOnly: readonly IndexRange[] | null
}

/** Where to dial. An IPv6 address stands without brackets. */
export interface PeerHost {
  readonly host: string
  readonly port: number
}

export interface MagnetFault {
  readonly code: MagnetFaultCode
  /** Ours, safe to show. */
  readonly message: string
}

/** Stable: codes are added, never renamed. */
export type MagnetFaultCode =
  | 'too-long'
  | 'not-a-magnet'
  /** No `xt` of a torrent. */
  | 'no-info-hash'
  | 'bad-info-hash'
  /** Two different info-hashes of one kind. */
  | 'many-info-hashes'
  /** BEP 46: a link to a mutable torrent. */
  | 'mutable-not-supported'

export type MagnetResult =
  | { readonly ok: true; readonly magnet: Magnet; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly fault: MagnetFault }

/** Characters of a link. */
export const MAX_MAGNET_LENGTH: number = 8 * 1024
export const MAX_MAGNET_TRACKERS = 100
export const MAX_MAGNET_WEB_SEEDS = 20
export const MAX_MAGNET_PEERS = 20

/** Reads a magnet link. */
export function parseMagnet(link: string): MagnetResult {
  const text = link.trim()
  if (text.length > MAX_MAGNET_LENGTH) {
    return refuse('too-long', `The link is longer than ${MAX_MAGNET_LENGTH} characters.`)
  }
  if (!/^magnet:\?/i.test(text)) return refuse('not-a-magnet', 'This is no magnet link.')
  const parameters = splitParameters(text.slice('magnet:?'.length))
  const topics = readTopics(parameters)
  if ('code' in topics) return { ok: false, fault: topics }
  const warnings: string[] = []
  const collect = <T extends string | PeerHost>(
    key: string,
    limit: number,
    read: (raw: string) => T | null,
  ): T[] => collectValues(valuesOf(parameters, key), key, limit, read, warnings)
  const name =
    valuesOf(parameters, 'dn')
      .map(readName)
      .find((dn) => dn !== '') ?? null
  const trackers = collect('tr', MAX_MAGNET_TRACKERS, readUrl)
  const webSeeds = collect('ws', MAX_MAGNET_WEB_SEEDS, readUrl)
  const peers = collect('x.pe', MAX_MAGNET_PEERS, readPeer)
  const selectOnly = readSelection(valuesOf(parameters, 'so'), warnings)
  const magnet = { infoHashes: topics, name, trackers, webSeeds, peers, selectOnly }
  return { ok: true, magnet, warnings }
}

/** Writes a magnet link: `xt` first and unescaped, because some clients read it nowhere else. */
export function formatMagnet(magnet: Pick<Magnet, 'infoHashes'> & Partial<Magnet>): string {
  const { v1, v2 } = magnet.infoHashes
  const parts: string[] = []
  if (v1 !== null) parts.push(`xt=urn:btih:${toHex(v1)}`)
  if (v2 !== null) parts.push(`xt=urn:btmh:${MULTIHASH_SHA256_HEX}${toHex(v2)}`)
  const add = (key: string, value: string): number =>
    parts.push(`${key}=${percentEncodeBytes(utf8Encode(value))}`)
  if (magnet.name !== undefined && magnet.name !== null) add('dn', magnet.name)
  for (const url of magnet.trackers ?? []) add('tr', url)
  for (const url of magnet.webSeeds ?? []) add('ws', url)
  for (const peer of magnet.peers ?? []) parts.push(`x.pe=${formatPeer(peer)}`)
  if (magnet.selectOnly) parts.push(`so=${formatSelectOnly(magnet.selectOnly)}`)
  return `magnet:?${parts.join('&')}`
}

interface Parameter {
  readonly key: string
  readonly raw: string
}

function refuse(code: MagnetFaultCode, message: string): MagnetResult {
  return { ok: false, fault: { code, message } }
}

function splitParameters(query: string): readonly Parameter[] {
  const parameters: Parameter[] = []
  for (const part of query.split('&')) {
    const equals = part.indexOf('=')
    if (equals < 0) continue
    // "&amp;" between parameters leaves "amp;" before the key.
    const key = part
      .slice(0, equals)
      .toLowerCase()
      .replace(/^amp;/, '')
      .replace(/\.\d+$/, '')
    parameters.push({ key, raw: part.slice(equals + 1) })
  }
  return parameters
}

function valuesOf(parameters: readonly Parameter[], key: string): readonly string[] {
  return parameters.filter((parameter) => parameter.key === key).map(({ raw }) => raw)
}

function readTopics(parameters: readonly Parameter[]): InfoHashes | MagnetFault {
  let v1: Uint8Array | null = null
  let v2: Uint8Array | null = null
  for (const raw of valuesOf(parameters, 'xt')) {
    const match = /^urn:(btih|btmh):(.*)$/is.exec(unescapeText(raw) ?? '')
    if (match === null) continue
    const isV1 = match[1]?.toLowerCase() === 'btih'
    const hash = isV1 ? readBtih(match[2] ?? '') : readBtmh(match[2] ?? '')
    if (hash === null) {
      return { code: 'bad-info-hash', message: 'The info-hash of the link is malformed.' }
    }
    const known = isV1 ? v1 : v2
    if (known !== null && !equalBytes(known, hash)) {
      return { code: 'many-info-hashes', message: 'The link names more than one torrent.' }
    }
    if (isV1) v1 = hash
    else v2 = hash
  }
  if (v1 !== null) return { v1, v2 }
  return v2 === null ? missingTopic(parameters) : { v1, v2 }
}

function missingTopic(parameters: readonly Parameter[]): MagnetFault {
  const isMutable = valuesOf(parameters, 'xs').some((raw) =>
    /^urn:btpk:/i.test(unescapeText(raw) ?? ''),
  )
  return isMutable
    ? { code: 'mutable-not-supported', message: 'Links to mutable torrents are not supported yet.' }
    : { code: 'no-info-hash', message: 'The link names no torrent.' }
}

/** "clients should also support the 32 character base32 encoded info-hash" */
function readBtih(text: string): Uint8Array | null {
  if (text.length === INFO_HASH_V1_BYTES * 2) return fromHex(text)
  return text.length === 32 ? fromBase32(text) : null
}

function readBtmh(text: string): Uint8Array | null {
  const hasTag = text.startsWith(MULTIHASH_SHA256_HEX)
  const hash = hasTag ? fromHex(text.slice(MULTIHASH_SHA256_HEX.length)) : null
  return hash?.length === INFO_HASH_V2_BYTES ? hash : null
}

/** The readable values of one key, each once however it was escaped, up to the limit; a warning tells of the others. */
function collectValues<T extends string | PeerHost>(
  raws: readonly string[],
  key: string,
  limit: number,
  read: (raw: string) => T | null,
  warnings: string[],
): T[] {
  const values = new Map<string, T>()
  let skippedCount = 0
  for (const raw of raws) {
    const value = read(raw)
    const name = value === null || typeof value === 'string' ? value : formatPeer(value)
    if (name !== null && values.has(name)) continue
    if (value === null || name === null || values.size >= limit) skippedCount++
    else values.set(name, value)
  }
  if (skippedCount > 0) warnings.push(`${key}: ${skippedCount} were unusable or too many`)
  return [...values.values()]
}

/** Forms write a space as `+`; a real plus comes escaped. */
function readName(raw: string): string {
  const text = raw.replaceAll('+', ' ')
  const bytes = percentDecode(text)
  return bytes === null ? text : utf8Decode(bytes)
}

/** A leading `*` means that the author switched the tracker off. */
function readUrl(raw: string): string | null {
  const url = unescapeText(raw)?.trim() ?? ''
  return url === '' || url.startsWith('*') ? null : url
}

/** `hostname:port`, `ipv4-literal:port` or `[ipv6-literal]:port`. */
function readPeer(raw: string): PeerHost | null {
  const match = /^(?:\[([0-9a-f:.]{2,45})\]|([a-z0-9._-]{1,253})):(\d{1,5})$/i.exec(
    unescapeText(raw) ?? '',
  )
  const host = match?.[1] ?? match?.[2]
  const port = Number(match?.[3])
  return host === undefined || port < 1 || port > 65_535 ? null : { host, port }
}

function formatPeer({ host, port }: PeerHost): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

function readSelection(raws: readonly string[], warnings: string[]): readonly IndexRange[] | null {
  const [raw] = raws
  if (raw === undefined) return null
  const { ranges, skippedCount } = parseSelectOnly(unescapeText(raw) ?? '')
  if (skippedCount > 0) warnings.push(`so: ${skippedCount} entries were unusable or too many`)
  return ranges.length === 0 ? null : ranges
}

function unescapeText(raw: string): string | null {
  const bytes = percentDecode(raw)
  return bytes === null ? null : utf8DecodeStrict(bytes)
}
