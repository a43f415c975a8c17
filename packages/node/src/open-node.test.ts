import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { isIoProblem } from '@pigeon/engine/problem'
import { createTorrent } from './create-torrent.ts'
import { NO_STRANGERS } from './no-strangers.ts'
import { type RunningNode, engineSettings, openNode } from './open-node.ts'
import { loadSettings } from './settings.ts'
import { expectOk, makeFolder } from './testing/sample-torrent.ts'

let folder: ReturnType<typeof makeFolder>
const nodes: RunningNode[] = []

beforeEach(() => {
  folder = makeFolder()
})

afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.close()))
  folder.remove()
})

function optionsFor(name: string, flags: Record<string, unknown> = {}) {
  const result = loadSettings({
    client: 'pigeond',
    env: NO_STRANGERS,
    flags: {
      state: join(folder.path, `${name}-state`),
      downloads: join(folder.path, name),
      listenHost: '127.0.0.1',
      hashWorkers: 1,
      ...flags,
    },
  })
  if (!result.ok) throw new Error(JSON.stringify(result.problems))
  return { client: 'pigeond', clientName: 'pigeond 0.1.0', settings: result.settings }
}

async function start(name: string): Promise<RunningNode> {
  const node = expectOk(await openNode(optionsFor(name)))
  nodes.push(node)
  return node
}

test('two nodes hand each other a folder over TCP', async () => {
  const content = Buffer.alloc(300_000, 'pigeon ')
  mkdirSync(join(folder.path, 'shared/deep'), { recursive: true })
  writeFileSync(join(folder.path, 'shared/deep/a'), content)
  writeFileSync(join(folder.path, 'shared/b'), 'short')
  const made = await createTorrent(join(folder.path, 'shared'), { workers: 1 })
  if (made.kind !== 'created') throw new Error(JSON.stringify(made))
  const seed = await start('seed')
  const leech = await start('leech')
  const peer = seed.session.summary().listening ?? ''
  const metainfo = { kind: 'metainfo', bytes: made.bytes } as const
  expect(
    await seed.session.add(metainfo, { folder: made.folder, isKnownComplete: true }),
  ).toMatchObject({ kind: 'added' })
  const done = new Promise<void>((resolve) => {
    leech.session.onChange(() => {
      if (leech.session.list()[0]?.state === 'seeding') resolve()
    })
  })
  expect(await leech.session.add(metainfo, { peers: [peer] })).toMatchObject({ kind: 'added' })
  await done
  expect(readFileSync(join(folder.path, 'leech/shared/deep/a')).equals(content)).toBe(true)
  expect(readFileSync(join(folder.path, 'leech/shared/b'), 'utf8')).toBe('short')
})

test('a second node on the same state folder is refused, and nothing of it stays open', async () => {
  const first = await start('one')
  const second = await openNode(optionsFor('one'))
  expect(second).toMatchObject({ kind: 'io-problem', code: 'not-allowed' })
  await first.close()
  nodes.length = 0
  expect(isIoProblem(await start('one'))).toBe(false)
})

test('a busy port is a problem, and the state folder is free again', async () => {
  const first = await start('one')
  const port = first.session.summary().listening?.split(':')[1]
  const options = optionsFor('two', { listenPort: port, listenPortTries: 0 })
  expect(await openNode(options)).toMatchObject({ kind: 'io-problem', code: 'address-in-use' })
  expect(isIoProblem(await start('two'))).toBe(false)
})

test('broken records are put aside and told about', async () => {
  mkdirSync(join(folder.path, 'one-state'))
  writeFileSync(join(folder.path, 'one-state/state.db'), 'garbage '.repeat(1000))
  const node = await start('one')
  expect(node.notices[0]?.message).toContain('state.db.broken-1')
})

test('the session knows which of its settings the configuration sets', () => {
  const env = { PIGEON_DOWN_LIMIT: '1 MiB' }
  const flags = { downloads: folder.path, seedTimeGoal: '1 h', listenPort: '1' }
  const loaded = loadSettings({ client: 'pigeond', env, flags })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  const options = { clientName: 'pigeond 0.1.0', settings: loaded.settings }
  expect(engineSettings({ ...options, sources: loaded.sources }).configured).toEqual([
    'defaultFolder',
    'downLimit',
    'seedMsGoal',
  ])
  expect(engineSettings(options).configured).toEqual([])
})

test('a rename is on the disk and still known after a restart', async () => {
  mkdirSync(join(folder.path, 'one/shared'), { recursive: true })
  writeFileSync(join(folder.path, 'one/shared/a'), 'content of a')
  const made = await createTorrent(join(folder.path, 'one/shared'), { workers: 1 })
  if (made.kind !== 'created') throw new Error(JSON.stringify(made))
  const node = await start('one')
  const source = { kind: 'metainfo', bytes: made.bytes } as const
  const added = await node.session.add(source, { isKnownComplete: true })
  const id = 'id' in added ? added.id : ''
  expect(await node.session.rename(id, null, 'renamed')).toBeNull()
  expect(await node.session.rename(id, 'renamed/a', 'b')).toBeNull()
  expect(readFileSync(join(folder.path, 'one/renamed/b'), 'utf8')).toBe('content of a')
  await node.close()
  nodes.length = 0
  const again = await start('one')
  expect(again.session.list()[0]).toMatchObject({ name: 'renamed', progress: 1, problem: null })
  expect(again.session.detail(id)?.files.map(({ path }) => path)).toEqual(['renamed/b'])
})
