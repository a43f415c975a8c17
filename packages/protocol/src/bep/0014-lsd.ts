/**
 * BEP 14: Local Service Discovery. <https://www.bittorrent.org/beps/bep_0014.html>, "protocol"
 *
 * Covered: the announce both ways, with several info-hashes and the cookie. When and where it is sent is the client's.
 * Divergences: lines may end with a bare line feed, and the two empty lines at the end may be missing.
 */
import { fromHex, latin1Decode, latin1Encode, toHex } from '../bytes.ts'

/** "Local Service Discovery (LSD) uses the following multicast groups". `host` is what the header `Host` says. */
export const LSD_GROUPS = [
  { family: 4, group: '239.192.152.143', host: '239.192.152.143:6771' },
  { family: 6, group: 'ff15::efc0:988f', host: '[ff15::efc0:988f]:6771' },
] as const
export const LSD_PORT = 6771

export interface LsdAnnounce {
  /** The group that it was sent to, with its port, as the header says; empty where there is none. */
  readonly host: string
  /** Where the sender takes connections. */
  readonly port: number
  /** Of 20 bytes each; at least one, no two the same. */
  readonly infoHashes: readonly Uint8Array[]
  /** By which a sender knows its own announces; empty where there is none. */
  readonly cookie: string
}

/** "the packet length should not exceed 1400 bytes to avoid MTU/fragmentation problems." Longer ones are not read. */
export const LSD_BYTES_LIMIT = 1400
/** Info-hashes that fit into one announce with the longest header. */
export const LSD_HASHES_LIMIT = 20
export const LSD_COOKIE_CHARACTERS_LIMIT = 128
/** "it should send a LSD announce every 5 minutes" */
export const LSD_INTERVAL_MS: number = 5 * 60_000
/** "a client should send no more than 1 announce per minute." */
export const LSD_LEAST_INTERVAL_MS = 60_000

/** `null` for what is no announce: another method, no usable port, or no info-hash. Unknown headers are ignored. */
export function decodeLsd(bytes: Uint8Array): LsdAnnounce | null {
  if (bytes.length > LSD_BYTES_LIMIT) return null
  const [first = '', ...lines] = latin1Decode(bytes).split(/\r?\n/)
  if (!/^BT-SEARCH +\* +HTTP\/1\.\d *$/i.test(first)) return null
  let host = ''
  let cookie = ''
  let port: number | null = null
  const infoHashes = new Map<string, Uint8Array>()
  for (const line of lines) {
    const colon = line.indexOf(':')
    const name = line.slice(0, Math.max(0, colon)).trim().toLowerCase()
    const value = line.slice(colon + 1).trim()
    if (name === 'host') host = value
    if (name === 'port') port = readPort(value)
    if (name === 'cookie' && value.length <= LSD_COOKIE_CHARACTERS_LIMIT) cookie = value
    const hash = name === 'infohash' && value.length === 40 ? fromHex(value) : null
    if (hash !== null) infoHashes.set(value.toLowerCase(), hash)
  }
  if (port === null || infoHashes.size === 0) return null
  return { host, port, infoHashes: [...infoHashes.values()], cookie }
}

/** At most `LSD_HASHES_LIMIT` info-hashes; the rest is for the next announce. The cookie is plain ASCII. */
export function encodeLsd({ host, port, infoHashes, cookie }: LsdAnnounce): Uint8Array {
  const lines = [
    'BT-SEARCH * HTTP/1.1',
    `Host: ${host}`,
    `Port: ${port}`,
    ...infoHashes.slice(0, LSD_HASHES_LIMIT).map((hash) => `Infohash: ${toHex(hash)}`),
    ...(cookie === '' ? [] : [`cookie: ${cookie.slice(0, LSD_COOKIE_CHARACTERS_LIMIT)}`]),
  ]
  return latin1Encode(`${lines.join('\r\n')}\r\n\r\n\r\n`)
}

function readPort(text: string): number | null {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0
  return port > 0 && port < 65_536 ? port : null
}
