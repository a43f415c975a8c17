/** One seeder to one leecher over WebRTC: a WebSocket tracker hands on what they say to each other, and no address. */
import type { Reach } from '../driver/client-process.ts'
import { payloadDifference, writePayload } from '../torrent/data-folder.ts'
import { makeTorrent } from '../torrent/make-torrent.ts'
import { plainPayload } from '../torrent/payloads.ts'
import { announceCheck, bytesCheck } from './evidence.ts'
import { type Stage, untilDone } from './stage.ts'
import { type Pair, transferLimitMs } from './transfer-cell.ts'
import type { Observation } from './verdict.ts'

const SEED_LIMIT_MS = 30_000

export async function runWebRtc(stage: Stage, pair: Pair, seed: string): Promise<Observation> {
  const torrent = makeTorrent(plainPayload(seed))
  const reach: Reach = { enable: ['ws-tracker'] }
  const seeder = await stage.cast({ driver: pair.seeder, role: 'seed', torrent, via: 'ws', reach })
  writePayload(torrent.payload, seeder.dataDir)
  await stage.start(seeder)
  await seeder.tracker.waitFor((announce) => announce.leftBytes === 0, SEED_LIMIT_MS)
  const leecher = await stage.cast({
    driver: pair.leecher,
    role: 'leech',
    torrent,
    via: 'ws',
    reach,
  })
  await stage.start(leecher)
  const done = await untilDone(
    () => payloadDifference(torrent.payload, leecher.dataDir) === undefined,
    [seeder, leecher],
    transferLimitMs(pair),
  )
  const { offers, answers } = stage.room
  const stops = await stage.stopAll()
  return {
    checks: [
      { what: 'the leecher completes', isMet: done.isDone, seen: done.seen },
      bytesCheck(payloadDifference(torrent.payload, leecher.dataDir)),
      {
        what: 'an offer was answered through the tracker, which named no address to anybody',
        isMet: offers > 0 && answers > 0,
        seen: `${offers} offers, ${answers} answers`,
      },
      announceCheck([seeder, leecher], 'ws', torrent.infoHash),
      ...stops,
    ],
    payloadBytes: torrent.totalBytes,
  }
}
