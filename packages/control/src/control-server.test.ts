import { spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { createServer, type ListenOptions, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { type ControlServer, openControlServer } from './control-server.ts'
import type { Listen } from './listen.ts'
import { isProblem } from './problems.ts'
import { frameText } from './frame-text.ts'
import { FakeControl } from './testing/fake-control.ts'

let folder: string
let path: string
const cleanups: (() => unknown)[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pigeon-listen-'))
  path = join(folder, 'control.sock')
})

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
  rmSync(folder, { recursive: true })
})

async function opened(where: Listen, control = new FakeControl()): Promise<ControlServer> {
  const server = await openControlServer(control, { authorise: () => null, listen: where })
  if (isProblem(server)) throw new Error(server.message)
  cleanups.push(() => server.close())
  return server
}

function askAt(
  options: { readonly socketPath?: string; readonly port?: number },
  method = 'GET',
  headers: Record<string, string> = {},
  body = '',
): Promise<number> {
  return new Promise((resolve, reject) => {
    const url = method === 'GET' ? '/api/v1/session' : '/api/v1/commands'
    const sent = request({
      ...options,
      host: '127.0.0.1',
      path: url,
      method,
      headers,
      agent: false,
    })
    sent.on('error', reject)
    sent.on('response', (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    sent.end(body)
  })
}

async function listenRaw(where: ListenOptions): Promise<Server> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(where, resolve))
  cleanups.push(() => server.close())
  return server
}

describe('a unix socket', () => {
  it('is for its owner alone, who needs no token and may call it by any name', async () => {
    const control = new FakeControl({ torrentCount: 1 })
    const server = await opened({ path }, control)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect([server.url, server.port]).toEqual([`unix:${path}`, 0])
    expect(await askAt({ socketPath: path }, 'GET', { Host: 'pigeon' })).toBe(200)
    const command = JSON.stringify({ do: 'pause', ids: [control.torrents[0]?.id] })
    const type = { 'Content-Type': 'application/json' }
    expect(await askAt({ socketPath: path }, 'POST', type, command)).toBe(200)
    expect(control.commands).toHaveLength(1)
  })

  it('carries the WebSocket too', async () => {
    await opened({ path })
    const socket = new WebSocket(`ws+unix:${path}:/api/v1/events`)
    const first = await new Promise<string>((resolve, reject) => {
      socket.on('message', (data) => resolve(frameText(data)))
      socket.on('error', reject)
    })
    socket.terminate()
    expect(first).toContain('"kind":"snapshot"')
  })

  it('is not for pages of any origin', async () => {
    await opened({ path })
    const headers = { Origin: 'http://localhost' }
    expect(await askAt({ socketPath: path }, 'GET', headers)).toBe(403)
  })

  it('takes the place of one that a dead program left behind', async () => {
    const child = spawn(process.execPath, [
      '-e',
      `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`,
    ])
    await new Promise((resolve) => child.on('exit', resolve))
    expect(statSync(path).isSocket()).toBe(true)
    await opened({ path })
    expect(await askAt({ socketPath: path })).toBe(200)
  })

  it('does not take the place of one that is in use, nor of a file', async () => {
    await listenRaw({ path })
    const options = { authorise: () => null, listen: { path } }
    expect(await openControlServer(new FakeControl(), options)).toMatchObject({
      code: 'address-in-use',
      help: expect.stringContaining('--control-socket'),
    })
    const file = join(folder, 'file')
    writeFileSync(file, 'precious')
    const refused = await openControlServer(new FakeControl(), {
      ...options,
      listen: { path: file },
    })
    expect(refused).toMatchObject({ code: 'address-in-use' })
    expect(statSync(file).size).toBe(8)
  })

  it('says when the folder is not there or shut', async () => {
    const at = (where: string) =>
      openControlServer(new FakeControl(), { authorise: () => null, listen: { path: where } })
    expect(isProblem(await at(join(folder, 'no', 'socket')))).toBe(true)
    chmodSync(folder, 0o500)
    if (process.getuid?.() !== 0) expect(await at(path)).toMatchObject({ code: 'no-permission' })
    chmodSync(folder, 0o700)
  })

  it('is gone when the server is closed', async () => {
    const server = await opened({ path })
    await server.close()
    expect(() => statSync(path)).toThrow('ENOENT')
  })
})

describe('what systemd opened', () => {
  it('is served where it is: a port with tokens', async () => {
    const raw = await listenRaw({ host: '127.0.0.1', port: 0 })
    const url = await servedBy(raw)
    const port = Number(new URL(url).port)
    expect(url).toBe(`http://127.0.0.1:${port}`)
    expect(await askAt({ port })).toBe(401)
    expect(await askAt({ port }, 'GET', { Host: 'evil.example' })).toBe(421)
  })

  it.each([
    [0o600, 200],
    [0o660, 200],
    [0o666, 401],
  ])(
    'is served where it is: a unix socket of mode %o answers %i without a token',
    async (mode, status) => {
      const raw = await listenRaw({ path })
      chmodSync(path, mode)
      expect(await servedBy(raw)).toBe(`unix:${path}`)
      expect(await askAt({ socketPath: path })).toBe(status)
    },
  )

  it('is refused when it is nothing that listens', async () => {
    const refused = await openControlServer(new FakeControl(), {
      authorise: () => null,
      listen: { fd: 999 },
    })
    expect(refused).toMatchObject({ code: 'address-unavailable' })
  })
})

/** Hands what listens to another process, which serves it; answers what that says. */
async function servedBy(server: Server): Promise<string> {
  const child = spawn(
    process.execPath,
    ['--conditions=pigeon-source', join(import.meta.dirname, 'testing', 'inherited-server.ts')],
    { stdio: ['pipe', 'pipe', 'inherit', fdOf(server)] },
  )
  cleanups.push(() => child.kill())
  await leaveTo(server)
  const { stdout } = child
  if (stdout === null) throw new Error('The child has no output.')
  return new Promise((resolve) => stdout.once('data', (line) => resolve(String(line).trim())))
}

/** From now on this process takes no connection of it. Node would remove the file of a unix socket. */
async function leaveTo(server: Server): Promise<void> {
  const isUnix = typeof server.address() === 'string'
  if (isUnix) renameSync(path, `${path}.kept`)
  await new Promise((resolve) => server.close(resolve))
  if (isUnix) renameSync(`${path}.kept`, path)
}

function fdOf(server: Server): number {
  const handle: unknown = Reflect.get(server, '_handle')
  const fd: unknown = typeof handle === 'object' && handle !== null ? Reflect.get(handle, 'fd') : -1
  return typeof fd === 'number' ? fd : -1
}
