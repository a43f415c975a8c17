import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { execFileSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  isSameFolder,
  isWatchedName,
  MAGNET_FILE_BYTES,
  markFile,
  moveFile,
  NAMES_TRIED,
  readWatchedFile,
  TORRENT_FILE_BYTES,
} from './watched-files.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pigeond-watched-'))
})

afterEach(() => rm(folder, { recursive: true, force: true }))

async function file(name: string, text = 'x'): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}

describe('which files are meant', () => {
  it('is said by the end of the name, so that marked files never are', () => {
    for (const name of ['a.torrent', 'A.TORRENT', '.torrent', 'b.magnet']) {
      expect(isWatchedName(`/w/${name}`)).toBe(true)
    }
    for (const name of [
      'a.torrent.added',
      'a.torrent.1.invalid',
      'a.torrent.part',
      'a',
      'torrent',
    ]) {
      expect(isWatchedName(`/w/${name}`)).toBe(false)
    }
  })
})

describe('what is in a file', () => {
  it('is the bytes of a torrent, or the text of a magnet', async () => {
    expect(await readWatchedFile(await file('a.torrent', 'd4:infode'))).toMatchObject({
      source: { kind: 'metainfo', bytes: new TextEncoder().encode('d4:infode') },
    })
    expect(await readWatchedFile(await file('a.magnet', '\uFEFFmagnet:?xt=1\r\n'))).toEqual({
      kind: 'source',
      source: { kind: 'magnet', uri: 'magnet:?xt=1' },
    })
  })

  it.each([
    ['big.torrent', TORRENT_FILE_BYTES],
    ['big.magnet', MAGNET_FILE_BYTES],
  ])('is read up to a limit: %s of %i bytes', async (name, limit) => {
    const path = await file(name)
    await truncate(path, limit)
    expect((await readWatchedFile(path)).kind).toBe('source')
    await truncate(path, limit + 1)
    expect(await readWatchedFile(path)).toMatchObject({ kind: 'invalid' })
  })

  it('is not waited for in a pipe, and not looked for in a folder', async () => {
    execFileSync('mkfifo', [join(folder, 'pipe.torrent')])
    await mkdir(join(folder, 'folder.torrent'))
    for (const name of ['pipe.torrent', 'folder.torrent', 'none.torrent']) {
      expect(await readWatchedFile(join(folder, name))).toMatchObject({ kind: 'unreadable' })
    }
  })
})

describe('what becomes of a file', () => {
  it('is another name, never one that is taken, as often as there are names', async () => {
    const path = await file('a.torrent', 'first')
    expect(await markFile(path, 'added')).toBe(`${path}.added`)
    for (let count = 1; count < NAMES_TRIED; count += 1) {
      await file('a.torrent', String(count))
      expect(await markFile(path, 'added')).toBe(`${path}.${count}.added`)
    }
    await file('a.torrent', 'one too many')
    await expect(markFile(path, 'added')).rejects.toThrow('already')
    expect(await readFile(`${path}.added`, 'utf8')).toBe('first')
    expect(await readFile(path, 'utf8')).toBe('one too many')
  })

  it('is another folder, which is made', async () => {
    const done = join(folder, 'deep/done')
    expect(await moveFile(await file('a.torrent', '1'), done)).toBe(join(done, 'a.torrent'))
    expect(await moveFile(await file('a.torrent', '2'), done)).toBe(join(done, 'a.torrent.1'))
    expect(await readFile(join(done, 'a.torrent'), 'utf8')).toBe('1')
    expect((await readdir(folder)).toSorted()).toEqual(['deep'])
  })
})

it('knows a folder behind a link', async () => {
  await symlink(folder, join(folder, 'link'))
  expect(await isSameFolder(folder, join(folder, 'link'))).toBe(true)
  expect(await isSameFolder(folder, tmpdir())).toBe(false)
  expect(await isSameFolder(folder, join(folder, 'none'))).toBe(false)
})
