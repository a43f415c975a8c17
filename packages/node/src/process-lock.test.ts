import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lockStateFolder } from './process-lock.ts'
import { expectOk, makeFolder } from './testing/sample-torrent.ts'

let around: ReturnType<typeof makeFolder>
let folder: string

beforeEach(() => {
  around = makeFolder()
  folder = join(around.path, 'state', 'pigeond')
})

afterEach(() => around.remove())

async function holder(): Promise<{ pid: number; kill(): Promise<unknown> }> {
  const script = join(import.meta.dirname, 'testing/hold-lock.ts')
  const child = spawn(process.execPath, ['--conditions=pigeon-source', script, folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  const kill = (): Promise<unknown> => {
    const exit = once(child, 'exit')
    child.kill('SIGKILL')
    return exit
  }
  return { pid: child.pid ?? 0, kill }
}

test('makes a private folder, and gives it up again', () => {
  const lock = expectOk(lockStateFolder(folder, 'pigeond'))
  expect(statSync(folder).mode & 0o777).toBe(0o700)
  lock.release()
  lock.release()
  expectOk(lockStateFolder(folder, 'pigeond')).release()
})

test('is held by one, also within a process', () => {
  const lock = expectOk(lockStateFolder(folder, 'pigeond'))
  expect(lockStateFolder(folder, 'pigeond')).toMatchObject({ code: 'not-allowed' })
  lock.release()
})

test('says who holds it and what to do, and is free at once when that one is killed', async () => {
  const other = await holder()
  const refused = lockStateFolder(folder, 'pigeon')
  expect(refused).toMatchObject({
    kind: 'io-problem',
    message: `another pigeond (pid ${other.pid}) uses ${folder}; stop it, or give this one its own folder with --state`,
  })
  await other.kill()
  expectOk(lockStateFolder(folder, 'pigeon')).release()
})

test('does not repeat what somebody wrote into the holder file', () => {
  const lock = expectOk(lockStateFolder(folder, 'pigeond'))
  writeFileSync(join(folder, 'lock.holder'), '\u001b]0;hacked\u0007')
  const refused = lockStateFolder(folder, 'pigeond')
  expect(JSON.stringify(refused)).toContain('another pigeon uses')
  lock.release()
})

test('a folder that cannot be made is a problem', () => {
  writeFileSync(join(around.path, 'file'), '')
  expect(lockStateFolder(join(around.path, 'file', 'x'), 'pigeond')).toMatchObject({
    code: 'not-a-folder',
  })
})
