/** `pigeon list`: the torrents as a table, or as JSON. */
import type { TorrentSummary } from '@pigeon/control/contract'
import { parseFilter } from '@pigeon/control/filter'
import { isProblem, problem } from '@pigeon/control/problems'
import { parseSort, sortTorrents } from '@pigeon/control/sort'
import {
  formatBytes,
  formatDateTime,
  formatDuration,
  formatEta,
  formatPercent,
  formatRate,
  formatRatio,
} from '@pigeon/control/units'
import { toDisplay } from '@pigeon/protocol/display'
import { jsonLine } from '../output.ts'
import { hasFlag, type NodeAction, pictureOf, textFlag } from './around.ts'
import { LIST_COLUMNS, type ListColumn } from './list-columns.ts'
import { printTable } from './table.ts'
import { namesIn, readCount } from './values.ts'

const DEFAULT_COLUMNS: readonly ListColumn[] = [
  'name',
  'id',
  'state',
  'done',
  'size',
  'down',
  'up',
  'ratio',
  'eta',
]

export const list: NodeAction = async (around, given) => {
  const parsed = parseFilter(given.args.join(' '))
  if (!parsed.ok) return parsed.problem
  const sort = parseSort(textFlag(given, 'sort') ?? '')
  if (!sort.ok) return sort.problem
  const columns = columnsIn(textFlag(given, 'columns'))
  if (isProblem(columns)) return columns
  const limit = readCount(textFlag(given, 'limit') ?? '1000000')
  if (isProblem(limit)) return limit
  const picture = await pictureOf(around.control)
  if (isProblem(picture)) return picture
  const nowMs = Date.now()
  const found = picture.torrents.filter((torrent) => parsed.filter.matches(torrent, nowMs))
  const shown = sortTorrents(found, sort.sort).slice(0, limit.value)
  if (hasFlag(given, 'json')) {
    for (const torrent of shown) around.print(jsonLine(torrent))
    return null
  }
  if (shown.length === 0) {
    around.note(picture.torrents.length === 0 ? 'There are no torrents.' : 'No torrent matches.')
    return null
  }
  const titles = columns.map((column) => (column === 'eta' ? 'left' : column))
  const rows = shown.map((torrent) => columns.map((column) => CELLS[column](torrent)))
  printTable(around, titles, rows)
  return null
}

function columnsIn(text: string | undefined) {
  if (text === undefined) return DEFAULT_COLUMNS
  const columns: ListColumn[] = []
  for (const name of namesIn([text])) {
    const column = LIST_COLUMNS.find((each) => each === name)
    if (column === undefined) {
      return problem(
        'bad-value',
        `There is no column "${toDisplay(name, 40)}".`,
        `Choose among ${LIST_COLUMNS.join(', ')}.`,
      )
    }
    columns.push(column)
  }
  return columns.length === 0 ? DEFAULT_COLUMNS : columns
}

const CELLS: { readonly [C in ListColumn]: (torrent: TorrentSummary) => string } = {
  name: ({ name, id }) => (name === '' ? id : name),
  id: ({ id }) => id.slice(0, 8),
  hash: ({ id }) => id,
  state: ({ state }) => state,
  done: ({ progress }) => formatPercent(progress),
  size: ({ wantedBytes, hasMetadata }) => formatBytes(hasMetadata ? wantedBytes : null),
  total: ({ totalBytes, hasMetadata }) => formatBytes(hasMetadata ? totalBytes : null),
  down: ({ downRate }) => formatRate(downRate),
  up: ({ upRate }) => formatRate(upRate),
  downloaded: ({ downloadedBytes }) => formatBytes(downloadedBytes),
  uploaded: ({ uploadedBytes }) => formatBytes(uploadedBytes),
  ratio: ({ ratio }) => formatRatio(ratio),
  eta: ({ etaMs, state }) => (state === 'downloading' ? formatEta(etaMs) : ''),
  peers: ({ peersConnected }) => String(peersConnected),
  seeds: ({ seedsConnected }) => String(seedsConnected),
  queue: ({ queuePosition }) => (queuePosition === null ? '' : `#${queuePosition + 1}`),
  category: ({ category }) => category ?? '',
  tags: ({ tags }) => tags.join(','),
  tracker: ({ tracker }) => tracker ?? '',
  folder: ({ folder }) => folder,
  added: ({ addedAtMs }) => formatDateTime(addedAtMs),
  finished: ({ finishedAtMs }) => (finishedAtMs === null ? '' : formatDateTime(finishedAtMs)),
  seeded: ({ seededMs }) => formatDuration(seededMs),
  availability: ({ availability }) => formatRatio(availability),
  problem: ({ problem: of }) => of?.message ?? '',
}
