/**
 * A node in a namespace with two ways out (`one-way-out.sh` and a better one, "wg0"): loses the better one in the midst of
 * its work. Prints how many packets left through the other.
 *
 * Arguments: `bound` to wg0, or `open`.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { leftSince, leftSoFar, openLabNode } from './lab-node.ts'

const folder = mkdtempSync(join(tmpdir(), 'pigeon-bound-'))
for (const command of [
  'link add wg0 type veth peer name wgsink',
  'link set wg0 addrgenmode none arp off multicast off',
  'link set wgsink addrgenmode none multicast off',
  'addr add 10.77.8.2/24 dev wg0',
  'link set wgsink up',
  'link set wg0 up',
  'route add default via 10.77.8.1 dev wg0 onlink metric 1',
]) {
  execFileSync('ip', command.split(' '))
}
const before = leftSoFar()
const node = await openLabNode(folder, 'bound', {
  ...{ bootstrapNodes: '198.51.100.9:6881,router.example:6881', stunServers: 'none' },
  ...{ minAnnounce: '1 s', hashWorkers: '1', portMapping: 'true', lsd: 'true' },
  ...(process.argv[2] === 'bound' ? { bindInterface: 'wg0' } : {}),
})
const trackers = ['http://198.51.100.7/a', 'udp://198.51.100.7:6969', 'ws://198.51.100.8:80']
const query = trackers.map((url) => `&tr=${encodeURIComponent(url)}`).join('')
const uri = `magnet:?xt=urn:btih:${'a'.repeat(40)}${query}`
const peers = ['203.0.113.5:6881', '[2001:db8::5]:6881']
const added = await node.session.add({ kind: 'magnet', uri }, { peers })
const id = 'id' in added ? added.id : ''
await delay(2_000)
const whileThere = leftSince(before)
execFileSync('ip', ['link', 'del', 'wg0'])
await node.session.reannounce(id)
await node.session.addPeer(id, '203.0.113.6:6881')
await node.session.setTrackers(id, [['udp://tracker.example:6969'], ['http://tracker.example/a']])
await delay(3_000)
process.stdout.write(`${JSON.stringify({ whileThere, whenGone: leftSince(before) })}\n`)
await Promise.race([node.close(), delay(3_000)])
rmSync(folder, { recursive: true, force: true })
process.exit(0)
