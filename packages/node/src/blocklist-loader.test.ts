import { createServer, type Server } from 'node:http'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { BlocklistLoader } from './blocklist-loader.ts'
import { createHttpPort } from './http.ts'
import { makeFolder } from './testing/sample-torrent.ts'

const LIST = 'evil:192.0.2.0-192.0.2.255\n'
let folder: ReturnType<typeof makeFolder>
const closing: (() => unknown)[] = []

beforeEach(() => {
  folder = makeFolder()
})

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
  folder.remove()
})

function loaderOf(blocklist: string | null) {
  const lists: (string | null)[] = []
  const problems: string[] = []
  const settings = { blocklist, blocklistRefresh: 3_600_000, state: folder.path }
  const loader = new BlocklistLoader(settings, {
    http: createHttpPort(),
    set: (list) => {
      lists.push(list === null ? null : list.text)
      return null
    },
    onProblem: ({ code }) => problems.push(code),
  })
  closing.push(() => loader.close())
  return { loader, lists, problems, settings }
}

async function serve(answer: () => { readonly status: number; readonly body: Uint8Array }) {
  const server: Server = createServer((_, response) => {
    const { status, body } = answer()
    response.writeHead(status).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => new Promise((resolve) => server.close(resolve)))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return `http://127.0.0.1:${port}/list`
}

test.each([
  ['as text', Buffer.from(LIST)],
  ['packed', gzipSync(LIST)],
])('a file %s holds once it is open', async (_, bytes) => {
  const path = join(folder.path, 'list')
  writeFileSync(path, bytes)
  const { loader, lists } = loaderOf(path)
  await loader.open()
  expect([lists, loader.problem]).toEqual([[LIST], null])
})

test.each([
  ['is not there', null, 'not-found'],
  ['is a zip archive', Buffer.from('PK\u0003\u0004'), 'bad-answer'],
  ['is packed and broken', gzipSync(LIST).subarray(0, 20), 'bad-answer'],
  [
    'unpacks to more than there is room for',
    gzipSync(Buffer.alloc(200 * 1024 * 1024)),
    'answer-too-long',
  ],
])('a file that %s is a problem and changes nothing', async (_, bytes, code) => {
  const path = join(folder.path, 'list')
  if (bytes !== null) writeFileSync(path, bytes)
  const { loader, lists, problems } = loaderOf(path)
  await loader.open()
  expect([lists, problems, loader.problem?.code]).toEqual([[], [code], code])
})

test('a list at an address is kept, and holds with the next start before anybody is asked', async () => {
  let status = 200
  const url = await serve(() => ({ status, body: gzipSync(LIST) }))
  const first = loaderOf(url)
  expect(await first.loader.update()).toBeNull()
  expect(first.lists).toEqual([LIST])
  expect(readdirSync(folder.path).filter((name) => name.startsWith('blocklist-'))).toHaveLength(1)
  status = 503
  const second = loaderOf(url)
  await second.loader.open()
  expect(second.lists).toEqual([LIST])
  expect((await second.loader.update())?.message).toContain('503')
  expect(second.lists).toEqual([LIST])
})

test('without a list, and when it is no longer named, nothing is blocked', async () => {
  const path = join(folder.path, 'list')
  writeFileSync(path, LIST)
  const { loader, lists, settings } = loaderOf(path)
  await loader.open()
  await loader.apply({ ...settings, blocklist: null })
  expect(lists).toEqual([LIST, null])
  expect((await loader.update())?.code).toBe('not-found')
})
