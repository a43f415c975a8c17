/** How many torrents each choice beside the list would show. */
import type { TorrentSummary } from '@pigeon/control/contract'
import { hasStatus, STATUS_FILTERS, type StatusFilter } from './list-view.ts'

export interface LabelCount {
  /** Empty: those without one. */
  readonly label: string
  readonly count: number
}

export interface ListCounts {
  readonly statuses: ReadonlyMap<StatusFilter, number>
  /** By name; those without one last. */
  readonly categories: readonly LabelCount[]
  readonly tags: readonly LabelCount[]
  readonly trackers: readonly LabelCount[]
}

/** `categories` are there even while nothing is in them. */
export function countList(
  torrents: Iterable<TorrentSummary>,
  categories: readonly string[],
): ListCounts {
  const statuses = new Map<StatusFilter, number>(STATUS_FILTERS.map((status) => [status, 0]))
  const byCategory = new Map<string, number>(categories.map((name) => [name, 0]))
  const byTag = new Map<string, number>()
  const byTracker = new Map<string, number>()
  for (const torrent of torrents) {
    for (const status of STATUS_FILTERS) if (hasStatus(torrent, status)) add(statuses, status)
    add(byCategory, torrent.category ?? '')
    for (const tag of torrent.tags) add(byTag, tag)
    if (torrent.tags.length === 0) add(byTag, '')
    add(byTracker, torrent.tracker ?? '')
  }
  return {
    statuses,
    categories: listed(byCategory),
    tags: listed(byTag),
    trackers: listed(byTracker),
  }
}

function add<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

const byName = new Intl.Collator(undefined, { numeric: true })

function listed(counts: ReadonlyMap<string, number>): readonly LabelCount[] {
  return [...counts]
    .map(([label, count]) => ({ label, count }))
    .sort(
      (one, other) =>
        Number(one.label === '') - Number(other.label === '') ||
        byName.compare(one.label, other.label),
    )
}
