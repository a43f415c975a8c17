/** Transmission's RPC as Sonarr and `@ctrl/transmission` use it. */
import { Transmission } from '@ctrl/transmission'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { PASSWORD, USERNAME } from '../compat/testing/serve-remote.ts'
import { ask } from '../testing/ask.ts'
import { LOGIN, openRpcRemote, type RpcRemote } from './testing/rpc-remote.ts'

let remote: RpcRemote

beforeEach(async () => {
  remote = await openRpcRemote()
})

afterEach(async () => {
  expect(await remote.close()).toEqual([])
})

describe('the handshake', () => {
  it('answers the first GET with 409 and the id, as Sonarr wants it, and later ones with 405', async () => {
    const first = await ask(remote.server.port, '/transmission/rpc', { headers: LOGIN })
    expect(first.status).toBe(409)
    expect(first.headers['x-transmission-rpc-version']).toBe('6.0.0')
    const id = String(first.headers['x-transmission-session-id'])
    expect(id).toMatch(/^[\w-]{48}$/)
    const headers = { ...LOGIN, 'X-Transmission-Session-Id': id }
    expect((await ask(remote.server.port, '/transmission/rpc', { headers })).status).toBe(405)
    expect((await ask(remote.server.port, '/transmission/rpc/', { headers })).status).toBe(405)
    expect(
      (await remote.post('{}', { headers: { 'X-Transmission-Session-Id': 'stale' } })).status,
    ).toBe(409)
  })

  it('lets Sonarr read the session, add, label, set goals, list and remove', async () => {
    const { arguments: session } = await remote.rpc('session-get')
    expect(Object(session)['version']).toMatch(/^(?:[3-9]\.|2\.[4-9])/)
    expect(session).toMatchObject({
      'download-dir': '/home/ana/Downloads',
      'rpc-version': 18,
      seedRatioLimited: false,
    })
    const metainfo = Buffer.from('d4:infod4:name1:aee').toString('base64')
    const added = await remote.rpc('torrent-add', {
      metainfo,
      paused: false,
      'download-dir': '/srv/tv',
      labels: ['tv'],
    })
    const { hashString, id } = Object(added['arguments'])['torrent-added']
    expect(id).toBe(13)
    await remote.rpc('torrent-set', {
      ids: [hashString],
      seedRatioLimit: 1.5,
      seedRatioMode: 1,
      seedIdleLimit: 60,
      seedIdleMode: 1,
    })
    await remote.rpc('torrent-set', { ids: [hashString], labels: ['tv', 'hd'] })
    await remote.rpc('queue-move-top', { ids: [hashString] })
    const fields = [
      'id',
      'hashString',
      'name',
      'downloadDir',
      'totalSize',
      'leftUntilDone',
      'isFinished',
      'eta',
      'status',
      'secondsDownloading',
      'secondsSeeding',
      'errorString',
      'uploadedEver',
      'downloadedEver',
      'seedRatioLimit',
      'seedRatioMode',
      'seedIdleLimit',
      'seedIdleMode',
      'fileCount',
      'file-count',
      'labels',
    ]
    const [row] = await remote.torrents({ fields, ids: [hashString] })
    expect(Object.keys(row ?? {})).toEqual(fields)
    expect(row).toMatchObject({
      status: 4,
      labels: ['hd', 'tv'],
      seedRatioMode: 1,
      seedRatioLimit: 1.5,
      seedIdleMode: 1,
      seedIdleLimit: 60,
      fileCount: expect.any(Number),
      'file-count': expect.any(Number),
    })
    await remote.rpc('torrent-remove', { ids: [hashString], 'delete-local-data': true })
    expect(await remote.torrents({ fields: ['id'], ids: [hashString] })).toEqual([])
    expect(remote.reached()).toEqual([
      {
        do: 'add',
        source: { kind: 'metainfo', base64: metainfo },
        folder: '/srv/tv',
        isPaused: false,
        tags: ['tv'],
      },
      { do: 'set-limits', ids: [hashString], limits: { ratio: 1.5, idleMs: 3_600_000 } },
      { do: 'tag', ids: [hashString], add: ['hd'], remove: [] },
      { do: 'queue', ids: [hashString], to: 'top' },
      { do: 'remove', ids: [hashString], deleteData: true },
    ])
  })
})

describe('@ctrl/transmission', () => {
  it('reads, adds, stops, limits, moves and removes', async () => {
    const client = new Transmission({
      baseUrl: remote.server.url,
      username: USERNAME,
      password: PASSWORD,
    })
    expect((await client.getSession()).arguments['rpc-version']).toBe(18)
    const { torrents: all } = await client.getAllData()
    expect(all).toHaveLength(12)
    const states = new Set<string>(all.map(({ state }) => state))
    expect(states).toEqual(new Set(['downloading', 'seeding', 'checking', 'paused', 'queued']))
    const id = all[0]?.id ?? ''
    await client.addMagnet(`magnet:?xt=urn:btih:${'a'.repeat(40)}`)
    await client.pauseTorrent(id)
    await client.resumeTorrent([id])
    await client.setTorrent(id, { downloadLimit: 5, downloadLimited: true })
    await client.moveTorrent(id, '/srv/x')
    expect((await client.freeSpace('/home/ana')).arguments['size-bytes']).toBe(123_456_789_012)
    await client.removeTorrent(id, true)
    expect(remote.control.commands.map((command) => command.do)).toEqual([
      'add',
      'pause',
      'resume',
      'set-limits',
      'move',
      'remove',
    ])
  })
})
