/**
 * The columns of the list: which there are, which of them fit, and what they say. The name takes what is left.
 */
import type { TorrentSummary } from '@pigeon/control/contract'
import {
  formatBytes,
  formatDateTime,
  formatEta,
  formatPercent,
  formatRate,
  formatRatio,
} from '@pigeon/control/units'
import { fitToCells } from './cells.ts'
import { shareBar } from './graphs.ts'
import { type Line, type Role, span, type Span, spanLine } from './lines.ts'
import { STRINGS } from './strings.ts'

export interface Column {
  readonly name: string
  readonly title: string
  /** What the menu says where the title is too short to tell. */
  readonly meaning: string
  readonly cells: number
  readonly align: 'left' | 'right'
  /** What of `sort.ts` orders by it. */
  readonly sortKey: string | null
  readonly text: (torrent: TorrentSummary) => string
}

const left = (
  name: string,
  title: string,
  cells: number,
  sortKey: string | null,
  text: Column['text'],
  meaning = title,
): Column => ({ name, title, meaning, cells, align: 'left', sortKey, text })

const right = (
  name: string,
  title: string,
  cells: number,
  sortKey: string | null,
  text: Column['text'],
  meaning = title,
): Column => ({ name, title, meaning, cells, align: 'right', sortKey, text })

/** Nothing instead of a column of zeros. */
const some = (value: number | null, format: (value: number) => string): string =>
  value === null || value === 0 ? '' : format(value)

/** In the order in which they stand. */
export const COLUMNS: readonly Column[] = [
  right('queue', '#', 4, 'queue', ({ queuePosition }) => placeOf(queuePosition), 'Place in queue'),
  left('state', 'State', 8, 'state', ({ state }) => STRINGS.shortStates[state]),
  right('done', 'Done', 6, 'progress', ({ progress }) => formatPercent(progress)),
  left('bar', '', 12, null, ({ progress }) => `[${shareBar(progress, 10)}]`, 'Progress bar'),
  right('size', 'Size', 9, 'size', ({ wantedBytes }) => some(wantedBytes, formatBytes)),
  right('down', 'Down', 11, 'down', ({ downRate }) => some(downRate, formatRate)),
  right('up', 'Up', 11, 'up', ({ upRate }) => some(upRate, formatRate)),
  right('eta', 'Left', 9, 'eta', ({ etaMs }) => some(etaMs, formatEta), 'Time left'),
  right('ratio', 'Ratio', 5, 'ratio', ({ ratio }) => formatRatio(ratio)),
  right('peers', 'Peers', 5, 'peers', ({ peersConnected }) => some(peersConnected, String)),
  right(
    'seeds',
    'Seeds',
    6,
    'swarm-seeds',
    ({ swarmSeeds }) => some(swarmSeeds, String),
    'Seeds, as trackers say',
  ),
  right(
    'downloaded',
    'Got',
    9,
    'downloaded',
    ({ downloadedBytes }) => some(downloadedBytes, formatBytes),
    'Downloaded',
  ),
  right(
    'uploaded',
    'Gave',
    9,
    'uploaded',
    ({ uploadedBytes }) => some(uploadedBytes, formatBytes),
    'Uploaded',
  ),
  right(
    'availability',
    'Avail',
    5,
    'availability',
    ({ availability }) => some(availability, formatRatio),
    'Copies of the rarest piece',
  ),
  left('category', 'Category', 10, 'category', ({ category }) => category ?? ''),
  left('tags', 'Tags', 14, 'tag', ({ tags }) => tags.join(', ')),
  left('tracker', 'Tracker', 20, 'tracker', ({ tracker }) => tracker ?? ''),
  left('added', 'Added', 16, 'added', ({ addedAtMs }) => formatDateTime(addedAtMs)),
  left('finished', 'Finished', 16, 'finished', ({ finishedAtMs }) =>
    finishedAtMs === null ? '' : formatDateTime(finishedAtMs),
  ),
  left('folder', 'Folder', 24, 'folder', ({ folder }) => folder),
]

/** Shown where nobody chose, as many of them as fit: the first matter most. */
const BEST = [
  ...['done', 'state', 'down', 'up', 'size', 'peers', 'eta', 'ratio', 'bar', 'category', 'added'],
  ...['tags', 'seeds', 'tracker'],
]

/** Cursor and selection marks. */
export const MARK_CELLS = 2
const LEAST_NAME_CELLS = 14

/** Those that fit, the name keeping a third of the width or so. Of chosen ones the last give way. */
export function columnsFor(width: number, chosen: readonly string[] | null): readonly Column[] {
  const names = chosen ?? BEST
  const nameCells =
    chosen === null ? Math.max(LEAST_NAME_CELLS, Math.floor(width * 0.28)) : LEAST_NAME_CELLS
  let room = width - MARK_CELLS - nameCells
  const kept = new Set<string>()
  for (const name of names) {
    const column = COLUMNS.find((each) => each.name === name)
    if (column === undefined) continue
    if (column.cells + 1 > room) break
    room -= column.cells + 1
    kept.add(name)
  }
  return COLUMNS.filter(({ name }) => kept.has(name))
}

export function nameCellsOf(columns: readonly Column[], width: number): number {
  const taken = columns.reduce((sum, column) => sum + column.cells + 1, 0)
  return Math.max(1, width - MARK_CELLS - taken)
}

/** `sort` marks the column that the list is ordered by: `-added`. */
export function headerLine(columns: readonly Column[], width: number, sort: string): Line {
  const [first = ''] = sort.split(',')
  const arrow = first.startsWith('-') ? '↓' : '↑'
  const key = first.replace('-', '')
  const titled = (title: string, sortKey: string | null): string =>
    sortKey === key ? `${title}${arrow}` : title
  const cells = columns.map(({ title, sortKey, cells: wide, align }) =>
    fitToCells(titled(title, sortKey), wide, align),
  )
  const name = fitToCells(titled('Name', 'name'), nameCellsOf(columns, width))
  return spanLine([span(`${' '.repeat(MARK_CELLS)}${[name, ...cells].join(' ')}`, 'title')], width)
}

export interface RowMarks {
  readonly isCursor: boolean
  readonly isSelected: boolean
}

export function torrentLine(
  torrent: TorrentSummary,
  columns: readonly Column[],
  width: number,
  { isCursor, isSelected }: RowMarks,
): Line {
  const role = STATE_ROLES[torrent.state]
  const name = torrent.name === '' ? torrent.id : torrent.name
  const spans: Span[] = [
    span(isCursor ? '▌' : ' ', 'key'),
    span(isSelected ? '✓' : ' ', 'key'),
    span(fitToCells(name, nameCellsOf(columns, width)), isSelected ? 'key' : 'plain'),
  ]
  for (const column of columns) {
    const text = fitToCells(column.text(torrent), column.cells, column.align)
    spans.push(span(` ${text}`, column.name === 'state' || column.name === 'bar' ? role : 'plain'))
  }
  return spanLine(merged(spans), width, isCursor)
}

/** Neighbours of one role as one: fewer things to lay out. */
function merged(spans: readonly Span[]): readonly Span[] {
  const kept: Span[] = []
  for (const each of spans) {
    const last = kept.at(-1)
    if (last !== undefined && last.role === each.role)
      kept[kept.length - 1] = span(last.text + each.text, each.role)
    else kept.push(each)
  }
  return kept
}

/** Which column is at a cell; `name` for the name. */
export function columnAt(columns: readonly Column[], width: number, cell: number): Column | 'name' {
  let end = MARK_CELLS + nameCellsOf(columns, width)
  if (cell < end) return 'name'
  for (const column of columns) {
    end += column.cells + 1
    if (cell < end) return column
  }
  return 'name'
}

export const STATE_ROLES: Readonly<Record<TorrentSummary['state'], Role>> = {
  queued: 'dim',
  metadata: 'busy',
  checking: 'warn',
  downloading: 'busy',
  seeding: 'good',
  paused: 'dim',
  moving: 'warn',
  error: 'bad',
}

function placeOf(queuePosition: number | null): string {
  return queuePosition === null ? '' : String(queuePosition + 1)
}
