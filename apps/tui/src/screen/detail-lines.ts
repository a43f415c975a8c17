/** What the tabs of the details say, line by line, none wider than the terminal. */
import type {
  FileDetail,
  PeerDetail,
  TorrentDetail,
  TorrentSummary,
  TrackerDetail,
} from '@pigeon/control/contract'
import {
  formatBytes,
  formatDateTime,
  formatDuration,
  formatEta,
  formatPercent,
  formatRate,
  formatRatio,
  formatTimeOfDay,
} from '@pigeon/control/units'
import stringWidth from 'string-width'
import { cutToCells, fitToCells, wrapToCells } from './cells.ts'
import { STATE_WORDS } from './columns.ts'
import { pieceBar } from './piece-bar.ts'

export const TABS = ['Overview', 'Files', 'Peers', 'Trackers', 'Log'] as const
export type Tab = (typeof TABS)[number]

const LABEL_CELLS = 12
/** Lines that one text may take. */
const MAX_WRAPPED = 4

/** The titles of a tab's columns; `null` where it has none. */
export function headingOf(detail: TorrentDetail, tab: Tab, width: number): string | null {
  if (tab === 'Files' && detail.files.length > 0)
    return fileRow('Done', 'Size', 'Get', 'File', width)
  if (tab === 'Peers' && detail.peers.length > 0)
    return peerRow(
      ['Peer', 'Has', 'Down', 'Up', 'Client'],
      addressCells(detail.peers, width),
      width,
    )
  return null
}

export function linesOf(
  detail: TorrentDetail,
  torrent: TorrentSummary,
  tab: Tab,
  width: number,
): readonly string[] {
  switch (tab) {
    case 'Overview':
      return overview(detail, torrent, width)
    case 'Files':
      return detail.files.length === 0
        ? ['Its files are known once its metadata is here.']
        : detail.files.map((file) => fileLine(file, width))
    case 'Peers':
      return detail.peers.length === 0
        ? ['No peers are connected.']
        : detail.peers.map((peer) => peerLine(peer, addressCells(detail.peers, width), width))
    case 'Trackers':
      return detail.trackers.length === 0
        ? ['It has no trackers.']
        : detail.trackers.flatMap((tracker) => trackerLines(tracker, width))
    case 'Log':
      return detail.log.length === 0
        ? ['Nothing has happened yet.']
        : detail.log.flatMap((line) =>
            labelled(`${formatTimeOfDay(line.atMs)} ${line.level}`, line.text, 15, width),
          )
    default:
      return tab satisfies never
  }
}

function overview(
  detail: TorrentDetail,
  torrent: TorrentSummary,
  width: number,
): readonly string[] {
  const { pieces } = detail
  const line = (label: string, text: string): readonly string[] =>
    labelled(label, text, LABEL_CELLS, width)
  const sizes =
    torrent.state === 'metadata'
      ? 'its size is not known yet'
      : `${formatBytes(torrent.doneBytes)} of ${formatBytes(torrent.wantedBytes)}`
  const traffic = `${formatBytes(torrent.uploadedBytes)} up, ${formatBytes(torrent.downloadedBytes)} down`
  const bar = pieceBar(pieces.verified, pieces.count, Math.max(10, width - LABEL_CELLS - 3))
  const { problem } = torrent
  return [
    ...line('State', STATE_WORDS[torrent.state]),
    ...(problem === null ? [] : line('', `${problem.message} ${problem.help}`)),
    ...line('Done', `${formatPercent(torrent.progress)}  ${sizes}`),
    ...(bar === '' ? [] : [cutToCells(`${' '.repeat(LABEL_CELLS)} [${bar}]`, width)]),
    ...line('Rates', `${formatRate(torrent.downRate)} down, ${formatRate(torrent.upRate)} up`),
    ...(torrent.etaMs === null ? [] : line('Time left', formatEta(torrent.etaMs))),
    ...line('Ratio', `${formatRatio(torrent.ratio)}  ${traffic}`),
    ...line('Peers', peersText(torrent)),
    ...line('Folder', torrent.folder),
    ...(torrent.infoHashV1 === null ? [] : line('Info-hash', torrent.infoHashV1)),
    ...(torrent.infoHashV2 === null ? [] : line('Info-hash v2', torrent.infoHashV2)),
    ...(pieces.count === 0
      ? []
      : line('Pieces', `${pieces.count} of ${formatBytes(pieces.lengthBytes)}`)),
    ...(torrent.isPrivate ? line('Private', 'yes: peers come from its trackers only') : []),
    ...line('Added', formatDateTime(torrent.addedAtMs)),
    ...(torrent.finishedAtMs === null
      ? []
      : line('Finished', formatDateTime(torrent.finishedAtMs))),
    ...(detail.comment === null ? [] : line('Comment', detail.comment)),
  ]
}

function peersText(torrent: TorrentSummary): string {
  const { peersConnected, seedsConnected, swarmSeeds, swarmLeechers } = torrent
  const seeds = `${seedsConnected} ${seedsConnected === 1 ? 'seed' : 'seeds'}`
  const own = `${peersConnected} connected (${seeds})`
  if (swarmSeeds === null && swarmLeechers === null) return own
  return `${own}; trackers know ${swarmSeeds ?? 0} seeds, ${swarmLeechers ?? 0} others`
}

/** A text after its label; its further lines below its first. */
function labelled(
  label: string,
  text: string,
  labelCells: number,
  width: number,
): readonly string[] {
  const cells = Math.max(8, width - labelCells - 1)
  return wrapToCells(text, cells, MAX_WRAPPED).map((line, index) =>
    cutToCells(`${fitToCells(index === 0 ? label : '', labelCells)} ${line}`, width),
  )
}

function fileLine(file: FileDetail, width: number): string {
  const share = file.lengthBytes === 0 ? 1 : file.doneBytes / file.lengthBytes
  const size = formatBytes(file.lengthBytes)
  // Below the torrent's folder, whose name stands above already.
  const path = file.path.replace(/^[^/]*\//, '')
  return fileRow(formatPercent(share), size, file.priority, path, width)
}

function fileRow(done: string, size: string, get: string, path: string, width: number): string {
  const cells = [fitToCells(done, 6, 'right'), fitToCells(size, 9, 'right'), fitToCells(get, 6)]
  return cutToCells([...cells, path].join(' '), width)
}

/** As wide as the longest address needs, but the rates stay in sight. */
function addressCells(peers: readonly PeerDetail[], width: number): number {
  const longest = Math.max(...peers.map(({ address }) => stringWidth(address)))
  return Math.min(longest, Math.max(15, width - 36))
}

function peerLine(peer: PeerDetail, addressWidth: number, width: number): string {
  const rates = [peer.downRate, peer.upRate].map((rate) => (rate === 0 ? '' : formatRate(rate)))
  const client = peer.client === '' ? 'unknown' : peer.client
  return peerRow(
    [peer.address, formatPercent(peer.progress), ...rates, client],
    addressWidth,
    width,
  )
}

function peerRow(texts: readonly string[], addressWidth: number, width: number): string {
  const [address = '', has = '', down = '', up = '', client = ''] = texts
  const cells = [
    fitToCells(address, addressWidth),
    fitToCells(has, 6, 'right'),
    fitToCells(down, 11, 'right'),
    fitToCells(up, 11, 'right'),
    client,
  ]
  return cutToCells(cells.join(' '), width)
}

function trackerLines(tracker: TrackerDetail, width: number): readonly string[] {
  const { seeds, leechers, nextAnnounceInMs } = tracker
  const about = [
    ...(tracker.message === '' ? [] : [tracker.message]),
    ...(seeds === null && leechers === null
      ? []
      : [`${seeds ?? 0} seeds, ${leechers ?? 0} others`]),
    ...(nextAnnounceInMs === null ? [] : [`again in ${formatDuration(nextAnnounceInMs)}`]),
  ].join('; ')
  return [
    cutToCells(`${fitToCells(tracker.state, 11)} ${tracker.url}`, width),
    ...(about === '' ? [] : labelled('', about, 11, width)),
  ]
}
