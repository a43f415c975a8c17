import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeFolder, runPigeon, type RunningPigeon, startPigeon } from '../testing/run-pigeon.ts'
import { HOSTILE, sampleBytes, writeFiles } from '../testing/sample-files.ts'

const FILES = {
  'a.bin': sampleBytes(300_000),
  'sub/深い nested/b.bin': sampleBytes(50_001, 2),
  empty: '',
}

let folder: ReturnType<typeof makeFolder>
let data: string
let torrent: string
let running: RunningPigeon[]
beforeEach(async () => {
  folder = makeFolder()
  running = []
  data = writeFiles(join(folder.path, 'seeded', 'data'), FILES)
  torrent = join(folder.path, 'data.torrent')
  await runPigeon('create', data, '-o', torrent, '--piece-length', '16384')
})
afterEach(async () => {
  for (const { process } of running) process.kill('SIGKILL')
  await Promise.all(running.map(({ finished }) => finished))
  folder.remove()
})

function start(name: string, ...args: readonly string[]): RunningPigeon {
  const state = join(folder.path, `state-${name}`)
  const pigeon = startPigeon([...args, '--state', state, '--listen-host', '127.0.0.1'])
  running.push(pigeon)
  return pigeon
}

/** A seeder on loopback; answers where peers reach it. */
async function seed(...flags: readonly string[]): Promise<string> {
  const seeder = start('seeder', 'seed', torrent, data, ...flags)
  const [, address] = await seeder.printed(/peers reach us at (127\.0\.0\.1:\d+)/)
  await seeder.printed(/whole, seeding/)
  return String(address)
}

function expectSameFiles(target: string): void {
  for (const [path, content] of Object.entries(FILES))
    expect(readFileSync(join(target, 'data', path)).equals(Buffer.from(content))).toBe(true)
}

describe('pigeon get and pigeon seed', () => {
  it('move a folder bit for bit, and end with 0 when it is whole or when the seeding is ended', async () => {
    const peer = await seed()
    const target = join(folder.path, 'got')
    const got = await start('getter', 'get', torrent, '-d', target, '--peer', peer).finished
    expect(got).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('data: whole') })
    expectSameFiles(target)
    const [seeder] = running
    seeder?.process.kill('SIGINT')
    expect(await seeder?.finished).toMatchObject({ exitCode: 0 })
  }, 60_000)

  it('need no more than a magnet', async () => {
    const peer = await seed()
    const { stdout } = await runPigeon('inspect', torrent)
    const [, hash] = /info-hash +([0-9a-f]{40})/.exec(stdout) ?? []
    const target = join(folder.path, 'got')
    const magnet = `magnet:?xt=urn:btih:${hash}`
    const got = await start('getter', 'get', magnet, '-d', target, '--peer', peer).finished
    expect(got.exitCode).toBe(0)
    expectSameFiles(target)
  }, 60_000)

  it('fetch only the files that were chosen', async () => {
    const { stdout } = await runPigeon('inspect', '--json', torrent)
    const files: readonly { path: string }[] = JSON.parse(stdout).files
    const index = files.findIndex(({ path }) => path.endsWith('b.bin'))
    const peer = await seed()
    const target = join(folder.path, 'got')
    const flags = ['-d', target, '--peer', peer, '--select', String(index)]
    const got = await start('getter', 'get', torrent, ...flags).finished
    expect(got.exitCode).toBe(0)
    expect(readFileSync(join(target, 'data/sub/深い nested/b.bin')).length).toBe(50_001)
    expect(() => readFileSync(join(target, 'data/a.bin'))).toThrow('ENOENT')
  }, 60_000)

  it('end with 7 when a download is broken off', async () => {
    const getter = start('getter', 'get', torrent, '-d', join(folder.path, 'got'))
    await getter.printed(/peers reach us at/)
    getter.process.kill('SIGTERM')
    expect(await getter.finished).toMatchObject({ exitCode: 7 })
  }, 60_000)

  it('go on after a kill -9 without fetching again what was verified', async () => {
    // Slow enough to be killed on the way: a rate that needs several seconds for the whole.
    const peer = await seed('--up-limit', '100 KiB/s')
    const target = join(folder.path, 'got')
    const args = ['get', torrent, '-d', target, '--peer', peer] as const
    const first = start('getter', ...args)
    await holdsMoreThan(join(target, 'data', 'a.bin'), 100_000, first)
    first.process.kill('SIGKILL')
    await first.finished
    const second = await start('getter', ...args).finished
    expect(second.exitCode).toBe(0)
    expectSameFiles(target)
    const [, fetched] = /fetched (\d+) bytes/.exec(second.stderr) ?? []
    expect(Number(fetched)).toBeGreaterThan(0)
    expect(Number(fetched)).toBeLessThan(300_000)
  }, 60_000)
})

describe('what keeps a node from starting', () => {
  it('is a wrong setting: named with file, line and column, exit code 3', async () => {
    const config = join(folder.path, 'pigeon.toml')
    writeFileSync(config, 'max-peers = 10\n  listen-port = "\u001b[2Jmany"\n')
    const { exitCode, stderr } = await start('x', 'seed', torrent, data, '--config', config)
      .finished
    expect(exitCode).toBe(3)
    expect(stderr).toContain(`${config}:2:3: listen-port: expected`)
    expect(stderr.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u)
  }, 30_000)

  it('is a busy port: exit code 4', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const flags = ['--listen-port', String(port)]
    const { exitCode, stderr } = await start('x', 'seed', torrent, data, ...flags).finished
    server.close()
    expect(exitCode).toBe(4)
    expect(stderr).toContain(String(port))
  }, 30_000)

  it('is another one on the same state: exit code 5, and the first goes on', async () => {
    await seed()
    const { exitCode, stderr } = await start('seeder', 'seed', torrent, data).finished
    expect(exitCode).toBe(5)
    expect(stderr).toMatch(/^pigeon: ./)
    expect(running[0]?.process.exitCode).toBe(null)
  }, 30_000)

  it('is a torrent that is none: exit code 2', async () => {
    const broken = join(data, 'a.bin')
    const target = join(folder.path, 'got')
    expect(await start('x', 'get', broken, '-d', target).finished).toMatchObject({ exitCode: 2 })
  }, 30_000)

  it('is a folder that cannot be made: exit code 6', async () => {
    const target = join(torrent, 'below a file')
    const { exitCode, stderr } = await start('x', 'get', torrent, '-d', target).finished
    expect(exitCode).toBe(6)
    expect(stderr).toContain('cannot be made')
  }, 30_000)
})

it('shows no control of a hostile name', async () => {
  writeFileSync(torrent, HOSTILE)
  writeFiles(folder.path, { x: '' })
  const seeder = start('seeder', 'seed', torrent, folder.path)
  await seeder.printed(/peers reach us at/)
  seeder.process.kill('SIGTERM')
  const { stdout, stderr } = await seeder.finished
  expect((stdout + stderr).replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u)
}, 30_000)

/** Looks again whenever the event loop comes round; ends when the process does. */
async function holdsMoreThan(path: string, bytes: number, pigeon: RunningPigeon): Promise<void> {
  while (pigeon.process.exitCode === null) {
    const held = readOrEmpty(path).filter((byte) => byte !== 0).length
    if (held > bytes) return
    await new Promise((resolve) => setImmediate(resolve))
  }
  throw new Error('it ended before it could be killed')
}

function readOrEmpty(path: string): Uint8Array {
  try {
    return readFileSync(path)
  } catch {
    return new Uint8Array()
  }
}
