/** Which torrents the list shows, and in which order: as it stands in the address. */
import type { TorrentState, TorrentSummary } from '@pigeon/control/contract'
import { type Filter, type ParsedFilter, parseFilter } from '@pigeon/control/filter'
import { parseSort } from '@pigeon/control/sort'

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

export interface ListView {
  /** In the filter language. */
  readonly text: string
  readonly status: StatusFilter
  /** Empty: those without one. `null`: any. */
  readonly category: string | null
  readonly tag: string | null
  readonly tracker: string | null
  /** As `@pigeon/control/sort` reads it. */
  readonly sort: string
}

export const DEFAULT_VIEW: ListView = {
  text: '',
  status: 'all',
  category: null,
  tag: null,
  tracker: null,
  sort: '-added',
}

/** Reads the search part of an address; what is wrong in it is as at first. */
export function parseView(search: string): ListView {
  const fields = new URLSearchParams(search)
  const sort = fields.get('sort') ?? DEFAULT_VIEW.sort
  return {
    text: fields.get('q') ?? '',
    status: STATUS_FILTERS.find((status) => status === fields.get('status')) ?? 'all',
    category: fields.get('category'),
    tag: fields.get('tag'),
    tracker: fields.get('tracker'),
    sort: parseSort(sort).ok ? sort : DEFAULT_VIEW.sort,
  }
}

/** The other way round: `''`, or `?` and what differs from the first view. */
export function searchOf(view: ListView): string {
  const fields = new URLSearchParams()
  if (view.text !== '') fields.set('q', view.text)
  if (view.status !== 'all') fields.set('status', view.status)
  for (const key of LABELS) {
    const value = view[key]
    if (value !== null) fields.set(key, value)
  }
  if (view.sort !== DEFAULT_VIEW.sort) fields.set('sort', view.sort)
  const search = fields.toString()
  return search === '' ? '' : `?${search}`
}

const LABELS = ['category', 'tag', 'tracker'] as const

/** How many of the choices beside the filter text are made. */
export function countChoices(view: ListView): number {
  return LABELS.filter((key) => view[key] !== null).length + Number(view.status !== 'all')
}

/** Whether the view shows a torrent. A filter text with a mistake in it hides nothing. */
export function matcherOf(view: ListView): (torrent: TorrentSummary) => boolean {
  const parsed = readFilter(view.text)
  const filter: Filter | null = parsed.ok ? parsed.filter : null
  return (torrent) =>
    hasStatus(torrent, view.status) &&
    (view.category === null || (torrent.category ?? '') === view.category) &&
    (view.tag === null ||
      (view.tag === '' ? torrent.tags.length === 0 : torrent.tags.includes(view.tag))) &&
    (view.tracker === null || (torrent.tracker ?? '') === view.tracker) &&
    (filter === null || filter.matches(torrent))
}

/** The last text is kept, for it is asked for in several places. */
export function readFilter(text: string): ParsedFilter {
  if (lastFilter?.text !== text) lastFilter = { text, parsed: parseFilter(text) }
  return lastFilter.parsed
}

let lastFilter: { readonly text: string; readonly parsed: ParsedFilter } | null = null

const BUSY: { readonly [S in TorrentState]: StatusFilter } = {
  queued: 'downloading',
  metadata: 'downloading',
  checking: 'downloading',
  downloading: 'downloading',
  moving: 'downloading',
  seeding: 'seeding',
  paused: 'paused',
  error: 'error',
}

export function hasStatus(torrent: TorrentSummary, status: StatusFilter): boolean {
  switch (status) {
    case 'all':
      return true
    case 'done':
      return isDone(torrent)
    case 'active':
      return torrent.downRate > 0 || torrent.upRate > 0
    default:
      return BUSY[torrent.state] === status
  }
}

/** All that is wanted is there, whatever is done with it now. */
export function isDone(torrent: TorrentSummary): boolean {
  return torrent.hasMetadata && torrent.doneBytes >= torrent.wantedBytes
}
