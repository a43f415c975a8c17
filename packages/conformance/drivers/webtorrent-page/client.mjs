/**
 * WebTorrent's browser build in a page of Chromium, behind the driver contract: WebRTC is the only carrier that it has,
 * and WebSocket trackers the only way to find others.
 *
 * The page keeps nothing: its chunk store reads and writes BTC_DATA through this process.
 */
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  writeSync,
} from 'node:fs'
import { createServer } from 'node:http'
import { dirname, resolve, sep } from 'node:path'
import { chromium } from 'playwright-core'

const UNSUPPORTED = 127
const REFUSED = 2
const CHROMIUM = process.env.PIGEON_CHROMIUM ?? '/usr/bin/chromium'
const env = process.env

const bundle = new URL('./dist/webtorrent.min.js', import.meta.resolve('webtorrent'))
if (!existsSync(CHROMIUM) || !existsSync(bundle)) {
  process.stderr.write(`needs ${CHROMIUM} and the npm package webtorrent\n`)
  process.exit(UNSUPPORTED)
}
if (process.argv[2] === '--version') {
  const manifest = new URL('./package.json', import.meta.resolve('webtorrent'))
  process.stdout.write(`webtorrent ${JSON.parse(readFileSync(manifest, 'utf8')).version} page\n`)
  process.exit(0)
}
if (env.BTC_PROBE !== undefined || env.BTC_CONTRACT !== '1') process.exit(UNSUPPORTED)
if (!['leech', 'seed'].includes(env.BTC_ROLE)) process.exit(UNSUPPORTED)
const enabled = (env.BTC_ENABLE ?? '').split(',').filter(Boolean)
if (enabled.some((feature) => feature !== 'ws-tracker')) process.exit(UNSUPPORTED)

const PAGE = `<!doctype html><title>WebTorrent</title><script type="module">
import WebTorrent from '/webtorrent.js'

class DataFolder {
  constructor(chunkLength, { torrent, length }) {
    this.chunkLength = chunkLength
    this.length = length ?? torrent.length
    const files = torrent.files.map(({ path, offset, length }) => ({ path, offset, length }))
    this.ready = fetch('/layout', { method: 'POST', body: JSON.stringify(files) })
  }
  async put(index, bytes, done = () => {}) {
    try {
      await this.ready
      await fetch('/bytes?at=' + index * this.chunkLength, { method: 'POST', body: bytes })
      done(null)
    } catch (error) { done(error) }
  }
  async get(index, options, done) {
    if (typeof options === 'function') [options, done] = [{}, options]
    try {
      await this.ready
      const chunk = Math.min(this.chunkLength, this.length - index * this.chunkLength)
      const offset = options?.offset ?? 0
      const length = options?.length ?? chunk - offset
      const got = await fetch('/bytes?at=' + (index * this.chunkLength + offset) + '&length=' + length)
      if (!got.ok) throw new Error('not there yet')
      done(null, new Uint8Array(await got.arrayBuffer()))
    } catch (error) { done(error) }
  }
  close(done = () => {}) { done(null) }
  destroy(done = () => {}) { done(null) }
}

const client = new WebTorrent({ dht: false, webSeeds: false, tracker: { rtcConfig: { iceServers: [] } } })
client.on('error', (error) => console.error('error', error.message))
const { magnet } = await (await fetch('/source')).json()
const source = magnet ?? new Uint8Array(await (await fetch('/torrent')).arrayBuffer())
const torrent = client.add(source, { store: DataFolder, storeCacheSlots: 0 })
torrent.on('warning', (warning) => console.warn(warning.message ?? warning))
torrent.on('wire', (wire, address) => console.log('wire', wire.type, address ?? ''))
torrent.on('done', () => console.log('done'))
torrent.on('infoHash', () => console.log('added'))
window.leave = () => new Promise((resolve) => client.destroy(resolve))
window.progress = () => ({ progress: torrent.progress, peers: torrent.numPeers })
</script>`

/** The torrent's files as the page knows them, below BTC_DATA. */
let layout = []

function* parts(at, length) {
  for (const file of layout) {
    const begin = Math.max(at, file.offset)
    const end = Math.min(at + length, file.offset + file.length)
    if (begin >= end) continue
    const path = resolve(env.BTC_DATA, file.path)
    if (!path.startsWith(resolve(env.BTC_DATA) + sep)) throw new Error('a path leads out')
    yield { path, position: begin - file.offset, from: begin - at, to: end - at }
  }
}

function readBytes(at, length) {
  const bytes = Buffer.alloc(length)
  for (const { path, position, from, to } of parts(at, length)) {
    const file = openSync(path, 'r')
    const count = readSync(file, bytes, from, to - from, position)
    closeSync(file)
    if (count < to - from) throw new Error('the file is too short')
  }
  return bytes
}

function writeBytes(at, bytes) {
  for (const { path, position, from, to } of parts(at, bytes.length)) {
    mkdirSync(dirname(path), { recursive: true })
    const file = openSync(path, existsSync(path) ? 'r+' : 'w')
    writeSync(file, bytes, from, to - from, position)
    closeSync(file)
  }
}

async function bodyOf(request) {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks)
}

async function serve(request, response) {
  const { pathname, searchParams } = new URL(request.url, 'http://page')
  const at = Number(searchParams.get('at'))
  const answer = (type, body) => response.writeHead(200, { 'content-type': type }).end(body)
  try {
    if (pathname === '/') answer('text/html', PAGE)
    else if (pathname === '/webtorrent.js') answer('text/javascript', readFileSync(bundle))
    else if (pathname === '/source')
      answer(
        'application/json',
        JSON.stringify({ magnet: env.BTC_TORRENT ? null : env.BTC_MAGNET }),
      )
    else if (pathname === '/torrent')
      answer('application/x-bittorrent', readFileSync(env.BTC_TORRENT))
    else if (pathname === '/layout') {
      layout = JSON.parse((await bodyOf(request)).toString('utf8'))
      answer('text/plain', '')
    } else if (pathname === '/bytes' && request.method === 'POST') {
      writeBytes(at, await bodyOf(request))
      answer('text/plain', '')
    } else if (pathname === '/bytes')
      answer('application/octet-stream', readBytes(at, Number(searchParams.get('length'))))
    else response.writeHead(404).end()
  } catch (error) {
    if (!response.headersSent) response.writeHead(404)
    response.end(String(error))
  }
}
const server = createServer((request, response) => void serve(request, response))
await new Promise((listening) => server.listen(0, '127.0.0.1', listening))

// Its profile holds a socket, whose path must be short.
process.env.TMPDIR = '/tmp'
const browser = await chromium.launch({
  executablePath: CHROMIUM,
  handleSIGINT: false,
  handleSIGTERM: false,
  args: [
    '--no-sandbox',
    // Otherwise its own addresses are names that only multicast DNS knows.
    '--disable-features=WebRtcHideLocalIpsWithMdns',
    '--disable-background-networking',
    '--disable-component-update',
    '--no-default-browser-check',
    '--disable-sync',
    '--allow-loopback-in-peer-connection',
  ],
})
const page = await browser.newPage()
const added = new Promise((resolveAdded) => {
  page.on('console', (message) => {
    process.stderr.write(`${message.text()}\n`)
    if (message.text() === 'added') resolveAdded()
    // Before it is added, the only error is that of a source which is none.
    if (message.text().startsWith('error')) void browser.close().then(() => process.exit(REFUSED))
  })
})
page.on('pageerror', (error) => process.stderr.write(`${error.stack ?? error}\n`))
await page.goto(`http://127.0.0.1:${server.address().port}/`)
await added
process.stdout.write('ready\n')

for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => void leave())

async function leave() {
  // A page that hangs must not keep the process.
  setTimeout(() => process.exit(0), 5000).unref()
  await page.evaluate(() => window.leave()).catch(() => {})
  await browser.close()
  process.exit(0)
}
