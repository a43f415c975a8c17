import { expect, test } from 'vitest'
import { createClockPort } from './clock.ts'
import { createDigestPort } from './digest.ts'
import { createLogPort, jsonLine } from './log.ts'
import { createRandomPort } from './random.ts'

test('the clock calls back once, not too early, and not at all when cancelled', async () => {
  const clock = createClockPort()
  const startMs = clock.nowMs()
  const log: number[] = []
  clock.after(5, () => log.push(-1))()
  await new Promise<void>((resolve) => {
    clock.after(10, () => {
      log.push(clock.nowMs() - startMs)
      resolve()
    })
  })
  expect(log.length).toBe(1)
  // Node rounds timers to whole milliseconds of a clock that began elsewhere.
  expect(log[0]).toBeGreaterThanOrEqual(9)
})

test('a delay longer than Node can wait does not fire at once', async () => {
  const clock = createClockPort()
  let isFired = false
  const cancel = clock.after(2 ** 40, () => {
    isFired = true
  })
  await new Promise<void>((resolve) => clock.after(5, resolve))
  cancel()
  expect(isFired).toBe(false)
})

test('chance stays below its bound and reaches all values', () => {
  const random = createRandomPort()
  const seen = new Set(Array.from({ length: 500 }, () => random.int(4)))
  expect([...seen].sort()).toEqual([0, 1, 2, 3])
  expect(random.int(1)).toBe(0)
  expect(random.int(2 ** 32)).toBeLessThan(2 ** 32)
  expect(random.bytes(20).length).toBe(20)
})

test('the digest is SHA-1', () => {
  expect(Buffer.from(createDigestPort().sha1(Buffer.from('abc'))).toString('hex')).toBe(
    'a9993e364706816aba3e25717850c26c9cd0d89d',
  )
})

test('the log passes on what is grave enough', () => {
  const seen: string[] = []
  const log = createLogPort('warn', (level, event) => seen.push(`${level} ${event}`))
  for (const level of ['debug', 'info', 'warn', 'error'] as const) log.write(level, 'x', {})
  expect(seen).toEqual(['warn x', 'error x'])
})

test('a log line is one line, whatever is in it', () => {
  const line = jsonLine(0, 'info', 'peer', { name: 'a\nb\u001b[31m\u2028' })
  expect(line.trimEnd().split(/[\n\r]/).length).toBe(1)
  expect(line).not.toContain('\u001b')
  expect(JSON.parse(line)).toMatchObject({ time: '1970-01-01T00:00:00.000Z', event: 'peer' })
})
