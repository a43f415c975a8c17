/** Who may ask the Web API, what it refuses, and what hostile requests come to. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { basic, PASSWORD, READ_TOKEN, TOKEN, USERNAME } from '../compat/testing/serve-remote.ts'
import { CALLS } from './calls.ts'
import { BODY_BYTES } from './params.ts'
import { openWebRemote, type WebRemote } from './testing/web-remote.ts'

let remote: WebRemote

beforeEach(async () => {
  remote = await openWebRemote()
})

afterEach(async () => {
  expect(await remote.close()).toEqual([])
})

describe('who may ask', () => {
  it('is nobody without a login, at any address', async () => {
    for (const path of ['torrents/info', 'app/version', 'nope/nope', 'torrents/add']) {
      expect((await remote.call(path, { headers: { Authorization: '' } })).status).toBe(403)
      expect(
        (await remote.call(path, { headers: { Authorization: basic(USERNAME, 'wrong') } })).status,
      ).toBe(403)
    }
    expect(
      (await remote.call('app/version', { headers: { Authorization: basic(USERNAME, PASSWORD) } }))
        .status,
    ).toBe(200)
  })

  it('is no page of another site, and no one who calls us by another name', async () => {
    const own = `127.0.0.1:${remote.server.port}`
    for (const headers of [
      { Origin: 'http://evil.example' },
      { Origin: 'null' },
      { Referer: 'http://evil.example/x' },
      { 'Sec-Fetch-Site': 'cross-site' },
    ]) {
      const asked = await remote.call('app/version', { headers })
      expect(asked.status).toBe(401)
      expect(
        Object.keys(asked.headers).filter((name) => name.startsWith('access-control')),
      ).toEqual([])
    }
    expect(
      (
        await remote.call('app/version', {
          headers: { Origin: `http://${own}`, Referer: `http://${own}/` },
        })
      ).status,
    ).toBe(200)
    expect((await remote.call('app/version', { headers: { Host: 'evil.example' } })).status).toBe(
      421,
    )
  })

  it('waits after five wrong passwords, but never with a token', async () => {
    const none = { headers: { Authorization: '' } }
    for (let failure = 0; failure < 5; failure += 1) {
      expect(
        (
          await remote.post(
            'auth/login',
            { username: USERNAME, password: `wrong ${failure}` },
            none,
          )
        ).body,
      ).toBe('Fails.')
    }
    const late = await remote.post('auth/login', { username: USERNAME, password: PASSWORD }, none)
    expect(late.status).toBe(403)
    expect(Number(late.headers['retry-after'])).toBeGreaterThan(0)
    expect((await remote.post('auth/login', { username: 'any', password: TOKEN }, none)).body).toBe(
      'Ok.',
    )
  })

  it('changes nothing with a token that only reads, and nothing by GET', async () => {
    const headers = { Authorization: `Bearer ${READ_TOKEN}` }
    expect((await remote.post('torrents/pause', { hashes: 'all' }, { headers })).status).toBe(403)
    expect((await remote.call('torrents/info', { headers })).status).toBe(200)
    expect((await remote.call('torrents/pause?hashes=all')).status).toBe(405)
    expect(remote.reached()).toEqual([])
  })
})

describe('what this node has not got', () => {
  it.each([
    ['torrents/toggleFirstLastPiecePrio', { hashes: 'all' }],
    ['torrents/setSuperSeeding', { hashes: 'all', value: 'true' }],
    ['torrents/setAutoManagement', { hashes: 'all', enable: 'true' }],
    ['torrents/add', { urls: 'magnet:?xt=urn:btih:x', contentLayout: 'NoSubfolder' }],
    ['app/setPreferences', { json: '{"autorun_enabled":true}' }],
  ])('%s is refused in words', async (path, fields) => {
    const answer = await remote.post(path, fields)
    expect(answer.status).toBe(409)
    expect(answer.body.length).toBeGreaterThan(20)
    expect(remote.reached()).toEqual([])
  })

  it('keeps files of its own machine and addresses of its own network to itself', async () => {
    const urls = [
      '/etc/passwd',
      'file:///etc/passwd',
      'http://127.0.0.1/x',
      'http://[::1]/x',
      'http://10.0.0.1/x',
    ].join('\n')
    expect((await remote.post('torrents/add', { urls })).body).toBe('Fails.')
    expect(remote.reached()).toEqual([])
  })
})

describe('hostile requests', () => {
  const VALUES = [
    '',
    'x',
    '-1',
    '1e999',
    '99999999999999999999',
    'null',
    '\u0000',
    '..',
    '[]',
    '|'.repeat(5_000),
    'a'.repeat(5_000),
    '__proto__',
  ]
  const NAMES = [
    'hash',
    'hashes',
    'id',
    'priority',
    'limit',
    'category',
    'tags',
    'urls',
    'savepath',
    'location',
    'rid',
    'filter',
    'sort',
    'offset',
    'json',
    'ratioLimit',
    'name',
    'oldPath',
    'newPath',
    'peers',
    'origUrl',
    'newUrl',
    'deleteFiles',
    'mode',
    'savePath',
  ]

  it('of every wrong value for every parameter of every call are answered below 500', async () => {
    const hashes = remote.control.torrents[0]?.id ?? ''
    const statuses = new Set<number>()
    for (const path of CALLS.keys()) {
      if (path === 'app/shutdown') continue
      for (const value of VALUES) {
        const fields = Object.fromEntries([
          ...NAMES.map((name) => [name, value]),
          ['hashes', hashes],
          ['hash', hashes],
        ])
        statuses.add((await remote.post(path, fields)).status)
        statuses.add(
          (await remote.post(path, { [NAMES[VALUES.indexOf(value)] ?? 'x']: value })).status,
        )
      }
    }
    expect([...statuses].filter((status) => status >= 500)).toEqual([])
  }, 60_000)

  it('with bodies that are not what they say are answered below 500', async () => {
    for (const type of [
      'multipart/form-data',
      'multipart/form-data; boundary=x',
      'application/json',
      'text/plain; charset=x',
    ]) {
      for (const body of [
        '',
        '--x',
        '--x\r\n\r\n',
        '\u0000',
        '[['.repeat(50_000),
        'a='.repeat(50_000),
      ]) {
        const asked = await remote.call('torrents/add', {
          method: 'POST',
          body,
          headers: { 'Content-Type': type },
        })
        expect(asked.status).toBeLessThan(500)
      }
    }
    const json = `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
    expect((await remote.post('app/setPreferences', { json })).status).toBeLessThan(500)
    expect((await remote.call('torrents/%zz')).status).toBe(400)
    const query = 'x'.repeat(4_000)
    expect((await remote.call(`torrents/info?sort=${query}`)).status).toBe(200)
  })

  it('with long forms are refused with 413, those of strangers sooner', async () => {
    const none = { Authorization: '' }
    const long = 'password='.padEnd(9_000, 'x')
    expect(
      (await remote.call('auth/login', { method: 'POST', body: long, headers: none })).status,
    ).toBe(413)
    expect(
      (
        await remote.call('torrents/pause', {
          method: 'POST',
          body: Buffer.alloc(BODY_BYTES + 1, 'x'),
        })
      ).status,
    ).toBe(413)
    expect(
      (await remote.call('torrents/pause', { method: 'POST', body: Buffer.alloc(1_000_000, 'x') }))
        .status,
    ).toBe(400)
  })
})
