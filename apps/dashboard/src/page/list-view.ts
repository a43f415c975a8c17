/** Which torrents the list shows, and in which order. */
import type { TorrentState, TorrentSummary } from '@pigeon/control/contract'

export const STATUS_FILTERS = [
  'all',
  'downloading',
  'seeding',
  'done',
  'active',
  'paused',
  'error',
] as const
export type StatusFilter = (typeof STATUS_FILTERS)[number]

export const SORT_KEYS = [
  'name',
  'progress',
  'size',
  'down',
  'up',
  'peers',
  'ratio',
  'eta',
  'added',
] as const
export type SortKey = (typeof SORT_KEYS)[number]

export interface ListView {
  readonly state: StatusFilter
  /** Every word must be in the name. */
  readonly text: string
  readonly sort: SortKey
  readonly isDescending: boolean
}

export const DEFAULT_VIEW: ListView = { state: 'all', text: '', sort: 'added', isDescending: true }

const FILTER_OF_STATE: { readonly [S in TorrentState]: StatusFilter } = {
  queued: 'downloading',
  metadata: 'downloading',
  checking: 'downloading',
  downloading: 'downloading',
  moving: 'downloading',
  seeding: 'seeding',
  paused: 'paused',
  error: 'error',
}

const VALUE_OF: {
  readonly [K in Exclude<SortKey, 'name'>]: (torrent: TorrentSummary) => number
} = {
  progress: (torrent) => torrent.progress,
  size: (torrent) => torrent.wantedBytes,
  down: (torrent) => torrent.downRate,
  up: (torrent) => torrent.upRate,
  peers: (torrent) => torrent.peersConnected,
  ratio: (torrent) => torrent.ratio ?? -1,
  eta: (torrent) => torrent.etaMs ?? Number.POSITIVE_INFINITY,
  added: (torrent) => torrent.addedAtMs,
}

const byName = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })

/** Ids of what is shown, in order. Equal rows stay in a steady order, so that nothing dances. */
export function shownIds(torrents: Iterable<TorrentSummary>, view: ListView): readonly string[] {
  const words = view.text.toLowerCase().split(/\s+/).filter(Boolean)
  const shown = [...torrents].filter(
    (torrent) =>
      (view.state === 'all' || FILTER_OF_STATE[torrent.state] === view.state) &&
      words.every((word) => torrent.name.toLowerCase().includes(word)),
  )
  const direction = view.isDescending ? -1 : 1
  return shown
    .sort((one, other) => compare(one, other, view.sort) * direction || tieBreak(one, other))
    .map((torrent) => torrent.id)
}

/** How many there are of each filter. */
export function countStates(torrents: Iterable<TorrentSummary>): Record<StatusFilter, number> {
  const counts = { all: 0, downloading: 0, seeding: 0, done: 0, active: 0, paused: 0, error: 0 }
  for (const torrent of torrents) {
    counts.all += 1
    counts[FILTER_OF_STATE[torrent.state]] += 1
  }
  return counts
}

function compare(one: TorrentSummary, other: TorrentSummary, sort: SortKey): number {
  if (sort === 'name') return byName.compare(one.name, other.name)
  const [a, b] = [VALUE_OF[sort](one), VALUE_OF[sort](other)]
  return a === b ? 0 : a < b ? -1 : 1
}

function tieBreak(one: TorrentSummary, other: TorrentSummary): number {
  return other.addedAtMs - one.addedAtMs || (one.id < other.id ? -1 : 1)
}
