import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { connectControl } from './connect.ts'
import { openControlServer } from './control-server.ts'
import type { Update } from './contract.ts'
import { isProblem } from './problems.ts'
import { FakeControl } from './testing/fake-control.ts'

let folder = ''
const cleanups: (() => unknown)[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pigeon-connect-'))
})

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
  rmSync(folder, { recursive: true })
})

async function serve(path: string): Promise<FakeControl> {
  const control = new FakeControl({ torrentCount: 3 })
  const server = await openControlServer(control, { authorise: () => null, listen: { path } })
  if (isProblem(server)) throw new Error(server.message)
  cleanups.push(() => server.close())
  return control
}

describe('a unix socket', () => {
  it.each(['', 'unix:'])('is driven without a token, given as %jPATH', async (scheme) => {
    const path = join(folder, 'node.sock')
    const served = await serve(path)
    const control = await connectControl(`${scheme}${path}`, { token: '' })
    if (isProblem(control)) throw new Error(control.message)
    cleanups.push(() => control.close())
    const first = await new Promise<Update>((resolve) => control.watch(resolve))
    expect(first).toMatchObject({ kind: 'snapshot', torrents: { length: 3 } })
    const ids = served.torrents.map(({ id }) => id)
    expect(await control.run({ do: 'pause', ids })).toEqual({ ok: true, ids })
    expect(served.commands).toEqual([{ do: 'pause', ids }])
  })

  it('that is not there is named in the refusal', async () => {
    const path = join(folder, 'none.sock')
    expect(await connectControl(path, { token: '' })).toMatchObject({
      code: 'refused',
      message: `Nothing listens at ${path}.`,
    })
  })

  it('on which something else answers is no node', async () => {
    const path = join(folder, 'other.sock')
    const server = createServer((socket) => {
      socket.end('hello\r\n', () => socket.destroy())
    })
    await new Promise<void>((resolve) => server.listen(path, resolve))
    cleanups.push(() => new Promise((resolve) => server.close(resolve)))
    expect(await connectControl(path, { token: '' })).toMatchObject({ code: 'not-a-pigeon' })
  })

  it.each(['/with:colon', `/${'long'.repeat(27)}`])('is not at %s', async (path) => {
    expect(await connectControl(path, { token: '' })).toMatchObject({ code: 'bad-url' })
  })
})

describe('an address', () => {
  it('is never asked without a token', async () => {
    const refused = await connectControl('http://127.0.0.1:1', { token: '' })
    expect(refused).toMatchObject({ code: 'bad-token' })
  })
})
