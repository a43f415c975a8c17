import { closeSync, openSync } from 'node:fs'
import { afterEach, expect, test } from 'vitest'
import { diskProblem } from '../io-errors.ts'
import { FileHandle, FileHandles } from './file-handles.ts'

const opened: number[] = []

function handle(open = () => openSync('/dev/null', 'r')): FileHandle {
  return new FileHandle(async () => {
    const fd = open()
    opened.push(fd)
    return fd
  })
}

afterEach(() => {
  for (const fd of opened.splice(0)) {
    try {
      closeSync(fd)
    } catch {
      // The pool closed it already.
    }
  }
})

test('no more files are open than the limit; the one unused the longest goes first', async () => {
  const pool = new FileHandles(3)
  const all = [1, 2, 3, 4].map(() => handle())
  for (const one of all.slice(0, 3)) {
    expect(await pool.pin([one])).toBeNull()
    pool.unpin([one])
  }
  const [first, second] = all
  if (first === undefined || second === undefined) throw new Error('no handles')
  await pool.pin([first])
  pool.unpin([first])
  await pool.pin(all.slice(3))
  expect(pool.openCount).toBe(3)
  expect(second.fd).toBe(-1)
  expect(first.fd).toBeGreaterThan(0)
})

test('a file in use is never closed: who wants one more waits', async () => {
  const pool = new FileHandles(2)
  const [a, b, c] = [handle(), handle(), handle()]
  await pool.pin([a, b])
  let isGranted = false
  const waiting = pool.pin([c]).then((problem) => {
    isGranted = true
    return problem
  })
  await new Promise((resolve) => setImmediate(resolve))
  expect(isGranted).toBe(false)
  expect(a.fd).toBeGreaterThan(0)
  pool.unpin([a])
  expect(await waiting).toBeNull()
  expect(a.fd).toBe(-1)
  expect(b.fd).toBeGreaterThan(0)
})

test('a job that needs more files than the limit gets them when it is alone', async () => {
  const pool = new FileHandles(2)
  const many = [handle(), handle(), handle()]
  expect(await pool.pin(many)).toBeNull()
  expect(many.every((one) => one.fd > 0)).toBe(true)
})

test('two jobs share an open file, and it stays until both are done', async () => {
  const pool = new FileHandles(1)
  const one = handle()
  await pool.pin([one, one])
  await pool.pin([one])
  pool.unpin([one, one])
  await pool.close(one)
  expect(one.fd).toBeGreaterThan(0)
  pool.unpin([one])
  await pool.close(one)
  expect(one.fd).toBe(-1)
})

test('out of descriptors: idle files are closed and the open is tried again', async () => {
  const pool = new FileHandles(10)
  const idle = [handle(), handle(), handle()]
  for (const one of idle) {
    await pool.pin([one])
    pool.unpin([one])
  }
  let tries = 0
  const scarce = new FileHandle(async () => {
    tries++
    if (tries === 1) return diskProblem('EMFILE', 'open it')
    const fd = openSync('/dev/null', 'r')
    opened.push(fd)
    return fd
  })
  expect(await pool.pin([scarce])).toBeNull()
  expect(idle.every((one) => one.fd === -1)).toBe(true)
})

test('a file that cannot be opened holds nothing up', async () => {
  const pool = new FileHandles(2)
  const bad = new FileHandle(async () => diskProblem('EIO', 'open it'))
  const good = handle()
  expect(await pool.pin([good, bad])).toMatchObject({ code: 'disk-error' })
  expect(good.pins).toBe(0)
  expect(await pool.pin([good, handle()])).toBeNull()
})
