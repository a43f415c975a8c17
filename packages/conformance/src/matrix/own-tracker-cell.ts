/** The seeder is the tracker too: what it tells the leecher is all that joins the two. */
import { createSocket } from 'node:dgram'
import { randomBytes } from 'node:crypto'
import { type Reach, pause } from '../driver/client-process.ts'
import { type Endpoint, formatEndpoint } from '../net/address-pool.ts'
import { payloadDifference, writePayload } from '../torrent/data-folder.ts'
import { makeTorrent } from '../torrent/make-torrent.ts'
import { plainPayload } from '../torrent/payloads.ts'
import { bytesCheck } from './evidence.ts'
import { type Stage, untilDone } from './stage.ts'
import { type Pair, transferLimitMs } from './transfer-cell.ts'
import type { Observation } from './verdict.ts'

const SEED_LIMIT_MS = 30_000
/** Far from the ports that clients listen on. */
const PORT_SHIFT = 30_000

export async function runOwnTracker(
  stage: Stage,
  pair: Pair,
  seed: string,
  transport: 'http' | 'udp',
): Promise<Observation> {
  const torrent = makeTorrent(plainPayload(seed))
  const listen = stage.clientAddress()
  const tracker = { host: listen.host, port: listen.port + PORT_SHIFT }
  const reach: Reach = { enable: ['tcp'], trackerListen: tracker }
  const announceUrl = `${transport}://${formatEndpoint(tracker)}/announce`
  const shared = { torrent, via: 'none', announceUrl } as const
  const seeder = await stage.cast({ ...shared, driver: pair.seeder, role: 'seed', reach, listen })
  writePayload(torrent.payload, seeder.dataDir)
  await stage.start(seeder)
  const seeds = await waitForSeed(tracker, torrent.infoHash)
  const leecher = await stage.cast({ ...shared, driver: pair.leecher, role: 'leech' })
  await stage.start(leecher)
  const done = await untilDone(
    () => payloadDifference(torrent.payload, leecher.dataDir) === undefined,
    [seeder, leecher],
    transferLimitMs(pair),
  )
  const counted = await scrape(tracker, torrent.infoHash)
  const stops = await stage.stopAll()
  return {
    checks: [
      { what: 'the leecher completes', isMet: done.isDone, seen: done.seen },
      bytesCheck(payloadDifference(torrent.payload, leecher.dataDir)),
      {
        what: `both are on the books of the seeder's tracker, which was asked over ${transport}`,
        isMet: seeds > 0 && counted !== undefined && counted.seeds + counted.leechers >= 2,
        seen:
          counted === undefined
            ? 'no scrape'
            : `${counted.seeds} seeds, ${counted.leechers} leechers`,
      },
      ...stops,
    ],
    payloadBytes: torrent.totalBytes,
  }
}

async function waitForSeed(tracker: Endpoint, infoHash: Buffer): Promise<number> {
  const untilMs = Date.now() + SEED_LIMIT_MS
  for (;;) {
    const { seeds } = (await scrape(tracker, infoHash)) ?? { seeds: 0 }
    if (seeds > 0 || Date.now() > untilMs) return seeds
    await pause(200)
  }
}

/** Spec: BEP 15; the suite asks by UDP whatever the clients do, for all are answered on one port. */
function scrape(
  tracker: Endpoint,
  infoHash: Buffer,
): Promise<{ readonly seeds: number; readonly leechers: number } | undefined> {
  const socket = createSocket('udp4')
  const transaction = randomBytes(4)
  const send = (bytes: Buffer): void => socket.send(bytes, tracker.port, tracker.host)
  return new Promise((resolve) => {
    const settle = (answer: { seeds: number; leechers: number } | undefined): void => {
      clearTimeout(timer)
      socket.close()
      resolve(answer)
    }
    const timer = setTimeout(settle, SCRAPE_LIMIT_MS, undefined)
    socket.on('error', () => {})
    socket.on('message', (bytes) => {
      if (bytes.length < 16 || !bytes.subarray(4, 8).equals(transaction)) return
      if (bytes.readUInt32BE(0) === CONNECT)
        send(Buffer.concat([bytes.subarray(8, 16), word(SCRAPE), transaction, infoHash]))
      else if (bytes.readUInt32BE(0) === SCRAPE && bytes.length >= 20)
        settle({ seeds: bytes.readUInt32BE(8), leechers: bytes.readUInt32BE(16) })
    })
    send(Buffer.concat([PROTOCOL_ID, word(CONNECT), transaction]))
  })
}

const SCRAPE_LIMIT_MS = 1_000
const PROTOCOL_ID = Buffer.from('0000041727101980', 'hex')
const CONNECT = 0
const SCRAPE = 2

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
