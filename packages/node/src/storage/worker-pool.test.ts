import { hash } from 'node:crypto'
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { makeFolder } from '../testing/sample-torrent.ts'
import type { Job } from './jobs.ts'
import { SCANS_PER_THREAD, WorkerPool } from './worker-pool.ts'

const folder = makeFolder()
const pools: WorkerPool[] = []

function pool(options: Partial<ConstructorParameters<typeof WorkerPool>[0]> = {}): WorkerPool {
  const made = new WorkerPool({ workers: 1, ...options })
  pools.push(made)
  return made
}

function scriptOf(source: string): URL {
  return new URL(`data:text/javascript,${encodeURIComponent(source)}`)
}

afterEach(async () => {
  await Promise.all(pools.splice(0).map((one) => one.close()))
})

function commitOf(bytes: Uint8Array, writes: { fd: number }[] = []): Job {
  const shared = new SharedArrayBuffer(bytes.length)
  new Uint8Array(shared).set(bytes)
  return {
    kind: 'commit',
    shared,
    lengthBytes: bytes.length,
    check: { algorithm: 'sha256', digest: hash('sha256', bytes, 'buffer') },
    writes: writes.map(({ fd }) => ({
      fd,
      fileOffset: 3,
      pieceOffset: 0,
      lengthBytes: bytes.length,
    })),
  }
}

describe('the storage worker', () => {
  test('writes where it is told, with either hash', async () => {
    const path = join(folder.path, 'written')
    const fd = openSync(path, 'w+')
    expect(await pool().run(commitOf(Buffer.from('hello'), [{ fd }]))).toEqual({ kind: 'ok' })
    closeSync(fd)
    expect(readFileSync(path)).toEqual(Buffer.from('\0\0\0hello'))
  })

  test('runs before its first job when it was warmed, and still does it', async () => {
    const crashed: unknown[] = []
    const script = scriptOf('throw new Error("started")')
    const broken = pool({ script, onCrash: (error) => crashed.push(error?.message) })
    broken.warm()
    await expect.poll(() => crashed).toEqual(['started'])
    const one = pool()
    one.warm()
    one.warm()
    expect(await one.run(commitOf(Buffer.from('x')))).toEqual({ kind: 'ok' })
  })

  test('answers the name of what the system said, and lives on', async () => {
    const one = pool()
    expect(await one.run(commitOf(Buffer.from('x'), [{ fd: 999_999 }]))).toEqual({
      kind: 'failed',
      errno: 'EBADF',
      index: 0,
    })
    expect(await one.run(commitOf(Buffer.from('x')))).toEqual({ kind: 'ok' })
  })

  test('hashes runs of several files and zeros, and answers the digest', async () => {
    const path = join(folder.path, 'scanned')
    writeFileSync(path, 'abcdef')
    const runs = [
      { from: path, fileOffset: 1, lengthBytes: 3 },
      { from: null, fileOffset: 0, lengthBytes: 100_000 },
      { from: path, fileOffset: 0, lengthBytes: 1 },
    ]
    const expected = Buffer.concat([Buffer.from('bcd'), Buffer.alloc(100_000), Buffer.from('a')])
    expect(await pool().run({ kind: 'scan', runs, algorithm: 'sha1', digest: null })).toEqual({
      kind: 'digest',
      digest: new Uint8Array(hash('sha1', expected, 'buffer')),
    })
  })

  test('says which run is too short, or cannot be read', async () => {
    const path = join(folder.path, 'short')
    writeFileSync(path, 'abc')
    const one = pool()
    const run = (from: string, lengthBytes: number) =>
      one.run({
        kind: 'scan',
        runs: [{ from, fileOffset: 0, lengthBytes }],
        algorithm: 'sha1',
        digest: null,
      })
    expect(await run(path, 4)).toEqual({ kind: 'missing', index: 0 })
    expect(await run(`${path}-not`, 4)).toMatchObject({ kind: 'failed', errno: 'ENOENT' })
    expect(await run(folder.path, 4)).toMatchObject({ kind: 'failed', errno: 'EISDIR' })
  })
})

describe('a worker that dies', () => {
  test('answers its jobs with a failure, and the next job finds a new worker', async () => {
    const crashes: unknown[] = []
    const dying = scriptOf(`
      import { parentPort, threadId } from 'node:worker_threads'
      parentPort.on('message', (jobs) => {
        if (jobs.some(({ job }) => job.lengthBytes === 4)) throw new Error('planted')
        parentPort.postMessage(jobs.map(({ id }) => ({ id, result: { kind: 'ok' } })))
      })`)
    const one = pool({ script: dying, onCrash: (error) => crashes.push(error?.message) })
    const first = one.run(commitOf(Buffer.from('four')))
    expect(await first).toEqual({ kind: 'failed', errno: 'worker-died', index: -1 })
    expect(crashes).toEqual(['planted'])
    expect(await one.run(commitOf(Buffer.from('three')))).toEqual({ kind: 'ok' })
  })

  test('fails the jobs when the script itself cannot start', async () => {
    const one = pool({ script: scriptOf('throw new Error("no start")') })
    expect(await one.run(commitOf(Buffer.from('x')))).toMatchObject({ errno: 'worker-died' })
    expect(await one.run(commitOf(Buffer.from('x')))).toMatchObject({ errno: 'worker-died' })
  })
})

test('big scans wait in line, and a commit passes them', async () => {
  const silent = scriptOf(`
    import { parentPort } from 'node:worker_threads'
    const held = []
    parentPort.on('message', (jobs) => {
      for (const { id, job } of jobs) {
        if (job.kind === 'scan') held.push(id)
        else parentPort.postMessage([{ id, result: { kind: 'digest', digest: held.length } }])
        if (job.lengthBytes === 1)
          parentPort.postMessage(held.splice(0).map((id) => ({ id, result: { kind: 'ok' } })))
      }
    })`)
  const one = pool({ script: silent })
  const runs = [{ from: null, fileOffset: 0, lengthBytes: 1024 * 1024 }]
  const scans = Array.from({ length: SCANS_PER_THREAD + 1 }, () =>
    one.run({ kind: 'scan', runs, algorithm: 'sha1', digest: null }),
  )
  expect(await one.run(commitOf(Buffer.from('two')))).toMatchObject({ digest: SCANS_PER_THREAD })
  await one.run(commitOf(Buffer.from('1')))
  await scans[SCANS_PER_THREAD - 1]
  expect(await one.run(commitOf(Buffer.from('two')))).toMatchObject({ digest: 1 })
  await one.run(commitOf(Buffer.from('1')))
  for (const scan of scans) expect(await scan).toEqual({ kind: 'ok' })
})

test('a closed pool lets running jobs end and refuses new ones', async () => {
  const one = pool()
  const running = one.run(commitOf(Buffer.from('x')))
  await one.close()
  expect(await running).toEqual({ kind: 'ok' })
  expect(await one.run(commitOf(Buffer.from('x')))).toMatchObject({ errno: 'closed' })
})
