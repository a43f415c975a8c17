import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { TorrentRecord } from '@pigeon/engine/ports'
import { BATCH_CHANGES, type Records, openRecords } from './records.ts'
import { expectOk, makeFolder } from './testing/sample-torrent.ts'

let folder: ReturnType<typeof makeFolder>
const open: Records[] = []

beforeEach(() => {
  folder = makeFolder()
})

afterEach(() => {
  for (const one of open.splice(0)) one.close()
  folder.remove()
})

function records(): Records {
  const made = expectOk(openRecords(folder.path))
  open.push(made)
  return made
}

function record(id: string, verified = 0): TorrentRecord {
  return {
    id,
    infoHashes: { v1: new Uint8Array(20).fill(5), v2: null },
    infoBytes: new Uint8Array([1, 2, 3]),
    optionsJson: '{"folder":"/x"}',
    progress: {
      verified: new Uint8Array([verified]),
      downloadedBytes: 2 ** 40,
      uploadedBytes: 7,
      seededMs: 12,
    },
  }
}

describe('records', () => {
  test('come back as they were saved, in the order in which they were added', async () => {
    const first = records()
    const magnet = { ...record('b'), infoBytes: null }
    const v2 = { ...record('c'), infoHashes: { v1: null, v2: new Uint8Array(32) } }
    for (const one of [magnet, v2, record('a')]) expect(await first.save(one)).toBeNull()
    first.close()
    expect(await records().loadAll()).toEqual([magnet, v2, record('a')])
  })

  test('keep the last word on progress and options', async () => {
    const one = records()
    await one.save(record('a', 1))
    const progress = { ...record('a', 9).progress, seededMs: 100.6 }
    expect(await one.saveProgress('a', progress)).toBeNull()
    const [loaded] = expectOk(await one.loadAll())
    expect(loaded?.progress).toEqual({ ...progress, seededMs: 101 })
    await one.save({ ...record('a', 9), optionsJson: '{}' })
    expect(expectOk(await one.loadAll())).toEqual([{ ...record('a', 9), optionsJson: '{}' }])
  })

  test('progress saved in one turn is saved for all, and the last of each wins', async () => {
    const one = records()
    for (const id of ['a', 'b']) await one.save(record(id))
    const saves = [
      one.saveProgress('a', record('a', 1).progress),
      one.saveProgress('b', record('b', 2).progress),
      one.saveProgress('a', record('a', 3).progress),
    ]
    expect(await Promise.all(saves)).toEqual([null, null, null])
    const all = expectOk(await one.loadAll())
    expect(all.map(({ progress }) => progress.verified[0])).toEqual([3, 2])
  })

  test('changes that come in together are made durable together, each answered', async () => {
    const one = records()
    const ids = Array.from({ length: BATCH_CHANGES }, (_, at) => `t${at}`)
    const saved = await Promise.all(ids.map((id) => one.save(record(id))))
    expect(saved.every((answer) => answer === null)).toBe(true)
    expect(one.transactions).toBe(1)
    await Promise.all([...ids, 'unknown'].map((id) => one.saveOptions(id, '{"x":1}')))
    expect(one.transactions).toBe(3)
    const all = expectOk(await one.loadAll())
    expect(all).toHaveLength(BATCH_CHANGES)
    expect(all.every(({ optionsJson }) => optionsJson === '{"x":1}')).toBe(true)
    expect(all.at(-1)?.progress).toEqual(record('x').progress)
  })

  test('one that cannot be written does not take the others along', async () => {
    const one = records()
    const broken = { ...record('bad'), progress: { ...record('bad').progress, seededMs: 2 ** 70 } }
    const answers = await Promise.all([
      one.save(record('a')),
      one.save(broken),
      one.save(record('b')),
    ])
    expect(answers.map((answer) => answer === null)).toEqual([true, false, true])
    expect(expectOk(await one.loadAll()).map(({ id }) => id)).toEqual(['a', 'b'])
  })

  test('a removed torrent does not come back with a late progress', async () => {
    const one = records()
    await one.save(record('a'))
    const late = one.saveProgress('a', record('a', 1).progress)
    await one.remove('a')
    await late
    await one.saveProgress('a', record('a', 1).progress)
    expect(await one.loadAll()).toEqual([])
  })

  test('hold the settings', async () => {
    const one = records()
    expect(await one.loadSettings()).toBeNull()
    await one.saveSettings('{"downLimit":5}')
    await one.saveSettings('{"downLimit":6}')
    one.close()
    expect(await records().loadSettings()).toBe('{"downLimit":6}')
  })

  test('that are closed answer a problem', async () => {
    const one = records()
    one.close()
    expect(await one.loadAll()).toMatchObject({ code: 'closed' })
    expect(await one.save(record('a'))).toMatchObject({ code: 'closed' })
  })
})

describe('what is wrong with a database', () => {
  test('one that is no database is put aside under a free name, and told about', async () => {
    const path = join(folder.path, 'state.db')
    for (const n of [1, 2]) {
      writeFileSync(path, 'this is not a database, not at all '.repeat(100))
      const one = records()
      expect(one.setAside?.message).toContain(`state.db.broken-${n}`)
      expect(await one.loadAll()).toEqual([])
      expect(await one.save(record('a'))).toBeNull()
      one.close()
      expect(existsSync(`${path}.broken-${n}`)).toBe(true)
    }
    expect(records().setAside).toBeNull()
  })

  test('one of a newer Pigeon is refused and left alone', () => {
    records().close()
    const path = join(folder.path, 'state.db')
    const database = new DatabaseSync(path)
    database.exec('PRAGMA user_version = 99')
    database.close()
    expect(openRecords(folder.path)).toMatchObject({ code: 'not-allowed' })
    expect(readdirSync(folder.path)).toEqual(['state.db'])
  })

  test('a state folder that cannot be is a problem', () => {
    writeFileSync(join(folder.path, 'file'), '')
    expect(openRecords(join(folder.path, 'file', 'state'))).toMatchObject({ code: 'not-a-folder' })
  })
})

test('what was answered as saved is there after a kill -9', async () => {
  const script = join(import.meta.dirname, 'testing/save-until-killed.ts')
  for (let round = 0; round < 3; round++) {
    const child = spawn(
      process.execPath,
      ['--conditions=pigeon-source', script, folder.path, String(round * 40)],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    let text = ''
    child.stdout.setEncoding('utf8')
    const isEnough = new Promise<void>((resolve) => {
      child.stdout.on('data', (chunk: string) => {
        text += chunk
        if (text.split('\n').length > 20) resolve()
      })
    })
    const exit = once(child, 'exit')
    await isEnough
    child.kill('SIGKILL')
    await exit
    const promised = Number(text.trimEnd().split('\n').at(-1))
    const one = records()
    expect(one.setAside).toBeNull()
    const [loaded] = expectOk(await one.loadAll())
    expect(loaded?.progress.uploadedBytes ?? 0).toBeGreaterThanOrEqual(promised)
    one.close()
  }
})
