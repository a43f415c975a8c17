/**
 * Addresses of trackers, read without trust: a torrent may name anything as its tracker.
 *
 * Spec: BEP 3, "announce"; BEP 15; BEP 41
 */
import { latin1Decode, percentDecode } from './bytes.ts'
import { addressScope, formatIp, parseIp } from './ip-address.ts'

/** A tracker's address, taken apart. `url` and `pathAndQuery` may hold a passkey: never log them. */
export interface TrackerUrl {
  /** As given, without its fragment. */
  readonly url: string
  readonly protocol: 'http' | 'https' | 'udp' | 'ws' | 'wss'
  /** Lower case, numeric addresses in canonical text, no brackets. */
  readonly host: string
  readonly port: number
  /** From the first `/` or `?` on; may be empty. */
  readonly pathAndQuery: string
}

/** Why an address cannot be asked. */
export interface TrackerUrlFault {
  readonly code:
    | 'too-long'
    | 'not-a-url'
    | 'switched-off'
    | 'unknown-scheme'
    | 'no-port'
    | 'bad-host'
    | 'own-parameters'
    | 'loopback-path'
  /** Ours, safe to show: it never repeats the address. */
  readonly detail: string
}

export type TrackerUrlResult =
  | { readonly ok: true; readonly tracker: TrackerUrl }
  | { readonly ok: false; readonly fault: TrackerUrlFault }

export const MAX_TRACKER_URL_UNITS = 2048

/**
 * Judges an announce address: http, https, udp, ws and wss only, ASCII host names only (others look alike), none of the
 * parameters that the announce itself writes, and on this machine nothing but an `announce` path.
 */
export function parseTrackerUrl(text: string): TrackerUrlResult {
  if (text.length > MAX_TRACKER_URL_UNITS) return fault('too-long', 'The address is too long.')
  if (text.startsWith('*')) return fault('switched-off', 'Switched off by a leading "*".')
  const trimmed = text.trim()
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(trimmed)?.[1]?.toLowerCase()
  if (scheme === undefined) return fault('not-a-url', 'This is not a web address.')
  const protocol = PROTOCOLS.find((known) => known === scheme)
  return protocol === undefined
    ? fault('unknown-scheme', 'Only http, https, udp, ws and wss trackers can be asked.')
    : parseRest(trimmed, protocol)
}

/** Names the tracker in logs: scheme, host and port, never path or query. */
export function trackerOrigin(tracker: TrackerUrl): string {
  const host = tracker.host.includes(':') ? `[${tracker.host}]` : tracker.host
  return `${tracker.protocol}://${host}:${tracker.port}`
}

const PROTOCOLS = ['http', 'https', 'udp', 'ws', 'wss'] as const
const DEFAULT_PORT = { http: 80, https: 443, udp: 0, ws: 80, wss: 443 } as const
/** What an announce or a scrape writes itself; a torrent that sets them speaks in our name (libtorrent #5346). */
const OWN_PARAMETERS: ReadonlySet<string> = new Set([
  'info_hash',
  'peer_id',
  'port',
  'ip',
  'ipv4',
  'ipv6',
  'uploaded',
  'downloaded',
  'left',
  'event',
  'compact',
  'no_peer_id',
  'numwant',
  'trackerid',
])

function parseRest(text: string, protocol: TrackerUrl['protocol']): TrackerUrlResult {
  const match = /^[^:]+:\/\/([^/?#]*)([^#]*)/.exec(text)
  const authority = match?.[1] ?? ''
  const pathAndQuery = match?.[2] ?? ''
  // eslint-disable-next-line no-control-regex
  if (/[\x00-\x20\x7f\\]/.test(authority + pathAndQuery)) {
    return fault('not-a-url', 'The address has blanks or control characters in it.')
  }
  const place = parseAuthority(authority)
  if (place === null) return fault('bad-host', 'The address has no usable host name.')
  const port = place.port ?? DEFAULT_PORT[protocol]
  if (port === 0) return fault('no-port', 'The address needs a port number.')
  if (hasOwnParameters(pathAndQuery)) {
    return fault('own-parameters', 'The address sets announce parameters itself.')
  }
  const { host } = place
  if (isThisMachine(host) && !mayAskHere(protocol, pathAndQuery)) {
    return fault('loopback-path', 'On this machine only an "announce" path may be asked.')
  }
  const url = match?.[0] ?? ''
  return { ok: true, tracker: { url, protocol, host, port, pathAndQuery } }
}

/** `[user@]host[:port]`; `port` is `null` where none is given. */
function parseAuthority(authority: string): { host: string; port: number | null } | null {
  const place = authority.slice(authority.lastIndexOf('@') + 1)
  const match = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::([0-9]{1,5}))?$/.exec(place)
  const rawHost = match?.[1]
  if (rawHost === undefined) return null
  const port = match?.[2] === undefined ? null : Number(match[2])
  if (port !== null && (port < 1 || port > 65535)) return null
  const host = canonicalHost(rawHost)
  return host === null ? null : { host, port }
}

function canonicalHost(raw: string): string | null {
  const isBracketed = raw.startsWith('[')
  const ip = parseIp(isBracketed ? raw.slice(1, -1) : raw)
  if (ip !== null) return formatIp(ip)
  const host = raw.toLowerCase().replace(/\.$/, '')
  // `127.1`, `0x7f.1` and `2130706433` become addresses in some readers: a name's last label is no number.
  const lastLabel = host.slice(host.lastIndexOf('.') + 1)
  const isName = !isBracketed && host.length <= 253 && !/^(?:[0-9]+|0x[0-9a-f]*)$/.test(lastLabel)
  return isName && host !== '' && !host.includes('..') && !host.startsWith('.') ? host : null
}

function isThisMachine(host: string): boolean {
  if (host === 'localhost' || host.endsWith('.localhost')) return true
  const ip = parseIp(host)
  return ip !== null && ['loopback', 'never'].includes(addressScope(ip))
}

/** WebSocket trackers are commonly given without a path, and nothing but them takes the handshake. */
function mayAskHere(protocol: TrackerUrl['protocol'], pathAndQuery: string): boolean {
  const isBare = pathAndQuery === '' || pathAndQuery === '/'
  const isWebSocket = protocol === 'ws' || protocol === 'wss'
  return protocol === 'udp' || (isWebSocket && isBare) || endsInAnnounce(pathAndQuery)
}

function endsInAnnounce(pathAndQuery: string): boolean {
  const path = pathAndQuery.split('?', 1)[0] ?? ''
  return path.slice(path.lastIndexOf('/') + 1).startsWith('announce')
}

function hasOwnParameters(pathAndQuery: string): boolean {
  const query = pathAndQuery.slice(pathAndQuery.indexOf('?') + 1)
  if (!pathAndQuery.includes('?')) return false
  return query.split(/[&;]/).some((pair) => {
    const raw = pair.split('=', 1)[0] ?? ''
    const name = percentDecode(raw.replaceAll('+', ' '))
    return name === null || OWN_PARAMETERS.has(latin1Decode(name).trim().toLowerCase())
  })
}

function fault(code: TrackerUrlFault['code'], detail: string): TrackerUrlResult {
  return { ok: false, fault: { code, detail } }
}
