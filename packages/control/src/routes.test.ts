import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { TorrentSummary } from './contract.ts'
import { type Ask, ask, type Asked } from './testing/ask.ts'
import { FakeControl } from './testing/fake-control.ts'
import { type ServedControl, serveControl, TOKEN } from './testing/served-control.ts'

let control: FakeControl
let served: ServedControl

beforeEach(async () => {
  control = new FakeControl({ torrentCount: 30 })
  served = await serveControl(control)
})

afterEach(async () => {
  await served.close()
  expect(served.errors).toEqual([])
})

function get(path: string, options: Ask = {}): Promise<Asked> {
  const headers = { Authorization: `Bearer ${TOKEN}`, ...options.headers }
  return ask(served.port, path, { ...options, headers })
}

function post(path: string, type: string, body: string): Promise<Asked> {
  return get(path, { method: 'POST', body, headers: { 'Content-Type': type } })
}

interface ListAnswer {
  readonly total: number
  readonly torrents: readonly TorrentSummary[]
}

async function list(query: string): Promise<ListAnswer> {
  const { status, body } = await get(`/api/v1/torrents?${query}`)
  expect(status).toBe(200)
  // The server under test wrote it.
  const answer: ListAnswer = JSON.parse(body)
  return answer
}

describe('the list', () => {
  it('has only what a filter finds, in the order that was asked for', async () => {
    const filter = encodeURIComponent('tag:iso & !paused')
    const { total, torrents } = await list(`filter=${filter}&sort=-size,name`)
    const expected = control.torrents.filter(
      ({ tags, state }) => tags.includes('iso') && state !== 'paused',
    )
    expect(total).toBe(expected.length)
    expect(torrents.map(({ id }) => id).toSorted()).toEqual(expected.map(({ id }) => id).toSorted())
    const sizes = torrents.map(({ wantedBytes }) => wantedBytes)
    expect(sizes).toEqual(sizes.toSorted((one, other) => other - one))
  })

  it('comes in parts, which say how many there are in all', async () => {
    const ids = control.torrents.map(({ id }) => id)
    const part = await list('offset=10&limit=5')
    expect(part.total).toBe(30)
    expect(part.torrents.map(({ id }) => id)).toEqual(ids.slice(10, 15))
    expect((await list('offset=29&limit=5')).torrents).toHaveLength(1)
    expect((await list('offset=1000')).torrents).toEqual([])
    expect((await list('limit=0')).torrents).toEqual([])
  })

  it.each([
    ['filter=size%3E', 'bad-filter'],
    ['sort=weight', 'bad-sort'],
    ['limit=-1', 'bad-query'],
    ['limit=1e3', 'bad-query'],
    ['offset=', 'bad-query'],
    ['limit=100001', 'bad-query'],
    ['fliter=a', 'bad-query'],
    ['filter=a&filter=b', 'bad-query'],
    ['__proto__=a', 'bad-query'],
    [`filter=${'a'.repeat(1025)}`, 'bad-query'],
  ])('answers 400 to ?%s', async (query, code) => {
    const answer = await get(`/api/v1/torrents?${query}`)
    expect([answer.status, answer.code]).toEqual([400, code])
  })
})

describe('a preview', () => {
  it('shows a file as it is, and a source in a body', async () => {
    const file = await post('/api/v1/preview', 'application/x-bittorrent', 'd4:infodee')
    expect(JSON.parse(file.body)).toMatchObject({
      preview: { isKnown: false, comment: 'Made up.' },
    })
    const source = { kind: 'url', url: 'http://example.org/a.torrent' }
    const linked = await post('/api/v1/preview', 'application/json', JSON.stringify({ source }))
    expect(linked.status).toBe(200)
    expect(control.commands).toEqual([])
  })

  it('says that a magnet has nothing to look at', async () => {
    const source = { kind: 'magnet', uri: `magnet:?xt=urn:btih:${'0'.repeat(40)}` }
    const answer = await post('/api/v1/preview', 'application/json', JSON.stringify({ source }))
    expect([answer.status, answer.code]).toEqual([409, 'metadata-unknown'])
  })

  it.each(['{}', '[]', '{"source":{"kind":"path"}}', '{"source":{"kind":"url","url":"a"},"x":1}'])(
    'answers 400 to %s',
    async (body) => {
      const answer = await post('/api/v1/preview', 'application/json', body)
      expect([answer.status, answer.code]).toEqual([400, 'bad-command'])
    },
  )
})

describe('folders', () => {
  it('are listed, beginning where the node says', async () => {
    const begun = await get('/api/v1/folders')
    expect(JSON.parse(begun.body)).toMatchObject({ listing: { path: '/home/ana' } })
    const inside = await get('/api/v1/folders?path=%2Fhome%2Fana')
    expect(JSON.parse(inside.body)).toMatchObject({ listing: { path: '/home/ana' } })
  })

  it('outside what is allowed are not', async () => {
    const answer = await get('/api/v1/folders?path=%2Fetc')
    expect([answer.status, answer.code]).toEqual([403, 'not-allowed'])
    expect((await get('/api/v1/folders?path=a&path=b')).status).toBe(400)
  })
})

describe('an upload', () => {
  it('takes all the options of a command in its address', async () => {
    const path =
      '/api/v1/torrents?category=films&tags=a,b%20c&stop-at=metadata&forced=true&first=1&sequential='
    const answer = await post(path, 'application/x-bittorrent', 'd4:infodee')
    expect(answer.status).toBe(200)
    expect(control.commands).toMatchObject([
      {
        do: 'add',
        category: 'films',
        tags: ['a', 'b c'],
        stopAt: 'metadata',
        isForced: true,
        isFirst: true,
        isSequential: true,
      },
    ])
  })

  it.each(['category=a,b', 'tags=a,,b', 'stop-at=once', 'first=perhaps'])(
    'answers 400 to ?%s',
    async (query) => {
      const answer = await post(`/api/v1/torrents?${query}`, 'application/x-bittorrent', 'de')
      expect(answer.status).toBe(400)
      expect(control.commands).toEqual([])
    },
  )
})

describe('the address of the WebSocket', () => {
  it('says so to who asks for a page', async () => {
    const answer = await get('/api/v1/events')
    expect([answer.status, answer.code]).toEqual([426, 'upgrade-needed'])
    // Or it would hold one of the few connections until it is idle for long.
    expect(answer.headers['connection']).toMatch(/close/)
  })
})
