/** What Transmission's RPC answers, in both of its dialects. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Asked } from '../testing/ask.ts'
import { BATCH_CALLS, NESTING } from './rpc.ts'
import { type Answer, openRpcRemote, type RpcRemote } from './testing/rpc-remote.ts'

let remote: RpcRemote

beforeEach(async () => {
  remote = await openRpcRemote()
})

afterEach(async () => {
  expect(await remote.close()).toEqual([])
})

describe('the legacy dialect', () => {
  it('repeats the tag, does without one, and says what it does not understand with 200', async () => {
    const answer = async (body: string) => JSON.parse((await remote.post(body)).body)
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
    const rows = await remote.torrents({ fields: ['id', 'name', 'nope'], format: 'table' })
    expect(rows).toHaveLength(13)
    expect(rows[0]).toEqual(['id', 'name'])
    expect(rows[1]).toEqual([1, expect.any(String)])
  })

  it('tells what was active and what went lately', async () => {
    expect(await remote.torrents({ fields: ['id'] })).toHaveLength(12)
    const [first] = await remote.torrents({ fields: ['id', 'hashString'], ids: [1] })
    await remote.control.run({
      do: 'remove',
      ids: [String(first?.['hashString'])],
      deleteData: false,
    })
    const { arguments: recent } = await remote.rpc('torrent-get', {
      ids: 'recently-active',
      fields: ['id'],
    })
    expect(recent).toMatchObject({ removed: [1] })
    expect(Object(recent)['torrents']).toHaveLength(11)
    expect(await remote.torrents({ fields: ['id'], ids: 1 })).toEqual([])
  })

  it('keeps numbers while torrents come and go', async () => {
    const before = await remote.torrents({ fields: ['id', 'hashString'] })
    await remote.control.run({
      do: 'remove',
      ids: [String(before[4]?.['hashString'])],
      deleteData: false,
    })
    await remote.rpc('torrent-add', { filename: `magnet:?xt=urn:btih:${'b'.repeat(40)}` })
    const after = await remote.torrents({ fields: ['id', 'hashString'] })
    for (const row of after.slice(0, -1)) expect(before).toContainEqual(row)
    expect(after.at(-1)).toMatchObject({ id: 13 })
  })

  it('takes numbers, hashes, both, -1 and strangers for ids, and nothing else', async () => {
    const [one, two] = await remote.torrents({ fields: ['hashString'] })
    const names = async (ids: unknown) =>
      (await remote.torrents({ ids, fields: ['id'] })).map(({ id }) => id)
    expect(await names([1, String(two?.['hashString']).toUpperCase(), 1, 999])).toEqual([1, 2])
    expect(await names(String(one?.['hashString']))).toEqual([1])
    expect(await names(-1)).toEqual([])
    for (const ids of [null, {}, true, [null], [[1]], 1.5, { length: 1 }]) {
      expect((await remote.rpc('torrent-remove', { ids }))['result']).toMatch(
        /^invalid argument: ids/,
      )
    }
    expect((await remote.rpc('torrent-remove'))['result']).toContain('no torrents specified')
    expect(remote.reached()).toEqual([])
  })

  it('says that a torrent was there already, and which', async () => {
    await remote.torrents({ fields: ['id'] })
    const known = remote.control.torrents[3]
    remote.control.known = known?.id ?? ''
    const answer = await remote.rpc('torrent-add', { filename: `magnet:?xt=urn:btih:${known?.id}` })
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
      const torrent = remote.control.torrents.find((each) => each.state === state)
      return (await remote.torrents({ ids: torrent?.id, fields }))[0]
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
    const done = remote.control.torrents.find(({ state }) => state === 'seeding')?.id ?? ''
    remote.control.change(done, { state: 'queued' })
    expect((await remote.torrents({ ids: done, fields }))[0]).toMatchObject({ status: 5 })
    remote.control.change(done, { state: 'paused', ratio: 2.5 })
    remote.control.changeSession({ ratioGoal: 2 })
    expect((await remote.torrents({ ids: done, fields }))[0]).toMatchObject({
      status: 0,
      isFinished: true,
    })
  })

  it('calls a magnet without a name by its hash, so that a list has no empty column', async () => {
    const { id } = remote.control.torrents[0] ?? { id: '' }
    remote.control.change(id, { name: '' })
    expect(await remote.torrents({ ids: id, fields: ['name'] })).toEqual([{ name: id }])
  })

  it('reads lists in lists up to a depth, and takes brackets in texts for what they are', async () => {
    const answer = async (depth: number) => {
      // Two more around the list: the request and its arguments.
      const list = `${'['.repeat(depth - 2)}${']'.repeat(depth - 2)}`
      const text = JSON.stringify('\\"[{'.repeat(NESTING))
      const body = `{"tag":${text},"method":"session-stats","arguments":{"x":${list}}}`
      return JSON.parse((await remote.post(body)).body).result
    }
    expect(await answer(NESTING)).toBe('success')
    expect(await answer(NESTING + 1)).toBe('no method name')
  })

  it('marks peers with the letters that Transmission gives them', async () => {
    const peer = { downRate: 0, upRate: 0, areWeInterested: true, isInterestedInUs: true }
    const flags = async (changes: object) => {
      const id = remote.control.torrents[0]?.id ?? ''
      const detail = await remote.control.detail(id)
      const [first] = detail?.peers ?? []
      if (detail === null || first === undefined) throw new Error('It has no peer.')
      const peers = [{ ...first, ...peer, direction: 'outgoing' as const, ...changes }]
      remote.control.detail = () => Promise.resolve({ ...detail, peers })
      const [row] = await remote.torrents({ ids: id, fields: ['peers'] })
      return String(Object(row?.['peers'])[0].flagStr).replaceAll(/[THX]/g, '')
    }
    expect(await flags({ isChokingUs: true, isChokedByUs: true })).toBe('du')
    expect(await flags({ isChokingUs: false, isChokedByUs: false, downRate: 9 })).toBe('Du')
  })
})

describe('JSON-RPC 2.0', () => {
  async function call(request: unknown): Promise<Asked> {
    return remote.post(JSON.stringify(request), { headers: { 'Content-Type': 'application/json' } })
  }

  it('has its own spelling, and truths where the other counts', async () => {
    const id = remote.control.torrents[0]?.id ?? ''
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
    expect(await error({ jsonrpc: '2.0', method: 'blocklist_update', id: 1 })).toMatchObject({
      data: { error_string: expect.stringContaining('no blocklist') },
    })
  })

  it('answers nothing to a notification, and does it', async () => {
    const asked = await call({ jsonrpc: '2.0', method: 'torrent_stop', params: { ids: [1] } })
    expect(asked).toMatchObject({ status: 204, body: '' })
    expect(remote.reached()).toEqual([{ do: 'pause', ids: [expect.any(String)] }])
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
    await remote.close()
    remote = await openRpcRemote(10_000)
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
    const watch = remote.control.watch.bind(remote.control)
    remote.control.watch = (listener) => {
      watchCount += 1
      return watch(listener)
    }
    for (let round = 0; round < 3; round += 1) {
      expect(await remote.torrents({ fields })).toHaveLength(10_000)
    }
    expect(remote.control.detailCount).toBe(0)
    expect(watchCount).toBe(1)
  })
})
