/** One seeder to one leecher over IPv6 alone: neither has an address of the other family, and the tracker has none. */
import type { Reach } from '../driver/client-process.ts'
import { payloadDifference, writePayload } from '../torrent/data-folder.ts'
import { makeTorrent } from '../torrent/make-torrent.ts'
import { plainPayload } from '../torrent/payloads.ts'
import { announceCheck, bytesCheck, handshakeCheck, payloadCheck } from './evidence.ts'
import { type Stage, untilDone } from './stage.ts'
import { type Pair, transferLimitMs } from './transfer-cell.ts'
import type { Observation } from './verdict.ts'

const SEED_LIMIT_MS = 30_000

export async function runIpv6(stage: Stage, pair: Pair, seed: string): Promise<Observation> {
  const torrent = makeTorrent(plainPayload(seed))
  const reach: Reach = { enable: ['tcp'] }
  const shared = { torrent, via: 'http6', reach } as const
  const seeder = await stage.cast({ ...shared, driver: pair.seeder, role: 'seed' })
  writePayload(torrent.payload, seeder.dataDir)
  await stage.start(seeder)
  await seeder.tracker.waitFor((announce) => announce.leftBytes === 0, SEED_LIMIT_MS)
  const leecher = await stage.cast({ ...shared, driver: pair.leecher, role: 'leech' })
  const edge = await stage.connect(leecher, seeder.listen, seeder.label)
  await stage.start(leecher)
  const done = await untilDone(
    () => payloadDifference(torrent.payload, leecher.dataDir) === undefined,
    [seeder, leecher],
    transferLimitMs(pair),
  )
  const stops = await stage.stopAll()
  const seen = [...edge.diallers, ...leecher.tracker.hosts, ...seeder.tracker.hosts]
  const wrong = seen.filter((host) => !host.includes(':') || host.startsWith('::ffff:'))
  return {
    checks: [
      { what: 'the leecher completes', isMet: done.isDone, seen: done.seen },
      bytesCheck(payloadDifference(torrent.payload, leecher.dataDir)),
      handshakeCheck(edge, torrent),
      payloadCheck(edge, torrent.totalBytes),
      {
        what: 'tracker and relay saw addresses of IPv6 alone',
        isMet: wrong.length === 0 && seen.length > 0,
        seen: [...new Set(seen)].join(', '),
      },
      announceCheck([seeder, leecher], 'http', torrent.infoHash),
      ...stops,
    ],
    payloadBytes: edge.backward.payloadBytes,
  }
}
