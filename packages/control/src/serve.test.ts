import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { COMMAND_BYTES, TORRENT_FILE_BYTES } from './serve.ts'
import { type Ask, ask, type Asked } from './testing/ask.ts'
import { FakeControl } from './testing/fake-control.ts'
import { type ServedControl, serveControl, TOKEN } from './testing/served-control.ts'

const BEARER = { Authorization: `Bearer ${TOKEN}` }
const JSON_TYPE = { 'Content-Type': 'application/json' }
const PAUSE = JSON.stringify({ do: 'pause', ids: ['a'.repeat(40)] })

let control: FakeControl
let served: ServedControl

beforeEach(async () => {
  control = new FakeControl({ torrentCount: 4 })
  served = await serveControl(control)
})

afterEach(async () => {
  await served.close()
  expect(served.errors).toEqual([])
})

function askWithToken(path: string, options: Ask = {}): Promise<Asked> {
  return ask(served.port, path, { ...options, headers: { ...BEARER, ...options.headers } })
}

function post(path: string, body: string | Uint8Array, headers = {}): Promise<Asked> {
  return askWithToken(path, { method: 'POST', body, headers: { ...JSON_TYPE, ...headers } })
}

describe('what it answers', () => {
  it('says whether it is alive to everybody, and nothing else', async () => {
    const { status, body } = await ask(served.port, '/healthz')
    expect([status, body]).toEqual([200, '{"status":"ok"}'])
  })

  it('lists torrents and tells about the session', async () => {
    const list = await askWithToken('/api/v1/torrents')
    expect(JSON.parse(list.body)).toMatchObject({ torrents: control.torrents })
    const session = await askWithToken('/api/v1/session')
    expect(JSON.parse(session.body)).toMatchObject({ session: { node: 'fake 0.1.0' } })
  })

  it('details one torrent and gives its file under a harmless name', async () => {
    const id = control.torrents[0]?.id ?? ''
    const detail = await askWithToken(`/api/v1/torrents/${id}`)
    expect(JSON.parse(detail.body)).toMatchObject({ detail: { summary: { id } } })
    const file = await askWithToken(`/api/v1/torrents/${id}/metainfo`)
    expect(file.headers['content-type']).toBe('application/x-bittorrent')
    expect(file.headers['content-disposition']).toBe(`attachment; filename="${id}.torrent"`)
    expect(file.body).toContain(id)
  })

  it('tells a magnet without metadata from a torrent that is not there', async () => {
    const magnet = control.torrents.find((torrent) => torrent.state === 'metadata')
    const known = await askWithToken(`/api/v1/torrents/${magnet?.id}/metainfo`)
    expect([known.status, known.code]).toEqual([409, 'metadata-unknown'])
    const unknown = await askWithToken(`/api/v1/torrents/${'e'.repeat(40)}/metainfo`)
    expect([unknown.status, unknown.code]).toEqual([404, 'unknown-torrent'])
  })

  it('runs commands, with a status that fits the result', async () => {
    const id = control.torrents[0]?.id
    const done = await post('/api/v1/commands', JSON.stringify({ do: 'pause', ids: [id] }))
    expect([done.status, JSON.parse(done.body)]).toEqual([200, { ok: true, ids: [id] }])
    const unknown = await post('/api/v1/commands', PAUSE)
    expect([unknown.status, unknown.code]).toEqual([404, 'unknown-torrent'])
  })

  it('takes a .torrent file as it is, with its options in the address', async () => {
    const headers = { 'Content-Type': 'application/x-bittorrent' }
    const path =
      '/api/v1/torrents?folder=%2Fdata&paused=true&wanted=0,2-4&peer=10.0.0.1:1&peer=10.0.0.2:2'
    const added = await post(path, 'd4:infodee', headers)
    expect(added.status).toBe(200)
    expect(control.commands).toEqual([
      {
        do: 'add',
        source: { kind: 'metainfo', base64: 'ZDQ6aW5mb2RlZQ==' },
        folder: '/data',
        isPaused: true,
        wantedFiles: [0, 2, 3, 4],
        peers: ['10.0.0.1:1', '10.0.0.2:2'],
      },
    ])
  })

  it('sets headers against framing, sniffing and caching on every answer, errors included', async () => {
    const paths = ['/healthz', '/api/v1/session', '/api/v1/nothing', '/api/v1/torrents/%ff', '/']
    for (const path of paths) {
      const { headers } = await askWithToken(path)
      expect(headers['x-content-type-options']).toBe('nosniff')
      expect(headers['x-frame-options']).toBe('DENY')
      expect(headers['cache-control']).toBe('no-store')
      expect(headers['content-security-policy']).toContain("default-src 'none'")
      expect(headers['referrer-policy']).toBe('no-referrer')
      expect(headers['access-control-allow-origin']).toBeUndefined()
    }
  })
})

describe('who it turns away', () => {
  it.each([
    ['no token', {}],
    ['a wrong token', { Authorization: 'Bearer wrong' }],
    ['a token that only begins right', { Authorization: `Bearer ${TOKEN}x` }],
    ['the token as a password', { Authorization: `Basic ${btoa(`:${TOKEN}`)}` }],
  ])('answers 401 to %s', async (_, headers) => {
    const { status, code, body } = await ask(served.port, '/api/v1/session', { headers })
    expect([status, code]).toEqual([401, 'not-authorised'])
    expect(body).toContain('The token is missing or wrong.')
    expect(body).not.toContain(TOKEN)
  })

  it.each(['evil.example', 'localhost.evil.example', '127.0.0.1', 'localhost:1', '0.0.0.0'])(
    'answers 421 to the Host %j before it looks at the token',
    async (host) => {
      for (const path of ['/api/v1/session', '/healthz']) {
        const { status, code } = await ask(served.port, path, { headers: { Host: host } })
        expect([status, code]).toEqual([421, 'wrong-host'])
      }
    },
  )

  it('knows itself by the names of loopback and those in its settings, in any case of letters', async () => {
    const own = ['localhost', '127.0.0.1', '[::1]', 'LOCALHOST', 'nas.example']
    for (const host of [...own.map((name) => `${name}:${served.port}`), 'proxy.example:443']) {
      const headers = { Host: host, 'X-Forwarded-Host': 'evil.example' }
      expect((await askWithToken('/api/v1/session', { headers })).status).toBe(200)
    }
  })

  it.each([
    [{ Origin: 'https://evil.example' }],
    [{ Origin: 'null' }],
    [{ Origin: 'http://127.0.0.1:1' }],
    [{ 'Sec-Fetch-Site': 'cross-site' }],
    [{ 'Sec-Fetch-Site': 'same-site' }],
  ])('answers 403 to a page with %j, even with the token', async (headers) => {
    const { status, code } = await post('/api/v1/commands', PAUSE, headers)
    expect([status, code]).toEqual([403, 'wrong-origin'])
    expect(control.commands).toEqual([])
  })

  it('lets its own page in', async () => {
    const headers = { Origin: `http://localhost:${served.port}`, 'Sec-Fetch-Site': 'same-origin' }
    expect((await askWithToken('/api/v1/session', { headers })).status).toBe(200)
  })

  it('takes no form, no text and no body without a type for a command', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
      const { status } = await post('/api/v1/commands', PAUSE, { 'Content-Type': type })
      expect(status).toBe(415)
    }
    const untyped = await askWithToken('/api/v1/commands', { method: 'POST', body: PAUSE })
    expect(untyped.status).toBe(415)
    const packed = await post('/api/v1/commands', PAUSE, { 'Content-Encoding': 'gzip' })
    expect(packed.status).toBe(415)
    expect(control.commands).toEqual([])
  })
})

describe('its limits', () => {
  it('takes a command of exactly the limit and no longer one', async () => {
    const room = COMMAND_BYTES - PAUSE.length
    expect((await post('/api/v1/commands', PAUSE + ' '.repeat(room))).status).toBe(404)
    const longer = await post('/api/v1/commands', PAUSE + ' '.repeat(room + 1))
    expect([longer.status, longer.code]).toEqual([413, 'too-long'])
  })

  it('takes a file of exactly the limit and no longer one', async () => {
    const headers = { 'Content-Type': 'application/x-bittorrent' }
    const largest = await post('/api/v1/torrents', new Uint8Array(TORRENT_FILE_BYTES), headers)
    expect(largest.status).toBe(200)
    const longer = await post('/api/v1/torrents', new Uint8Array(TORRENT_FILE_BYTES + 1), headers)
    expect([longer.status, longer.code]).toEqual([413, 'too-long'])
  })

  it('does not read the body of somebody without a token', async () => {
    const { status } = await ask(served.port, '/api/v1/commands', {
      method: 'POST',
      headers: { ...JSON_TYPE, 'Content-Length': '999999999' },
      body: '{',
    }).catch(() => ({ status: 401 }))
    expect(status).toBe(401)
  })

  it('refuses headers past 8 KiB', async () => {
    const headers = { 'X-Long': 'x'.repeat(9 * 1024) }
    expect((await askWithToken('/api/v1/session', { headers })).status).toBe(431)
  })
})

describe('garbage', () => {
  const BODIES = [
    '',
    'null',
    '[]',
    '{',
    '"pause"',
    '{"do":"pause"}',
    '{"do":"pause","ids":[]}',
    '{"do":"pause","ids":["../../etc/passwd"]}',
    '{"do":"pause","ids":"a"}',
    '{"do":["pause"],"ids":{}}',
    '{"__proto__":{"do":"pause"},"constructor":1}',
    '{"do":"__proto__"}',
    '{"do":"set-limits","ids":[],"limits":{"down":-1}}',
    '{"do":"set-session","maxActive":1e308}',
    '{"do":"add","source":{"kind":"metainfo","base64":"%%%"}}',
    '[['.repeat(20_000),
    '{"do":"\\ud800"}',
    '\u0000\u0001\u0002',
  ]

  it.each(BODIES.map((body) => [body.slice(0, 60), body]))(
    'answers 4xx to the command %j',
    async (_, body) => {
      for (const path of ['/api/v1/commands', '/api/v1/torrents']) {
        const { status, code } = await post(path, body)
        expect(status).toBeGreaterThanOrEqual(400)
        expect(status).toBeLessThan(500)
        expect(code).not.toBeNull()
      }
      expect(control.commands).toEqual([])
    },
  )

  it.each([
    '/api/v1/torrents/%ff',
    '/api/v1/torrents/%00',
    '/api/v1/torrents/..%2f..%2fetc%2fpasswd',
    '/api/v1/torrents/__proto__/metainfo',
    '/api/v1/torrents//metainfo',
    '/api/v2/session',
    '/api',
    '/api/v1/session/',
    '//api/v1/session',
    '/API/v1/session',
  ])('answers 404 or 400 to %s', async (path) => {
    expect([400, 404]).toContain((await askWithToken(path)).status)
  })

  it.each([
    'folder=',
    'wanted=a',
    'wanted=5-2',
    'wanted=0-999999',
    'paused=maybe',
    'x=1',
    'folder=a&folder=b',
    'do=share',
  ])('answers 400 to an upload with ?%s', async (query) => {
    const headers = { 'Content-Type': 'application/x-bittorrent' }
    const { status } = await post(`/api/v1/torrents?${query}`, 'de', headers)
    expect(status).toBe(400)
    expect(control.commands).toEqual([])
  })

  it('names the allowed methods where another was used', async () => {
    const wrong = await askWithToken('/api/v1/session', { method: 'DELETE' })
    expect([wrong.status, wrong.headers['allow']]).toEqual([405, 'GET, HEAD'])
    const get = await askWithToken('/api/v1/commands')
    expect([get.status, get.headers['allow']]).toEqual([405, 'POST'])
  })
})
