import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { commitPiece, expectOk, makeFolder, sampleTorrent } from '../testing/sample-torrent.ts'
import { type NodeStorage, createStoragePort } from './storage.ts'
import { FILES_PER_JOB, type TorrentFiles } from './torrent-files.ts'

const VERIFIED = { kind: 'verified' }

let folder: ReturnType<typeof makeFolder>
let storage: NodeStorage

beforeAll(() => {
  storage = createStoragePort({ workers: 1, openFiles: 20 })
})

afterAll(() => storage.shutDown())

beforeEach(() => {
  folder = makeFolder()
})

afterEach(() => folder.remove())

/** Three files and a pad: piece 0 in a, 1 in a and b, 2 in b and the pad, 3 in c. */
const SAMPLE = sampleTorrent(
  [
    { path: 'root/a', lengthBytes: 50_000 },
    { path: 'root/deep/down/b', lengthBytes: 40_000 },
    { path: 'root/.pad/2', lengthBytes: 8_304, isPad: true },
    { path: 'root/empty', lengthBytes: 0 },
    { path: 'root/c', lengthBytes: 10_000 },
  ],
  32_768,
)
const PIECES = [0, 1, 2, 3]

async function open(torrent = SAMPLE, below = folder.path): Promise<TorrentFiles> {
  return expectOk(await storage.open(torrent.layout, below))
}

function onDisk(path: string): Uint8Array {
  return new Uint8Array(readFileSync(join(folder.path, path)))
}

async function commitAll(files: TorrentFiles, torrent = SAMPLE): Promise<void> {
  for (let index = 0; index < torrent.layout.pieceCount; index++) {
    expect(await commitPiece(storage, files, torrent, index)).toEqual(VERIFIED)
  }
}

describe('committing', () => {
  test('writes pieces to the files that they cover, and pads nowhere', async () => {
    const files = await open()
    await commitAll(files)
    expect(await files.sync()).toBeNull()
    expect(onDisk('root/a')).toEqual(SAMPLE.file(0))
    expect(onDisk('root/deep/down/b')).toEqual(SAMPLE.file(1))
    expect(onDisk('root/c')).toEqual(SAMPLE.file(4))
    expect(existsSync(join(folder.path, 'root/.pad'))).toBe(false)
    expect(await files.sizesOnDisk()).toEqual([50_000, 40_000, -1, -1, 10_000])
  })

  test('writes nothing and creates nothing when the hash differs', async () => {
    const files = await open(SAMPLE, join(folder.path, 'later'))
    const wrong = SAMPLE.piece(0).slice()
    wrong[12_345] = (wrong[12_345] ?? 0) ^ 1
    expect(await commitPiece(storage, files, SAMPLE, 0, wrong)).toEqual({ kind: 'mismatch' })
    expect(existsSync(join(folder.path, 'later'))).toBe(false)
    await commitPiece(storage, files, SAMPLE, 0)
    expect((await commitPiece(storage, files, SAMPLE, 0, wrong)).kind).toBe('mismatch')
    expect(await files.verify(0, SAMPLE.proof(0))).toBe('verified')
  })

  test('keeps a file sparse when its last piece comes first', async () => {
    const torrent = sampleTorrent([{ path: 'one', lengthBytes: 4 * 1024 * 1024 }], 65_536)
    const files = await open(torrent)
    await commitPiece(storage, files, torrent, 63)
    const stat = statSync(join(folder.path, 'one'))
    expect(stat.size).toBe(4 * 1024 * 1024)
    expect(stat.blocks * 512).toBeLessThan(1024 * 1024)
  })

  test('makes folders 0755 and files 0644, as the umask allows', async () => {
    const before = process.umask()
    const files = await open()
    await commitAll(files)
    expect(statSync(join(folder.path, 'root/deep')).mode & 0o777).toBe(0o755 & ~before)
    expect(statSync(join(folder.path, 'root/a')).mode & 0o777).toBe(0o644 & ~before)
  })

  test.each([FILES_PER_JOB, FILES_PER_JOB + 1, 100])(
    'takes a piece of %i files',
    async (fileCount) => {
      const list = Array.from({ length: fileCount }, (_, i) => ({
        path: `many/${i % 7}/${i}`,
        lengthBytes: 41 + i,
      }))
      const torrent = sampleTorrent(list, 65_536)
      const files = await open(torrent)
      await commitAll(files, torrent)
      expect(await files.verify(0, torrent.proof(0))).toBe('verified')
      expect(expectOk(await files.read(0, 3, 400))).toEqual(torrent.piece(0).slice(3, 403))
      for (let i = 0; i < fileCount; i++) {
        expect(onDisk(`many/${i % 7}/${i}`)).toEqual(torrent.file(i))
      }
    },
  )

  test('takes many pieces at once', async () => {
    const torrent = sampleTorrent([{ path: 'x/y', lengthBytes: 200 * 16_384 + 5 }], 16_384)
    const files = await open(torrent)
    const all = Array.from({ length: torrent.layout.pieceCount }, (_, index) =>
      commitPiece(storage, files, torrent, index),
    )
    for (const result of await Promise.all(all)) expect(result).toEqual(VERIFIED)
    expect(Buffer.compare(onDisk('x/y'), torrent.stream)).toBe(0)
  })
})

describe('reading and verifying', () => {
  test('reads any run of a piece, pads as zeros', async () => {
    const files = await open()
    await commitAll(files)
    expect(expectOk(await files.read(1, 100, 30_000))).toEqual(SAMPLE.piece(1).slice(100, 30_100))
    expect(expectOk(await files.read(2, 0, 32_768))).toEqual(SAMPLE.piece(2).slice())
    expect(expectOk(await files.read(3, 9_999, 1))).toEqual(SAMPLE.piece(3).slice(9_999))
  })

  test('answers a problem for bytes that are not there', async () => {
    const files = await open()
    await commitPiece(storage, files, SAMPLE, 0)
    expect(await files.read(3, 0, 10)).toMatchObject({ kind: 'io-problem', code: 'not-found' })
    expect(await files.read(1, 0, 32_768)).toMatchObject({ code: 'not-found' })
    expect(await files.read(3, 0, 10_001)).toMatchObject({ kind: 'io-problem' })
  })

  test('tells missing from wrong pieces', async () => {
    const files = await open()
    expect(await files.verify(0, SAMPLE.proof(0))).toBe('missing')
    await commitAll(files)
    for (const index of PIECES) {
      expect(await files.verify(index, SAMPLE.proof(index))).toBe('verified')
    }
    writeFileSync(join(folder.path, 'root/a'), Buffer.alloc(50_000))
    writeFileSync(join(folder.path, 'root/c'), 'short')
    expect(await files.verify(0, SAMPLE.proof(0))).toBe('mismatch')
    expect(await files.verify(3, SAMPLE.proof(3))).toBe('missing')
  })

  test('verifies pieces that are longer than one step of the reader', async () => {
    const torrent = sampleTorrent(
      [
        { path: 'big/a', lengthBytes: 700_001 },
        { path: 'big/pad', lengthBytes: 399_999, isPad: true },
        { path: 'big/b', lengthBytes: 1_000_003 },
      ],
      1_048_576,
    )
    const files = await open(torrent)
    await commitAll(files, torrent)
    expect(await files.verify(0, torrent.proof(0))).toBe('verified')
    expect(await files.verify(1, torrent.proof(1))).toBe('verified')
    expect(await files.verify(1, torrent.proof(0))).toBe('mismatch')
  })
})

describe('what the user already had', () => {
  beforeEach(() => {
    mkdirSync(join(folder.path, 'root'))
    writeFileSync(join(folder.path, 'root/a'), 'my thesis')
  })

  test('is not written to without a claim', async () => {
    const files = await open()
    const result = await commitPiece(storage, files, SAMPLE, 0)
    expect(result).toMatchObject({ kind: 'problem', problem: { code: 'would-overwrite' } })
    expect(JSON.stringify(result)).toContain('root/a')
    expect(onDisk('root/a')).toEqual(new Uint8Array(Buffer.from('my thesis')))
  })

  test('is written to, never cut, once it is claimed', async () => {
    const longer = Buffer.alloc(60_000, 9)
    writeFileSync(join(folder.path, 'root/a'), longer)
    const files = await open()
    files.claim([0])
    expect(await commitPiece(storage, files, SAMPLE, 0)).toEqual(VERIFIED)
    const now = onDisk('root/a')
    expect(now.length).toBe(60_000)
    expect(now.slice(0, 32_768)).toEqual(SAMPLE.piece(0).slice())
    expect(now.slice(32_768)).toEqual(new Uint8Array(longer.subarray(32_768)))
  })

  test('is not claimed before it exists', async () => {
    const files = await open()
    files.claim([4])
    await files.sizesOnDisk()
    writeFileSync(join(folder.path, 'root/c'), 'put here later')
    const result = await commitPiece(storage, files, SAMPLE, 3)
    expect(result).toMatchObject({ problem: { code: 'would-overwrite' } })
  })

  test('stays when the torrent is deleted with its data', async () => {
    const files = await open()
    await commitPiece(storage, files, SAMPLE, 3)
    writeFileSync(join(folder.path, 'root/deep-note'), 'mine')
    expect(await files.close({ deleteData: true })).toBeNull()
    expect(readdirSync(join(folder.path, 'root')).sort()).toEqual(['a', 'deep-note'])
  })
})

describe('files that are not wanted', () => {
  const PART = '.root.abababab.parts'

  test('have their share of a piece in the part file, until they are wanted', async () => {
    const files = await open()
    expect(await files.setWanted([true, false, true, false, true])).toBeNull()
    await commitPiece(storage, files, SAMPLE, 0)
    await commitPiece(storage, files, SAMPLE, 1)
    expect(await files.createEmptyFiles()).toBeNull()
    expect(existsSync(join(folder.path, 'root/deep'))).toBe(false)
    expect(existsSync(join(folder.path, PART))).toBe(true)
    expect(await files.verify(1, SAMPLE.proof(1))).toBe('verified')
    expect(expectOk(await files.read(1, 0, 32_768))).toEqual(SAMPLE.piece(1).slice())
    expect(await files.setWanted([true, true, true, true, true])).toBeNull()
    expect(existsSync(join(folder.path, PART))).toBe(false)
    expect(await files.verify(1, SAMPLE.proof(1))).toBe('verified')
    await commitPiece(storage, files, SAMPLE, 2)
    expect(onDisk('root/deep/down/b')).toEqual(SAMPLE.file(1))
  })

  test('are found in the part file by a check after a restart, before anything is said about them', async () => {
    const first = await open()
    await first.setWanted([true, false, true, false, false])
    await commitPiece(storage, first, SAMPLE, 1)
    await first.close({ deleteData: false })
    const second = await open()
    expect(await second.verify(1, SAMPLE.proof(1))).toBe('verified')
    second.claim([0, 1, 3, 4])
    expect(await second.setWanted([true, false, true, false, false])).toBeNull()
    expect(expectOk(await second.read(1, 0, 32_768))).toEqual(SAMPLE.piece(1).slice())
  })

  test('are made after all when a whole piece of one arrives', async () => {
    const torrent = sampleTorrent(
      [
        { path: 'root/a', lengthBytes: 20_000 },
        { path: 'root/b', lengthBytes: 60_000 },
      ],
      16_384,
    )
    const files = await open(torrent)
    await files.setWanted([true, false])
    await commitPiece(storage, files, torrent, 1)
    expect(existsSync(join(folder.path, 'root/b'))).toBe(false)
    await commitPiece(storage, files, torrent, 2)
    for (const index of [1, 2]) {
      expect(await files.verify(index, torrent.proof(index))).toBe('verified')
    }
    expect(existsSync(join(folder.path, 'root/b'))).toBe(true)
  })

  test('never replace a file of the user when they become wanted', async () => {
    const files = await open()
    await files.setWanted([true, false, true, true, true])
    await commitPiece(storage, files, SAMPLE, 1)
    mkdirSync(join(folder.path, 'root/deep/down'), { recursive: true })
    writeFileSync(join(folder.path, 'root/deep/down/b'), 'mine')
    expect(await files.setWanted(SAMPLE.layout.files.map(() => true))).toMatchObject({
      code: 'would-overwrite',
    })
    expect(readFileSync(join(folder.path, 'root/deep/down/b'), 'utf8')).toBe('mine')
    expect(await files.verify(1, SAMPLE.proof(1))).toBe('verified')
  })

  test('leave no part file behind when the data is deleted', async () => {
    const files = await open()
    await files.setWanted([true, false, true, false, false])
    await commitPiece(storage, files, SAMPLE, 1)
    await files.close({ deleteData: true })
    expect(readdirSync(folder.path)).toEqual([])
  })
})

describe('empty files', () => {
  test('are made with their folders, and an empty one that is there is left alone', async () => {
    const torrent = sampleTorrent(
      [
        { path: 'r/x/empty', lengthBytes: 0 },
        { path: 'r/there', lengthBytes: 0 },
        { path: 'r/full', lengthBytes: 10 },
      ],
      16_384,
    )
    mkdirSync(join(folder.path, 'r'))
    writeFileSync(join(folder.path, 'r/there'), '')
    const files = await open(torrent)
    expect(await files.createEmptyFiles()).toBeNull()
    expect(await files.sizesOnDisk()).toEqual([0, 0, -1])
  })
})

describe('moving', () => {
  test('takes all files and the part file along, and the empty folders away', async () => {
    const files = await open()
    await files.setWanted([true, true, true, true, false])
    await commitAll(files)
    const target = join(folder.path, 'new', 'place')
    expect(await files.move(target)).toBeNull()
    expect(files.folder).toBe(target)
    expect(readdirSync(folder.path)).toEqual(['new'])
    for (const index of PIECES) {
      expect(await files.verify(index, SAMPLE.proof(index))).toBe('verified')
    }
    expect(await commitPiece(storage, files, SAMPLE, 2)).toEqual(VERIFIED)
    expect(await files.sync()).toBeNull()
  })

  test('copies to another device', async ({ skip }) => {
    const other = '/dev/shm'
    const isOther = existsSync(other) && statSync(other).dev !== statSync(folder.path).dev
    skip(!isOther, `no second file system: ${other} is on the device of the temporary folder`)
    const files = await open()
    await commitAll(files)
    const target = join(other, `pigeon-move-${process.pid}`)
    expect(await files.move(target)).toBeNull()
    expect(existsSync(join(folder.path, 'root'))).toBe(false)
    for (const index of PIECES) {
      expect(await files.verify(index, SAMPLE.proof(index))).toBe('verified')
    }
    expect(await files.move(folder.path)).toBeNull()
    expect(await files.verify(1, SAMPLE.proof(1))).toBe('verified')
    expect(readdirSync(target)).toEqual([])
    rmSync(target, { recursive: true })
  })

  test('refuses a place where a name is taken, and stays usable where it was', async () => {
    const files = await open()
    await commitAll(files)
    const target = join(folder.path, 'taken')
    mkdirSync(join(target, 'root'), { recursive: true })
    writeFileSync(join(target, 'root/c'), 'mine')
    expect(await files.move(target)).toMatchObject({ code: 'would-overwrite' })
    expect(readFileSync(join(target, 'root/c'), 'utf8')).toBe('mine')
    expect(existsSync(join(target, 'root/a'))).toBe(false)
    expect(files.folder).toBe(folder.path)
    for (const index of PIECES) {
      expect(await files.verify(index, SAMPLE.proof(index))).toBe('verified')
    }
  })
})

describe('syncing', () => {
  test('has nothing to do before anything was written', async () => {
    const files = await open(SAMPLE, join(folder.path, 'later'))
    expect(await files.sync()).toBeNull()
    expect(existsSync(join(folder.path, 'later'))).toBe(false)
  })

  test('is a problem while a written file cannot be reached, and tries again the next time', async () => {
    const handful = createStoragePort({ workers: 1, openFiles: 1 })
    const torrent = sampleTorrent(
      [
        { path: 'root/a', lengthBytes: 16_384 },
        { path: 'root/b', lengthBytes: 16_384 },
      ],
      16_384,
    )
    const files = expectOk(await handful.open(torrent.layout, folder.path))
    await commitPiece(handful, files, torrent, 0)
    // The one open file is b now: a has to be opened again to be synced.
    await commitPiece(handful, files, torrent, 1)
    const path = join(folder.path, 'root/a')
    renameSync(path, `${path}-away`)
    expect(await files.sync()).toMatchObject({ kind: 'io-problem', code: 'not-found' })
    renameSync(`${path}-away`, path)
    expect(await files.sync()).toBeNull()
    await handful.shutDown()
  })
})

describe('workers that are gone', () => {
  test('are a problem of the piece, whose memory comes back', async () => {
    const files = await open()
    const done = createStoragePort({ workers: 1 })
    await done.shutDown()
    const theirs = expectOk(await done.open(SAMPLE.layout, folder.path))
    let released = 0
    done.onRelease = () => released++
    expect(await commitPiece(done, theirs, SAMPLE, 0)).toMatchObject({ kind: 'problem' })
    expect(released).toBe(1)
    expect(await commitPiece(storage, files, SAMPLE, 0)).toEqual(VERIFIED)
  })
})

describe('closing', () => {
  test('ends with a problem for whoever comes later, and gives buffers back', async () => {
    const files = await open()
    await commitPiece(storage, files, SAMPLE, 0)
    await files.close({ deleteData: false })
    const result = await commitPiece(storage, files, SAMPLE, 1)
    expect(result).toMatchObject({ kind: 'problem', problem: { code: 'closed' } })
    expect(await files.read(0, 0, 5)).toMatchObject({ code: 'closed' })
    expect(await files.verify(0, SAMPLE.proof(0))).toMatchObject({ code: 'closed' })
    expect(await files.sync()).toMatchObject({ code: 'closed' })
  })

  test('does not follow a link that took the place of a file', async () => {
    const files = await open()
    await commitPiece(storage, files, SAMPLE, 3)
    const precious = join(folder.path, 'precious')
    writeFileSync(precious, 'mine')
    const path = join(folder.path, 'root/c')
    rmSync(path)
    symlinkSync(precious, path)
    await files.close({ deleteData: true })
    expect(readFileSync(precious, 'utf8')).toBe('mine')
  })
})
