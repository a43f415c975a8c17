/** A client is killed half-way, without warning, and started again: nothing verified may be fetched twice. */
import { pause } from '../driver/client-process.ts'
import type { Edge } from '../relay/edge.ts'
import { payloadDifference } from '../torrent/data-folder.ts'
import { type Torrent, makeTorrent, pieceBytes } from '../torrent/make-torrent.ts'
import { resumePayload } from '../torrent/payloads.ts'
import { bytesCheck, fetchedTwice, handshakeCheck, payloadCheck, wholePieces } from './evidence.ts'
import { type Member, type Stage, untilDone } from './stage.ts'
import { type Pair, startSeeder, transferLimitMs } from './transfer-cell.ts'
import type { Check, Observation } from './verdict.ts'

export type Victim = 'leecher' | 'seeder'

/** How long the wire is silent before the kill: what is verified by then must have reached the disk and the record. */
const SETTLE_MS = 3000
const SEED_AGAIN_LIMIT_MS = 30_000

export async function runResume(
  stage: Stage,
  pair: Pair,
  victim: Victim,
  seed: string,
): Promise<Observation> {
  const torrent = makeTorrent(resumePayload(seed))
  const seeder = await startSeeder(stage, pair.seeder, torrent, 'http')
  const leecher = await stage.cast({ driver: pair.leecher, role: 'leech', torrent, via: 'http' })
  const edge = await stage.connect(leecher, seeder.listen, seeder.label)
  edge.holdAfter('backward', torrent.totalBytes / 2)
  await stage.start(leecher)
  const isHeld = await edge.held(transferLimitMs(pair))
  const before = { blocks: edge.backward.blocks(), repeatedBytes: edge.backward.repeatedBytes }
  if (isHeld) {
    await pause(SETTLE_MS)
    await killAndRestart(stage, edge, victim === 'leecher' ? leecher : seeder, victim)
  }
  const done = await untilDone(
    () =>
      edge.backward.uniqueBytes >= torrent.totalBytes &&
      payloadDifference(torrent.payload, leecher.dataDir) === undefined,
    [seeder, leecher],
    transferLimitMs(pair),
  )
  const stops = await stage.stopAll()
  return {
    checks: [
      {
        what: 'half of the payload came before the kill',
        isMet: isHeld,
        seen: halfSeen(torrent, before.blocks),
      },
      { what: 'the leecher completes after the restart', isMet: done.isDone, seen: done.seen },
      bytesCheck(payloadDifference(torrent.payload, leecher.dataDir)),
      handshakeCheck(edge, torrent),
      payloadCheck(edge, torrent.totalBytes),
      repeatCheck(torrent, before.blocks, edge.backward.repeatedBytes - before.repeatedBytes),
      ...stops,
    ],
    payloadBytes: edge.backward.payloadBytes,
  }
}

async function killAndRestart(
  stage: Stage,
  edge: Edge,
  member: Member,
  victim: Victim,
): Promise<void> {
  await member.process?.kill()
  edge.cut()
  edge.release()
  if (victim === 'seeder') edge.detain()
  const announcesBefore = member.tracker.announces.length
  await stage.start(member)
  if (victim === 'leecher') return
  await member.tracker.waitFor(
    (announce) =>
      announce.leftBytes === 0 && member.tracker.announces.indexOf(announce) >= announcesBefore,
    SEED_AGAIN_LIMIT_MS,
  )
  edge.admit()
}

function halfSeen(
  torrent: Torrent,
  blocks: ReadonlyMap<number, ReadonlyMap<number, number>>,
): string {
  const whole = wholePieces(blocks, (piece) => pieceBytes(torrent, piece))
  return `${whole.size} of ${torrent.pieceCount} pieces were whole`
}

/**
 * Fetched twice: less than one piece, plus what was in flight. In flight are the blocks of pieces that were not whole
 * when the client was killed: no client can have verified those.
 */
function repeatCheck(
  torrent: Torrent,
  before: ReadonlyMap<number, ReadonlyMap<number, number>>,
  repeatedBytes: number,
): Check {
  const whole = wholePieces(before, (piece) => pieceBytes(torrent, piece))
  const { inFlightBytes } = fetchedTwice(before, repeatedBytes, whole)
  const allowedBytes = torrent.pieceLengthBytes + inFlightBytes
  return {
    what: 'nothing verified is fetched twice (less than a piece, and what was in flight)',
    isMet: repeatedBytes < allowedBytes,
    seen: `${repeatedBytes} bytes twice, ${inFlightBytes} in flight, pieces of ${torrent.pieceLengthBytes}`,
  }
}
