/** What lies within a torrent, in the form of this API: files, peers, trackers, pieces. */
import type { FileDetail, PeerDetail, TorrentDetail, TrackerDetail } from '../contract.ts'
import { AVAILABILITY_BINS } from '../contract.ts'
import type { JsonObject } from './keys.ts'

export function filesOf({ files, pieces }: TorrentDetail): readonly JsonObject[] {
  let offset = 0
  return files.map(({ path, lengthBytes, doneBytes }) => {
    const first = pieceAt(offset, pieces.lengthBytes)
    offset += lengthBytes
    return {
      bytes_completed: doneBytes,
      length: lengthBytes,
      name: path,
      begin_piece: first,
      end_piece: lengthBytes === 0 ? first : pieceAt(offset - 1, pieces.lengthBytes) + 1,
    }
  })
}

function pieceAt(offset: number, pieceBytes: number): number {
  return pieceBytes === 0 ? 0 : Math.floor(offset / pieceBytes)
}

export function fileStatsOf({ files }: TorrentDetail): readonly JsonObject[] {
  return files.map((file) => ({
    bytes_completed: file.doneBytes,
    priority: filePriority(file),
    wanted: file.priority !== 'skip',
  }))
}

export function prioritiesOf({ files }: TorrentDetail): readonly number[] {
  return files.map(filePriority)
}

function filePriority({ priority }: FileDetail): number {
  if (priority === 'high') return 1
  return priority === 'low' ? -1 : 0
}

export function peersOf({ peers }: TorrentDetail): readonly JsonObject[] {
  return peers.map((peer) => ({
    ...addressOf(peer.address),
    client_is_choked: peer.isChokingUs,
    client_is_interested: peer.areWeInterested,
    client_name: peer.client,
    flag_str: flagsOf(peer),
    is_downloading_from: peer.downRate > 0,
    is_encrypted: peer.isEncrypted,
    is_incoming: peer.direction === 'incoming',
    is_uploading_to: peer.upRate > 0,
    is_utp: peer.transport === 'utp',
    peer_is_choked: peer.isChokedByUs,
    peer_is_interested: peer.isInterestedInUs,
    progress: peer.progress,
    rate_to_client: Math.round(peer.downRate),
    rate_to_peer: Math.round(peer.upRate),
  }))
}

/** Letters that Transmission's clients explain to their users. */
function flagsOf(peer: PeerDetail): string {
  return [
    peer.transport === 'utp' ? 'T' : '',
    peer.downRate > 0 ? 'D' : peer.areWeInterested ? 'd' : '',
    peer.upRate > 0 ? 'U' : peer.isInterestedInUs ? 'u' : '',
    !peer.isChokingUs && !peer.areWeInterested ? 'K' : '',
    !peer.isChokedByUs && !peer.isInterestedInUs ? '?' : '',
    peer.isEncrypted ? 'E' : '',
    peer.source === 'dht' ? 'H' : peer.source === 'pex' ? 'X' : '',
    peer.direction === 'incoming' ? 'I' : '',
  ].join('')
}

function addressOf(text: string): { readonly address: string; readonly port: number } {
  const match = /^(?:\[([^\]]+)\]|(.*)):(\d+)$/.exec(text)
  if (match === null) return { address: text, port: 0 }
  return { address: match[1] ?? match[2] ?? '', port: Number(match[3]) }
}

export function peersFrom({ peers }: TorrentDetail): JsonObject {
  const count = (...sources: readonly PeerDetail['source'][]): number =>
    peers.filter(({ source }) => sources.includes(source)).length
  return {
    from_cache: count('user', 'magnet'),
    from_dht: count('dht'),
    from_incoming: count('incoming'),
    from_lpd: count('lsd'),
    from_ltep: 0,
    from_pex: count('pex'),
    from_tracker: count('tracker'),
  }
}

export function trackersOf({ trackers }: TorrentDetail): readonly JsonObject[] {
  return trackers.map(({ url, tier }, id) => ({
    announce: url,
    id,
    scrape: scrapeOf(url),
    sitename: siteOf(url),
    tier,
  }))
}

/** One address a line, an empty line between tiers. */
export function trackerListOf({ trackers }: TorrentDetail): string {
  const lines = trackers.flatMap(({ url, tier }, index) => {
    const before = trackers[index - 1]
    return before !== undefined && before.tier !== tier ? ['', url] : [url]
  })
  return lines.join('\n')
}

export function trackerStatsOf({ trackers }: TorrentDetail, nowMs: number): readonly JsonObject[] {
  return trackers.map((tracker, id) => ({
    announce: tracker.url,
    announce_state: announceState(tracker),
    download_count: -1,
    has_announced: tracker.lastAnnounceAtMs !== null || tracker.state === 'failing',
    has_scraped: tracker.seeds !== null,
    host: hostOf(tracker.url),
    id,
    is_backup: isBackup(tracker, trackers),
    last_announce_peer_count: (tracker.seeds ?? 0) + (tracker.leechers ?? 0),
    last_announce_result:
      tracker.message === '' && tracker.state === 'working' ? 'Success' : tracker.message,
    last_announce_start_time: 0,
    last_announce_succeeded: tracker.state === 'working',
    last_announce_time: seconds(tracker.lastAnnounceAtMs),
    last_announce_timed_out: false,
    last_scrape_result: '',
    last_scrape_start_time: 0,
    last_scrape_succeeded: tracker.seeds !== null,
    last_scrape_time: tracker.seeds === null ? 0 : seconds(tracker.lastAnnounceAtMs),
    last_scrape_timed_out: false,
    leecher_count: tracker.leechers ?? -1,
    next_announce_time:
      tracker.nextAnnounceInMs === null ? 0 : seconds(nowMs + tracker.nextAnnounceInMs),
    next_scrape_time: 0,
    scrape: scrapeOf(tracker.url),
    scrape_state: 0,
    seeder_count: tracker.seeds ?? -1,
    sitename: siteOf(tracker.url),
    tier: tracker.tier,
  }))
}

/** Whether another of its tier is asked in its stead. */
function isBackup(tracker: TrackerDetail, trackers: readonly TrackerDetail[]): boolean {
  if (tracker.state !== 'idle') return false
  return trackers.some(({ tier, state }) => tier === tracker.tier && state !== 'idle')
}

/** 0: not at all, 1: waiting for its time, 2: about to, 3: now. */
function announceState({ state, nextAnnounceInMs }: TrackerDetail): number {
  if (state === 'announcing') return 3
  return nextAnnounceInMs === null || state === 'disabled' ? 0 : 1
}

/** BEP 48: where the last part of the path begins with `announce`, that word is replaced. */
function scrapeOf(url: string): string {
  return /^https?:.*\/announce[^/]*$/.test(url)
    ? url.replace(/\/announce([^/]*)$/, '/scrape$1')
    : ''
}

function hostOf(url: string): string {
  if (!URL.canParse(url)) return url
  const { protocol, hostname, port } = new URL(url)
  return `${protocol}//${hostname}${port === '' ? '' : `:${port}`}`
}

function siteOf(url: string): string {
  if (!URL.canParse(url)) return ''
  const { hostname } = new URL(url)
  return hostname.split('.').at(-2) ?? hostname
}

/** One number a piece: how many peers have it, -1 where it is here already. The control tells it by bins. */
export function pieceAvailability({ pieces }: TorrentDetail): readonly number[] {
  const verified = Buffer.from(pieces.verified, 'base64')
  const bins = Buffer.from(pieces.availability, 'base64')
  const binCount = Math.min(bins.length, AVAILABILITY_BINS)
  return Array.from({ length: pieces.count }, (_, piece) => {
    const isHere = ((verified[piece >> 3] ?? 0) & (0x80 >> (piece & 7))) !== 0
    if (isHere) return -1
    return bins[Math.floor((piece * binCount) / pieces.count)] ?? 0
  })
}

function seconds(atMs: number | null): number {
  return atMs === null ? 0 : Math.floor(atMs / 1000)
}
