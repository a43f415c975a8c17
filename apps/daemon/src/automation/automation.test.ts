/** What a daemon does by itself, from the configuration file to the effect. */
import { execFileSync } from 'node:child_process'
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { readTokenFile } from '@pigeon/control/bearer-token'
import { connectControl } from '@pigeon/control/connect'
import type { Control } from '@pigeon/control/contract'
import { isProblem } from '@pigeon/control/problems'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Daemon } from '../daemon.ts'
import { ScratchHome } from '../testing/scratch-home.ts'

let home: ScratchHome

beforeEach(async () => {
  home = await ScratchHome.make()
  await mkdir(join(home.path, 'config/pigeon'), { recursive: true })
})

afterEach(() => home.end())

function configure(text: string): Promise<void> {
  return writeFile(join(home.path, 'config/pigeon/pigeond.toml'), text)
}

async function controlOf(daemon: Daemon): Promise<Control> {
  const token = await readTokenFile(daemon.tokenFile)
  if (typeof token !== 'string') throw new Error(token.message)
  const control = await connectControl(daemon.url, { token })
  if (isProblem(control)) throw new Error(control.message)
  home.onEnd(() => control.close())
  return control
}

/** Answers the address and a promise of what is posted there first. */
async function receive(): Promise<{ url: string; posted: Promise<string> }> {
  let tell: (body: string) => void = () => {}
  const posted = new Promise<string>((resolve) => {
    tell = resolve
  })
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString()
    })
    request.on('end', () => {
      response.end()
      tell(body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  home.onEnd(() => new Promise((resolve) => server.close(resolve)))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return { url: `http://127.0.0.1:${port}/`, posted }
}

it('tells a program and an address of a download whose name would do harm in a shell', async () => {
  const name = '$(touch x);`touch x` -rf'
  await mkdir(join(home.path, 'shared', name), { recursive: true })
  await writeFile(join(home.path, 'shared', name, 'a'), 'a'.repeat(40_000))
  const seeder = await home.start()
  const shared = await (await controlOf(seeder)).run({
    do: 'share',
    path: join(home.path, 'shared', name),
  })
  expect(shared).toMatchObject({ ok: true })
  const [id = ''] = shared.ids
  const metainfo = await (await controlOf(seeder)).metainfo(id)

  const hook = join(home.path, 'hook')
  const told = join(home.path, 'told')
  await writeFile(hook, '#!/bin/sh\nprintf %s "$PIGEON_TORRENT_NAME" > "$1"\n')
  await chmod(hook, 0o755)
  // Whoever reads it waits until the program has written.
  execFileSync('mkfifo', [told])
  const { url, posted } = await receive()
  await configure(`on-complete-run = ["${hook}", "${told}"]\non-complete-webhook = "${url}"\n`)
  const leecher = await home.start({
    state: join(home.path, 'other'),
    downloads: join(home.path, 'got'),
  })
  const before = await readdir(home.path)
  const base64 = Buffer.from(metainfo ?? []).toString('base64')
  await (await controlOf(leecher)).run({
    do: 'add',
    source: { kind: 'metainfo', base64 },
    peers: [seeder.listening ?? ''],
  })

  const message: unknown = JSON.parse(await posted)
  expect(message).toMatchObject({ event: 'torrent-complete', torrent: { id, name } })
  expect(await readFile(told, 'utf8')).toBe(name)
  await leecher.stop('test')
  const after = await readdir(home.path)
  expect(after.filter((each) => !before.includes(each))).toEqual(['got'])
}, 30_000)
