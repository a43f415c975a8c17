import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeFolder, runPigeon } from '../testing/run-pigeon.ts'
import {
  HOSTILE,
  HOSTILE_NAME,
  MULTI,
  PADDED,
  SINGLE,
  UNICODE,
  writeFiles,
} from '../testing/sample-files.ts'

const HEX = 'abcdef0123'.repeat(4)
const MAGNET = `magnet:?xt=urn:btih:${HEX}&dn=a+name&tr=http%3A%2F%2Ft.example%2Fa&tr=udp%3A%2F%2Fu.example%3A80`
const TRACKERS = [['http://t.example/announce']]
const infoHash = (torrent: string): string =>
  createHash('sha1')
    .update(torrent.slice(torrent.indexOf('4:info') + 6, -1))
    .digest('hex')

const folder = makeFolder()
const file = (name: string): string => join(folder.path, name)
beforeAll(() => {
  writeFiles(folder.path, {
    'single.torrent': SINGLE,
    'multi.torrent': MULTI,
    'padded.torrent': PADDED,
    'unicode.torrent': UNICODE,
    'hostile.torrent': HOSTILE,
    'garbage.torrent': 'this is not a torrent',
    'empty.torrent': '',
    'html.torrent': '<html>404</html>',
    'no-info.torrent': 'd8:announce3:abce',
    'short.torrent': SINGLE.slice(0, -20),
  })
})
afterAll(() => folder.remove())

async function inspectJson(...inputs: readonly string[]) {
  const { exitCode, stdout } = await runPigeon('inspect', '--json', ...inputs)
  const lines = stdout.trimEnd().split('\n')
  return { exitCode, stdout, objects: lines.map((line): unknown => JSON.parse(line)) }
}

describe('pigeon inspect --json', () => {
  it('says all of a single-file torrent in exactly the documented fields', async () => {
    const { exitCode, objects } = await inspectJson(file('single.torrent'))
    expect(exitCode).toBe(0)
    expect(objects).toEqual([
      {
        file: file('single.torrent'),
        ok: true,
        name: 'a.txt',
        infoHashV1: infoHash(SINGLE),
        infoHashV2: null,
        pieceLength: 16384,
        totalSize: 5,
        files: [{ path: 'a.txt', size: 5, pad: false, piecesRoot: null }],
        private: false,
        trackers: TRACKERS,
        warnings: [],
        fault: null,
      },
    ])
  })

  it('lists the files of a folder, empty ones too, and says that it is private', async () => {
    const { objects } = await inspectJson(file('multi.torrent'))
    expect(objects).toMatchObject([
      {
        name: 'folder',
        infoHashV1: infoHash(MULTI),
        private: true,
        totalSize: 5,
        files: [
          { path: 'folder/sub/a.txt', size: 5 },
          { path: 'folder/empty', size: 0 },
        ],
      },
    ])
  })

  it('marks padding and does not count it', async () => {
    const { objects } = await inspectJson(file('padded.torrent'))
    expect(objects).toMatchObject([
      {
        totalSize: 12,
        files: [
          { path: 'padded/a', pad: false },
          { path: 'padded/.pad/16379', size: 16379, pad: true },
          { path: 'padded/b', pad: false },
        ],
      },
    ])
  })

  it('keeps names as they are written', async () => {
    const { objects } = await inspectJson(file('unicode.torrent'))
    expect(objects).toMatchObject([{ name: '夢の中へ.txt' }])
  })

  it('says what a magnet says', async () => {
    const { exitCode, objects } = await inspectJson(MAGNET)
    expect(exitCode).toBe(0)
    expect(objects).toEqual([
      {
        file: MAGNET,
        ok: true,
        name: 'a name',
        infoHashV1: HEX,
        infoHashV2: null,
        pieceLength: null,
        totalSize: null,
        files: [],
        private: false,
        trackers: [['http://t.example/a'], ['udp://u.example:80']],
        warnings: [],
        fault: null,
      },
    ])
  })

  it.each([
    ['garbage.torrent', 'bad-bencode'],
    ['empty.torrent', 'bad-bencode'],
    ['html.torrent', 'bad-bencode'],
    ['no-info.torrent', 'no-info'],
    ['short.torrent', 'bad-bencode'],
    ['not there.torrent', 'unreadable'],
    ['.', 'unreadable'],
  ])('refuses %s as %s, with exit code 2 and the same fields', async (name, code) => {
    const { exitCode, objects } = await inspectJson(file(name))
    expect(exitCode).toBe(2)
    expect(objects).toMatchObject([{ ok: false, infoHashV1: null, files: [], fault: { code } }])
    const [refused] = objects
    const [good] = (await inspectJson(file('single.torrent'))).objects
    expect(Object.keys(Object(refused))).toEqual(Object.keys(Object(good)))
  })

  it.each(['magnet:', 'magnet:?xt=urn:btih:zz', 'magnet:?dn=x'])('refuses %s', async (magnet) => {
    const { exitCode, objects } = await inspectJson(magnet)
    expect(exitCode).toBe(2)
    expect(objects).toMatchObject([{ ok: false, fault: { where: '' } }])
  })

  it('prints one line each, and ends with 2 when any is refused', async () => {
    const { exitCode, objects } = await inspectJson(
      file('garbage.torrent'),
      file('single.torrent'),
      MAGNET,
    )
    expect(exitCode).toBe(2)
    expect(objects).toMatchObject([{ ok: false }, { ok: true }, { ok: true }])
  })

  it('escapes what a terminal would obey, and gives it back whole to a reader of JSON', async () => {
    const { stdout, objects } = await inspectJson(file('hostile.torrent'))
    expect(stdout.trimEnd()).toMatch(/^[^\p{Cc}\p{Cf}]*$/u)
    expect(objects).toMatchObject([{ name: HOSTILE_NAME }])
  })
})

describe('pigeon inspect', () => {
  it('says what a torrent holds in words', async () => {
    const { exitCode, stdout } = await runPigeon('inspect', file('multi.torrent'))
    expect(exitCode).toBe(0)
    expect(stdout).toContain(infoHash(MULTI))
    expect(stdout).toMatch(/private +yes/)
    expect(stdout).toMatch(/file +5 B {2}folder\/sub\/a\.txt/)
  })

  it('shows no control of a hostile name', async () => {
    const { stdout } = await runPigeon('inspect', file('hostile.torrent'))
    expect(stdout).toContain('␛[2J')
    expect(stdout.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u)
  })

  it('says why one is refused', async () => {
    const { exitCode, stdout } = await runPigeon('inspect', file('garbage.torrent'))
    expect(exitCode).toBe(2)
    expect(stdout).toMatch(/refused +This is not bencode\. \(at file, byte 0\) \[bad-bencode\]/)
  })
})
