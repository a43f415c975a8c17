/**
 * What a torrent shows of itself. Texts are raw, as torrents, trackers and peers wrote them: whoever shows them makes
 * them fit for that. Sizes are bytes, rates bytes a second, times milliseconds.
 */
import { toHex } from '@pigeon/protocol/bytes'
import type { Millis } from '@pigeon/protocol/machine'
import { formatMagnet } from '@pigeon/protocol/magnet'
import { clientName } from '@pigeon/protocol/peer-id'
import { hasBit } from '@pigeon/protocol/wire/bitfield'
import type { Problem } from '../problem.ts'
import type { Peer, PeerSource } from '../swarm/peer.ts'
import type { FilePriority, TorrentLimits } from './options.ts'
import { ACTIVE_SHOWN, availabilityBins } from './piece-map.ts'
import type { Torrent } from './torrent.ts'
import type { LogLine } from './torrent-log.ts'

export type TorrentState =
  | 'queued'
  | 'metadata'
  | 'checking'
  | 'downloading'
  | 'seeding'
  | 'paused'
  | 'moving'
  | 'error'

export interface TorrentSummary {
  readonly id: string
  readonly name: string
  readonly infoHashV1: string | null
  readonly infoHashV2: string | null
  readonly state: TorrentState
  readonly problem: Problem | null
  readonly wantedBytes: number
  readonly doneBytes: number
  readonly progress: number
  readonly downRate: number
  readonly upRate: number
  readonly downloadedBytes: number
  readonly uploadedBytes: number
  readonly ratio: number | null
  readonly etaMs: number | null
  readonly peersConnected: number
  readonly seedsConnected: number
  readonly swarmSeeds: number | null
  readonly swarmLeechers: number | null
  readonly addedAtMs: number
  readonly finishedAtMs: number | null
  readonly folder: string
  readonly isPrivate: boolean
  readonly isSequential: boolean
  readonly queuePosition: number | null
  readonly totalBytes: number
  readonly hasMetadata: boolean
  readonly category: string | null
  readonly tags: readonly string[]
  readonly isForced: boolean
  readonly availability: number | null
  readonly seededMs: number
  readonly activeAtMs: number | null
  readonly tracker: string | null
  readonly limits: TorrentLimits
}

export interface FileDetail {
  readonly index: number
  readonly path: string
  readonly lengthBytes: number
  readonly doneBytes: number
  readonly priority: FilePriority
}

export interface PeerDetail {
  readonly number: number
  readonly address: string
  readonly client: string
  readonly direction: 'incoming' | 'outgoing'
  readonly transport: 'tcp' | 'utp' | 'webrtc'
  readonly isEncrypted: boolean
  readonly source: PeerSource
  readonly progress: number
  readonly downRate: number
  readonly upRate: number
  readonly isChokingUs: boolean
  readonly isChokedByUs: boolean
  readonly isInterestedInUs: boolean
  readonly areWeInterested: boolean
  readonly isSnubbed: boolean
  readonly downloadedBytes: number
  readonly uploadedBytes: number
  readonly connectedMs: number
}

export interface TrackerDetail {
  readonly url: string
  readonly tier: number
  readonly state: 'idle' | 'announcing' | 'working' | 'failing' | 'disabled'
  readonly message: string
  readonly seeds: number | null
  readonly leechers: number | null
  readonly nextAnnounceInMs: number | null
  readonly lastAnnounceAtMs: number | null
}

export interface TorrentDetail {
  readonly summary: TorrentSummary
  readonly files: readonly FileDetail[]
  readonly peers: readonly PeerDetail[]
  readonly trackers: readonly TrackerDetail[]
  /** `verified`: one bit a piece, most significant first. */
  readonly pieces: {
    readonly count: number
    readonly lengthBytes: number
    readonly verified: Uint8Array
    readonly availability: Uint8Array
    readonly active: readonly number[]
  }
  readonly log: readonly LogLine[]
  readonly comment: string | null
  readonly createdBy: string | null
  readonly createdAtMs: number | null
  readonly magnet: string
  readonly webSeeds: readonly string[]
  readonly wastedBytes: number
}

export function summaryOf(torrent: Torrent, nowMs: Millis): TorrentSummary {
  const { content, transfer, options, totals } = torrent
  const wantedBytes = torrent.selection?.wantedBytes ?? 0
  const doneBytes = content?.doneBytes ?? torrent.selection?.doneBytes(torrent.verified) ?? 0
  const state = stateOf(torrent)
  const downRate = transfer.down.rate(nowMs)
  const isDownloading = state === 'downloading'
  const swarm = transfer.swarmCounts
  return {
    id: torrent.id,
    name: torrent.name,
    infoHashV1: torrent.infoHashes.v1 === null ? null : toHex(torrent.infoHashes.v1),
    infoHashV2: torrent.infoHashes.v2 === null ? null : toHex(torrent.infoHashes.v2),
    state,
    problem: torrent.problem,
    wantedBytes,
    doneBytes,
    progress: progressOf(torrent, state, wantedBytes, doneBytes),
    downRate,
    upRate: transfer.up.rate(nowMs),
    downloadedBytes: totals.downloadedBytes,
    uploadedBytes: totals.uploadedBytes,
    ratio: ratioOf(totals.uploadedBytes, totals.downloadedBytes, wantedBytes),
    etaMs:
      isDownloading && downRate > 0
        ? Math.round(((wantedBytes - doneBytes) / downRate) * 1000)
        : null,
    peersConnected: transfer.swarm.peers.size,
    seedsConnected: [...transfer.swarm.peers.values()].filter((peer) => transfer.swarm.isSeed(peer))
      .length,
    swarmSeeds: swarm.seeds,
    swarmLeechers: swarm.leechers,
    addedAtMs: options.addedAtMs,
    finishedAtMs: options.finishedAtMs,
    folder: options.folder,
    isPrivate: torrent.isPrivate,
    isSequential: options.isSequential,
    queuePosition: torrent.queuePosition,
    totalBytes: torrent.metainfo?.totalBytes ?? 0,
    hasMetadata: torrent.metainfo !== null,
    category: options.category,
    tags: options.tags,
    isForced: options.isForced,
    availability: transfer.availability(nowMs),
    seededMs: totals.seededMs,
    activeAtMs: options.activeAtMs,
    tracker: transfer.announcer.shownHost,
    limits: options.limits,
  }
}

export function detailOf(torrent: Torrent, nowMs: Millis): TorrentDetail {
  const { content, options, transfer } = torrent
  const peers = [...transfer.swarm.peers.values()]
  const pieceCount = torrent.metainfo?.pieceCount ?? 0
  return {
    summary: summaryOf(torrent, nowMs),
    files: filesOf(torrent),
    peers: peers.map((peer) => peerDetail(peer, pieceCount, nowMs)),
    trackers: transfer.announcer.trackers.map(({ nextAnnounceMs, ...tracker }) => ({
      ...tracker,
      nextAnnounceInMs: nextAnnounceMs === null ? null : Math.max(0, nextAnnounceMs - nowMs),
    })),
    pieces: {
      count: pieceCount,
      lengthBytes: torrent.metainfo?.pieceLength ?? 0,
      verified: torrent.verified,
      availability: availabilityBins(
        pieceCount,
        (piece) => content?.picker.availabilityOf(piece) ?? 0,
      ),
      active: content?.picker.active(ACTIVE_SHOWN) ?? [],
    },
    log: torrent.log.lines,
    comment: options.comment,
    createdBy: options.createdBy,
    createdAtMs: options.creationDate === null ? null : options.creationDate * 1000,
    magnet: formatMagnet({
      infoHashes: torrent.infoHashes,
      name: torrent.name,
      trackers: options.trackers.flat(),
    }),
    webSeeds: options.webSeeds,
    wastedBytes: options.wastedBytes,
  }
}

function stateOf(torrent: Torrent): TorrentState {
  if (torrent.phase === 'moving' || torrent.phase === 'checking') return torrent.phase
  if (torrent.problem !== null) return 'error'
  if (torrent.options.isPaused) return 'paused'
  if (torrent.phase === 'metadata') return 'metadata'
  if (torrent.phase === 'idle') return 'queued'
  return torrent.isFinished ? 'seeding' : 'downloading'
}

function progressOf(
  torrent: Torrent,
  state: TorrentState,
  wantedBytes: number,
  doneBytes: number,
): number {
  if (state === 'checking') return torrent.checkedShare
  if (wantedBytes > 0) return doneBytes / wantedBytes
  if (torrent.content !== null) return torrent.content.isFinished ? 1 : 0
  return torrent.options.finishedAtMs === null ? 0 : 1
}

function ratioOf(
  uploadedBytes: number,
  downloadedBytes: number,
  wantedBytes: number,
): number | null {
  const basis = downloadedBytes > 0 ? downloadedBytes : wantedBytes
  return basis > 0 ? uploadedBytes / basis : null
}

function filesOf(torrent: Torrent): readonly FileDetail[] {
  const { layout, selection, verified } = torrent
  if (layout === null || selection === null) return []
  return layout.files.flatMap((file, index) =>
    file.isPad
      ? []
      : [
          {
            index,
            path: file.path,
            lengthBytes: file.lengthBytes,
            doneBytes: selection.fileDoneBytes(index, (piece) => hasBit(verified, piece)),
            priority: torrent.options.priorities[index] ?? 'normal',
          },
        ],
  )
}

function peerDetail(peer: Peer, pieceCount: number, nowMs: Millis): PeerDetail {
  const { wire } = peer
  const host = peer.address.host.includes(':') ? `[${peer.address.host}]` : peer.address.host
  const fromId = peer.peerId === null ? '' : clientName(peer.peerId)
  return {
    number: peer.number,
    address: `${host}:${peer.address.port}`,
    client: wire.remoteExtensions.client ?? fromId,
    direction: peer.direction,
    transport: peer.socket.transport,
    isEncrypted: peer.socket.isEncrypted,
    source: peer.source,
    progress: pieceCount > 0 ? peer.haveCount / pieceCount : 0,
    downRate: peer.down.rate(nowMs),
    upRate: peer.up.rate(nowMs),
    isChokingUs: wire.isChokedByRemote,
    isChokedByUs: wire.isChokingRemote,
    isInterestedInUs: wire.isRemoteInterested,
    areWeInterested: wire.isInterested,
    isSnubbed: peer.isSnubbed,
    downloadedBytes: peer.down.totalBytes,
    uploadedBytes: peer.up.totalBytes,
    connectedMs: Math.round(nowMs - peer.connectedMs),
  }
}
