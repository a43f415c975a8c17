import { createSocket } from 'node:dgram'
import { connect } from 'node:net'
import { isIoProblem } from '@pigeon/engine/problem'
import { announceUrl, parseAnnounceAnswer } from '@pigeon/protocol/bep/0003-http-tracker'
import {
  decodeUdpAnswer,
  encodeConnect,
  encodeUdpAnnounce,
  type UdpAnswer,
} from '@pigeon/protocol/bep/0015-udp-tracker'
import { parseTrackerUrl } from '@pigeon/protocol/tracker-url'
import {
  encodeWsAnnounce,
  parseWsTrackerMessage,
} from '@pigeon/protocol/webtorrent/tracker-messages'
import { afterEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import {
  openTrackerServer,
  type TrackerServer,
  type TrackerServerOptions,
} from './tracker-server.ts'

const REQUEST = {
  infoHash: new Uint8Array(20).fill(7),
  peerId: new Uint8Array(20).fill(1),
  port: 6881,
  uploadedBytes: 0,
  downloadedBytes: 0,
  leftBytes: 1,
  event: 'started',
  key: 1,
  numWant: null,
  trackerId: null,
} as const

const opened: TrackerServer[] = []
afterEach(async () => {
  for (const tracker of opened.splice(0)) await tracker.close()
})

async function open(options: Partial<TrackerServerOptions> = {}) {
  const tracker = await openTrackerServer({ host: '127.0.0.1', port: 0, isOpen: true, ...options })
  if (isIoProblem(tracker)) throw new Error(tracker.message)
  opened.push(tracker)
  const place = tracker.status().listening ?? ''
  return { tracker, place, port: Number(place.slice(place.lastIndexOf(':') + 1)) }
}

async function announceHttp(place: string, fields: Partial<typeof REQUEST> | object = {}) {
  const parsed = parseTrackerUrl(`http://${place}/announce`)
  if (!parsed.ok) throw new Error('no tracker')
  const response = await fetch(announceUrl(parsed.tracker, { ...REQUEST, ...fields }))
  return parseAnnounceAnswer(new Uint8Array(await response.arrayBuffer()))
}

async function announceUdp(port: number, host = '127.0.0.1'): Promise<UdpAnswer | null> {
  const family = host.includes(':') ? 6 : 4
  const socket = createSocket(family === 6 ? 'udp6' : 'udp4')
  const ask = (packet: Uint8Array): Promise<UdpAnswer | null> =>
    new Promise((resolve) => {
      socket.once('message', (bytes) => resolve(decodeUdpAnswer(bytes, family)))
      socket.send(packet, port, host)
    })
  const answer = await ask(encodeConnect(1))
  const id = answer?.kind === 'connect' ? answer.connectionId : 0n
  const peerId = new Uint8Array(20).fill(2)
  const announced = await ask(encodeUdpAnnounce(id, 2, { ...REQUEST, peerId, port: 6882 }, ''))
  socket.close()
  return announced
}

function webSocket(place: string): WebSocket {
  return new WebSocket(`ws://${place}/announce`)
}

function nextText(socket: WebSocket): Promise<string> {
  return new Promise((resolve) => {
    socket.once('message', (bytes) => resolve(Buffer.isBuffer(bytes) ? bytes.toString() : ''))
  })
}

describe('one port number', () => {
  test('HTTP, UDP and WebSocket are answered there, out of one book', async () => {
    const { tracker, place, port } = await open()
    expect(await announceHttp(place)).toMatchObject({ kind: 'peers', leechers: 1, peers: [] })
    expect(await announceUdp(port)).toMatchObject({
      kind: 'announce',
      leechers: 2,
      peers: [{ host: '127.0.0.1', port: 6881 }],
    })
    const socket = webSocket(place)
    await new Promise((resolve) => socket.once('open', resolve))
    socket.send(encodeWsAnnounce({ ...REQUEST, peerId: new Uint8Array(20).fill(3) }, []))
    expect(parseWsTrackerMessage(await nextText(socket))).toMatchObject({
      message: { kind: 'announced', leechers: 3 },
    })
    expect(tracker.status()).toMatchObject({ torrents: 1, peers: 3, announces: 3 })
    expect(tracker.status().urls).toEqual([
      `http://${place}/announce`,
      `udp://${place}/announce`,
      `ws://${place}/announce`,
    ])
    socket.terminate()
  })

  test('both families are served where it listens on all', async () => {
    const { port } = await open({ host: '::' })
    expect(await announceHttp(`127.0.0.1:${port}`)).toMatchObject({ externalIp: '127.0.0.1' })
    expect(await announceHttp(`[::1]:${port}`)).toMatchObject({ externalIp: '::1' })
    expect(await announceUdp(port)).toMatchObject({ kind: 'announce' })
    expect(await announceUdp(port, '::1')).toMatchObject({
      kind: 'announce',
      peers: [{ host: '::1', port: 6881 }],
    })
  })

  test('a port that is taken is a problem that says so', async () => {
    const { port } = await open()
    const second = await openTrackerServer({ host: '127.0.0.1', port, isOpen: true })
    expect(second).toMatchObject({ kind: 'io-problem', code: 'address-in-use' })
  })

  test('once closed the port is free, also with clients that hang on', async () => {
    const { tracker, place, port } = await open()
    const socket = webSocket(place)
    await new Promise((resolve) => socket.once('open', resolve))
    const idle = connect(port, '127.0.0.1')
    await new Promise((resolve) => idle.once('connect', resolve))
    const gone = Promise.all([
      new Promise((resolve) => socket.once('close', resolve)),
      new Promise((resolve) => idle.once('close', resolve)),
    ])
    socket.on('error', () => {})
    idle.on('error', () => {})
    await tracker.close()
    await gone
    expect(tracker.status().listening).toBeNull()
    expect((await open({ port })).port).toBe(port)
  })
})

describe('what it does not do', () => {
  test('torrents that are not ours are refused unless it is open to any', async () => {
    const known = new Uint8Array(20).fill(7)
    const isKnown = (infoHash: Uint8Array) => Buffer.compare(infoHash, known) === 0
    const { place } = await open({ isOpen: false, isKnown })
    expect(await announceHttp(place)).toMatchObject({ kind: 'peers' })
    const other = { infoHash: new Uint8Array(20) }
    expect(await announceHttp(place, other)).toMatchObject({ kind: 'failure', retryIn: 'never' })
  })

  test('only GET is answered, and only where a tracker is', async () => {
    const { place } = await open()
    expect((await fetch(`http://${place}/announce`, { method: 'POST', body: 'x' })).status).toBe(
      405,
    )
    expect((await fetch(`http://${place}/etc/passwd`)).status).toBe(404)
  })

  test('headers of more than 16 KiB, and what is no HTTP, end the connection', async () => {
    const { place, port } = await open()
    const huge = fetch(`http://${place}/announce`, { headers: { x: 'x'.repeat(17 * 1024) } })
    await expect(huge.then((response) => response.status)).rejects.toThrow('fetch failed')
    const raw = connect(port, '127.0.0.1')
    raw.on('error', () => {})
    raw.write('\x13BitTorrent protocol\r\n\r\n')
    await new Promise((resolve) => raw.once('close', resolve))
    expect(await announceHttp(place)).toMatchObject({ kind: 'peers' })
  })

  test('a request that comes byte by byte is hung up on when its time is over', {
    timeout: 15_000,
  }, async () => {
    const { place, port } = await open({ limits: { requestMs: 50 } })
    const slow = connect(port, '127.0.0.1')
    slow.on('error', () => {})
    slow.write('GET /announce HTTP/1.1\r\nHost: x\r\nX')
    const drip = setInterval(() => slow.write('x'), 20)
    await new Promise((resolve) => slow.once('close', resolve))
    clearInterval(drip)
    expect(await announceHttp(place)).toMatchObject({ kind: 'peers' })
  })

  test('an address that asks too often is told to wait, over UDP it hears nothing', async () => {
    const limits = { requestBurst: 3, requestsPerSecond: 0.001 }
    const { tracker, place, port } = await open({ limits })
    for (let n = 0; n < 3; n++) expect(await announceHttp(place)).toMatchObject({ kind: 'peers' })
    expect(await announceHttp(place)).toMatchObject({ kind: 'failure', retryIn: 60_000 })
    const socket = createSocket('udp4')
    await new Promise<void>((resolve) => {
      socket.send(encodeConnect(1), port, '127.0.0.1', () => resolve())
    })
    socket.close()
    expect(tracker.status().announces).toBe(3)
    const client = webSocket(place)
    const failed = new Promise((resolve) => client.once('error', resolve))
    expect(await failed).toBeInstanceOf(Error)
  })

  test('an address has as many connections as it may, and not one more', async () => {
    const { port } = await open({ limits: { connectionsPerAddress: 2 } })
    const first = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')]
    await Promise.all(
      first.map((socket) => new Promise((resolve) => socket.once('connect', resolve))),
    )
    const third = connect(port, '127.0.0.1')
    third.on('error', () => {})
    await new Promise((resolve) => third.once('close', resolve))
    expect(first.every(({ destroyed }) => !destroyed)).toBe(true)
    for (const socket of first) socket.destroy()
  })

  test('a WebSocket message of more than 64 KiB ends that client alone', async () => {
    const { place } = await open()
    const [bad, good] = [webSocket(place), webSocket(place)]
    await Promise.all([bad, good].map((socket) => new Promise((r) => socket.once('open', r))))
    const gone = new Promise<number>((resolve) => bad.once('close', resolve))
    bad.send('x'.repeat(64 * 1024 + 1))
    expect(await gone).toBe(1009)
    good.send(encodeWsAnnounce(REQUEST, []))
    expect(parseWsTrackerMessage(await nextText(good))).toMatchObject({ ok: true })
    good.terminate()
  })
})
