/**
 * A node in a namespace whose only way out is a proxy on loopback (`one-way-out.sh`): downloads, loses the proxy in the
 * midst of it and goes on trying. Prints what it saw, and how many packets left by another way.
 *
 * Arguments: `proxied` or `open`.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createTorrent } from '../create-torrent.ts'
import type { RunningNode } from '../open-node.ts'
import { leftSince, leftSoFar, openLabNode, until } from './lab-node.ts'
import { SocksServer } from './socks-server.ts'

const isProxied = process.argv[2] === 'proxied'
const folder = mkdtempSync(join(tmpdir(), 'pigeon-proxied-'))
/** What strangers there are: none of them exists. */
const TRACKERS = [
  ['http://tracker.example/announce'],
  ['udp://198.51.100.7:6969'],
  ['udp://udp.example:6969'],
  ['ws://ws.example:8000'],
  ['https://198.51.100.8/announce'],
]
const NODES = 'router.example:6881,198.51.100.9:6881'

const node = (name: string, flags: Record<string, unknown>): Promise<RunningNode> =>
  openLabNode(folder, name, flags)

const source = join(folder, 'seed', 'shared')
mkdirSync(source, { recursive: true })
writeFileSync(join(source, 'file'), Buffer.alloc(2_000_000, 'pigeon '))
const made = await createTorrent(source, { workers: 1, trackers: TRACKERS })
if (made.kind !== 'created') throw new Error(JSON.stringify(made))
const seed = await node('seed', {
  ...{ listenHost: '127.0.0.1', dht: 'false', utp: 'false', webrtc: 'false', hashWorkers: '1' },
  upLimit: '400 KiB',
})
const seeded = { kind: 'metainfo', bytes: made.bytes } as const
await seed.session.add(seeded, { folder: made.folder, isKnownComplete: true })
await seed.session.setTrackers(seed.session.list()[0]?.id ?? '', [])
const seedPort = Number(seed.session.summary().listening?.split(':')[1])
let announces = 0
const tracker = createServer((_, response) => {
  announces += 1
  const peer = Buffer.from([203, 0, 113, 5, 6881 >> 8, 6881 & 255])
  response.end(Buffer.concat([Buffer.from('d8:intervali1e5:peers6:'), peer, Buffer.from('e')]))
})
await new Promise<void>((resolve) => tracker.listen(0, '127.0.0.1', resolve))
const trackerAddress = tracker.address()
const trackerPort =
  typeof trackerAddress === 'object' && trackerAddress !== null ? trackerAddress.port : 0
const proxy = await SocksServer.open({
  places: { 'tracker.example:80': trackerPort, '203.0.113.5:6881': seedPort },
})
const { port: proxyPort } = proxy
const before = leftSoFar()
const leech = await node('leech', {
  ...{ bootstrapNodes: NODES, stunServers: 'stun.example:3478', minAnnounce: '1 s' },
  ...{ lsd: 'true', portMapping: 'true', hashWorkers: '1', blocklist: 'none' },
  ...(isProxied ? { proxy: `socks5://127.0.0.1:${proxyPort}` } : {}),
})
const added = await leech.session.add(seeded, { folder: join(folder, 'leech') })
const id = 'id' in added ? added.id : ''
const progress = (): number => leech.session.list()[0]?.progress ?? 0
const hasBegun = isProxied ? await until(() => progress() > 0, 20_000) : await delay(4_000, false)
await proxy.close()
const progressWhenLost = progress()
void leech.session.reannounce(id)
await leech.session.addPeer(id, '203.0.113.5:6881')
await leech.session.addPeer(id, '[2001:db8::5]:6881')
const isTold = isProxied && (await until(() => leech.reach.proxy()?.problem !== null, 15_000))
const trackerSaid = await said()
await delay(1_500)
const lost = leftSince(before)
let isDone = false
let again: SocksServer | null = null
if (isProxied) {
  again = await SocksServer.open({
    port: proxyPort,
    places: { 'tracker.example:80': trackerPort, '203.0.113.5:6881': seedPort },
  })
  void leech.session.reannounce(id)
  isDone = await until(() => progress() === 1, 60_000)
}
const told = {
  hasBegun,
  progressWhenLost,
  isTold,
  trackerSaid,
  isDone,
  isSame: isDone && sha(join(folder, 'leech', 'shared', 'file')) === sha(join(source, 'file')),
  announces,
  problemAtEnd: leech.reach.proxy()?.problem ?? null,
  asked: [...new Set([...proxy.asked, ...(again?.asked ?? [])])].toSorted(),
  lost,
  left: leftSince(before),
}
process.stdout.write(`${JSON.stringify(told)}\n`)
await Promise.race([Promise.all([leech.close(), seed.close(), again?.close()]), delay(5_000)])
rmSync(folder, { recursive: true, force: true })
process.exit(0)

async function said(): Promise<string> {
  await until(() => message().includes('cannot reach the proxy'), isProxied ? 10_000 : 0)
  return message()
}

function message(): string {
  const trackers = leech.session.detail(id)?.trackers ?? []
  return trackers.map((one) => one.message).join(' | ')
}

function sha(path: string): string {
  return createHash('sha1').update(readFileSync(path)).digest('hex')
}
