/**
 * WebTorrent as a plain TCP client.
 *
 * Two of its traits need help from outside: it imports a native WebRTC module that is not built here (and not wanted
 * for TCP), and it has no option for the address that it listens on and dials from.
 */
import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import net from 'node:net'

const UNSUPPORTED = 127
const REFUSED = 2
const env = process.env

if (process.argv[2] === '--version') {
  try {
    const manifest = new URL(import.meta.resolve('webtorrent')).pathname.replace(
      /index\.js$/,
      'package.json',
    )
    process.stdout.write(`webtorrent ${JSON.parse(readFileSync(manifest, 'utf8')).version}\n`)
    process.exit(0)
  } catch {
    process.stderr.write('the npm package webtorrent is not installed\n')
    process.exit(UNSUPPORTED)
  }
}
if (env.BTC_PROBE !== undefined || env.BTC_CONTRACT !== '1') process.exit(UNSUPPORTED)
if (!['leech', 'seed'].includes(env.BTC_ROLE)) process.exit(UNSUPPORTED)
const enabled = (env.BTC_ENABLE ?? '').split(',').filter(Boolean)
if (enabled.some((feature) => !['tcp', 'pex', 'utp', 'dht', 'lsd', 'ws-tracker'].includes(feature)))
  process.exit(UNSUPPORTED)
const secure = { off: 0, prefer: 1, require: 2 }[env.BTC_MSE ?? 'off']
if (secure === undefined) process.exit(UNSUPPORTED)

// Unless it is asked for, WebRTC is left out: every name that the polyfill looks up exists and does nothing.
const names = ['Audio', 'DataChannel', 'PeerConnection', 'RtcpReceivingSession', 'Video', 'cleanup']
const stub = `export default {};${names.map((name) => `export const ${name} = undefined;`).join('')}`
const isWebRtcOn = enabled.includes('ws-tracker')
registerHooks({
  resolve(specifier, context, next) {
    if (!specifier.startsWith('node-datachannel')) return next(specifier, context)
    // Its own copy of the native part is not built; this package's comes built.
    return isWebRtcOn
      ? next(specifier, { ...context, parentURL: import.meta.url })
      : { url: `data:text/javascript,${encodeURIComponent(stub)}`, shortCircuit: true }
  },
})

const [host, port] = [
  env.BTC_LISTEN.replace(/:\d+$/, ''),
  Number(env.BTC_LISTEN.replace(/^.*:/, '')),
]
// oxlint-disable-next-line typescript/unbound-method -- called with its server below
const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (...args) {
  if (args[0] === port)
    return listen.call(this, { port, host }, ...args.filter((arg) => typeof arg === 'function'))
  return listen.apply(this, args)
}
const connect = net.connect
net.connect = (options, ...rest) =>
  typeof options === 'object' && options.host !== undefined
    ? connect({ ...options, localAddress: host }, ...rest)
    : connect(options, ...rest)

const { default: WebTorrent } = await import('webtorrent')

const source = env.BTC_TORRENT === undefined ? env.BTC_MAGNET : readFileSync(env.BTC_TORRENT)

const client = new WebTorrent({
  torrentPort: port,
  dht: enabled.includes('dht')
    ? { bootstrap: (env.BTC_DHT_BOOTSTRAP ?? '').split(',').filter(Boolean), host }
    : false,
  dhtPort: port,
  lsd: enabled.includes('lsd'),
  utp: enabled.includes('utp'),
  secure,
  natUpnp: false,
  natPmp: false,
  utPex: enabled.includes('pex'),
  webSeeds: false,
  tracker: isWebRtcOn ? { rtcConfig: { iceServers: [] } } : { wrtc: false },
  downloadLimit: env.BTC_DOWN === undefined ? -1 : Number(env.BTC_DOWN),
  uploadLimit: env.BTC_UP === undefined ? -1 : Number(env.BTC_UP),
})
let isAdded = false
client.on('error', (error) => {
  process.stderr.write(`${error.stack ?? error}\n`)
  process.exit(isAdded ? 1 : REFUSED)
})
const selected =
  env.BTC_SELECT === undefined ? undefined : new Set(env.BTC_SELECT.split(',').map(Number))
const torrent = client.add(source, { path: env.BTC_DATA, deselect: selected !== undefined })
torrent.on('infoHash', () => (isAdded = true))
torrent.on('warning', (warning) => process.stderr.write(`${warning.message ?? warning}\n`))
torrent.on('ready', () => {
  if (selected === undefined) return
  for (const [index, file] of torrent.files.entries()) if (selected.has(index)) file.select()
})
client.on('listening', () => process.stdout.write('ready\n'))

for (const signal of ['SIGTERM', 'SIGINT'])
  process.once(signal, () => {
    client.destroy(() => process.exit(0))
    // A tracker that does not answer the last announce must not keep the process.
    setTimeout(() => process.exit(0), 5000).unref()
  })
