/** Calls that look at torrents. */
import { shownName } from '../compat/shown-name.ts'
import type { PeerDetail, TorrentDetail, TrackerDetail } from '../contract.ts'
import {
  type Call,
  HASHES,
  json,
  type Json,
  type JsonObject,
  NOT_FOUND,
  type Reply,
  reads,
  rowsOf,
} from './call.ts'
import { BAD_REQUEST } from './call.ts'
import { etaOf, infoOf, seconds } from './torrent-info.ts'
import { categoriesOf, tagsOf } from './main-data.ts'

export const info = reads((call) => {
  const { params, world, session } = call
  const named = rowsOf(call)
  const nowMs = world.nowMs()
  const filter = params.text('filter') ?? 'all'
  const category = params.text('category')
  const tag = params.text('tag')
  const torrents = (named ?? world.list.rows())
    .map(({ summary }) => summary)
    .filter((torrent) => category === null || (torrent.category ?? '') === category)
    .filter(({ tags }) => tag === null || (tag === '' ? tags.length === 0 : tags.includes(tag)))
    .map((torrent) => infoOf(torrent, session, nowMs))
    .filter((torrent) => passes(torrent, filter))
  return json(cut(sorted(torrents, params.text('sort'), params.flag('reverse') === true), call))
})

/** The words of `filter`, of old and new versions, and the states that they let through. */
const STATES: ReadonlyMap<string, RegExp> = new Map([
  ['downloading', /DL$|^downloading$/],
  ['seeding', /^(uploading|stalledUP|queuedUP|forcedUP|checkingUP)$/],
  ['completed', /UP$|^uploading$/],
  ['paused', /^paused/],
  ['stopped', /^paused/],
  ['resumed', /^(?!paused)/],
  ['running', /^(?!paused)/],
  ['stalled', /^stalled/],
  ['stalled_uploading', /^stalledUP$/],
  ['stalled_downloading', /^stalledDL$/],
  ['checking', /^checking/],
  ['moving', /^moving$/],
  ['errored', /^error$/],
])

function passes(torrent: JsonObject, filter: string): boolean {
  const isActive = torrent['dlspeed'] !== 0 || torrent['upspeed'] !== 0
  if (filter === 'active') return isActive
  if (filter === 'inactive') return !isActive
  const state = torrent['state']
  return STATES.get(filter)?.test(typeof state === 'string' ? state : '') ?? true
}

function sorted(
  torrents: readonly JsonObject[],
  key: string | null,
  isReversed: boolean,
): readonly JsonObject[] {
  if (key === null) return isReversed ? torrents.toReversed() : torrents
  const inOrder = torrents.toSorted((one, other) => compare(one[key] ?? 0, other[key] ?? 0))
  return isReversed ? inOrder.toReversed() : inOrder
}

function compare(one: Json, other: Json): number {
  if (typeof one === 'number' && typeof other === 'number') return one - other
  return textOf(one).localeCompare(textOf(other))
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function cut(torrents: readonly JsonObject[], { params }: Call): readonly JsonObject[] {
  const offset = params.number('offset') ?? 0
  const limit = params.number('limit') ?? 0
  const from = torrents.slice(offset)
  return limit > 0 ? from.slice(0, limit) : from
}

export const properties = ofOne((detail, call) => {
  const { summary, pieces } = detail
  const row = infoOf(summary, call.session, call.world.nowMs())
  const haveCount = piecesOf(detail).filter((state) => state === HERE).length
  return {
    addition_date: seconds(summary.addedAtMs),
    comment: detail.comment ?? '',
    completion_date: summary.finishedAtMs === null ? -1 : seconds(summary.finishedAtMs),
    created_by: detail.createdBy ?? '',
    creation_date: detail.createdAtMs === null ? -1 : seconds(detail.createdAtMs),
    dl_limit: summary.limits.down ?? -1,
    dl_speed: Math.round(summary.downRate),
    dl_speed_avg: 0,
    download_path: '',
    eta: etaOf(summary),
    hash: summary.id,
    infohash_v1: summary.infoHashV1 ?? '',
    infohash_v2: summary.infoHashV2 ?? '',
    is_private: summary.isPrivate,
    last_seen: -1,
    name: shownName(summary),
    nb_connections: summary.peersConnected,
    nb_connections_limit: summary.limits.maxPeers ?? call.session.maxPeersPerTorrent,
    peers: row['num_leechs'] ?? 0,
    peers_total: summary.swarmLeechers ?? 0,
    piece_size: summary.hasMetadata ? pieces.lengthBytes : -1,
    pieces_have: haveCount,
    pieces_num: summary.hasMetadata ? pieces.count : -1,
    reannounce: Math.round(Math.max(0, Math.min(...announcesIn(detail))) / 1000),
    save_path: summary.folder,
    seeding_time: row['seeding_time'] ?? 0,
    seeds: summary.seedsConnected,
    seeds_total: summary.swarmSeeds ?? 0,
    share_ratio: summary.ratio ?? 0,
    time_elapsed: row['time_active'] ?? 0,
    total_downloaded: summary.downloadedBytes,
    total_downloaded_session: summary.downloadedBytes,
    total_size: summary.hasMetadata ? summary.totalBytes : -1,
    total_uploaded: summary.uploadedBytes,
    total_uploaded_session: summary.uploadedBytes,
    total_wasted: detail.wastedBytes,
    up_limit: summary.limits.up ?? -1,
    up_speed: Math.round(summary.upRate),
    up_speed_avg: 0,
  }
})

function announcesIn({ trackers }: TorrentDetail): readonly number[] {
  const times = trackers.map(({ nextAnnounceInMs }) => nextAnnounceInMs).filter((ms) => ms !== null)
  return times.length === 0 ? [0] : times
}

/** `filePrio` and `files` count so; "low" is not among them and is shown as normal. */
export const FILE_PRIORITY = { skip: 0, low: 1, normal: 1, high: 6 } as const

export const files = ofOne((detail, { params }) => {
  const wanted = params.has('indexes') ? new Set(params.parts('indexes', '|').map(Number)) : null
  let offset = 0
  return detail.files
    .map((file) => {
      const first = offset
      offset += file.lengthBytes
      return {
        availability: -1,
        index: file.index,
        name: file.path,
        piece_range: [pieceAt(first, detail), pieceAt(Math.max(first, offset - 1), detail)],
        priority: FILE_PRIORITY[file.priority],
        progress: file.lengthBytes === 0 ? 1 : file.doneBytes / file.lengthBytes,
        size: file.lengthBytes,
        // Only of the first file, as the original has it.
        ...(file.index === 0 ? { is_seed: detail.summary.state === 'seeding' } : {}),
      }
    })
    .filter(({ index }) => wanted === null || wanted.has(index))
})

function pieceAt(offset: number, { pieces }: TorrentDetail): number {
  return pieces.lengthBytes === 0 ? 0 : Math.floor(offset / pieces.lengthBytes)
}

export const trackers = ofOne((detail) => [
  ...detail.trackers.map((tracker) => ({
    msg: tracker.message,
    num_downloaded: -1,
    num_leeches: tracker.leechers ?? -1,
    num_peers: tracker.leechers ?? -1,
    num_seeds: tracker.seeds ?? -1,
    status: TRACKER_STATUS[tracker.state],
    tier: tracker.tier,
    url: tracker.url,
  })),
])

const TRACKER_STATUS: { readonly [S in TrackerDetail['state']]: number } = {
  disabled: 0,
  idle: 1,
  working: 2,
  announcing: 3,
  failing: 4,
}

export const webSeeds = ofOne((detail) => detail.webSeeds.map((url) => ({ url })))

const HERE = 2
const BEING_FETCHED = 1

/** 0: missing, 1: being fetched, 2: here. */
export const pieceStates = ofOne(piecesOf)

function piecesOf({ pieces }: TorrentDetail): readonly number[] {
  const verified = Buffer.from(pieces.verified, 'base64')
  const active = new Set(pieces.active)
  return Array.from({ length: pieces.count }, (_, piece) => {
    if (((verified[piece >> 3] ?? 0) & (0x80 >> (piece & 7))) !== 0) return HERE
    return active.has(piece) ? BEING_FETCHED : 0
  })
}

/** All of them, always: there are never many. */
export const torrentPeers = ofOne((detail, { params }) => {
  const peers = detail.peers.map((peer) => {
    const match = /^(?:\[([^\]]+)\]|(.*)):(\d+)$/.exec(peer.address)
    const fields = {
      client: peer.client,
      connection: CARRIERS[peer.transport],
      country: '',
      country_code: '',
      dl_speed: Math.round(peer.downRate),
      downloaded: peer.downloadedBytes,
      files: '',
      flags: flagsOf(peer),
      flags_desc: '',
      ip: match?.[1] ?? match?.[2] ?? peer.address,
      peer_id_client: '',
      port: Number(match?.[3] ?? 0),
      progress: peer.progress,
      relevance: 0,
      up_speed: Math.round(peer.upRate),
      uploaded: peer.uploadedBytes,
    }
    return [peer.address, fields] as const
  })
  const rid = (params.number('rid') ?? 0) + 1
  return { full_update: true, peers: Object.fromEntries(peers), rid, show_flags: true }
})

const CARRIERS = { tcp: 'BT', utp: 'μTP', webrtc: 'WebRTC' } as const

/** Letters that qBittorrent's clients explain to their users. */
function flagsOf({ source, isEncrypted, transport, direction }: PeerDetail): string {
  const flags = [
    direction === 'incoming' ? 'I' : '',
    source === 'dht' ? 'H' : source === 'pex' ? 'X' : source === 'lsd' ? 'L' : '',
    isEncrypted ? 'E' : '',
    transport === 'utp' ? 'P' : '',
  ]
  return flags.filter((flag) => flag !== '').join(' ')
}

export const categories = reads(({ session }) => json(categoriesOf(session)))
export const tags = reads(({ world }) => json(tagsOf(world)))
export const downloadLimit = reads((call) => limitsOf(call, 'down'))
export const uploadLimit = reads((call) => limitsOf(call, 'up'))

function limitsOf({ params, world }: Call, which: 'down' | 'up'): Reply {
  const hashes = params.text('hashes')
  if (hashes === null) return BAD_REQUEST
  const entries = hashes.split('|', HASHES).map((hash) => {
    const row = world.list.row(hash.toLowerCase())
    return [hash, row === null ? -1 : (row.summary.limits[which] ?? 0)] as const
  })
  return json(Object.fromEntries(entries))
}

/** A call about the torrent in `hash`. */
function ofOne(read: (detail: TorrentDetail, call: Call) => Json) {
  return reads(async (call) => {
    const hash = call.params.text('hash')
    if (hash === null) return BAD_REQUEST
    const row = call.world.list.row(hash.toLowerCase())
    const detail = row === null ? null : await call.world.list.control.detail(row.summary.id)
    return detail === null ? NOT_FOUND : json(read(detail, call))
  })
}
