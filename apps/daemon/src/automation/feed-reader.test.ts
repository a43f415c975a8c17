import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createHttpPort } from '@pigeon/node/http'
import type { HttpPort } from '@pigeon/engine/ports'
import { ioProblem } from '@pigeon/engine/problem'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RecordedLog } from '../testing/recorded-log.ts'
import { FEED_BYTES } from './feed-look.ts'
import { FeedMemory } from './feed-memory.ts'
import { FeedReader, TAKEN_PER_LOOK } from './feed-reader.ts'
import type { Taken } from './intake.ts'
import type { Feed } from './settings.ts'

type Answer = (request: IncomingMessage, response: ServerResponse) => void

let folder: string
let log: RecordedLog
let taken: { readonly source: string; readonly wishes: unknown }[]
let outcome: Taken
let counted: string[]
const cleanups: (() => unknown)[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pigeond-feeds-'))
  log = new RecordedLog()
  taken = []
  counted = []
  outcome = { kind: 'added', id: 'a'.repeat(40) }
})

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
  await rm(folder, { recursive: true, force: true })
})

/** On loopback; answers its address. */
async function serve(answer: Answer): Promise<string> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanups.push(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
}

const MAGNET = `magnet:?xt=urn:btih:${'a'.repeat(40)}`

function rss(...items: readonly (readonly [title: string, link: string])[]): string {
  const listed = items.map(
    ([title, link]) =>
      `<item><title>${title}</title><guid>${title}</guid><link>${link}</link></item>`,
  )
  return `<rss version="2.0"><channel><title>t</title>${listed.join('')}</channel></rss>`
}

function feedOf(url: string, ...rules: readonly Partial<Feed['rules'][number]>[]): Feed {
  const all = rules.length === 0 ? [{}] : rules
  return {
    url,
    every: 1_800_000,
    rules: all.map((rule) => ({ include: [], exclude: [], ...rule })),
  }
}

async function readerFor(http: HttpPort = createHttpPort()): Promise<FeedReader> {
  return new FeedReader({
    feeds: [],
    http,
    memory: await FeedMemory.load(join(folder, 'feeds.json')),
    take: (source, wishes) => {
      const text =
        source.kind === 'metainfo'
          ? new TextDecoder().decode(source.bytes)
          : source.kind === 'magnet'
            ? source.uri
            : source.url
      taken.push({ source: text, wishes })
      return Promise.resolve(outcome)
    },
    log,
    onLook: (result) => counted.push(result),
    onItem: (result) => counted.push(`item ${result}`),
  })
}

describe('what the rules take', () => {
  it('is added once, with the wishes of its rule, also after a restart', async () => {
    const url = await serve((_, response) =>
      response.end(rss(['Linux iso', MAGNET], ['Other', MAGNET])),
    )
    const feed = feedOf(url, { include: ['linux'], category: 'iso', paused: true })
    const reader = await readerFor()
    await reader.look(feed)
    await reader.look(feed)
    await (await readerFor()).look(feed)
    expect(taken).toMatchObject([{ source: MAGNET, wishes: { category: 'iso', paused: true } }])
    expect(log.events()).toEqual(['feed-added'])
    expect(counted).toEqual(['ok', 'item added', 'ok', 'ok'])
  })

  it('is fetched from the same machine when the feed is inside', async () => {
    const url = await serve(({ url: path }, response) =>
      response.end(path === '/t' ? 'd4:infode' : rss(['Linux', '/t'])),
    )
    await (await readerFor()).look(feedOf(url))
    expect(taken.map(({ source }) => source)).toEqual(['d4:infode'])
  })

  it('is not asked for at another machine inside', async () => {
    let asked = 0
    const other = await serve((_, response) => {
      asked += 1
      response.end('d4:infode')
    })
    const elsewhere = other.replace('127.0.0.1', '127.0.0.2')
    const url = await serve((_, response) => response.end(rss(['Linux', elsewhere])))
    await (await readerFor()).look(feedOf(url))
    expect([asked, taken, counted]).toEqual([0, [], ['ok', 'item failed']])
  })

  it('is not asked for inside by a feed from outside, under whatever name', async () => {
    const asked: unknown[] = []
    const http: HttpPort = {
      get: (url, { allowPrivate }) => {
        asked.push([url, allowPrivate])
        const body = new TextEncoder().encode(rss(['Linux', 'http://feeds.test/t']))
        return Promise.resolve(
          url === 'http://feeds.test/'
            ? { status: 200, body }
            : ioProblem('not-allowed', 'That is inside.', ''),
        )
      },
    }
    await (await readerFor(http)).look(feedOf('http://feeds.test/'))
    expect(asked).toEqual([
      ['http://feeds.test/', false],
      ['http://feeds.test/t', false],
    ])
  })

  it('is tried again when it did not work, and never again when it is no good', async () => {
    const url = await serve((request, response) => {
      if (request.headers['if-none-match'] === '"1"') response.writeHead(304).end()
      else response.setHeader('ETag', '"1"').end(rss(['Linux', MAGNET]))
    })
    const reader = await readerFor()
    outcome = { kind: 'failed', problem: { code: 'disk-full', message: 'Full.', help: '' } }
    await reader.look(feedOf(url))
    outcome = { kind: 'bad', problem: { code: 'bad-magnet', message: 'Bad.', help: '' } }
    await reader.look(feedOf(url))
    await reader.look(feedOf(url))
    expect(counted).toEqual(['ok', 'item failed', 'ok', 'item bad', 'unchanged'])
    expect(log.lines.map(({ fields }) => fields['reason'])).toEqual(['Full.', 'Bad.'])
  })

  it.each([TAKEN_PER_LOOK, TAKEN_PER_LOOK + 1])(
    'is taken up to a limit at one look, the rest at the next: %i items',
    async (count) => {
      const items = Array.from(
        { length: count },
        (_, n) => [`Linux ${n}`, `${MAGNET}&tr=${n}`] as const,
      )
      const url = await serve((_, response) => response.end(rss(...items).replaceAll('&', '&amp;')))
      const reader = await readerFor()
      await reader.look(feedOf(url))
      expect(taken).toHaveLength(TAKEN_PER_LOOK)
      await reader.look(feedOf(url))
      expect(taken).toHaveLength(count)
    },
  )
})

describe('asking', () => {
  it('is conditional as long as the rules are the same', async () => {
    const asked: (string | undefined)[] = []
    const url = await serve((request, response) => {
      asked.push(request.headers['if-none-match'], request.headers['if-modified-since'])
      response.setHeader('ETag', '"7"').setHeader('Last-Modified', 'Mon, 01 Jan 2024 00:00:00 GMT')
      response.end(rss(['Linux', MAGNET]))
    })
    const reader = await readerFor()
    await reader.look(feedOf(url))
    await reader.look(feedOf(url))
    await reader.look(feedOf(url, { include: ['linux'] }))
    const validators = ['"7"', 'Mon, 01 Jan 2024 00:00:00 GMT']
    expect(asked).toEqual([undefined, undefined, ...validators, undefined, undefined])
  })

  it.each([
    [
      'it answered 500',
      (_: IncomingMessage, response: ServerResponse) => response.writeHead(500).end(),
    ],
    [
      'it is no RSS or Atom feed',
      (_: IncomingMessage, response: ServerResponse) => response.end('<p>'),
    ],
    [
      `sent more than ${FEED_BYTES} bytes`,
      (_: IncomingMessage, response: ServerResponse) => response.end('x'.repeat(FEED_BYTES + 1)),
    ],
  ])('that fails is told in the log: %s', async (reason, answer) => {
    const url = await serve(answer)
    await (await readerFor()).look(feedOf(`${url}/secret`))
    expect(log.lines).toMatchObject([
      { level: 'warn', event: 'feed-failed', fields: { reason: expect.stringContaining(reason) } },
    ])
    expect(JSON.stringify(log.lines)).not.toContain('secret')
    expect(counted).toEqual(['failed'])
  })

  it('goes on with the next feed, and ends when it is closed', async () => {
    const bad = await serve((request) => request.socket.destroy())
    const good = await serve((_, response) => response.end(rss(['Linux', MAGNET])))
    const reader = new FeedReader({
      feeds: [feedOf(bad), feedOf(good)],
      http: createHttpPort(),
      memory: await FeedMemory.load(join(folder, 'feeds.json')),
      take: () => Promise.resolve(outcome),
      log,
      onLook: () => {},
      onItem: () => {},
    })
    reader.start()
    await log.until('feed-added')
    await reader.close()
    expect(log.events()).toEqual(['feed-failed', 'feed-added'])
  })

  it('that nobody answers keeps nothing from ending', async () => {
    let tellAsked: () => void = () => {}
    const asked = new Promise<void>((resolve) => {
      tellAsked = resolve
    })
    const url = await serve(() => tellAsked())
    const reader = new FeedReader({
      feeds: [feedOf(url)],
      http: createHttpPort(),
      memory: await FeedMemory.load(join(folder, 'feeds.json')),
      take: () => Promise.resolve(outcome),
      log,
      onLook: () => {},
      onItem: () => {},
    })
    reader.start()
    await asked
    await reader.close()
    expect(log.lines).toEqual([])
  })
})
