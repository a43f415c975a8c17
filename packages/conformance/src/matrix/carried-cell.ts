/** One seeder to one leecher over another carrier than plain TCP: uTP, or an encrypted connection. */
import type { Reach } from '../driver/client-process.ts'
import type { Edge } from '../relay/edge.ts'
import { payloadDifference } from '../torrent/data-folder.ts'
import { type Torrent, makeTorrent } from '../torrent/make-torrent.ts'
import { plainPayload } from '../torrent/payloads.ts'
import { type Passage, bytesCheck, handshakeCheck, payloadCheck } from './evidence.ts'
import { type Member, type Stage, untilDone } from './stage.ts'
import { type Pair, startSeeder, transferLimitMs } from './transfer-cell.ts'
import type { Check, Observation } from './verdict.ts'

/** On top of a transfer over TCP: some clients try other ways first. */
const EXTRA_MS = 30_000

interface Scene {
  readonly stage: Stage
  readonly torrent: Torrent
  readonly seeder: Member
  readonly leecher: Member
}

async function castPair(
  stage: Stage,
  pair: Pair,
  seed: string,
  reach: { readonly seeder: Reach; readonly leecher: Reach },
): Promise<Scene> {
  const torrent = makeTorrent(plainPayload(seed))
  const seeder = await startSeeder(stage, pair.seeder, torrent, 'http', reach.seeder)
  const leecher = await stage.cast({
    driver: pair.leecher,
    role: 'leech',
    torrent,
    via: 'http',
    reach: reach.leecher,
  })
  return { stage, torrent, seeder, leecher }
}

async function runUntilWhole(
  { stage, torrent, seeder, leecher }: Scene,
  pair: Pair,
  passage: Passage,
  evidence: () => Check[],
): Promise<Observation> {
  await stage.start(leecher)
  const done = await untilDone(
    () => payloadDifference(torrent.payload, leecher.dataDir) === undefined,
    [seeder, leecher],
    transferLimitMs(pair) + EXTRA_MS,
  )
  const stops = await stage.stopAll()
  return {
    checks: [
      { what: 'the leecher completes', isMet: done.isDone, seen: done.seen },
      bytesCheck(payloadDifference(torrent.payload, leecher.dataDir)),
      ...evidence(),
      ...stops,
    ],
    payloadBytes: passage.backward.payloadBytes,
  }
}

export async function runUtp(
  stage: Stage,
  pair: Pair,
  seed: string,
  lossShare: number,
): Promise<Observation> {
  const reach: Reach = { enable: ['tcp', 'utp'] }
  const scene = await castPair(stage, pair, seed, { seeder: reach, leecher: reach })
  const { seeder, leecher, torrent } = scene
  const edge = await stage.connectUdp(leecher, seeder.listen, seeder.label, { lossShare })
  return runUntilWhole(scene, pair, edge, () => [
    {
      what: 'the leecher came by uTP, for nobody listens there over TCP',
      isMet: edge.connectionCount > 0,
      seen: `${edge.connectionCount} connections, ${edge.datagrams} datagrams, ${edge.lost} lost on the way`,
    },
    handshakeCheck(edge, torrent),
    payloadCheck(edge, torrent.totalBytes),
  ])
}

/** Both demand encryption. */
export async function runEncrypted(stage: Stage, pair: Pair, seed: string): Promise<Observation> {
  const reach: Reach = { enable: ['tcp'], mse: 'require' }
  const scene = await castPair(stage, pair, seed, { seeder: reach, leecher: reach })
  const { seeder, leecher, torrent } = scene
  const edge = await stage.connect(leecher, seeder.listen, seeder.label, { isOpaque: true })
  return runUntilWhole(scene, pair, edge, () => [
    nothingInClear(edge),
    {
      what: 'as many bytes as the payload has crossed the wire between the two',
      isMet: edge.backward.rawBytes >= torrent.totalBytes,
      seen: `${edge.backward.rawBytes} bytes for ${torrent.totalBytes}`,
    },
  ])
}

function nothingInClear(edge: Edge): Check {
  const clear = edge.forward.handshakeCount + edge.backward.handshakeCount
  return {
    what: 'no handshake in clear, in either direction',
    isMet: clear === 0 && edge.connectionCount > 0,
    seen: `${edge.connectionCount} connections, ${clear} handshakes in clear`,
  }
}

/** The leecher prefers encryption, and meets one who knows none. */
export async function runFallback(stage: Stage, pair: Pair, seed: string): Promise<Observation> {
  const scene = await castPair(stage, pair, seed, {
    seeder: { enable: ['tcp'], mse: 'off' },
    leecher: { enable: ['tcp'], mse: 'prefer' },
  })
  const { seeder, leecher, torrent } = scene
  const edge = await stage.connect(leecher, seeder.listen, seeder.label)
  return runUntilWhole(scene, pair, edge, () => [
    {
      what: 'the leecher tried an encrypted handshake first',
      isMet: edge.forward.garbage !== undefined,
      seen: edge.forward.garbage ?? 'only handshakes in clear',
    },
    handshakeCheck(edge, torrent),
    payloadCheck(edge, torrent.totalBytes),
  ])
}
