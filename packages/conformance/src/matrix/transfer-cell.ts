/** One seeder to one leecher: over an HTTP or a UDP tracker, by magnet, with awkward files, or a selection of files. */
import type { Reach } from '../driver/client-process.ts'
import type { Driver } from '../driver/driver.ts'
import type { Edge } from '../relay/edge.ts'
import {
  fileDifference,
  filesWithBytes,
  payloadDifference,
  writePayload,
} from '../torrent/data-folder.ts'
import { type Torrent, filePieces, makeTorrent, pieceBytes } from '../torrent/make-torrent.ts'
import type { Payload } from '../torrent/make-torrent.ts'
import { announceCheck, bytesCheck, handshakeCheck, payloadCheck } from './evidence.ts'
import { type Member, type Stage, untilDone } from './stage.ts'
import type { Check, Observation } from './verdict.ts'

export interface Pair {
  readonly seeder: Driver
  readonly leecher: Driver
}

export interface TransferPlan {
  readonly payload: Payload
  readonly via: 'http' | 'udp'
  readonly isMagnet: boolean
  /** Files that are wanted; all when left out. */
  readonly select?: readonly number[]
}

/** On top of the clients' own limits: start, hand-over and bytes on a busy machine. */
const BASE_LIMIT_MS = 45_000
const SEED_LIMIT_MS = 30_000

export function transferLimitMs(pair: Pair): number {
  return (
    BASE_LIMIT_MS + (pair.seeder.limits.unchokeSeconds + pair.leecher.limits.replySeconds) * 1000
  )
}

export async function runTransfer(
  stage: Stage,
  pair: Pair,
  plan: TransferPlan,
): Promise<Observation> {
  const torrent = makeTorrent(plan.payload)
  const seeder = await startSeeder(stage, pair.seeder, torrent, plan.via)
  const leecher = await stage.cast({
    driver: pair.leecher,
    role: 'leech',
    torrent,
    via: plan.via,
    isMagnet: plan.isMagnet,
    ...(plan.select === undefined ? {} : { select: plan.select }),
  })
  const edge = await stage.connect(leecher, seeder.listen, seeder.label)
  await stage.start(leecher)
  const wantedBytes = selectionBytes(torrent, plan.select)
  const wantedFiles = plan.select ?? filesWithBytes(torrent.payload)
  const done = await untilDone(
    () =>
      edge.backward.uniqueBytes >= wantedBytes &&
      payloadDifference(torrent.payload, leecher.dataDir, wantedFiles) === undefined,
    [seeder, leecher],
    transferLimitMs(pair),
  )
  const stops = await stage.stopAll()
  const checks: Check[] = [
    { what: 'the leecher completes', isMet: done.isDone, seen: done.seen },
    bytesCheck(payloadDifference(torrent.payload, leecher.dataDir, wantedFiles)),
    handshakeCheck(edge, torrent),
    payloadCheck(edge, wantedBytes),
    announceCheck([seeder, leecher], plan.via, torrent.infoHash),
    ...emptyFileChecks(torrent, leecher, plan.select),
    ...(plan.isMagnet ? [metadataCheck(edge, torrent)] : []),
    ...(plan.select === undefined ? [] : selectionChecks(edge, torrent, leecher, plan.select)),
    ...stops,
  ]
  return { checks, payloadBytes: edge.backward.payloadBytes }
}

/** A seeder that has checked its data: it told the tracker that nothing is left. */
export async function startSeeder(
  stage: Stage,
  driver: Driver,
  torrent: Torrent,
  via: 'http' | 'udp',
  reach?: Reach,
): Promise<Member> {
  const seeder = await stage.cast({
    driver,
    role: 'seed',
    torrent,
    via,
    ...(reach === undefined ? {} : { reach }),
  })
  writePayload(torrent.payload, seeder.dataDir)
  await stage.start(seeder)
  await seeder.tracker.waitFor((announce) => announce.leftBytes === 0, SEED_LIMIT_MS)
  return seeder
}

/** Part of the payload too, though no piece holds them. */
function emptyFileChecks(
  torrent: Torrent,
  leecher: Member,
  select: readonly number[] | undefined,
): Check[] {
  const empty = torrent.payload.files.flatMap((file, index) =>
    file.bytes.length === 0 && select === undefined ? [index] : [],
  )
  if (empty.length === 0) return []
  const difference = payloadDifference(torrent.payload, leecher.dataDir, empty)
  return [
    {
      what: 'empty files are there',
      isMet: difference === undefined,
      seen: difference ?? 'all of them',
    },
  ]
}

function metadataCheck(edge: Edge, torrent: Torrent): Check {
  const wantedBlocks = Math.ceil(torrent.info.length / 16_384)
  const { metadataBlocks } = edge.backward
  return {
    what: 'the metadata came by ut_metadata, no torrent file was given',
    isMet: metadataBlocks >= wantedBlocks,
    seen: `${metadataBlocks} data messages for ${wantedBlocks} blocks`,
  }
}

/** Pieces that the selection touches. */
function wantedPieces(torrent: Torrent, select: readonly number[]): Set<number> {
  return new Set(select.flatMap((file) => filePieces(torrent, file)))
}

function selectionBytes(torrent: Torrent, select: readonly number[] | undefined): number {
  if (select === undefined) return torrent.totalBytes
  return select.reduce((sum, file) => sum + (torrent.payload.files[file]?.bytes.length ?? 0), 0)
}

function selectionChecks(
  edge: Edge,
  torrent: Torrent,
  leecher: Member,
  select: readonly number[],
): Check[] {
  const wanted = wantedPieces(torrent, select)
  const beyond = [...edge.forward.requestedPieces].filter((piece) => !wanted.has(piece))
  const wantedBytes = [...wanted].reduce((sum, piece) => sum + pieceBytes(torrent, piece), 0)
  const whole = torrent.payload.files.flatMap((file, index) =>
    !select.includes(index) && fileDifference(torrent.payload, index, leecher.dataDir) === undefined
      ? [file.path.join('/')]
      : [],
  )
  return [
    {
      what: 'no piece is requested that only unwanted files need',
      isMet: beyond.length === 0,
      seen:
        beyond.length === 0
          ? `${wanted.size} pieces, ${wantedBytes} bytes`
          : `pieces ${beyond.slice(0, 8).join(' ')}`,
    },
    {
      what: 'unwanted files are absent or incomplete',
      isMet: whole.length === 0,
      seen: whole.length === 0 ? 'so they are' : `complete: ${whole.join(', ')}`,
    },
  ]
}
