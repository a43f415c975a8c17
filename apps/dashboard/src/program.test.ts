/** pigeon-web as a process: what it prints, how it is ended, and that files really move. */
import { createServer } from 'node:net'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bearerAuthoriser } from '@pigeon/control/bearer-token'
import { openControlServer } from '@pigeon/control/control-server'
import { FakeControl } from '@pigeon/control/testing/fake-control'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { EXIT, exitCodeOf } from './exit-codes.ts'
import { runProgram } from './program.ts'
import {
  type Api,
  ensurePage,
  enter,
  makeFolder,
  type RunningDashboard,
  startProgram,
} from './testing/running-dashboard.ts'

const cleanUps: (() => unknown)[] = []

beforeAll(ensurePage, 60_000)
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp()
})

function folder(): string {
  const made = makeFolder()
  cleanUps.push(() => made.remove())
  return made.folder
}

function start(flags: readonly string[] = [], at = folder()): RunningDashboard {
  const running = startProgram(at, flags)
  cleanUps.push(async () => {
    running.process.kill('SIGKILL')
    await running.ended
  })
  return running
}

describe('pigeon-web', { timeout: 120_000 }, () => {
  it('prints a link that lets in once, another on request, and ends cleanly when asked', async () => {
    const running = start()
    const first = await running.nextLink()
    const api = await enter(first)
    expect(JSON.parse((await api.get('/api/v1/session')).body).session.node).toMatch(/^pigeon-web /)
    await expect(enter(first)).rejects.toThrow('401')
    running.process.stdin?.write('l\n')
    await expect(enter(await running.nextLink())).resolves.toBeDefined()
    running.process.kill('SIGUSR2')
    await expect(enter(await running.nextLink())).resolves.toBeDefined()
    // A terminal and the program that started this one may both say it.
    running.process.kill('SIGINT')
    running.process.kill('SIGTERM')
    expect(await running.ended).toBe(EXIT.ok)
  })

  it('says who has the state folder, and ends with the code for that', async () => {
    const one = start()
    await one.nextLink()
    const other = start([], one.folder)
    expect(await other.ended).toBe(EXIT.running)
    expect(other.output()).toMatch(/pigeon-web \(pid \d+\).*--state/s)
  })

  it('says which address is taken, and ends with the code for that', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    cleanUps.push(() => server.close())
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : 0
    const running = start(['--web-listen', `127.0.0.1:${port}`])
    expect(await running.ended).toBe(EXIT.address)
    expect(running.output()).toMatch(/listens at 127\.0\.0\.1:\d+ already.*--web-listen/s)
  })

  it('shares a folder from one to another, whole', async () => {
    const seeder = start()
    const leecher = start()
    const shared = join(seeder.folder, 'shared')
    mkdirSync(join(shared, 'deep'), { recursive: true })
    const bytes = Buffer.alloc(300_000, 'pigeon')
    writeFileSync(join(shared, 'deep', 'ünïcode.bin'), bytes)
    writeFileSync(join(shared, 'empty'), '')
    const giver = await enter(await seeder.nextLink())
    const taker = await enter(await leecher.nextLink())
    const { ids } = await giver.run({ do: 'share', path: shared })
    const { detail } = JSON.parse((await giver.get(`/api/v1/torrents/${ids[0]}`)).body)
    const { session } = JSON.parse((await giver.get('/api/v1/session')).body)
    const source = { kind: 'magnet', uri: detail.magnet }
    await taker.run({ do: 'add', source, peers: [session.listening] })
    await expect.poll(() => stateOf(taker), { timeout: 100_000, interval: 200 }).toBe('seeding')
    const got = join(leecher.folder, 'downloads', 'shared')
    expect(readFileSync(join(got, 'deep', 'ünïcode.bin')).equals(bytes)).toBe(true)
    expect(readFileSync(join(got, 'empty'))).toHaveLength(0)
  })

  it('shows the node of another client, and none of its own', async () => {
    const control = new FakeControl({ torrentCount: 3 })
    const node = await openControlServer(control, {
      authorise: bearerAuthoriser('a-token-of-16-or-more'),
      listen: { host: '127.0.0.1', port: 0 },
    })
    if (!('url' in node)) throw new Error(node.message)
    cleanUps.push(() => node.close())
    const running = start(['--connect', node.url, '--token', 'a-token-of-16-or-more'])
    const api = await enter(await running.nextLink())
    const { torrents } = JSON.parse((await api.get('/api/v1/torrents')).body)
    expect(torrents).toHaveLength(3)
    await api.run({ do: 'pause', ids: [torrents[0].id] })
    expect(control.commands).toEqual([{ do: 'pause', ids: [torrents[0].id] }])
    expect(running.output()).toContain(`shows the node at ${new URL(node.url).host}`)
  })

  it('shows several nodes, one of them away, and says which', async () => {
    const token = 'a-token-of-16-or-more'
    const open = await Promise.all(
      [2, 5].map(async (torrentCount) => {
        const node = await openControlServer(new FakeControl({ torrentCount }), {
          authorise: (request) =>
            request.headers.authorization === `Bearer ${token}` ? 'full' : null,
          listen: { host: '127.0.0.1', port: 0 },
        })
        if (!('url' in node)) throw new Error(node.message)
        cleanUps.push(() => node.close())
        return node.url
      }),
    )
    const at = folder()
    const file = join(at, 'token')
    writeFileSync(file, token, { mode: 0o600 })
    const config = join(at, 'web.toml')
    const away = `[[nodes]]\nname = "away"\nurl = "http://127.0.0.1:1"\ntoken-file = "${file}"\n`
    writeFileSync(config, `base-path = "/pigeon"\n${away}`)
    const connect = open.flatMap((url) => ['--connect', url])
    const running = start(['--config', config, ...connect, '--token-file', file], at)
    const link = await running.nextLink()
    expect(new URL(link).pathname).toBe('/pigeon/login')
    const api = await enter(link)
    const told = JSON.parse((await api.get('/pigeon/nodes')).body).nodes
    expect(told).toMatchObject([
      { name: new URL(open[0] ?? '').host },
      { name: new URL(open[1] ?? '').host },
      { key: 'away', problem: { message: expect.any(String) } },
    ])
    const countOf = async (key: string): Promise<number> =>
      JSON.parse((await api.get(`/pigeon/n/${key}/api/v1/torrents`)).body).torrents.length
    await expect.poll(() => countOf(told[0].key)).toBe(2)
    await expect.poll(() => countOf(told[1].key)).toBe(5)
    expect((await api.get('/pigeon/n/away/api/v1/torrents')).status).toBe(503)
  })

  it('says what is wrong when the other node refuses its token', async () => {
    const control = new FakeControl()
    const listen = { host: '127.0.0.1', port: 0 }
    const node = await openControlServer(control, { authorise: () => null, listen })
    if (!('url' in node)) throw new Error(node.message)
    cleanUps.push(() => node.close())
    const running = start(['--connect', node.url, '--token', 'a-token-of-16-or-more'])
    expect(await running.ended).not.toBe(EXIT.ok)
    expect(running.output()).toMatch(/token/)
  })
})

describe('the command line', () => {
  it.each([
    ['an unknown flag', ['--nonsense'], EXIT.usage],
    ['an argument too many', ['file.torrent'], EXIT.usage],
    ['an address that is none', ['--web-listen', 'example.org:80'], EXIT.config],
    ['an address for everybody', ['--web-listen', '0.0.0.0:9292'], EXIT.config],
    ['a base path that is none', ['--base-path', '/a b/'], EXIT.config],
    [
      'more token files than nodes',
      ['--connect', 'http://a', '--token-file', 'x', '--token-file', 'y'],
      EXIT.config,
    ],
    [
      'more nodes than fit',
      Array.from({ length: 17 }, (_, index) => ['--connect', `http://n${index}`]).flat(),
      EXIT.config,
    ],
    ['nodes without a token file', ['--nodes', 'nas http://nas:1'], EXIT.config],
    ['an origin with a path', ['--web-origins', 'https://example.org/x'], EXIT.config],
    ['a configuration file that is not there', ['--config', '/nowhere/at/all.toml'], EXIT.config],
    ['a question for help', ['--help'], EXIT.ok],
    ['a question for the version', ['--version'], EXIT.ok],
  ])('answers %s with its own exit code', async (_, args, code) => {
    expect(await runProgram(args)).toBe(code)
  })

  it('has an exit code for every way in which starting can fail', () => {
    expect(exitCodeOf({ code: 'address-in-use' })).toBe(4)
    expect(exitCodeOf({ code: 'not-allowed' })).toBe(5)
    expect(exitCodeOf({ code: 'disk-full' })).toBe(6)
    expect(exitCodeOf({ code: 'something else' })).toBe(1)
  })
})

async function stateOf(api: Api): Promise<string> {
  const { torrents } = JSON.parse((await api.get('/api/v1/torrents')).body)
  return String(torrents[0]?.state)
}
