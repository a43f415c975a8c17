/** The Web API as `@ctrl/qbittorrent` and programs that fetch films and music use it. */
import { QBittorrent } from '@ctrl/qbittorrent'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  ACCESS,
  basic,
  PASSWORD,
  READ_TOKEN,
  type RemoteServer,
  serveRemote,
  TOKEN,
  USERNAME,
} from '../compat/testing/serve-remote.ts'
import { type Ask, ask, type Asked } from '../testing/ask.ts'
import { FakeControl } from '../testing/fake-control.ts'
import { CALLS } from './calls.ts'
import { BODY_BYTES } from './params.ts'
import { qbittorrentRoutes } from './routes.ts'

let control: FakeControl
let server: RemoteServer

beforeEach(async () => {
  control = new FakeControl()
  server = await serveRemote(control, (onError) =>
    qbittorrentRoutes(control, { access: ACCESS, node: 'fake 0.1.0', onError }),
  )
})

afterEach(async () => {
  await server.close()
  expect(server.errors).toEqual([])
})

function hashOf(state: string): string {
  return control.torrents.find((torrent) => torrent.state === state)?.id ?? ''
}

function reached(): readonly unknown[] {
  return control.commands.map((command) => JSON.parse(JSON.stringify(command)))
}

function call(path: string, options: Ask = {}): Promise<Asked> {
  const headers = { Authorization: `Bearer ${TOKEN}`, ...options.headers }
  return ask(server.port, `/api/v2/${path}`, { ...options, headers })
}

function post(
  path: string,
  fields: Readonly<Record<string, string>>,
  options: Ask = {},
): Promise<Asked> {
  const type = { 'Content-Type': 'application/x-www-form-urlencoded' }
  const body = new URLSearchParams(fields).toString()
  return call(path, { ...options, method: 'POST', body, headers: { ...type, ...options.headers } })
}

describe('@ctrl/qbittorrent', () => {
  function client(config: object = { username: USERNAME, password: PASSWORD }): QBittorrent {
    return new QBittorrent({ baseUrl: server.url, ...config })
  }

  it('logs in by password, by a token instead of it, and by a token as a key', async () => {
    for (const config of [
      { username: USERNAME, password: PASSWORD },
      { username: 'x', password: TOKEN },
      { apiKey: TOKEN },
    ]) {
      expect(await client(config).getAppVersion()).toBe('v4.6.7')
    }
    await expect(client({ username: USERNAME, password: 'wrong' }).login()).rejects.toThrow(/Auth/)
  })

  it('reads all torrents in its own form', async () => {
    const { torrents, labels } = await client().getAllData()
    expect(torrents).toHaveLength(12)
    expect(labels.map(({ id }) => id).sort()).toEqual(['films', 'linux'])
    const seeding = torrents.find(({ id }) => id === hashOf('seeding'))
    expect(seeding).toMatchObject({ state: 'seeding', isCompleted: true, progress: 1 })
    expect(torrents.find(({ id }) => id === hashOf('paused'))).toMatchObject({ state: 'paused' })
  })

  it('adds, labels, limits, stops, moves and removes', async () => {
    const id = hashOf('downloading')
    const remote = client()
    await remote.addMagnet(`magnet:?xt=urn:btih:${'a'.repeat(40)}`, {
      category: 'films',
      savepath: '/srv',
    })
    await remote.addTorrent(Buffer.from('d4:infod4:name1:aee'), { paused: 'true', tags: 'a,b' })
    await remote.stopTorrent(id)
    await remote.startTorrent([id])
    await remote.recheckTorrent(id)
    await remote.reannounceTorrent(id)
    await remote.createCategory('new', '/srv/new')
    await remote.setTorrentCategory(id, 'new')
    await remote.resetTorrentCategory(id)
    await remote.addTorrentTags(id, 'one,two')
    await remote.removeTorrentTags(id, 'one')
    await remote.setTorrentDownloadLimit(id, 5_000)
    await remote.setTorrentUploadLimit(id, 0)
    await remote.setTorrentLocation(id, '/srv/other')
    await remote.topPriority(id)
    await remote.setTorrentName(id, 'better')
    await remote.removeTorrent(id, true)
    const ids = [id]
    const base64 = Buffer.from('d4:infod4:name1:aee').toString('base64')
    expect(reached()).toEqual([
      {
        do: 'add',
        source: { kind: 'magnet', uri: `magnet:?xt=urn:btih:${'a'.repeat(40)}` },
        folder: '/srv',
        category: 'films',
      },
      { do: 'add', source: { kind: 'metainfo', base64 }, tags: ['a', 'b'], isPaused: true },
      { do: 'pause', ids },
      { do: 'resume', ids },
      { do: 'recheck', ids },
      { do: 'reannounce', ids },
      { do: 'save-category', name: 'new', folder: '/srv/new' },
      { do: 'set-category', ids, category: 'new' },
      { do: 'set-category', ids, category: null },
      { do: 'tag', ids, add: ['one', 'two'] },
      { do: 'tag', ids, remove: ['one'] },
      { do: 'set-limits', ids, limits: { down: 5_000 } },
      { do: 'set-limits', ids, limits: { up: null } },
      { do: 'move', ids, folder: '/srv/other' },
      { do: 'queue', ids, to: 'top' },
      { do: 'rename', id, name: 'better' },
      { do: 'remove', ids, deleteData: true },
    ])
  })

  it('reads files, trackers, pieces, properties and preferences', async () => {
    const id = hashOf('downloading')
    const remote = client()
    expect((await remote.torrentFiles(id))[2]).toMatchObject({ index: 2, priority: 0 })
    expect((await remote.torrentTrackers(id))[0]).toMatchObject({ status: 2, num_seeds: 12 })
    expect(new Set(await remote.torrentPieceStates(id))).toEqual(new Set([0, 2]))
    expect(await remote.torrentProperties(id)).toMatchObject({
      created_by: 'FakeControl',
      piece_size: 1024 * 1024,
    })
    expect(await remote.getPreferences()).toMatchObject({
      save_path: '/home/ana/Downloads',
      listen_port: 6881,
    })
  })
})

describe('a program that fetches films', () => {
  it('finds the API by a 403, logs in, adds with a category, watches and removes', async () => {
    expect((await ask(server.port, '/api/v2/app/webapiVersion')).status).toBe(403)
    const login = await post(
      'auth/login',
      { username: USERNAME, password: PASSWORD },
      { headers: { Authorization: '' } },
    )
    expect(login).toMatchObject({ status: 200, body: 'Ok.' })
    const set = String(login.headers['set-cookie'])
    expect(set).toMatch(/^SID=[\w-]{43}; HttpOnly; Path=\/; SameSite=Strict$/)
    const headers = { Authorization: '', Cookie: set.split(';')[0] ?? '' }
    const get = (path: string) => call(path, { headers })

    expect((await get('app/webapiVersion')).body).toMatch(/^2\.9\./)
    const preferences = JSON.parse((await get('app/preferences')).body)
    expect(preferences).toMatchObject({
      max_ratio_enabled: false,
      max_ratio_act: 0,
      queueing_enabled: true,
      dht: false,
    })

    const form = new FormData()
    form.append('torrents', new Blob(['d4:infod4:name1:aee']), 'x.torrent')
    for (const [name, value] of [
      ['category', 'radarr'],
      ['paused', 'false'],
      ['sequentialDownload', 'true'],
      ['contentLayout', 'Original'],
      ['ratioLimit', '1.5'],
      ['seedingTimeLimit', '60'],
      ['inactiveSeedingTimeLimit', '-2'],
    ])
      form.append(name ?? '', value ?? '')
    const request = new Response(form)
    const body = new Uint8Array(await request.arrayBuffer())
    const type = request.headers.get('content-type') ?? ''
    expect(
      await call('torrents/add', {
        method: 'POST',
        body,
        headers: { ...headers, 'Content-Type': type },
      }),
    ).toMatchObject({ status: 200, body: 'Ok.' })
    expect(reached()).toEqual([
      { do: 'save-category', name: 'radarr' },
      expect.objectContaining({
        do: 'add',
        category: 'radarr',
        isSequential: true,
        isPaused: false,
        limits: { ratio: 1.5, seedMs: 3_600_000, idleMs: null },
      }),
    ])

    const rows: readonly Record<string, unknown>[] = JSON.parse(
      (await get('torrents/info?category=radarr')).body,
    )
    expect(rows).toHaveLength(1)
    for (const key of [
      'hash',
      'name',
      'size',
      'progress',
      'eta',
      'state',
      'category',
      'save_path',
      'content_path',
      'ratio',
      'ratio_limit',
      'seeding_time',
      'seeding_time_limit',
      'inactive_seeding_time_limit',
      'last_activity',
    ]) {
      expect(rows[0]).toHaveProperty(key)
    }
    expect((await get('torrents/properties?hash=nope')).status).toBe(404)
    expect(
      (await post('torrents/setForceStart', { hashes: 'nope', value: 'true' }, { headers })).status,
    ).toBe(200)
    expect(
      (
        await post(
          'torrents/delete',
          { hashes: String(rows[0]?.['hash']), deleteFiles: 'true' },
          { headers },
        )
      ).status,
    ).toBe(200)
    expect((await post('auth/logout', {}, { headers })).status).toBe(200)
    expect((await get('app/version')).status).toBe(403)
  })

  it('finds what is finished somewhere else than the folder around it', async () => {
    const rows: readonly Record<string, unknown>[] = JSON.parse(
      (await call('torrents/info?filter=completed')).body,
    )
    expect(rows.length).toBeGreaterThan(0)
    for (const row of rows) expect(row['content_path']).not.toBe(row['save_path'])
    expect(rows[0]).toMatchObject({ eta: 8_640_000, progress: 1 })
  })
})

describe('a page or phone that keeps up to date', () => {
  async function sync(rid: number): Promise<Readonly<Record<string, unknown>>> {
    return JSON.parse((await call(`sync/maindata?rid=${rid}`)).body)
  }

  it('is told everything once, then only what changed and what went', async () => {
    const first = await sync(0)
    expect(first).toMatchObject({ full_update: true, tags: ['family', 'iso'] })
    expect(Object.keys(Object(first['torrents']))).toHaveLength(12)
    const id = hashOf('downloading')
    control.change(id, { name: 'renamed' })
    const second = await sync(Number(first['rid']))
    expect(second).toEqual({
      rid: expect.any(Number),
      torrents: {
        [id]: {
          name: 'renamed',
          content_path: '/home/ana/Downloads/renamed',
          magnet_uri: expect.any(String),
        },
      },
    })
    await control.run({ do: 'remove', ids: [id], deleteData: false })
    await control.run({ do: 'remove-category', name: 'films' })
    await control.run({ do: 'set-session', isAlternativeOn: true })
    const third = await sync(Number(second['rid']))
    expect(third).toMatchObject({
      torrents_removed: [id],
      categories_removed: ['films'],
      server_state: { use_alt_speed_limits: true },
    })
    expect(third).not.toHaveProperty('full_update')
    expect(await sync(Number(third['rid']))).toEqual({ rid: expect.any(Number) })
  })

  it('is told everything again when its number is unknown or was used before', async () => {
    const first = await sync(0)
    await sync(Number(first['rid']))
    expect(await sync(Number(first['rid']))).toMatchObject({ full_update: true })
    expect(await sync(1)).toMatchObject({ full_update: true })
  })
})

describe('who may ask', () => {
  it('is nobody without a login, at any address', async () => {
    for (const path of ['torrents/info', 'app/version', 'nope/nope', 'torrents/add']) {
      expect((await call(path, { headers: { Authorization: '' } })).status).toBe(403)
      expect(
        (await call(path, { headers: { Authorization: basic(USERNAME, 'wrong') } })).status,
      ).toBe(403)
    }
    expect(
      (await call('app/version', { headers: { Authorization: basic(USERNAME, PASSWORD) } })).status,
    ).toBe(200)
  })

  it('is no page of another site, and no one who calls us by another name', async () => {
    const own = `127.0.0.1:${server.port}`
    for (const headers of [
      { Origin: 'http://evil.example' },
      { Origin: 'null' },
      { Referer: 'http://evil.example/x' },
      { 'Sec-Fetch-Site': 'cross-site' },
    ]) {
      const asked = await call('app/version', { headers })
      expect(asked.status).toBe(401)
      expect(
        Object.keys(asked.headers).filter((name) => name.startsWith('access-control')),
      ).toEqual([])
    }
    expect(
      (
        await call('app/version', {
          headers: { Origin: `http://${own}`, Referer: `http://${own}/` },
        })
      ).status,
    ).toBe(200)
    expect((await call('app/version', { headers: { Host: 'evil.example' } })).status).toBe(421)
  })

  it('waits after five wrong passwords, but never with a token', async () => {
    const none = { headers: { Authorization: '' } }
    for (let failure = 0; failure < 5; failure += 1) {
      expect(
        (await post('auth/login', { username: USERNAME, password: `wrong ${failure}` }, none)).body,
      ).toBe('Fails.')
    }
    const late = await post('auth/login', { username: USERNAME, password: PASSWORD }, none)
    expect(late.status).toBe(403)
    expect(Number(late.headers['retry-after'])).toBeGreaterThan(0)
    expect((await post('auth/login', { username: 'any', password: TOKEN }, none)).body).toBe('Ok.')
  })

  it('changes nothing with a token that only reads, and nothing by GET', async () => {
    const headers = { Authorization: `Bearer ${READ_TOKEN}` }
    expect((await post('torrents/pause', { hashes: 'all' }, { headers })).status).toBe(403)
    expect((await call('torrents/info', { headers })).status).toBe(200)
    expect((await call('torrents/pause?hashes=all')).status).toBe(405)
    expect(reached()).toEqual([])
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
    const answer = await post(path, fields)
    expect(answer.status).toBe(409)
    expect(answer.body.length).toBeGreaterThan(20)
    expect(reached()).toEqual([])
  })

  it('keeps files of its own machine and addresses of its own network to itself', async () => {
    const urls = [
      '/etc/passwd',
      'file:///etc/passwd',
      'http://127.0.0.1/x',
      'http://[::1]/x',
      'http://10.0.0.1/x',
    ].join('\n')
    expect((await post('torrents/add', { urls })).body).toBe('Fails.')
    expect(reached()).toEqual([])
  })
})

it('changes preferences that it has, and leaves those alone that are as they were', async () => {
  const all = JSON.parse((await call('app/preferences')).body)
  const changed = {
    ...all,
    dl_limit: 9_000,
    max_ratio: 2,
    max_ratio_enabled: true,
    scheduler_enabled: true,
    scheduler_days: 1,
  }
  expect((await post('app/setPreferences', { json: JSON.stringify(changed) })).status).toBe(200)
  expect(reached()).toEqual([
    {
      do: 'set-session',
      downLimit: 9_000,
      ratioGoal: 2,
      altSchedule: { days: ['mon', 'tue', 'wed', 'thu', 'fri'], fromMinute: 480, toMinute: 1200 },
    },
  ])
  expect(JSON.parse((await call('app/preferences')).body)).toMatchObject(changed)
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
    const hashes = control.torrents[0]?.id ?? ''
    const statuses = new Set<number>()
    for (const path of CALLS.keys()) {
      if (path === 'app/shutdown') continue
      for (const value of VALUES) {
        const fields = Object.fromEntries([
          ...NAMES.map((name) => [name, value]),
          ['hashes', hashes],
          ['hash', hashes],
        ])
        statuses.add((await post(path, fields)).status)
        statuses.add((await post(path, { [NAMES[VALUES.indexOf(value)] ?? 'x']: value })).status)
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
        const asked = await call('torrents/add', {
          method: 'POST',
          body,
          headers: { 'Content-Type': type },
        })
        expect(asked.status).toBeLessThan(500)
      }
    }
    const json = `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
    expect((await post('app/setPreferences', { json })).status).toBeLessThan(500)
    expect((await call('torrents/%zz')).status).toBe(400)
    const query = 'x'.repeat(4_000)
    expect((await call(`torrents/info?sort=${query}`)).status).toBe(200)
  })

  it('with long forms are refused with 413, those of strangers sooner', async () => {
    const none = { Authorization: '' }
    const long = 'password='.padEnd(9_000, 'x')
    expect((await call('auth/login', { method: 'POST', body: long, headers: none })).status).toBe(
      413,
    )
    expect(
      (await call('torrents/pause', { method: 'POST', body: Buffer.alloc(BODY_BYTES + 1, 'x') }))
        .status,
    ).toBe(413)
    expect(
      (await call('torrents/pause', { method: 'POST', body: Buffer.alloc(1_000_000, 'x') })).status,
    ).toBe(400)
  })
})
