/** WebTorrent for the magnet bench: is told what to seed and to fetch, one JSON value a line, and answers with its times. */
import { registerHooks } from 'node:module'
import net from 'node:net'
import { createInterface } from 'node:readline'

const names = ['Audio', 'DataChannel', 'PeerConnection', 'RtcpReceivingSession', 'Video', 'cleanup']
const stub = `export default {};${names.map((name) => `export const ${name} = undefined;`).join('')}`
registerHooks({
  resolve(specifier, context, next) {
    if (specifier.startsWith('node-datachannel'))
      return { url: `data:text/javascript,${encodeURIComponent(stub)}`, shortCircuit: true }
    return next(specifier, context)
  },
})

const [host = '', port = ''] = (process.env.LISTEN ?? '').split(':')
// oxlint-disable-next-line typescript/unbound-method -- called with its server below
const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (...args) {
  if (args[0] === Number(port))
    return listen.call(
      this,
      { port: Number(port), host },
      ...args.filter((arg) => typeof arg === 'function'),
    )
  return listen.apply(this, args)
}
const { default: WebTorrent } = await import('webtorrent')
const bootstrap = (process.env.BOOTSTRAP ?? '').split(',').filter(Boolean)

const client = new WebTorrent({
  torrentPort: Number(port),
  dhtPort: Number(port),
  dht: bootstrap.length === 0 ? false : { bootstrap, host },
  lsd: false,
  utp: false,
  natUpnp: false,
  natPmp: false,
  utPex: false,
  webSeeds: false,
  tracker: false,
})

function say(value) {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}

function seed(base64) {
  const torrent = client.add(Buffer.from(base64, 'base64'), { path: process.env.DATA })
  torrent.once('done', () => say({ kind: 'seeding', infoHash: torrent.infoHash }))
}

function fetchMagnet(magnet) {
  const startMs = performance.now()
  let metadataMs = 0
  const torrent = client.add(magnet, { path: process.env.DATA })
  torrent.once('metadata', () => (metadataMs = performance.now() - startMs))
  torrent.once('done', () =>
    say({
      kind: 'done',
      infoHash: torrent.infoHash,
      metadataMs,
      doneMs: performance.now() - startMs,
    }),
  )
}

client.on('error', (error) => {
  process.stderr.write(`${error.stack ?? error}\n`)
  process.exit(1)
})
client.once('listening', () => say({ kind: 'ready' }))
createInterface({ input: process.stdin }).on('line', (line) => {
  const told = JSON.parse(line)
  if (typeof told.seed === 'string') seed(told.seed)
  if (typeof told.fetch === 'string') fetchMagnet(told.fetch)
})
process.once('SIGTERM', () => process.exit(0))
