import { createServer, type IncomingMessage } from 'node:http'
import { afterEach, expect, it } from 'vitest'
import { RecordedLog } from '../testing/recorded-log.ts'
import { torrentSummary } from '../testing/torrent-summary.ts'
import { CompletionHooks } from './completion-hooks.ts'
import { HOOKS_AT_ONCE, HOOKS_WAITING } from './hook-queue.ts'

const cleanups: (() => unknown)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

interface Receiver {
  readonly url: string
  readonly got: { readonly request: IncomingMessage; readonly body: string }[]
}

/** Answers with these statuses in turn, the last one for ever; 0 never answers. */
async function receive(...statuses: readonly number[]): Promise<Receiver> {
  const got: Receiver['got'] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString()
    })
    request.on('end', () => {
      const status = statuses[Math.min(got.length, statuses.length - 1)] ?? 200
      got.push({ request, body })
      if (status === 0) return
      response.writeHead(status, status === 302 ? { Location: 'http://127.0.0.1:1/' } : {})
      response.end('x'.repeat(100_000))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanups.push(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return { url: `http://127.0.0.1:${port}/hook/secret`, got }
}

function hooksFor(settings: {
  readonly onCompleteRun?: readonly string[]
  readonly onCompleteWebhook?: string
}) {
  const log = new RecordedLog()
  const results: string[] = []
  const hooks = new CompletionHooks({
    settings: { onCompleteRun: [], onCompleteWebhook: '', onCompleteTimeout: 60_000, ...settings },
    node: 'pigeond 9.9.9',
    env: process.env,
    log,
    onResult: (hook, result) => results.push(`${hook} ${result}`),
    retryMs: [1, 1],
  })
  cleanups.push(() => hooks.close())
  return { log, results, hooks }
}

it('does nothing when nothing is configured', () => {
  const { log, results, hooks } = hooksFor({})
  hooks.onComplete(torrentSummary())
  expect([log.lines, results]).toEqual([[], []])
})

it('posts the torrent as JSON, whatever its name', async () => {
  const { url, got } = await receive(204)
  const { log, hooks } = hooksFor({ onCompleteWebhook: url })
  const name = '$(touch x)\n"}\u001b[2J'
  hooks.onComplete(torrentSummary({ name, tags: ['a'] }))
  await log.until('hook-done')
  expect(got[0]?.request).toMatchObject({
    method: 'POST',
    headers: { 'content-type': 'application/json', 'user-agent': 'pigeond/9.9.9' },
  })
  const body: unknown = JSON.parse(got[0]?.body ?? '')
  expect(body).toMatchObject({
    event: 'torrent-complete',
    node: 'pigeond 9.9.9',
    torrent: { name, tags: ['a'], finishedAtMs: 2_000_000 },
  })
})

it('sends name and password of the address as a header', async () => {
  const { url, got } = await receive(200)
  const { log, hooks } = hooksFor({ onCompleteWebhook: url.replace('//', '//me:p%40ss@') })
  hooks.onComplete(torrentSummary())
  await log.until('hook-done')
  expect(got[0]?.request.headers.authorization).toBe(`Basic ${btoa('me:p@ss')}`)
})

it('tries again when the receiver is ill, and then no more', async () => {
  const well = await receive(500, 503, 200)
  const once = hooksFor({ onCompleteWebhook: well.url })
  once.hooks.onComplete(torrentSummary())
  await once.log.until('hook-done')
  expect(well.got).toHaveLength(3)

  const ill = await receive(500)
  const never = hooksFor({ onCompleteWebhook: ill.url })
  never.hooks.onComplete(torrentSummary())
  const [line] = await never.log.until('hook-failed')
  expect(line?.fields['reason']).toBe('it answered 500')
  expect(ill.got).toHaveLength(3)
  expect(never.results).toEqual(['webhook failed'])
})

it('does not try again what was refused, and follows no redirect', async () => {
  for (const [status, reason] of [
    [404, /it answered 404/],
    [302, /redirects elsewhere/],
  ] as const) {
    const { url, got } = await receive(status)
    const { log, hooks } = hooksFor({ onCompleteWebhook: url })
    hooks.onComplete(torrentSummary())
    const [line] = await log.until('hook-failed')
    expect(line?.fields['reason']).toMatch(reason)
    expect(got).toHaveLength(1)
  }
})

it('says in the log where it posted, but not the path, which may be a secret', async () => {
  const { url } = await receive(500)
  const { log, hooks } = hooksFor({ onCompleteWebhook: url })
  hooks.onComplete(torrentSummary())
  await log.until('hook-failed')
  expect(JSON.stringify(log.lines)).toContain(new URL(url).host)
  expect(JSON.stringify(log.lines)).not.toContain('secret')
})

it('ends at once when a receiver never answers', async () => {
  const { url, got } = await receive(0)
  const { log, results, hooks } = hooksFor({ onCompleteWebhook: url })
  hooks.onComplete(torrentSummary())
  while (got.length === 0) await new Promise((resolve) => setImmediate(resolve))
  await hooks.close()
  expect(log.events()).toEqual(['hook-failed'])
  expect(results).toEqual(['webhook failed'])
})

it('runs the program, and logs what it said and how it ended', async () => {
  const command = ['/bin/sh', '-c', 'echo "$PIGEON_TORRENT_NAME is here"; exit 2']
  const { log, results, hooks } = hooksFor({ onCompleteRun: command })
  hooks.onComplete(torrentSummary({ name: 'it' }))
  const [line] = await log.until('hook-failed')
  expect(line?.fields).toMatchObject({ hook: 'run', exitCode: 2, output: 'it is here\n' })
  expect(results).toEqual(['run failed'])
})

it('drops what is too much, and says so', async () => {
  const { log, results, hooks } = hooksFor({ onCompleteRun: ['/bin/sh', '-c', 'sleep 1000'] })
  for (let count = 0; count <= HOOKS_AT_ONCE + HOOKS_WAITING; count += 1) {
    hooks.onComplete(torrentSummary())
  }
  expect(log.events()).toEqual(['hook-dropped'])
  expect(results).toEqual(['run dropped'])
  await hooks.close()
})

it('goes on with what it began when the settings change', async () => {
  const { log, hooks } = hooksFor({ onCompleteRun: ['/bin/sh', '-c', 'echo before'] })
  hooks.onComplete(torrentSummary())
  const none = { onCompleteRun: [], onCompleteWebhook: '', onCompleteTimeout: 60_000 }
  hooks.configure({ ...none, onCompleteRun: ['/bin/sh', '-c', 'echo after'] })
  hooks.onComplete(torrentSummary())
  const lines = await log.until('hook-done', 2)
  expect(lines.map(({ fields }) => fields['output']).toSorted()).toEqual(['after\n', 'before\n'])
  hooks.configure(none)
  hooks.onComplete(torrentSummary())
  expect(log.lines).toHaveLength(2)
})
