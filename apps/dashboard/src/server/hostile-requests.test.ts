/** Two thousand requests that nobody honest sends, at every route of the web server: none breaks it, none gets in. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FakeControl } from '@pigeon/control/testing/fake-control'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type FakeDashboard, openFakeDashboard } from '../testing/fake-dashboard.ts'
import { HOSTILE_TEXTS } from '../testing/hostile-texts.ts'
import { ask, logIn, type PlainRequest } from '../testing/http-client.ts'

const REQUESTS = 2_000
/** At once, so that the test is done soon; the server takes 64. */
const AT_ONCE = 16

let pageFolder: string
let dashboard: FakeDashboard
const second = new FakeControl({ torrentCount: 1 })

beforeAll(async () => {
  pageFolder = mkdtempSync(join(tmpdir(), 'pigeon-page-'))
  mkdirSync(join(pageFolder, 'assets'))
  writeFileSync(join(pageFolder, 'index.html'), '<!doctype html><title>Pigeon</title>')
  writeFileSync(join(pageFolder, 'assets', 'index-abc.js'), 'let pigeon = 1;'.repeat(100))
  dashboard = await openFakeDashboard({
    pageFolder,
    torrentCount: 2,
    moreNodes: [{ key: 'second', name: 'second', control: second, problem: () => null }],
  })
})
afterAll(async () => {
  await dashboard.close()
  rmSync(pageFolder, { recursive: true })
})

const ROUTES = [
  '/',
  '/login',
  '/logout',
  '/nodes',
  '/settings',
  '/t/c12fe1c06bba254a9dc9f519b335aa7c1367a88a/files',
  '/assets/index-abc.js',
  '/service-worker.js',
  '/n/second/',
  '/n/second/api/v1/commands',
  '/n/second/api/v1/torrents',
  '/n/nobody/api/v1/session',
  '/n/__proto__/api/v1/session',
  '/api/v1/commands',
  '/api/v1/torrents',
  '/api/v1/ticket',
  '/api/v1/events?ticket=x',
  '/api/v1/nothing',
]
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE']
const TYPES = ['application/json', 'text/plain', 'multipart/form-data', 'application/x-bittorrent']

/** The same requests in every run. */
function inventRequest(index: number, cookie: string): readonly [string, PlainRequest] {
  const text = HOSTILE_TEXTS[index % HOSTILE_TEXTS.length] ?? ''
  const route = ROUTES[index % ROUTES.length] ?? '/'
  const method = METHODS[Math.floor(index / ROUTES.length) % METHODS.length] ?? 'GET'
  const encoded = encodeURIComponent(Buffer.from(text).toString()).slice(0, 1_000)
  const path = [route, `${route}?q=${encoded}`, `${route}/${encoded}`, `/${encoded}`][index % 4]
  const bodies = [text, JSON.stringify({ token: text }), JSON.stringify(PAUSE), '{', `[${text}`]
  const body = bodies[index % bodies.length] ?? ''
  const isWithBody = !['GET', 'HEAD', 'TRACE'].includes(method)
  return [
    path ?? route,
    {
      method,
      headers: {
        'content-type': TYPES[index % TYPES.length] ?? '',
        // A cookie alone, as another port of this host could learn it, opens nothing.
        cookie: index % 3 === 0 ? cookie : `pigeon-${index}=${encoded.slice(0, 200)}`,
        'x-pigeon-session': encoded.slice(0, 200),
        // Without it, Node sends the body of some methods as the beginning of the next request.
        ...(isWithBody ? { 'content-length': Buffer.byteLength(body) } : {}),
      },
      ...(isWithBody ? { body } : {}),
    },
  ]
}

const PAUSE = { do: 'pause', ids: ['c12fe1c06bba254a9dc9f519b335aa7c1367a88a'] }

it('answers two thousand hostile requests without a fault, and changes nothing for any', {
  timeout: 120_000,
}, async () => {
  const { cookie } = await logIn(dashboard.server.port, dashboard.server.newLink())
  const statuses = new Map<number, number>()
  const opened: string[] = []
  for (let first = 0; first < REQUESTS; first += AT_ONCE) {
    const turn = Array.from({ length: Math.min(AT_ONCE, REQUESTS - first) }, async (_, offset) => {
      const [path, options] = inventRequest(first + offset, cookie)
      const { status } = await ask(dashboard.server.port, path, options)
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
      const isControl = /\/(?:api|nodes|logout)/.test(path.split('?')[0] ?? '')
      // To OPTIONS it says which methods there are, and does nothing.
      if (isControl && status < 400 && options.method !== 'OPTIONS')
        opened.push(`${options.method} ${path}: ${status}`)
    })
    await Promise.all(turn)
  }
  expect([...statuses.keys()].filter((status) => status >= 500)).toEqual([])
  expect([...statuses.values()].reduce((sum, count) => sum + count, 0)).toBe(REQUESTS)
  expect(opened).toEqual([])
  expect([...dashboard.control.commands, ...second.commands]).toEqual([])
})
