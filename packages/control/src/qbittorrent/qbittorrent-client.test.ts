/** The Web API as `@ctrl/qbittorrent` and programs that fetch films and music use it. */
import { QBittorrent } from '@ctrl/qbittorrent'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { PASSWORD, TOKEN, USERNAME } from '../compat/testing/serve-remote.ts'
import { ask } from '../testing/ask.ts'
import { openWebRemote, type WebRemote } from './testing/web-remote.ts'

let remote: WebRemote

beforeEach(async () => {
  remote = await openWebRemote()
})

afterEach(async () => {
  expect(await remote.close()).toEqual([])
})

describe('@ctrl/qbittorrent', () => {
  function client(config: object = { username: USERNAME, password: PASSWORD }): QBittorrent {
    return new QBittorrent({ baseUrl: remote.server.url, ...config })
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
    const seeding = torrents.find(({ id }) => id === remote.hashOf('seeding'))
    expect(seeding).toMatchObject({ state: 'seeding', isCompleted: true, progress: 1 })
    expect(torrents.find(({ id }) => id === remote.hashOf('paused'))).toMatchObject({
      state: 'paused',
    })
  })

  it('adds, labels, limits, stops, moves and removes', async () => {
    const id = remote.hashOf('downloading')
    const web = client()
    await web.addMagnet(`magnet:?xt=urn:btih:${'a'.repeat(40)}`, {
      category: 'films',
      savepath: '/srv',
    })
    await web.addTorrent(Buffer.from('d4:infod4:name1:aee'), { paused: 'true', tags: 'a,b' })
    await web.stopTorrent(id)
    await web.startTorrent([id])
    await web.recheckTorrent(id)
    await web.reannounceTorrent(id)
    await web.createCategory('new', '/srv/new')
    await web.setTorrentCategory(id, 'new')
    await web.resetTorrentCategory(id)
    await web.addTorrentTags(id, 'one,two')
    await web.removeTorrentTags(id, 'one')
    await web.setTorrentDownloadLimit(id, 5_000)
    await web.setTorrentUploadLimit(id, 0)
    await web.setTorrentLocation(id, '/srv/other')
    await web.topPriority(id)
    await web.setTorrentName(id, 'better')
    await web.removeTorrent(id, true)
    const ids = [id]
    const base64 = Buffer.from('d4:infod4:name1:aee').toString('base64')
    expect(remote.reached()).toEqual([
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
    const id = remote.hashOf('downloading')
    const web = client()
    expect((await web.torrentFiles(id))[2]).toMatchObject({ index: 2, priority: 0 })
    expect((await web.torrentTrackers(id))[0]).toMatchObject({ status: 2, num_seeds: 12 })
    expect(new Set(await web.torrentPieceStates(id))).toEqual(new Set([0, 2]))
    expect(await web.torrentProperties(id)).toMatchObject({
      created_by: 'FakeControl',
      piece_size: 1024 * 1024,
    })
    expect(await web.getPreferences()).toMatchObject({
      save_path: '/home/ana/Downloads',
      listen_port: 6881,
    })
  })
})

describe('a program that fetches films', () => {
  it('finds the API by a 403, logs in, adds with a category, watches and removes', async () => {
    expect((await ask(remote.server.port, '/api/v2/app/webapiVersion')).status).toBe(403)
    const login = await remote.post(
      'auth/login',
      { username: USERNAME, password: PASSWORD },
      { headers: { Authorization: '' } },
    )
    expect(login).toMatchObject({ status: 200, body: 'Ok.' })
    const set = String(login.headers['set-cookie'])
    expect(set).toMatch(/^SID=[\w-]{43}; HttpOnly; Path=\/; SameSite=Strict$/)
    const headers = { Authorization: '', Cookie: set.split(';')[0] ?? '' }
    const get = (path: string) => remote.call(path, { headers })

    expect((await get('app/webapiVersion')).body).toMatch(/^2\.9\./)
    const preferences = JSON.parse((await get('app/preferences')).body)
    expect(preferences).toMatchObject({
      max_ratio_enabled: false,
      max_ratio_act: 0,
      queueing_enabled: true,
      ...{ dht: true, pex: true, lsd: false, encryption: 0, upnp: false, proxy_type: 0 },
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
      await remote.call('torrents/add', {
        method: 'POST',
        body,
        headers: { ...headers, 'Content-Type': type },
      }),
    ).toMatchObject({ status: 200, body: 'Ok.' })
    expect(remote.reached()).toEqual([
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
      (await remote.post('torrents/setForceStart', { hashes: 'nope', value: 'true' }, { headers }))
        .status,
    ).toBe(200)
    expect(
      (
        await remote.post(
          'torrents/delete',
          { hashes: String(rows[0]?.['hash']), deleteFiles: 'true' },
          { headers },
        )
      ).status,
    ).toBe(200)
    expect((await remote.post('auth/logout', {}, { headers })).status).toBe(200)
    expect((await get('app/version')).status).toBe(403)
  })

  it('finds what is finished somewhere else than the folder around it', async () => {
    const rows: readonly Record<string, unknown>[] = JSON.parse(
      (await remote.call('torrents/info?filter=completed')).body,
    )
    expect(rows.length).toBeGreaterThan(0)
    for (const row of rows) expect(row['content_path']).not.toBe(row['save_path'])
    expect(rows[0]).toMatchObject({ eta: 8_640_000, progress: 1 })
  })
})

describe('a page or phone that keeps up to date', () => {
  async function sync(rid: number): Promise<Readonly<Record<string, unknown>>> {
    return JSON.parse((await remote.call(`sync/maindata?rid=${rid}`)).body)
  }

  it('is told everything once, then only what changed and what went', async () => {
    const first = await sync(0)
    expect(first).toMatchObject({ full_update: true, tags: ['family', 'iso'] })
    expect(Object.keys(Object(first['torrents']))).toHaveLength(12)
    const id = remote.hashOf('downloading')
    remote.control.change(id, { name: 'renamed' })
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
    await remote.control.run({ do: 'remove', ids: [id], deleteData: false })
    await remote.control.run({ do: 'remove-category', name: 'films' })
    await remote.control.run({ do: 'set-session', isAlternativeOn: true })
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

it('changes preferences that it has, and leaves those alone that are as they were', async () => {
  const all = JSON.parse((await remote.call('app/preferences')).body)
  const changed = {
    ...all,
    dl_limit: 9_000,
    max_ratio: 2,
    max_ratio_enabled: true,
    scheduler_enabled: true,
    scheduler_days: 1,
  }
  expect((await remote.post('app/setPreferences', { json: JSON.stringify(changed) })).status).toBe(
    200,
  )
  expect(remote.reached()).toEqual([
    {
      do: 'set-session',
      downLimit: 9_000,
      ratioGoal: 2,
      altSchedule: { days: ['mon', 'tue', 'wed', 'thu', 'fri'], fromMinute: 480, toMinute: 1200 },
    },
  ])
  expect(JSON.parse((await remote.call('app/preferences')).body)).toMatchObject(changed)
})

it('calls a magnet without a name by its hash', async () => {
  const id = remote.hashOf('metadata')
  remote.control.change(id, { name: '' })
  const [row] = JSON.parse((await remote.call(`torrents/info?hashes=${id}`)).body)
  expect(row).toMatchObject({ name: id, magnet_uri: `magnet:?xt=urn:btih:${id}` })
})

it.each([
  ['..', '_'],
  ['../../etc', '....etc'],
  ['/etc', 'etc'],
])('says of a torrent named %s that it lies inside its folder', async (name, shown) => {
  const id = remote.hashOf('seeding')
  remote.control.change(id, { name })
  const [row] = JSON.parse((await remote.call(`torrents/info?hashes=${id}`)).body)
  expect(row).toMatchObject({ name: shown, content_path: `${row.save_path}/${shown}` })
})
