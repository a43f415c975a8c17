import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { StorageLayout } from '@pigeon/engine/layout'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { commitPiece, expectOk, makeFolder, sampleTorrent } from '../testing/sample-torrent.ts'
import { disk } from './disk.ts'
import { type NodeStorage, createStoragePort } from './storage.ts'
import type { TorrentFiles } from './torrent-files.ts'

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

const SAMPLE = sampleTorrent(
  [
    { path: 'root/a', lengthBytes: 50_000 },
    { path: 'root/deep/b', lengthBytes: 40_000 },
    { path: 'root/c', lengthBytes: 10_000 },
  ],
  32_768,
)
const FIRST = { isRepeated: false }

/** The sample's layout with another topmost name. */
function rootedAt(rootName: string): StorageLayout {
  const files = SAMPLE.layout.files.map((file) => ({
    ...file,
    path: file.path.replace('root', rootName),
  }))
  return { ...SAMPLE.layout, files, rootName }
}

async function whole(): Promise<TorrentFiles> {
  const files = expectOk(await storage.open(SAMPLE.layout, folder.path))
  for (let index = 0; index < SAMPLE.layout.pieceCount; index++)
    await commitPiece(storage, files, SAMPLE, index)
  return files
}

function inFolder(path: string): string {
  return join(folder.path, path)
}

function onDisk(path: string): Uint8Array {
  return new Uint8Array(readFileSync(inFolder(path)))
}

describe('renaming', () => {
  test('gives files and folders their new names, and the pieces are found there', async () => {
    const files = await whole()
    expect(await files.rename(rootedAt('other'), FIRST)).toBeNull()
    expect(readdirSync(folder.path)).toEqual(['other'])
    expect(onDisk('other/deep/b')).toEqual(SAMPLE.file(1))
    for (let index = 0; index < SAMPLE.layout.pieceCount; index++)
      expect(await files.verify(index, SAMPLE.proof(index))).toBe('verified')
    expect(await commitPiece(storage, files, SAMPLE, 1)).toEqual({ kind: 'verified' })
    expect(existsSync(inFolder('root'))).toBe(false)
  })

  test('leaves what others put into the old folder', async () => {
    const files = await whole()
    writeFileSync(inFolder('root/mine'), 'mine')
    expect(await files.rename(rootedAt('other'), FIRST)).toBeNull()
    expect(readdirSync(inFolder('root'))).toEqual(['mine'])
  })

  test.each(['content', ''])(
    'stops before anything happened where a name is taken by "%s"',
    async (text) => {
      const files = await whole()
      mkdirSync(inFolder('other'))
      writeFileSync(inFolder('other/c'), text)
      expect(await files.rename(rootedAt('other'), FIRST)).toMatchObject({
        code: 'would-overwrite',
      })
      expect(readdirSync(inFolder('other'))).toEqual(['c'])
      expect(readFileSync(inFolder('other/c'), 'utf8')).toBe(text)
      expect(onDisk('root/deep/b')).toEqual(SAMPLE.file(1))
      expect(await files.verify(0, SAMPLE.proof(0))).toBe('verified')
    },
  )

  test('stops before anything happened where a name of a file to come is taken, as a move does', async () => {
    const files = expectOk(await storage.open(SAMPLE.layout, folder.path))
    await commitPiece(storage, files, SAMPLE, 0)
    for (const place of ['other', 'elsewhere/root']) {
      mkdirSync(inFolder(place), { recursive: true })
      writeFileSync(inFolder(`${place}/c`), 'theirs')
    }
    const taken = { code: 'would-overwrite' }
    expect(await files.rename(rootedAt('other'), FIRST)).toMatchObject(taken)
    expect(await files.move(inFolder('elsewhere'))).toMatchObject(taken)
    for (const place of ['other', 'elsewhere/root'])
      expect(readdirSync(inFolder(place))).toEqual(['c'])
    expect(await files.verify(0, SAMPLE.proof(0))).toBe('verified')
  })

  test('with nothing here goes where others have files, and leaves these alone', async () => {
    const files = expectOk(await storage.open(SAMPLE.layout, folder.path))
    mkdirSync(inFolder('other'))
    writeFileSync(inFolder('other/a'), 'theirs')
    expect(await files.rename(rootedAt('other'), FIRST)).toBeNull()
    expect(await commitPiece(storage, files, SAMPLE, 0)).toMatchObject({ kind: 'problem' })
    expect(readFileSync(inFolder('other/a'), 'utf8')).toBe('theirs')
  })

  test('takes along what is set aside of files that nobody wants', async () => {
    const files = expectOk(await storage.open(SAMPLE.layout, folder.path))
    await files.setWanted([true, false, true])
    await commitPiece(storage, files, SAMPLE, 1)
    expect(await files.rename(rootedAt('other'), FIRST)).toBeNull()
    expect(await files.verify(1, SAMPLE.proof(1))).toBe('verified')
    expect(readdirSync(folder.path).toSorted()).toEqual([
      expect.stringMatching(/^\.other\..*parts$/),
      'other',
    ])
    expect(await files.close({ deleteData: true })).toBeNull()
    expect(readdirSync(folder.path)).toEqual([])
  })

  test('that was broken off in the middle is finished by doing it again', async () => {
    const files = await whole()
    await files.sync()
    await files.close({ deleteData: false })
    // One file has its new name, of another the place is held, the third was not begun.
    mkdirSync(inFolder('other/deep'), { recursive: true })
    renameSync(inFolder('root/a'), inFolder('other/a'))
    const reopened = expectOk(await storage.open(SAMPLE.layout, folder.path))
    writeFileSync(inFolder('other/deep/b'), '')
    reopened.claim([0, 1, 2])
    expect(await reopened.rename(rootedAt('other'), { isRepeated: true })).toBeNull()
    for (const index of [0, 1, 2])
      expect(onDisk(rootedAt('other').files[index]?.path ?? '')).toEqual(SAMPLE.file(index))
    expect(existsSync(inFolder('root'))).toBe(false)
  })

  test('that fails, and cannot be undone, deletes nothing', async () => {
    const files = await whole()
    const real = disk.rename
    let count = 0
    disk.rename = (from, to) => {
      count += 1
      return count === 1
        ? real(from, to)
        : Promise.reject(Object.assign(new Error('EIO'), { code: 'EIO' }))
    }
    try {
      expect(await files.rename(rootedAt('other'), FIRST)).toMatchObject({ kind: 'io-problem' })
    } finally {
      disk.rename = real
    }
    expect(onDisk('other/a')).toEqual(SAMPLE.file(0))
    expect(onDisk('root/deep/b')).toEqual(SAMPLE.file(1))
  })

  test('goes nowhere outside its folder', async () => {
    const files = await whole()
    expect(await files.rename(rootedAt('..'), FIRST)).toMatchObject({ code: 'outside-folder' })
    expect(onDisk('root/a')).toEqual(SAMPLE.file(0))
  })
})
