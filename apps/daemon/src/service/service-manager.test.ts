import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fakeNotify } from '../testing/fake-notify.ts'
import { MESSAGES_WAITING, passedSocket, serviceManager } from './service-manager.ts'

let folder: string
let failures: string[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pigeond-notify-'))
  failures = []
})

afterEach(() => rm(folder, { recursive: true, force: true }))

const fail = (reason: string): void => void failures.push(reason)

describe('a service manager', () => {
  it('is told in order what happens, with the time of a reload on its own clock', async () => {
    const fake = await fakeNotify(folder)
    const before = process.hrtime.bigint() / 1_000n
    const manager = serviceManager(fake.env, fail)
    manager.ready('0 torrents')
    manager.reloading()
    manager.ready('a\nREADY=0')
    manager.status('1 torrent')
    manager.stopping()
    await manager.flush()
    const calls = await fake.calls()
    const micros = BigInt(/^MONOTONIC_USEC=(\d+)$/.exec(calls[1]?.[1] ?? '')?.[1] ?? 0)
    expect(micros).toBeGreaterThanOrEqual(before)
    expect(micros).toBeLessThanOrEqual(process.hrtime.bigint() / 1_000n)
    expect(calls).toEqual([
      ['READY=1', 'STATUS=0 torrents'],
      ['RELOADING=1', `MONOTONIC_USEC=${micros}`],
      ['READY=1', 'STATUS=a␊READY=0'],
      ['STATUS=1 torrent'],
      ['STOPPING=1', 'STATUS=Saying goodbye'],
    ])
    expect(failures).toEqual([])
  })

  it('is not spoken to where there is none', async () => {
    const fake = await fakeNotify(folder)
    for (const NOTIFY_SOCKET of [undefined, '']) {
      const manager = serviceManager({ ...fake.env, NOTIFY_SOCKET }, fail)
      manager.ready('x')
      await manager.flush()
    }
    expect(await fake.calls()).toEqual([])
  })

  it('may lack its helper, or have one that fails: that is said and nothing else happens', async () => {
    const fake = await fakeNotify(folder, 3)
    const failing = serviceManager(fake.env, fail)
    failing.ready('x')
    await failing.flush()
    const missing = serviceManager({ ...fake.env, PATH: join(folder, 'nothing') }, fail)
    missing.ready('x')
    await missing.flush()
    expect(failures).toEqual(['systemd-notify exited with 3', expect.stringContaining('ENOENT')])
  })

  it('is told the latest when there is too much to say', async () => {
    const fake = await fakeNotify(folder)
    const manager = serviceManager(fake.env, fail)
    // One is on its way at once.
    for (let number = 0; number <= MESSAGES_WAITING + 1; number += 1) manager.status(String(number))
    await manager.flush()
    const told = (await fake.calls()).map(([status]) => status)
    expect(told).toHaveLength(MESSAGES_WAITING + 1)
    expect(told).not.toContain('STATUS=1')
    expect(told.at(-1)).toBe(`STATUS=${MESSAGES_WAITING + 1}`)
  })
})

describe('a socket that was opened for us', () => {
  it.each([
    [{}, null],
    [{ LISTEN_PID: '7', LISTEN_FDS: '1' }, 3],
    [{ LISTEN_PID: '8', LISTEN_FDS: '1' }, null],
    [{ LISTEN_FDS: '1' }, null],
    [{ LISTEN_PID: '7', LISTEN_FDS: '0' }, null],
    [{ LISTEN_PID: '7', LISTEN_FDS: 'x' }, null],
    [{ LISTEN_PID: '7' }, null],
  ])('with %j is %j', (env, expected) => {
    expect(passedSocket(env, 7)).toBe(expected)
  })

  it('has to be the only one', () => {
    expect(passedSocket({ LISTEN_PID: '7', LISTEN_FDS: '2' }, 7)).toContain('2 sockets')
  })
})
