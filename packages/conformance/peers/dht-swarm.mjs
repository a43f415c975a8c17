/** A DHT of `bittorrent-dht` nodes in one process: `dht-swarm.mjs COUNT BLOCK FIRST`, each node in a /24 of its own. */
import { Client } from 'bittorrent-dht'

const [count = '20', block = '10.77.', first = '210'] = process.argv.slice(2)
const PORT = 6881
const nodes = []
for (let at = 0; at < Number(count); at += 1) {
  const host = `${block}${Number(first) + at}.1`
  const bootstrap = at === 0 ? false : [`${block}${first}.1:${PORT}`]
  const node = new Client({ bootstrap, host })
  node.on('error', (error) => process.stderr.write(`${error.message}\n`))
  await new Promise((resolve) => node.listen(PORT, host, resolve))
  nodes.push(node)
}
for (const node of nodes.slice(1))
  if (!node.ready) await new Promise((resolve) => node.once('ready', resolve))
process.stdout.write('ready\n')
process.once('SIGTERM', () => process.exit(0))
