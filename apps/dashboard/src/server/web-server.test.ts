import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type FakeDashboard, openFakeDashboard } from '../testing/fake-dashboard.ts'
import { WebSocket } from 'ws'
import { ask, logIn, type PlainRequest, postJson } from '../testing/http-client.ts'
import { FakeControl } from '@pigeon/control/testing/fake-control'
import { SESSION_LIFE_MS } from './login-desk.ts'
import { readPageAssets } from './page-assets.ts'
import { RESPONSE_HEADERS } from './response-headers.ts'
import { LOGIN_BYTES } from './web-app.ts'

let pageFolder: string
let dashboard: FakeDashboard
let port: number
let nowMs = 1_000_000

beforeAll(() => {
  pageFolder = mkdtempSync(join(tmpdir(), 'pigeon-page-'))
  mkdirSync(join(pageFolder, 'assets'))
  writeFileSync(join(pageFolder, 'index.html'), '<!doctype html><title>Pigeon</title>')
  writeFileSync(join(pageFolder, 'assets', 'index-abc.js'), 'let pigeon = 1;'.repeat(100))
  writeFileSync(join(pageFolder, 'notes.secret'), 'not part of the page')
})
afterAll(() => rmSync(pageFolder, { recursive: true }))

beforeEach(async () => {
  dashboard = await openFakeDashboard({ pageFolder, torrentCount: 2, nowMs: () => nowMs })
  port = dashboard.server.port
})
afterEach(() => dashboard.close())

const pause = () => ({ do: 'pause', ids: [dashboard.control.torrents[0]?.id] })

describe('the login', () => {
  it('has its secret where no server log and no Referer can show it', () => {
    const link = new URL(dashboard.server.newLink())
    expect(`${link.origin}${link.pathname}${link.search}`).toBe(`http://127.0.0.1:${port}/login`)
    expect(link.hash).toMatch(/^#[\w-]{43}$/)
  })

  it('gives a strict cookie that scripts cannot read, and new secrets each time', async () => {
    const token = new URL(dashboard.server.newLink()).hash.slice(1)
    const answer = await postJson(port, '/login', { token })
    const [cookie = ''] = answer.headers['set-cookie'] ?? []
    expect(cookie).toMatch(
      new RegExp(`^pigeon-${port}=[\\w-]{43}; Path=/; HttpOnly; SameSite=Strict; Max-Age=43200$`),
    )
    const again = await logIn(port, dashboard.server.newLink())
    expect(cookie).not.toContain(again.cookie)
  })

  it('is not used up by somebody who only looks at the address', async () => {
    const link = dashboard.server.newLink()
    await ask(port, '/login')
    await ask(port, '/login', { method: 'HEAD' })
    await expect(logIn(port, link)).resolves.toBeDefined()
  })

  it('refuses a used link, and then makes the address wait', async () => {
    const token = new URL(dashboard.server.newLink()).hash.slice(1)
    await postJson(port, '/login', { token })
    const statuses: number[] = []
    for (let turn = 0; turn < 6; turn += 1)
      statuses.push((await postJson(port, '/login', { token })).status)
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429])
    const waiting = await postJson(port, '/login', { token })
    expect(waiting.headers['retry-after']).toBe('2')
    expect(JSON.parse(waiting.body).problem.help).toMatch(/Wait/)
    await expect(logIn(port, dashboard.server.newLink())).resolves.toBeDefined()
  })

  it.each([
    ['no body', ''],
    ['no JSON', '{'],
    ['a list', '[]'],
    ['a token that is a number', '{"token":1}'],
    ['a hundred open brackets', '['.repeat(100)],
    ['exactly as much as is read', JSON.stringify({ token: 'x'.repeat(LOGIN_BYTES - 12) })],
    ['one byte more than is read', JSON.stringify({ token: 'x'.repeat(LOGIN_BYTES - 11) })],
  ])('refuses %s, whole and clean', async (_, body) => {
    const headers = { 'content-type': 'application/json' }
    const answer = await ask(port, '/login', { method: 'POST', headers, body })
    expect([400, 401, 413]).toContain(answer.status)
    expect(answer.status === 413).toBe(body.length > LOGIN_BYTES)
    expect(answer.headers['set-cookie']).toBeUndefined()
  })

  it('ends the session with a logout', async () => {
    const session = await logIn(port, dashboard.server.newLink())
    expect((await ask(port, '/api/v1/session', { headers: session })).status).toBe(200)
    expect((await postJson(port, '/logout', {}, session)).status).toBe(200)
    expect((await ask(port, '/api/v1/session', { headers: session })).status).toBe(401)
  })

  it('lasts twelve hours', async () => {
    const session = await logIn(port, dashboard.server.newLink())
    nowMs += SESSION_LIFE_MS
    expect((await ask(port, '/api/v1/session', { headers: session })).status).toBe(401)
  })
})

describe('every way to the node', () => {
  it('needs both the cookie and the key', async () => {
    const session = await logIn(port, dashboard.server.newLink())
    const { cookie, 'x-pigeon-session': key } = session
    for (const headers of [{}, { cookie }, { 'x-pigeon-session': key }]) {
      expect((await ask(port, '/api/v1/torrents', { headers })).status).toBe(401)
      expect((await postJson(port, '/api/v1/commands', pause(), headers)).status).toBe(401)
      expect((await postJson(port, '/api/v1/ticket', {}, headers)).status).toBe(401)
    }
    expect(dashboard.control.commands).toEqual([])
    expect((await postJson(port, '/api/v1/commands', pause(), session)).status).toBe(200)
    expect(dashboard.control.commands).toHaveLength(1)
  })

  it.each([
    ['another name', 'evil.example'],
    ['another name with our port', () => `evil.example:${port}`],
    ['our name without the port', '127.0.0.1'],
    ['our name with another port', '127.0.0.1:1'],
    ['the address that means every address', () => `0.0.0.0:${port}`],
    ['a name that begins like ours', () => `127.0.0.1:${port}.evil.example`],
    ['user information', () => `127.0.0.1:${port}@evil.example`],
  ])('is closed to a Host of %s', async (_, host) => {
    const session = await logIn(port, dashboard.server.newLink())
    const headers = { ...session, host: typeof host === 'string' ? host : host() }
    for (const path of ['/', '/login', '/favicon.svg', '/api/v1/torrents', '/healthz', '/nothing'])
      expect((await ask(port, path, { headers })).status).toBe(421)
    expect((await postJson(port, '/api/v1/commands', pause(), headers)).status).toBe(421)
    expect(dashboard.control.commands).toEqual([])
  })

  it.each(['localhost', '127.0.0.1', '[::1]', 'LOCALHOST'])('is open to %s', async (name) => {
    const answer = await ask(port, '/', { headers: { host: `${name}:${port}` } })
    expect(answer.status).toBe(200)
  })

  it.each([
    ['another site', { origin: 'http://evil.example' }],
    ['no site at all', { origin: 'null' }],
    ['another port', { origin: 'http://127.0.0.1:1' }],
    ['our host over TLS', { origin: 'https://127.0.0.1' }],
    ['another site that hides its origin', { 'sec-fetch-site': 'cross-site' }],
    ['another port that hides its origin', { 'sec-fetch-site': 'same-site' }],
  ])('is closed to %s, even with a session', async (_, from) => {
    const session = await logIn(port, dashboard.server.newLink())
    const headers = { ...session, ...from }
    expect((await postJson(port, '/api/v1/commands', pause(), headers)).status).toBe(403)
    expect((await postJson(port, '/api/v1/ticket', {}, headers)).status).toBe(403)
    expect((await postJson(port, '/login', { token: 'x' }, headers)).status).toBe(403)
    expect((await postJson(port, '/logout', {}, headers)).status).toBe(403)
    expect((await ask(port, '/api/v1/torrents', { headers })).status).toBe(403)
    expect(dashboard.control.commands).toEqual([])
  })

  it('takes no form that a page of another site could send', async () => {
    const session = await logIn(port, dashboard.server.newLink())
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
      const headers = { ...session, 'content-type': type }
      const post: PlainRequest = { method: 'POST', headers, body: JSON.stringify(pause()) }
      expect((await ask(port, '/api/v1/commands', post)).status).toBe(415)
      expect((await ask(port, '/login', post)).status).toBe(415)
    }
  })

  it('allows no other origin to read or to ask beforehand', async () => {
    const headers = { origin: 'http://evil.example', 'access-control-request-method': 'POST' }
    const answer = await ask(port, '/api/v1/commands', { method: 'OPTIONS', headers })
    expect(answer.status).toBe(403)
    for (const name of Object.keys(answer.headers)) expect(name).not.toMatch(/^access-control/)
  })

  it('believes no header of a proxy', async () => {
    const headers = { host: 'evil.example', 'x-forwarded-host': `127.0.0.1:${port}` }
    expect((await ask(port, '/', { headers })).status).toBe(421)
    const other = { 'x-forwarded-for': '127.0.0.1', 'x-forwarded-user': 'admin' }
    expect((await ask(port, '/api/v1/torrents', { headers: other })).status).toBe(401)
  })
})

describe('the WebSocket', () => {
  const upgrade = (path: string, headers: Record<string, string>) =>
    ask(port, path, {
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
        ...headers,
      },
    })

  const ticketOf = async (session: Record<string, string>): Promise<string> => {
    const answer = await postJson(port, '/api/v1/ticket', {}, session)
    return `/api/v1/events?ticket=${String(JSON.parse(answer.body).ticket)}`
  }

  it('opens once for each ticket, for our own origin and with the cookie', async () => {
    const session = await logIn(port, dashboard.server.newLink())
    const headers = { cookie: session.cookie, origin: dashboard.origin }
    const path = await ticketOf(session)
    expect((await upgrade(path, headers)).status).toBe(101)
    expect((await upgrade(path, headers)).status).toBe(401)
  })

  it('stays closed without ticket, cookie or origin, and to another origin', async () => {
    const session = await logIn(port, dashboard.server.newLink())
    const { cookie } = session
    const { origin } = dashboard
    const evil = 'http://evil.example'
    expect((await upgrade('/api/v1/events', { cookie, origin })).status).toBe(401)
    expect((await upgrade(await ticketOf(session), { origin })).status).toBe(401)
    expect((await upgrade(await ticketOf(session), { cookie })).status).toBe(403)
    expect((await upgrade(await ticketOf(session), { cookie, origin: evil })).status).toBe(403)
    const host = `evil.example:${port}`
    expect((await upgrade(await ticketOf(session), { cookie, origin, host })).status).toBe(421)
    const all = { ...session, origin }
    expect((await upgrade('/api/v1/events', all)).status).toBe(401)
  })

  it('stays closed when the session has ended since the ticket', async () => {
    const session = await logIn(port, dashboard.server.newLink())
    const path = await ticketOf(session)
    await postJson(port, '/logout', {}, session)
    const headers = { cookie: session.cookie, origin: dashboard.origin }
    expect((await upgrade(path, headers)).status).toBe(401)
  })

  it('is cut when the session ends', async () => {
    const session = await logIn(port, dashboard.server.newLink())
    const path = await ticketOf(session)
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, {
      headers: { cookie: session.cookie, origin: dashboard.origin },
    })
    await new Promise((resolve) => socket.once('message', resolve))
    const closed = new Promise((resolve) => socket.once('close', resolve))
    await postJson(port, '/logout', {}, session)
    await closed
    expect(socket.readyState).toBe(WebSocket.CLOSED)
  })
})

describe('the page', () => {
  it.each(['/', '/login', '/t/0123456789abcdef0123456789abcdef01234567/files'])(
    'is one document at %s',
    async (path) => {
      const answer = await ask(port, path)
      expect(answer.status).toBe(200)
      expect(answer.body).toContain('<title>Pigeon</title>')
      expect(answer.headers['cache-control']).toBe('no-cache')
    },
  )

  it('is packed for who understands that, and never sent twice for nothing', async () => {
    const path = '/assets/index-abc.js'
    const plain = await ask(port, path)
    expect(plain.body).toHaveLength(1500)
    expect(plain.headers['cache-control']).toMatch(/immutable/)
    const packed = await ask(port, path, { headers: { 'accept-encoding': 'gzip' } })
    expect(packed.headers['content-encoding']).toBe('gzip')
    const etag = plain.headers.etag ?? ''
    expect((await ask(port, path, { headers: { 'if-none-match': etag } })).status).toBe(304)
  })

  it.each([
    '/notes.secret',
    '/index.html/',
    '/../package.json',
    '/..%2f..%2fpackage.json',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/..\\..\\windows\\win.ini',
    '/assets/..%5c..%5cmain.js',
    '/assets/index-abc.js%00.css',
    '/assets//index-abc.js',
    '/%',
    '/constructor',
    '//etc/passwd',
  ])('has nothing at %s', async (path) => {
    const answer = await ask(port, path)
    expect([400, 404]).toContain(answer.status)
    expect(answer.body).not.toMatch(/root:|"name"|pigeon =/)
  })

  it.each(['/', '/login', '/assets/index-abc.js', '/nothing', '/%', '/logout'])(
    'says on %s what the browser must not allow',
    async (path) => {
      const answer = await ask(port, path)
      for (const [name, value] of Object.entries(RESPONSE_HEADERS))
        if (name !== 'Cache-Control') expect(answer.headers[name.toLowerCase()]).toBe(value)
      expect(answer.headers['x-powered-by']).toBeUndefined()
    },
  )

  it('says so on the API and on refusals too', async () => {
    const refused = await ask(port, '/', { headers: { host: 'evil.example' } })
    for (const answer of [refused, await ask(port, '/api/v1/torrents')]) {
      expect(answer.headers['content-security-policy']).toMatch(/^default-src 'none'/)
      expect(answer.headers['x-content-type-options']).toBe('nosniff')
      expect(answer.headers['x-frame-options']).toBe('DENY')
      expect(answer.headers['referrer-policy']).toBe('no-referrer')
    }
  })
})

describe('below a base path', () => {
  let below: FakeDashboard
  beforeEach(async () => {
    below = await openFakeDashboard({ pageFolder, basePath: '/pigeon/' })
  })
  afterEach(() => below.close())

  it('lies everything, and nothing beside it', async () => {
    const at = below.server.port
    const link = below.server.newLink()
    expect(new URL(link).pathname).toBe('/pigeon/login')
    expect((await ask(at, '/pigeon/assets/index-abc.js')).status).toBe(200)
    for (const path of ['/login', '/assets/index-abc.js', '/api/v1/session', '/pigeons/'])
      expect((await ask(at, path)).status).toBe(404)
    const top = await ask(at, '/')
    expect([top.status, top.headers.location]).toEqual([302, '/pigeon/'])
    const login = await postJson(at, '/pigeon/login', { token: new URL(link).hash.slice(1) })
    const [cookie = ''] = login.headers['set-cookie'] ?? []
    expect(cookie).toContain('; Path=/pigeon/;')
    const session = {
      cookie: cookie.split(';')[0] ?? '',
      'x-pigeon-session': JSON.parse(login.body).key,
    }
    expect((await ask(at, '/pigeon/api/v1/session', { headers: session })).status).toBe(200)
  })

  it('finds the document its scripts', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pigeon-page-'))
    writeFileSync(join(folder, 'index.html'), '<script src="./assets/a.js"></script>')
    const assets = readPageAssets(folder, '/pigeon/')
    expect(assets.get('/index.html')?.body.toString()).toContain('src="/pigeon/assets/a.js"')
    rmSync(folder, { recursive: true })
  })
})

describe('several nodes', () => {
  const other = new FakeControl({ torrentCount: 5 })
  const away = { code: 'refused', message: 'nas does not answer.\u001b[31m', help: 'Start it.' }
  let isAway = false
  let several: FakeDashboard
  let session: Record<string, string>
  beforeEach(async () => {
    const node = { key: 'nas', name: 'nas', control: other, problem: () => (isAway ? away : null) }
    several = await openFakeDashboard({ pageFolder, torrentCount: 2, moreNodes: [node] })
    session = await logIn(several.server.port, several.server.newLink())
  })
  afterEach(() => several.close())

  it('are told to who is logged in only, with why one is away', async () => {
    const at = several.server.port
    expect((await ask(at, '/nodes')).status).toBe(401)
    const from = { ...session, origin: 'http://evil.example' }
    expect((await ask(at, '/nodes', { headers: from })).status).toBe(403)
    isAway = true
    const { nodes } = JSON.parse((await ask(at, '/nodes', { headers: session })).body)
    expect(nodes).toMatchObject([
      { key: 'fake', problem: null },
      { key: 'nas', name: 'nas', problem: { code: 'refused' } },
    ])
    expect(nodes[1].problem.message).not.toContain('\u001b')
    const turned = await ask(at, '/n/nas/api/v1/torrents', { headers: session })
    expect([turned.status, JSON.parse(turned.body).problem.code]).toEqual([503, 'refused'])
    expect((await ask(at, '/n/nas/api/v1/torrents')).status).toBe(401)
    isAway = false
  })

  it('have a path each, for page, API and WebSocket', async () => {
    const at = several.server.port
    const countAt = async (path: string): Promise<number> =>
      JSON.parse((await ask(at, path, { headers: session })).body).torrents.length
    expect(await countAt('/api/v1/torrents')).toBe(2)
    expect(await countAt('/n/fake/api/v1/torrents')).toBe(2)
    expect(await countAt('/n/nas/api/v1/torrents')).toBe(5)
    expect((await ask(at, '/n/nas/settings')).body).toContain('<title>Pigeon</title>')
    expect((await ask(at, '/n/nobody/')).status).toBe(404)
    const { ticket } = JSON.parse((await postJson(at, '/n/nas/api/v1/ticket', {}, session)).body)
    const socket = new WebSocket(`ws://127.0.0.1:${at}/n/nas/api/v1/events?ticket=${ticket}`, {
      headers: { cookie: session['cookie'] ?? '', origin: several.origin },
    })
    const first = await new Promise((resolve) =>
      socket.once('message', (data: Buffer) => resolve(JSON.parse(data.toString()))),
    )
    expect(first).toMatchObject({ kind: 'snapshot', torrents: { length: 5 } })
    socket.terminate()
  })
})

it('ends the session that a browser had when it logs in anew', async () => {
  const before = await logIn(port, dashboard.server.newLink())
  const token = new URL(dashboard.server.newLink()).hash.slice(1)
  expect((await postJson(port, '/login', { token }, before)).status).toBe(200)
  expect((await ask(port, '/api/v1/session', { headers: before })).status).toBe(401)
})

it('packs with brotli for who understands that', async () => {
  const headers = { 'accept-encoding': 'gzip, deflate, br' }
  const answer = await ask(port, '/assets/index-abc.js', { headers })
  expect(answer.headers['content-encoding']).toBe('br')
})
