/** Requests as somebody who means harm would send them, always the same for a seed. Raw bytes: no client tidies them up. */
import { API_ROUTES } from '../api-routes.ts'

export interface HostileRequest {
  readonly bytes: Buffer
  /** Its end is missing, and never comes. */
  readonly isCut: boolean
}

/** A whole number below a bound. */
export type Chance = (below: number) => number

export function seededChance(seed: number): Chance {
  let state = seed >>> 0
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** `tokens`: values of the Authorization header to choose from; empty for none. `port`: of the server. */
export function hostileRequest(
  chance: Chance,
  port: number,
  tokens: readonly string[],
): HostileRequest {
  const pick = <T>(of: readonly [T, ...T[]]): T => of[chance(of.length)] ?? of[0]
  const isUpgrade = chance(12) === 0
  const isChunked = chance(20) === 0
  const body = chance(3) === 0 ? Buffer.alloc(0) : bodyOf(chance)
  const isCut = body.length > 0 && chance(30) === 0
  const headers = [
    `Host: ${chance(5) === 0 ? pick(HOSTS) : `127.0.0.1:${port}`}`,
    isUpgrade ? 'Connection: Upgrade' : 'Connection: close',
    ...(isUpgrade ? upgradeHeaders(chance) : []),
    ...(chance(4) === 0 ? [pick(ODD_HEADERS)] : []),
    ...(chance(8) === 0 ? [`Origin: ${pick(ORIGINS)}`] : []),
    ...(body.length > 0 && chance(8) > 0 ? [`Content-Type: ${pick(TYPES)}`] : []),
  ]
  const token = tokens[chance(Math.max(1, tokens.length))] ?? ''
  if (token !== '') headers.push(`Authorization: ${token}`)
  if (isChunked) headers.push('Transfer-Encoding: chunked')
  else if (body.length > 0) headers.push(`Content-Length: ${body.length + (isCut ? 50 : 0)}`)
  const method = isUpgrade ? 'GET' : pick(METHODS)
  const address = isUpgrade && chance(2) === 0 ? '/api/v1/events' : addressOf(chance)
  const head = `${method} ${address} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`
  const chunks = isChunked ? chunked(body, isCut) : [body]
  return { bytes: Buffer.concat([Buffer.from(head, 'latin1'), ...chunks]), isCut }
}

function chunked(body: Buffer, isCut: boolean): readonly Buffer[] {
  const size = Buffer.from(`${body.length.toString(16)}\r\n`)
  const chunks = body.length === 0 ? [] : [size, body, Buffer.from('\r\n')]
  return isCut ? chunks : [...chunks, Buffer.from('0\r\n\r\n')]
}

function addressOf(chance: Chance): string {
  const paths = Object.values(API_ROUTES).map(({ path }) => path)
  const id = IDS[chance(IDS.length)] ?? ''
  const path = (paths[chance(paths.length)] ?? '/').replace('{id}', id)
  const twisted = chance(3) === 0 ? (TWISTS[chance(TWISTS.length)] ?? ((same) => same))(path) : path
  return `${twisted}${chance(2) === 0 ? (QUERIES[chance(QUERIES.length)] ?? '') : ''}`
}

function upgradeHeaders(chance: Chance): readonly string[] {
  const good = 'MDEyMzQ1Njc4OWFiY2RlZg=='
  const keys = [good, good, good, 'short', '', '\u00ff', 'A'.repeat(500)]
  const versions = ['13', '13', '13', '13', '8', '0', '-1', '1e9', '13, 8']
  return [
    `Upgrade: ${['websocket', 'websocket', 'h2c', 'websocket, h2c'][chance(4)]}`,
    `Sec-WebSocket-Key: ${keys[chance(keys.length)]}`,
    `Sec-WebSocket-Version: ${versions[chance(versions.length)]}`,
    ...(chance(3) === 0 ? ['Sec-WebSocket-Protocol: a,a,,\u0001'.slice(0, 28)] : []),
    ...(chance(3) === 0 ? ['Sec-WebSocket-Extensions: permessage-deflate; x=";'] : []),
  ]
}

function bodyOf(chance: Chance): Buffer {
  const kind = chance(10)
  if (kind === 0) return Buffer.from(Array.from({ length: chance(400) }, () => chance(256)))
  if (kind === 1) return Buffer.from('['.repeat(1 + chance(20_000)))
  if (kind === 2) return Buffer.from(`${'{"a":'.repeat(chance(5_000))}1`)
  const text = BODIES[chance(BODIES.length)] ?? ''
  // One character turned into another, now and then.
  const at = chance(text.length + 1)
  const spoilt = `${text.slice(0, at)}${String.fromCharCode(chance(128))}${text.slice(at + 1)}`
  return Buffer.from(chance(2) === 0 ? spoilt : text)
}

const METHODS = [
  'GET',
  'POST',
  'POST',
  'POST',
  'HEAD',
  'PUT',
  'DELETE',
  'PATCH',
  'OPTIONS',
  'TRACE',
  'PROPFIND',
  'M-SEARCH',
  'get',
  'NOTHING',
] as const

const HOSTS = [
  'evil.example',
  'localhost',
  '127.0.0.1',
  '127.0.0.1:1',
  '127.0.0.1.evil.example',
  '[::1]:99999',
  '',
  'localhost:80@evil',
  '\u00e9',
  '0.0.0.0',
  'x'.repeat(300),
] as const

const ORIGINS = ['null', 'http://evil.example', 'http://127.0.0.1', 'file://', '', '*'] as const

const TYPES = [
  'application/json',
  'application/json',
  'application/json',
  'application/x-bittorrent',
  'application/json; charset=utf-7',
  'application/json; charset=\u00ff',
  'application/json;'.padEnd(300, ';'),
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=',
  '*/*',
  '/',
  '',
] as const

const ODD_HEADERS = [
  'Content-Encoding: gzip',
  'Content-Encoding: br, gzip',
  'Sec-Fetch-Site: cross-site',
  'Sec-Fetch-Site: same-origin, none',
  'X-Forwarded-Host: 127.0.0.1\r\nX-Forwarded-For: 127.0.0.1\r\nForwarded: for=127.0.0.1',
  'X-HTTP-Method-Override: DELETE',
  'X-Original-URL: /api/v1/commands',
  'Expect: 100-continue',
  'Expect: 200-maybe',
  'Range: bytes=0-,1-2,-5',
  'If-None-Match: *',
  'Accept-Encoding: gzip;q=1e999',
  'Cookie: a=b; __proto__=c; =; ;;',
  'Authorization: Bearer',
  'Content-Length: -1',
  'Content-Length: 5\r\nContent-Length: 6',
  'Transfer-Encoding: identity, gzip',
  'Connection: keep-alive, close, x',
  'X-Long: '.padEnd(9_000, 'x'),
  'Bad Header: x',
  ': empty',
  'X-Nul: \u0000',
] as const

const IDS = [
  'a'.repeat(40),
  '0'.repeat(64),
  '__proto__',
  'constructor',
  '..',
  '%2e%2e%2fsession',
  '%00',
  '%ff%fe',
  '%',
  "';drop--",
  'x'.repeat(2_000),
  '\u00e9',
  '',
] as const

const TWISTS: readonly ((path: string) => string)[] = [
  (path) => `/${path}`,
  (path) => `${path}/`,
  (path) => `/..${path}`,
  (path) => `/./${path}/../..`,
  (path) => path.toUpperCase(),
  (path) => path.replaceAll('/', '%2f'),
  (path) => path.replaceAll('/', '\\'),
  (path) => path.replace('v1', 'v1%00'),
  (path) => path.replace('api', '%61pi'),
  (path) => `${path};jsessionid=1`,
  (path) => `${path}%20`,
  (path) => `${path}#x`,
  (path) => `http://evil.example${path}`,
  (path) => `//evil.example${path}`,
  () => '*',
  () => '/',
  () => '/api',
  () => '/etc/passwd',
  () => '?',
  () => `/${'a/'.repeat(1_000)}`,
]

const QUERIES = [
  '?',
  '?filter=(((((((((((((((((((((((((((((',
  '?filter=size%3E%3E&sort=-,-',
  `?filter=${'!'.repeat(1_000)}`,
  '?sort=name&sort=name',
  '?offset=-1&limit=99999999999999999999',
  '?limit=1e9',
  '?path=%2Fetc%2Fpasswd',
  '?path=..%2F..%2F',
  '?path=%00',
  '?path=%ff',
  '?ticket=',
  '?ticket=__proto__',
  `?ticket=${'A'.repeat(43)}`,
  '?__proto__=1&constructor=2&toString=3',
  '?%',
  '?a[]=1&a[b][c][d]=2',
  '?folder=%2Fetc&paused=true&wanted=0-199999&wanted=1',
  '?peer=%00&peer=1&tags=,&category=%0a',
  `?x=${'y'.repeat(3_000)}`,
] as const

const ID = 'a'.repeat(40)
const BODIES = [
  '',
  'null',
  'true',
  '1e999',
  '-0',
  '""',
  '[]',
  '{}',
  '\uFEFF{}',
  '"\\ud800"',
  '{"do":null}',
  '{"do":"__proto__"}',
  '{"__proto__":{"do":"pause","ids":["x"]}}',
  '{"constructor":{"prototype":{"isAdmin":true}}}',
  `{"do":"pause","ids":["${ID}"]}`,
  `{"do":"pause","ids":["${ID}"],"__proto__":{"x":1}}`,
  `{"do":"remove","ids":["${ID}"],"deleteData":true}`,
  `{"do":"remove","ids":["${ID}"],"deleteData":"true"}`,
  `{"do":"set-limits","ids":["${ID}"],"limits":{"down":1e308}}`,
  `{"do":"set-limits","ids":["${ID}"],"limits":{"ratio":-1}}`,
  `{"do":"move","ids":["${ID}"],"folder":"/etc/../../\\u0000"}`,
  `{"do":"rename","id":"${ID}","name":"../../x"}`,
  `{"do":"set-files","id":"${ID}","files":[{"index":9007199254740993,"priority":"high"}]}`,
  `{"do":"set-trackers","id":"${ID}","tiers":[["\\u001b[2J"]]}`,
  `{"do":"add-peer","id":"${ID}","peer":"127.0.0.1:99999"}`,
  '{"do":"set-session","maxActive":-1}',
  '{"do":"set-session","altSchedule":{"days":[],"fromMinute":0,"toMinute":0}}',
  '{"do":"save-category","name":"\\u202e"}',
  '{"do":"share","path":"/etc/shadow"}',
  '{"do":"shut-down"}',
  '{"do":"cancel-job","job":"x"}',
  '{"do":"add","source":{"kind":"magnet","uri":"magnet:?xt=urn:btih:zzz"}}',
  '{"do":"add","source":{"kind":"url","url":"file:///etc/passwd"}}',
  '{"do":"add","source":{"kind":"metainfo","base64":"===="}}',
  '{"do":"add","source":{"kind":"metainfo","base64":"ZGU="},"folder":"relative"}',
  '{"source":{"kind":"metainfo","base64":"ZGU="}}',
  '{"source":{"kind":"url","url":"gopher://x"}}',
  '{"do":"ping","node":"\\u001b[2J:1"}',
  '{"do":"ping","node":"[::1]:99999"}',
  '{"do":"peers","infoHash":"zz"}',
  `{"do":"peers","infoHash":"${ID}","__proto__":null}`,
  `{"do":"get","target":"${ID}${ID}"}`,
  `{"do":"get-mutable","publicKey":"${'0'.repeat(64)}","salt":"${'A'.repeat(88)}"}`,
  '{"do":"put","value":"aTFl"}',
  '{"do":"put","value":"ZDE6YmkxZTE6YWkxZWU="}',
  `{"do":"put","value":"${'A'.repeat(1_400)}"}`,
  `{"do":"put-mutable","value":"aTFl","publicKey":"${'f'.repeat(64)}","salt":"","seq":"9999999999999999999","signature":"${'0'.repeat(128)}"}`,
  '{"do":"set-session","isTrackerOn":"yes"}',
  '{"do":"set-session","encryption":"ROT13"}',
  'd4:infod6:lengthi-1eee',
  'do=pause&ids=x',
] as const
