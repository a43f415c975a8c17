/** A torrent as a row of `torrents/info` and of `sync/maindata`. */
import { shownName } from '../compat/shown-name.ts'
import type { SessionSummary, TorrentSummary } from '../contract.ts'
import { goalsOf, isComplete } from '../compat/goals.ts'
import type { JsonObject } from './call.ts'

/** Seconds left where nobody knows, or it never ends. */
export const ETA_INFINITE = 8_640_000
const MS_PER_MINUTE = 60_000

export function infoOf(
  torrent: TorrentSummary,
  session: SessionSummary,
  nowMs: number,
): JsonObject {
  return {
    ...identityOf(torrent),
    ...progressOf(torrent, nowMs),
    ...goalFields(torrent, session),
    category: torrent.category ?? '',
    content_path: contentPath(torrent),
    download_path: '',
    save_path: torrent.folder,
    state: stateOf(torrent),
    tags: torrent.tags.join(', '),
    auto_tmm: false,
    f_l_piece_prio: false,
    force_start: torrent.isForced,
    priority: torrent.queuePosition === null ? 0 : torrent.queuePosition + 1,
    seq_dl: torrent.isSequential,
    super_seeding: false,
  }
}

function identityOf(torrent: TorrentSummary): JsonObject {
  return {
    hash: torrent.id,
    infohash_v1: torrent.infoHashV1 ?? '',
    infohash_v2: torrent.infoHashV2 ?? '',
    magnet_uri: magnetOf(torrent),
    name: shownName(torrent),
    size: torrent.wantedBytes,
    total_size: torrent.hasMetadata ? torrent.totalBytes : -1,
    // Only the host of one tracker is known without a look into the torrent.
    tracker: torrent.tracker ?? '',
    trackers_count: torrent.tracker === null ? 0 : 1,
  }
}

function progressOf(torrent: TorrentSummary, nowMs: number): JsonObject {
  const { peersConnected, seedsConnected } = torrent
  return {
    added_on: seconds(torrent.addedAtMs),
    amount_left: Math.max(0, torrent.wantedBytes - torrent.doneBytes),
    availability: torrent.availability ?? -1,
    completed: torrent.doneBytes,
    completion_on: torrent.finishedAtMs === null ? 0 : seconds(torrent.finishedAtMs),
    dlspeed: Math.round(torrent.downRate),
    downloaded: torrent.downloadedBytes,
    downloaded_session: torrent.downloadedBytes,
    eta: etaOf(torrent),
    last_activity: seconds(torrent.activeAtMs ?? torrent.addedAtMs),
    num_complete: torrent.swarmSeeds ?? 0,
    num_incomplete: torrent.swarmLeechers ?? 0,
    num_leechs: Math.max(0, peersConnected - seedsConnected),
    num_seeds: seedsConnected,
    progress: torrent.progress,
    ratio: torrent.ratio ?? 0,
    seeding_time: Math.floor(torrent.seededMs / 1000),
    seen_complete: 0,
    time_active: Math.max(
      0,
      seconds((torrent.finishedAtMs ?? nowMs) - torrent.addedAtMs + torrent.seededMs),
    ),
    uploaded: torrent.uploadedBytes,
    uploaded_session: torrent.uploadedBytes,
    upspeed: Math.round(torrent.upRate),
  }
}

function goalFields(torrent: TorrentSummary, session: SessionSummary): JsonObject {
  const { limits } = torrent
  const goals = goalsOf(torrent, session)
  return {
    dl_limit: limits.down ?? 0,
    up_limit: limits.up ?? 0,
    inactive_seeding_time_limit: limitOf(limits.idleMs, MS_PER_MINUTE),
    max_inactive_seeding_time: inUnits(goals.idleMs, MS_PER_MINUTE),
    max_ratio: inUnits(goals.ratio, 1),
    max_seeding_time: inUnits(goals.seedMs, MS_PER_MINUTE),
    ratio_limit: limitOf(limits.ratio, 1),
    seeding_time_limit: limitOf(limits.seedMs, MS_PER_MINUTE),
  }
}

/** -2: as the session says; -1: never. */
function limitOf(goal: number | 'never' | null, unit: number): number {
  if (goal === null) return -2
  return goal === 'never' ? -1 : inUnits(goal, unit)
}

function inUnits(value: number | null, unit: number): number {
  if (value === null) return -1
  return unit === 1 ? value : Math.round(value / unit)
}

export function etaOf({ etaMs }: TorrentSummary): number {
  return etaMs === null ? ETA_INFINITE : Math.min(ETA_INFINITE, Math.ceil(etaMs / 1000))
}

function magnetOf({ id, name }: TorrentSummary): string {
  const shown = name === '' ? '' : `&dn=${encodeURIComponent(name)}`
  return `magnet:?xt=urn:btih:${id}${shown}`
}

/** Where its only file or its folder lies: programs that import it look here, and not at the folder around it. */
export function contentPath(torrent: TorrentSummary): string {
  const { folder, hasMetadata } = torrent
  return hasMetadata ? `${folder === '/' ? '' : folder}/${shownName(torrent)}` : ''
}

export function stateOf(torrent: TorrentSummary): string {
  const side = isComplete(torrent) ? 'UP' : 'DL'
  switch (torrent.state) {
    case 'error':
      return 'error'
    case 'moving':
      return 'moving'
    case 'paused':
      return `paused${side}`
    case 'queued':
      return `queued${side}`
    case 'checking':
      return torrent.finishedAtMs === null ? 'checkingDL' : 'checkingUP'
    case 'metadata':
      return torrent.isForced ? 'forcedMetaDL' : 'metaDL'
    case 'downloading':
      if (torrent.isForced) return 'forcedDL'
      return torrent.downRate > 0 ? 'downloading' : 'stalledDL'
    case 'seeding':
      if (torrent.isForced) return 'forcedUP'
      return torrent.upRate > 0 ? 'uploading' : 'stalledUP'
    default:
      torrent.state satisfies never
      return 'unknown'
  }
}

export function seconds(atMs: number): number {
  return Math.floor(atMs / 1000)
}
