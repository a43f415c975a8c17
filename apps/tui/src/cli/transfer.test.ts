import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { watch } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeFolder, runPigeon, type RunningPigeon, startPigeon } from '../testing/run-pigeon.ts'
import { HOSTILE, sampleBytes, writeFiles } from '../testing/sample-files.ts'

const FILES = {
  'a.bin': sampleBytes(300_000),
  'sub/深い nested/b.bin': sampleBytes(50_001, 2),
  empty: '',
}
/** Only an upper bound, for machines under load. */
const PATIENCE_MS = 120_000
const WHOLE_BYTES = 350_001
const PIECE_LENGTH = 16_384
/** What is recorded is never fetched again; the rest of the last second may be. */
const PIECES_BEFORE_KILL = 5

let folder: ReturnType<typeof makeFolder>
let data: string
let torrent: string
/** All that were started and not yet ended. */
const running = new Set<RunningPigeon>()
beforeAll(async () => {
  folder = makeFolder()
  data = writeFiles(join(folder.path, 'seeded', 'data'), FILES)
  torrent = join(folder.path, 'data.torrent')
  await runPigeon('create', data, '-o', torrent, '--piece-length', String(PIECE_LENGTH))
})
afterAll(async () => {
  for (const { process } of running) process.kill('SIGKILL')
  await Promise.all([...running].map(({ finished }) => finished))
  folder.remove()
})

/** The same state folder for the same name. */
function start(name: string, ...args: readonly string[]): RunningPigeon {
  const state = join(folder.path, `state-${name}`)
  const pigeon = startPigeon([...args, '--state', state, '--listen-host', '127.0.0.1'])
  running.add(pigeon)
  void pigeon.finished.then(() => running.delete(pigeon))
  return pigeon
}

function startSeeder(): RunningPigeon {
  // So slow that a download can be killed on its way.
  return start('seeder', 'seed', torrent, data, '--up-limit', '150 KiB/s')
}

/** Where peers reach it, once it seeds. */
async function addressOf(seeder: RunningPigeon): Promise<string> {
  await seeder.printed(/whole, seeding/)
  const [, address] = await seeder.printed(/peers reach us at (127\.0\.0\.1:\d+)/)
  return String(address)
}

function expectSameFiles(target: string): void {
  for (const [path, content] of Object.entries(FILES))
    expect(readFileSync(join(target, 'data', path)).equals(Buffer.from(content))).toBe(true)
}

describe('pigeon get and pigeon seed', () => {
  let seeder: RunningPigeon
  let peer: string
  beforeAll(async () => {
    seeder = startSeeder()
    peer = await addressOf(seeder)
  }, PATIENCE_MS)

  it('move a folder bit for bit', { timeout: PATIENCE_MS }, async () => {
    const target = join(folder.path, 'whole')
    const got = await start('whole', 'get', torrent, '-d', target, '--peer', peer).finished
    expect(got).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('data: whole') })
    expectSameFiles(target)
  })

  it('fetch by a magnet alone only the files that were chosen', {
    timeout: PATIENCE_MS,
  }, async () => {
    const { stdout } = await runPigeon('inspect', '--json', torrent)
    const about: { infoHashV1: string; files: readonly { path: string }[] } = JSON.parse(stdout)
    const index = about.files.findIndex(({ path }) => path.endsWith('b.bin'))
    const target = join(folder.path, 'chosen')
    const magnet = `magnet:?xt=urn:btih:${about.infoHashV1}`
    const flags = ['-d', target, '--peer', peer, '--select', String(index)]
    const got = await start('chosen', 'get', magnet, ...flags).finished
    expect(got.exitCode).toBe(0)
    const fetched = readFileSync(join(target, 'data/sub/深い nested/b.bin'))
    expect(fetched.equals(Buffer.from(FILES['sub/深い nested/b.bin']))).toBe(true)
    expect(existsSync(join(target, 'data/a.bin'))).toBe(false)
  })

  it('go on after a kill -9 without fetching all again', { timeout: PATIENCE_MS }, async () => {
    const target = join(folder.path, 'killed')
    const args = ['get', torrent, '-d', target, '--peer', peer] as const
    // So slow that it is still on its way when the kill comes, on a busy machine too.
    const first = start('killed', ...args, '--down-limit', '40 KiB/s')
    await recorded(join(folder.path, 'state-killed'), PIECES_BEFORE_KILL, first)
    first.process.kill('SIGKILL')
    await first.finished
    const second = await start('killed', ...args).finished
    expect(second.exitCode).toBe(0)
    expectSameFiles(target)
    const [, fetched] = /fetched ([0-9.]+) KiB/.exec(second.stderr) ?? []
    expect(Number(fetched)).toBeGreaterThan(0)
    const kept = PIECES_BEFORE_KILL * PIECE_LENGTH
    expect(Number(fetched)).toBeLessThanOrEqual(Math.ceil((WHOLE_BYTES - kept) / 1024))
  })

  it(
    'a second one on the same state ends with 5, the first goes on',
    async () => {
      const { exitCode, stderr } = await startSeeder().finished
      expect(exitCode).toBe(5)
      expect(stderr).toMatch(/uses .*state-seeder/)
      expect(seeder.process.exitCode).toBe(null)
    },
    PATIENCE_MS,
  )

  it(
    'end with 0 when seeding is interrupted',
    async () => {
      seeder.process.kill('SIGINT')
      expect(await seeder.finished).toMatchObject({ exitCode: 0 })
    },
    PATIENCE_MS,
  )

  it(
    'end with 7 when a download is broken off',
    async () => {
      const getter = start('broken off', 'get', torrent, '-d', join(folder.path, 'broken off'))
      await getter.printed(/peers reach us at/)
      getter.process.kill('SIGTERM')
      expect(await getter.finished).toMatchObject({ exitCode: 7 })
    },
    PATIENCE_MS,
  )
})

describe('what keeps a node from starting', () => {
  it(
    'is a wrong setting: named with file, line and column, exit code 3',
    async () => {
      const config = join(folder.path, 'pigeon.toml')
      writeFileSync(config, 'max-peers = 10\n  listen-port = "many"\n')
      const { exitCode, stderr } = await start('x', 'seed', torrent, data, '--config', config)
        .finished
      expect(exitCode).toBe(3)
      expect(stderr).toContain(`${config}:2:3: listen-port: expected`)
    },
    PATIENCE_MS,
  )

  it(
    'is a busy port where no other may be tried: exit code 4',
    async () => {
      const server = createServer()
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      const flags = ['--listen-port', String(port), '--listen-port-tries', '0']
      const { exitCode, stderr } = await start('x', 'seed', torrent, data, ...flags).finished
      server.close()
      expect(exitCode).toBe(4)
      expect(stderr).toContain(String(port))
    },
    PATIENCE_MS,
  )

  it(
    'is a torrent that is none: exit code 2',
    async () => {
      const broken = join(data, 'a.bin')
      const target = join(folder.path, 'got')
      expect(await start('x', 'get', broken, '-d', target).finished).toMatchObject({ exitCode: 2 })
    },
    PATIENCE_MS,
  )

  it(
    'is a folder that cannot be made: exit code 6',
    async () => {
      const target = join(torrent, 'below a file')
      const { exitCode, stderr } = await start('x', 'get', torrent, '-d', target).finished
      expect(exitCode).toBe(6)
      expect(stderr).toContain('cannot be made')
    },
    PATIENCE_MS,
  )
})

it(
  'shows no control of a hostile name',
  async () => {
    const hostile = join(folder.path, 'hostile.torrent')
    writeFileSync(hostile, HOSTILE)
    const seeder = start('hostile', 'seed', hostile, folder.path)
    await seeder.printed(/peers reach us at/)
    seeder.process.kill('SIGTERM')
    const { stdout, stderr } = await seeder.finished
    expect((stdout + stderr).replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u)
  },
  PATIENCE_MS,
)

/** Waits until the record in a state folder holds so many pieces. */
async function recorded(state: string, count: number, pigeon: RunningPigeon): Promise<void> {
  mkdirSync(state, { recursive: true })
  const ended = new AbortController()
  void pigeon.finished.then(() => ended.abort())
  for await (const _ of watch(state, { signal: ended.signal }))
    if (recordedPieces(join(state, 'state.db')) >= count) return
}

function recordedPieces(path: string): number {
  if (!existsSync(path)) return 0
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    const row = database.prepare('SELECT verified FROM progress').get()
    const bits = row?.['verified']
    if (!(bits instanceof Uint8Array)) return 0
    return bits.reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0)
  } catch {
    // It is just being made.
    return 0
  } finally {
    database.close()
  }
}
