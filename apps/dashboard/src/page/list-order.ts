/**
 * The order of the list, kept over many updates: only what changed is asked again whether it is shown, and the old
 * order is where sorting begins, which costs next to nothing while it still holds.
 */
import type { TorrentSummary } from '@pigeon/control/contract'
import { parseSort, sortTorrents } from '@pigeon/control/sort'
import { type ListView, matcherOf, readFilter } from './list-view.ts'

type Torrents = ReadonlyMap<string, TorrentSummary>

interface Known {
  readonly torrent: TorrentSummary
  readonly isShown: boolean
}

export class ListOrder {
  #view: ListView | null = null
  /** The last filter without a mistake: it holds on while the next one is being typed. */
  #text = ''
  #torrents: Torrents | null = null
  #known = new Map<string, Known>()
  #order: readonly TorrentSummary[] = []
  #shown: readonly string[] = []

  /** Ids of what is shown, in order: the same array as before where nothing of it changed. */
  shown(torrents: Torrents, view: ListView): readonly string[] {
    if (torrents === this.#torrents && view === this.#view) return this.#shown
    if (view !== this.#view) this.#known = new Map()
    this.#view = view
    this.#torrents = torrents
    this.#order = sorted(this.#current(torrents), view)
    if (readFilter(view.text).ok) this.#text = view.text
    const shown = this.#filtered(matcherOf({ ...view, text: this.#text }))
    const isSame =
      shown.length === this.#shown.length && shown.every((id, at) => id === this.#shown[at])
    if (!isSame) this.#shown = shown
    return this.#shown
  }

  /** What there is now, in the order of before; the new ones last. */
  #current(torrents: Torrents): readonly TorrentSummary[] {
    const before = this.#order.flatMap(({ id }) => torrents.get(id) ?? [])
    if (before.length === torrents.size) return before
    const old = new Set(before.map(({ id }) => id))
    return [...before, ...[...torrents.values()].filter(({ id }) => !old.has(id))]
  }

  #filtered(matches: (torrent: TorrentSummary) => boolean): readonly string[] {
    const known = new Map<string, Known>()
    const shown: string[] = []
    for (const torrent of this.#order) {
      const before = this.#known.get(torrent.id)
      const now = before?.torrent === torrent ? before : { torrent, isShown: matches(torrent) }
      known.set(torrent.id, now)
      if (now.isShown) shown.push(torrent.id)
    }
    this.#known = known
    return shown
  }
}

function sorted(
  torrents: readonly TorrentSummary[],
  { sort }: ListView,
): readonly TorrentSummary[] {
  const parsed = parseSort(sort)
  return parsed.ok ? sortTorrents(torrents, parsed.sort) : torrents
}
