/** The wire of Transmission's RPC: who may ask, both dialects, and what hostile requests come to. */
import { Transmission } from '@ctrl/transmission'
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
import type { Command, CommandResult } from '../contract.ts'
import { failed, problem } from '../problems.ts'
import { type Ask, ask, type Asked } from '../testing/ask.ts'
import { FakeControl } from '../testing/fake-control.ts'
import { RPC_BODY_BYTES, transmissionRoutes } from './routes.ts'
import { BATCH_CALLS } from './rpc.ts'

/** Counts looks into torrents, and knows torrents that were added before. */
class WatchedControl extends FakeControl {
  detailCount = 0
  known: string | null = null

  override detail(id: string): ReturnType<FakeControl['detail']> {
    this.detailCount += 1
    return super.detail(id)
  }

  override run(command: Command): Promise<CommandResult> {
    if (command.do === 'add' && this.known !== null) {
      return Promise.resolve(failed(problem('already-added', 'It is in the list.', 'Look at it.')))
    }
    return super.run(command)
  }
}

let control: WatchedControl
let server: RemoteServer

async function serve(torrentCount = 12): Promise<void> {
  control = new WatchedControl({ torrentCount })
  server = await serveRemote(control, (onError) =>
    transmissionRoutes(control, { access: ACCESS, node: 'fake 0.1.0', onError }),
  )
}

beforeEach(() => serve())

afterEach(async () => {
  await server.close()
  expect(server.errors).toEqual([])
})

const LOGIN = { Authorization: basic(USERNAME, PASSWORD) }

async function sessionId(): Promise<string> {
  const asked = await ask(server.port, '/transmission/rpc', { headers: LOGIN })
  return String(asked.headers['x-transmission-session-id'])
}

async function post(body: string, options: Ask = {}): Promise<Asked> {
  const headers = { ...LOGIN, 'X-Transmission-Session-Id': await sessionId(), ...options.headers }
  return ask(server.port, '/transmission/rpc', { method: 'POST', body, ...options, headers })
}

type Answer = Readonly<Record<string, unknown>>

async function rpc(method: string, args: object = {}, options: Ask = {}): Promise<Answer> {
  return JSON.parse((await post(JSON.stringify({ method, arguments: args }), options)).body)
}

async function torrents(args: object): Promise<readonly Answer[]> {
  const { arguments: answered } = await rpc('torrent-get', args)
  return Object(answered)['torrents']
}

function reached(): readonly unknown[] {
  return control.commands.map((command) => JSON.parse(JSON.stringify(command)))
}

describe('who may ask', () => {
  it('is known by name and password or by a token, and is asked for them with 401', async () => {
    const status = async (Authorization?: string) =>
      (
        await ask(server.port, '/transmission/rpc', {
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
    const { headers } = await ask(server.port, '/transmission/rpc')
    expect(headers['www-authenticate']).toMatch(/^Basic realm=/)
    expect(headers).not.toHaveProperty('x-transmission-session-id')
  })

  it('waits after five wrong passwords, but never with a token', async () => {
    for (let failure = 0; failure < 5; failure += 1) {
      const headers = { Authorization: basic(USERNAME, `wrong ${failure}`) }
      expect((await ask(server.port, '/transmission/rpc', { headers })).status).toBe(401)
    }
    const late = await ask(server.port, '/transmission/rpc', { headers: LOGIN })
    expect(late.status).toBe(403)
    expect(Number(late.headers['retry-after'])).toBeGreaterThan(0)
    const headers = { Authorization: basic('', TOKEN) }
    expect((await ask(server.port, '/transmission/rpc', { headers })).status).toBe(409)
  })

  it('calls us by a name of ours, and gets no leave for other sites in any answer', async () => {
    expect((await post('{}', { headers: { Host: 'evil.example' } })).status).toBe(421)
    for (const asked of [
      await post('{}', { headers: { Origin: 'http://evil.example' } }),
      await ask(server.port, '/transmission/rpc', { method: 'OPTIONS', headers: LOGIN }),
      await ask(server.port, '/transmission/rpc'),
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
    expect(await rpc('session-stats', {}, options)).toMatchObject({ result: 'success' })
    for (const method of ['torrent-stop', 'torrent-add', 'session-set', 'session-close']) {
      expect((await rpc(method, {}, options))['result']).toContain('allows "read"')
    }
    expect(reached()).toEqual([])
  })
})

describe('the handshake', () => {
  it('answers the first GET with 409 and the id, as Sonarr wants it, and later ones with 405', async () => {
    const first = await ask(server.port, '/transmission/rpc', { headers: LOGIN })
    expect(first.status).toBe(409)
    expect(first.headers['x-transmission-rpc-version']).toBe('6.0.0')
    const id = String(first.headers['x-transmission-session-id'])
    expect(id).toMatch(/^[\w-]{48}$/)
    const headers = { ...LOGIN, 'X-Transmission-Session-Id': id }
    expect((await ask(server.port, '/transmission/rpc', { headers })).status).toBe(405)
    expect((await ask(server.port, '/transmission/rpc/', { headers })).status).toBe(405)
    expect((await post('{}', { headers: { 'X-Transmission-Session-Id': 'stale' } })).status).toBe(
      409,
    )
  })

  it('lets Sonarr read the session, add, label, set goals, list and remove', async () => {
    const { arguments: session } = await rpc('session-get')
    expect(Object(session)['version']).toMatch(/^(?:[3-9]\.|2\.[4-9])/)
    expect(session).toMatchObject({
      'download-dir': '/home/ana/Downloads',
      'rpc-version': 18,
      seedRatioLimited: false,
    })
    const metainfo = Buffer.from('d4:infod4:name1:aee').toString('base64')
    const added = await rpc('torrent-add', {
      metainfo,
      paused: false,
      'download-dir': '/srv/tv',
      labels: ['tv'],
    })
    const { hashString, id } = Object(added['arguments'])['torrent-added']
    expect(id).toBe(13)
    await rpc('torrent-set', {
      ids: [hashString],
      seedRatioLimit: 1.5,
      seedRatioMode: 1,
      seedIdleLimit: 60,
      seedIdleMode: 1,
    })
    await rpc('torrent-set', { ids: [hashString], labels: ['tv', 'hd'] })
    await rpc('queue-move-top', { ids: [hashString] })
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
    const [row] = await torrents({ fields, ids: [hashString] })
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
    await rpc('torrent-remove', { ids: [hashString], 'delete-local-data': true })
    expect(await torrents({ fields: ['id'], ids: [hashString] })).toEqual([])
    expect(reached()).toEqual([
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
    const client = new Transmission({ baseUrl: server.url, username: USERNAME, password: PASSWORD })
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
    expect(control.commands.map((command) => command.do)).toEqual([
      'add',
      'pause',
      'resume',
      'set-limits',
      'move',
      'remove',
    ])
  })
})

describe('the legacy dialect', () => {
  it('repeats the tag, does without one, and says what it does not understand with 200', async () => {
    const answer = async (body: string) => JSON.parse((await post(body)).body)
    expect(await answer('{"method":"nope","tag":3}')).toEqual({
      arguments: {},
      result: 'method name not recognized',
      tag: 3,
    })
    expect(await answer('{"method":"torrent-stop","arguments":{"ids":[]}}')).toEqual({
      arguments: {},
      result: 'success',
    })
    for (const body of ['garbage', '', '[]', 'null', '7', '{"method":7}', '{}']) {
      expect(await answer(body)).toEqual({ arguments: {}, result: 'no method name' })
    }
    expect(await answer('{"method":"torrent-get","arguments":{}}')).toEqual({
      arguments: { torrents: [] },
      result: 'no fields specified',
    })
  })

  it('answers as a table with the names first', async () => {
    const rows = await torrents({ fields: ['id', 'name', 'nope'], format: 'table' })
    expect(rows).toHaveLength(13)
    expect(rows[0]).toEqual(['id', 'name'])
    expect(rows[1]).toEqual([1, expect.any(String)])
  })

  it('tells what was active and what went lately', async () => {
    expect(await torrents({ fields: ['id'] })).toHaveLength(12)
    const [first] = await torrents({ fields: ['id', 'hashString'], ids: [1] })
    await control.run({ do: 'remove', ids: [String(first?.['hashString'])], deleteData: false })
    const { arguments: recent } = await rpc('torrent-get', {
      ids: 'recently-active',
      fields: ['id'],
    })
    expect(recent).toMatchObject({ removed: [1] })
    expect(Object(recent)['torrents']).toHaveLength(11)
    expect(await torrents({ fields: ['id'], ids: 1 })).toEqual([])
  })

  it('keeps numbers while torrents come and go', async () => {
    const before = await torrents({ fields: ['id', 'hashString'] })
    await control.run({ do: 'remove', ids: [String(before[4]?.['hashString'])], deleteData: false })
    await rpc('torrent-add', { filename: `magnet:?xt=urn:btih:${'b'.repeat(40)}` })
    const after = await torrents({ fields: ['id', 'hashString'] })
    for (const row of after.slice(0, -1)) expect(before).toContainEqual(row)
    expect(after.at(-1)).toMatchObject({ id: 13 })
  })

  it('takes numbers, hashes, both, -1 and strangers for ids, and nothing else', async () => {
    const [one, two] = await torrents({ fields: ['hashString'] })
    const names = async (ids: unknown) =>
      (await torrents({ ids, fields: ['id'] })).map(({ id }) => id)
    expect(await names([1, String(two?.['hashString']).toUpperCase(), 1, 999])).toEqual([1, 2])
    expect(await names(String(one?.['hashString']))).toEqual([1])
    expect(await names(-1)).toEqual([])
    for (const ids of [null, {}, true, [null], [[1]], 1.5, { length: 1 }]) {
      expect((await rpc('torrent-remove', { ids }))['result']).toMatch(/^invalid argument: ids/)
    }
    expect((await rpc('torrent-remove'))['result']).toContain('no torrents specified')
    expect(reached()).toEqual([])
  })

  it('says that a torrent was there already, and which', async () => {
    await torrents({ fields: ['id'] })
    const known = control.torrents[3]
    control.known = known?.id ?? ''
    const answer = await rpc('torrent-add', { filename: `magnet:?xt=urn:btih:${known?.id}` })
    expect(answer).toMatchObject({
      result: 'success',
      arguments: { 'torrent-duplicate': { hashString: known?.id, name: known?.name } },
    })
  })

  it('shows states, errors, shares and times left as Transmission counts them', async () => {
    const fields = [
      'status',
      'eta',
      'error',
      'errorString',
      'percentDone',
      'metadataPercentComplete',
      'recheckProgress',
      'isFinished',
    ]
    const of = async (state: string) => {
      const torrent = control.torrents.find((each) => each.state === state)
      return (await torrents({ ids: torrent?.id, fields }))[0]
    }
    expect(await of('paused')).toMatchObject({ status: 0, eta: -1, error: 0, errorString: '' })
    expect(await of('checking')).toMatchObject({ status: 2, recheckProgress: expect.any(Number) })
    expect(await of('moving')).toMatchObject({ status: 2 })
    expect(await of('queued')).toMatchObject({ status: 3, percentDone: 0 })
    expect(await of('metadata')).toMatchObject({
      status: 4,
      eta: -2,
      metadataPercentComplete: 0,
      percentDone: 0,
    })
    expect(await of('downloading')).toMatchObject({
      status: 4,
      eta: -2,
      metadataPercentComplete: 1,
    })
    expect(await of('seeding')).toMatchObject({
      status: 6,
      eta: -1,
      percentDone: 1,
      isFinished: false,
    })
    expect(await of('error')).toMatchObject({
      status: 0,
      error: 3,
      errorString: expect.stringContaining('disk'),
    })
    const done = control.torrents.find(({ state }) => state === 'seeding')?.id ?? ''
    control.change(done, { state: 'queued' })
    expect((await torrents({ ids: done, fields }))[0]).toMatchObject({ status: 5 })
    control.change(done, { state: 'paused', ratio: 2.5 })
    control.changeSession({ ratioGoal: 2 })
    expect((await torrents({ ids: done, fields }))[0]).toMatchObject({
      status: 0,
      isFinished: true,
    })
  })
})

describe('JSON-RPC 2.0', () => {
  async function call(request: unknown): Promise<Asked> {
    return post(JSON.stringify(request), { headers: { 'Content-Type': 'application/json' } })
  }

  it('has its own spelling, and truths where the other counts', async () => {
    const id = control.torrents[0]?.id ?? ''
    const params = {
      ids: [id],
      fields: ['hash_string', 'download_dir', 'wanted', 'file_stats', 'peers_from'],
    }
    const { body } = await call({ jsonrpc: '2.0', method: 'torrent_get', params, id: 'a' })
    expect(JSON.parse(body)).toEqual({
      jsonrpc: '2.0',
      id: 'a',
      result: {
        torrents: [
          {
            hash_string: id,
            download_dir: '/home/ana/Downloads',
            wanted: [true, true, false, true, true, true],
            file_stats: expect.arrayContaining([
              { bytes_completed: expect.any(Number), priority: 0, wanted: false },
            ]),
            peers_from: expect.objectContaining({ from_tracker: expect.any(Number) }),
          },
        ],
      },
    })
    const session = JSON.parse(
      (
        await call({
          jsonrpc: '2.0',
          method: 'session_get',
          params: { fields: ['rpc_version', 'seed_ratio_limited', 'units'] },
          id: 1,
        })
      ).body,
    )
    expect(session.result).toMatchObject({
      rpc_version: 18,
      seed_ratio_limited: false,
      units: { speed_bytes: 1000 },
    })
  })

  it('tells errors by number and in words', async () => {
    const error = async (request: unknown) => JSON.parse((await call(request)).body).error
    expect(await error({ jsonrpc: '2.0', method: 'nope', id: 1 })).toMatchObject({ code: -32_601 })
    expect(await error({ jsonrpc: '2.0', method: 'free_space', params: {}, id: 1 })).toMatchObject({
      code: -32_602,
    })
    expect(await error({ jsonrpc: '2.0', method: 'free_space', params: [], id: 1 })).toMatchObject({
      code: -32_602,
    })
    expect(await error({ jsonrpc: '2.0', method: 7, id: 1 })).toMatchObject({ code: -32_600 })
    expect(await error({ jsonrpc: '2.0', method: 'port_test', id: 1 })).toMatchObject({
      data: { error_string: expect.stringContaining('port') },
    })
  })

  it('answers nothing to a notification, and does it', async () => {
    const asked = await call({ jsonrpc: '2.0', method: 'torrent_stop', params: { ids: [1] } })
    expect(asked).toMatchObject({ status: 204, body: '' })
    expect(reached()).toEqual([{ do: 'pause', ids: [expect.any(String)] }])
  })

  it('answers a batch in order, what is no request among it too', async () => {
    const batch = [
      { jsonrpc: '2.0', method: 'session_stats', id: 1 },
      { jsonrpc: '2.0', method: 'torrent_stop', params: { ids: [] } },
      7,
      { jsonrpc: '2.0', method: 'nope', id: 2 },
    ]
    const answers = JSON.parse((await call(batch)).body)
    expect(answers.map(({ id }: Answer) => id)).toEqual([1, null, 2])
    expect(
      (await call([{ jsonrpc: '2.0', method: 'torrent_stop', params: { ids: [] } }])).status,
    ).toBe(204)
    const one = { jsonrpc: '2.0', method: 'port_test', id: 1 }
    expect(
      JSON.parse((await call(Array.from({ length: BATCH_CALLS }, () => one))).body),
    ).toHaveLength(BATCH_CALLS)
    const more = JSON.parse((await call(Array.from({ length: BATCH_CALLS + 1 }, () => one))).body)
    expect(more).toMatchObject({ id: null, error: { code: -32_600 } })
  })
})

describe('ten thousand torrents', () => {
  it('are listed without a look into any of them, by one subscription', async () => {
    await server.close()
    await serve(10_000)
    const fields = [
      'error',
      'errorString',
      'eta',
      'id',
      'isFinished',
      'leftUntilDone',
      'name',
      'peersGettingFromUs',
      'peersSendingToUs',
      'rateDownload',
      'rateUpload',
      'sizeWhenDone',
      'status',
      'uploadRatio',
    ]
    let watchCount = 0
    const watch = control.watch.bind(control)
    control.watch = (listener) => {
      watchCount += 1
      return watch(listener)
    }
    for (let round = 0; round < 3; round += 1) {
      expect(await torrents({ fields })).toHaveLength(10_000)
    }
    expect(control.detailCount).toBe(0)
    expect(watchCount).toBe(1)
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
    const id = await sessionId()
    const headers = { ...LOGIN, 'X-Transmission-Session-Id': id }
    const calls = METHODS.flatMap((method) => KEYS.map((key) => [method, key] as const))
    for (const [method, key] of calls) {
      const batch = VALUES.map((value, index) => ({
        jsonrpc: '2.0',
        method,
        id: index,
        params: { ids: [1], fields: ['id'], [key]: value },
      }))
      const asked = await ask(server.port, '/transmission/rpc', {
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
    for (const body of bodies) expect((await post(body)).status).toBe(200)
    expect((await post('x', { headers: { 'Content-Encoding': 'gzip' } })).status).toBe(415)
    expect(
      (await post('{}', { headers: { 'Content-Type': 'text/html; charset=utf-7' } })).status,
    ).toBe(200)
    expect(reached()).toEqual([])
  })

  it('that are too long are refused with 413, and one that is just short enough is read', async () => {
    const call = '{"method":"session-stats"}'
    const longest = call.padEnd(RPC_BODY_BYTES)
    expect((await post(longest)).status).toBe(200)
    expect((await post(`${longest} `)).status).toBe(413)
  })
})
