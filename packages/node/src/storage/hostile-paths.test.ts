import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { commitPiece, expectOk, makeFolder, sampleTorrent } from '../testing/sample-torrent.ts'
import { type NodeStorage, createStoragePort } from './storage.ts'

let around: ReturnType<typeof makeFolder>
let inside: string
let outside: string
let storage: NodeStorage

beforeAll(() => {
  storage = createStoragePort({ workers: 1 })
})

afterAll(() => storage.shutDown())

beforeEach(() => {
  around = makeFolder()
  inside = join(around.path, 'inside')
  outside = join(around.path, 'outside')
  mkdirSync(inside)
  mkdirSync(outside)
  writeFileSync(join(outside, 'secret'), 'mine')
})

afterEach(() => around.remove())

describe('paths that no layout may have', () => {
  test.each([
    '../outside/x',
    'root/../../outside/x',
    '/etc/x',
    'root//x',
    'root/./x',
    '..',
    'root/x\0y',
    '',
    `root/${'n'.repeat(256)}`,
  ])('%j is refused', async (path) => {
    const { layout } = sampleTorrent([{ path: 'root/ok', lengthBytes: 5 }], 16_384)
    const files = [...layout.files, ...layout.files.map((file) => ({ ...file, path }))]
    const result = await storage.open({ ...layout, files }, inside)
    expect(result).toMatchObject({ kind: 'io-problem', code: 'outside-folder' })
  })

  test('a name of 255 bytes is taken', async () => {
    const torrent = sampleTorrent([{ path: `root/${'n'.repeat(255)}`, lengthBytes: 5 }], 16_384)
    const files = expectOk(await storage.open(torrent.layout, inside))
    expect(await commitPiece(storage, files, torrent, 0)).toEqual({ kind: 'verified' })
  })

  test('two files with one path are refused', async () => {
    const { layout } = sampleTorrent(
      [
        { path: 'root/a', lengthBytes: 5 },
        { path: 'root/a', lengthBytes: 5 },
      ],
      16_384,
    )
    expect(await storage.open(layout, inside)).toMatchObject({ code: 'outside-folder' })
  })

  test('a root name or an id that is a path is refused', async () => {
    const { layout } = sampleTorrent([{ path: 'root/a', lengthBytes: 5 }], 16_384)
    for (const bad of [{ rootName: '../x' }, { rootName: 'a/b' }, { id: '../../etc' }]) {
      expect(await storage.open({ ...layout, ...bad }, inside)).toMatchObject({
        code: 'outside-folder',
      })
    }
  })

  test('a relative folder and a file as folder are refused', async () => {
    const { layout } = sampleTorrent([{ path: 'root/a', lengthBytes: 5 }], 16_384)
    expect(await storage.open(layout, 'downloads')).toMatchObject({ code: 'not-a-folder' })
    expect(await storage.open(layout, join(outside, 'secret'))).toMatchObject({
      code: 'not-a-folder',
    })
  })
})

describe('links and other things in the way', () => {
  const TORRENT = sampleTorrent([{ path: 'root/sub/file', lengthBytes: 20_000 }], 16_384)

  async function tryCommit(): Promise<unknown> {
    const files = expectOk(await storage.open(TORRENT.layout, inside))
    files.claim([0])
    return commitPiece(storage, files, TORRENT, 0)
  }

  test('a folder that is a link is not entered', async () => {
    symlinkSync(outside, join(inside, 'root'))
    expect(await tryCommit()).toMatchObject({ problem: { code: 'through-link' } })
    expect(readdirSync(outside)).toEqual(['secret'])
  })

  test('a folder deeper down that is a link is not entered', async () => {
    mkdirSync(join(inside, 'root'))
    symlinkSync(outside, join(inside, 'root/sub'))
    expect(await tryCommit()).toMatchObject({ problem: { code: 'through-link' } })
    expect(readdirSync(outside)).toEqual(['secret'])
  })

  test('a file that is a link is neither written nor read', async () => {
    mkdirSync(join(inside, 'root/sub'), { recursive: true })
    symlinkSync(join(outside, 'secret'), join(inside, 'root/sub/file'))
    expect(await tryCommit()).toMatchObject({ problem: { code: 'through-link' } })
    const files = expectOk(await storage.open(TORRENT.layout, inside))
    expect(await files.read(0, 0, 4)).toMatchObject({ code: 'through-link' })
    expect(await files.verify(0, TORRENT.proof(0))).toMatchObject({ code: 'through-link' })
    expect(await files.sizesOnDisk()).toEqual([-1])
    expect(readFileSync(join(outside, 'secret'), 'utf8')).toBe('mine')
  })

  test('a link to nowhere does not make its target', async () => {
    mkdirSync(join(inside, 'root/sub'), { recursive: true })
    symlinkSync(join(outside, 'new'), join(inside, 'root/sub/file'))
    expect(await tryCommit()).toMatchObject({ problem: { code: 'through-link' } })
    expect(existsSync(join(outside, 'new'))).toBe(false)
  })

  test('a download folder that is a link is the choice of the user', async () => {
    symlinkSync(inside, join(around.path, 'link'))
    const files = expectOk(await storage.open(TORRENT.layout, join(around.path, 'link')))
    expect(await commitPiece(storage, files, TORRENT, 0)).toEqual({ kind: 'verified' })
  })

  test('a file where a folder is needed, and a folder where a file is needed, are named', async () => {
    writeFileSync(join(inside, 'root'), 'mine')
    expect(await tryCommit()).toMatchObject({ problem: { code: 'not-a-folder' } })
    unlinkSync(join(inside, 'root'))
    mkdirSync(join(inside, 'root/sub/file'), { recursive: true })
    expect(await tryCommit()).toMatchObject({ problem: { code: 'would-overwrite' } })
  })

  test('a named pipe in the place of a file does not hang anything', async () => {
    mkdirSync(join(inside, 'root/sub'), { recursive: true })
    execFileSync('mkfifo', [join(inside, 'root/sub/file')])
    expect(await tryCommit()).toMatchObject({ problem: { code: 'would-overwrite' } })
    const files = expectOk(await storage.open(TORRENT.layout, inside))
    expect(await files.read(0, 0, 4)).toMatchObject({ kind: 'io-problem' })
  })

  test('swapping a folder for a link while pieces are written leads nowhere', async () => {
    const torrent = sampleTorrent(
      Array.from({ length: 10 }, (_, i) => ({ path: `root/sub/${i}`, lengthBytes: 100 })),
      16_384,
    )
    const sub = join(inside, 'root/sub')
    mkdirSync(sub, { recursive: true })
    // Keeps the folder from being removed as empty.
    writeFileSync(join(sub, 'mine'), 'mine')
    const abort = new AbortController()
    const swapping = (async () => {
      while (!abort.signal.aborted) {
        attempt(() => renameSync(sub, `${sub}-real`))
        attempt(() => symlinkSync(outside, sub))
        await new Promise((resolve) => setImmediate(resolve))
        attempt(() => unlinkSync(sub))
        attempt(() => renameSync(`${sub}-real`, sub))
        await new Promise((resolve) => setImmediate(resolve))
      }
    })()
    const seen = new Map<string, number>()
    for (let round = 0; round < 60; round++) {
      const files = expectOk(await storage.open(torrent.layout, inside))
      const result = await commitPiece(storage, files, torrent, 0)
      const kind = result.kind === 'problem' ? result.problem.code : result.kind
      seen.set(kind, (seen.get(kind) ?? 0) + 1)
      await files.close({ deleteData: true })
    }
    abort.abort()
    await swapping
    expect(readdirSync(outside)).toEqual(['secret'])
    expect(seen.get('through-link') ?? 0).toBeGreaterThan(0)
  })
})

/** The other side of a race wins some and loses some. */
function attempt(step: () => void): void {
  try {
    step()
  } catch {
    // Lost this one.
  }
}
