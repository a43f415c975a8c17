import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parseMetainfo } from '@pigeon/protocol/metainfo'
import { type CreateOptions, createTorrent } from './create-torrent.ts'
import { makeFolder } from './testing/sample-torrent.ts'
import { contentFolder, verifyFiles } from './verify-files.ts'

let folder: ReturnType<typeof makeFolder>

beforeEach(() => {
  folder = makeFolder()
})

afterEach(() => folder.remove())

function put(path: string, bytes: string | Uint8Array): string {
  const absolute = join(folder.path, path)
  mkdirSync(join(absolute, '..'), { recursive: true })
  writeFileSync(absolute, bytes)
  return absolute
}

function noise(lengthBytes: number): Buffer {
  return Buffer.from(Array.from({ length: lengthBytes }, (_, i) => (i * 7 + (i >> 7)) & 0xff))
}

async function create(path: string, options: CreateOptions = {}) {
  const made = await createTorrent(path, { workers: 1, ...options })
  if (made.kind !== 'created') throw new Error(JSON.stringify(made))
  return made
}

describe('making a torrent', () => {
  test('of a file: its name, its length, its hashes', async () => {
    const bytes = noise(100_000)
    const made = await create(put('film.mkv', bytes), {
      pieceLength: 65_536,
      trackers: [['http://t/announce']],
      isPrivate: true,
    })
    const parsed = parseMetainfo(made.bytes)
    if (!parsed.ok) throw new Error(parsed.fault.message)
    const { metainfo } = parsed
    expect(metainfo).toMatchObject({
      name: 'film.mkv',
      isMultiFile: false,
      totalBytes: 100_000,
      isPrivate: true,
    })
    const sha1 = [bytes.subarray(0, 65_536), bytes.subarray(65_536)].map((piece) =>
      createHash('sha1').update(piece).digest(),
    )
    expect(Buffer.from(metainfo.hashes.sha1)).toEqual(Buffer.concat(sha1))
    expect(made.folder).toBe(folder.path)
  })

  test('of a folder: all files in one order, however the system lists them', async () => {
    for (const name of ['b/x', 'a', 'b/A', 'C', 'ä', 'b-2', '.hidden']) {
      put(`tree/${name}`, noise(5_000 + name.length))
    }
    put('tree/empty', '')
    const made = await create(join(folder.path, 'tree'))
    expect(made.metainfo.files.map(({ path }) => path.join('/'))).toEqual([
      '.hidden',
      'C',
      'a',
      'b/A',
      'b/x',
      'b-2',
      'empty',
      'ä',
    ])
    const result = await verifyFiles(made.metainfo, made.folder)
    expect(result).toMatchObject({ verifiedCount: made.metainfo.pieceCount, problems: [] })
  })

  test('leaves links and pipes out, and says so', async () => {
    put('tree/file', 'content')
    put('outside', 'secret')
    symlinkSync(join(folder.path, 'outside'), join(folder.path, 'tree/link'))
    execFileSync('mkfifo', [join(folder.path, 'tree/pipe')])
    const made = await create(join(folder.path, 'tree'))
    expect(made.metainfo.files.length).toBe(1)
    expect([...made.notes].sort()).toEqual([
      'link is left out: it is a link',
      'pipe is left out: it is not a regular file',
    ])
  })

  test('tells which names will differ on disk', async () => {
    put('tree/NUL.txt', 'x')
    put('tree/fine', 'x')
    const { notes } = await create(join(folder.path, 'tree'))
    expect(notes.length).toBe(1)
    expect(notes[0]).toContain('tree/NUL.txt will be stored as ')
  })

  test('reports progress up to the end', async () => {
    const seen: number[] = []
    const path = put('file', noise(70_000))
    await createTorrent(
      path,
      { pieceLength: 16_384, workers: 1 },
      ({ hashedBytes, totalBytes }) => {
        expect(totalBytes).toBe(70_000)
        seen.push(hashedBytes)
      },
    )
    expect(seen.length).toBe(5)
    expect(Math.max(...seen)).toBe(70_000)
  })

  test('stops when told to', async () => {
    const path = put('file', noise(70_000))
    const abort = new AbortController()
    const made = await createTorrent(
      path,
      { pieceLength: 16_384, workers: 1 },
      () => abort.abort(),
      abort.signal,
    )
    expect(made).toEqual({ kind: 'stopped' })
  })
})

describe('what cannot be shared', () => {
  test('is named: missing, empty, not a file, not UTF-8', async () => {
    expect(await createTorrent(join(folder.path, 'no'))).toMatchObject({ code: 'not-found' })
    expect(await createTorrent('/dev/null')).toMatchObject({ code: 'not-found' })
    mkdirSync(join(folder.path, 'empty'))
    expect(await createTorrent(join(folder.path, 'empty'))).toMatchObject({ kind: 'refusal' })
    const bad = Buffer.concat([Buffer.from(`${folder.path}/empty/`), Buffer.from([0xff, 0x41])])
    writeFileSync(bad, 'x')
    const refused = await createTorrent(join(folder.path, 'empty'))
    expect(refused).toMatchObject({ kind: 'io-problem', code: 'not-allowed' })
  })

  test('an unreadable file ends it with its name', async ({ skip }) => {
    skip(process.getuid?.() === 0, 'the superuser reads every file')
    chmodSync(put('tree/locked', 'x'), 0)
    const made = await createTorrent(join(folder.path, 'tree'))
    expect(made).toMatchObject({ code: 'no-permission' })
    expect(JSON.stringify(made)).toContain('tree/locked')
  })

  test('a file that shrinks or changes while it is read ends it with its name', async () => {
    for (const change of [
      (path: string) => truncateSync(path, 10),
      (path: string) => put('f', path),
    ]) {
      const path = put('f', noise(200_000))
      let isFirst = true
      const made = await createTorrent(path, { pieceLength: 16_384, workers: 1 }, () => {
        if (isFirst) change(path)
        isFirst = false
      })
      expect(made).toMatchObject({ kind: 'io-problem', code: 'disk-error' })
      expect(JSON.stringify(made)).toContain(`${path} changed`)
    }
  })

  test('bad wishes are refused before anything is hashed', async () => {
    const path = put('f', 'x')
    const hashed = (): void => expect.unreachable('hashed')
    for (const options of [
      { pieceLength: 5 },
      { pieceLength: 0 },
      { pieceLength: 2 ** 40 },
      { trackers: [['gopher://x']] },
    ]) {
      expect(await createTorrent(path, options, hashed)).toMatchObject({ kind: 'refusal' })
    }
  })
})

describe('verifying', () => {
  test('says which pieces are good, wrong and missing', async () => {
    put('tree/a', noise(40_000))
    const b = put('tree/b', noise(40_000))
    const made = await create(join(folder.path, 'tree'), { pieceLength: 16_384 })
    writeFileSync(b, Buffer.alloc(20_000))
    const result = await verifyFiles(made.metainfo, made.folder)
    expect(result).toMatchObject({
      kind: 'checked',
      pieces: ['verified', 'verified', 'mismatch', 'missing', 'missing'],
      verifiedCount: 2,
      sizes: [40_000, 20_000],
    })
  })

  test('finds the folder that is meant by the data or by what is around it', async () => {
    put('tree/tree/a', 'x')
    put('tree/a', 'x')
    const made = await create(join(folder.path, 'tree/tree'))
    const around = join(folder.path, 'tree')
    expect(await contentFolder(made.metainfo, around)).toBe(around)
    expect(await contentFolder(made.metainfo, join(around, 'tree'))).toBe(around)
    expect(await contentFolder(made.metainfo, folder.path)).toBe(folder.path)
  })
})
