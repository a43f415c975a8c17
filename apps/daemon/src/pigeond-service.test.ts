/** pigeond as what runs services sees it: signals, notifications, sockets. */
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DaemonProcess } from './testing/daemon-process.ts'
import { fakeNotify } from './testing/fake-notify.ts'
import { QUIET, ScratchHome } from './testing/scratch-home.ts'

/** These tests start processes, on machines that may be busy. */
const PATIENCE_MS = 120_000

let home: ScratchHome
let file: string

beforeEach(async () => {
  home = await ScratchHome.make()
  file = join(home.path, 'config/pigeon/pigeond.toml')
  await mkdir(join(home.path, 'config/pigeon'), { recursive: true })
})

afterEach(() => home.end(), PATIENCE_MS)

function start(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  socket: number | null = null,
): DaemonProcess {
  const daemon = new DaemonProcess(home, args, env, socket)
  home.onEnd(() => daemon.end())
  return daemon
}

async function tokenOf(): Promise<string> {
  return (await readFile(join(home.stateFolder, 'token'), 'utf8')).trim()
}

async function sessionOf(url: unknown): Promise<Readonly<Record<string, unknown>>> {
  const headers = { Authorization: `Bearer ${await tokenOf()}` }
  const answer = await fetch(`${String(url)}/api/v1/session`, { headers })
  const body: Readonly<Record<string, unknown>> = JSON.parse(await answer.text())
  const { session } = body
  return typeof session === 'object' && session !== null ? { ...session } : {}
}

/** Node names it nowhere else. */
function descriptorOf(server: Server): number {
  const handle: unknown = Reflect.get(server, '_handle')
  const fd: unknown = typeof handle === 'object' && handle !== null ? Reflect.get(handle, 'fd') : 0
  if (typeof fd !== 'number') throw new Error('The server has no descriptor.')
  return fd
}

describe('SIGHUP', { timeout: PATIENCE_MS }, () => {
  it('has the file read again, says what needs a restart, and leaves the file as it is', async () => {
    const daemon = start(QUIET)
    const { control } = await daemon.event('started')
    expect(await sessionOf(control)).toMatchObject({ upLimit: null })

    const text = '# mine\nup-limit = "1 MiB"\nmax-active = 3\nread-cache = "1 MiB"\n'
    await writeFile(file, text)
    daemon.kill('SIGHUP')
    expect(await daemon.event('reloaded')).toMatchObject({ changed: 'up-limit, max-active' })
    expect(await daemon.event('restart-needed')).toMatchObject({ settings: 'read-cache' })
    expect(await sessionOf(control)).toMatchObject({ upLimit: 1_048_576, maxActive: 3 })

    await writeFile(file, 'up-limit = "fast"\n')
    daemon.kill('SIGHUP')
    const refused = await daemon.event('reload-refused')
    expect(refused['reason']).toContain('pigeond.toml:1:1: up-limit: expected a rate')
    expect(await sessionOf(control)).toMatchObject({ upLimit: 1_048_576 })

    await writeFile(file, text)
    daemon.kill('SIGHUP')
    await daemon.event('reloaded', 2)
    expect(await readFile(file, 'utf8')).toBe(text)
    daemon.kill('SIGTERM')
    expect(await daemon.exited).toEqual({ code: 0, signal: null })
  })

  it('starts and stops what it does by itself', async () => {
    const inbox = join(home.path, 'in')
    await mkdir(inbox)
    await writeFile(join(inbox, 'x.magnet'), `magnet:?xt=urn:btih:${'c'.repeat(40)}`)
    const daemon = start(QUIET)
    await daemon.event('started')
    await writeFile(file, `watch = [{ path = "${inbox}", paused = true, category = "new" }]\n`)
    daemon.kill('SIGHUP')
    expect(await daemon.event('watch-added')).toMatchObject({ id: 'c'.repeat(40) })
    await writeFile(file, '')
    daemon.kill('SIGHUP')
    await daemon.event('reloaded', 2)
    daemon.kill('SIGTERM')
    expect((await daemon.exited).code).toBe(0)
  })
})

describe('other signals', { timeout: PATIENCE_MS }, () => {
  it('SIGUSR1 writes numbers into the log, and opens no debugger', async () => {
    const daemon = start(QUIET)
    await daemon.event('started')
    daemon.kill('SIGUSR1')
    expect(await daemon.event('statistics')).toMatchObject({ torrents: 0, peers: 0, upRate: 0 })
    daemon.kill('SIGTERM')
    expect((await daemon.exited).code).toBe(0)
    expect(daemon.stderr).toBe('')
  })
})

describe('the command shut-down', { timeout: PATIENCE_MS }, () => {
  it('ends it as a signal would, for who holds the full token', async () => {
    const daemon = start(QUIET)
    const { control } = await daemon.event('started')
    const answer = await fetch(`${String(control)}/api/v1/commands`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${await tokenOf()}`, 'Content-Type': 'application/json' },
      body: '{"do":"shut-down"}',
    })
    expect(answer.status).toBe(200)
    expect(await daemon.exited).toEqual({ code: 0, signal: null })
  })
})

describe('a service manager', { timeout: PATIENCE_MS }, () => {
  it('is told when it is ready, reloads and stops', async () => {
    const notify = await fakeNotify(home.path)
    const daemon = start(QUIET, notify.env)
    await daemon.event('started')
    daemon.kill('SIGHUP')
    await daemon.event('reloaded')
    daemon.kill('SIGTERM')
    expect((await daemon.exited).code).toBe(0)
    const status = 'STATUS=0 torrents, 0 peers, down 0 B/s, up 0 B/s'
    expect(await notify.calls()).toEqual([
      ['READY=1', status],
      ['RELOADING=1', expect.stringMatching(/^MONOTONIC_USEC=\d+$/)],
      ['READY=1', status],
      ['STOPPING=1', 'STATUS=Saying goodbye'],
    ])
    expect(daemon.events()).not.toContain('notify-failed')
  })

  it('may have opened the socket of the control', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const daemon = start(['--listen-host', '127.0.0.1'], {}, descriptorOf(server))
    // The daemon has its own hold on the socket; two must not take from it.
    server.close()
    const { control } = await daemon.event('started')
    expect(control).toBe(`http://127.0.0.1:${port}`)
    expect(await sessionOf(control)).toMatchObject({ peersConnected: 0 })
  })
})

describe('the unix socket', { timeout: PATIENCE_MS }, () => {
  it('is for its owner alone, who needs no token there, and goes with the process', async () => {
    const runtime = join(home.path, 'run')
    const daemon = start([...QUIET, '--control-socket', 'auto'], { XDG_RUNTIME_DIR: runtime })
    const { controlSocket } = await daemon.event('started')
    const path = join(runtime, 'pigeon/pigeond.sock')
    expect(controlSocket).toBe(path)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect((await stat(join(runtime, 'pigeon'))).mode & 0o777).toBe(0o700)
    expect(await askSocket(path, '/api/v1/session')).toBe(200)
    expect(await askSocket(path, '/metrics')).toBe(200)

    // What a killed one left behind is taken over.
    daemon.kill('SIGKILL')
    await daemon.exited
    const next = start([...QUIET, '--control-socket', path])
    await next.event('started')
    expect(await askSocket(path, '/healthz')).toBe(200)
    next.kill('SIGTERM')
    expect((await next.exited).code).toBe(0)
    await expect(stat(path)).rejects.toThrow('ENOENT')
  })

  it('has to be named where there is no runtime folder', async () => {
    const daemon = start([...QUIET, '--control-socket', 'auto'], { XDG_RUNTIME_DIR: '' })
    expect((await daemon.exited).code).not.toBe(0)
    expect(daemon.stderr).toContain('XDG_RUNTIME_DIR')
  })
})

function askSocket(socketPath: string, path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asking = request({ socketPath, path }, (answer) => {
      answer.resume()
      resolve(answer.statusCode)
    })
    asking.on('error', reject)
    asking.end()
  })
}
