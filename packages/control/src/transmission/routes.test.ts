/** Who may ask Transmission's RPC, and what hostile requests come to. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { basic, PASSWORD, READ_TOKEN, TOKEN, USERNAME } from '../compat/testing/serve-remote.ts'
import { ask } from '../testing/ask.ts'
import { RPC_BODY_BYTES } from './routes.ts'
import { LOGIN, openRpcRemote, type RpcRemote } from './testing/rpc-remote.ts'

let remote: RpcRemote

beforeEach(async () => {
  remote = await openRpcRemote()
})

afterEach(async () => {
  expect(await remote.close()).toEqual([])
})

describe('who may ask', () => {
  it('is known by name and password or by a token, and is asked for them with 401', async () => {
    const status = async (Authorization?: string) =>
      (
        await ask(remote.server.port, '/transmission/rpc', {
          headers: Authorization === undefined ? {} : { Authorization },
        })
      ).status
    expect(await status()).toBe(401)
    expect(await status(basic(USERNAME, 'wrong'))).toBe(401)
    expect(await status(basic('else', PASSWORD))).toBe(401)
    expect(await status('Basic !!!')).toBe(401)
    expect(await status(basic(USERNAME, PASSWORD))).toBe(409)
    expect(await status(basic('whoever', TOKEN))).toBe(409)
    expect(await status(`Bearer ${TOKEN}`)).toBe(409)
    const { headers } = await ask(remote.server.port, '/transmission/rpc')
    expect(headers['www-authenticate']).toMatch(/^Basic realm=/)
    expect(headers).not.toHaveProperty('x-transmission-session-id')
  })

  it('waits after five wrong passwords, but never with a token', async () => {
    for (let failure = 0; failure < 5; failure += 1) {
      const headers = { Authorization: basic(USERNAME, `wrong ${failure}`) }
      expect((await ask(remote.server.port, '/transmission/rpc', { headers })).status).toBe(401)
    }
    const late = await ask(remote.server.port, '/transmission/rpc', { headers: LOGIN })
    expect(late.status).toBe(403)
    expect(Number(late.headers['retry-after'])).toBeGreaterThan(0)
    const headers = { Authorization: basic('', TOKEN) }
    expect((await ask(remote.server.port, '/transmission/rpc', { headers })).status).toBe(409)
  })

  it('calls us by a name of ours, and gets no leave for other sites in any answer', async () => {
    expect((await remote.post('{}', { headers: { Host: 'evil.example' } })).status).toBe(421)
    for (const asked of [
      await remote.post('{}', { headers: { Origin: 'http://evil.example' } }),
      await ask(remote.server.port, '/transmission/rpc', { method: 'OPTIONS', headers: LOGIN }),
      await ask(remote.server.port, '/transmission/rpc'),
    ]) {
      expect(
        Object.keys(asked.headers).filter((name) => name.startsWith('access-control')),
      ).toEqual([])
      expect(asked.headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
      })
    }
  })

  it('does with a token what the token allows', async () => {
    const options = { headers: { Authorization: `Bearer ${READ_TOKEN}` } }
    expect(await remote.rpc('session-stats', {}, options)).toMatchObject({ result: 'success' })
    for (const method of ['torrent-stop', 'torrent-add', 'session-set', 'session-close']) {
      expect((await remote.rpc(method, {}, options))['result']).toContain('allows "read"')
    }
    expect(remote.reached()).toEqual([])
  })
})

describe('hostile requests', () => {
  const VALUES: readonly unknown[] = [
    null,
    true,
    -1,
    0,
    1.5,
    1e308,
    2 ** 60,
    '',
    'x',
    '\u0000\u001b[2J',
    'a'.repeat(5_000),
    [],
    [[]],
    [null],
    ['x', {}],
    {},
    { __proto__: null, length: 1e9 },
    { toString: 1 },
  ]
  const METHODS = [
    'torrent-get',
    'torrent-set',
    'torrent-add',
    'torrent-remove',
    'torrent-start',
    'torrent-set-location',
    'torrent-rename-path',
    'session-set',
    'session-get',
    'free-space',
    'group-set',
    'group-get',
    'queue-move-up',
    'port-test',
  ]
  const KEYS = [
    'ids',
    'fields',
    'format',
    'labels',
    'trackerAdd',
    'trackerReplace',
    'trackerRemove',
    'trackerList',
    'files-wanted',
    'priority-high',
    'downloadLimit',
    'downloadLimited',
    'seedRatioMode',
    'seedRatioLimit',
    'queuePosition',
    'peer-limit',
    'bandwidthPriority',
    'location',
    'metainfo',
    'filename',
    'download-dir',
    'path',
    'name',
    'alt-speed-time-day',
    'alt-speed-time-enabled',
    'speed-limit-down',
    'encryption',
    'group',
    '__proto__',
    'constructor',
  ]

  it('of every wrong type for every argument are answered in words', async () => {
    const id = await remote.sessionId()
    const headers = { ...LOGIN, 'X-Transmission-Session-Id': id }
    const calls = METHODS.flatMap((method) => KEYS.map((key) => [method, key] as const))
    for (const [method, key] of calls) {
      const batch = VALUES.map((value, index) => ({
        jsonrpc: '2.0',
        method,
        id: index,
        params: { ids: [1], fields: ['id'], [key]: value },
      }))
      const asked = await ask(remote.server.port, '/transmission/rpc', {
        method: 'POST',
        headers,
        body: JSON.stringify(batch),
      })
      expect(asked.status).toBe(200)
      expect(JSON.parse(asked.body)).toHaveLength(VALUES.length)
    }
  }, 60_000)

  it('of deep nesting, huge numbers and odd bytes are answered', async () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`
    const bodies = [
      deep,
      `{"method":"torrent-get","arguments":${deep}}`,
      `{"method":"torrent-get","arguments":{"fields":${deep}},"tag":${deep}}`,
      '{"method":"torrent-get","arguments":{"ids":[1e400,-1e400,123456789012345678901234567890],"fields":["id"]}}',
      `{"method":"${'x'.repeat(1_000_000)}"}`,
      '{"method":"session-close","method":"session-get","tag":1e400}',
      '\ud800',
      '\u0000',
      '"torrent-get"',
    ]
    for (const body of bodies) expect((await remote.post(body)).status).toBe(200)
    expect((await remote.post('x', { headers: { 'Content-Encoding': 'gzip' } })).status).toBe(415)
    expect(
      (await remote.post('{}', { headers: { 'Content-Type': 'text/html; charset=utf-7' } })).status,
    ).toBe(200)
    expect(remote.reached()).toEqual([])
  })

  it('that are too long are refused with 413, and one that is just short enough is read', async () => {
    const call = '{"method":"session-stats"}'
    const longest = call.padEnd(RPC_BODY_BYTES)
    expect((await remote.post(longest)).status).toBe(200)
    expect((await remote.post(`${longest} `)).status).toBe(413)
  })
})
