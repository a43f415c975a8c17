/** pigeond as a process of its own: what only the whole program can show. */
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DaemonProcess } from './testing/daemon-process.ts'
import { QUIET, ScratchHome } from './testing/scratch-home.ts'

/** These tests start processes, on machines that may be busy. */
const PATIENCE_MS = 120_000

let home: ScratchHome

beforeEach(async () => {
  home = await ScratchHome.make()
})

afterEach(() => home.end(), PATIENCE_MS)

function start(...args: readonly string[]): DaemonProcess {
  const daemon = new DaemonProcess(home, args)
  home.onEnd(() => daemon.end())
  return daemon
}

describe('the process', { timeout: PATIENCE_MS }, () => {
  it('makes a token for its owner, bars a second one, and ends cleanly on SIGTERM', async () => {
    const daemon = start(...QUIET)
    await daemon.event('started')
    const tokenFile = join(home.stateFolder, 'token')
    const token = (await readFile(tokenFile, 'utf8')).trim()
    expect(token).toMatch(/^[\w-]{43}$/)
    expect((await stat(tokenFile)).mode & 0o777).toBe(0o600)

    const second = start(...QUIET)
    expect(await second.exited).toEqual({ code: 5, signal: null })
    expect(second.stdout).toBe('')

    daemon.kill('SIGTERM')
    expect(await daemon.exited).toEqual({ code: 0, signal: null })
    expect(daemon.stdout + daemon.stderr).not.toContain(token)
    expect(daemon.stderr).toBe('')
    expect(daemon.events()).toEqual(['started', 'first-start', 'stopping', 'stopped'])
  })

  it('leaves its folder to the next one when it is killed, and ends on SIGINT', async () => {
    const killed = start(...QUIET)
    await killed.event('started')
    killed.kill('SIGKILL')
    expect((await killed.exited).signal).toBe('SIGKILL')
    const next = start(...QUIET)
    await next.event('started')
    next.kill('SIGINT')
    expect(await next.exited).toEqual({ code: 0, signal: null })
  })

  it('exits 3 on a wrong configuration, with file, line and column', async () => {
    const file = join(home.path, 'wrong.toml')
    await writeFile(file, '\nmax-active = "many"\n')
    const daemon = start('--config', file)
    expect(await daemon.exited).toEqual({ code: 3, signal: null })
    expect(daemon.stderr).toContain(`${file}:2:1: max-active: expected a whole number`)
  })
})
