/**
 * Strangers who cannot be held to their address: storms of datagrams at the DHT and at uTP, and encrypted beginnings that
 * lead nowhere. Whoever never answers must not be sent more than three bytes for one, and honest peers are served all along.
 */
import { createHash, randomBytes } from 'node:crypto'
import { type Socket, createSocket } from 'node:dgram'
import { connect } from 'node:net'
import { encodeBencode } from '../codec/bencode.ts'
import { pause } from '../driver/client-process.ts'
import type { Check, Observation } from '../matrix/verdict.ts'
import type { Endpoint } from '../net/address-pool.ts'
import { leechAll } from '../scripted-peer/behaviours.ts'
import { dial } from '../scripted-peer/scripted-peer.ts'
import { writePayload } from '../torrent/data-folder.ts'
import { makeTorrent } from '../torrent/make-torrent.ts'
import { plainPayload } from '../torrent/payloads.ts'
import { memoryCheck } from './checks.ts'
import type { HostileCase, HostileSetting } from './hostile-cases.ts'

const SEED_LIMIT_MS = 30_000
const SERVE_LIMIT_MS = 60_000
const STRANGERS = 48
const ROUNDS = 40
const ROUND_PAUSE_MS = 50
/** Late answers count too. */
const SETTLE_MS = 3_000
const MAX_FACTOR = 3

/** What a storm did, as one line of evidence. */
type Storm = (target: Endpoint, setting: HostileSetting, infoHash: Buffer) => Promise<Check>

export const STRANGER_CASES: readonly HostileCase[] = [
  strangerCase(
    'krpc-storm',
    'Strangers who answer nothing ask the DHT, right and wrong, all at once',
    (target, setting, infoHash) => datagramStorm(target, setting, (round) => krpc(round, infoHash)),
  ),
  strangerCase(
    'utp-storm',
    'Strangers who answer nothing open uTP connections by the hundred, and send what belongs to none',
    (target, setting) => datagramStorm(target, setting, utp),
  ),
  strangerCase(
    'mse-garbage',
    'Encrypted beginnings with keys that are none, noise, and silence',
    mseGarbage,
  ),
]

function strangerCase(id: string, title: string, storm: Storm): HostileCase {
  return {
    id,
    title,
    demands:
      'No source is sent more than three times its bytes; an honest leech gets every byte afterwards, memory stays bounded, and the client stops cleanly.',
    run: (setting) => underStorm(setting, storm),
  }
}

async function underStorm(setting: HostileSetting, storm: Storm): Promise<Observation> {
  const { stage, pool, driver, seed } = setting
  const torrent = makeTorrent(plainPayload(seed))
  const reach = { enable: ['tcp', 'utp', 'dht'], mse: 'prefer' } as const
  const seeder = await stage.cast({ driver, role: 'seed', torrent, via: 'http', reach })
  writePayload(torrent.payload, seeder.dataDir)
  await stage.start(seeder)
  await seeder.tracker.waitFor((announce) => announce.leftBytes === 0, SEED_LIMIT_MS)
  const bound = await storm(seeder.listen, setting, torrent.infoHash)
  const good = await dial(seeder.listen, pool.client().host)
  const got =
    good === undefined ? { why: 'no connection' } : await leechAll(good, torrent, SERVE_LIMIT_MS)
  good?.close()
  const memory = memoryCheck(seeder)
  const stops = await stage.stopAll()
  const isRight = 'bytes' in got && got.bytes.equals(torrent.content)
  return {
    checks: [
      bound,
      {
        what: 'an honest leech is served afterwards',
        isMet: isRight,
        seen: 'why' in got ? got.why : isRight ? 'every byte' : 'wrong bytes',
      },
      memory,
      ...stops,
    ],
    payloadBytes: torrent.totalBytes,
  }
}

interface Stranger {
  readonly socket: Socket
  sentBytes: number
  heardBytes: number
}

async function datagramStorm(
  target: Endpoint,
  { pool }: HostileSetting,
  datagram: (round: number) => Buffer,
): Promise<Check> {
  const strangers = await Promise.all(
    Array.from({ length: STRANGERS }, () => openStranger(pool.client().host)),
  )
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const stranger of strangers) {
      const bytes = datagram(round)
      stranger.sentBytes += bytes.length
      stranger.socket.send(bytes, target.port, target.host)
    }
    await pause(ROUND_PAUSE_MS)
  }
  await pause(SETTLE_MS)
  for (const { socket } of strangers) socket.close()
  const worst = Math.max(...strangers.map((each) => each.heardBytes / each.sentBytes))
  const heard = strangers.reduce((sum, { heardBytes }) => sum + heardBytes, 0)
  const sent = strangers.reduce((sum, { sentBytes }) => sum + sentBytes, 0)
  return {
    what: `no stranger is sent more than ${MAX_FACTOR} bytes for one, and somebody is answered`,
    isMet: worst <= MAX_FACTOR && heard > 0,
    seen: `${sent} bytes in, ${heard} out; at worst ${worst.toFixed(2)} for one`,
  }
}

async function openStranger(host: string): Promise<Stranger> {
  const socket = createSocket('udp4')
  const stranger: Stranger = { socket, sentBytes: 0, heardBytes: 0 }
  socket.on('message', (bytes) => (stranger.heardBytes += bytes.length))
  socket.on('error', () => {})
  await new Promise<void>((resolve) => socket.bind(0, host, resolve))
  return stranger
}

/** In turn: every query that there is, wrong tokens, missing fields, noise, and a packet of 1,400 bytes. */
function krpc(round: number, infoHash: Buffer): Buffer {
  const id = randomBytes(20)
  const target = createHash('sha1').update(String(round)).digest()
  const query = (q: string, a: Record<string, Buffer | string | number>): Buffer =>
    encodeBencode({ a, q, t: randomBytes(2), y: 'q' })
  const kinds = [
    () => query('ping', { id }),
    () => query('find_node', { id, target }),
    () => query('get_peers', { id, info_hash: infoHash }),
    () => query('get_peers', { id, info_hash: infoHash, scrape: 1 }),
    () => query('announce_peer', { id, info_hash: infoHash, port: 6881, token: 'wrong' }),
    () => query('get', { id, target }),
    () => query('put', { id, v: 'x'.repeat(900), token: 'wrong' }),
    () => query('sample_infohashes', { id, target }),
    () => query('find_node', { id: id.subarray(1), target: 7 }),
    () => encodeBencode({ y: 'r', t: 'aa', r: { id, nodes: randomBytes(26 * 40) } }),
    () => Buffer.concat([Buffer.from('d1:ad2:id20:'), randomBytes(1_388)]),
  ]
  return kinds[round % kinds.length]?.() ?? Buffer.alloc(0)
}

/** SYNs of ever new connections, and data, ends and resets of connections that there are not. */
function utp(round: number): Buffer {
  const SYN = 4
  const type = round % 4 === 3 ? (round >> 2) % 4 : SYN
  const header = randomBytes(20)
  header[0] = (type << 4) | 1
  header[1] = 0
  return type === SYN ? header : Buffer.concat([header, randomBytes(200)])
}

async function mseGarbage(target: Endpoint, { pool }: HostileSetting): Promise<Check> {
  const beginnings = [
    Buffer.alloc(96),
    Buffer.concat([Buffer.alloc(95), Buffer.from([1])]),
    Buffer.alloc(96, 0xff),
    randomBytes(96),
    randomBytes(700),
    randomBytes(40),
  ]
  let opened = 0
  let heard = 0
  const sockets = Array.from({ length: STRANGERS * 2 }, (_, at) => {
    const socket = connect({ ...target, localAddress: pool.client().host })
    socket.on('connect', () => {
      opened += 1
      socket.write(beginnings[at % beginnings.length] ?? Buffer.alloc(0))
    })
    socket.on('data', (bytes: Buffer) => (heard += bytes.length))
    socket.on('error', () => {})
    return socket
  })
  await pause(SETTLE_MS)
  for (const socket of sockets) socket.destroy()
  return {
    what: 'beginnings that lead nowhere were made',
    isMet: opened > 0,
    seen: `${opened} connections, ${heard} bytes of keys and padding came back`,
  }
}
