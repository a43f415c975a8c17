import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isIoProblem } from '@pigeon/engine/problem'
import { NO_STRANGERS } from '@pigeon/node/no-strangers'
import { openNode } from '@pigeon/node/open-node'
import { loadSettings } from '@pigeon/node/settings'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { makeFolder, runPigeon } from '../testing/run-pigeon.ts'

/** Only an upper bound, for machines under load. */
const PATIENCE_MS = 60_000
const TARGET = 'e5f96f6f38320f0f33959cb4d3d656452117aadb'

let folder: ReturnType<typeof makeFolder>
const cleanups: (() => unknown)[] = []
beforeEach(() => {
  folder = makeFolder()
  for (const name of ['CONFIG_HOME', 'STATE_HOME', 'RUNTIME_DIR'])
    vi.stubEnv(`XDG_${name}`, join(folder.path, name))
  vi.stubEnv('TMPDIR', folder.path)
  for (const [name, value] of Object.entries(NO_STRANGERS)) vi.stubEnv(name, value)
  vi.stubEnv('PIGEON_LISTEN_HOST', '127.0.0.1')
})
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
  vi.unstubAllEnvs()
  folder.remove()
})

/** Another node of the DHT on this machine; answers where it is. */
async function openOther(name: string, bootstrap: string): Promise<string> {
  const state = join(folder.path, name)
  const loaded = loadSettings({
    client: 'pigeond',
    flags: { state, downloads: state, bootstrapNodes: bootstrap, webrtc: 'false' },
  })
  if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join())
  const node = await openNode({
    ...{ client: 'pigeond', clientName: 'other', settings: loaded.settings },
  })
  if (isIoProblem(node)) throw new Error(node.message)
  cleanups.push(() => node.close())
  return node.session.network().listening[0] ?? ''
}

const isOurs = (name: string): boolean => name.startsWith('pigeon-dht-')

describe('pigeon dht without a running node', { timeout: PATIENCE_MS }, () => {
  it('asks nodes, stores and fetches through a node of its own, and leaves nothing behind', async () => {
    const first = await openOther('first', 'none')
    const second = await openOther('second', first)
    const ping = await runPigeon('dht', 'ping', second, '--bootstrap', first)
    expect([ping.exitCode, ping.stdout]).toEqual([
      0,
      expect.stringMatching(/node id +[0-9a-f]{40}/),
    ])
    expect(ping.stderr).toContain('through a node of our own')
    const put = await runPigeon('dht', 'put', 'Hello World!', '--bootstrap', first)
    expect([put.exitCode, put.stdout]).toEqual([0, `${TARGET}\n`])
    const get = await runPigeon('dht', 'get', TARGET, '--bootstrap', second)
    expect([get.exitCode, get.stdout]).toEqual([0, 'Hello World!\n'])
    const missing = await runPigeon('dht', 'get', `${TARGET.slice(2)}00`, '--bootstrap', second)
    expect([missing.exitCode, missing.stdout]).toEqual([1, ''])
    expect(readdirSync(folder.path).filter(isOurs)).toEqual([])
  })

  it('replaces what its key signed', async () => {
    const first = await openOther('first', 'none')
    const key = join(folder.path, 'my.key')
    const { stdout: publicKey } = await runPigeon('dht', 'key', key)
    for (const text of ['one', 'two']) {
      const put = await runPigeon('dht', 'put', text, '--key-file', key, '--bootstrap', first)
      expect(put.exitCode).toBe(0)
    }
    const get = await runPigeon('dht', 'get', '--key', publicKey.trim(), '--bootstrap', first)
    expect([get.stdout, get.stderr]).toEqual([
      'two\n',
      expect.stringContaining('sequence number 2'),
    ])
  })

  it('opens none for words that are wrong', async () => {
    const { exitCode, stderr } = await runPigeon('dht', 'get', 'nonsense')
    expect([exitCode, stderr]).toEqual([2, expect.not.stringContaining('a node of our own')])
  })

  it('goes around no proxy', async () => {
    mkdirSync(join(folder.path, 'CONFIG_HOME', 'pigeon'), { recursive: true })
    const config = join(folder.path, 'CONFIG_HOME', 'pigeon', 'pigeon.toml')
    writeFileSync(config, 'proxy = "socks5://127.0.0.1:9"\n')
    const { exitCode, stderr } = await runPigeon('dht', 'get', TARGET)
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('A proxy is configured')])
  })

  it.each([
    [['--bootstrap', 'nonsense'], 'nonsense'],
    [['--bootstrap', '127.0.0.1:1', '--connect', 'http://127.0.0.1:1'], 'Leave one of the two'],
  ])('refuses %j', async (flags, message) => {
    const { exitCode, stderr } = await runPigeon('dht', 'get', TARGET, ...flags)
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(message)])
  })
})
