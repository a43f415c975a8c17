import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTorrent } from './create-torrent.ts'
import { NO_STRANGERS } from './no-strangers.ts'
import { openNode, type RunningNode } from './open-node.ts'
import { loadSettings } from './settings.ts'
import { expectOk, makeFolder } from './testing/sample-torrent.ts'
import { openTrackerServer, type TrackerServer } from './tracker-server.ts'

let folder: ReturnType<typeof makeFolder>
let tracker: TrackerServer
const nodes: RunningNode[] = []

beforeEach(async () => {
  folder = makeFolder()
  tracker = expectOk(await openTrackerServer({ host: '127.0.0.1', port: 0, isOpen: true }))
})

afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.close()))
  await tracker.close()
  folder.remove()
})

/** WebRTC is all that it has. */
async function start(name: string): Promise<RunningNode> {
  const result = loadSettings({
    client: 'pigeond',
    env: NO_STRANGERS,
    flags: {
      state: join(folder.path, `${name}-state`),
      downloads: join(folder.path, name),
      listenHost: '127.0.0.1',
      listenPort: 0,
      hashWorkers: 1,
      tcp: false,
      utp: false,
      dht: false,
    },
  })
  if (!result.ok) throw new Error(JSON.stringify(result.problems))
  const { settings } = result
  const node = expectOk(await openNode({ client: 'pigeond', clientName: 'pigeond 0', settings }))
  nodes.push(node)
  return node
}

function reached(node: RunningNode, check: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const stop = node.session.onChange(() => {
      if (!check()) return
      stop()
      resolve()
    })
  })
}

test('two nodes that only know a WebSocket tracker hand each other a file over WebRTC', async () => {
  const content = Buffer.alloc(1_000_000, 'over data channels ')
  mkdirSync(join(folder.path, 'shared'))
  writeFileSync(join(folder.path, 'shared/file'), content)
  const url = `ws://${tracker.status().listening}/announce`
  const options = { workers: 1, trackers: [[url]] }
  const made = await createTorrent(join(folder.path, 'shared'), options)
  if (made.kind !== 'created') throw new Error(JSON.stringify(made))
  const metainfo = { kind: 'metainfo', bytes: made.bytes } as const
  const seed = await start('seed')
  const known = reached(seed, () => tracker.status().peers === 1)
  await seed.session.add(metainfo, { folder: made.folder, isKnownComplete: true })
  await known
  const leech = await start('leech')
  const carriers = new Set<string>()
  const done = reached(leech, () => {
    const [torrent] = leech.session.list()
    if (torrent === undefined) return false
    for (const peer of leech.session.detail(torrent.id)?.peers ?? []) carriers.add(peer.transport)
    return torrent.state === 'seeding'
  })
  await leech.session.add(metainfo, {})
  await done
  expect(readFileSync(join(folder.path, 'leech/shared/file')).equals(content)).toBe(true)
  expect([...carriers]).toEqual(['webrtc'])
  // A connection that does not come about is followed by another after half a minute.
}, 100_000)
