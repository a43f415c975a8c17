import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TorrentRecord } from '@pigeon/engine/ports'
import { isIoProblem } from '@pigeon/engine/problem'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openRecordsThread, type ThreadedRecords } from './records-thread.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pigeon-records-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const RECORD: TorrentRecord = {
  id: 'a'.repeat(40),
  infoHashes: { v1: new Uint8Array(20).fill(0xaa), v2: null },
  infoBytes: Uint8Array.of(1, 2, 3),
  optionsJson: '{"name":"x"}',
  progress: { verified: Uint8Array.of(0xf0), downloadedBytes: 7, uploadedBytes: 8, seededMs: 9 },
}

async function opened(): Promise<ThreadedRecords> {
  const records = await openRecordsThread(folder)
  if (isIoProblem(records)) throw new Error(records.message)
  return records
}

describe('records in a thread', () => {
  it('are there again after closing and opening', async () => {
    const first = await opened()
    expect(await first.save(RECORD)).toBeNull()
    const newer = { ...RECORD.progress, verified: Uint8Array.of(0xff) }
    expect(await first.saveProgress(RECORD.id, newer)).toBeNull()
    expect(await first.saveSettings('{"maxActive":3}')).toBeNull()
    await first.close()
    const second = await opened()
    expect(await second.loadAll()).toEqual([{ ...RECORD, progress: newer }])
    expect(await second.loadSettings()).toBe('{"maxActive":3}')
    expect(await second.remove(RECORD.id)).toBeNull()
    expect(await second.loadAll()).toEqual([])
    await second.close()
  })

  it('say why a folder cannot hold them', async () => {
    writeFileSync(join(folder, 'file'), '')
    expect(await openRecordsThread(join(folder, 'file', 'state'))).toMatchObject({
      kind: 'io-problem',
      code: 'not-a-folder',
    })
  })

  it('answer with a problem after they were closed, and never hang', async () => {
    const records = await opened()
    await records.close()
    expect(await records.save(RECORD)).toMatchObject({ kind: 'io-problem' })
  })
})
