/** Peers that are found without any tracker: by the DHT, by another peer (PEX), on the local network (LSD). */
import { createHash } from 'node:crypto'
import { DhtSwarm } from '../dht/dht-swarm.ts'
import type { Reach } from '../driver/client-process.ts'
import { LsdEar } from '../lsd/lsd-ear.ts'
import type { Edge } from '../relay/edge.ts'
import { payloadDifference, writePayload } from '../torrent/data-folder.ts'
import { makeTorrent } from '../torrent/make-torrent.ts'
import { plainPayload } from '../torrent/payloads.ts'
import { bytesCheck, handshakeCheck, payloadCheck } from './evidence.ts'
import { type Stage, untilDone } from './stage.ts'
import { type Pair, startSeeder, transferLimitMs } from './transfer-cell.ts'
import type { Observation } from './verdict.ts'

/** Tables fill, and announces come, at the pace of each client's own timers. */
const DISCOVERY_MS = 120_000

/** A torrent of this cell alone: what another cell says about its own must not be heard here. */
function ownPayload(stage: Stage, seed: string): ReturnType<typeof plainPayload> {
  return plainPayload(
    createHash('sha1').update(`${seed} ${stage.caseId}`).digest('hex').slice(0, 8),
  )
}

export async function runDht(stage: Stage, pair: Pair, seed: string): Promise<Observation> {
  const swarm = await DhtSwarm.shared()
  const torrent = makeTorrent(ownPayload(stage, seed))
  const reach: Reach = { enable: ['tcp', 'dht'], bootstrap: swarm.nodes }
  const seeder = await stage.cast({
    driver: pair.seeder,
    role: 'seed',
    torrent,
    via: 'none',
    reach,
  })
  const seederPage = swarm.register(seeder.listen.port)
  writePayload(torrent.payload, seeder.dataDir)
  await stage.start(seeder)
  const announced = await untilDone(
    () => seederPage.has('announce_peer', torrent.infoHash),
    [seeder],
    DISCOVERY_MS,
  )
  const leecher = await stage.cast({
    driver: pair.leecher,
    role: 'leech',
    torrent,
    via: 'none',
    // Who can be told of no node otherwise reads them from the torrent file.
    isMagnet: pair.leecher.features.has('dht:bootstrap'),
    reach,
  })
  const leecherPage = swarm.register(leecher.listen.port)
  const edge = await stage.connect(leecher, seeder.listen, seeder.label)
  leecherPage.peers = [edge.address]
  await stage.start(leecher)
  const done = await untilDone(
    () => payloadDifference(torrent.payload, leecher.dataDir) === undefined,
    [seeder, leecher],
    transferLimitMs(pair) + DISCOVERY_MS,
  )
  const port = seederPage.sayings.find(({ method }) => method === 'announce_peer')?.port
  const stops = await stage.stopAll()
  return {
    checks: [
      { what: 'the leecher completes', isMet: done.isDone, seen: done.seen },
      bytesCheck(payloadDifference(torrent.payload, leecher.dataDir)),
      {
        what: 'the seeder announced itself to the DHT (announce_peer)',
        isMet: announced.isDone,
        seen: announced.isDone ? `port ${port}, ${announced.seen}` : announced.seen,
      },
      {
        what: 'the leecher asked the DHT (get_peers); no tracker was named to anybody',
        isMet: leecherPage.has('get_peers', torrent.infoHash),
        seen: `${leecherPage.sayings.length} queries`,
      },
      handshakeCheck(edge, torrent),
      payloadCheck(edge, torrent.totalBytes),
      ...stops,
    ],
    payloadBytes: edge.backward.payloadBytes,
  }
}

/**
 * The tracker names A to B and B to C. A's bytes are held back until C comes to it by itself: B can tell C about A, and
 * nobody else can.
 */
export async function runPex(stage: Stage, pair: Pair, seed: string): Promise<Observation> {
  const torrent = makeTorrent(ownPayload(stage, seed))
  const reach: Reach = { enable: ['tcp', 'pex'] }
  const a = await startSeeder(stage, pair.seeder, torrent, 'http', reach)
  const b = await stage.cast({ driver: pair.seeder, role: 'leech', torrent, via: 'http', reach })
  const toA = await stage.connect(b, a.listen, a.label)
  toA.holdAfter('backward', 1)
  await stage.start(b)
  await untilDone(() => toA.backward.handshakeCount > 0, [a, b], transferLimitMs(pair))
  const c = await stage.cast({ driver: pair.leecher, role: 'leech', torrent, via: 'http', reach })
  const toB = await stage.connect(c, b.listen, b.label)
  await stage.start(c)
  const found = await untilDone(
    () => toA.diallers.has(c.listen.host),
    [a, b, c],
    transferLimitMs(pair) + DISCOVERY_MS,
  )
  toA.release()
  const done = await untilDone(
    () => payloadDifference(torrent.payload, c.dataDir) === undefined,
    [a, b, c],
    transferLimitMs(pair),
  )
  const stops = await stage.stopAll()
  return {
    checks: [
      { what: 'the leecher completes', isMet: done.isDone, seen: done.seen },
      bytesCheck(payloadDifference(torrent.payload, c.dataDir)),
      pexCheck(toB),
      {
        what: 'the leecher dialled the seeder, whom no tracker had named to it',
        isMet: found.isDone,
        seen: found.isDone ? found.seen : `only ${[...toA.diallers].join(', ') || 'no one'} did`,
      },
      ...stops,
    ],
    payloadBytes: toA.backward.payloadBytes,
  }
}

function pexCheck(edge: Edge): { what: string; isMet: boolean; seen: string } {
  const count = edge.backward.messages.get('ut_pex') ?? 0
  return {
    what: 'the one between them told the leecher by ut_pex',
    isMet: count > 0,
    seen: `${count} messages`,
  }
}

export async function runLsd(stage: Stage, pair: Pair, seed: string): Promise<Observation> {
  const ear = await LsdEar.shared()
  const torrent = makeTorrent(ownPayload(stage, seed))
  const reach: Reach = { enable: ['tcp', 'lsd'] }
  const seeder = await stage.cast({
    driver: pair.seeder,
    role: 'seed',
    torrent,
    via: 'none',
    reach,
  })
  writePayload(torrent.payload, seeder.dataDir)
  const leecher = await stage.cast({
    driver: pair.leecher,
    role: 'leech',
    torrent,
    via: 'none',
    reach,
  })
  await stage.start(seeder)
  await stage.start(leecher)
  const done = await untilDone(
    () => payloadDifference(torrent.payload, leecher.dataDir) === undefined,
    [seeder, leecher],
    transferLimitMs(pair) + DISCOVERY_MS,
  )
  const heard = ear.portsFor(torrent.infoHash)
  const stops = await stage.stopAll()
  return {
    checks: [
      { what: 'the leecher completes', isMet: done.isDone, seen: done.seen },
      bytesCheck(payloadDifference(torrent.payload, leecher.dataDir)),
      {
        what: 'one of the two called for the other on the local network, and nothing else named either',
        isMet: [seeder, leecher].some(({ listen }) => heard.has(listen.port)),
        seen: `BT-SEARCH for this torrent with port ${[...heard].join(', ') || 'none'}`,
      },
      ...stops,
    ],
    payloadBytes: torrent.totalBytes,
  }
}
