/**
 * Every field of `torrent-get`, one row each: first those that a row of the list answers, then those for which the
 * torrent itself has to be asked.
 */
import { shownName } from '../compat/shown-name.ts'
import type { SessionSummary, TorrentDetail, TorrentSummary } from '../contract.ts'
import type { Row } from '../compat/live-list.ts'
import { goalsOf, hasReachedGoal, isComplete } from '../compat/goals.ts'
import type { Json } from './keys.ts'
import type { Remembered } from './remembered.ts'
import { THE_SESSION } from './remembered.ts'
import {
  filesOf,
  fileStatsOf,
  pieceAvailability,
  peersFrom,
  peersOf,
  prioritiesOf,
  trackerListOf,
  trackersOf,
  trackerStatsOf,
} from './torrent-parts.ts'

/** What a field is read from. */
export interface About {
  readonly row: Row
  readonly session: SessionSummary
  readonly remembered: Remembered
  /** There when a field of the call needed it. */
  readonly detail: TorrentDetail | null
  readonly nowMs: number
}

type Field = (torrent: TorrentSummary, about: About) => Json
type DetailField = (detail: TorrentDetail, about: About) => Json

/** `tr_torrent_activity`. */
export const STATUS = {
  stopped: 0,
  checkWaiting: 1,
  checking: 2,
  downloadWaiting: 3,
  downloading: 4,
  seedWaiting: 5,
  seeding: 6,
} as const

/** Times left: nothing to wait for, and nobody knows. */
const ETA_NONE = -1
const ETA_UNKNOWN = -2

/** `tr_stat_errtype`: something on this machine. */
const LOCAL_ERROR = 3

export const LIST_FIELDS: ReadonlyMap<string, Field> = new Map<string, Field>([
  ['activity_date', ({ activeAtMs }) => seconds(activeAtMs)],
  ['added_date', ({ addedAtMs }) => seconds(addedAtMs)],
  ['bandwidth_priority', ({ limits }) => PRIORITY[limits.priority]],
  [
    'desired_available',
    (torrent) => Math.floor(leftOf(torrent) * Math.min(1, torrent.availability ?? 0)),
  ],
  ['done_date', ({ finishedAtMs }) => seconds(finishedAtMs)],
  ['download_dir', ({ folder }) => folder],
  ['download_limit', (torrent, about) => limitKb(torrent, about, 'down')],
  ['download_limited', ({ limits }) => limits.down !== null],
  ['downloaded_ever', ({ downloadedBytes }) => downloadedBytes],
  ['edit_date', () => 0],
  ['error', ({ problem }) => (problem === null ? 0 : LOCAL_ERROR)],
  ['error_string', ({ problem }) => problem?.message ?? ''],
  ['eta', etaOf],
  ['eta_idle', () => ETA_NONE],
  ['group', ({ category }) => category ?? ''],
  ['hash_string', ({ id }) => id],
  ['have_unchecked', () => 0],
  ['have_valid', ({ doneBytes }) => doneBytes],
  ['honors_session_limits', ({ limits }) => !limits.ignoresSession],
  ['id', (_, { row }) => row.number],
  ['is_finished', (torrent, { session }) => hasReachedGoal(torrent, session)],
  ['is_private', ({ isPrivate }) => isPrivate],
  ['is_stalled', isStalled],
  ['labels', ({ tags }) => tags],
  ['left_until_done', leftOf],
  ['manual_announce_time', () => -1],
  ['max_connected_peers', maxPeersOf],
  ['metadata_percent_complete', ({ hasMetadata }) => (hasMetadata ? 1 : 0)],
  ['name', shownName],
  ['peer_limit', maxPeersOf],
  ['peers_connected', ({ peersConnected }) => peersConnected],
  ['peers_getting_from_us', gettingFromUs],
  ['peers_sending_to_us', sendingToUs],
  ['percent_complete', ({ doneBytes, totalBytes }) => share(doneBytes, totalBytes)],
  [
    'percent_done',
    (torrent) => (isComplete(torrent) ? 1 : share(torrent.doneBytes, torrent.wantedBytes)),
  ],
  ['queue_position', ({ queuePosition }) => queuePosition ?? 0],
  ['rate_download', ({ downRate }) => Math.round(downRate)],
  ['rate_upload', ({ upRate }) => Math.round(upRate)],
  ['recheck_progress', ({ state, progress }) => (state === 'checking' ? progress : 0)],
  ['seconds_downloading', () => 0],
  ['seconds_seeding', ({ seededMs }) => Math.floor(seededMs / 1000)],
  ['seed_idle_limit', idleLimitOf],
  ['seed_idle_mode', ({ limits }) => modeOf(limits.idleMs)],
  ['seed_ratio_limit', ratioLimitOf],
  ['seed_ratio_mode', ({ limits }) => modeOf(limits.ratio)],
  ['sequential_download', ({ isSequential }) => isSequential],
  ['size_when_done', ({ wantedBytes }) => wantedBytes],
  ['start_date', ({ addedAtMs }) => seconds(addedAtMs)],
  ['status', statusOf],
  ['torrent_file', () => ''],
  ['total_size', ({ totalBytes }) => totalBytes],
  ['upload_limit', (torrent, about) => limitKb(torrent, about, 'up')],
  ['upload_limited', ({ limits }) => limits.up !== null],
  ['upload_ratio', ({ ratio }) => ratio ?? -1],
  ['uploaded_ever', ({ uploadedBytes }) => uploadedBytes],
  ['webseeds_sending_to_us', () => 0],
])

export const DETAIL_FIELDS: ReadonlyMap<string, DetailField> = new Map<string, DetailField>([
  ['availability', pieceAvailability],
  ['comment', ({ comment }) => comment ?? ''],
  ['corrupt_ever', ({ wastedBytes }) => wastedBytes],
  ['creator', ({ createdBy }) => createdBy ?? ''],
  ['date_created', ({ createdAtMs }) => seconds(createdAtMs)],
  ['file_count', ({ files }) => files.length],
  ['file_stats', fileStatsOf],
  ['files', filesOf],
  ['magnet_link', ({ magnet }) => magnet],
  ['peers', peersOf],
  ['peers_from', peersFrom],
  ['piece_count', ({ pieces }) => pieces.count],
  ['piece_size', ({ pieces }) => pieces.lengthBytes],
  ['pieces', ({ pieces }) => pieces.verified],
  ['primary_mime_type', () => 'application/octet-stream'],
  ['priorities', prioritiesOf],
  ['tracker_list', trackerListOf],
  ['tracker_stats', (detail, { nowMs }) => trackerStatsOf(detail, nowMs)],
  ['trackers', trackersOf],
  ['wanted', ({ files }) => files.map(({ priority }) => priority !== 'skip')],
  ['webseeds', ({ webSeeds }) => webSeeds],
])

export const PRIORITY = { low: -1, normal: 0, high: 1 } as const

/** From a byte limit to kB a second, of which this API is made. */
export const BYTES_PER_KB = 1000
export const MS_PER_MINUTE = 60_000

/** Where a torrent stands. What is being moved counts as checking: nobody may take it for ready. */
export function statusOf(torrent: TorrentSummary): number {
  switch (torrent.state) {
    case 'paused':
    case 'error':
      return STATUS.stopped
    case 'checking':
    case 'moving':
      return STATUS.checking
    case 'queued':
      return isComplete(torrent) ? STATUS.seedWaiting : STATUS.downloadWaiting
    case 'metadata':
    case 'downloading':
      return STATUS.downloading
    case 'seeding':
      return STATUS.seeding
    default:
      torrent.state satisfies never
      return STATUS.stopped
  }
}

function etaOf({ state, etaMs, hasMetadata }: TorrentSummary): number {
  if (etaMs !== null) return Math.ceil(etaMs / 1000)
  if (state === 'paused' || state === 'error') return ETA_NONE
  return state === 'downloading' || !hasMetadata ? ETA_UNKNOWN : ETA_NONE
}

function leftOf({ wantedBytes, doneBytes }: TorrentSummary): number {
  return Math.max(0, wantedBytes - doneBytes)
}

/** How long nothing may move before a torrent counts as stalled. */
const STALLED_MS = 30 * MS_PER_MINUTE

function isStalled(torrent: TorrentSummary, { nowMs }: About): boolean {
  const isRunning = torrent.state === 'downloading' || torrent.state === 'seeding'
  if (!isRunning || torrent.downRate > 0 || torrent.upRate > 0) return false
  return nowMs - Math.max(torrent.activeAtMs ?? 0, torrent.addedAtMs) > STALLED_MS
}

/** Exact when the peers are at hand; in a list as much as the rates tell, for nobody is asked. */
function sendingToUs(torrent: TorrentSummary, { detail }: About): number {
  if (detail !== null) return detail.peers.filter(({ downRate }) => downRate > 0).length
  return torrent.downRate > 0 ? Math.max(1, torrent.seedsConnected) : 0
}

function gettingFromUs(torrent: TorrentSummary, { detail }: About): number {
  if (detail !== null) return detail.peers.filter(({ upRate }) => upRate > 0).length
  return torrent.upRate > 0 ? Math.max(1, torrent.peersConnected - torrent.seedsConnected) : 0
}

function maxPeersOf({ limits }: TorrentSummary, { session }: About): number {
  return limits.maxPeers ?? session.maxPeersPerTorrent
}

function limitKb(torrent: TorrentSummary, { remembered }: About, which: 'down' | 'up'): number {
  const limit = torrent.limits[which]
  return limit === null ? remembered.get(torrent.id, which) : Math.round(limit / BYTES_PER_KB)
}

/** 0: as the session says; 1: its own; 2: never. */
function modeOf(goal: number | 'never' | null): number {
  if (goal === null) return 0
  return goal === 'never' ? 2 : 1
}

function ratioLimitOf(torrent: TorrentSummary, { session, remembered }: About): number {
  const own = torrent.limits.ratio
  if (typeof own === 'number') return own
  return goalsOf(torrent, session).ratio ?? remembered.get(THE_SESSION, 'ratio')
}

function idleLimitOf(torrent: TorrentSummary, { session, remembered }: About): number {
  const own = torrent.limits.idleMs
  const goalMs = typeof own === 'number' ? own : goalsOf(torrent, session).idleMs
  return goalMs === null ? remembered.get(THE_SESSION, 'idle') : Math.round(goalMs / MS_PER_MINUTE)
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.min(1, part / whole)
}

function seconds(atMs: number | null): number {
  return atMs === null ? 0 : Math.floor(atMs / 1000)
}
