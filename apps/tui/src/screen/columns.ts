/**
 * The columns of the list, by how wide the terminal is: what matters least goes first, the name takes what is left.
 */
import type { TorrentState, TorrentSummary } from '@pigeon/control/contract'
import {
  formatBytes,
  formatEta,
  formatPercent,
  formatRate,
  formatRatio,
} from '@pigeon/control/units'
import { fitToCells } from './cells.ts'
import { shareBar } from './piece-bar.ts'

export interface Column {
  readonly title: string
  readonly cells: number
  readonly align: 'left' | 'right'
  /** Shown only in terminals at least this wide. */
  readonly fromWidth: number
  readonly text: (torrent: TorrentSummary) => string
}

export const STATE_WORDS: { readonly [S in TorrentState]: string } = {
  queued: 'queued',
  metadata: 'metadata',
  checking: 'checking',
  downloading: 'loading',
  seeding: 'seeding',
  paused: 'paused',
  moving: 'moving',
  error: 'error',
}

const COLUMNS: readonly Column[] = [
  {
    title: 'State',
    cells: 8,
    align: 'left',
    fromWidth: 0,
    text: ({ state }) => STATE_WORDS[state],
  },
  {
    title: 'Done',
    cells: 7,
    align: 'right',
    fromWidth: 0,
    text: ({ progress }) => formatPercent(progress),
  },
  {
    title: '',
    cells: 12,
    align: 'left',
    fromWidth: 124,
    text: ({ progress }) => `[${shareBar(progress, 10)}]`,
  },
  {
    title: 'Size',
    cells: 10,
    align: 'right',
    fromWidth: 70,
    text: ({ wantedBytes }) => (wantedBytes === 0 ? '' : formatBytes(wantedBytes)),
  },
  {
    title: 'Down',
    cells: 12,
    align: 'right',
    fromWidth: 60,
    text: ({ downRate }) => rateText(downRate),
  },
  { title: 'Up', cells: 12, align: 'right', fromWidth: 60, text: ({ upRate }) => rateText(upRate) },
  {
    title: 'Peers',
    cells: 5,
    align: 'right',
    fromWidth: 76,
    text: ({ peersConnected }) => (peersConnected === 0 ? '' : String(peersConnected)),
  },
  {
    title: 'Left',
    cells: 9,
    align: 'right',
    fromWidth: 96,
    text: ({ etaMs }) => (etaMs === null ? '' : formatEta(etaMs)),
  },
  {
    title: 'Ratio',
    cells: 6,
    align: 'right',
    fromWidth: 106,
    text: ({ ratio }) => formatRatio(ratio),
  },
]

const LEAST_NAME_CELLS = 12

export function columnsFor(width: number): readonly Column[] {
  return COLUMNS.filter((column) => width >= column.fromWidth)
}

export function headerRow(width: number): string {
  const columns = columnsFor(width)
  return row(
    'Name',
    columns.map((column) => column.title),
    columns,
    width,
  )
}

export function torrentRow(torrent: TorrentSummary, width: number): string {
  const columns = columnsFor(width)
  const name = torrent.name === '' ? torrent.id : torrent.name
  return row(
    name,
    columns.map((column) => column.text(torrent)),
    columns,
    width,
  )
}

function row(
  name: string,
  texts: readonly string[],
  columns: readonly Column[],
  width: number,
): string {
  const taken = columns.reduce((sum, column) => sum + column.cells + 1, 0)
  const nameCells = Math.max(LEAST_NAME_CELLS, width - taken)
  const cells = columns.map((column, index) =>
    fitToCells(texts[index] ?? '', column.cells, column.align),
  )
  return fitToCells([fitToCells(name, nameCells), ...cells].join(' '), width)
}

/** Nothing instead of a column of zeros. */
function rateText(rate: number): string {
  return rate === 0 ? '' : formatRate(rate)
}
