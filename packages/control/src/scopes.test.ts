import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { API_ROUTES } from './api-routes.ts'
import { Command, type Scope, SCOPES } from './contract.ts'
import { ADDRESSES, FailureBackoff, FREE_FAILURES, LAST_WAIT_MS } from './failure-backoff.ts'
import { bearerTokenOf } from './bearer-token.ts'
import { openControlServer } from './control-server.ts'
import { isProblem } from './problems.ts'
import { frameText } from './frame-text.ts'
import { COMMAND_SCOPES, includesScope } from './scopes.ts'
import { type Ask, ask, type Asked } from './testing/ask.ts'
import { FakeControl } from './testing/fake-control.ts'
import {
  ADD_TOKEN,
  READ_TOKEN,
  type ServedControl,
  serveControl,
  TOKEN,
} from './testing/served-control.ts'

const TOKENS: { readonly [S in Scope]: string } = {
  read: READ_TOKEN,
  add: ADD_TOKEN,
  full: TOKEN,
}
const ADD = { do: 'add', source: { kind: 'magnet', uri: 'magnet:?xt=urn:btih:0' } }
const PAUSE = { do: 'pause', ids: ['a'.repeat(40)] }

let control: FakeControl
let served: ServedControl

beforeEach(async () => {
  control = new FakeControl({ torrentCount: 2 })
  served = await serveControl(control)
})

afterEach(async () => {
  await served.close()
  expect(served.errors).toEqual([])
})

function askAs(token: string, path: string, options: Ask = {}): Promise<Asked> {
  const headers = { Authorization: `Bearer ${token}`, ...options.headers }
  return ask(served.port, path, { ...options, headers })
}

function run(token: string, command: unknown, path = '/api/v1/commands'): Promise<Asked> {
  const headers = { 'Content-Type': 'application/json' }
  return askAs(token, path, { method: 'POST', headers, body: JSON.stringify(command) })
}

describe('what a scope holds', () => {
  it('is said of every command that there is', () => {
    const names = Command.options.map((option) => option.shape.do.value)
    expect(Object.keys(COMMAND_SCOPES).toSorted()).toEqual(names.toSorted())
  })

  it.each(SCOPES)('%s: every route lets in who may, and nobody else', async (scope) => {
    for (const route of Object.values(API_ROUTES)) {
      const path = route.path.replace('{id}', control.torrents[0]?.id ?? '')
      const answer = await askAs(TOKENS[scope], path, { method: route.method.toUpperCase() })
      const mayPass = route.scope === null || includesScope(scope, route.scope)
      expect(answer.status === 403, `${route.method} ${path}`).toBe(!mayPass)
      if (!mayPass) expect(answer.body).toContain(`a token with the scope \\"${route.scope}\\"`)
    }
  })

  it('lets an adding token add, and nothing else', async () => {
    expect((await run(ADD_TOKEN, ADD)).status).toBe(200)
    expect((await run(ADD_TOKEN, ADD, '/api/v1/torrents')).status).toBe(200)
    for (const path of ['/api/v1/commands', '/api/v1/torrents']) {
      const refused = await run(ADD_TOKEN, PAUSE, path)
      expect([refused.status, refused.code]).toEqual([403, 'not-allowed'])
    }
    expect(control.commands.map((command) => command.do)).toEqual(['add', 'add'])
  })

  it('lets a reading token run nothing', async () => {
    for (const command of [ADD, PAUSE]) expect((await run(READ_TOKEN, command)).status).toBe(403)
    expect(control.commands).toEqual([])
  })
})

describe('a WebSocket', () => {
  async function resultOf(headers: Record<string, string>, query: string): Promise<unknown> {
    const socket = new WebSocket(`ws://127.0.0.1:${served.port}/api/v1/events${query}`, { headers })
    socket.on('open', () => socket.send(JSON.stringify({ run: PAUSE, id: 1 })))
    const result = await new Promise((resolve, reject) => {
      socket.on('error', reject)
      socket.on('message', (data) => {
        const message: unknown = JSON.parse(frameText(data))
        if (JSON.stringify(message).startsWith('{"kind":"result"')) resolve(message)
      })
    })
    socket.terminate()
    return result
  }

  const refused = { result: { ok: false, problem: { code: 'not-allowed' } } }

  it('runs only what its token may', async () => {
    expect(await resultOf({ Authorization: `Bearer ${ADD_TOKEN}` }, '')).toMatchObject(refused)
    expect(await resultOf({ Authorization: `Bearer ${TOKEN}` }, '')).toMatchObject({
      result: { problem: { code: 'unknown-torrent' } },
    })
  })

  it('runs only what the token may that bought its ticket', async () => {
    const bought = await askAs(READ_TOKEN, '/api/v1/ticket', { method: 'POST' })
    const { ticket, scope }: { ticket: string; scope: string } = JSON.parse(bought.body)
    expect(scope).toBe('read')
    expect(await resultOf({}, `?ticket=${ticket}`)).toMatchObject(refused)
    expect(control.commands).toEqual([])
  })
})

describe('a token that is revoked', () => {
  it('loses the sockets that it opened, by itself or by a ticket', async () => {
    const tokens = new Map<string, Scope>([
      ['stays', 'read'],
      ['goes', 'full'],
    ])
    const server = await openControlServer(control, {
      authorise: (request) => tokens.get(bearerTokenOf(request) ?? '') ?? null,
      listen: { host: '127.0.0.1', port: 0 },
    })
    if (isProblem(server)) throw new Error(server.message)
    const headersOf = (token: string) => ({ Authorization: `Bearer ${token}` })
    const bought = await ask(server.port, '/api/v1/ticket', {
      method: 'POST',
      headers: headersOf('goes'),
    })
    const { ticket }: { ticket: string } = JSON.parse(bought.body)
    const url = `ws://127.0.0.1:${server.port}/api/v1/events`
    const sockets = [
      new WebSocket(url, { headers: headersOf('stays') }),
      new WebSocket(url, { headers: headersOf('goes') }),
      new WebSocket(`${url}?ticket=${ticket}`),
    ]
    await Promise.all(sockets.map((socket) => new Promise((done) => socket.once('open', done))))
    const closed = sockets
      .slice(1)
      .map((socket) => new Promise((done) => socket.once('close', done)))
    await server.sockets.recheck()
    expect(server.sockets.clientCount).toBe(3)
    tokens.delete('goes')
    await server.sockets.recheck()
    expect(await Promise.all(closed)).toEqual([1008, 1008])
    expect(sockets[0]?.readyState).toBe(WebSocket.OPEN)
    await server.close()
  })
})

describe('wrong tokens', () => {
  it('make an address wait after five, but never who has the right one', async () => {
    const statuses = []
    for (let failure = 0; failure < FREE_FAILURES; failure += 1) {
      statuses.push((await askAs(`wrong-${failure}`, '/api/v1/session')).status)
    }
    expect(new Set(statuses)).toEqual(new Set([401]))
    const turned = await askAs('wrong', '/api/v1/session')
    expect([turned.status, turned.code]).toEqual([429, 'too-many-failures'])
    expect(Number(turned.headers['retry-after'])).toBeGreaterThan(0)
    const ticket = await ask(served.port, '/api/v1/events?ticket=wrong', {
      headers: {
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': btoa('0123456789abcdef'),
      },
    })
    expect(ticket.status).toBe(429)
    expect((await askAs(TOKEN, '/api/v1/session')).status).toBe(200)
    expect((await ask(served.port, '/api/v1/session')).status).toBe(401)
  })
})

describe('waiting', () => {
  it('doubles from a second to ten minutes, and is over after as long a rest', () => {
    const backoff = new FailureBackoff()
    const waits: number[] = []
    let nowMs = 0
    for (let failure = 0; failure < 20; failure += 1) {
      backoff.failed('192.0.2.1', nowMs)
      const waitMs = backoff.waitMs('192.0.2.1', nowMs)
      waits.push(waitMs)
      nowMs += waitMs
    }
    expect(waits.slice(0, 7)).toEqual([0, 0, 0, 0, 1_000, 2_000, 4_000])
    expect(waits.at(-1)).toBe(LAST_WAIT_MS)
    nowMs += LAST_WAIT_MS + 1
    backoff.failed('192.0.2.1', nowMs)
    expect(backoff.waitMs('192.0.2.1', nowMs)).toBe(0)
  })

  it.each([
    ['192.0.2.1', '192.0.2.2', false],
    ['127.0.0.1', '127.8.8.8', true],
    ['127.0.0.1', '::1', true],
    ['2001:db8:1:2:3::1', '2001:db8:1:2::ffff', true],
    ['2001:db8:1:2::1', '2001:db8:1:3::1', false],
    ['2001:db8::1', '2001:db8:0:0:1::', true],
    ['fe80::1%eth0', 'fe80::2%eth0', true],
  ])('of %s and %s is the same: %s', (one, other, isSame) => {
    const backoff = new FailureBackoff()
    for (let failure = 0; failure < FREE_FAILURES; failure += 1) backoff.failed(one, 0)
    expect(backoff.waitMs(other, 0) > 0).toBe(isSame)
  })

  it(`remembers ${ADDRESSES} addresses and not one more`, () => {
    const backoff = new FailureBackoff()
    const failAll = (address: string): void => {
      for (let failure = 0; failure < FREE_FAILURES; failure += 1) backoff.failed(address, 0)
    }
    const addressOf = (index: number): string => `10.0.${index >> 8}.${index & 255}`
    for (let index = 0; index < ADDRESSES; index += 1) failAll(addressOf(index))
    expect(backoff.waitMs(addressOf(0), 0)).toBeGreaterThan(0)
    failAll(addressOf(ADDRESSES))
    expect(backoff.waitMs(addressOf(0), 0)).toBe(0)
    expect(backoff.waitMs(addressOf(1), 0)).toBeGreaterThan(0)
  })
})
