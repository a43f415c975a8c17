/** Commands that show one torrent: all of it, or its files, peers, trackers, pieces and log. */
import type { Problem, TorrentDetail } from '@pigeon/control/contract'
import { AVAILABILITY_BINS } from '@pigeon/control/contract'
import { isProblem, UNKNOWN_TORRENT } from '@pigeon/control/problems'
import {
  formatBytes,
  formatDateTime,
  formatDuration,
  formatEta,
  formatPercent,
  formatRate,
  formatRatio,
} from '@pigeon/control/units'
import { SOURCE_WORDS, TRANSPORT_WORDS } from '../../network/peer-words.ts'
import { jsonLine } from '../output.ts'
import { type Around, type Given, hasFlag, type NodeAction } from './around.ts'
import { torrentGiven, torrentsGiven } from './perform.ts'
import { printFacts, printTable } from './table.ts'

/** Finds the one torrent, and gives its details to `show`. */
function look(show: (detail: TorrentDetail, around: Around, isJson: boolean) => void): NodeAction {
  return async (around: Around, given: Given) => {
    const detail = await detailGiven(around, given.args[0])
    if (isProblem(detail)) return detail
    show(detail, around, hasFlag(given, 'json'))
    return null
  }
}

async function detailGiven(
  around: Around,
  word: string | undefined,
): Promise<TorrentDetail | Problem> {
  const torrent = await torrentGiven(around, word)
  if (isProblem(torrent)) return torrent
  return (await around.control.detail(torrent.id)) ?? UNKNOWN_TORRENT
}

export const show: NodeAction = look((detail, around, isJson) => {
  if (isJson) return around.print(jsonLine(detail))
  printFacts(around, factsOf(detail))
})

function factsOf(detail: TorrentDetail): readonly (readonly [title: string, text: string])[] {
  const { summary, pieces: of } = detail
  const size = summary.hasMetadata
    ? `${formatBytes(summary.doneBytes)} of ${formatBytes(summary.wantedBytes)} wanted, ${formatBytes(summary.totalBytes)} in all`
    : ''
  return [
    ['name', summary.name],
    ['state', `${summary.state}${summary.isForced ? ' (forced)' : ''}`],
    [
      'problem',
      summary.problem === null ? '' : `${summary.problem.message} ${summary.problem.help}`,
    ],
    ['done', formatPercent(summary.progress)],
    ['size', size],
    ['left', summary.state === 'downloading' ? formatEta(summary.etaMs) : ''],
    ['down', `${formatRate(summary.downRate)}, ${formatBytes(summary.downloadedBytes)} so far`],
    ['up', `${formatRate(summary.upRate)}, ${formatBytes(summary.uploadedBytes)} so far`],
    ['ratio', formatRatio(summary.ratio)],
    ['seeded', formatDuration(summary.seededMs)],
    ['wasted', detail.wastedBytes === 0 ? '' : formatBytes(detail.wastedBytes)],
    ['peers', `${summary.peersConnected} connected, ${summary.seedsConnected} of them seeds`],
    ['swarm', swarmText(summary.swarmSeeds, summary.swarmLeechers)],
    ['availability', summary.availability === null ? '' : formatRatio(summary.availability)],
    ['queue', summary.queuePosition === null ? '' : `#${summary.queuePosition + 1}`],
    ['folder', summary.folder],
    ['category', summary.category ?? ''],
    ['tags', summary.tags.join(', ')],
    ['pieces', of.count === 0 ? '' : `${of.count} of ${formatBytes(of.lengthBytes)}`],
    ['private', summary.isPrivate ? 'yes' : ''],
    ['sequential', summary.isSequential ? 'yes' : ''],
    ['added', formatDateTime(summary.addedAtMs)],
    ['finished', summary.finishedAtMs === null ? '' : formatDateTime(summary.finishedAtMs)],
    ['created', detail.createdAtMs === null ? '' : formatDateTime(detail.createdAtMs)],
    ['created by', detail.createdBy ?? ''],
    ['comment', detail.comment ?? ''],
    ['web seeds', detail.webSeeds.join(' ')],
    ['info-hash v1', summary.infoHashV1 ?? ''],
    ['info-hash v2', summary.infoHashV2 ?? ''],
  ]
}

function swarmText(seeds: number | null, leechers: number | null): string {
  if (seeds === null && leechers === null) return ''
  return `${seeds ?? 0} seeds and ${leechers ?? 0} others, as the trackers say`
}

/** One object or one row for each of something. */
function rowsOf<Row>(
  titles: readonly string[],
  rowsIn: (detail: TorrentDetail) => readonly Row[],
  cells: (row: Row) => readonly string[],
  none: string,
): NodeAction {
  return look((detail, around, isJson) => {
    const rows = rowsIn(detail)
    if (isJson) for (const row of rows) around.print(jsonLine(row))
    else if (rows.length === 0) around.note(none)
    else printTable(around, titles, rows.map(cells))
  })
}

export const files: NodeAction = rowsOf(
  ['path', 'number', 'priority', 'done', 'size'],
  (detail) => detail.files,
  (file) => [
    file.path,
    String(file.index),
    file.priority,
    formatPercent(file.lengthBytes === 0 ? 1 : file.doneBytes / file.lengthBytes),
    formatBytes(file.lengthBytes),
  ],
  'Its files are not known yet.',
)

export const peers: NodeAction = rowsOf(
  ['client', 'number', 'address', 'from', 'via', 'has', 'down', 'up', 'flags'],
  (detail) => detail.peers,
  (peer) => [
    peer.client,
    String(peer.number),
    peer.address,
    SOURCE_WORDS[peer.source],
    TRANSPORT_WORDS[peer.transport],
    formatPercent(peer.progress),
    formatRate(peer.downRate),
    formatRate(peer.upRate),
    [
      peer.isEncrypted ? 'encrypted' : '',
      peer.isChokingUs ? 'chokes us' : '',
      peer.isChokedByUs ? 'choked' : '',
      peer.isSnubbed ? 'snubbed' : '',
    ]
      .filter((flag) => flag !== '')
      .join(', '),
  ],
  'No peer is connected.',
)

export const trackers: NodeAction = rowsOf(
  ['url', 'tier', 'state', 'seeds', 'others', 'next', 'message'],
  (detail) => detail.trackers,
  (tracker) => [
    tracker.url,
    String(tracker.tier),
    tracker.state,
    String(tracker.seeds ?? ''),
    String(tracker.leechers ?? ''),
    tracker.nextAnnounceInMs === null ? '' : formatDuration(tracker.nextAnnounceInMs),
    tracker.message,
  ],
  'It has no trackers.',
)

export const log: NodeAction = rowsOf(
  ['time', 'level', 'text'],
  (detail) => detail.log,
  (line) => [formatDateTime(line.atMs), line.level, line.text],
  'Nothing was noted.',
)

export const pieces: NodeAction = look((detail, around, isJson) => {
  if (isJson) return around.print(jsonLine(detail.pieces))
  const { count, lengthBytes } = detail.pieces
  if (count === 0) return around.note('Its pieces are not known yet.')
  const verified = Buffer.from(detail.pieces.verified, 'base64')
  const has = (index: number): boolean =>
    ((verified[index >> 3] ?? 0) & (0x80 >> (index & 7))) !== 0
  let here = 0
  for (let index = 0; index < count; index += 1) here += Number(has(index))
  const rare = Buffer.from(detail.pieces.availability, 'base64')
  const cells = Math.min(count, (around.columns ?? 80) * MAP_LINES)
  let map = ''
  for (let cell = 0; cell < cells; cell += 1) {
    const from = Math.floor((cell * count) / cells)
    const to = Math.max(from + 1, Math.floor(((cell + 1) * count) / cells))
    map += markOf(from, to, has, rare[binOf(from, count)] ?? 0)
  }
  around.print(
    `${here} of ${count} pieces of ${formatBytes(lengthBytes)} are here, ${detail.pieces.active.length} on their way`,
  )
  if (around.isSpoken) return
  around.print('# all here   + some here   . peers have it   ! nobody connected has it')
  const width = around.columns ?? 80
  for (let at = 0; at < map.length; at += width) around.print(map.slice(at, at + width))
})

/** Lines of the map; a cell stands for several pieces where they would need more. */
const MAP_LINES = 8

function binOf(piece: number, count: number): number {
  const bins = Math.min(count, AVAILABILITY_BINS)
  return Math.floor((piece * bins) / count)
}

function markOf(from: number, to: number, has: (index: number) => boolean, copies: number): string {
  let here = 0
  for (let index = from; index < to; index += 1) here += Number(has(index))
  if (here === to - from) return '#'
  if (here > 0) return '+'
  return copies > 0 ? '.' : '!'
}

export const magnet: NodeAction = async (around, given) => {
  const torrents = await torrentsGiven(around, given.args)
  if (isProblem(torrents)) return torrents
  for (const { id } of torrents) {
    const detail = await around.control.detail(id)
    if (detail === null) return UNKNOWN_TORRENT
    around.print(hasFlag(given, 'json') ? jsonLine({ id, magnet: detail.magnet }) : detail.magnet)
  }
  return null
}
