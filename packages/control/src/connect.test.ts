import { createServer, type RequestListener } from 'node:http'
import { createServer as createTcpServer, type Server } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocketServer } from 'ws'
import { connectControl } from './connect.ts'
import type { Control, Problem, Update } from './contract.ts'
import { frameText } from './frame-text.ts'
import { isProblem } from './problems.ts'
import { FILES_PER_REQUEST } from './remote-requests.ts'
import { FakeControl } from './testing/fake-control.ts'
import { serveControl, TOKEN } from './testing/served-control.ts'
import { UpdateLog } from './testing/update-log.ts'

const cleanups: (() => unknown)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

async function connected(url: string): Promise<Control> {
  const control = await connectControl(url, { token: TOKEN })
  if (isProblem(control)) throw new Error(control.message)
  cleanups.push(() => control.close())
  return control
}

async function refusalOf(url: string, token: string = TOKEN): Promise<Problem> {
  const control = await connectControl(url, { token })
  if (isProblem(control)) return control
  await control.close()
  throw new Error('It connected.')
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanups.push(() => new Promise((resolve) => server.close(resolve)))
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
}

describe('refused from the start', () => {
  it.each([
    '',
    'nothing',
    'ftp://127.0.0.1',
    'http://ana:secret@127.0.0.1',
    'http://127.0.0.1/?a=b',
  ])('says that %j is no address', async (url) => {
    const { code, message } = await refusalOf(url)
    expect(code).toBe('bad-url')
    expect(message).not.toContain('secret')
  })

  it('says that a token with a line break is none', async () => {
    expect((await refusalOf('http://127.0.0.1:1', 'a\r\nHost: x')).code).toBe('bad-token')
  })

  it('says that nothing listens there', async () => {
    const { code, message, help } = await refusalOf('http://127.0.0.1:1')
    expect([code, message]).toEqual(['refused', 'Nothing listens at 127.0.0.1:1.'])
    expect(help).toContain('pigeond')
  })

  it('says that there is no such host', async () => {
    expect((await refusalOf('http://no-such-host.invalid:9191')).code).toBe('name-not-found')
  })

  it('says that the token is wrong, and not what it was', async () => {
    const served = await serveControl(new FakeControl())
    cleanups.push(() => served.close())
    const { code, message, help } = await refusalOf(served.url, 'a-wrong-token-0123456789')
    expect(code).toBe('wrong-token')
    expect(message + help).not.toContain('0123456789')
  })

  it('says that the node does not know that name', async () => {
    const server = createServer((_, response) => {
      response.writeHead(421, { 'Pigeon-Api': '1' }).end()
    })
    const { code, help } = await refusalOf(await listen(server))
    expect(code).toBe('wrong-host')
    expect(help).toContain('settings')
  })

  const OTHERS: readonly (readonly [string, RequestListener])[] = [
    ['a web page', (_, response) => response.end('<h1>Welcome</h1>')],
    ['an error of another server', (_, response) => response.writeHead(401).end()],
    [
      'a redirect',
      (_, response) => response.writeHead(302, { Location: 'http://x.example/' }).end(),
    ],
  ]

  it.each(OTHERS)('says that %s is no node', async (_, answer) => {
    expect((await refusalOf(await listen(createServer(answer)))).code).toBe('not-a-pigeon')
  })

  it('says that something without HTTP is no node', async () => {
    const server = createTcpServer((socket) => {
      socket.on('error', () => {})
      socket.resume()
      socket.end('SSH-2.0-OpenSSH_9.2\r\n')
    })
    expect((await refusalOf(await listen(server))).code).toBe('not-a-pigeon')
  })

  it('says that somebody hangs up', async () => {
    const server = createTcpServer((socket) => socket.destroy())
    expect((await refusalOf(await listen(server))).code).toBe('reset')
  })

  it('says that it expected no encryption, or some', async () => {
    const served = await serveControl(new FakeControl())
    cleanups.push(() => served.close())
    const { code } = await refusalOf(served.url.replace('http:', 'https:'))
    expect(code).toBe('tls')
  })
})

describe('a line that breaks', () => {
  it('says offline once, then begins again with a snapshot when the node is back', async () => {
    const control = new FakeControl({ torrentCount: 2 })
    const served = await serveControl(control)
    const remote = await connected(served.url)
    const log = new UpdateLog(remote)
    await log.next('snapshot')
    await served.close()
    const { problem } = await log.next('offline')
    expect(problem.help).not.toBe('')

    const late = new UpdateLog(remote)
    expect((await late.next('snapshot')).torrents).toHaveLength(2)
    expect((await late.next('offline')).problem).toEqual(problem)
    late.stop()
    const ids = [control.torrents[0]?.id ?? '']
    expect(await remote.run({ do: 'pause', ids })).toMatchObject({ ok: false })

    await control.run({ do: 'remove', ids, deleteData: false })
    const again = await serveControl(control, served.port)
    cleanups.push(() => again.close())
    expect((await log.next('snapshot')).torrents).toEqual(control.torrents)
    control.step()
    await log.next('diff')
    expect(await remote.run({ do: 'reannounce', ids })).toMatchObject({ ok: false })
  })

  it('asks for a snapshot when a number is missing, and shows nothing in between', async () => {
    const node = new FakeControl({ torrentCount: 1 })
    const asked: string[] = []
    const snapshot = await new UpdateLog(node).next('snapshot')
    const http = createServer((_, response) => {
      response.writeHead(200, { 'Pigeon-Api': '1' }).end('{}')
    })
    const sockets = new WebSocketServer({ server: http })
    sockets.on('connection', (socket) => {
      const send = (update: Update): void => socket.send(JSON.stringify(update))
      const diff = { kind: 'diff', session: null, removed: [] } as const
      const [torrent] = snapshot.torrents
      if (torrent === undefined) throw new Error('The fake has a torrent.')
      socket.on('message', (data) => {
        asked.push(frameText(data))
        send({ ...snapshot, number: 20, torrents: [{ ...torrent, downRate: 3 }] })
        send({ ...diff, number: 21, changed: [{ ...torrent, downRate: 4 }] })
      })
      send({ ...snapshot, number: 10 })
      send({ ...diff, number: 11, changed: [{ ...torrent, downRate: 1 }] })
      send({ ...diff, number: 13, changed: [{ ...torrent, downRate: 2 }] })
      send({ ...diff, number: 14, changed: [{ ...torrent, downRate: 2 }] })
    })
    const remote = await connected(await listen(http))
    cleanups.push(() => {
      for (const socket of sockets.clients) socket.terminate()
      http.closeAllConnections()
    })
    const rates: (number | undefined)[] = []
    const log = new UpdateLog(remote)
    remote.watch((update) => {
      if (update.kind === 'diff') rates.push(update.changed[0]?.downRate)
      if (update.kind === 'snapshot') rates.push(update.torrents[0]?.downRate)
    })
    await log.until((torrents) => [...torrents.values()][0]?.downRate === 4)
    expect(asked).toEqual(['{"resync":true}'])
    expect(rates).not.toContain(2)
    expect(rates.slice(-2)).toEqual([3, 4])
  })

  it('tells its own watchers numbers without a gap, whatever the line did', async () => {
    const control = new FakeControl({ torrentCount: 2 })
    const served = await serveControl(control)
    const remote = await connected(served.url)
    const log = new UpdateLog(remote)
    await log.next('snapshot')
    control.step()
    await log.next('diff')
    await served.close()
    await log.next('offline')
    control.step()
    const again = await serveControl(control, served.port)
    cleanups.push(() => again.close())
    await log.next('snapshot')
    control.step()
    await log.next('diff')
    const [first = 0] = log.numbers
    expect(log.numbers).toEqual([first, first + 1, first + 2, first + 3])
  })
})

describe('commands that do not fit into one request', () => {
  it('sends the wishes for very many files in several', async () => {
    const control = new FakeControl({ torrentCount: 1 })
    const served = await serveControl(control)
    cleanups.push(() => served.close())
    const remote = await connected(served.url)
    const id = control.torrents[0]?.id ?? ''
    const files = Array.from({ length: FILES_PER_REQUEST + 1 }, (_, index) => ({
      index,
      priority: 'skip' as const,
    }))
    expect(await remote.run({ do: 'set-files', id, files })).toEqual({ ok: true, ids: [id] })
    const sent = control.commands.flatMap((command) =>
      command.do === 'set-files' ? command.files : [],
    )
    expect(sent).toEqual(files)
    expect(control.commands).toHaveLength(2)
  })

  it('sends ten thousand ids in one', async () => {
    const control = new FakeControl({ torrentCount: 1 })
    const served = await serveControl(control)
    cleanups.push(() => served.close())
    const remote = await connected(served.url)
    const ids = Array.from({ length: 10_000 }, (_, index) => index.toString(16).padStart(64, '0'))
    expect(await remote.run({ do: 'queue', ids, to: 'top' })).toMatchObject({
      problem: { code: 'unknown-torrent' },
    })
  })

  it('adds a file whose wishes are too long for an address', async () => {
    const control = new FakeControl({ torrentCount: 1 })
    const served = await serveControl(control)
    cleanups.push(() => served.close())
    const remote = await connected(served.url)
    const wantedFiles = Array.from({ length: 20_000 }, (_, index) => index * 2)
    const source = { kind: 'metainfo', base64: 'ZGU=' } as const
    expect(await remote.run({ do: 'add', source, wantedFiles })).toMatchObject({ ok: true })
    expect(control.commands).toEqual([{ do: 'add', source, wantedFiles }])
  })
})
