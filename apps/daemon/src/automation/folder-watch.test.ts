import { mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RecordedLog } from '../testing/recorded-log.ts'
import { FILES_FAILED, FILES_WAITING, FolderWatch } from './folder-watch.ts'
import type { Taken, TorrentIntake } from './intake.ts'
import type { WatchedFolder } from './settings.ts'

let home: string
let log: RecordedLog
let taken: { text: string; wishes: unknown }[]
let results: string[]
const cleanups: (() => Promise<unknown>)[] = []

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'pigeond-watch-'))
  await mkdir(join(home, 'in'))
  log = new RecordedLog()
  taken = []
  results = []
})

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
  await rm(home, { recursive: true, force: true })
})

const NEVER: Taken = { kind: 'failed', problem: { code: 'busy', message: 'Busy.', help: 'Wait.' } }

/** Answers by what is in the file. */
const take: TorrentIntake = (source, wishes) => {
  const text = source.kind === 'metainfo' ? new TextDecoder().decode(source.bytes) : 'magnet'
  taken.push({ text, wishes })
  if (text === 'known') return Promise.resolve({ kind: 'known' })
  if (text === 'busy') return Promise.resolve(NEVER)
  if (text !== 'broken') return Promise.resolve({ kind: 'added', id: 'a'.repeat(40) })
  const problem = { code: 'bad-torrent', message: 'It is no torrent.', help: '' }
  return Promise.resolve({ kind: 'bad', problem })
}

async function watch(folder: Partial<WatchedFolder> = {}): Promise<string | null> {
  const watching = new FolderWatch({
    folder: { path: join(home, 'in'), ...folder },
    take,
    log,
    onResult: (result) => results.push(result),
    stableMs: 20,
  })
  cleanups.push(() => watching.close())
  return watching.start()
}

async function put(name: string, text: string): Promise<void> {
  await writeFile(join(home, 'part'), text)
  await rename(join(home, 'part'), join(home, 'in', name))
}

async function names(): Promise<readonly string[]> {
  return (await readdir(join(home, 'in'))).toSorted()
}

/** What is there when nothing more can come: a last file has gone the whole way. */
async function settled(): Promise<readonly string[]> {
  const count = log.lines.filter(({ event }) => event === 'watch-known').length
  await put('last.torrent', 'known')
  await log.until('watch-known', count + 1)
  await Promise.all(cleanups.splice(0).map((cleanup) => cleanup()))
  return (await names()).filter((name) => !name.startsWith('last'))
}

describe('a watched folder', () => {
  it('takes what is there and what comes, and marks it', async () => {
    await put('before.torrent', 'one')
    await put('unrelated.txt', 'x')
    expect(await watch({ category: 'iso', paused: true })).toBeNull()
    await log.until('watch-added')
    await put('after.magnet', 'magnet:?xt=1')
    await log.until('watch-added', 2)
    expect(await settled()).toEqual(['after.magnet.added', 'before.torrent.added', 'unrelated.txt'])
    expect(taken[0]).toMatchObject({ text: 'one', wishes: { category: 'iso', paused: true } })
    expect(results).toEqual(['added', 'added', 'known'])
  })

  it('marks what is no torrent, and says why', async () => {
    await put('bad.torrent', 'broken')
    await watch()
    const [line] = await log.until('watch-invalid')
    expect(line).toMatchObject({ level: 'warn', fields: { reason: 'It is no torrent.' } })
    expect(await settled()).toEqual(['bad.torrent.invalid'])
  })

  it('moves what it added where it was told to', async () => {
    await put('a.torrent', 'one')
    await watch({ done: join(home, 'done') })
    await log.until('watch-added')
    await put('last.torrent', 'known')
    await log.until('watch-known')
    await Promise.all(cleanups.splice(0).map((cleanup) => cleanup()))
    expect(await names()).toEqual([])
    expect((await readdir(join(home, 'done'))).toSorted()).toEqual(['a.torrent', 'last.torrent'])
  })

  it('never takes up what it has dealt with', async () => {
    await put('a.torrent', 'one')
    await watch()
    await log.until('watch-added')
    await settled()
    await watch()
    expect(await settled()).toEqual(['a.torrent.added'])
    expect(taken.filter(({ text }) => text === 'one')).toHaveLength(1)
  })

  it('leaves what did not work this time, until it changes', async () => {
    await put('a.torrent', 'busy')
    await watch()
    const [line] = await log.until('watch-failed')
    expect(line?.fields['reason']).toBe('Busy. Wait.')
    await put('a.torrent', 'now it works')
    await log.until('watch-added')
    expect(await settled()).toEqual(['a.torrent.added'])
  })

  it('does not look into folders below it', async () => {
    await mkdir(join(home, 'in/below'))
    await writeFile(join(home, 'in/below/a.torrent'), 'one')
    await watch()
    expect(await settled()).toEqual(['below'])
    expect(taken.map(({ text }) => text)).toEqual(['known'])
  })

  it('is made when it is not there, and refused when it cannot be', async () => {
    expect(await watch({ path: join(home, 'new/deep') })).toBeNull()
    await writeFile(join(home, 'file'), '')
    expect(await watch({ path: join(home, 'file/below') })).toContain('ENOTDIR')
  })

  it('is refused when what is done would come back into it through a link', async () => {
    await symlink(join(home, 'in'), join(home, 'link'))
    expect(await watch({ done: join(home, 'link') })).toContain('same folder')
  })
})

describe('the limits of a watched folder', () => {
  it('let no file be forgotten when more come than may wait', async () => {
    const count = FILES_WAITING + 5
    for (let number = 0; number < count; number += 1) {
      await writeFile(join(home, `in/${number}.torrent`), String(number))
    }
    await watch()
    await log.until('watch-added', count)
    expect(await settled()).toHaveLength(count)
    expect(taken).toHaveLength(count + 1)
  }, 60_000)

  it('stop it when too many fail', async () => {
    for (let number = 0; number < FILES_FAILED; number += 1) {
      await writeFile(join(home, `in/${number}.torrent`), 'busy')
    }
    await watch()
    await log.until('watch-stopped')
    expect(results).toHaveLength(FILES_FAILED)
  }, 60_000)
})
